//! What is odd about a query: the place with a caret below it, and the query that was perhaps meant.

use crate::commands::session::Session;
use crate::printer::Role;
use crate::{json, sanitize};
use custodia::archive::Archive;
use custodia::query::Warning;
use custodia::{Error, Result};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

/// Remarks about the query of a command that writes, told before it does anything: whatever comes of it, they were said.
pub struct Told(Vec<Warning>);

impl Told {
    /// Tells the remarks about `query`; none where there is no query, or it cannot be understood.
    pub fn about(query: Option<&str>, archive: &Archive, session: &Session) -> Self {
        let lints = query.map(|query| archive.lints(query)).unwrap_or_default();
        if session.printer.json() {
            session.printer.carry(&lints.iter().map(|lint| lint.message.clone()).collect::<Vec<_>>());
        } else {
            tell(query.unwrap_or_default(), &lints, &[], session);
        }
        Self(lints)
    }

    /// What came of the command; an error has the remarks among its details.
    pub fn before<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| self.put_on(error))
    }

    fn put_on(&self, error: Error) -> Error {
        let Ok(lints) = json::value(&self.0) else { return error };
        let mut details = error.details().clone();
        match &mut details {
            _ if self.0.is_empty() => return error,
            Value::Object(fields) => {
                fields.insert("lints".to_owned(), lints);
            }
            _ => details = json!({ "lints": lints }),
        }
        error.with_details(details)
    }

    /// Puts the remarks into the command's document.
    pub fn put_into(&self, document: &mut Value) -> Result<()> {
        if document.get("warnings").is_none() {
            json::set(document, "warnings", json!([]));
        }
        json::set(document, "lints", json::value(&self.0)?);
        Ok(())
    }
}

/// Tells the remarks about a query on stderr, then the rest of the warnings. Under `--json` they stand in the document.
pub fn tell(query: &str, lints: &[Warning], warnings: &[String], session: &Session) {
    if session.printer.json() {
        return;
    }
    lints.iter().for_each(|lint| one(query, lint, "", session));
    let told = |text: &String| lints.iter().any(|lint| lint.message == *text);
    warnings.iter().filter(|text| !told(text)).for_each(|text| session.printer.warn(text));
}

/// One remark; `place` says where the query stands, if it is one of several.
pub fn one(query: &str, lint: &Warning, place: &str, session: &Session) {
    let text = format!("{place}{}\n{}", lint.message, caret(query, lint));
    if lint.is_note() {
        session.printer.note(&text);
        return;
    }
    session.printer.warn(&text);
    if let Some(instead) = &lint.instead {
        let lead = session.printer.paint_err(Role::Strong, "did you mean:");
        session.printer.complain(&format!("{lead} {}", sanitize::line(instead)));
    }
}

/// The part of the query around the place, and carets below it. What is made visible takes columns too.
fn caret(query: &str, lint: &Warning) -> String {
    let plain = lint.caret(query);
    let shown = plain.lines().next().unwrap_or_default();
    if query.contains(shown) && sanitize::piece(shown) == shown {
        return plain.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
    }
    let [from, to] = lint.span;
    let part = |from, to| sanitize::piece(query.get(from..to).unwrap_or_default());
    let (before, marked, after) = (part(0, from), part(from, to), part(to, query.len()));
    let (pad, carets) = (" ".repeat(before.width()), "^".repeat(marked.width().max(1)));
    format!("  {before}{marked}{after}\n  {pad}{carets}")
}
