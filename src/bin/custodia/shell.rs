//! Command lines that a reader can type: quoting for a POSIX shell.

/// A word, quoted where a shell would take it for more than itself.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A command line.
pub fn line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Commands that are about an archive. What works without one is not named: `backup verify` and `restore` too.
const OF_AN_ARCHIVE: [&str; 23] = [
    "user",
    "map",
    "connector",
    "import",
    "run",
    "search",
    "show",
    "chat",
    "tag",
    "stats",
    "case",
    "custodian",
    "hold",
    "retention",
    "delete",
    "erasure",
    "approve",
    "audit",
    "verify",
    "rebuild",
    "doctor",
    "export",
    "backup create",
];

/// Text in which every command line about an archive begins with `command`, so that it can be typed as it stands.
pub fn addressed(text: &str, command: &str) -> String {
    const NAME: &str = "custodia ";
    let of_an_archive = |rest: &str| {
        OF_AN_ARCHIVE.iter().any(|word| {
            rest.strip_prefix(word).is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
        })
    };
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(NAME) {
        said.push_str(before);
        let begins = !said.ends_with(|c: char| c.is_alphanumeric() || "_-./".contains(c));
        if begins && of_an_archive(after) {
            said.push_str(command);
            said.push(' ');
        } else {
            said.push_str(NAME);
        }
        rest = after;
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_named_says_which_archive_is_meant() {
        let at = |text: &str| addressed(text, "custodia -A 'my box'");
        assert_eq!(
            at("Next: custodia hold list; custodia delete show P"),
            "Next: custodia -A 'my box' hold list; custodia -A 'my box' delete show P"
        );
        let as_it_is = [
            "custodia detect PATH",
            "custodia -A x hold list",
            "see custodia backup verify DIR",
            "custodia",
            "my-custodia hold list",
            "custodia runs on",
        ];
        assert_eq!(as_it_is.map(at), as_it_is);
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(
            line(&["a b".into(), "ann@x.example".into(), "it's".into(), String::new()]),
            "'a b' ann@x.example 'it'\\''s' ''"
        );
    }
}
