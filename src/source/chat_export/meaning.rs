//! What the text of a record means: words of a person, or what the app wrote in place of something else.
//!
//! Contract: text is only ever taken away where a placeholder is recognised; everything else is words. On iOS the app marks
//! what it writes (U+200E); where a file has such marks, a phrase without one was typed by a person.

use super::{
    chars::{APP_MARKS, app_marked, clean, fold, unmarked},
    media, phrases, places,
    system::{self, Event},
    words::{self, Phrase},
};
use crate::{
    model::details::{Location, Poll},
    source::phone::media_type,
};

/// Bytes of the longest line that can be a placeholder.
const LINE_BYTES: usize = 600;

/// What kind of text it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Words of a person.
    Text,
    /// A medium that is not in the export.
    Omitted(&'static str),
    /// A medium that the export names.
    Attached(String),
    /// A message that was deleted.
    Deleted {
        /// By the owner.
        mine: bool,
        /// By this administrator.
        admin: Option<String>,
    },
    /// A call.
    Call(phrases::CallText),
    /// A poll; the text is its question.
    Poll(Poll),
    /// A place.
    Place(Location),
    /// A message that did not reach this phone yet.
    Waiting,
    /// `null`: Android could not write it as text.
    Null,
    /// Nothing at all.
    Empty,
    /// What the app wrote in place of something, in words that no table has. The words are kept.
    Placeholder,
    /// A line of the app.
    App(Event),
}

/// The meaning of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// What it is.
    pub kind: Kind,
    /// What remains as words.
    pub body: String,
    /// It was edited.
    pub edited: bool,
    /// The name and size of a document as the line describes it.
    pub described: Option<String>,
}

/// What the reader knows of the file.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// Headers have brackets.
    pub ios: bool,
    /// The file has marks of the app.
    pub marks: bool,
    /// Whether a medium of this name is there.
    pub has: &'a dyn Fn(&str) -> bool,
}

/// Reads the text of a record that has an author.
pub fn read(text: &str, line_marked: bool, setting: Setting<'_>) -> Meaning {
    let (text, edited) = without_edit(text, setting);
    let words = |kind, body: &str| Meaning { kind, body: lines(body), edited, described: None };
    if clean(text).is_empty() {
        return words(Kind::Empty, text);
    }
    if let Some(found) = attached(text, setting).or_else(|| omitted(text, setting)) {
        return Meaning { edited, ..found };
    }
    if let Some(place) = places::location(text) {
        return words(Kind::Place(place), unmarked(text));
    }
    if let Some((question, poll)) = places::poll(text) {
        return words(Kind::Poll(poll), question);
    }
    let one_line = !text.contains('\n') && text.len() <= LINE_BYTES;
    let said_by_app = app_marked(text) || !(setting.ios && setting.marks);
    if one_line
        && said_by_app
        && let Some(kind) = phrase(text, setting)
    {
        return words(kind, &clean(text));
    }
    // A number that somebody pasted brings its marks along; the app writes words.
    let speaks = setting.ios && app_marked(text) && clean(text).contains(char::is_alphabetic);
    match (speaks, line_marked) {
        (true, true) if one_line => words(Kind::Placeholder, unmarked(text)),
        // The app speaks, in words that no table has: nobody's message.
        (true, false) => words(Kind::App(system::read(text).unwrap_or_default()), unmarked(text)),
        _ => words(Kind::Text, text),
    }
}

fn phrase(text: &str, setting: Setting<'_>) -> Option<Kind> {
    let folded = fold(text);
    if !setting.ios && folded == "null" && text == "null" {
        return Some(Kind::Null);
    }
    if let Some(call) = phrases::call(text) {
        return Some(Kind::Call(call));
    }
    match words::phrase(&folded) {
        Some(Phrase::Deleted) => return Some(Kind::Deleted { mine: false, admin: None }),
        Some(Phrase::YouDeleted) => return Some(Kind::Deleted { mine: true, admin: None }),
        Some(Phrase::Live) => return Some(Kind::Place(Location { live: true, ..Location::default() })),
        Some(Phrase::Waiting) => return Some(Kind::Waiting),
        Some(Phrase::Omitted(_) | Phrase::Call(_)) | None => {}
    }
    if let Some(length) = words::by_admin(&folded) {
        // The name as it was written: as many characters from the end as the folded text has.
        let name = clean(text);
        let tail = folded.get(length..)?.chars().count();
        let name: String = name.trim_end_matches(['.', '。']).chars().rev().take(tail).collect();
        let name = name.chars().rev().collect::<String>().trim().to_owned();
        return Some(Kind::Deleted { mine: false, admin: Some(name).filter(|n| !n.is_empty()) });
    }
    // A person may say "Ann left" too. Without marks only what nobody types is taken for the app's.
    let event = if setting.ios { system::read(text)? } else { return None };
    let certain = ["encryption_notice", "group_created", "subject_changed", "security_code_changed"];
    (app_marked(text) || certain.contains(&event.what)).then_some(Kind::App(event))
}

/// Takes `<This message was edited>` off the end.
fn without_edit<'a>(text: &'a str, setting: Setting<'_>) -> (&'a str, bool) {
    let trimmed = text.trim_end_matches(|c: char| c.is_whitespace() || super::chars::is_mark(c));
    let end = |from: usize| trimmed.len() - from <= LINE_BYTES;
    let Some(at) = trimmed.rfind('<').filter(|at| trimmed.ends_with('>') && end(*at)) else { return (text, false) };
    let (before, tag) = trimmed.split_at(at);
    let inner = tag.trim_start_matches('<').trim_end_matches('>');
    let marked = before.ends_with(APP_MARKS) || inner.starts_with(APP_MARKS);
    if !words::is_edited(&fold(inner)) || setting.ios && setting.marks && !marked {
        return (text, false);
    }
    (before.trim_end_matches(|c: char| super::chars::is_space(c) || super::chars::is_mark(c)), true)
}

/// A medium that is named: `IMG-20220327-WA0001.jpg (file attached)`, `<attached: 00000035-PHOTO-….jpg>`.
fn attached(text: &str, setting: Setting<'_>) -> Option<Meaning> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim_end_matches('\r');
    if first.len() <= LINE_BYTES {
        if let Some(name) = in_parentheses(first, setting) {
            return Some(medium(Kind::Attached(name), "", rest));
        }
        if let Some((before, name)) = in_brackets(first, setting) {
            return Some(medium(Kind::Attached(name), before, rest));
        }
    }
    // A caption of several lines before the medium.
    let (before, last) = text.rsplit_once('\n')?;
    let (start, name) = Some(last)
        .filter(|last| last.len() <= LINE_BYTES && last.contains(APP_MARKS))
        .and_then(|last| in_brackets(last, setting))?;
    let body =
        if unmarked(start).trim().is_empty() { before.to_owned() } else { format!("{before}\n{}", start.trim_end()) };
    Some(medium(Kind::Attached(name), &body, ""))
}

fn in_parentheses(line: &str, setting: Setting<'_>) -> Option<String> {
    let line = unmarked(line).trim_end_matches(|c: char| super::chars::is_mark(c) || c.is_whitespace());
    let at = line.strip_suffix(')').or_else(|| line.strip_suffix('）'))?.rfind(['(', '（'])?;
    let name = line.get(..at)?.trim_end();
    let inner = line.get(at..)?.trim_matches(['(', ')', '（', '）']);
    let known = words::is_attached(&fold(inner)) && media_type::extension(name).is_some()
        || words::is_attached(&fold(inner)) && (media::is_app_name(name) || (setting.has)(name));
    let by_name = media::is_app_name(name) && !inner.is_empty() && !inner.contains(|c: char| c.is_ascii_digit());
    let there = !name.is_empty() && (setting.has)(name) && !name.contains('\n');
    (known || by_name || there).then(|| name.to_owned())
}

/// Text before the bracket, and the name in it.
fn in_brackets<'a>(line: &'a str, setting: Setting<'_>) -> Option<(&'a str, String)> {
    let trimmed = line.trim_end_matches(|c: char| super::chars::is_mark(c) || c.is_whitespace());
    let at = trimmed.strip_suffix('>')?.rfind('<')?;
    let before = trimmed.get(..at)?;
    let inner = clean(trimmed.get(at + 1..)?.strip_suffix('>')?);
    let real = |name: &str| media::is_app_name(name) || (setting.has)(name);
    let colon = inner.split_once([':', '：']).map(|(word, name)| (word, name.trim()));
    let space = || inner.rsplit_once(' ').map(|(name, word)| (word, name.trim()));
    for (word, name) in colon.into_iter().chain(space()) {
        if real(name) || words::is_attached(&fold(word)) && media_type::extension(name).is_some() {
            return Some((before, name.to_owned()));
        }
    }
    // Older: `IMG_0001.jpg <attached>`.
    let name = unmarked(before).trim();
    (words::is_attached(&fold(&inner)) && (media_type::extension(name).is_some() || real(name)))
        .then(|| ("", clean(name)))
}

/// A medium that is not there: `<Media omitted>`, `image omitted`.
fn omitted(text: &str, setting: Setting<'_>) -> Option<Meaning> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim_end_matches('\r');
    if first.len() > LINE_BYTES {
        return None;
    }
    let plain = clean(first);
    let bracket = plain.strip_prefix('<').and_then(|plain| plain.strip_suffix('>'));
    let kind = |text: &str| match words::phrase(&fold(text)) {
        Some(Phrase::Omitted(kind)) => Some(kind),
        _ => None,
    };
    if let Some(kind) = bracket.and_then(kind) {
        return Some(medium(Kind::Omitted(kind), "", rest));
    }
    if (app_marked(first) || setting.ios && !setting.marks)
        && let Some(kind) = kind(&plain)
    {
        return Some(medium(Kind::Omitted(kind), "", rest));
    }
    // Words, then the mark, then the phrase: a caption or a document.
    let at = text.rfind(APP_MARKS).filter(|at| setting.ios && *at > 0)?;
    let (before, after) = text.split_at(at);
    let kind = (after.len() <= LINE_BYTES).then(|| kind(after)).flatten()?;
    Some(medium(Kind::Omitted(kind), before, ""))
}

/// A medium with the words around it. `Name.pdf • 2 pages` describes a document and is no caption.
fn medium(kind: Kind, before: &str, after: &str) -> Meaning {
    let caption = unmarked(before).trim_end_matches(|c: char| super::chars::is_mark(c) || c.is_whitespace());
    let describes = caption.contains(" • ") && !caption.contains('\n');
    let described = describes.then(|| clean(caption.trim_end_matches(['•', ' '])));
    let body = match (describes, caption, after) {
        (true, _, after) | (false, "", after) => lines(after),
        (false, before, "") => lines(before),
        (false, before, after) => lines(&format!("{before}\n{after}")),
    };
    Meaning { kind, body, edited: false, described }
}

/// Line feeds only.
fn lines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n") } else { text.to_owned() }
}

#[cfg(test)]
#[path = "meaning_tests.rs"]
mod tests;
