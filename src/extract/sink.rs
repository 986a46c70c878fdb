//! Where text is collected: bounded, with the breaks between blocks, and the first reason why it is not all.

use super::{Extracted, Unread, limits::TEXT_CHARS};

/// Collects the text of one attachment.
#[derive(Debug, Default)]
pub struct Sink {
    text: String,
    chars: usize,
    gap: Gap,
    unread: Option<Unread>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
}

impl Sink {
    /// Adds text; what does not fit is left out, and said.
    pub fn push(&mut self, text: &str) {
        if text.is_empty() || self.is_full() {
            return;
        }
        self.close_gap(text);
        let room = TEXT_CHARS.saturating_sub(self.chars);
        if text.len() <= room {
            self.text.push_str(text);
            self.chars += text.chars().count();
            return;
        }
        let end = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
        let kept = text.get(..end).unwrap_or_default();
        self.text.push_str(kept);
        self.chars += kept.chars().count();
        if end < text.len() {
            self.note(Unread::TooLarge);
        }
    }

    /// Adds one character.
    pub fn push_char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    /// What follows is another block.
    pub fn line(&mut self) {
        self.gap = Gap::Line;
    }

    /// What follows is another word.
    pub fn space(&mut self) {
        self.gap = self.gap.max(Gap::Space);
    }

    /// A block of its own.
    pub fn block(&mut self, text: &str) {
        self.line();
        self.push(text.trim());
        self.line();
    }

    /// Notes why text is missing; the first reason stays.
    pub fn note(&mut self, unread: Unread) {
        self.unread.get_or_insert(unread);
    }

    /// Whether nothing more fits.
    pub fn is_full(&mut self) -> bool {
        let full = self.chars >= TEXT_CHARS;
        if full {
            self.note(Unread::TooLarge);
        }
        full
    }

    /// Whether there is no letter yet, only blanks.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Bytes collected so far.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// What was collected.
    pub fn finish(mut self) -> Extracted {
        self.text.truncate(self.text.trim_end().len());
        Extracted { text: self.text, unread: self.unread }
    }

    fn close_gap(&mut self, next: &str) {
        let gap = std::mem::take(&mut self.gap);
        let spaced = |c: char| c.is_whitespace();
        if self.text.is_empty() {
            return;
        }
        match gap {
            Gap::Line if !self.text.ends_with('\n') => self.text.push('\n'),
            Gap::Space if !self.text.ends_with(spaced) && !next.starts_with(spaced) => self.text.push(' '),
            _ => return,
        }
        self.chars += 1;
    }
}
