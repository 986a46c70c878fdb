//! From characters to tokens: operators, words, phrases, restrictions, with their places.
//!
//! Contract: never panics, linear in the query. What looks like a restriction and is none (`http://x`, `10:30`) stays
//! text; an unknown property is an error, never a word by accident.

use super::{
    error::{QueryError, Warning, WarningCode},
    leaf::Gap,
    token::{Each, Text, Token, TokenKind},
    words,
};
use crate::model::limits::NEAR_TOKENS;
use std::ops::Range;

/// The tokens of a query, and what was odd about them.
///
/// # Errors
/// An unclosed quotation mark, a `*` in a wrong place, an unknown property, an operator with a wrong argument.
pub(super) fn lex(query: &str) -> Result<(Vec<Token>, Vec<Warning>), QueryError> {
    let mut lexer = Lexer { query: query.to_owned(), end: query.len(), ..Lexer::default() };
    lexer.read_chars(query);
    while let Some(c) = lexer.peek(0) {
        if c.is_whitespace() {
            lexer.at += 1;
        } else {
            lexer.token(c)?;
        }
    }
    lexer.warn_lowercase_operators();
    Ok((lexer.tokens, lexer.warnings))
}

#[derive(Default)]
pub(super) struct Lexer {
    /// As it was typed.
    query: String,
    /// Characters with the byte where each begins; marks left out, typographic quotes made straight.
    pub(super) chars: Vec<(usize, char)>,
    /// The byte behind each of them in the query as it was typed.
    ends: Vec<usize>,
    pub(super) at: usize,
    end: usize,
    tokens: Vec<Token>,
    warnings: Vec<Warning>,
    /// Warnings that offer another query.
    offers: usize,
}

/// What NEAR allows between its operands where no number is given.
const NEAR_DEFAULT: u32 = 8;
/// Characters of `(c:c)` and `(c:s)`.
const MARK_CHARS: usize = 5;
/// Warnings of one query that offer another query instead: each offer is as long as the query, and there may be thousands.
const OFFERS: usize = 20;

impl Lexer {
    fn read_chars(&mut self, query: &str) {
        let (mut marks, mut quotes) = (None, None);
        for (at, c) in query.char_indices() {
            let span = at..at + c.len_utf8();
            match c {
                // Inside an emoji the joiner means something, so it is not among these.
                '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' => _ = marks.get_or_insert(span),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => _ = marks.get_or_insert(span),
                c if c.is_control() && !c.is_whitespace() => _ = marks.get_or_insert(span),
                '\u{201c}'..='\u{201f}' | '\u{ff02}' => {
                    self.ends.push(span.end);
                    quotes.get_or_insert(span);
                    self.chars.push((at, '"'));
                }
                c => {
                    self.ends.push(span.end);
                    self.chars.push((at, c));
                }
            }
        }
        let cleaned: String = self.chars.iter().map(|(_, c)| *c).collect();
        if let Some(span) = marks {
            let text = "control characters, direction marks and zero-width characters were ignored";
            self.warn(WarningCode::MarksIgnored, &span, text);
            self.instead(0..self.end, &cleaned);
        }
        if let Some(span) = quotes {
            self.warn(WarningCode::SmartQuotes, &span, "typographic quotation marks were taken for \"");
            self.instead(0..self.end, &cleaned);
        }
    }

    pub(super) fn warn(&mut self, code: WarningCode, span: &Range<usize>, message: impl Into<String>) {
        self.warnings.push(Warning::new(code, span, message));
    }

    /// What the last warning offers: the query with another text at `span`.
    pub(super) fn instead(&mut self, span: Range<usize>, text: &str) {
        if self.offers >= OFFERS {
            return;
        }
        self.offers += 1;
        let query = self.with(span, text);
        if let Some(warning) = self.warnings.last_mut() {
            warning.instead = Some(query);
        }
    }

    /// The query with another text at `span`.
    fn with(&self, span: Range<usize>, text: &str) -> String {
        let mut query = self.query.clone();
        if query.is_char_boundary(span.start) && query.is_char_boundary(span.end) && span.start <= span.end {
            query.replace_range(span, text);
        }
        query
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).map(|(_, c)| *c)
    }

    /// The byte where the character at `index` begins; the end of the query behind the last one.
    pub(super) fn byte(&self, index: usize) -> usize {
        self.chars.get(index).map_or(self.end, |(at, _)| *at)
    }

    /// The bytes from character `from` up to the end of the character before `to`.
    pub(super) fn span(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.byte(from);
        let last = to.checked_sub(1).filter(|last| *last >= from).and_then(|last| self.ends.get(last));
        start..last.map_or(start, |end| *end)
    }

    pub(super) fn text(&self, from: usize, to: usize) -> String {
        self.chars.iter().skip(from).take(to.saturating_sub(from)).map(|(_, c)| *c).collect()
    }

    fn push(&mut self, kind: TokenKind, from: usize) {
        let span = self.span(from, self.at);
        self.tokens.push(Token { kind, span });
    }

    fn token(&mut self, c: char) -> Result<(), QueryError> {
        let from = self.at;
        match c {
            '(' => {
                let mark = self.mark(from);
                self.at += if mark.is_some() { MARK_CHARS } else { 1 };
                self.push(mark.unwrap_or(TokenKind::Open), from);
            }
            ')' => {
                self.at += 1;
                self.push(TokenKind::Close, from);
            }
            '"' => {
                let text = self.quoted()?;
                self.push(TokenKind::Phrase(text), from);
            }
            _ => self.lexeme(c)?,
        }
        Ok(())
    }

    /// The mark that stands at `at`.
    pub(super) fn mark(&self, at: usize) -> Option<TokenKind> {
        match self.text(at, at + MARK_CHARS).to_ascii_lowercase().as_str() {
            "(c:c)" => Some(TokenKind::ConditionMark),
            "(c:s)" => Some(TokenKind::RowMark),
            _ => None,
        }
    }

    /// Where the lexeme that begins at `from` ends: before white space, a parenthesis or a quotation mark.
    pub(super) fn lexeme_end(&self, from: usize) -> usize {
        let rest = self.chars.iter().skip(from);
        from + rest.take_while(|(_, c)| !c.is_whitespace() && !matches!(c, '(' | ')' | '"')).count()
    }

    fn lexeme(&mut self, first: char) -> Result<(), QueryError> {
        let (from, end) = (self.at, self.lexeme_end(self.at));
        let raw = self.text(from, end);
        let touches = matches!(self.chars.get(end), Some((_, '(' | '"')));
        let special = words::wanted(&raw, false).tokens.is_empty();
        if special && !(touches && raw.chars().all(|c| matches!(c, '-' | '+'))) {
            return self.special(&raw, from, end);
        }
        let digit_next = self.peek(1).is_some_and(|c| c.is_ascii_digit());
        match first {
            '-' => {
                self.at += 1;
                self.push(TokenKind::Minus, from);
                Ok(())
            }
            '+' if !digit_next => {
                self.at += 1;
                self.push(TokenKind::Plus, from);
                Ok(())
            }
            _ => match self.restriction()? {
                Some(kind) => {
                    self.push(kind, from);
                    Ok(())
                }
                None => self.word(&raw, from, end),
            },
        }
    }

    /// A lexeme without a letter, a digit or an emoji.
    fn special(&mut self, raw: &str, from: usize, end: usize) -> Result<(), QueryError> {
        let span = self.span(from, end);
        if raw.contains('*') {
            let error = QueryError::new(span, "a `*` must follow the beginning of a word");
            return Err(error.hint("write for instance contr*; a blank query finds everything"));
        }
        if raw.starts_with('+') {
            let error = QueryError::new(span, "a `+` must touch the word behind it");
            return Err(error.hint("write a AND b, or quote the text: \"a + b\""));
        }
        self.at = end;
        let (code, text) = match raw.chars().next() {
            Some('<' | '>' | '=' | ':') => {
                let text = "stands alone and was ignored: no white space may stand around an operator";
                (WarningCode::SpaceAfterOperator, text)
            }
            Some('-') if raw == "-" => {
                let text = "stands alone and was ignored: to exclude a word, it must touch it";
                (WarningCode::SpaceAfterOperator, text)
            }
            _ => (WarningCode::SpecialCharacters, "has no letter or digit and was ignored"),
        };
        self.warn(code, &span, format!("`{raw}` {text}"));
        Ok(())
    }

    fn word(&mut self, raw: &str, from: usize, end: usize) -> Result<(), QueryError> {
        self.at = end;
        if let Some(kind) = self.called(raw, from)? {
            self.push(kind, from);
            return Ok(());
        }
        let kind = match raw {
            "AND" => TokenKind::And,
            "OR" => TokenKind::Or,
            "NOT" => TokenKind::Not,
            _ => {
                if raw.starts_with(['<', '>', '=', ':']) {
                    let text = "this is text: no white space may stand between a property and its operator";
                    self.warn(WarningCode::SpaceAfterOperator, &self.span(from, end), text);
                }
                TokenKind::Word(self.starred(from, end)?)
            }
        };
        self.push(kind, from);
        Ok(())
    }

    /// An operator that takes something in parentheses.
    fn called(&mut self, raw: &str, from: usize) -> Result<Option<TokenKind>, QueryError> {
        let open = self.peek(0) == Some('(');
        Ok(Some(match raw {
            "NEAR" | "ONEAR" => {
                let most = if open { self.near_argument(raw)? } else { NEAR_DEFAULT };
                TokenKind::Near(Gap { most, ordered: raw == "ONEAR" })
            }
            "ANY" if open => TokenKind::Each(Each::Any),
            "ALL" if open => TokenKind::Each(Each::All),
            "NONE" if open => TokenKind::Each(Each::None),
            "XRANK" if open => {
                self.argument(raw)?;
                TokenKind::Rank
            }
            "WORDS" if open => TokenKind::Words(self.listed(from)?),
            _ => return Ok(None),
        }))
    }

    /// The characters between the parenthesis that stands here and the next closing one outside of quotation marks, which
    /// is passed.
    fn argument(&mut self, raw: &str) -> Result<Range<usize>, QueryError> {
        let open = self.at;
        let mut quoted = false;
        let closes = |(_, c): &(usize, char)| {
            quoted ^= *c == '"';
            *c == ')' && !quoted
        };
        let length = self.chars.iter().skip(open).position(closes);
        let Some(length) = length else {
            if let Some(quote) = self.chars.iter().rposition(|(_, c)| *c == '"').filter(|at| quoted && *at > open) {
                self.at = quote;
                self.quoted()?;
            }
            let error = QueryError::new(self.span(open, open + 1), "this parenthesis is never closed");
            return Err(error.hint(format!("write for instance {raw}(…)")));
        };
        self.at = open + length + 1;
        Ok(open + 1..open + length)
    }

    /// `(5)` or `(n=5)`.
    fn near_argument(&mut self, raw: &str) -> Result<u32, QueryError> {
        let inside = self.argument(raw)?;
        let text = self.text(inside.start, inside.end).trim().to_ascii_lowercase();
        let named = text.strip_prefix('n').and_then(|rest| rest.trim_start().strip_prefix('='));
        let digits = named.unwrap_or(&text).trim();
        let number = digits.parse::<u32>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        match number {
            Some(number) if number <= NEAR_TOKENS => Ok(number),
            Some(_) => {
                let message = format!("{raw} takes at most {NEAR_TOKENS} words");
                Err(QueryError::new(self.span(inside.start, inside.end), message).hint("use AND for words far apart"))
            }
            None => {
                let message = match text.is_empty() {
                    true => format!("{raw}() has no number"),
                    false => format!("`{text}` is not a number of words"),
                };
                let error = QueryError::new(self.span(inside.start.saturating_sub(1), inside.end + 1), message);
                Err(error.hint(format!("write {raw}(5); put a blank behind {raw} if a group follows")))
            }
        }
    }

    /// The words and phrases of `WORDS(a, "b c", d*)`.
    fn listed(&mut self, from: usize) -> Result<Vec<Text>, QueryError> {
        let inside = self.argument("WORDS")?;
        let (mut items, mut at) = (Vec::new(), inside.start);
        while at < inside.end {
            let c = self.chars.get(at).map(|(_, c)| *c);
            if c.is_some_and(|c| c.is_whitespace() || c == ',' || c == ';') {
                at += 1;
            } else if c == Some('"') {
                self.at = at;
                items.push(self.quoted()?);
                at = self.at;
            } else {
                let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"');
                let rest = self.chars.iter().take(inside.end).skip(at);
                let end = at + rest.take_while(|(_, c)| !ends(*c)).count();
                items.push(self.starred(at, end)?);
                at = end;
            }
        }
        self.at = at.max(inside.end) + 1;
        if items.is_empty() {
            let error = QueryError::new(self.span(from, self.at), "WORDS names no word");
            return Err(error.hint("write WORDS(cat, dog)"));
        }
        Ok(items)
    }

    /// The text of a phrase, from the opening quotation mark through the closing one.
    pub(super) fn quoted(&mut self) -> Result<Text, QueryError> {
        let open = self.at;
        let inside = open + 1;
        let length = self.chars.iter().skip(inside).position(|(_, c)| *c == '"');
        let Some(length) = length else {
            let error = QueryError::new(self.span(open, inside), "the quotation mark is never closed");
            return Err(error.hint("add a \" at the end of the phrase"));
        };
        let close = inside + length;
        self.at = close + 1;
        self.starred(inside, close)
    }

    /// The characters `from..end` with a `*` at most at the end.
    pub(super) fn starred(&self, from: usize, end: usize) -> Result<Text, QueryError> {
        // The keycap `*️⃣` is an emoji.
        let keycap = |index: usize| matches!(self.chars.get(index + 1), Some((_, '\u{fe0f}' | '\u{20e3}')));
        let is_star = |index: &usize| self.chars.get(*index).is_some_and(|(_, c)| *c == '*') && !keycap(*index);
        let stars: Vec<usize> = (from..end).filter(is_star).collect();
        let star = match stars.as_slice() {
            [] => false,
            [only] if *only + 1 == end && end - from > 1 => true,
            [first, ..] => {
                let message = match *first == from {
                    true => "a `*` cannot stand at the beginning",
                    false => "a `*` can stand only at the end of a word or phrase",
                };
                let error = QueryError::new(self.span(*first, *first + 1), message);
                return Err(error.hint("only beginnings can be searched: contr* finds contract and contractor"));
            }
        };
        let text = self.text(from, if star { end - 1 } else { end });
        Ok(Text { text, star, span: self.span(from, end) })
    }

    /// `and`, `or`, `not` between two operands are words; many who type them mean the operator.
    fn warn_lowercase_operators(&mut self) {
        let tokens = std::mem::take(&mut self.tokens);
        for (index, token) in tokens.iter().enumerate() {
            let TokenKind::Word(Text { text, .. }) = &token.kind else { continue };
            let is_operand = |token: &Token| !matches!(token.kind, TokenKind::And | TokenKind::Or);
            let before = index.checked_sub(1).and_then(|before| tokens.get(before));
            let between = before.is_some_and(is_operand) && tokens.get(index + 1).is_some_and(is_operand);
            if between && ["and", "or", "not"].iter().any(|operator| operator.eq_ignore_ascii_case(text)) {
                let upper = text.to_ascii_uppercase();
                let message = format!("`{text}` is searched as a word; the operator is written {upper}");
                self.warn(WarningCode::LowercaseOperator, &token.span, message);
                self.instead(token.span.clone(), &upper);
            }
        }
        self.tokens = tokens;
    }
}
