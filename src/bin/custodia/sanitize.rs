//! Text from strangers: message text, names, file names. On a terminal it must not act, in a spreadsheet it must not
//! calculate, as a file name it must not lead elsewhere.
//!
//! Contract: total functions; what cannot be shown is made visible (`\x1b`, `<U+202E>`), never dropped. Archived bytes
//! are not touched by this: it is for display and for names of our own files only.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Combining marks on one letter that are shown. Pointed and cantillated Hebrew needs four, Tibetan five.
const MARKS_SHOWN: usize = 8;
/// Bytes of a file name of ours, its number and extension included (most file systems allow 255).
const NAME_BYTES: usize = 120;
/// Bytes of an extension that is kept.
const EXTENSION_BYTES: usize = 16;

/// First-strong isolate and its end: what is between them cannot reorder what is around them.
pub const ISOLATE: &str = "\u{2068}";
/// The end of it.
pub const POP_ISOLATE: &str = "\u{2069}";

/// One line for a terminal: line breaks and tabs are made visible as well.
pub fn line(text: &str) -> String {
    isolated(visible(text, false))
}

/// Several lines for a terminal: line feeds stay, each line is isolated by itself.
pub fn block(text: &str) -> String {
    let lines: Vec<String> = visible(text, true).split('\n').map(|line| isolated(line.to_owned())).collect();
    lines.join("\n")
}

/// One line for a terminal with parts of it marked: `marks` are byte ranges in order; `paint` gets each part, made
/// harmless. Ranges that do not fit the text are left unmarked.
pub fn marked(text: &str, marks: &[[usize; 2]], paint: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut at = 0;
    for [from, to] in marks {
        if let (Some(before), Some(found)) = (text.get(at..*from), text.get(*from..*to)) {
            out.push_str(&visible(before, false));
            out.push_str(&paint(&visible(found, false)));
            at = *to;
        }
    }
    out.push_str(&visible(text.get(at..).unwrap_or(""), false));
    isolated(out)
}

/// A piece of a line, for whoever puts the line together and isolates it with [`isolate`].
pub fn piece(text: &str) -> String {
    visible(text, false)
}

/// A line of harmless pieces, isolated if it is written from right to left.
pub fn isolate(line: String) -> String {
    isolated(line)
}

fn isolated(text: String) -> String {
    if text.chars().any(is_right_to_left) { format!("{ISOLATE}{text}{POP_ISOLATE}") } else { text }
}

fn visible(text: &str, lines: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0usize;
    let mut flag = false;
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_combining_mark(c) {
            marks += 1;
            if marks <= MARKS_SHOWN {
                out.push(c);
            }
            continue;
        }
        end_of_marks(&mut out, &mut marks);
        flag = c == '\u{1f3f4}' || (flag && is_tag(c));
        match c {
            '\n' if lines => out.push('\n'),
            '\t' if lines => out.push('\t'),
            '\r' if lines && chars.peek() == Some(&'\n') => {}
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            // Joiners are letters of Persian and Hindi and glue of emoji; between ASCII they only deceive.
            '\u{200c}' | '\u{200d}' if !before.is_ascii() && chars.peek().is_some_and(|next| !next.is_ascii()) => {
                out.push(c);
            }
            c if is_tag(c) && flag => out.push(c),
            c if is_invisible(c) => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
            c => out.push(c),
        }
        before = c;
    }
    end_of_marks(&mut out, &mut marks);
    out
}

fn end_of_marks(out: &mut String, marks: &mut usize) {
    if *marks > MARKS_SHOWN {
        let _ = write!(out, "<+{} marks>", *marks - MARKS_SHOWN);
    }
    *marks = 0;
}

/// Tag characters: part of the flags of England, Scotland and Wales, else a way to hide ASCII text.
fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Characters that show nothing or reorder others.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Letters of scripts that are written from right to left (Hebrew, Arabic, Syriac, Thaana, N'Ko, Adlam …).
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

/// A cell of a CSV file that no spreadsheet takes for a formula. Quoting is the CSV writer's work.
pub fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']) { format!("'{text}") } else { text.to_owned() }
}

/// A file name for something that a stranger named: letters, digits, space and `._-()+@` only, no leading dot or dash,
/// at most [`NAME_BYTES`] bytes, no name that Windows reserves, and different from every name in `taken` without regard
/// to case. The name is added to `taken`.
pub fn file_name(text: &str, taken: &mut BTreeSet<String>) -> String {
    let allowed = |c: char| if c.is_alphanumeric() || " ._-()+@".contains(c) { c } else { '_' };
    let clean: String = text.nfc().map(allowed).collect();
    let clean = clean.trim_start_matches(['.', '-', ' ']).trim_end_matches(['.', ' ']);
    let (stem, extension) = match clean.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && is_extension(extension) => (stem, format!(".{extension}")),
        _ => (clean, String::new()),
    };
    let stem = if stem.is_empty() { "unnamed" } else { stem };
    let stem = if is_reserved(stem) { format!("_{stem}") } else { stem.to_owned() };
    let mut number = 1u64;
    loop {
        let suffix = if number == 1 { extension.clone() } else { format!("-{number}{extension}") };
        let name = format!("{}{suffix}", cut(&stem, NAME_BYTES - suffix.len()));
        if taken.insert(name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

fn is_extension(text: &str) -> bool {
    (1..=EXTENSION_BYTES).contains(&text.len()) && text.chars().all(char::is_alphanumeric)
}

fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or("").trim_end_matches(['.', ' '])
}

fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or("").trim().to_ascii_lowercase();
    let numbered = |prefix: &str| {
        first.strip_prefix(prefix).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(first.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_are_shown_and_not_executed() {
        assert_eq!(line("\u{1b}]0;owned\u{7}"), "\\x1b]0;owned\\x07");
        assert_eq!(line("\u{1b}[2J\u{9b}31m\u{7f}"), "\\x1b[2J\\x9b31m\\x7f");
        assert_eq!(line("paid\rUNPAID\nnext\tcell"), "paid\\rUNPAID\\nnext\\tcell");
        assert_eq!(block("a\r\nb\rc\u{8}"), "a\nb\\rc\\x08");
    }

    #[test]
    fn overrides_and_hidden_text_are_made_visible() {
        assert_eq!(line("invoice\u{202e}gnp.exe"), "invoice<U+202E>gnp.exe");
        assert_eq!(line("a\u{2066}b\u{2069}c\u{200f}"), "a<U+2066>b<U+2069>c<U+200F>");
        assert_eq!(line("pay\u{200b}pal \u{feff}\u{2028}"), "pay<U+200B>pal <U+FEFF><U+2028>");
        assert_eq!(line("hi\u{e0068}\u{e0069}"), "hi<U+E0068><U+E0069>");
        assert_eq!(line("admin\u{200d}x"), "admin<U+200D>x");
    }

    #[test]
    fn right_to_left_text_is_isolated_line_by_line() {
        assert_eq!(line("שלום"), "\u{2068}שלום\u{2069}");
        assert_eq!(block("hello\nمرحبا"), "hello\n\u{2068}مرحبا\u{2069}");
        // A text cannot end its own isolate.
        assert_eq!(line("مرحبا\u{2069}x"), "\u{2068}مرحبا<U+2069>x\u{2069}");
    }

    #[test]
    fn honest_text_is_left_alone() {
        for text in [
            "👨\u{200d}👩\u{200d}👧 👍🏽 ❤\u{fe0f}",
            "नमस्ते क्\u{200d}ष",
            "你好",
            "Zoë ł ß",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ] {
            assert_eq!(line(text), text);
        }
        assert_eq!(line("می\u{200c}خواهم"), "\u{2068}می\u{200c}خواهم\u{2069}");
    }

    #[test]
    fn what_was_found_is_marked_and_harmless() {
        let paint = |found: &str| format!("«{found}»");
        assert_eq!(marked("a wi\u{1b}re b", &[[2, 7]], paint), "a «wi\\x1bre» b");
        assert_eq!(marked("wire", &[[0, 9], [2, 1]], paint), "wire");
        assert_eq!(marked("zł wire", &[[1, 2], [4, 8]], paint), "zł «wire»");
    }

    #[test]
    fn a_tower_of_marks_is_cut_and_counted() {
        let tower = format!("z{}!", "\u{301}".repeat(1000));
        assert_eq!(line(&tower), format!("z{}<+992 marks>!", "\u{301}".repeat(8)));
    }

    #[test]
    fn no_cell_begins_a_formula() {
        for text in ["=1+1", "+447700900123", "-2", "@SUM(A1)", "\tx", "\rx", "\0=1"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        assert_eq!(cell("plain = text"), "plain = text");
    }

    #[test]
    fn hostile_names_stay_in_their_folder() {
        let name = |text: &str| file_name(text, &mut BTreeSet::new());
        assert_eq!(name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(name("C:\\windows\\a.exe"), "C__windows_a.exe");
        assert_eq!(name(".bashrc"), "bashrc");
        assert_eq!(name("-rf"), "rf");
        assert_eq!(name("NUL.txt"), "_NUL.txt");
        assert_eq!(name("com1"), "_com1");
        assert_eq!(name(""), "unnamed");
        assert_eq!(name("..."), "unnamed");
        assert_eq!(name("a\u{202e}gnp.exe"), "a_gnp.exe");
        assert_eq!(name("契約書.pdf"), "契約書.pdf");
        assert_eq!(name(&format!("{}.pdf", "x".repeat(500))).len(), NAME_BYTES);
    }

    #[test]
    fn names_that_differ_only_in_case_do_not_collide() {
        let mut taken = BTreeSet::new();
        let names: Vec<String> =
            ["a.jpg", "A.JPG", "a.jpg", "a-2.jpg"].iter().map(|name| file_name(name, &mut taken)).collect();
        assert_eq!(names, ["a.jpg", "A-2.JPG", "a-3.jpg", "a-2-2.jpg"]);
    }

    proptest! {
        #[test]
        fn whatever_comes_no_control_character_goes_out(text in any::<String>()) {
            prop_assert!(!line(&text).chars().any(char::is_control));
            prop_assert!(!block(&text).chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }

        #[test]
        fn whatever_comes_a_file_name_is_one_component(text in any::<String>()) {
            let name = file_name(&text, &mut BTreeSet::new());
            prop_assert!(!name.is_empty() && name.len() <= NAME_BYTES);
            prop_assert!(!name.starts_with('.') && !name.contains(['/', '\\', '\0', ':']));
        }
    }
}
