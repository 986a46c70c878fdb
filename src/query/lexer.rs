//! From characters to tokens: operators, words, phrases, restrictions, with their places.
//!
//! Contract: never panics, linear in the query. What looks like a restriction and is none (`http://x`, `10:30`) stays
//! text; an unknown property is an error, never a word by accident.

use super::{
    error::{QueryError, Warning, WarningCode},
    property,
    token::{Op, Text, Token, TokenKind},
    words,
};
use std::ops::Range;

/// The tokens of a query, and what was odd about them.
///
/// # Errors
/// An unclosed quotation mark, a `*` in a wrong place, an unknown property, an operator that this version has not.
pub(super) fn lex(query: &str) -> Result<(Vec<Token>, Vec<Warning>), QueryError> {
    let mut lexer = Lexer { end: query.len(), ..Lexer::default() };
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
struct Lexer {
    /// Characters with the byte where each begins; marks left out, typographic quotes made straight.
    chars: Vec<(usize, char)>,
    /// The byte behind each of them in the query as it was typed.
    ends: Vec<usize>,
    at: usize,
    end: usize,
    tokens: Vec<Token>,
    warnings: Vec<Warning>,
}

/// Operators of Microsoft's language that this version refuses by name.
const LATER: &[&str] = &["NEAR", "ONEAR", "WORDS", "XRANK"];

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
        if let Some(span) = marks {
            let text = "control characters, direction marks and zero-width characters were ignored";
            self.warn(WarningCode::MarksIgnored, &span, text);
        }
        if let Some(span) = quotes {
            self.warn(WarningCode::SmartQuotes, &span, "typographic quotation marks were taken for \"");
        }
    }

    fn warn(&mut self, code: WarningCode, span: &Range<usize>, message: impl Into<String>) {
        self.warnings.push(Warning::new(code, span, message));
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).map(|(_, c)| *c)
    }

    /// The byte where the character at `index` begins; the end of the query behind the last one.
    fn byte(&self, index: usize) -> usize {
        self.chars.get(index).map_or(self.end, |(at, _)| *at)
    }

    /// The bytes from character `from` up to the end of the character before `to`.
    fn span(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.byte(from);
        let last = to.checked_sub(1).filter(|last| *last >= from).and_then(|last| self.ends.get(last));
        start..last.map_or(start, |end| *end)
    }

    fn text(&self, from: usize, to: usize) -> String {
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
                self.at += 1;
                for marker in ["c:c)", "c:s)"] {
                    if self.text(self.at, self.at + 4).eq_ignore_ascii_case(marker) {
                        let message = format!("`({marker}` is not understood by this version");
                        let error = QueryError::new(self.span(from, self.at + 4), message);
                        return Err(error.hint("write the conditions with AND, OR and parentheses"));
                    }
                }
                self.push(TokenKind::Open, from);
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

    /// Where the lexeme that begins at `from` ends: before white space, a parenthesis or a quotation mark.
    fn lexeme_end(&self, from: usize) -> usize {
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
        let text = match raw.chars().next() {
            Some('<' | '>' | '=' | ':') => {
                format!("`{raw}` stands alone and was ignored: no white space may stand around an operator")
            }
            _ => format!("`{raw}` has no letter or digit and was ignored"),
        };
        self.warn(WarningCode::SpecialCharacters, &span, text);
        Ok(())
    }

    fn word(&mut self, raw: &str, from: usize, end: usize) -> Result<(), QueryError> {
        self.at = end;
        let called = self.peek(0) == Some('(');
        if LATER.contains(&raw) && (called || raw.ends_with("NEAR")) {
            let error = QueryError::new(self.span(from, end), format!("`{raw}` is not understood by this version"));
            return Err(error.hint(format!("use AND or a phrase; quote it (\"{raw}\") if the word itself is meant")));
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

    /// The text of a phrase, from the opening quotation mark through the closing one.
    fn quoted(&mut self) -> Result<Text, QueryError> {
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
    fn starred(&self, from: usize, end: usize) -> Result<Text, QueryError> {
        let stars: Vec<usize> =
            (from..end).filter(|index| self.chars.get(*index).is_some_and(|(_, c)| *c == '*')).collect();
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

    fn operator(&self, at: usize) -> Option<(Op, usize)> {
        let char_at = |index: usize| self.chars.get(index).map(|(_, c)| *c);
        match (char_at(at)?, char_at(at + 1)) {
            ('<', Some('>')) => Some((Op::IsNot, 2)),
            ('<', Some('=')) => Some((Op::LessOrEqual, 2)),
            ('>', Some('=')) => Some((Op::GreaterOrEqual, 2)),
            ('<', _) => Some((Op::Less, 1)),
            ('>', _) => Some((Op::Greater, 1)),
            (':' | '=', _) => Some((Op::Is, 1)),
            _ => None,
        }
    }

    /// `name op value`, or `None` if it is only text.
    fn restriction(&mut self) -> Result<Option<TokenKind>, QueryError> {
        let from = self.at;
        let letters = self.chars.iter().skip(from).take_while(|(_, c)| c.is_ascii_alphabetic()).count();
        let Some((op, length)) = self.operator(from + letters).filter(|_| letters > 0) else { return Ok(None) };
        let name = self.text(from, from + letters);
        let value = from + letters + length;
        let known = property::find(&name);
        let next = self.chars.get(value).map(|(_, c)| *c);
        match next {
            Some('(') if known.is_some() => {
                let error = QueryError::new(self.span(value, value + 1), format!("`{name}` takes one value"));
                return Err(error.hint(format!("write ({name}:a OR {name}:b)")));
            }
            _ if known.is_some() && self.nothing_follows(value) => {
                let typed = format!("{name}{}", op.as_str());
                let error = QueryError::new(self.span(from, value), format!("`{typed}` has no value"));
                return Err(error.hint(format!("write {typed}value, or quote it if text is meant: \"{typed}\"")));
            }
            None | Some('(' | ')') => return Ok(None),
            Some(c) if c.is_whitespace() => {
                if known.is_some() {
                    let text = format!(
                        "white space after `{name}{}`: both sides were taken for words; write {name}{0}value",
                        op.as_str()
                    );
                    self.warn(WarningCode::SpaceAfterOperator, &self.span(from, value), text);
                }
                return Ok(None);
            }
            Some('/') if self.text(value, value + 2) == "//" => return Ok(None),
            Some(_) => {}
        }
        let property = known.ok_or_else(|| self.unknown(&name, from))?;
        let quoted = next == Some('"');
        self.at = value;
        let value = if quoted {
            self.quoted()?
        } else {
            let end = self.lexeme_end(value);
            self.at = end;
            self.starred(value, end)?
        };
        match self.peek(0) {
            None | Some(')') => {}
            Some(c) if c.is_whitespace() => {}
            Some(_) => {
                let error = QueryError::new(
                    self.span(self.at, self.at + 1),
                    format!("the value of `{name}` ends here, and something touches it"),
                );
                return Err(error.hint("quote the whole value, or put a blank behind it"));
            }
        }
        Ok(Some(TokenKind::Restriction { property, op, value, quoted }))
    }

    /// Whether the query or its group ends at `at`, white space aside.
    fn nothing_follows(&self, at: usize) -> bool {
        let mut rest = self.chars.iter().skip(at).map(|(_, c)| *c);
        rest.find(|c| !c.is_whitespace()).is_none_or(|c| c == ')')
    }

    fn unknown(&self, name: &str, from: usize) -> QueryError {
        let span = self.span(from, from + name.chars().count());
        let text_hint = "quote it if text is meant";
        if property::is_elsewhere(name) {
            let error = QueryError::new(span, format!("`{name}` cannot be searched in this version"));
            return error.hint(format!("use one of from, to, participants, subject, sent, kind; {text_hint}"));
        }
        let error = QueryError::new(span, format!("there is no property `{name}`"));
        match property::nearest(name) {
            Some(nearest) => error.hint(format!("did you mean {nearest}? {text_hint}")),
            None => error.hint(format!("{text_hint}; properties are from, to, participants, subject, sent, kind, …")),
        }
    }

    /// `and`, `or`, `not` between two operands are words; many who type them mean the operator.
    fn warn_lowercase_operators(&mut self) {
        let mut found = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            let TokenKind::Word(Text { text, .. }) = &token.kind else { continue };
            let is_operand = |token: &Token| !matches!(token.kind, TokenKind::And | TokenKind::Or);
            let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
            let between = before.is_some_and(is_operand) && self.tokens.get(index + 1).is_some_and(is_operand);
            if between && ["and", "or", "not"].iter().any(|operator| operator.eq_ignore_ascii_case(text)) {
                let upper = text.to_ascii_uppercase();
                let message = format!("`{text}` is searched as a word; the operator is written {upper}");
                found.push(Warning::new(WarningCode::LowercaseOperator, &token.span, message));
            }
        }
        self.warnings.extend(found);
    }
}
