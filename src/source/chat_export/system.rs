//! Lines that the app writes about a chat: somebody joined, a group got a name.
//!
//! Contract: a line is matched against the patterns of every language; the first that fits wins. What fits none keeps its text
//! and has no label.

use super::{chars::clean, words};
use std::sync::LazyLock;

/// Characters of a line beyond which it is no line of the app.
const LINE_CHARS: usize = 2_000;

/// What a line of the app says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What happened, in one word.
    pub what: &'static str,
    /// The owner did it.
    pub mine: bool,
    /// Who did it.
    pub by: Option<String>,
    /// To whom.
    pub about: Option<String>,
    /// The value before.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// Where the first fixed word of the pattern was found, in bytes.
    pub starts: usize,
}

enum Piece {
    Text(String),
    Hole(&'static str),
}

struct Pattern {
    what: &'static str,
    mine: bool,
    pieces: Vec<Piece>,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    words::all()
        .flat_map(|words| words.system)
        .map(|(what, pattern)| {
            let text = pattern.strip_prefix("me:");
            Pattern { what, mine: text.is_some(), pieces: pieces(text.unwrap_or(pattern)) }
        })
        .collect()
});

static TITLES: LazyLock<Vec<Vec<Piece>>> =
    LazyLock::new(|| words::all().flat_map(|words| words.titles).map(|pattern| pieces(pattern)).collect());

/// What a line of the app says; `None` if no pattern fits.
pub fn read(text: &str) -> Option<Event> {
    if text.len() > LINE_CHARS || text.contains('\n') {
        return None;
    }
    let line = plain(text);
    PATTERNS.iter().find_map(|pattern| {
        let mut event = Event { what: pattern.what, mine: pattern.mine, ..Event::default() };
        fit(&pattern.pieces, &line, &mut event).then_some(event)
    })
}

/// The title of a chat in the name of an export file, without its extension.
pub fn title(stem: &str) -> Option<String> {
    let line = clean(stem);
    TITLES.iter().find_map(|pattern| {
        let mut event = Event::default();
        fit(pattern, &line, &mut event).then_some(event.new).flatten().map(|title| title.trim().to_owned())
    })
}

/// Cleaned, with one kind of quotes, without a full stop at the end.
fn plain(text: &str) -> String {
    let mut line = clean(text);
    if line.contains(['“', '”', '„', '«', '»', '「', '」', '‘', '’', '`']) {
        line = line
            .chars()
            .map(|c| match c {
                '“' | '”' | '„' | '«' | '»' | '「' | '」' => '"',
                '‘' | '’' | '`' => '\'',
                c => c,
            })
            .collect();
    }
    while line.ends_with(['.', '。']) {
        line.pop();
    }
    line
}

fn pieces(pattern: &'static str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            found.push(Piece::Text(plain_piece(before)));
        }
        let Some((hole, after)) = after.split_once('}') else { break };
        found.push(Piece::Hole(hole));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Text(plain_piece(rest)));
    }
    found
}

/// As [`plain`], with the spaces at its ends.
fn plain_piece(text: &str) -> String {
    let space = |is: bool| if is { " " } else { "" };
    format!("{}{}{}", space(text.starts_with(' ')), plain(text), space(text.ends_with(' ') && text.trim() != ""))
}

fn fit(pieces: &[Piece], line: &str, event: &mut Event) -> bool {
    let mut at = 0;
    let mut hole: Option<&str> = None;
    let mut starts = None;
    for (n, piece) in pieces.iter().enumerate() {
        let text = match piece {
            Piece::Hole(name) => {
                hole = Some(name);
                continue;
            }
            Piece::Text(text) => text.as_str(),
        };
        let rest = line.get(at..).unwrap_or_default();
        let last = n + 1 == pieces.len();
        let found = match (hole, last) {
            (None, _) => rest.starts_with(text).then_some(0),
            (Some(_), true) => rest.ends_with(text).then(|| rest.len() - text.len()),
            (Some(_), false) => rest.find(text),
        };
        let Some(found) = found else { return false };
        if let Some(name) = hole.take()
            && (found == 0 || !keep(event, name, rest.get(..found)))
        {
            return false;
        }
        starts.get_or_insert(at + found);
        at += found + text.len();
    }
    event.starts = starts.unwrap_or(0);
    match hole {
        // A value at the very end may be empty: `… changed{new}`.
        Some(name) => keep(event, name, line.get(at..)),
        None => at == line.len(),
    }
}

fn keep(event: &mut Event, name: &str, value: Option<&str>) -> bool {
    let Some(value) = value else { return false };
    let value = Some(value.trim().to_owned()).filter(|v| !v.is_empty());
    match name {
        // One who acts has a name, and names are short.
        "by" if value.as_ref().is_none_or(|v| v.len() > 200 || v.contains(": ")) => return false,
        "by" => event.by = value,
        "about" => event.about = value,
        "old" => event.old = value,
        _ => event.new = value,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_app_is_read_in_any_language() {
        let read = |text| read(text).map(|e| (e.what, e.mine, e.by, e.new));
        let some = |what, mine, by: &str, new: &str| {
            let text = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
            Some((what, mine, text(by), text(new)))
        };
        assert_eq!(read("Ann created group “Plan: May”"), some("group_created", false, "Ann", "Plan: May"));
        assert_eq!(read("\u{200e}You created group \"X\""), some("group_created", true, "", "X"));
        assert_eq!(
            read("Ann hat die Gruppe \"Die Üblichen\" erstellt."),
            some("group_created", false, "Ann", "Die Üblichen")
        );
        assert_eq!(read("Ann a changé le sujet de « A » à « B »"), some("subject_changed", false, "Ann", "B"));
        assert_eq!(read("Ann ha creato il gruppo \"B\""), some("group_created", false, "Ann", "B"));
        assert_eq!(read("グループ「家族」を作成しました"), some("group_created", true, "", "家族"));
        assert_eq!(read("Ann left"), some("member_left", false, "Ann", ""));
        assert_eq!(
            read("Messages and calls are end-to-end encrypted. No one …").map(|e| e.0),
            Some("encryption_notice")
        );
        assert_eq!(read("see you later"), None);
    }

    #[test]
    fn a_title_is_read_from_a_file_name_in_any_language() {
        for (stem, title) in [
            ("WhatsApp Chat with Ann Lee", "Ann Lee"),
            ("WhatsApp Chat - Die Üblichen 🎉", "Die Üblichen 🎉"),
            ("WhatsApp-Chat mit Ann", "Ann"),
            ("Conversa do WhatsApp com Ann", "Ann"),
            ("Discussion WhatsApp avec Ann", "Ann"),
            ("Chat WhatsApp con Ann", "Ann"),
            ("Чат WhatsApp с контактом Анна", "Анна"),
            ("Chat WhatsApp s uživatelem Ann", "Ann"),
            ("WhatsApp-beszélgetés Ann partnerrel", "Ann"),
        ] {
            assert_eq!(super::title(stem).as_deref(), Some(title), "{stem}");
        }
        assert_eq!(super::title("_chat"), None);
    }
}
