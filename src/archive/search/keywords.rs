//! Rows of keywords: one query a line of a file, or the alternatives of one query.
//!
//! Contract: every line that cannot be understood is an error that names it; nothing is counted then. Limit:
//! [`KEYWORD_ROWS`].

use super::Asked;
use crate::{
    Error, ErrorKind, Result,
    archive::Archive,
    query::{self, Expr, Warning},
};
use serde::Serialize;

/// Rows of one report: each is a search of its own, and a line of the audit trail.
pub const KEYWORD_ROWS: usize = 10_000;
/// Bad lines that an error shows; it counts all.
const BAD_SHOWN: usize = 20;

/// One line of a file of keywords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Keyword {
    /// The line, from 1.
    pub line: usize,
    /// The query.
    pub text: String,
}

impl Keyword {
    /// The lines of a file: UTF-8, with or without byte order mark; blank lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`]: it is not UTF-8, says nothing, or has more than [`KEYWORD_ROWS`] rows.
    pub fn read(bytes: &[u8]) -> Result<Vec<Self>> {
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = bytes.iter().take(e.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            Error::new(ErrorKind::Usage, format!("line {line} of the keywords is not UTF-8"))
                .with_hint("save the file as UTF-8, one query a line")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = (1..).zip(text.lines()).map(|(line, text)| Self { line, text: text.trim().to_owned() });
        let rows: Vec<Self> = lines.filter(|row| !row.text.is_empty() && !row.text.starts_with('#')).collect();
        if rows.is_empty() {
            return Err(Error::new(ErrorKind::Usage, "the file names no keywords")
                .with_hint("write one query a line; blank lines and lines that begin with # are passed over"));
        }
        if rows.len() > KEYWORD_ROWS {
            let message = format!("the file has {} rows of keywords; {KEYWORD_ROWS} is the most", rows.len());
            return Err(Error::new(ErrorKind::Usage, message).with_hint("split it into several files"));
        }
        Ok(rows)
    }
}

/// One row, ready to be counted.
pub(super) struct Row {
    pub(super) line: Option<usize>,
    pub(super) text: String,
    /// As it is recorded, with the query that it is limited by.
    pub(super) recorded: String,
    pub(super) expr: Expr,
    pub(super) lints: Vec<Warning>,
}

impl Archive {
    /// The rows of a file, each limited by the query beside it.
    pub(super) fn rows_of_file(&self, keywords: &[Keyword], asked: &Asked) -> Result<Vec<Row>> {
        let (mut rows, mut bad) = (Vec::with_capacity(keywords.len()), Vec::new());
        for keyword in keywords {
            match self.prepare(&keyword.text) {
                Err(error) => bad.push((keyword.line, error)),
                Ok(prepared) => rows.push(Row {
                    line: Some(keyword.line),
                    text: keyword.text.clone(),
                    recorded: match asked.recorded.trim() {
                        "" => keyword.text.clone(),
                        within => format!("({}) AND ({within})", keyword.text),
                    },
                    expr: Expr::and(vec![prepared.expr, asked.expr.clone()]),
                    lints: prepared.warnings,
                }),
            }
        }
        if bad.is_empty() { Ok(rows) } else { Err(bad_lines(&bad)) }
    }

    /// The rows of keywords of a query.
    pub(super) fn rows_of_query(&self, query: &str, asked: &Asked) -> Result<Vec<Row>> {
        // It was read before, so it can be read.
        let rows = query::keyword_rows(query).map_err(|e| e.to_error(query))?;
        let row = |row: query::KeywordRow| {
            let limit = asked.case.as_deref().map(|case| self.about_case(case)).transpose()?;
            let mut parts = vec![self.prepare(&row.query)?.expr];
            if let Some((limit, _)) = limit {
                parts.push(self.prepare(&limit)?.expr);
            }
            Ok(Row { line: None, text: row.text, recorded: row.query, expr: Expr::and(parts), lints: Vec::new() })
        };
        rows.into_iter().map(row).collect()
    }
}

fn bad_lines(bad: &[(usize, Error)]) -> Error {
    let lines = |n: usize| if n == 1 { "1 line".to_owned() } else { format!("{n} lines") };
    let mut message = format!("{} of the keywords cannot be understood; nothing was counted", lines(bad.len()));
    for (line, error) in bad.iter().take(BAD_SHOWN) {
        message.push_str(&format!("\nline {line}: {error}"));
        if let Some(hint) = error.hint() {
            message.push_str(&format!("\n  {hint}"));
        }
    }
    if bad.len() > BAD_SHOWN {
        message.push_str(&format!("\n… and {} more", lines(bad.len() - BAD_SHOWN)));
    }
    let row = |(line, error): &(usize, Error)| serde_json::json!({"line": line, "error": error.details()});
    let details = serde_json::json!({ "lines": bad.iter().map(row).collect::<Vec<_>>() });
    Error::new(ErrorKind::BadQuery, message).with_hint("correct these lines; one query a line").with_details(details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blank_lines_byte_order_mark_and_crlf_are_no_keywords() {
        let rows = Keyword::read("\u{feff}wire\r\n\r\n# note\r\n  \"off channel\"  \n".as_bytes()).unwrap();
        let rows: Vec<(usize, &str)> = rows.iter().map(|row| (row.line, row.text.as_str())).collect();
        assert_eq!(rows, [(1, "wire"), (4, "\"off channel\"")]);
    }

    #[test]
    fn a_file_that_is_no_list_of_keywords_is_refused_with_its_line() {
        assert!(Keyword::read(b"wire\nb\xff\n").unwrap_err().to_string().contains("line 2"));
        assert_eq!(Keyword::read(b"# nothing\n").unwrap_err().kind(), ErrorKind::Usage);
        assert_eq!(Keyword::read("a\n".repeat(KEYWORD_ROWS + 1).as_bytes()).unwrap_err().kind(), ErrorKind::Usage);
        assert_eq!(Keyword::read("a\n".repeat(KEYWORD_ROWS).as_bytes()).unwrap().len(), KEYWORD_ROWS);
    }
}
