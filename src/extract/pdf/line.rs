//! Glyphs that were drawn, as lines of text: where a gap between two is a blank, and where a line ends.
//!
//! Arabic and Hebrew are mostly drawn from left to right, as they look; their lines are turned round into the order
//! in which they are read. Columns come as they are drawn.

use crate::extract::{Sink, limits::PDF_LINE_GLYPHS};

/// A gap wider than this part of the size of the font is a blank; kerning stays below, and the narrowest blanks above
/// it.
const BLANK: f64 = 0.17;
/// A glyph higher or lower than this part of the size of the font is on another line; raised numbers are not.
const RAISED: f64 = 0.6;

/// Where a glyph stands on the page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    /// Its origin.
    pub x: f64,
    pub y: f64,
    /// The direction of the line, of length one.
    pub along: (f64, f64),
    /// The size of the font.
    pub size: f64,
    /// How far it moves.
    pub width: f64,
}

/// The line that is being drawn.
#[derive(Default)]
pub struct Line {
    text: String,
    units: Vec<Unit>,
    last: Option<Spot>,
}

struct Unit {
    start: usize,
    end: usize,
    side: Side,
    /// It stands to the left of the one before.
    back: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    /// Digits are read from the left in every script, and say nothing of the line.
    Number,
    Right,
    Neither,
}

impl Line {
    /// A glyph is drawn.
    pub fn glyph(&mut self, text: &str, spot: Spot, sink: &mut Sink) {
        let mut back = false;
        if let Some(last) = self.last {
            let (dx, dy) = (spot.x - last.x, spot.y - last.y);
            let along = dx * last.along.0 + dy * last.along.1;
            let across = (dy * last.along.0 - dx * last.along.1).abs();
            let size = last.size.max(spot.size);
            back = along < 0.0;
            if across > RAISED * size {
                self.end(sink);
                back = false;
            } else if self.is_blank(along, &last, &spot, size) {
                self.add(" ", back);
            }
        }
        self.add(text, back);
        self.last = Some(spot);
        if self.units.len() >= PDF_LINE_GLYPHS {
            self.flush(sink);
        }
    }

    /// The line ends.
    pub fn end(&mut self, sink: &mut Sink) {
        self.flush(sink);
        sink.line();
        self.last = None;
    }

    /// Whether there is a gap between the glyph before and this one. Letters of Arabic and Hebrew may follow to the
    /// left.
    fn is_blank(&self, along: f64, last: &Spot, spot: &Spot, size: f64) -> bool {
        let ahead = along - last.width;
        let behind = -along - spot.width;
        let gap = if along < 0.0 { behind } else { ahead };
        let backwards = along < 0.0 && !self.units.last().is_some_and(|unit| unit.side == Side::Right);
        gap > BLANK * size || (backwards && ahead < -size / 2.0)
    }

    fn add(&mut self, text: &str, back: bool) {
        if text == " " && self.text.ends_with(' ') {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.units.push(Unit { start, end: self.text.len(), side: side(text), back });
    }

    fn flush(&mut self, sink: &mut Sink) {
        let count = |side: Side| self.units.iter().filter(|unit| unit.side == side).count();
        let (left, right) = (count(Side::Left), count(Side::Right));
        if right > 0 && !self.is_logical() {
            if right > left {
                self.units.reverse();
                turn(&mut self.units, |side| matches!(side, Side::Left | Side::Number), Side::Right);
            } else {
                turn(&mut self.units, |side| side == Side::Right, Side::Left);
            }
        }
        for unit in &self.units {
            sink.push(self.text.get(unit.start..unit.end).unwrap_or_default());
        }
        self.text.clear();
        self.units.clear();
    }

    /// Whether letters that are read to the left are drawn to the left: they come in the order of reading already.
    fn is_logical(&self) -> bool {
        let letters = || {
            self.units.windows(2).filter_map(|pair| match pair {
                [first, second] if first.side == Side::Right && second.side == Side::Right => Some(second.back),
                _ => None,
            })
        };
        letters().filter(|back| *back).count() * 2 > letters().count()
    }
}

/// Turns every run round that begins and ends with a glyph that is `strong` and has none of the `other` side in it.
fn turn(units: &mut [Unit], strong: fn(Side) -> bool, other: Side) {
    let mut at = 0;
    while let Some(start) = units.iter().skip(at).position(|unit| strong(unit.side)).map(|next| at + next) {
        let stop = units.iter().skip(start).position(|unit| unit.side == other);
        let stop = stop.map_or(units.len(), |next| start + next);
        let run = units.get_mut(start..stop).unwrap_or_default();
        let length = run.iter().rposition(|unit| strong(unit.side)).map_or(0, |last| last + 1);
        run.get_mut(..length).unwrap_or_default().reverse();
        at = stop;
    }
}

/// On which side a letter begins to be read.
fn side(text: &str) -> Side {
    match text.chars().next() {
        Some('\u{660}'..='\u{669}' | '\u{6F0}'..='\u{6F9}') => Side::Number,
        Some('\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}') => Side::Right,
        Some(c) if c.is_numeric() => Side::Number,
        Some(c) if c.is_alphabetic() => Side::Left,
        _ => Side::Neither,
    }
}
