//! The rows of keywords of a query: what a condition report counts one by one.
//!
//! Rows are the parts between `(c:s)`, or, where there is no such mark, the operands of the one OR that stands outside of
//! parentheses; each with everything else of the query. Contract: pure; the rows together find what the query finds. A query
//! of which that is not plain (no OR outside of parentheses, or more than one) is one row.

use super::{
    error::QueryError,
    lexer,
    token::{Token, TokenKind},
};
use crate::model::limits::QUERY_CHARS;
use std::ops::Range;

/// One row of keywords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeywordRow {
    /// As it was typed.
    pub text: String,
    /// The query that finds it, with the conditions of the whole.
    pub query: String,
}

/// The rows of a query, in its order; none if there is nothing but conditions.
///
/// # Errors
/// The query cannot be read.
pub fn keyword_rows(query: &str) -> Result<Vec<KeywordRow>, QueryError> {
    let (tokens, _) = lexer::lex(query)?;
    let outer = outside_of_parentheses(&tokens);
    let mark = outer.iter().find(|token| token.kind == TokenKind::ConditionMark);
    let keywords = 0..mark.map_or(query.len(), |mark| mark.span.start);
    let conditions = query.get(keywords.end..).unwrap_or_default();
    let of = |kind: &TokenKind| -> Vec<Range<usize>> {
        let found = outer.iter().filter(|token| token.kind == *kind && token.span.end <= keywords.end);
        found.map(|token| token.span.clone()).collect()
    };
    let marks = of(&TokenKind::RowMark);
    if !marks.is_empty() {
        let row = |text: &str| KeywordRow { text: text.trim().to_owned(), query: format!("{text}{conditions}") };
        return Ok(split(query, &keywords, &marks).into_iter().map(row).collect());
    }
    let whole = query.get(keywords.clone()).unwrap_or_default();
    if whole.trim().is_empty() {
        return Ok(Vec::new());
    }
    let one = vec![KeywordRow { text: whole.trim().to_owned(), query: query.to_owned() }];
    Ok(alternatives(query, &keywords, &outer, &of(&TokenKind::Or)).unwrap_or(one))
}

/// The operands of the only OR, each in the place of all of them.
fn alternatives(
    query: &str,
    keywords: &Range<usize>,
    outer: &[&Token],
    ors: &[Range<usize>],
) -> Option<Vec<KeywordRow>> {
    let (first, last) = (ors.first()?, ors.last()?);
    let item = items(outer, keywords).into_iter().find(|item| item.start <= first.start && first.end <= item.end)?;
    if last.end > item.end {
        return None;
    }
    let (before, after) = (query.get(keywords.start..item.start)?, query.get(item.end..)?);
    let alone = query.get(keywords.clone())?.trim() == query.get(item.clone())?.trim();
    let row = |text: &str| {
        let text = text.trim();
        // OR with itself: so it stays an alternative, and is not joined with a restriction beside it.
        let query = if alone { format!("{text}{after}") } else { format!("{before}({text} OR {text}){after}") };
        KeywordRow { text: text.to_owned(), query }
    };
    let rows: Vec<KeywordRow> = split(query, &item, ors).into_iter().map(row).collect();
    rows.iter().all(|row| row.query.chars().count() <= QUERY_CHARS).then_some(rows)
}

fn split<'a>(query: &'a str, within: &Range<usize>, at: &[Range<usize>]) -> Vec<&'a str> {
    let starts = std::iter::once(within.start).chain(at.iter().map(|span| span.end));
    let ends = at.iter().map(|span| span.start).chain([within.end]);
    starts.zip(ends).map(|(from, to)| query.get(from..to).unwrap_or_default()).collect()
}

/// What stands next to each other with a blank between, outside of parentheses.
fn items(outer: &[&Token], keywords: &Range<usize>) -> Vec<Range<usize>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    let mut before: Option<&TokenKind> = None;
    for token in outer.iter().filter(|token| token.span.end <= keywords.end) {
        // `a NOT b` is one item: `a AND NOT b`.
        let joined = token.kind == TokenKind::Not || !begins(&token.kind) || !before.is_some_and(ends);
        match items.last_mut() {
            Some(last) if joined => last.end = token.span.end,
            _ => items.push(token.span.clone()),
        }
        before = Some(&token.kind);
    }
    items
}

fn begins(kind: &TokenKind) -> bool {
    let joins =
        matches!(kind, TokenKind::And | TokenKind::Or | TokenKind::Near(_) | TokenKind::Rank | TokenKind::Close);
    !joins
}

fn ends(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Close
            | TokenKind::Words(_)
            | TokenKind::Word(_)
            | TokenKind::Phrase(_)
            | TokenKind::Restriction { .. }
    )
}

/// The tokens at the top, parentheses themselves among them.
fn outside_of_parentheses(tokens: &[Token]) -> Vec<&Token> {
    let mut depth = 0usize;
    let mut outer = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::Open => {
                if depth == 0 {
                    outer.push(token);
                }
                depth += 1;
            }
            TokenKind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    outer.push(token);
                }
            }
            _ if depth == 0 => outer.push(token),
            _ => {}
        }
    }
    outer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(query: &str) -> Vec<(String, String)> {
        keyword_rows(query).unwrap().into_iter().map(|row| (row.text, row.query)).collect()
    }

    fn texts(query: &str) -> Vec<String> {
        rows(query).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn rows_between_marks_come_with_the_conditions() {
        let expected =
            [("report", "report(c:c)(sent<2021-04-01)"), ("\"a (c:s) b\"", "\"a (c:s) b\"(c:c)(sent<2021-04-01)")];
        let expected = expected.map(|(text, query)| (text.to_owned(), query.to_owned()));
        assert_eq!(rows("report(c:s)\"a (c:s) b\"(c:c)(sent<2021-04-01)"), expected);
        assert!(texts("(c:c)(kind:chat)").is_empty());
        assert_eq!(texts("from:ann(c:s)kind:call(c:c)(sent<2021-04-01)"), ["from:ann", "kind:call"]);
    }

    #[test]
    fn the_operands_of_an_or_are_rows_with_what_stands_beside_it() {
        assert_eq!(texts("wire OR \"off channel\" OR (a OR b)"), ["wire", "\"off channel\"", "(a OR b)"]);
        let query = "kind:chat wire OR bank NOT mercury sent>=2026-01-01";
        let rows = rows(query);
        assert_eq!(rows[0].1, "kind:chat (wire OR wire) sent>=2026-01-01");
        assert_eq!(
            rows[1],
            ("bank NOT mercury".into(), "kind:chat (bank NOT mercury OR bank NOT mercury) sent>=2026-01-01".into())
        );
    }

    #[test]
    fn anything_else_is_one_row() {
        for query in ["wire", "wire transfer", "wire AND bank", "a OR b c OR d", "(a OR b) kind:chat"] {
            assert_eq!(rows(query), [(query.to_owned(), query.to_owned())]);
        }
    }
}
