//! What the names of holds, cases, tags, runs and folders stand for.
//!
//! Contract: pure; names are compared without regard to case, ids by their beginning. A name that nothing has is an error
//! that names what there is; only a tag or a retention rule may not exist yet, which is a warning.

use super::{
    error::{QueryError, Warning, WarningCode},
    expr::Expr,
    leaf::Leaf,
    property::Name,
    resolve::Context,
};
use crate::model::{Digest, MailboxName, fold_tag, id::MIN_PREFIX};
use std::ops::Range;

/// Names that an error lists.
const LISTED: usize = 8;
/// Hex digits of a folder id, as the original has them.
const FOLDER_DIGITS: usize = 48;
/// The folder of archived items.
const ARCHIVE_FOLDER: &str = "WhatsApp Archiver";
/// The folder of items that were deleted and can be brought back.
const DELETIONS_FOLDER: &str = "Deletions";

impl Name {
    /// The property that takes it.
    pub(super) fn property(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Case => "case",
            Self::Tag => "tag",
            Self::Run => "run",
            Self::Retention => "retention",
        }
    }
}

/// The expression of a name, and a warning if nothing has it.
pub(super) fn close(
    name: Name,
    text: &str,
    star: bool,
    span: &Range<usize>,
    context: &Context<'_>,
) -> Result<(Expr, Option<Warning>), QueryError> {
    let wanted = fold_tag(text);
    let is = |own: &str| {
        let own = fold_tag(own);
        if star { own.starts_with(&wanted) } else { own == wanted }
    };
    let asked = Asked { name, wanted: &wanted, star, span };
    let hold = |id| Expr::Leaf(Leaf::Hold(id));
    let never = |what: &str| {
        let message =
            format!("there is no {what}{}, so nothing matches", if star { " like it" } else { " of this name" });
        (Expr::Nothing, Some(Warning::new(WarningCode::NeverMatches, span, message)))
    };
    match name {
        Name::Hold => {
            let found = meant(context.holds, |(_, own)| is(own), |(id, _)| id.0.as_str(), &asked)?;
            let parts: Vec<Expr> = found.into_iter().map(|(id, _)| hold(id.clone())).collect();
            if parts.is_empty() && star {
                return Ok(never("active hold"));
            }
            found_or(parts, name, text, span, context.holds.iter().map(|(_, name)| name.as_str()))
        }
        Name::Case => {
            let found = meant(context.cases, |case| is(&case.name), |case| case.id.as_str(), &asked)?;
            if found.is_empty() && star {
                return Ok(never("case"));
            }
            if found.is_empty() {
                return Err(missing(name, text, span, context.cases.iter().map(|case| case.name.as_str())));
            }
            let scope = found.into_iter().flat_map(|case| {
                let mailbox = |m: &MailboxName| Leaf::Mailbox { value: m.to_string(), prefix: false };
                let custodians = case.custodians.iter().map(mailbox).map(Expr::Leaf);
                custodians.chain(case.holds.iter().cloned().map(hold))
            });
            Ok((Expr::or(scope.collect()), None))
        }
        Name::Tag => {
            let found = context.tags.iter().filter(|own| is(own)).map(|own| Expr::Leaf(Leaf::Tag(fold_tag(own))));
            let parts: Vec<Expr> = found.collect();
            Ok(if parts.is_empty() { never("tag") } else { (Expr::or(parts), None) })
        }
        Name::Run => {
            let found = match context.runs.last().filter(|_| wanted == "last") {
                Some(last) => vec![last],
                None => meant(context.runs, |run| is(&run.id.0), |run| run.id.0.as_str(), &asked)?,
            };
            let parts =
                found.into_iter().map(|run| Expr::Leaf(Leaf::Ordinals { from: run.from, until: run.until })).collect();
            found_or(parts, name, text, span, context.runs.iter().rev().map(|run| run.id.0.as_str()))
        }
        Name::Retention => {
            let found = meant(context.retention, |rule| is(&rule.name), |rule| rule.id.as_str(), &asked)?;
            let parts: Vec<Expr> = found.into_iter().map(|rule| rule.expr.clone()).collect();
            Ok(if parts.is_empty() { never("retention policy or label") } else { (Expr::or(parts), None) })
        }
    }
}

/// What is looked for.
struct Asked<'a> {
    name: Name,
    /// Folded.
    wanted: &'a str,
    star: bool,
    span: &'a Range<usize>,
}

/// Those of this name; else the one whose id begins so. More than one are an error: a search never means several things
/// that nobody named.
fn meant<'a, T>(
    all: &'a [T],
    is: impl Fn(&T) -> bool,
    id: impl Fn(&T) -> &str,
    asked: &Asked<'_>,
) -> Result<Vec<&'a T>, QueryError> {
    let named: Vec<&T> = all.iter().filter(|one| is(one)).collect();
    let Asked { name, wanted, star, span } = asked;
    if !named.is_empty() || *star || wanted.len() < MIN_PREFIX {
        return Ok(named);
    }
    let found: Vec<&T> = all.iter().filter(|one| id(one).starts_with(*wanted)).collect();
    if found.len() > 1 {
        let mut ids: Vec<&str> = found.iter().take(LISTED).map(|one| id(one)).collect();
        if found.len() > LISTED {
            ids.push("…");
        }
        let (what, number) = (name.as_str(), found.len());
        let error =
            QueryError::new((*span).clone(), format!("`{wanted}` is the beginning of the ids of {number} {what}s"));
        return Err(error.hint(format!("write more of one: {}", ids.join(", "))));
    }
    Ok(found)
}

fn found_or<'a>(
    parts: Vec<Expr>,
    name: Name,
    text: &str,
    span: &Range<usize>,
    known: impl Iterator<Item = &'a str>,
) -> Result<(Expr, Option<Warning>), QueryError> {
    if parts.is_empty() { Err(missing(name, text, span, known)) } else { Ok((Expr::or(parts), None)) }
}

fn missing<'a>(name: Name, text: &str, span: &Range<usize>, known: impl Iterator<Item = &'a str>) -> QueryError {
    let what = if name == Name::Hold { "active hold" } else { name.as_str() };
    let error = QueryError::new(span.clone(), format!("there is no {what} `{text}`"));
    let mut known: Vec<&str> = known.take(LISTED + 1).collect();
    let more = if known.len() > LISTED { ", …" } else { "" };
    known.truncate(LISTED);
    match known.is_empty() {
        true => error.hint(format!("this archive has none; custodia {} list shows them", name.property())),
        false => error.hint(format!("there are {}{more}", known.join(", "))),
    }
}

/// The id of a mailbox's folder: made from its names, so that it never changes.
#[must_use]
pub fn folder_id(mailbox: &MailboxName, recoverable: bool) -> String {
    let folder = if recoverable { DELETIONS_FOLDER } else { ARCHIVE_FOLDER };
    let digest = Digest::of(format!("custodia folder 1\0{mailbox}\0{folder}").as_bytes());
    digest.to_hex().chars().take(FOLDER_DIGITS).collect()
}

/// A folder by its name, in every mailbox; by its id, in one.
pub(super) fn folder(text: &str, span: &Range<usize>, context: &Context<'_>) -> Result<Expr, QueryError> {
    let named = [(ARCHIVE_FOLDER, false), (DELETIONS_FOLDER, true)];
    if let Some((_, recoverable)) = named.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Ok(Expr::Leaf(Leaf::Recoverable(*recoverable)));
    }
    let id = text.to_lowercase();
    let mut folders = context.mailboxes.iter().flat_map(|mailbox| [(mailbox, false), (mailbox, true)]);
    let found = folders.find(|(mailbox, recoverable)| folder_id(mailbox, *recoverable) == id);
    match found {
        Some((mailbox, recoverable)) => Ok(Expr::And(vec![
            Expr::Leaf(Leaf::Mailbox { value: mailbox.to_string(), prefix: false }),
            Expr::Leaf(Leaf::Recoverable(recoverable)),
        ])),
        None => {
            let error = QueryError::new(span.clone(), format!("there is no folder `{text}`"));
            Err(error
                .hint("folders are \"WhatsApp Archiver\" and \"Deletions\"; custodia user show EMAIL has their ids"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{HoldId, Instant},
        query::{describe, parse},
    };

    #[test]
    fn a_name_goes_before_ids_and_an_id_must_be_one() {
        let hold = |id: &str, name: &str| (HoldId(id.to_owned()), name.to_owned());
        let holds = [hold("hold_1a2b", "Falcon"), hold("hold_1c3d", "Hold_1"), hold("hold_2e4f", "Falcon two")];
        let context = Context { holds: &holds, ..Context::at(Instant(0)) };
        let closed = |query: &str| {
            let node = parse(query).unwrap().expr;
            crate::query::resolve(&node, &context)
                .map(|resolved| describe(&resolved.expr))
                .map_err(|error| error.message)
        };
        assert_eq!(closed("hold:hold_1").as_deref(), Ok("hold:hold_1c3d"), "it is a name");
        assert_eq!(closed("hold:hold_1a").as_deref(), Ok("hold:hold_1a2b"));
        assert_eq!(closed("hold:FALCON").as_deref(), Ok("hold:hold_1a2b"));
        assert_eq!(closed("hold:falcon*").as_deref(), Ok("hold:hold_1a2b OR hold:hold_2e4f"));
        let several = [hold("hold_1a2b", "A"), hold("hold_1c3d", "B")];
        let context = Context { holds: &several, ..context };
        let error = crate::query::resolve(&parse("NOT hold:hold_1").unwrap().expr, &context).unwrap_err();
        assert!(error.message.contains("2 holds") && error.hint.unwrap().contains("hold_1a2b, hold_1c3d"));
        assert_eq!(error.span, 9..15);
    }
}
