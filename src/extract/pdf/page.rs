//! What a page draws: the operators that show text, and those that say where.
//!
//! Limits: every operand and operator is counted, over all pages; forms within forms are bounded, and cycles of them
//! end.

use super::{
    document::Document,
    filter,
    font::Font,
    line::{Line, Spot},
    matrix::Matrix,
    value::{self, Dict, Lexer, Value},
};
use crate::extract::{
    Sink, Unread,
    limits::{PDF_FONTS, PDF_FORMS, PDF_HELD_VALUES, PDF_MAPPINGS, PDF_OPERAND_VALUES},
};
use std::{collections::HashMap, rc::Rc};

/// What all pages share.
pub struct Drawing<'d, 'a> {
    document: &'d Document<'a>,
    fonts: HashMap<u32, Rc<Font>>,
    forms: HashMap<u32, Rc<Vec<u8>>>,
    mappings: usize,
    line: Line,
    /// Glyphs that were shown, and those of which nobody knows what they mean.
    pub shown: usize,
    pub unmapped: usize,
    /// The page that is drawn has a picture.
    pub picture: bool,
    saved: usize,
    held: usize,
}

#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_gap: f64,
    word_gap: f64,
    stretch: f64,
    leading: f64,
}

/// Where text goes next.
struct Place {
    start: Matrix,
    now: Matrix,
}

/// States that may be saved at once, in all forms together.
const SAVED: usize = 4096;

impl<'d, 'a> Drawing<'d, 'a> {
    /// Nothing is drawn yet.
    pub fn new(document: &'d Document<'a>) -> Self {
        Self {
            document,
            fonts: HashMap::new(),
            forms: HashMap::new(),
            mappings: 0,
            line: Line::default(),
            shown: 0,
            unmapped: 0,
            picture: false,
            saved: 0,
            held: 0,
        }
    }

    /// Draws one page.
    pub fn page(&mut self, page: &Dict, resources: &Dict, sink: &mut Sink) {
        let streams = match page.get(&b"Contents"[..]) {
            Some(Value::Array(array)) => array.clone(),
            Some(value) => match self.document.resolve(value) {
                Some(Value::Array(array)) => array,
                _ => vec![value.clone()],
            },
            None => Vec::new(),
        };
        let content = self.joined(&streams);
        let state = State {
            matrix: Matrix::IDENTITY,
            font: None,
            size: 1.0,
            letter_gap: 0.0,
            word_gap: 0.0,
            stretch: 1.0,
            leading: 0.0,
        };
        self.content(&content, resources, state, 0, sink);
        self.line.end(sink);
    }

    /// The streams of a page, with a blank between them.
    fn joined(&self, streams: &[Value]) -> Rc<Vec<u8>> {
        let mut joined = Rc::new(Vec::new());
        for (at, stream) in streams.iter().enumerate() {
            let Value::Ref(number) = stream else { continue };
            match self.document.object(*number).and_then(|object| self.document.data(&object)) {
                Some(data) if at == 0 => joined = data,
                Some(data) => {
                    let all = Rc::make_mut(&mut joined);
                    all.push(b'\n');
                    all.extend_from_slice(&data);
                }
                None => self.document.note(Unread::Broken),
            }
        }
        joined
    }

    /// Takes values into memory until they are released; `false` if that would be too many.
    pub fn hold(&mut self, values: usize) -> bool {
        let fits = self.held + values <= PDF_HELD_VALUES;
        match fits {
            true => self.held += values,
            false => self.document.note(Unread::TooLarge),
        }
        fits
    }

    /// Releases them.
    pub fn release(&mut self, values: usize) {
        self.held = self.held.saturating_sub(values);
    }

    /// Draws the content of a page or form.
    fn content(&mut self, content: &[u8], resources: &Dict, state: State, depth: usize, sink: &mut Sink) {
        let mut scene = Scene {
            state,
            stack: Vec::new(),
            place: Place { start: Matrix::IDENTITY, now: Matrix::IDENTITY },
            fonts: HashMap::new(),
            resources,
            depth,
        };
        let mut lexer = Lexer::new(content, 0, PDF_OPERAND_VALUES);
        let mut operands: Vec<Value> = Vec::new();
        let mut counted = (0, 0);
        while let Some(value) = lexer.value() {
            let (values, at) = (lexer.count(), lexer.at());
            let cost = (values - counted.0).max(at.saturating_sub(counted.1) / 64);
            counted = (values, at);
            if !self.document.charge(cost) || sink.is_full() {
                return;
            }
            match value {
                Value::Word(word) if word == b"BI" => {
                    self.picture = true;
                    lexer.seek(after_picture(content, lexer.at()));
                }
                Value::Word(word) => self.operator(&word, &operands, &mut scene, sink),
                value => {
                    operands.push(value);
                    continue;
                }
            }
            operands.clear();
            lexer.allow(PDF_OPERAND_VALUES);
        }
        self.saved -= scene.stack.len();
        if lexer.too_deep {
            self.document.note(Unread::TooDeep);
        } else if lexer.is_spent() {
            self.document.note(Unread::TooLarge);
        }
    }

    fn operator(&mut self, word: &[u8], operands: &[Value], scene: &mut Scene<'_>, sink: &mut Sink) {
        let number = |at: usize| operands.get(at).and_then(Value::number).unwrap_or(0.0);
        let string = |at: usize| operands.get(at).and_then(Value::string).unwrap_or_default();
        match word {
            b"q" if self.saved < SAVED => {
                scene.stack.push(scene.state.clone());
                self.saved += 1;
            }
            b"Q" => {
                if let Some(state) = scene.stack.pop() {
                    scene.state = state;
                    self.saved -= 1;
                }
            }
            b"cm" => {
                scene.state.matrix = Matrix::of(operands).map_or(scene.state.matrix, |m| m.then(scene.state.matrix))
            }
            b"BT" => scene.place = Place { start: Matrix::IDENTITY, now: Matrix::IDENTITY },
            b"Tf" => {
                scene.state.size = number(1);
                scene.state.font = operands.first().and_then(Value::name).and_then(|name| self.font(name, scene));
            }
            b"Tc" => scene.state.letter_gap = number(0),
            b"Tw" => scene.state.word_gap = number(0),
            b"Tz" => scene.state.stretch = number(0) / 100.0,
            b"TL" => scene.state.leading = number(0),
            b"Td" => scene.place.next(number(0), number(1)),
            b"TD" => {
                scene.state.leading = -number(1);
                scene.place.next(number(0), number(1));
            }
            b"Tm" => {
                if let Some(matrix) = Matrix::of(operands) {
                    scene.place = Place { start: matrix, now: matrix };
                }
            }
            b"T*" => scene.place.next(0.0, -scene.state.leading),
            b"Tj" => self.show(string(0), scene, sink),
            b"TJ" => self.show_all(operands.first(), scene, sink),
            b"'" => {
                scene.place.next(0.0, -scene.state.leading);
                self.show(string(0), scene, sink);
            }
            b"\"" => {
                (scene.state.word_gap, scene.state.letter_gap) = (number(0), number(1));
                scene.place.next(0.0, -scene.state.leading);
                self.show(string(2), scene, sink);
            }
            b"Do" => {
                if let Some(name) = operands.first().and_then(Value::name) {
                    self.draw(name, scene, sink);
                }
            }
            _ => {}
        }
    }

    fn show_all(&mut self, items: Option<&Value>, scene: &mut Scene<'_>, sink: &mut Sink) {
        let Some(Value::Array(items)) = items else { return };
        for item in items {
            match item {
                Value::String(string) => self.show(string, scene, sink),
                item => {
                    let by = -item.number().unwrap_or(0.0) / 1000.0 * scene.state.size * scene.state.stretch;
                    scene.place.now = Matrix::moved(by, 0.0).then(scene.place.now);
                }
            }
        }
    }

    fn show(&mut self, string: &[u8], scene: &mut Scene<'_>, sink: &mut Sink) {
        let Some(font) = scene.state.font.clone() else { return };
        // A string is one value, however many glyphs it shows.
        if !self.document.charge(string.len()) {
            return;
        }
        let state = &scene.state;
        let now = &mut scene.place.now;
        font.glyphs(string, |glyph| {
            let gap = state.letter_gap + if glyph.space { state.word_gap } else { 0.0 };
            let width = (glyph.width / 1000.0 * state.size + gap) * state.stretch;
            let matrix = now.then(state.matrix);
            let ((x, y), (across, along)) = (matrix.origin(), matrix.across());
            let spot = Spot { x, y, along, size: (state.size * matrix.up()).abs(), width: width * across };
            self.shown += 1;
            match &glyph.text {
                Some(text) => self.line.glyph(text, spot, sink),
                None => self.unmapped += 1,
            }
            *now = Matrix::moved(width, 0.0).then(*now);
        });
    }

    fn font(&mut self, name: &[u8], scene: &mut Scene<'_>) -> Option<Rc<Font>> {
        if let Some(font) = scene.fonts.get(name) {
            return font.clone();
        }
        let font = self.read_font(name, scene.resources);
        scene.fonts.insert(name.to_vec(), font.clone());
        font
    }

    fn read_font(&mut self, name: &[u8], resources: &Dict) -> Option<Rc<Font>> {
        let value = self.document.member(resources, b"Font", name)?;
        if let Value::Ref(number) = &value
            && let Some(font) = self.fonts.get(number)
        {
            return Some(Rc::clone(font));
        }
        if self.fonts.len() >= PDF_FONTS || self.mappings > PDF_MAPPINGS {
            self.document.note(Unread::TooLarge);
            return None;
        }
        let Some(Value::Dict(dict)) = self.document.resolve(&value) else { return None };
        let font = Rc::new(Font::read(&dict, self.document, &mut self.mappings));
        if let Value::Ref(number) = value {
            self.fonts.insert(number, Rc::clone(&font));
        }
        Some(font)
    }

    /// Draws a form, or notes a picture.
    fn draw(&mut self, name: &[u8], scene: &mut Scene<'_>, sink: &mut Sink) {
        let Some(Value::Ref(number)) = self.document.member(scene.resources, b"XObject", name) else { return };
        let Some(object) = self.document.object(number) else { return };
        let Value::Dict(dict) = &object.value else { return };
        match self.document.get(dict, b"Subtype").as_ref().and_then(Value::name) {
            Some(b"Image") => self.picture = true,
            Some(b"Form") if scene.depth < PDF_FORMS => {
                let data = match self.forms.get(&number) {
                    Some(data) => Some(Rc::clone(data)),
                    None => self.document.data(&object),
                };
                let Some(data) = data else { return };
                self.forms.insert(number, Rc::clone(&data));
                let own = self.document.dict(dict, b"Resources");
                let mut state = scene.state.clone();
                if let Some(Value::Array(matrix)) = self.document.get(dict, b"Matrix")
                    && let Some(matrix) = Matrix::of(&matrix)
                {
                    state.matrix = matrix.then(state.matrix);
                }
                drop(object);
                let values = own.as_ref().map_or(0, value::weight);
                if self.hold(values) {
                    self.content(&data, own.as_ref().unwrap_or(scene.resources), state, scene.depth + 1, sink);
                    self.release(values);
                }
            }
            Some(b"Form") => self.document.note(Unread::TooDeep),
            _ => {
                let filter = self.document.get(dict, b"Filter");
                self.picture |= filter.as_ref().and_then(Value::name).is_some_and(filter::is_picture);
            }
        }
    }
}

/// The content that is being drawn.
struct Scene<'r> {
    state: State,
    stack: Vec<State>,
    place: Place,
    fonts: HashMap<Vec<u8>, Option<Rc<Font>>>,
    resources: &'r Dict,
    depth: usize,
}

impl Place {
    /// Goes to the next line, `x` and `y` from the beginning of this one.
    fn next(&mut self, x: f64, y: f64) {
        self.start = Matrix::moved(x, y).then(self.start);
        self.now = self.start;
    }
}

/// Where a picture within the content ends: at `EI` between blanks, after `ID`.
fn after_picture(content: &[u8], from: usize) -> usize {
    let words = content.get(from..).unwrap_or_default().windows(4).enumerate();
    let end = |window: &[u8]| match window {
        [before, b'E', b'I', after] => before.is_ascii_whitespace() && after.is_ascii_whitespace(),
        _ => false,
    };
    words.into_iter().find(|(_, window)| end(window)).map_or(content.len(), |(at, _)| from + at + 4)
}
