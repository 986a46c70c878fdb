//! How a query is understood, and how much each part of it finds.
//!
//! Contract: the tree is the closed expression that is evaluated, so what it shows is what counts: folded words, expanded people,
//! times of UTC with the end left out. Parts that are everything or nothing stand in it too. Counts are of messages, each part by itself. Limit: [`COUNTED_PARTS`].

use super::{Asked, IndexState};
use crate::{
    Result,
    archive::Archive,
    model::{Right, Seq},
    query::{self, Expr, Node, Warning},
};
use serde::Serialize;

/// Parts that are counted; each is a search of its own.
const COUNTED_PARTS: usize = 500;

/// How a query is understood.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainReport {
    /// The query as typed.
    pub query: String,
    /// The case that it was limited to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The tree as text, two blanks a level.
    pub tree: String,
    /// The same, line by line.
    pub lines: Vec<TreeLine>,
    /// Parts of the tree that were not counted: there are too many.
    pub uncounted: usize,
    /// People that were looked up in the directory.
    pub people: Vec<Expansion>,
    /// Messages that match.
    pub messages: u64,
    /// Items that match.
    pub items: u64,
    /// Messages that are no hits, but might be.
    pub partially_indexed: u64,
    /// Journal line that the counts are as of.
    pub as_of: Seq,
    /// How far the index is.
    pub index: IndexState,
    /// Remarks about the query and the archive, for people.
    pub warnings: Vec<String>,
    /// Those about the query, with their places.
    pub lints: Vec<Warning>,
}

/// One part of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TreeLine {
    /// How deep it stands.
    pub level: usize,
    /// `AND`, `OR`, `NOT`, or a condition.
    pub text: String,
    /// Messages that it matches by itself; `None`: not counted.
    pub messages: Option<u64>,
}

/// What a person stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expansion {
    /// As typed.
    pub typed: String,
    /// What is looked for.
    pub means: String,
}

impl Archive {
    /// Explains a query, and counts its parts. Recorded, since it counts.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn explain_query(&mut self, query: &str, mailboxes: &[String], case: Option<&str>) -> Result<ExplainReport> {
        self.may(Right::Search, "search", query)?;
        let asked = self.asked_for(query, mailboxes, case)?;
        let found = self.answer(&asked.expr, &asked.mailboxes, false)?;
        let partially_indexed = self.unsure_messages(&asked.expr, &asked.mailboxes, &found.messages)?.len();
        let mut lines = Vec::new();
        let whole = self.whole(query, &asked);
        self.tree(&whole, 0, &asked, &mut lines)?;
        let mut report = ExplainReport {
            query: query.to_owned(),
            case: asked.case.clone(),
            tree: query::explain(&whole),
            uncounted: lines.iter().filter(|line| line.messages.is_none()).count(),
            lines,
            people: self.people(query),
            messages: found.messages.len(),
            items: found.items,
            partially_indexed,
            as_of: self.as_of(),
            index: self.index_state(),
            warnings: asked.warnings(),
            lints: asked.lints.clone(),
        };
        self.record_search(&asked.recorded, &found, None);
        report.warnings.extend(self.warnings.iter().cloned());
        Ok(report)
    }

    /// The closed expression with every part that was typed: one that is everything, or nothing, stands there as such.
    fn whole(&self, query: &str, asked: &Asked) -> Expr {
        let known = self.known_names();
        let parsed = query::parse(query).ok();
        let typed = parsed.and_then(|parsed| unsimplified(&parsed.expr, &known.context(self)));
        let case = asked.case_limit.iter().cloned();
        match typed {
            None => asked.expr.clone(),
            Some(typed) if asked.case_limit.is_none() => typed,
            Some(Expr::And(parts)) => Expr::And(parts.into_iter().chain(case).collect()),
            Some(typed) => Expr::And(std::iter::once(typed).chain(case).collect()),
        }
    }

    fn tree(&self, expr: &Expr, level: usize, asked: &Asked, lines: &mut Vec<TreeLine>) -> Result<()> {
        let messages = match lines.len() < COUNTED_PARTS {
            true => Some(self.count(expr, asked)?),
            false => None,
        };
        let text = match expr {
            Expr::And(_) => "AND".to_owned(),
            Expr::Or(_) => "OR".to_owned(),
            Expr::Not(_) => "NOT".to_owned(),
            other => query::describe(other),
        };
        lines.push(TreeLine { level, text, messages });
        match expr {
            Expr::And(parts) | Expr::Or(parts) => {
                parts.iter().try_for_each(|part| self.tree(part, level + 1, asked, lines))
            }
            Expr::Not(inner) => self.tree(inner, level + 1, asked, lines),
            _ => Ok(()),
        }
    }

    /// What each person of a query stands for, where it is more than what was typed.
    fn people(&self, query: &str) -> Vec<Expansion> {
        let Ok(parsed) = query::parse(query) else { return Vec::new() };
        let mut nodes = Vec::new();
        persons(&parsed.expr, &mut nodes);
        let known = self.known_names();
        let mut people: Vec<Expansion> = Vec::new();
        for node in nodes {
            let Node::Person { role, text, star } = node else { continue };
            let Ok(closed) = query::resolve(node, &known.context(self)) else { continue };
            let typed = format!("{}:{text}{}", role.as_str(), if *star { "*" } else { "" });
            let means = query::describe(&closed.expr);
            if matches!(closed.expr, Expr::Or(_)) && !people.iter().any(|other| other.typed == typed) {
                people.push(Expansion { typed, means });
            }
        }
        people
    }
}

/// `None`: it cannot be closed.
fn unsimplified(node: &Node, context: &query::Context<'_>) -> Option<Expr> {
    let all = |parts: &[Node]| parts.iter().map(|part| unsimplified(part, context)).collect::<Option<Vec<_>>>();
    Some(match node {
        Node::And(parts) => Expr::And(all(parts)?),
        Node::Or(parts) => Expr::Or(all(parts)?),
        Node::Not(inner) => Expr::Not(Box::new(unsimplified(inner, context)?)),
        other => query::resolve(other, context).ok()?.expr,
    })
}

fn persons<'a>(node: &'a Node, found: &mut Vec<&'a Node>) {
    match node {
        Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| persons(part, found)),
        Node::Not(inner) => persons(inner, found),
        Node::Person { .. } => found.push(node),
        _ => {}
    }
}
