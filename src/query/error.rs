//! What is wrong with a query, and what is only odd about it: message, place, what to do.
//!
//! Contract: spans are byte ranges of the query as it was typed. An error stops; a warning says how something was
//! understood and the query goes on.

use super::script::columns;
use crate::{Error, ErrorKind};
use serde::Serialize;
use std::{fmt, ops::Range};

/// A query that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of the query.
    pub span: Range<usize>,
    /// What to write instead.
    pub hint: Option<String>,
}

impl QueryError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Two lines: the part of `query` around the error, and carets below what is meant.
    #[must_use]
    pub fn caret(&self, query: &str) -> String {
        caret(query, &self.span)
    }

    /// The library's error, with the place as details.
    #[must_use]
    pub fn to_error(&self, query: &str) -> Error {
        // Two blanks in, as the places of remarks are.
        let place = self.caret(query).lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
        let error = Error::new(ErrorKind::BadQuery, format!("{}\n{place}", self.message)).with_details(
            serde_json::json!({ "message": self.message, "span": [self.span.start, self.span.end], "query": query }),
        );
        match &self.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

fn caret(query: &str, span: &Range<usize>) -> String {
    /// Characters that are shown on each side of the place.
    const AROUND: usize = 60;
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let before: Vec<char> = query.get(..span.start).unwrap_or(query).chars().map(shown).collect();
    let marked: Vec<char> = query.get(span.clone()).unwrap_or("").chars().map(shown).take(AROUND).collect();
    let after = query.get(span.end..).unwrap_or("").chars().map(shown).take(AROUND);
    let before: Vec<char> = before.iter().copied().skip(before.len().saturating_sub(AROUND)).collect();
    let width = |chars: &[char]| chars.iter().map(|c| columns(*c)).sum::<usize>();
    let (pad, carets) = (" ".repeat(width(&before)), "^".repeat(width(&marked).max(1)));
    let line: String = before.iter().chain(&marked).copied().chain(after).collect();
    format!("{}\n{pad}{carets}", line.trim_end())
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the query cannot be understood: {}", self.message)
    }
}

impl std::error::Error for QueryError {}

/// What a warning is about. The words are part of the JSON contract: added, never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// `and`, `or`, `not` in lower case are words.
    LowercaseOperator,
    /// Typographic quotation marks were taken for `"`.
    SmartQuotes,
    /// Neighbouring restrictions of one property were joined with OR.
    SamePropertyOr,
    /// AND and OR, or OR and a blank, without parentheses.
    MixedOperators,
    /// A date written month/day/year.
    AmericanDate,
    /// White space around the operator of a restriction, or behind a `-`: what stands there is words.
    SpaceAfterOperator,
    /// Control characters, direction marks or zero-width characters were ignored.
    MarksIgnored,
    /// A word without letter, digit or emoji was ignored.
    SpecialCharacters,
    /// A `*` that does not follow a letter or digit was ignored.
    StarIgnored,
    /// A value that no message of this archive has.
    NeverMatches,
    /// Ranking was ignored.
    RankIgnored,
    /// What a relative date, an offset or a zone means in UTC.
    UtcBounds,
    /// A list of values behind one condition was taken for alternatives.
    SeveralValues,
}

/// How something odd was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What it is about.
    pub code: WarningCode,
    /// For people.
    pub message: String,
    /// Where, in bytes of the query: first, and first behind.
    pub span: [usize; 2],
    /// The whole query as it would have to be written if the other thing was meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

impl Warning {
    pub(super) fn new(code: WarningCode, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span: [span.start, span.end], instead: None }
    }

    /// Whether it only says what was understood, and nothing is in doubt.
    #[must_use]
    pub fn is_note(&self) -> bool {
        self.code == WarningCode::UtcBounds
    }

    /// Two lines: the part of `query` that it is about, and carets below.
    #[must_use]
    pub fn caret(&self, query: &str) -> String {
        let [from, to] = self.span;
        caret(query, &(from..to))
    }
}

#[cfg(test)]
mod tests {
    use super::QueryError;

    #[test]
    fn the_caret_stands_below_the_place_whatever_is_before_it() {
        let query = "合同 and *port";
        let at = query.find('*').unwrap();
        let caret = QueryError::new(at..at + 1, "x").caret(query);
        assert_eq!(caret, "合同 and *port\n         ^");
        assert!(QueryError::new(90..95, "x").caret("short").ends_with('^'));
        let long = format!("{}\"", "a ".repeat(4_000));
        assert!(QueryError::new(8_000..8_001, "x").caret(&long).len() < 300);
    }
}
