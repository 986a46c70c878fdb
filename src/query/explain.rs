//! A closed expression as text for people: a tree, one node a line; or one line in the form of a query.
//!
//! The line is for reading and comparing, not for parsing again: tokens are folded and times are half-open.

use super::{
    expr::Expr,
    leaf::{Gap, Leaf, Near, Row},
};
use crate::model::Instant;

/// The tree, one node a line, two blanks a level.
#[must_use]
pub fn explain(expr: &Expr) -> String {
    let mut out = String::new();
    tree(expr, 0, &mut out);
    out
}

fn tree(expr: &Expr, level: usize, out: &mut String) {
    let mut line = |text: &str| {
        out.push_str(&"  ".repeat(level));
        out.push_str(text);
        out.push('\n');
    };
    match expr {
        Expr::All => line("everything"),
        Expr::Nothing => line("nothing"),
        Expr::And(parts) => {
            line("AND");
            parts.iter().for_each(|part| tree(part, level + 1, out));
        }
        Expr::Or(parts) => {
            line("OR");
            parts.iter().for_each(|part| tree(part, level + 1, out));
        }
        Expr::Not(inner) => {
            line("NOT");
            tree(inner, level + 1, out);
        }
        Expr::Leaf(leaf) => line(&condition(leaf)),
    }
}

/// The expression in one line.
#[must_use]
pub fn describe(expr: &Expr) -> String {
    let inner = |part: &Expr| match part {
        Expr::And(_) | Expr::Or(_) => format!("({})", describe(part)),
        other => describe(other),
    };
    let join = |parts: &[Expr], with: &str| parts.iter().map(inner).collect::<Vec<_>>().join(with);
    match expr {
        Expr::All => "everything".to_owned(),
        Expr::Nothing => "nothing".to_owned(),
        Expr::And(parts) => join(parts, " AND "),
        Expr::Or(parts) => join(parts, " OR "),
        Expr::Not(part) => format!("NOT {}", inner(part)),
        Expr::Leaf(leaf) => condition(leaf),
    }
}

/// The conditions that all must hold, each with its line: what a search without hits counts one by one.
#[must_use]
pub fn conditions(expr: &Expr) -> Vec<(String, Expr)> {
    let parts = match expr {
        Expr::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    parts.iter().map(|part| (describe(part), part.clone())).collect()
}

fn condition(leaf: &Leaf) -> String {
    let name = leaf.property();
    let named = |value: String| if name == "any" { value } else { format!("{name}:{value}") };
    match leaf {
        Leaf::Words { tokens, prefix, .. } => named(quoted(&tokens.join(" "), *prefix)),
        Leaf::Person { id: value, prefix, .. }
        | Leaf::ItemClass { value, prefix }
        | Leaf::Mailbox { value, prefix } => named(quoted(value, *prefix)),
        Leaf::Time { from, until } => ends("sent", from.as_ref(), until.as_ref(), "<", Instant::to_string),
        Leaf::Size { min, max } => ends("size", min.as_ref(), max.as_ref(), "<=", u64::to_string),
        Leaf::Kind(kind) => named(kind.as_str().to_owned()),
        Leaf::HasAttachment(yes) | Leaf::IsDeleted(yes) | Leaf::IsEdited(yes) | Leaf::Recoverable(yes) => {
            named(yes.to_string())
        }
        Leaf::Near(near) => proximity(near),
        Leaf::Written { digits, prefix } => format!("written:{}", quoted(digits, *prefix)),
        Leaf::Conversation { id, prefix } => format!("conversation-id:{}", quoted(id, *prefix)),
        Leaf::Lang(value) | Leaf::Tag(value) => named(quoted(value, false)),
        Leaf::Source(kind) => named(kind.as_str().to_owned()),
        Leaf::Unindexed(true) => "kind:unindexed".to_owned(),
        Leaf::Unindexed(false) => "NOT kind:unindexed".to_owned(),
        Leaf::Id(digits) | Leaf::Digest(digits) => named(format!("{digits}*")),
        Leaf::Ordinals { from, until } => format!("message number {from} until before {until}"),
        Leaf::Hold(id) => named(id.0.clone()),
        Leaf::Label(id) => named(id.0.clone()),
    }
}

fn proximity(near: &Near) -> String {
    let operand = |rows: &Vec<Row>| {
        let rows: Vec<String> = rows.iter().map(|row| quoted(&row.tokens.join(" "), row.prefix)).collect();
        if rows.len() == 1 { rows.concat() } else { format!("({})", rows.join(" OR ")) }
    };
    let mut operands = near.operands.iter().map(operand);
    let mut out = operands.next().unwrap_or_default();
    for (Gap { most, ordered }, operand) in near.gaps.iter().zip(operands) {
        out.push_str(&format!(" {}NEAR({most}) {operand}", if *ordered { "O" } else { "" }));
    }
    out
}

fn quoted(text: &str, prefix: bool) -> String {
    let star = if prefix { "*" } else { "" };
    if text.contains(' ') { format!("\"{text}{star}\"") } else { format!("{text}{star}") }
}

fn ends<T>(name: &str, from: Option<&T>, to: Option<&T>, before: &str, show: fn(&T) -> String) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{name}:{}..{}", show(from), show(to)),
        (Some(from), None) => format!("{name}>={}", show(from)),
        (None, Some(to)) => format!("{name}{before}{}", show(to)),
        (None, None) => format!("{name}:known"),
    }
}
