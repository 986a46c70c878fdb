//! How the values of a text field reach tantivy: tokens with a blank between them, values with a line feed.
//!
//! The tokens are those of `query::Facts` and are taken as they are. Between two values lies a gap of positions that is wider
//! than any proximity, so that neither a phrase nor NEAR crosses from one value into the next.

use crate::model::limits::NEAR_TOKENS;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// The name that the schema knows it by.
pub(super) const VALUES: &str = "values";
/// Positions between two values.
const GAP: usize = NEAR_TOKENS as usize + 1;

/// The values as one text; `None` if there is no token.
pub(super) fn joined(values: &[Vec<String>]) -> Option<String> {
    let length = values.iter().flatten().map(|token| token.len() + 1).sum();
    let mut out = String::with_capacity(length);
    for value in values.iter().filter(|value| !value.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        for (at, token) in value.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            out.push_str(token);
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Splits such a text.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    token: Token,
}

/// The tokens of one text.
pub(super) struct Stream<'a> {
    text: &'a str,
    at: usize,
    next: usize,
    token: &'a mut Token,
}

impl Tokenizer for Values {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.token.reset();
        Stream { text, at: 0, next: 0, token: &mut self.token }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) else { return false };
        let end = rest.bytes().position(|b| b == b' ' || b == b'\n').unwrap_or(rest.len());
        self.token.text.clear();
        self.token.text.push_str(rest.get(..end).unwrap_or_default());
        self.token.position = self.next;
        self.token.offset_from = self.at;
        self.token.offset_to = self.at + end;
        self.next += if rest.as_bytes().get(end) == Some(&b'\n') { GAP + 1 } else { 1 };
        self.at += end + 1;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_as_they_are_and_values_lie_apart() {
        let values = [vec!["a".to_owned(), "合同".into()], vec![], vec!["b".into()]];
        let text = joined(&values).unwrap();
        let mut tokenizer = Values::default();
        let mut stream = tokenizer.token_stream(&text);
        let mut seen = Vec::new();
        while stream.advance() {
            seen.push((stream.token().text.clone(), stream.token().position));
        }
        assert_eq!(seen, [("a".to_owned(), 0), ("合同".into(), 1), ("b".into(), 2 + GAP)]);
        assert_eq!(joined(&[vec![]]), None);
    }
}
