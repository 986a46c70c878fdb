//! From closed expressions to tantivy queries, for the part of the language that the index alone can answer.
//!
//! Contract: a compiled query matches a document exactly if `query::hits` matches its facts. NOT, proximity, ids, dates and sizes (columns are faster), and whatever
//! is kept outside of the index (tags, holds, the state of a message, its mailboxes) are not compiled: `search` does them
//! on bitmaps. A prefix is expanded through the term
//! dictionary; beyond [`PREFIX_TERMS`] terms it is an error, never a smaller answer.

use super::{
    document::{MAIL_CODE, kind_code, source_code, term_text},
    error::error,
    schema::Fields,
};
use crate::{
    Error, ErrorKind, Result,
    model::{MessageKind, limits::PREFIX_TERMS},
    query::{Expr, Leaf, MAIL_CLASS, Role, TextField},
};
use std::collections::BTreeSet;
use tantivy::{
    Searcher, Term,
    query::{AllQuery, BooleanQuery, EmptyQuery, PhraseQuery, Query, RegexPhraseQuery, TermQuery, TermSetQuery},
    schema::{Field, IndexRecordOption},
};

type Compiled = Box<dyn Query>;

/// Whether [`Compiler::query`] can answer the expression.
pub(super) fn is_index_only(expr: &Expr) -> bool {
    match expr {
        Expr::All | Expr::Nothing => true,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().all(is_index_only),
        Expr::Not(_) => false,
        // Columns, positions, and what is outside of the index: `Reader::outside` answers those.
        Expr::Leaf(leaf) => !matches!(
            leaf,
            Leaf::Time { .. }
                | Leaf::Size { .. }
                | Leaf::IsDeleted(_)
                | Leaf::IsEdited(_)
                | Leaf::Mailbox { .. }
                | Leaf::Near(_)
                | Leaf::Id(_)
                | Leaf::Digest(_)
                | Leaf::Ordinals { .. }
                | Leaf::Tag(_)
                | Leaf::Hold(_)
                | Leaf::Recoverable(_)
                | Leaf::Label(_)
        ),
    }
}

/// Compiles for one state of the index.
pub(super) struct Compiler<'a> {
    pub searcher: &'a Searcher,
    pub fields: &'a Fields,
    /// Fields that no document has anything in.
    pub unused: &'a [Field],
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
                let received = [fields.to_id, fields.cc_id, fields.bcc_id];
                let fields = match role {
                    Role::From => vec![fields.from_id],
                    Role::To => received.to_vec(),
                    Role::Any => [[fields.from_id].as_slice(), &received].concat(),
                    Role::ToLine => vec![fields.to_id],
                    Role::Cc => vec![fields.cc_id],
                    Role::Bcc => vec![fields.bcc_id],
                };
                self.any_raw(&fields, id, *prefix)
            }
            Leaf::Kind(kind) => Ok(self.kind(*kind)),
            Leaf::ItemClass { value, prefix } => self.item_class(value, *prefix),
            Leaf::HasAttachment(yes) => Ok(term(Term::from_field_bool(fields.has_attachment, *yes))),
            Leaf::Written { digits, prefix } => self.any_raw(&[fields.numbers], digits, *prefix),
            Leaf::Conversation { id, prefix } => self.any_raw(&[fields.conversation_key], id, *prefix),
            Leaf::Lang(code) => self.any_raw(&[fields.lang], code, false),
            Leaf::Source(kind) => Ok(term(Term::from_field_u64(fields.source, source_code(*kind)))),
            Leaf::Unindexed(yes) => Ok(term(Term::from_field_bool(fields.unindexed, *yes))),
            _ => Err(Error::bug("a condition on a column or on what is outside of the index reached its compiler")),
        }
    }

    fn kind(&self, kind: MessageKind) -> Compiled {
        term(Term::from_field_u64(self.fields.kind, kind_code(kind)))
    }

    fn item_class(&self, value: &str, prefix: bool) -> Result<Compiled> {
        let is = |class: &str| if prefix { class.starts_with(value) } else { class == value };
        let kinds = MessageKind::ALL.into_iter().filter(|kind| is(&kind.item_class().to_lowercase()));
        let mut parts: Vec<Compiled> = kinds.map(|kind| self.kind(kind)).collect();
        let mail = Term::from_field_u64(self.fields.kind, MAIL_CODE);
        let others = self.searcher.doc_freq(&mail).map_err(|cause| error("read", cause))?;
        if is(MAIL_CLASS) {
            parts.push(term(mail));
        } else if parts.len() == MessageKind::ALL.len() && others == 0 {
            // The common case by far: everything is external data.
            return Ok(Box::new(AllQuery));
        }
        Ok(union(parts))
    }

    /// A whole value, or the beginning of one, in any of the fields.
    fn any_raw(&self, fields: &[Field], value: &str, prefix: bool) -> Result<Compiled> {
        let mut parts = Vec::with_capacity(fields.len());
        for field in fields.iter().filter(|field| !self.unused.contains(field)) {
            parts.extend(self.raw(*field, value, prefix)?);
        }
        Ok(union(parts))
    }

    fn words(&self, field: TextField, tokens: &[String], prefix: bool) -> Result<Compiled> {
        let Fields { subject, body, attachments, contents, from, to, cc, bcc, conversation_name, .. } = *self.fields;
        let fields = match field {
            TextField::Any => vec![subject, body, attachments, contents, from, to, cc, bcc],
            TextField::Subject => vec![subject],
            TextField::Body => vec![body],
            TextField::AttachmentNames => vec![attachments],
            TextField::Conversation => vec![conversation_name],
            TextField::From => vec![from],
            TextField::To => vec![to, cc, bcc],
            TextField::Participants => vec![from, to, cc, bcc],
            TextField::ToLine => vec![to],
            TextField::Cc => vec![cc],
            TextField::Bcc => vec![bcc],
        };
        let mut parts = Vec::with_capacity(fields.len());
        for field in fields.into_iter().filter(|field| !self.unused.contains(field)) {
            parts.extend(self.row(field, tokens, prefix)?);
        }
        Ok(union(parts))
    }

    /// Whether some document has this term; deleted ones may be among them.
    fn has(&self, term: &Term) -> Result<bool> {
        self.searcher.doc_freq(term).map(|count| count > 0).map_err(|cause| error("read", cause))
    }

    /// Tokens in a row in one text field; `None` if the field lacks one of them.
    fn row(&self, field: Field, tokens: &[String], prefix: bool) -> Result<Option<Compiled>> {
        let text = |token: &String| Term::from_field_text(field, token);
        let whole = if prefix { tokens.len().saturating_sub(1) } else { tokens.len() };
        for token in tokens.iter().take(whole) {
            if !self.has(&text(token))? {
                return Ok(None);
            }
        }
        Ok(match tokens {
            [] => None,
            [only] if prefix => self.beginnings(field, only)?,
            [only] => Some(Box::new(TermQuery::new(text(only), IndexRecordOption::WithFreqs))),
            [head @ .., last] if prefix => {
                // Counted first: tantivy's own limit would speak of "expansions", and over all terms of the phrase.
                let terms = self.expand(field, last)?.len() + tokens.len();
                let mut patterns: Vec<String> = head.iter().map(|token| escaped(token)).collect();
                patterns.push(format!("{}.*", escaped(last)));
                let mut query = RegexPhraseQuery::new(field, patterns);
                query.set_max_expansions(u32::try_from(terms).unwrap_or(u32::MAX));
                Some(Box::new(query))
            }
            _ => Some(Box::new(PhraseQuery::new(tokens.iter().map(text).collect()))),
        })
    }

    /// A whole value, or the beginning of one; `None` if the field has none.
    fn raw(&self, field: Field, value: &str, prefix: bool) -> Result<Option<Compiled>> {
        if prefix {
            return self.beginnings(field, value);
        }
        let wanted = Term::from_field_text(field, &term_text(value));
        Ok(if self.has(&wanted)? { Some(term(wanted)) } else { None })
    }

    fn beginnings(&self, field: Field, prefix: &str) -> Result<Option<Compiled>> {
        let terms = self.expand(field, prefix)?;
        Ok(if terms.is_empty() { None } else { Some(Box::new(TermSetQuery::new(terms))) })
    }

    /// The terms of a field that begin with `prefix`.
    pub(super) fn expand(&self, field: Field, prefix: &str) -> Result<Vec<Term>> {
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
