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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(
            line(&["a b".into(), "ann@x.example".into(), "it's".into(), String::new()]),
            "'a b' ann@x.example 'it'\\''s' ''"
        );
    }
}
