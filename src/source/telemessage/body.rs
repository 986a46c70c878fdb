//! What the body of a notice, a call list or a message without its media says (reference 2.3).
//!
//! Contract: reads text, never fails, never changes what is archived; a field that is not there is `None`.

use super::{
    native,
    words::{eat_words, skip_separators, split_around, without_bidi},
};
use crate::model::{Instant, message::CallLeg};
use chrono::NaiveDateTime;

/// Legs, files and removed media that are read from one body.
const LINES: usize = 10_000;
/// Longest id or file name that is taken from a body, in characters.
const NAME_CHARS: usize = 512;

/// The id of the original in a deletion notice: `Original Message (Msg ID - <id>)`, prefixes removed.
#[must_use]
pub fn deletion_target(body: &str) -> Option<String> {
    let lines = body.lines().filter_map(|line| split_around(line, "original message"));
    lines.filter_map(|(_, rest)| split_around(rest, "msg id")).find_map(|(_, rest)| original_id(rest))
}

fn original_id(text: &str) -> Option<String> {
    let text = skip_separators(text);
    let id = native::split(text.split([')', ' ', '\t']).next()?).1;
    (!id.is_empty() && id.chars().count() <= NAME_CHARS).then(|| id.to_owned())
}

/// The file names after `Files:`, one a line.
#[must_use]
pub fn files(body: &str) -> Vec<String> {
    let mut lines = body.lines().map(str::trim);
    let Some(first) =
        lines.find_map(|line| line.get(..6).filter(|s| s.eq_ignore_ascii_case("files:")).and(line.get(6..)))
    else {
        return Vec::new();
    };
    let names = std::iter::once(first).chain(lines).map(|name| without_bidi(name).trim().to_owned());
    names.filter(|name| !name.is_empty() && name.chars().count() <= NAME_CHARS).take(LINES).collect()
}

/// What the body of an edit says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditText {
    /// `Original Message ID`, prefixes removed.
    pub target: Option<String>,
    /// `Edit ID`.
    pub edit_id: Option<String>,
    /// `Last Edit ID`.
    pub last_edit_id: Option<String>,
    /// `Previous Text`.
    pub previous: Option<String>,
    /// `Edited Text`.
    pub edited: Option<String>,
}

/// Reads the body of an edit. A text runs over as many lines as it has.
#[must_use]
pub fn edit(body: &str) -> EditText {
    let mut edit = EditText::default();
    let mut texts: (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut in_text = 0;
    for line in body.lines() {
        let start = line.trim_start();
        if in_text < 2
            && let Some(rest) = eat_words(start, &["edited", "text"]).filter(|r| r.trim_start().starts_with(':'))
        {
            in_text = 2;
            texts.1.push(rest.trim_start().trim_start_matches(':').trim_start());
        } else if in_text == 1 {
            texts.0.push(line);
        } else if in_text == 2 {
            texts.1.push(line);
        } else if let Some(rest) = eat_words(start, &["previous", "text"]) {
            in_text = 1;
            texts.0.push(rest.trim_start().trim_start_matches(':').trim_start());
        } else if let Some(rest) = eat_words(start, &["original", "message", "id"]) {
            edit.target = edit.target.or_else(|| original_id(rest));
        } else if let Some(rest) = eat_words(start, &["last", "edit", "id"]) {
            edit.last_edit_id = word(rest);
        } else if let Some(rest) = eat_words(start, &["edit", "id"]) {
            edit.edit_id = word(rest);
        }
    }
    let text = |lines: Vec<&str>| Some(lines.join("\n").trim().to_owned());
    edit.previous = (in_text > 0 && !texts.0.is_empty()).then(|| text(texts.0)).flatten();
    edit.edited = (in_text == 2).then(|| text(texts.1)).flatten();
    edit
}

fn word(text: &str) -> Option<String> {
    let word = skip_separators(text).split_whitespace().next()?;
    (word.chars().count() <= NAME_CHARS).then(|| word.to_owned())
}

/// What the body says when media was gone before it could be captured.
const REMOVED: &str = "media was deleted before obtained for archive";

/// The file names of media that was deleted before it could be captured; an empty name where none is written.
#[must_use]
pub fn media_removed(body: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut lines = body.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((before, after)) = split_around(line, REMOVED) else { continue };
        let tidy =
            |text: &str| without_bidi(skip_separators(text)).trim_matches(['.', ' ', '(', ')', '-', ':']).to_owned();
        let below = |next: &&str| file_like(next.trim());
        let name = match (tidy(after), tidy(before)) {
            (after, _) if !after.is_empty() => after,
            (_, before) if file_like(&before) => before,
            _ => lines.next_if(below).map(|next| next.trim().to_owned()).unwrap_or_default(),
        };
        names.push(name.chars().take(NAME_CHARS).collect());
        if names.len() >= LINES {
            break;
        }
    }
    names
}

/// Whether a line is a file name: one word with an extension.
fn file_like(text: &str) -> bool {
    let extension = text.rsplit_once('.').map(|(stem, extension)| (stem.is_empty(), extension));
    extension
        .is_some_and(|(empty, e)| !empty && (1..=8).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The legs of a call list: `<number> <UTC time> <HH:MM:SS> Outgoing Call|Incoming Call`, one a line.
#[must_use]
pub fn call_legs(body: &str) -> Vec<CallLeg> {
    body.lines().filter_map(leg).take(LINES).collect()
}

fn leg(line: &str) -> Option<CallLeg> {
    let line = without_bidi(line);
    let outgoing = split_around(&line, "outgoing call").map(|(before, _)| (before, true));
    let (before, outgoing) = outgoing.or_else(|| split_around(&line, "incoming call").map(|(b, _)| (b, false)))?;
    let words: Vec<&str> =
        before.split_whitespace().map(|w| w.trim_matches([',', ';', '|'])).filter(|w| !w.is_empty()).collect();
    let (first, rest) = words.split_first()?;
    let number: String = first.chars().filter(char::is_ascii_digit).collect();
    let (seconds, time) = match rest.split_last() {
        Some((last, time)) if duration(last).is_some() => (duration(last), time),
        _ => (None, rest),
    };
    (number.len() >= 3).then(|| CallLeg { number, at: utc(&time.join(" ")), seconds, outgoing: Some(outgoing) })
}

/// `HH:MM:SS` in seconds.
fn duration(text: &str) -> Option<u32> {
    let parts: Vec<u32> = text.split(':').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [h, m, s] if *h < 1_000 && *m < 60 && *s < 60 => Some(h * 3600 + m * 60 + s),
        _ => None,
    }
}

/// A UTC time in the forms that name the month without doubt; `03/04/2026` is not guessed.
fn utc(text: &str) -> Option<Instant> {
    let plain = text.trim().trim_end_matches("UTC").trim_end_matches("GMT").trim_end_matches('Z').trim();
    let forms =
        ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d %b %Y %H:%M:%S", "%a, %d %b %Y %H:%M:%S"];
    let naive = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(plain, form).ok());
    let instant = naive.map(|t| t.and_utc().into()).or_else(|| Instant::parse_rfc3339(text));
    let instant = instant.or_else(|| chrono::DateTime::parse_from_rfc2822(text).ok().map(|t| t.to_utc().into()));
    instant.and_then(Instant::plausible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_deletion_names_its_original_and_its_files() {
        let body = "DELETED For All – READ – WhatsApp message from 1 to 2\n\nOriginal Message (Msg ID - DELETE_FOR_ALL-3EB0A1)\n\n\
                    see attached\nFiles:\nIMG-1.jpg\nterm sheet.pdf\n";
        assert_eq!(deletion_target(body).as_deref(), Some("3EB0A1"));
        assert_eq!(files(body), ["IMG-1.jpg", "term sheet.pdf"]);
        assert_eq!(
            deletion_target("original message (msg id – 1772615561000_447700900101_0)").as_deref(),
            Some("1772615561000_447700900101_0")
        );
        assert_eq!(deletion_target("Original Message (Msg ID - )"), None);
        assert_eq!((deletion_target("x"), files("x")), (None, vec![]));
    }

    #[test]
    fn an_edit_has_both_its_texts() {
        let body = "Original Message ID: 3EB0A1\nEdit ID - EDIT-3EB0A1-2\nLast Edit ID - EDIT-3EB0A1-1\n\nPrevious Text:\nfirst\nline\n\nEdited Text: second\n\nline";
        let edit = edit(body);
        assert_eq!(edit.target.as_deref(), Some("3EB0A1"));
        assert_eq!(edit.edit_id.as_deref(), Some("EDIT-3EB0A1-2"));
        assert_eq!(edit.last_edit_id.as_deref(), Some("EDIT-3EB0A1-1"));
        assert_eq!(edit.previous.as_deref(), Some("first\nline"));
        assert_eq!(edit.edited.as_deref(), Some("second\n\nline"));
    }

    #[test]
    fn removed_media_is_named_wherever_its_name_stands() {
        for body in [
            "media was deleted before obtained for archive IMG-1.jpg",
            "hello\nMedia was deleted before obtained for archive: IMG-1.jpg",
            "IMG-1.jpg media was deleted before obtained for archive",
            "media was deleted before obtained for archive\nIMG-1.jpg\nbye",
            "media was deleted before obtained for archive - (IMG-1.jpg)",
        ] {
            assert_eq!(media_removed(body), ["IMG-1.jpg"], "{body}");
        }
        assert_eq!(media_removed("media was deleted before obtained for archive"), [""]);
        assert!(media_removed("nothing").is_empty());
    }

    #[test]
    fn the_legs_of_a_call_list_are_read_line_by_line() {
        let legs = call_legs(
            "447700900102 2026-03-04 09:12:41 00:01:05 Outgoing Call\n+447700900103 2026-03-04T09:13:00Z 00:00:07 Incoming Call\n\
             447700900104 03/04/2026 09:12 Incoming Call\nno leg",
        );
        assert_eq!(legs.len(), 3);
        assert_eq!(
            (legs[0].number.as_str(), legs[0].seconds, legs[0].outgoing),
            ("447700900102", Some(65), Some(true))
        );
        assert_eq!(legs[0].at, Some(Instant(1_772_615_561_000)));
        assert_eq!(
            (legs[1].number.as_str(), legs[1].outgoing, legs[1].at.is_some()),
            ("447700900103", Some(false), true)
        );
        assert_eq!((legs[2].at, legs[2].seconds), (None, None));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in "(\\PC|\n|:| |Files:|Original Message \\(Msg ID -|Edited Text:|Outgoing Call){0,60}") {
            let _ = (deletion_target(&body), files(&body), edit(&body), media_removed(&body), call_legs(&body));
        }
    }
}
