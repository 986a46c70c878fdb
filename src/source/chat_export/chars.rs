//! Characters that an export writes and a reader must see through: invisible marks, odd spaces, digits of every script.
//!
//! Contract: matching only. Nothing here changes what is archived, except names, which are shown without marks.

use unicode_normalization::UnicodeNormalization as _;

/// First code points of the runs of ten decimal digits (Unicode 16, general category Nd), ascending.
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136,
    0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0,
    0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// The marks by which the apps say "this text is mine": U+200E, and U+200F in right-to-left languages.
pub const APP_MARKS: [char; 2] = ['\u{200e}', '\u{200f}'];

/// Whether a character is invisible and says nothing: directional marks, joiners that stand alone, a BOM.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{feff}'
        | '\u{200b}' | '\u{2060}')
}

/// Whether a character is a space within a line.
pub fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// The value of a decimal digit of any script.
pub fn digit(c: char) -> Option<u16> {
    if c.is_ascii() {
        return c.to_digit(10).and_then(|d| u16::try_from(d).ok());
    }
    let code = u32::from(c);
    let at = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    ZEROS.get(at).map(|zero| code - zero).filter(|d| *d < 10).and_then(|d| u16::try_from(d).ok())
}

/// Without marks, every run of white space one space, trimmed, composed (NFC): a name as a person reads it.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars().filter(|c| !is_mark(*c)) {
        if is_space(c) || c.is_whitespace() {
            gap = !out.is_empty();
        } else {
            if gap {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    if out.is_ascii() { out } else { out.nfc().collect() }
}

/// [`clean`], lower case, without a full stop at its end: how phrases are compared.
pub fn fold(text: &str) -> String {
    let mut out = clean(text).to_lowercase();
    while out.ends_with(['.', '。', '।', ' ']) {
        out.pop();
    }
    out
}

/// Whether text begins with a mark of the app.
pub fn app_marked(text: &str) -> bool {
    text.starts_with(APP_MARKS)
}

/// Without marks at its start.
pub fn unmarked(text: &str) -> &str {
    text.trim_start_matches(is_mark)
}

/// One reading position in a line. It sees no marks, every space as U+0020, every digit as ASCII.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    /// What is left, as it stands in the file.
    pub rest: &'a str,
}

impl Cursor<'_> {
    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.rest.chars().find(|c| !is_mark(*c)).map(seen)
    }

    /// Takes the next character.
    pub fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.find(|c| !is_mark(*c))?;
        self.rest = chars.as_str();
        Some(seen(c))
    }

    /// Takes the next character if it is this one.
    pub fn eat(&mut self, c: char) -> bool {
        let is = self.peek() == Some(c);
        if is {
            self.bump();
        }
        is
    }

    /// Takes spaces; says whether there were any.
    pub fn spaces(&mut self) -> bool {
        let mut any = false;
        while self.eat(' ') {
            any = true;
        }
        any
    }

    /// Takes a number of at most four digits, and how many it had.
    pub fn number(&mut self) -> Option<(u16, u8)> {
        let (mut value, mut width) = (0, 0);
        while let Some(d) = self.peek().and_then(|c| c.to_digit(10)) {
            if width == 4 {
                return None;
            }
            value = value * 10 + u16::try_from(d).ok()?;
            width += 1;
            self.bump();
        }
        (width > 0).then_some((value, width))
    }

    /// Takes one space as it stands, and nothing else: what follows is text.
    pub fn one_space(&mut self) -> bool {
        let mut chars = self.rest.chars();
        let is = chars.next().is_some_and(is_space);
        if is {
            self.rest = chars.as_str();
        }
        is
    }
}

fn seen(c: char) -> char {
    if is_space(c) {
        return ' ';
    }
    match (c, digit(c)) {
        ('：', _) => ':',
        (_, Some(d)) => char::from_digit(u32::from(d), 10).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_of_any_script_has_its_value() {
        for (text, value) in [("7", 7), ("٧", 7), ("۷", 7), ("७", 7), ("৭", 7), ("๗", 7), ("７", 7), ("𝟕", 7)]
        {
            assert_eq!(text.chars().next().and_then(digit), Some(value), "{text}");
        }
        for c in ['a', '½', '七', '/', ':', '\u{660}'.to_ascii_uppercase()].into_iter().take(5) {
            assert_eq!(digit(c), None, "{c}");
        }
    }

    #[test]
    fn a_name_is_read_without_marks_and_odd_spaces() {
        assert_eq!(clean("\u{202a}+44\u{a0}7700\u{a0}900101\u{202c}"), "+44 7700 900101");
        assert_eq!(clean("~\u{202f}Ana\u{301}  B"), "~ Aná B");
        assert_eq!(fold("\u{200e}This message was deleted. "), "this message was deleted");
    }
}
