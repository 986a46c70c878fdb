//! The objects of a PDF: where they are, and what they are.
//!
//! The whole file is searched for objects, in order, and the last of a number wins. The cross-reference tables are
//! not used: they say no more, and are what is missing from a file that was cut off, and what is wrong in a damaged
//! one. Objects are read when they are asked for and not kept.
//!
//! Limits: number of objects, values read in all, bytes unpacked in all.

use super::{
    filter,
    value::{Dict, Lexer, Value},
};
use crate::extract::{
    Sink, Unread,
    limits::{PDF_FILTERS, PDF_OBJECT_VALUES, PDF_OBJECTS, PDF_VALUES, UNPACKED_BYTES},
};
use std::{cell::Cell, collections::HashMap, ops::Range, rc::Rc};

/// References that may follow each other.
const HOPS: usize = 16;
/// Bytes that cost as much time as one value.
const VALUE_BYTES: usize = 16;

/// An opened PDF.
pub struct Document<'a> {
    bytes: &'a [u8],
    places: HashMap<u32, Place>,
    /// Unpacked object streams.
    unpacked: Vec<Vec<u8>>,
    /// Entries of all trailers; later ones win.
    pub trailer: Dict,
    /// Numbers of the objects that say that they are pages, in the order of the file.
    pub pages: Vec<u32>,
    /// The file has an end.
    pub ended: bool,
    values: Cell<usize>,
    budget: Cell<usize>,
    unread: Cell<Option<Unread>>,
}

#[derive(Clone, Copy)]
enum Place {
    /// At this offset of the file.
    File(usize),
    /// In an object stream, at this offset.
    Stream(usize, usize),
}

/// An object: its value, and the place of its data if it is a stream.
pub struct Object {
    pub value: Value,
    data: Option<Range<usize>>,
}

impl<'a> Document<'a> {
    /// Finds the objects.
    pub fn open(bytes: &'a [u8]) -> Self {
        let mut document = Self {
            bytes,
            places: HashMap::new(),
            unpacked: Vec::new(),
            trailer: Dict::new(),
            pages: Vec::new(),
            ended: false,
            values: Cell::new(PDF_VALUES),
            budget: Cell::new(UNPACKED_BYTES),
            unread: Cell::new(None),
        };
        document.search();
        document
    }

    /// Hands over why something is missing.
    pub fn report(&self, sink: &mut Sink) {
        if let Some(unread) = self.unread.get() {
            sink.note(unread);
        }
    }

    /// Notes why something is missing; the first reason stays.
    pub fn note(&self, unread: Unread) {
        self.unread.set(self.unread.get().or(Some(unread)));
    }

    /// Takes values from what may be read in all; `false` if nothing is left.
    pub fn charge(&self, values: usize) -> bool {
        let left = self.values.get().checked_sub(values);
        self.values.set(left.unwrap_or(0));
        if left.is_none() {
            self.note(Unread::TooLarge);
        }
        left.is_some()
    }

    /// What a value stands for, references followed.
    pub fn resolve(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Ref(number) => Some(self.object(*number)?.value),
            Value::Word(word) if word == b"null" => None,
            value => self.charge(value.weight()).then(|| value.clone()),
        }
    }

    /// What `name` refers to in the dictionary that is the entry `key`, as it stands there: the fonts and forms of a
    /// page.
    pub fn member(&self, dict: &Dict, key: &[u8], name: &[u8]) -> Option<Value> {
        match dict.get(key)? {
            Value::Dict(inner) => inner.get(name).cloned(),
            Value::Ref(number) => match self.object(*number)?.value {
                Value::Dict(mut inner) => inner.remove(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// An entry of a dictionary, references followed.
    pub fn get(&self, dict: &Dict, key: &[u8]) -> Option<Value> {
        self.resolve(dict.get(key)?)
    }

    /// An entry that is a dictionary (or a stream's).
    pub fn dict(&self, dict: &Dict, key: &[u8]) -> Option<Dict> {
        match self.get(dict, key)? {
            Value::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// The object of this number, references followed.
    pub fn object(&self, number: u32) -> Option<Object> {
        let mut number = number;
        for _ in 0..HOPS {
            let object = match *self.places.get(&number)? {
                Place::File(at) => self.parse(self.bytes, at, true),
                Place::Stream(stream, at) => self.parse(self.unpacked.get(stream)?, at, false),
            }?;
            match object.value {
                Value::Ref(next) => number = next,
                Value::Word(word) if word == b"null" => return None,
                _ => return Some(object),
            }
        }
        None
    }

    /// The unpacked data of a stream.
    pub fn data(&self, object: &Object) -> Option<Rc<Vec<u8>>> {
        let (Value::Dict(dict), Some(range)) = (&object.value, object.data.clone()) else { return None };
        let list = |key: &[u8], short: &[u8]| match self.get(dict, key).or_else(|| self.get(dict, short)) {
            Some(Value::Array(array)) => array,
            Some(value) => vec![value],
            None => Vec::new(),
        };
        let filters = list(b"Filter", b"F");
        let params = list(b"DecodeParms", b"DP");
        if filters.len() > PDF_FILTERS {
            self.note(Unread::TooDeep);
            return None;
        }
        if self.budget.get() == 0 {
            self.note(Unread::TooLarge);
            return None;
        }
        let mut data = self.bytes.get(range).unwrap_or_default().to_vec();
        for (at, name) in filters.iter().enumerate() {
            let params = match params.get(at).and_then(|params| self.resolve(params)) {
                Some(Value::Dict(params)) => Some(params),
                _ => None,
            };
            let name = self.resolve(name)?;
            let (out, unread) = filter::undo(name.name()?, params.as_ref(), &data, self.budget.get());
            // A stream can be long and unpack to nothing: what was read counts too.
            self.spend(out.len().max(data.len()));
            unread.into_iter().for_each(|unread| self.note(unread));
            data = out;
        }
        if filters.is_empty() {
            self.spend(data.len());
        }
        Some(Rc::new(data))
    }

    fn spend(&self, bytes: usize) {
        let left = self.budget.get().saturating_sub(bytes);
        self.budget.set(left);
        if left == 0 {
            self.note(Unread::TooLarge);
        }
    }

    fn lexer<'b>(&self, bytes: &'b [u8], at: usize) -> Lexer<'b> {
        Lexer::new(bytes, at, PDF_OBJECT_VALUES.min(self.values.get()))
    }

    /// Charges what a lexer read: its values, and the bytes, which one value can have many of.
    fn done(&self, lexer: &Lexer<'_>, from: usize) {
        self.charge(lexer.count() + lexer.at().saturating_sub(from) / VALUE_BYTES);
        if lexer.too_deep {
            self.note(Unread::TooDeep);
        } else if lexer.is_spent() {
            self.note(Unread::TooLarge);
        }
    }

    fn parse(&self, bytes: &[u8], at: usize, streams: bool) -> Option<Object> {
        let mut lexer = self.lexer(bytes, at);
        let value = lexer.value();
        let after = lexer.at();
        let stream = streams
            && matches!(value, Some(Value::Dict(_)))
            && lexer.value().is_some_and(|next| next.is_word(b"stream"));
        let start = lexer.at();
        self.done(&lexer, at);
        let value = value?;
        let data = match (&value, stream) {
            (Value::Dict(dict), true) => Some(self.extent(dict, start.max(after))),
            _ => None,
        };
        Some(Object { value, data })
    }

    /// Where the data of a stream lies: as long as it says, if its end is there; else up to the next end of a stream.
    fn extent(&self, dict: &Dict, after: usize) -> Range<usize> {
        let start = after
            + match self.bytes.get(after..) {
                Some([b'\r', b'\n', ..]) => 2,
                Some([b'\r' | b'\n', ..]) => 1,
                _ => 0,
            };
        let length = match dict.get(&b"Length"[..]) {
            Some(Value::Ref(number)) => match self.places.get(number) {
                Some(Place::File(at)) => self.parse(self.bytes, *at, false),
                Some(Place::Stream(stream, at)) => self.unpacked.get(*stream).and_then(|b| self.parse(b, *at, false)),
                None => None,
            }
            .map(|object| object.value),
            other => other.cloned(),
        };
        let length = length.as_ref().and_then(Value::code).map(|code| code as usize);
        if let Some(end) = length.and_then(|length| start.checked_add(length)) {
            let tail = self.bytes.get(end..).unwrap_or_default();
            let blanks = tail.iter().take(4).take_while(|byte| byte.is_ascii_whitespace()).count();
            if tail.get(blanks..).is_some_and(|tail| tail.starts_with(b"endstream")) {
                return start..end;
            }
        }
        let rest = self.bytes.get(start..).unwrap_or_default();
        let end = find(rest, b"endstream").unwrap_or(rest.len());
        self.charge(end / VALUE_BYTES);
        start..start + end
    }

    fn search(&mut self) {
        let mut at = 0;
        while let Some((mark, object)) = self.mark(at) {
            at = match object {
                Some(number) => self.indexed(number, mark),
                None => self.trailer_at(mark),
            };
            if self.places.len() > PDF_OBJECTS || self.values.get() == 0 {
                self.note(Unread::TooLarge);
                return;
            }
        }
        let rest = self.bytes.get(at..).unwrap_or_default();
        self.ended = find(rest, b"startxref").or_else(|| find(rest, b"%%EOF")).is_some();
    }

    /// The next object or trailer: the place behind its keyword, and the number of the object.
    fn mark(&self, from: usize) -> Option<(usize, Option<u32>)> {
        let mut at = from;
        loop {
            let rest = self.bytes.get(at..)?;
            at += rest.iter().position(|byte| matches!(byte, b'o' | b't'))?;
            let rest = self.bytes.get(at..)?;
            if rest.starts_with(b"obj")
                && let Some(number) = self.number_before(at)
            {
                return Some((at + 3, Some(number)));
            }
            if rest.starts_with(b"trailer") {
                return Some((at + 7, None));
            }
            at += 1;
        }
    }

    /// The number of the object in `12 0 obj`, read backwards.
    fn number_before(&self, at: usize) -> Option<u32> {
        let before = self.bytes.get(at.saturating_sub(24)..at)?;
        let mut words = before.rsplit(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
        let digits = |word: &[u8]| {
            let start = word.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
            std::str::from_utf8(word.get(start..)?).ok()?.parse::<u32>().ok()
        };
        let generation = words.next()?;
        if !generation.iter().all(u8::is_ascii_digit) {
            return None;
        }
        digits(words.next()?)
    }

    /// Takes an object into the table; the place to go on.
    fn indexed(&mut self, number: u32, at: usize) -> usize {
        self.places.insert(number, Place::File(at));
        let mut lexer = self.lexer(self.bytes, at);
        let value = lexer.value();
        let end = lexer.at().max(at);
        let next = lexer.value();
        let after = lexer.at();
        self.done(&lexer, at);
        // A string without an end swallows the objects behind it: go on at the end of this one.
        let inside = self.bytes.get(at..end).unwrap_or_default();
        let end = find(inside, b"endobj").map_or(end, |length| at + length);
        let Some(Value::Dict(dict)) = value else { return end };
        let kind = dict.get(&b"Type"[..]).and_then(Value::name);
        if kind == Some(b"Page") {
            self.pages.push(number);
        }
        if !next.is_some_and(|next| next.is_word(b"stream")) {
            return end;
        }
        let range = self.extent(&dict, after);
        let past = range.end;
        match kind {
            Some(b"XRef") => self.remember(dict),
            Some(b"ObjStm") => self.unpack(Object { value: Value::Dict(dict), data: Some(range) }),
            _ => {}
        }
        past
    }

    fn trailer_at(&mut self, at: usize) -> usize {
        let mut lexer = self.lexer(self.bytes, at);
        let value = lexer.value();
        let end = lexer.at();
        self.done(&lexer, at);
        if let Some(Value::Dict(dict)) = value {
            self.remember(dict);
        }
        end.max(at)
    }

    fn remember(&mut self, dict: Dict) {
        let wanted = |key: &[u8]| matches!(key, b"Root" | b"Encrypt" | b"Info");
        self.trailer.extend(dict.into_iter().filter(|(key, value)| wanted(key) && !value.is_word(b"null")));
    }

    /// Takes the objects of an object stream into the table.
    fn unpack(&mut self, object: Object) {
        let Value::Dict(dict) = &object.value else { return };
        let number = |key: &[u8]| self.get(dict, key).as_ref().and_then(Value::code).map(|code| code as usize);
        let (count, first) = (number(b"N").unwrap_or(0), number(b"First").unwrap_or(0));
        let Some(data) = self.data(&object) else { return };
        let stream = self.unpacked.len();
        let mut lexer = Lexer::new(&data, 0, count.saturating_mul(2).min(self.values.get()));
        let mut found = Vec::new();
        while let (Some(number), Some(offset)) = (lexer.value(), lexer.value()) {
            let (Some(number), Some(offset)) = (number.code(), offset.code()) else { break };
            found.push((number, first.saturating_add(offset as usize)));
            if found.len() > PDF_OBJECTS {
                break;
            }
        }
        self.charge(lexer.count());
        for (number, at) in found {
            self.places.insert(number, Place::Stream(stream, at));
            // Whether it is a page is asked of the few that begin like one, when the tree of pages is lost.
            if data.get(at..).is_some_and(|rest| find(rest.get(..200).unwrap_or(rest), b"/Page").is_some()) {
                self.pages.push(number);
            }
        }
        self.unpacked.push(Rc::unwrap_or_clone(data));
    }
}

/// Where `needle` begins.
pub fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        at += rest.iter().position(|byte| *byte == first)?;
        if bytes.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
}
