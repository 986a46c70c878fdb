//! What may match: the messages that could be hits if the text of them that could not be read said the right thing.
//!
//! Only messages with unread text can be in doubt, and among them a condition on words may always hold: so the expression is
//! asked with such conditions taken away. Contract: [`Reader::unsure`] agrees with `query::may_hit` on every message with
//! unread text, for every expression without a mailbox condition.

use super::{Env, search::Reader};
use crate::{
    Result,
    query::{ENCRYPTED, Expr, Leaf, TextField},
};
use roaring::RoaringBitmap;
use tantivy::{Term, query::TermQuery, schema::IndexRecordOption};

/// Whether text that could not be read can make a difference at all to whether a message matches.
#[must_use]
pub fn may_be_unsure(expr: &Expr) -> bool {
    let mut open = false;
    expr.leaves(&mut |leaf, _| open |= free(leaf) || of_body(leaf));
    open
}

impl Reader {
    /// The ordinals of the messages with unread text that match or may match.
    ///
    /// # Errors
    /// As [`Reader::bitmap`].
    pub fn unsure(&self, expr: &Expr, env: &Env<'_>) -> Result<RoaringBitmap> {
        let with_unread = |rest: Expr| Expr::and(vec![Expr::Leaf(Leaf::Unindexed(true)), rest]);
        let mut found = self.bitmap(&with_unread(loosened(expr, &free)), env)?;
        let mut body = false;
        expr.leaves(&mut |leaf, _| body |= of_body(leaf));
        if body {
            let term = Term::from_field_text(self.fields.partial, ENCRYPTED);
            let encrypted = self.collect(&TermQuery::new(term, IndexRecordOption::Basic))?;
            if !encrypted.is_empty() {
                let either = |leaf: &Leaf| free(leaf) || of_body(leaf);
                found |= self.bitmap(&with_unread(loosened(expr, &either)), env)? & encrypted;
            }
        }
        Ok(found)
    }
}

/// Words that may stand in an attachment.
fn free(leaf: &Leaf) -> bool {
    matches!(leaf, Leaf::Words { field: TextField::Any, .. } | Leaf::Near(_) | Leaf::Written { .. })
}

/// Words that may stand in an encrypted body.
fn of_body(leaf: &Leaf) -> bool {
    matches!(leaf, Leaf::Words { field: TextField::Body, .. } | Leaf::Lang(_))
}

/// The expression with these conditions taken for true where that serves it; under NOT, only those count that are true
/// already.
fn loosened(expr: &Expr, open: &dyn Fn(&Leaf) -> bool) -> Expr {
    fn walk(expr: &Expr, positive: bool, open: &dyn Fn(&Leaf) -> bool) -> Expr {
        match expr {
            Expr::And(parts) => Expr::and(parts.iter().map(|part| walk(part, positive, open)).collect()),
            Expr::Or(parts) => Expr::or(parts.iter().map(|part| walk(part, positive, open)).collect()),
            Expr::Not(inner) => walk(inner, !positive, open).negated(),
            Expr::Leaf(leaf) if open(leaf) && positive => Expr::All,
            other => other.clone(),
        }
    }
    walk(expr, true, open)
}
