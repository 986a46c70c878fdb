//! The values of which a PDF is made, and their syntax: objects, contents of pages and character maps share it.
//!
//! Limits: depth and number of values are bounded. Damage is read over, never refused.

use crate::extract::limits::PDF_DEPTH;
use std::collections::BTreeMap;

/// A dictionary.
pub type Dict = BTreeMap<Vec<u8>, Value>;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Any number.
    Number(f64),
    /// A name, without its slash.
    Name(Vec<u8>),
    /// A string, its escapes undone.
    String(Vec<u8>),
    /// An array.
    Array(Vec<Value>),
    /// A dictionary.
    Dict(Dict),
    /// A reference to the object of this number.
    Ref(u32),
    /// Anything else: `null`, `true`, operators.
    Word(Vec<u8>),
}

impl Value {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The number as a count or code, if it is one.
    pub fn code(&self) -> Option<u32> {
        self.number().filter(|number| (0.0..=f64::from(u32::MAX)).contains(number)).map(|number| number as u32)
    }

    /// The name, if it is one.
    pub fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn string(&self) -> Option<&[u8]> {
        match self {
            Self::String(string) => Some(string),
            _ => None,
        }
    }

    /// How many values it is.
    pub fn weight(&self) -> usize {
        match self {
            Self::Array(array) => 1 + array.iter().map(Self::weight).sum::<usize>(),
            Self::Dict(dict) => 1 + weight(dict),
            _ => 1,
        }
    }

    /// Whether it is this word.
    pub fn is_word(&self, word: &[u8]) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }
}

/// How many values a dictionary is, its names counted.
pub fn weight(dict: &Dict) -> usize {
    dict.values().map(|value| 1 + value.weight()).sum()
}

/// Reads values one after the other.
pub struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Values that may still be read.
    left: usize,
    read: usize,
    /// Something was nested too deep.
    pub too_deep: bool,
}

impl<'a> Lexer<'a> {
    /// Reads from `at`, `limit` values at most.
    pub fn new(bytes: &'a [u8], at: usize, limit: usize) -> Self {
        Self { bytes, at, left: limit, read: 0, too_deep: false }
    }

    /// Where it is.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Values read so far.
    pub fn count(&self) -> usize {
        self.read
    }

    /// Whether the limit was reached.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Lets so many values be read from here.
    pub fn allow(&mut self, limit: usize) {
        self.left = limit;
    }

    /// Goes on elsewhere.
    pub fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// The next value; `None` at the end or at the limit.
    pub fn value(&mut self) -> Option<Value> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Option<Value> {
        self.skip_blanks();
        let byte = self.peek()?;
        self.left = self.left.checked_sub(1)?;
        self.read += 1;
        if depth > PDF_DEPTH {
            self.too_deep = true;
            self.at = self.bytes.len();
            return None;
        }
        match byte {
            b'/' => {
                self.at += 1;
                Some(Value::Name(self.name()))
            }
            b'(' => Some(Value::String(self.literal())),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => {
                self.at += 2;
                Some(Value::Dict(self.dict(depth)))
            }
            b'<' => Some(Value::String(self.hexadecimal())),
            b'[' => {
                self.at += 1;
                Some(Value::Array(self.array(depth)))
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' => Some(self.number()),
            byte if is_delimiter(byte) => {
                self.at += if self.bytes.get(self.at..self.at + 2) == Some(b">>") { 2 } else { 1 };
                Some(Value::Word(if byte == b'>' { b">>".to_vec() } else { vec![byte] }))
            }
            _ => {
                let start = self.at;
                self.at += self.rest().iter().take_while(|byte| is_regular(**byte)).count();
                Some(Value::Word(self.bytes.get(start..self.at).unwrap_or_default().to_vec()))
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        loop {
            self.at += self.rest().iter().take_while(|byte| is_blank(**byte)).count();
            if self.peek() != Some(b'%') {
                return;
            }
            self.at += self.rest().iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
        }
    }

    fn name(&mut self) -> Vec<u8> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| is_regular(*byte)) {
            self.at += 1;
            let digits = (self.digit(self.at), self.digit(self.at + 1));
            match (byte, digits) {
                (b'#', (Some(high), Some(low))) => {
                    name.push(high << 4 | low);
                    self.at += 2;
                }
                _ => name.push(byte),
            }
        }
        name
    }

    fn digit(&self, at: usize) -> Option<u8> {
        char::from(*self.bytes.get(at)?).to_digit(16).map(|digit| digit as u8)
    }

    fn literal(&mut self) -> Vec<u8> {
        let mut string = Vec::new();
        let mut open = 0usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => {
                    open += 1;
                    if open > 1 {
                        string.push(byte);
                    }
                }
                b')' => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        break;
                    }
                    string.push(byte);
                }
                b'\\' => string.extend(self.escaped()),
                byte => string.push(byte),
            }
        }
        string
    }

    fn escaped(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\r' => {
                self.at += usize::from(self.peek() == Some(b'\n'));
                None
            }
            b'\n' => None,
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    self.at += 1;
                    code = code * 8 + u32::from(digit - b'0');
                }
                Some(code as u8)
            }
            byte => Some(byte),
        }
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let length = self.rest().iter().take_while(|byte| **byte != b'>').count();
        let digits = self.rest().get(..length).unwrap_or_default();
        self.at = (self.at + length + 1).min(self.bytes.len());
        let digits: Vec<u8> =
            digits.iter().filter_map(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8).collect();
        digits.chunks(2).map(|pair| pair.first().unwrap_or(&0) << 4 | pair.get(1).unwrap_or(&0)).collect()
    }

    fn array(&mut self, depth: usize) -> Vec<Value> {
        let mut array = Vec::new();
        while let Some(value) = self.nested(depth + 1) {
            match value {
                Value::Word(word) if word == b"]" || is_end(&word) => break,
                value => array.push(value),
            }
        }
        array
    }

    fn dict(&mut self, depth: usize) -> Dict {
        let mut dict = Dict::new();
        while let Some(key) = self.nested(depth + 1) {
            match key {
                Value::Name(key) => {
                    let start = self.at;
                    match self.nested(depth + 1) {
                        Some(Value::Word(word)) if word == b">>" || is_end(&word) => {
                            self.at = start;
                        }
                        Some(value) => drop(dict.insert(key, value)),
                        None => break,
                    }
                }
                Value::Word(word) if word == b">>" => break,
                Value::Word(word) if is_end(&word) => {
                    self.at -= word.len();
                    break;
                }
                _ => {}
            }
        }
        dict
    }

    /// A number, or a reference that begins with one.
    fn number(&mut self) -> Value {
        let start = self.at;
        let number = self.digits();
        let after = self.at;
        if number.len() <= 10 && number.iter().all(u8::is_ascii_digit) {
            let object = std::str::from_utf8(number).ok().and_then(|digits| digits.parse().ok());
            self.skip_blanks();
            let generation = self.digits();
            if (1..=5).contains(&generation.len()) && generation.iter().all(u8::is_ascii_digit) {
                self.skip_blanks();
                if self.peek() == Some(b'R') && !self.bytes.get(self.at + 1).is_some_and(|byte| is_regular(*byte)) {
                    self.at += 1;
                    return object.map_or(Value::Word(b"null".to_vec()), Value::Ref);
                }
            }
            self.at = after;
        }
        debug_assert!(after > start);
        let text: String = number.iter().map(|byte| char::from(*byte)).collect();
        Value::Number(text.parse().unwrap_or_else(|_| lenient(&text)))
    }

    fn digits(&mut self) -> &'a [u8] {
        let start = self.at;
        self.at += self.rest().iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.')).count();
        self.bytes.get(start..self.at).unwrap_or_default()
    }
}

/// A number that some programs write wrong: `--5`, `1.2.3`, `5-3`.
fn lenient(text: &str) -> f64 {
    let negative = text.starts_with('-');
    let text = text.trim_start_matches(['-', '+']);
    let text = text.split(['-', '+']).next().unwrap_or_default();
    let mut parts = text.split('.');
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next().unwrap_or_default();
    let number: f64 = format!("0{whole}.{fraction}0").parse().unwrap_or(0.0);
    if negative { -number } else { number }
}

fn is_end(word: &[u8]) -> bool {
    matches!(word, b"endobj" | b"stream" | b"endstream")
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !is_delimiter(byte)
}
