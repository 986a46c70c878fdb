//! `name op value`: which text is a restriction, and which only looks like one.
//!
//! Contract: as for the lexer, of which this is a part.

use super::{
    error::{QueryError, WarningCode},
    lexer::Lexer,
    property::{self, PropertyKind},
    token::{Op, Text, TokenKind},
};

impl Lexer {
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
    pub(super) fn restriction(&mut self) -> Result<Option<TokenKind>, QueryError> {
        let from = self.at;
        let letters = self.chars.iter().skip(from).take_while(|(_, c)| c.is_ascii_alphabetic()).count();
        let Some((op, length)) = self.operator(from + letters).filter(|_| letters > 0) else {
            return self.misspelt(from).map_or(Ok(None), Err);
        };
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
                    let blanks = self.chars.iter().skip(value).take_while(|(_, c)| c.is_whitespace()).count();
                    self.instead(self.byte(value)..self.byte(value + blanks), "");
                }
                return Ok(None);
            }
            Some('/') if self.text(value, value + 2) == "//" => return Ok(None),
            Some(_) => {}
        }
        let property = known.ok_or_else(|| self.unknown(&name, from))?;
        let quoted = next == Some('"');
        self.at = value;
        let named = matches!(property.kind, PropertyKind::Named(_));
        let value = if named && self.stands_alone(value) {
            self.at = value + 1;
            Text { text: String::new(), star: true, span: self.span(value, value + 1) }
        } else if quoted {
            self.quoted()?
        } else {
            let end = self.lexeme_end(value);
            self.at = end;
            self.starred(value, end)?
        };
        match self.peek(0) {
            None | Some(')') => {}
            Some(c) if c.is_whitespace() => {}
            // As Purview stores it: `kind:chat(c:c)(sent>=2026-01-01)`.
            Some('(') if self.mark(self.at).is_some() => {}
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

    /// `is_deleted:true`: the name of a property with signs in it, which would be a phrase that nobody wrote.
    fn misspelt(&self, from: usize) -> Option<QueryError> {
        let in_name = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-');
        let length = self.chars.iter().skip(from).take_while(|(_, c)| in_name(*c)).count();
        let (_, op) = self.operator(from + length)?;
        let value = self.chars.get(from + length + op).is_some_and(|(_, c)| !c.is_whitespace() && *c != ')');
        let name = self.text(from, from + length);
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        (value && property::find(&letters).is_some()).then(|| self.unknown(&name, from))
    }

    /// Whether a `*` and nothing else stands at `at`.
    fn stands_alone(&self, at: usize) -> bool {
        self.text(at, at + 1) == "*" && self.lexeme_end(at) == at + 1
    }

    /// Whether the query or its group ends at `at`, white space aside.
    fn nothing_follows(&self, at: usize) -> bool {
        let mut rest = self.chars.iter().skip(at).map(|(_, c)| *c);
        rest.find(|c| !c.is_whitespace()).is_none_or(|c| c == ')')
    }

    fn unknown(&self, name: &str, from: usize) -> QueryError {
        let span = self.span(from, from + name.chars().count());
        let text_hint = "quote it if text is meant";
        let error = QueryError::new(span, format!("there is no property `{name}`"));
        if ["filetype", "fileextension", "filename"].contains(&name.to_ascii_lowercase().as_str()) {
            return error
                .hint(format!("file names are searched by attachmentnames:pdf, attachmentnames:report*; {text_hint}"));
        }
        match property::nearest(name) {
            Some(nearest) => error.hint(format!("did you mean {nearest}? {text_hint}")),
            None => error.hint(format!("{text_hint}; properties are from, to, participants, subject, sent, kind, …")),
        }
    }
}
