//! What a restriction means: property, operator and value become a node of the tree, or an error with its place.

use super::{
    ast::{Compare, Node},
    date::{self, DateSpan},
    error::{QueryError, Warning, WarningCode},
    facts::MAIL_CLASS,
    lang,
    leaf::{Leaf, Row, TextField},
    property::{Flag, Name, Property, PropertyKind},
    token::{Op, Text},
    words::{self, StarProblem},
};
use crate::model::{MessageKind, PhoneNumber, SourceKind, id::MIN_PREFIX};
use std::ops::Range;

type Warnings = Vec<Warning>;

/// Free text: a word or a phrase.
pub(super) fn free(text: Text, warnings: &mut Warnings) -> Result<Node, QueryError> {
    words_of(TextField::Any, text, warnings)
}

/// The tokens of a word or phrase, as NEAR uses them. `None`: it has none.
pub(super) fn row(text: &Text) -> Option<Row> {
    let star = text.star && words::check_star(&text.text).is_ok();
    let wanted = words::wanted(&text.text, star);
    (!wanted.tokens.is_empty()).then_some(Row { tokens: wanted.tokens, prefix: wanted.prefix })
}

/// A restriction.
pub(super) fn restriction(
    property: &'static Property,
    op: Op,
    value: Text,
    quoted: bool,
    warnings: &mut Warnings,
) -> Result<Node, QueryError> {
    let simple = matches!(op, Op::Is | Op::IsNot);
    if !simple && !property.is_ordered() {
        let message = format!("`{}` has no order, so `{}` cannot be used with it", property.name, op.as_str());
        let error = QueryError::new(value.span, message);
        return Err(error.hint(format!("operators of {}: {}", property.name, property.operators().join(" "))));
    }
    let node = match property.kind {
        PropertyKind::Text(field) => words_of(field, value, warnings)?,
        PropertyKind::Person(role) => {
            let Text { text, star, span } = value;
            let number = star && number_prefix(&text).is_some();
            if words::wanted(&text, false).tokens.is_empty() {
                nothing(&span, warnings)
            } else if number {
                Node::Person { role, text, star }
            } else {
                let star = check_star(Text { text: text.clone(), star, span }, warnings)?;
                Node::Person { role, text, star }
            }
        }
        PropertyKind::Time => time(op, &value, warnings)?,
        PropertyKind::Size => size(op, &value, quoted)?,
        PropertyKind::Kind => kind(&value, warnings)?,
        PropertyKind::Flag(flag) => boolean(flag, &value, property, warnings)?,
        PropertyKind::Number => number(&value, warnings)?,
        PropertyKind::Lang => language(&value)?,
        PropertyKind::Source => source(&value)?,
        PropertyKind::Importance => importance(&value, warnings)?,
        PropertyKind::Id => Node::Leaf(Leaf::Id(hex(&value, "an id", "m_", 32)?)),
        PropertyKind::Digest => Node::Leaf(Leaf::Digest(hex(&value, "a SHA-256", "", 64)?)),
        PropertyKind::Conversation => match words::wanted(&value.text, false).tokens.is_empty() {
            true => nothing(&value.span, warnings),
            false => Node::Conversation { star: check_star(value.clone(), warnings)?, text: value.text },
        },
        PropertyKind::Named(name) => named(name, value, warnings)?,
        PropertyKind::Folder => {
            no_star(&value, "a folder")?;
            Node::Folder { text: value.text.trim().to_owned(), span: value.span }
        }
        PropertyKind::ItemClass => match lower_prefix(&value)? {
            None => nothing(&value.span, warnings),
            Some((value, prefix)) => Node::Leaf(Leaf::ItemClass { value, prefix }),
        },
        PropertyKind::Mailbox => match lower_prefix(&value)? {
            None => nothing(&value.span, warnings),
            Some((text, star)) => Node::Mailbox { text, star },
        },
    };
    Ok(if op == Op::IsNot { node.negated() } else { node })
}

/// The digits of a text that can be the beginning of a phone number: at least three, nothing but separators between.
pub(super) fn number_prefix(text: &str) -> Option<String> {
    let separator = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '+' | '\u{a0}');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let only = text.chars().all(|c| c.is_ascii_digit() || separator(c));
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    (only && digits.len() >= words::PREFIX_CHARS).then(|| digits.to_owned())
}

fn nothing(span: &Range<usize>, warnings: &mut Warnings) -> Node {
    let message = "no letter or digit to look for: an empty value never matches";
    warnings.push(Warning::new(WarningCode::NeverMatches, span, message));
    Node::Nothing
}

fn words_of(field: TextField, value: Text, warnings: &mut Warnings) -> Result<Node, QueryError> {
    if words::wanted(&value.text, false).tokens.is_empty() && !value.star {
        return Ok(nothing(&value.span, warnings));
    }
    let text = value.text.clone();
    let star = check_star(value, warnings)?;
    Ok(Node::Text { field, text, star })
}

fn check_star(value: Text, warnings: &mut Warnings) -> Result<bool, QueryError> {
    if !value.star {
        return Ok(false);
    }
    match words::check_star(&value.text) {
        Ok(()) => Ok(true),
        Err(StarProblem::TooShort) => {
            let message = format!("at least {} letters must stand before a `*`", words::PREFIX_CHARS);
            Err(QueryError::new(value.span, message).hint("write more of the word, or the whole word"))
        }
        Err(StarProblem::Detached) if words::wanted(&value.text, false).tokens.is_empty() => {
            let error = QueryError::new(value.span, "a `*` must follow the beginning of a word");
            Err(error.hint("write for instance contr*"))
        }
        Err(StarProblem::Detached) => {
            let message = "the `*` was ignored: it does not follow a letter or digit";
            warnings.push(Warning::new(WarningCode::StarIgnored, &value.span, message));
            Ok(false)
        }
    }
}

/// A value that is compared as a whole, in lower case. `None` if it is empty.
fn lower_prefix(value: &Text) -> Result<Option<(String, bool)>, QueryError> {
    let text = value.text.trim().to_lowercase();
    if value.star && text.chars().count() < words::PREFIX_CHARS {
        let message = format!("at least {} characters must stand before a `*`", words::PREFIX_CHARS);
        return Err(QueryError::new(value.span.clone(), message));
    }
    Ok((!text.is_empty()).then_some((text, value.star)))
}

fn no_star(value: &Text, what: &str) -> Result<(), QueryError> {
    if value.star {
        return Err(QueryError::new(value.span.clone(), format!("a `*` cannot be used with {what}")));
    }
    Ok(())
}

/// The two ends of `a..b`, or the one value twice.
fn range(op: Op, value: &Text) -> Result<(&str, &str), QueryError> {
    match value.text.split_once("..") {
        None => Ok((&value.text, &value.text)),
        Some(ends) if op == Op::Is || op == Op::IsNot => Ok(ends),
        Some(_) => {
            let message = format!("a range `a..b` cannot be used with `{}`", op.as_str());
            Err(QueryError::new(value.span.clone(), message).hint("write a range with : or ="))
        }
    }
}

fn compare(op: Op) -> Compare {
    match op {
        Op::Is | Op::IsNot => Compare::Within,
        Op::Less => Compare::Less,
        Op::LessOrEqual => Compare::LessOrEqual,
        Op::Greater => Compare::Greater,
        Op::GreaterOrEqual => Compare::GreaterOrEqual,
    }
}

fn backwards(span: &Range<usize>) -> QueryError {
    QueryError::new(span.clone(), "the range is backwards: nothing can be in it").hint("write the smaller end first")
}

fn time(op: Op, value: &Text, warnings: &mut Warnings) -> Result<Node, QueryError> {
    no_star(value, "a date")?;
    let (lower, upper) = range(op, value)?;
    let read = |text: &str, zone| {
        date::read(text, zone).ok_or_else(|| {
            let error = QueryError::new(value.span.clone(), date::why_not(text, zone).unwrap_or_else(|| format!("`{}` is not a date", text.trim())));
            error.hint(
                "write 2026-03-04, 2026-03-04T09:00:00Z, 2026-03-04T09:00[Europe/Warsaw], 2026-03-01..2026-03-31, today, \
                 yesterday, \"this week\", \"last month\", \"last 30 days\"",
            )
        })
    };
    // A zone behind a range is that of both ends.
    let last = read(upper, None)?;
    let first = read(lower, last.zone)?;
    if first.american || last.american {
        let message = format!("`{}` was read as month/day/year", value.text);
        warnings.push(Warning::new(WarningCode::AmericanDate, &value.span, message));
    }
    let telling = first.telling || last.telling;
    let (from, to) = (first.span, last.span);
    if let (DateSpan::Fixed { from: first, .. }, DateSpan::Fixed { until: last, .. }) = (from, to)
        && last <= first
    {
        return Err(backwards(&value.span));
    }
    Ok(Node::Time { compare: compare(op), from, to, telling, span: value.span.clone() })
}

fn size(op: Op, value: &Text, quoted: bool) -> Result<Node, QueryError> {
    no_star(value, "a size")?;
    let (lower, upper) = range(op, value)?;
    let read = |text: &str| {
        bytes(text).ok_or_else(|| {
            let shown = if quoted { format!("\"{text}\"") } else { text.to_owned() };
            let error = QueryError::new(value.span.clone(), format!("`{shown}` is not a number of bytes"));
            error.hint("write whole bytes, or KiB, MiB, GiB: size>1048576, size>1MiB, size:1..1048576")
        })
    };
    let (lower, upper) = (read(lower)?, read(upper)?);
    if upper < lower {
        return Err(backwards(&value.span));
    }
    let bounds = match compare(op) {
        Compare::Within => Some((Some(lower), Some(upper))),
        Compare::Less => lower.checked_sub(1).map(|max| (None, Some(max))),
        Compare::LessOrEqual => Some((None, Some(lower))),
        Compare::Greater => lower.checked_add(1).map(|min| (Some(min), None)),
        Compare::GreaterOrEqual => Some((Some(lower), None)),
    };
    Ok(bounds.map_or(Node::Nothing, |(min, max)| Node::Leaf(Leaf::Size { min, max })))
}

/// A number of bytes. KiB, MiB and GiB are an extension; KB and MB mean two things and are refused.
fn bytes(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let units = [("kib", 1u64 << 10), ("mib", 1 << 20), ("gib", 1 << 30)];
    let unit = units.iter().find_map(|(unit, bytes)| lower.strip_suffix(unit).map(|digits| (digits, *bytes)));
    let (digits, unit) = unit.unwrap_or((&lower, 1));
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse::<u64>().ok().filter(|_| plain)?.checked_mul(unit)
}

/// Kinds of Microsoft's list that nothing in this archive is.
const OTHER_KINDS: &[&str] = &[
    "contacts",
    "docs",
    "fax",
    "faxes",
    "journals",
    "meetings",
    "microsoftteams",
    "notes",
    "posts",
    "rssfeeds",
    "tasks",
    "voicemail",
];

fn kind(value: &Text, warnings: &mut Warnings) -> Result<Node, QueryError> {
    no_star(value, "a kind")?;
    let word = value.text.trim().to_lowercase();
    if let Some(kind) = MessageKind::ALL.into_iter().find(|kind| kind.as_str() == word) {
        return Ok(Node::Leaf(Leaf::Kind(kind)));
    }
    match word.as_str() {
        // What the original calls everything that a connector imports.
        "externaldata" | "im" => return Ok(class("ipm.externaldata")),
        "email" => {
            let message = "this archive has no ordinary mail; its items are externaldata";
            warnings.push(Warning::new(WarningCode::NeverMatches, &value.span, message));
            return Ok(class(MAIL_CLASS));
        }
        "unindexed" => return Ok(Node::Leaf(Leaf::Unindexed(true))),
        _ => {}
    }
    if OTHER_KINDS.contains(&word.as_str()) {
        let message = format!("this archive has no item of kind {word}; its items are externaldata");
        warnings.push(Warning::new(WarningCode::NeverMatches, &value.span, message));
        return Ok(Node::Nothing);
    }
    let names: Vec<_> = MessageKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let error = QueryError::new(value.span.clone(), format!("there is no kind `{}`", value.text));
    Err(error.hint(format!("kinds are {}, externaldata, unindexed", names.join(", "))))
}

fn class(beginning: &str) -> Node {
    Node::Leaf(Leaf::ItemClass { value: beginning.to_owned(), prefix: true })
}

fn boolean(flag: Flag, value: &Text, property: &Property, warnings: &mut Warnings) -> Result<Node, QueryError> {
    no_star(value, "true or false")?;
    let yes = match value.text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => true,
        "false" | "no" | "0" => false,
        _ => {
            let message = format!("`{}` is neither true nor false", value.text);
            return Err(QueryError::new(value.span.clone(), message).hint(format!("write {}:true", property.name)));
        }
    };
    Ok(Node::Leaf(match flag {
        Flag::HasAttachment => Leaf::HasAttachment(yes),
        Flag::IsDeleted => Leaf::IsDeleted(yes),
        Flag::IsEdited => Leaf::IsEdited(yes),
        Flag::IsRead => {
            return Ok(always(!yes, "the archive keeps no read marks: every item is unread", value, warnings));
        }
    }))
}

/// A condition that all items have, or none.
fn always(yes: bool, why: &str, value: &Text, warnings: &mut Warnings) -> Node {
    if yes {
        return Node::All;
    }
    warnings.push(Warning::new(WarningCode::NeverMatches, &value.span, why));
    Node::Nothing
}

fn importance(value: &Text, warnings: &mut Warnings) -> Result<Node, QueryError> {
    no_star(value, "an importance")?;
    match value.text.trim().to_ascii_lowercase().as_str() {
        "medium" | "normal" => Ok(Node::All),
        "high" | "low" => Ok(always(false, "messages have no importance: all are medium", value, warnings)),
        _ => {
            let error = QueryError::new(value.span.clone(), format!("there is no importance `{}`", value.text));
            Err(error.hint("write importance:high, importance:medium or importance:low"))
        }
    }
}

fn number(value: &Text, warnings: &mut Warnings) -> Result<Node, QueryError> {
    let prefix = value.star;
    let digits = match prefix {
        true => number_prefix(&value.text),
        false => PhoneNumber::parse(&value.text).map(|number| number.digits().to_owned()),
    };
    match digits {
        Some(id) => Ok(Node::Leaf(Leaf::Person { role: super::leaf::Role::Any, id, prefix })),
        None if value.text.trim().is_empty() => Ok(nothing(&value.span, warnings)),
        None => {
            let error = QueryError::new(value.span.clone(), format!("`{}` is not a phone number", value.text));
            Err(error.hint("write 7 to 15 digits with the country code, or three or more and a *: number:+4477*"))
        }
    }
}

fn language(value: &Text) -> Result<Node, QueryError> {
    no_star(value, "a language")?;
    let code = lang::code(&value.text).ok_or_else(|| {
        let error = QueryError::new(value.span.clone(), format!("there is no language `{}`", value.text));
        error.hint(format!("languages are {}", lang::codes()))
    })?;
    Ok(Node::Leaf(Leaf::Lang(code.to_owned())))
}

fn source(value: &Text) -> Result<Node, QueryError> {
    no_star(value, "a source")?;
    let word = value.text.trim().to_lowercase();
    let kind = SourceKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| {
        let names: Vec<_> = SourceKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let error = QueryError::new(value.span.clone(), format!("there is no source `{}`", value.text));
        error.hint(format!("sources are {}", names.join(", ")))
    })?;
    Ok(Node::Leaf(Leaf::Source(kind)))
}

/// The beginning of some hex digits, with or without `lead` and `*`.
fn hex(value: &Text, what: &str, lead: &str, most: usize) -> Result<String, QueryError> {
    let text = value.text.trim().to_lowercase();
    let digits = text.strip_prefix(lead).unwrap_or(&text);
    let right = text.len() >= MIN_PREFIX && !digits.is_empty() && digits.len() <= most;
    if right && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(digits.to_owned());
    }
    let error = QueryError::new(value.span.clone(), format!("`{}` is not {what}", value.text));
    Err(error.hint(format!("write {MIN_PREFIX} or more of its characters (0-9, a-f)")))
}

fn named(name: Name, value: Text, warnings: &mut Warnings) -> Result<Node, QueryError> {
    let text = value.text.trim().to_owned();
    if text.is_empty() && !value.star {
        return Ok(nothing(&value.span, warnings));
    }
    if name == Name::Run {
        no_star(&value, "a run")?;
    }
    Ok(Node::Named { name, text, star: value.star, span: value.span })
}
