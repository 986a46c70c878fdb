//! RTF: its text, deleted text too.
//!
//! Limits: one code page for the whole document (the one that it names); tables of fonts, colours and styles,
//! pictures and unknown destinations are left out.

use super::{Sink, Unread, limits::DEPTH};
use encoding_rs::{Encoding, WINDOWS_1252};

/// Destinations without text of the document.
const UNSEEN: [&str; 14] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "themedata",
    "datastore",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "fldinst",
    "xmlnstbl",
];

/// Reads RTF.
pub fn read(bytes: &[u8], sink: &mut Sink) {
    let mut reader = Reader {
        bytes,
        at: 0,
        groups: vec![Group::default()],
        run: Vec::new(),
        encoding: WINDOWS_1252,
        skip: 0,
        picture: false,
        object: false,
    };
    while let Some(byte) = reader.next() {
        match byte {
            b'{' if reader.groups.len() > DEPTH => {
                sink.note(Unread::TooDeep);
                break;
            }
            b'{' => {
                let group = reader.groups.last().copied().unwrap_or_default();
                reader.groups.push(group);
            }
            b'}' => {
                reader.flush(sink);
                reader.groups.pop();
            }
            b'\\' => reader.control(sink),
            b'\r' | b'\n' => {}
            byte => reader.put(byte),
        }
        if sink.is_full() || reader.groups.is_empty() {
            break;
        }
    }
    reader.flush(sink);
    if reader.groups.len() > 1 {
        sink.note(Unread::Broken);
    }
    if reader.object {
        sink.note(Unread::Unsupported);
    }
    if reader.picture && sink.is_blank() {
        sink.note(Unread::Image);
    }
}

#[derive(Clone, Copy, Default)]
struct Group {
    unseen: bool,
    /// Characters after a Unicode character that stand for it in programs without Unicode; `None` is one.
    fallback: Option<usize>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    groups: Vec<Group>,
    /// Bytes in the code page that are not decoded yet.
    run: Vec<u8>,
    encoding: &'static Encoding,
    /// Characters to skip.
    skip: usize,
    /// It has a picture.
    picture: bool,
    /// It has an object of another program.
    object: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn put(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.groups.last().is_some_and(|group| !group.unseen) {
            self.run.push(byte);
        }
    }

    fn flush(&mut self, sink: &mut Sink) {
        self.skip = 0;
        if !self.run.is_empty() {
            sink.push(&self.encoding.decode_without_bom_handling(&self.run).0);
            self.run.clear();
        }
    }

    fn control(&mut self, sink: &mut Sink) {
        match self.peek() {
            Some(byte) if byte.is_ascii_alphabetic() => self.word(sink),
            Some(b'\'') => {
                let digit = |at: usize| self.bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
                if let (Some(high), Some(low)) = (digit(self.at + 1), digit(self.at + 2)) {
                    self.at += 3;
                    self.put((high << 4 | low) as u8);
                }
            }
            Some(b'*') => {
                self.at += 1;
                self.unseen();
            }
            Some(byte) => {
                self.at += 1;
                match byte {
                    b'~' => self.put(b' '),
                    b'_' => self.put(b'-'),
                    b'\r' | b'\n' => self.line(sink),
                    b'{' | b'}' | b'\\' => self.put(byte),
                    _ => {}
                }
            }
            None => {}
        }
    }

    fn word(&mut self, sink: &mut Sink) {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.at += 1;
        }
        let name = self.bytes.get(start..self.at).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit() || (byte == b'-' && self.at == start)) {
            self.at += 1;
        }
        let number =
            self.bytes.get(start..self.at).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<i64>().ok());
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        match (name.as_str(), number) {
            ("par" | "line" | "row" | "cell" | "page" | "sect" | "column", _) => self.line(sink),
            ("tab", _) => self.put(b' '),
            ("emdash", _) => self.unicode(0x2014, sink),
            ("endash", _) => self.unicode(0x2013, sink),
            ("lquote", _) => self.unicode(0x2018, sink),
            ("rquote", _) => self.unicode(0x2019, sink),
            ("ldblquote", _) => self.unicode(0x201C, sink),
            ("rdblquote", _) => self.unicode(0x201D, sink),
            ("bullet", _) => self.unicode(0x2022, sink),
            ("u", Some(number)) => {
                self.unicode(number, sink);
                self.skip = self.groups.last().and_then(|group| group.fallback).unwrap_or(1);
            }
            ("uc", Some(count)) => {
                if let Some(group) = self.groups.last_mut() {
                    group.fallback = usize::try_from(count).ok();
                }
            }
            ("ansicpg", Some(page)) => {
                let label = format!("windows-{page}");
                let found = Encoding::for_label(label.as_bytes()).or(match page {
                    932 => Some(encoding_rs::SHIFT_JIS),
                    936 => Some(encoding_rs::GBK),
                    949 => Some(encoding_rs::EUC_KR),
                    950 => Some(encoding_rs::BIG5),
                    _ => None,
                });
                self.encoding = found.unwrap_or(WINDOWS_1252);
            }
            ("bin", Some(length)) => {
                self.at = self.at.saturating_add(usize::try_from(length).unwrap_or(0)).min(self.bytes.len());
            }
            (name, _) if UNSEEN.contains(&name) => {
                self.picture |= name == "pict";
                self.object |= name == "object";
                self.unseen();
            }
            _ => {}
        }
    }

    fn unseen(&mut self) {
        if let Some(group) = self.groups.last_mut() {
            group.unseen = true;
        }
    }

    fn line(&mut self, sink: &mut Sink) {
        self.flush(sink);
        if self.groups.last().is_some_and(|group| !group.unseen) {
            sink.line();
        }
    }

    /// A UTF-16 unit, written as a signed number; a pair of them may follow each other.
    fn unicode(&mut self, number: i64, sink: &mut Sink) {
        if self.groups.last().is_none_or(|group| group.unseen) {
            return;
        }
        self.flush(sink);
        let unit = (number & 0xFFFF) as u16;
        if (0xD800..0xDC00).contains(&unit)
            && let Some(low) = self.low_surrogate()
        {
            return sink.push(&String::from_utf16_lossy(&[unit, low]));
        }
        sink.push(&String::from_utf16_lossy(&[unit]));
    }

    /// The second half of a pair: `?\u-8704` after the first.
    fn low_surrogate(&mut self) -> Option<u16> {
        let rest = self.bytes.get(self.at..)?;
        let at = rest.iter().take(8).position(|byte| *byte == b'\\')?;
        let digits = rest.get(at..)?.strip_prefix(b"\\u")?;
        let length = digits.iter().take(7).take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
        let number: i64 = std::str::from_utf8(digits.get(..length)?).ok()?.parse().ok()?;
        let unit = (number & 0xFFFF) as u16;
        let low = (0xDC00..0xE000).contains(&unit).then_some(unit)?;
        self.at += at + 2 + length;
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        Some(low)
    }
}
