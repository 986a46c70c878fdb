//! From closed expressions to tantivy queries, for the part of the language that the index alone can answer.
//!
//! Contract: a compiled query matches a document exactly if `query::hits` matches its facts. NOT, the state of a message
//! on the phone and the mailbox are not compiled: `search` does them on bitmaps. A prefix is expanded through the term
//! dictionary; beyond [`PREFIX_TERMS`] terms it is an error, never a smaller answer.

use super::{
    document::{kind_code, term_text},
    error::error,
    schema::Fields,
};
use crate::{
    Error, ErrorKind, Result,
    model::{MessageKind, limits::PREFIX_TERMS},
    query::{Expr, Leaf, Role, TextField},
};
use std::{collections::BTreeSet, ops::Bound};
use tantivy::{
    Searcher, Term,
    query::{
        AllQuery, BooleanQuery, EmptyQuery, PhraseQuery, Query, RangeQuery, RegexPhraseQuery, TermQuery, TermSetQuery,
    },
    schema::{Field, IndexRecordOption},
};

type Compiled = Box<dyn Query>;

/// Whether [`Compiler::query`] can answer the expression.
pub(super) fn is_index_only(expr: &Expr) -> bool {
    match expr {
        Expr::All | Expr::Nothing => true,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().all(is_index_only),
        Expr::Not(_) => false,
        Expr::Leaf(Leaf::IsDeleted(_) | Leaf::IsEdited(_) | Leaf::Mailbox { .. }) => false,
        Expr::Leaf(_) => true,
    }
}

/// Compiles for one state of the index.
pub(super) struct Compiler<'a> {
    pub searcher: &'a Searcher,
    pub fields: &'a Fields,
}

impl Compiler<'_> {
    /// The query of an expression that [`is_index_only`].
    pub(super) fn query(&self, expr: &Expr) -> Result<Compiled> {
        let all = |parts: &[Expr]| parts.iter().map(|part| self.query(part)).collect::<Result<Vec<_>>>();
        match expr {
            Expr::All => Ok(Box::new(AllQuery)),
            Expr::Nothing => Ok(Box::new(EmptyQuery)),
            Expr::And(parts) if parts.is_empty() => Ok(Box::new(AllQuery)),
            Expr::And(parts) => Ok(Box::new(BooleanQuery::intersection(all(parts)?))),
            Expr::Or(parts) => Ok(union(all(parts)?)),
            Expr::Leaf(leaf) => self.leaf(leaf),
            Expr::Not(_) => Err(Error::bug("NOT reached the index's compiler")),
        }
    }

    /// The query of one condition.
    pub(super) fn leaf(&self, leaf: &Leaf) -> Result<Compiled> {
        let fields = self.fields;
        match leaf {
            Leaf::Words { field, tokens, prefix } => self.words(*field, tokens, *prefix),
            Leaf::Person { role, id, prefix } => {
                let fields = match role {
                    Role::From => vec![fields.from_id],
                    Role::To => vec![fields.to_id],
                    Role::Any => vec![fields.from_id, fields.to_id],
                };
                let parts = fields.into_iter().map(|field| self.raw(field, id, *prefix));
                Ok(union(parts.collect::<Result<_>>()?))
            }
            Leaf::Time { from, until } => Ok(Box::new(RangeQuery::new(
                Bound::Included(Term::from_field_i64(fields.sent, from.map_or(i64::MIN, |from| from.0))),
                match until {
                    Some(until) => Bound::Excluded(Term::from_field_i64(fields.sent, until.0)),
                    None => Bound::Included(Term::from_field_i64(fields.sent, i64::MAX)),
                },
            ))),
            Leaf::Size { min, max } => Ok(Box::new(RangeQuery::new(
                Bound::Included(Term::from_field_u64(fields.size, min.unwrap_or(0))),
                Bound::Included(Term::from_field_u64(fields.size, max.unwrap_or(u64::MAX))),
            ))),
            Leaf::Kind(kind) => Ok(self.kind(*kind)),
            Leaf::ItemClass { value, prefix } => {
                let is = |kind: &MessageKind| {
                    let class = kind.item_class().to_lowercase();
                    if *prefix { class.starts_with(value) } else { class == *value }
                };
                Ok(union(MessageKind::ALL.into_iter().filter(is).map(|kind| self.kind(kind)).collect()))
            }
            Leaf::HasAttachment(yes) => Ok(term(Term::from_field_bool(fields.has_attachment, *yes))),
            Leaf::IsDeleted(_) | Leaf::IsEdited(_) | Leaf::Mailbox { .. } => {
                Err(Error::bug(format!("`{}` reached the index's compiler", leaf.property())))
            }
        }
    }

    fn kind(&self, kind: MessageKind) -> Compiled {
        term(Term::from_field_u64(self.fields.kind, kind_code(kind)))
    }

    fn words(&self, field: TextField, tokens: &[String], prefix: bool) -> Result<Compiled> {
        let Fields { subject, body, attachments, from, to, .. } = *self.fields;
        let fields = match field {
            TextField::Any => vec![subject, body, attachments, from, to],
            TextField::Subject => vec![subject],
            TextField::Body => vec![body],
            TextField::AttachmentNames => vec![attachments],
            TextField::From => vec![from],
            TextField::To => vec![to],
            TextField::Participants => vec![from, to],
        };
        Ok(union(fields.into_iter().map(|field| self.row(field, tokens, prefix)).collect::<Result<_>>()?))
    }

    /// Tokens in a row in one text field.
    fn row(&self, field: Field, tokens: &[String], prefix: bool) -> Result<Compiled> {
        let text = |token: &String| Term::from_field_text(field, token);
        Ok(match tokens {
            [] => Box::new(EmptyQuery),
            [only] if prefix => Box::new(TermSetQuery::new(self.expand(field, only)?)),
            [only] => Box::new(TermQuery::new(text(only), IndexRecordOption::WithFreqs)),
            [head @ .., last] if prefix => {
                // Counted first: tantivy's own limit would speak of "expansions", and over all terms of the phrase.
                let terms = self.expand(field, last)?.len() + tokens.len();
                let mut patterns: Vec<String> = head.iter().map(|token| escaped(token)).collect();
                patterns.push(format!("{}.*", escaped(last)));
                let mut query = RegexPhraseQuery::new(field, patterns);
                query.set_max_expansions(u32::try_from(terms).unwrap_or(u32::MAX));
                Box::new(query)
            }
            _ => Box::new(PhraseQuery::new(tokens.iter().map(text).collect())),
        })
    }

    /// A whole value, or the beginning of one.
    fn raw(&self, field: Field, value: &str, prefix: bool) -> Result<Compiled> {
        if prefix {
            return Ok(Box::new(TermSetQuery::new(self.expand(field, value)?)));
        }
        Ok(term(Term::from_field_text(field, &term_text(value))))
    }

    /// The terms of a field that begin with `prefix`.
    fn expand(&self, field: Field, prefix: &str) -> Result<Vec<Term>> {
        let terms = self.terms(field, prefix, PREFIX_TERMS + 1).map_err(|cause| error("read", cause))?;
        if terms.len() > PREFIX_TERMS {
            let message = format!("`{prefix}*` stands for more than {PREFIX_TERMS} different words");
            return Err(Error::new(ErrorKind::BadQuery, message).with_hint("write more letters before the *"));
        }
        Ok(terms.iter().map(|text| Term::from_field_text(field, text)).collect())
    }

    /// Up to `limit` terms of a field that begin with `prefix`, in order.
    pub(super) fn terms(&self, field: Field, prefix: &str, limit: usize) -> tantivy::Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let mut stream = index.terms().range().ge(prefix).into_stream()?;
            let mut taken = 0;
            while taken < limit && stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
                found.insert(String::from_utf8_lossy(stream.key()).into_owned());
                taken += 1;
            }
        }
        Ok(found)
    }
}

fn term(term: Term) -> Compiled {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

pub(super) fn union(mut parts: Vec<Compiled>) -> Compiled {
    match (parts.pop(), parts.is_empty()) {
        (None, _) => Box::new(EmptyQuery),
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            Box::new(BooleanQuery::union(parts))
        }
    }
}

/// A token as a regular expression that matches only it. Tokens are letters, digits, marks and emoji, among which are
/// the keycaps `*` and `#`.
fn escaped(token: &str) -> String {
    let mut out = String::with_capacity(token.len());
    for c in token.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
