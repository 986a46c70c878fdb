//! Fonts, as far as text needs them: what their codes mean, and how wide the glyphs are.

use super::{
    cmap::{CMap, number},
    document::Document,
    glyph,
    value::{Dict, Value},
};
use crate::extract::limits::PDF_MAPPINGS;
use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, MACINTOSH, SHIFT_JIS, UTF_16BE, WINDOWS_1252};
use std::collections::BTreeMap;

/// A font.
pub struct Font {
    coding: Coding,
    to_unicode: Option<CMap>,
    widths: Widths,
}

/// How the bytes of a string become codes, and these, failing a map of the font, letters.
enum Coding {
    /// One byte each.
    Simple(Vec<Option<String>>),
    /// Two bytes each, of which only the map of the font knows what they mean.
    Double,
    /// As a map in the file says.
    Mapped(CMap),
    /// An encoding of the Web.
    Encoded(&'static Encoding),
}

/// A glyph that a string shows.
pub struct Glyph {
    /// What it means; `None` if the font does not say.
    pub text: Option<String>,
    /// How far it moves, in thousandths of the size of the font.
    pub width: f64,
    /// It is the one-byte code 32, which word spacing makes wider.
    pub space: bool,
}

#[derive(Default)]
struct Widths {
    single: BTreeMap<u32, f64>,
    /// First code: last code and width.
    ranges: BTreeMap<u32, (u32, f64)>,
    otherwise: f64,
    /// Thousandths of the size that a unit is.
    scale: f64,
}

impl Font {
    /// Reads a font from its dictionary.
    pub fn read(dict: &Dict, document: &Document<'_>, mappings: &mut usize) -> Self {
        let to_unicode = match dict.get(&b"ToUnicode"[..]) {
            Some(Value::Ref(number)) => document.object(*number).and_then(|object| document.data(&object)),
            _ => None,
        };
        let to_unicode = to_unicode.map(|data| CMap::read(&data, document, mappings));
        let kind = document.get(dict, b"Subtype");
        if kind.as_ref().and_then(Value::name) == Some(b"Type0") {
            let descendant = match document.get(dict, b"DescendantFonts") {
                Some(Value::Array(fonts)) => fonts.first().and_then(|font| document.resolve(font)),
                other => other,
            };
            let widths = match &descendant {
                Some(Value::Dict(descendant)) => Widths::of_composite(descendant, document, mappings),
                _ => Widths { otherwise: 1000.0, scale: 1.0, ..Widths::default() },
            };
            return Self { coding: composite(dict, document, mappings), to_unicode, widths };
        }
        *mappings += 256;
        Self { coding: simple(dict, document), to_unicode, widths: Widths::of_simple(dict, document, mappings) }
    }

    /// The glyphs of a string.
    pub fn glyphs(&self, string: &[u8], mut each: impl FnMut(Glyph)) {
        match &self.coding {
            Coding::Simple(meanings) => {
                for byte in string {
                    let code = u32::from(*byte);
                    let own = || meanings.get(usize::from(*byte)).cloned().flatten();
                    each(self.glyph(code, *byte == b' ', own));
                }
            }
            Coding::Double => string.chunks(2).for_each(|code| each(self.glyph(number(code), false, || None))),
            Coding::Mapped(map) => {
                let mut rest = string;
                while !rest.is_empty() {
                    let length = map.code_length(rest).unwrap_or(2).clamp(1, rest.len());
                    let (code, after) = rest.split_at(length);
                    each(self.glyph(number(code), length == 1 && code == b" ", || None));
                    rest = after;
                }
            }
            Coding::Encoded(encoding) => {
                for c in encoding.decode_without_bom_handling(string).0.chars() {
                    let width = if c.is_ascii() { 500.0 } else { 1000.0 };
                    each(Glyph { text: (c != '\u{FFFD}').then(|| c.into()), width, space: false });
                }
            }
        }
    }

    fn glyph(&self, code: u32, space: bool, own: impl FnOnce() -> Option<String>) -> Glyph {
        let text = self.to_unicode.as_ref().and_then(|map| map.text(code)).or_else(own);
        Glyph { text, width: self.widths.of(code), space }
    }
}

/// How a composite font is coded.
fn composite(dict: &Dict, document: &Document<'_>, mappings: &mut usize) -> Coding {
    if let Some(Value::Ref(number)) = dict.get(&b"Encoding"[..])
        && let Some(object) = document.object(*number)
        && let Some(data) = document.data(&object)
    {
        return Coding::Mapped(CMap::read(&data, document, mappings));
    }
    let name = document.get(dict, b"Encoding");
    let name = name.as_ref().and_then(Value::name).map(String::from_utf8_lossy).unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let encoding = if has(&["UCS2", "UTF16"]) {
        UTF_16BE
    } else if has(&["RKSJ"]) {
        SHIFT_JIS
    } else if has(&["GBK", "GB-EUC", "GBpc"]) {
        GB18030
    } else if has(&["B5"]) {
        BIG5
    } else if has(&["KSC"]) {
        EUC_KR
    } else {
        return Coding::Double;
    };
    Coding::Encoded(encoding)
}

/// What the 256 codes of a simple font mean.
fn simple(dict: &Dict, document: &Document<'_>) -> Coding {
    let encoding = document.get(dict, b"Encoding");
    let (base, differences) = match &encoding {
        Some(Value::Name(name)) => (Some(name.clone()), None),
        Some(Value::Dict(encoding)) => {
            let base = document.get(encoding, b"BaseEncoding").and_then(|base| base.name().map(<[u8]>::to_vec));
            (base, document.get(encoding, b"Differences"))
        }
        _ => (None, None),
    };
    let drawn = document.get(dict, b"Subtype").as_ref().and_then(Value::name) == Some(b"Type3");
    let family = document.get(dict, b"BaseFont");
    let family = family.as_ref().and_then(Value::name).unwrap_or_default();
    let symbols = [&b"Symbol"[..], b"ZapfDingbats", b"Wingdings"].iter().any(|name| family.ends_with(name));
    let mut meanings: Vec<Option<String>> = (0..=255).map(|code| meaning(base.as_deref(), code)).collect();
    if drawn || (symbols && base.is_none()) {
        meanings.fill(None);
    }
    if let Some(Value::Array(differences)) = differences {
        let mut code = 0usize;
        for item in &differences {
            match item {
                Value::Name(name) => {
                    if let Some(slot) = meanings.get_mut(code) {
                        *slot = glyph::meaning(&String::from_utf8_lossy(name));
                    }
                    code = code.saturating_add(1);
                }
                item => code = item.code().map_or(code, |next| next as usize),
            }
        }
    }
    Coding::Simple(meanings)
}

fn meaning(base: Option<&[u8]>, code: u8) -> Option<String> {
    let encoding = match base {
        Some(b"WinAnsiEncoding") => WINDOWS_1252,
        Some(b"MacRomanEncoding") => MACINTOSH,
        _ => return glyph::standard(code),
    };
    let byte = [code];
    let text = encoding.decode_without_bom_handling_and_without_replacement(&byte)?;
    (code >= 32).then(|| text.into_owned())
}

impl Widths {
    fn of(&self, code: u32) -> f64 {
        let range = || {
            let (_, (last, width)) = self.ranges.range(..=code).next_back()?;
            (code <= *last).then_some(*width)
        };
        self.single.get(&code).copied().or_else(range).unwrap_or(self.otherwise) * self.scale
    }

    fn of_simple(dict: &Dict, document: &Document<'_>, mappings: &mut usize) -> Self {
        let mut widths = Self { otherwise: 500.0, scale: 1.0, ..Self::default() };
        if let Some(Value::Array(matrix)) = document.get(dict, b"FontMatrix") {
            widths.scale = matrix.first().and_then(Value::number).unwrap_or(0.001) * 1000.0;
        }
        let first = document.get(dict, b"FirstChar").as_ref().and_then(Value::code).unwrap_or(0);
        if let Some(Value::Array(list)) = document.get(dict, b"Widths") {
            for (code, width) in (first..256).zip(&list) {
                if let Some(width) = document.resolve(width).as_ref().and_then(Value::number) {
                    widths.single.insert(code, width);
                }
            }
            *mappings += widths.single.len();
        }
        widths
    }

    /// `W` is a list of `first [widths]` and `first last width`.
    fn of_composite(dict: &Dict, document: &Document<'_>, mappings: &mut usize) -> Self {
        let mut widths = Self { otherwise: 1000.0, scale: 1.0, ..Self::default() };
        if let Some(width) = document.get(dict, b"DW").as_ref().and_then(Value::number) {
            widths.otherwise = width;
        }
        let Some(Value::Array(list)) = document.get(dict, b"W") else { return widths };
        let mut items = list.iter();
        while let (Some(first), Some(second)) = (items.next().and_then(Value::code), items.next()) {
            match document.resolve(second) {
                Some(Value::Array(list)) => {
                    for (code, width) in (first..=u32::MAX).zip(&list) {
                        widths.single.insert(code, width.number().unwrap_or(widths.otherwise));
                    }
                    *mappings += list.len();
                }
                Some(Value::Number(last)) => {
                    let width = items.next().and_then(Value::number).unwrap_or(widths.otherwise);
                    widths.ranges.insert(first, (last as u32, width));
                    *mappings += 1;
                }
                _ => break,
            }
            if *mappings > PDF_MAPPINGS {
                break;
            }
        }
        widths
    }
}
