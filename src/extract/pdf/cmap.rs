//! Character maps: what the codes of a font mean, and how many bytes a code has.
//!
//! Limits: the mappings of all fonts together are counted; ranges stay ranges, however long.

use super::{
    document::Document,
    value::{Lexer, Value},
};
use crate::extract::Unread;
use crate::extract::limits::{PDF_MAPPINGS, PDF_OBJECT_VALUES};
use std::collections::BTreeMap;

/// Ranges of codes of one length that are looked through for every glyph; Japanese has six.
const SPACES: usize = 64;

/// A character map.
#[derive(Default)]
pub struct CMap {
    /// Lengths in bytes and first and last codes.
    spaces: Vec<(usize, u32, u32)>,
    single: BTreeMap<u32, String>,
    /// First code: last code, and the UTF-16 of the first.
    ranges: BTreeMap<u32, (u32, Vec<u16>)>,
}

impl CMap {
    /// Reads a map from its unpacked stream.
    pub fn read(data: &[u8], document: &Document<'_>, mappings: &mut usize) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::new(data, 0, PDF_OBJECT_VALUES);
        let mut operands: Vec<Value> = Vec::new();
        let mut counted = 0;
        while let Some(value) = lexer.value() {
            if !document.charge(lexer.count() - counted) || *mappings > PDF_MAPPINGS {
                document.note(Unread::TooLarge);
                break;
            }
            counted = lexer.count();
            let Value::Word(word) = &value else {
                operands.push(value);
                continue;
            };
            let before = map.single.len() + map.ranges.len() + map.spaces.len();
            match word.as_slice() {
                b"endcodespacerange" => operands.chunks(2).for_each(|pair| map.space(pair)),
                b"endbfchar" => operands.chunks(2).for_each(|pair| map.character(pair)),
                b"endbfrange" => operands.chunks(3).for_each(|triple| map.range(triple)),
                _ => {}
            }
            *mappings += (map.single.len() + map.ranges.len() + map.spaces.len()).saturating_sub(before);
            operands.clear();
            lexer.allow(PDF_OBJECT_VALUES);
        }
        map
    }

    /// Bytes of the code that begins here; `None` if the map does not say.
    pub fn code_length(&self, bytes: &[u8]) -> Option<usize> {
        let fits = |(length, low, high): &&(usize, u32, u32)| {
            bytes.get(..*length).is_some_and(|code| {
                let code = number(code);
                // Byte by byte, as the standard has it.
                (0..*length).all(|at| {
                    let byte = |code: u32| code >> (8 * at) & 0xFF;
                    (byte(*low)..=byte(*high)).contains(&byte(code))
                })
            })
        };
        self.spaces.iter().find(fits).or(self.spaces.first()).map(|(length, ..)| *length)
    }

    /// What a code means.
    pub fn text(&self, code: u32) -> Option<String> {
        let text = match self.single.get(&code) {
            Some(text) => text.clone(),
            None => {
                let (first, (last, base)) = self.ranges.range(..=code).next_back()?;
                if code > *last {
                    return None;
                }
                let mut units = base.clone();
                let unit = units.last_mut()?;
                *unit = unit.wrapping_add((code - first) as u16);
                String::from_utf16_lossy(&units)
            }
        };
        // Nothing at all is said of glyphs whose letters the one before them has.
        (!text.contains(['\0', '\u{FFFD}', '\u{FFFF}'])).then_some(text)
    }

    fn space(&mut self, pair: &[Value]) {
        if let [low, high] = pair
            && let (Some(low), Some(high)) = (low.string(), high.string())
            && (1..=4).contains(&low.len())
            && self.spaces.len() < SPACES
        {
            self.spaces.push((low.len(), number(low), number(high)));
        }
    }

    fn character(&mut self, pair: &[Value]) {
        if let [code, Value::String(text)] = pair
            && let Some(code) = code.string()
        {
            self.single.insert(number(code), String::from_utf16_lossy(&units(text)));
        }
    }

    fn range(&mut self, triple: &[Value]) {
        let [low, high, target] = triple else { return };
        let (Some(low), Some(high)) = (low.string().map(number), high.string().map(number)) else { return };
        match target {
            Value::String(text) => drop(self.ranges.insert(low, (high, units(text)))),
            Value::Array(texts) => {
                for (code, text) in (low..=high).zip(texts) {
                    if let Some(text) = text.string() {
                        self.single.insert(code, String::from_utf16_lossy(&units(text)));
                    }
                }
            }
            _ => {}
        }
    }
}

/// A code as a number.
pub fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |code, byte| code << 8 | u32::from(*byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    if let [byte] = bytes {
        return vec![u16::from(*byte)];
    }
    // No character has more than a ligature's few letters.
    bytes.chunks_exact(2).take(64).map(|pair| number(pair) as u16).collect()
}
