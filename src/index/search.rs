//! Reading the index: which messages match, and what is shown of them.
//!
//! Contract: a reader stands on one commit and its watermark; what is committed later it does not see. It never waits for
//! a writer.

use super::{
    Env,
    best::Best,
    collect::{Ordinals, Scores, all_ordinals},
    columns::{Columns, Wanted},
    compile::{Compiler, is_index_only, union},
    document::{HitRecord, key, story_key, term_text},
    error::{caught, error, is_damage},
    map::{self, Maps},
    readonly::ReadDirectory,
    schema::{Fields, Payload, RARE, schema},
};
use crate::{
    Error, ErrorKind, Result,
    model::{Digest, Ordinal, id},
    query::{Expr, Leaf, TextField},
};
use roaring::RoaringBitmap;
use std::{
    collections::{BTreeMap, HashMap},
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tantivy::{
    DocAddress, DocSet, Index, ReloadPolicy, Searcher, TERMINATED, TantivyDocument, Term,
    directory::MmapDirectory,
    query::{Query, TermQuery},
    schema::{Field, IndexRecordOption, Value},
};

/// One commit of the index.
pub struct Reader {
    index: Index,
    searcher: Searcher,
    pub(super) fields: Fields,
    /// Fields that no document has anything in.
    unused: Vec<Field>,
    watermark: String,
    /// Where the index is.
    dir: PathBuf,
    maps: Maps,
    /// Filled when it is first asked for: most questions do not need it.
    all: OnceLock<RoaringBitmap>,
}

/// Whether the places of words must be looked at.
fn is_phrase(expr: &Expr) -> bool {
    matches!(expr, Expr::Leaf(Leaf::Words { tokens, prefix: false, .. }) if tokens.len() > 1)
}

/// That all words of a phrase are there, wherever.
fn words_of(phrase: &Expr) -> Expr {
    let Expr::Leaf(Leaf::Words { field, tokens, .. }) = phrase else { return phrase.clone() };
    let word = |token: &String| Leaf::Words { field: *field, tokens: vec![token.clone()], prefix: false };
    Expr::And(tokens.iter().map(word).map(Expr::Leaf).collect())
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("watermark", &self.watermark).finish_non_exhaustive()
    }
}

/// How often a reader starts anew because a commit came between description and files.
const ATTEMPTS: usize = 16;

impl Reader {
    /// Opens the last commit of the index in `dir`. `None`: there is no index, or none that this version can use.
    ///
    /// # Errors
    /// `Io` or `Permission`.
    pub fn open(dir: &Path) -> Result<Option<Self>> {
        match caught(|| Self::try_open(dir)) {
            Ok(reader) => Ok(reader),
            Err(cause) if is_damage(&cause) => Ok(None),
            Err(cause) => Err(error("open", cause)),
        }
    }

    fn try_open(dir: &Path) -> tantivy::Result<Option<Self>> {
        let directory = match MmapDirectory::open(dir) {
            Ok(directory) => ReadDirectory(directory),
            Err(tantivy::directory::error::OpenDirectoryError::DoesNotExist(_)) => return Ok(None),
            Err(cause) => return Err(cause.into()),
        };
        if !Index::exists(&directory)? {
            return Ok(None);
        }
        let index = Index::open(directory)?;
        let (schema, fields) = schema();
        if index.schema() != schema {
            return Ok(None);
        }
        let mut before = index.load_metas()?;
        for _ in 0..ATTEMPTS {
            let Some(Ok(payload)) = before.payload.as_deref().map(Payload::read) else { return Ok(None) };
            let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
            let after = index.load_metas()?;
            // The watermark must be that of the files that were opened.
            if before.opstamp == after.opstamp && before.payload == after.payload {
                let searcher = reader.searcher();
                let unused = RARE.iter().filter(|name| !payload.rare.contains(**name));
                let unused = unused.filter_map(|name| schema.get_field(name).ok()).collect();
                let watermark = payload.watermark;
                let maps = map::of_segments(dir, searcher.segment_readers());
                let (dir, all) = (dir.to_owned(), OnceLock::new());
                return Ok(Some(Self { index, searcher, fields, unused, watermark, dir, maps, all }));
            }
            before = after;
        }
        Err(tantivy::TantivyError::SystemError("commits follow each other too fast to read one".to_owned()))
    }

    /// The same commit, as if nothing were written down of its segments.
    #[cfg(test)]
    pub(super) fn without_maps(mut self) -> Self {
        self.maps.iter_mut().for_each(|map| *map = None);
        self
    }

    /// What the commit was given.
    #[must_use]
    pub fn watermark(&self) -> &str {
        &self.watermark
    }

    /// How many messages it holds.
    #[must_use]
    pub fn doc_count(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// The ordinals of all messages it holds.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn all(&self) -> Result<&RoaringBitmap> {
        match self.all.get() {
            Some(all) => Ok(all),
            None => {
                let mut all = RoaringBitmap::new();
                for (segment, map) in self.searcher.segment_readers().iter().zip(&self.maps) {
                    all |= all_ordinals(segment, map.as_deref()).map_err(|cause| error("read", cause))?;
                }
                Ok(self.all.get_or_init(|| all))
            }
        }
    }

    pub(super) fn compiler(&self) -> Compiler<'_> {
        Compiler { searcher: &self.searcher, fields: &self.fields, unused: &self.unused }
    }

    pub(super) fn collect(&self, query: &dyn Query) -> Result<RoaringBitmap> {
        self.searcher.search(query, &Ordinals { maps: &self.maps }).map_err(|cause| error("search", cause))
    }

    /// The ordinals of the messages that match. `expr` has no mailbox condition: see `query::bind_mailbox`.
    ///
    /// # Errors
    /// `BadQuery` if a prefix stands for too many words; `Io`, `Damaged`.
    pub fn bitmap(&self, expr: &Expr, env: &Env<'_>) -> Result<RoaringBitmap> {
        match expr {
            Expr::All => Ok(self.all()?.clone()),
            Expr::Nothing => Ok(RoaringBitmap::new()),
            Expr::Not(inner) => Ok(self.all()? - self.bitmap(inner, env)?),
            Expr::Leaf(leaf) if !is_index_only(expr) => self.outside(leaf, env),
            Expr::Or(parts) if is_index_only(expr) && parts.iter().any(is_phrase) => self.any_with_phrases(parts, env),
            expr if is_index_only(expr) => self.collect(&*self.compiler().query(expr)?),
            Expr::And(parts) => self.all_of(parts, env),
            Expr::Or(parts) => self.any_of(parts, env),
            Expr::Leaf(_) => Err(Error::bug("a condition of the index was not compiled")),
        }
    }

    /// Those of `among` of which the date or the size fits.
    fn of_column(&self, leaf: &Leaf, among: &RoaringBitmap) -> Result<RoaringBitmap> {
        match leaf {
            Leaf::Time { from, until } => Ok(self.columns_of(Wanted::Dates)?.sent_in(among, *from, *until)),
            Leaf::Size { min, max } => Ok(self.columns_of(Wanted::Sizes)?.sized(among, *min, *max)),
            _ => Err(Error::bug("a condition without a column was asked of one")),
        }
    }

    /// Conditions that no query of tantivy answers.
    fn outside(&self, leaf: &Leaf, env: &Env<'_>) -> Result<RoaringBitmap> {
        let none = RoaringBitmap::new();
        match leaf {
            Leaf::Time { .. } | Leaf::Size { .. } => self.of_column(leaf, self.all()?),
            Leaf::IsDeleted(yes) => self.with(&env.deleted, *yes),
            Leaf::IsEdited(yes) => self.with(&env.edited, *yes),
            Leaf::Recoverable(yes) => self.with(&env.recoverable, *yes),
            Leaf::Tag(tag) => self.with(env.tags.get(tag).map_or(&none, |marked| marked), true),
            Leaf::Label(label) => self.with(env.labels.get(label).unwrap_or(&none), true),
            Leaf::Hold(hold) => self.with(env.holds.get(hold).unwrap_or(&none), true),
            Leaf::Ordinals { from, until } => {
                let mut found = self.all()?.clone();
                found.remove_range(..*from);
                found.remove_range(*until..);
                Ok(found)
            }
            Leaf::Near(near) => self.compiler().near(near),
            Leaf::Id(digits) => self.by_id_digits(digits),
            Leaf::Digest(digits) => self.by_digest_digits(digits),
            Leaf::Mailbox { .. } => Err(Error::bug("a mailbox condition was not bound")),
            _ => Err(Error::bug("a condition of the index was not compiled")),
        }
    }

    fn with(&self, marked: &RoaringBitmap, yes: bool) -> Result<RoaringBitmap> {
        let all = self.all()?;
        Ok(if yes { all & marked } else { all - marked })
    }

    /// One query for what the index can answer, then the rest, cheapest first: cut by each, stop when nothing is left.
    fn all_of(&self, parts: &[Expr], env: &Env<'_>) -> Result<RoaringBitmap> {
        let (index, mut rest): (Vec<_>, Vec<_>) = parts.iter().partition(|part| is_index_only(part));
        // A column is asked for each message that is left.
        rest.sort_by_key(|part| matches!(part, Expr::Leaf(Leaf::Time { .. } | Leaf::Size { .. })));
        let mut found = match index.is_empty() {
            true => self.all()?.clone(),
            false => self.bitmap(&Expr::and(index.into_iter().cloned().collect()), env)?,
        };
        for part in rest {
            if found.is_empty() {
                break;
            }
            match part {
                Expr::Leaf(leaf @ (Leaf::Time { .. } | Leaf::Size { .. })) => found = self.of_column(leaf, &found)?,
                Expr::Not(inner) => found -= self.bitmap(inner, env)?,
                other => found &= self.bitmap(other, env)?,
            }
        }
        Ok(found)
    }

    /// Phrases last, and those not at all of which no other message has the words: a person's name mostly stands where the
    /// person's number stands, and to look at the places of words takes longest.
    fn any_with_phrases(&self, parts: &[Expr], env: &Env<'_>) -> Result<RoaringBitmap> {
        let (phrases, rest): (Vec<_>, Vec<_>) = parts.iter().partition(|part| is_phrase(part));
        let mut found = match rest.is_empty() {
            true => RoaringBitmap::new(),
            false => self.bitmap(&Expr::Or(rest.into_iter().cloned().collect()), env)?,
        };
        for phrase in phrases {
            let more = self.bitmap(&words_of(phrase), env)? - &found;
            if !more.is_empty() {
                found |= self.collect(&*self.compiler().query(phrase)?)?;
            }
        }
        Ok(found)
    }

    fn any_of(&self, parts: &[Expr], env: &Env<'_>) -> Result<RoaringBitmap> {
        let (index, rest): (Vec<_>, Vec<_>) = parts.iter().partition(|part| is_index_only(part));
        let mut found = self.bitmap(&Expr::Or(index.into_iter().cloned().collect()), env)?;
        for part in rest {
            found |= self.bitmap(part, env)?;
        }
        Ok(found)
    }

    /// How well each message fits the words that the expression looks for (BM25); messages with none of them are absent.
    ///
    /// # Errors
    /// As [`Reader::bitmap`].
    pub fn scores(&self, expr: &Expr) -> Result<HashMap<u32, f32>> {
        let mut wanted = Vec::new();
        expr.leaves(&mut |leaf, positive| match leaf {
            Leaf::Words { .. } if positive => wanted.push(leaf.clone()),
            Leaf::Near(near) if positive => wanted.extend(near.operands.iter().flatten().map(|row| Leaf::Words {
                field: TextField::Any,
                tokens: row.tokens.clone(),
                prefix: row.prefix,
            })),
            _ => {}
        });
        let compiler = self.compiler();
        let query = union(wanted.iter().map(|leaf| compiler.leaf(leaf)).collect::<Result<_>>()?);
        self.searcher.search(&*query, &Scores).map_err(|cause| error("search", cause))
    }

    /// Those of `among` from place `offset` on, at most `limit`, by date; unknown dates last, equal dates by ordinal.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn top_by_date(
        &self,
        among: &RoaringBitmap,
        descending: bool,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Ordinal>> {
        if among.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut best = Best::of(offset.saturating_add(limit), descending);
        self.columns_of(Wanted::Dates)?.best(among, &mut best);
        Ok(best.into_ordinals().skip(offset).collect())
    }

    /// The records of these messages, in this order.
    ///
    /// # Errors
    /// `NotFound` if the index does not hold one of them; `Io`, `Damaged`.
    pub fn records(&self, ordinals: &[Ordinal]) -> Result<Vec<HitRecord>> {
        let record = |ordinal: &Ordinal| {
            let place = self.place(*ordinal)?.ok_or_else(|| {
                Error::new(ErrorKind::NotFound, format!("message number {} is not in the index", ordinal.0))
            })?;
            self.record(place)
        };
        ordinals.iter().map(record).collect()
    }

    /// Messages whose id begins with these hex digits (with or without `m_`), at most `limit`, by id.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn by_id_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<HitRecord>> {
        let prefix = prefix.strip_prefix("m_").unwrap_or(prefix).to_lowercase();
        let mut found = self.records_by_hex(self.fields.id, &prefix)?;
        found.retain(|record| id::hex(&record.id.0).starts_with(&prefix));
        found.sort_by_key(|record| record.id);
        found.truncate(limit);
        Ok(found)
    }

    /// Messages about the same native message: the original, its edits, its deletion. By ordinal.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn by_story(&self, story: &str) -> Result<Vec<HitRecord>> {
        let mut found = self.by_key(self.fields.story, story_key(story))?;
        found.retain(|record| record.story.as_deref() == Some(story));
        Ok(found)
    }

    /// Messages that quote this native message. By ordinal.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn by_quoted(&self, story: &str) -> Result<Vec<HitRecord>> {
        let mut found = self.by_key(self.fields.quoted, story_key(story))?;
        found.retain(|record| record.quoted.as_deref() == Some(story));
        Ok(found)
    }

    /// Messages whose file has this digest. By ordinal.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn by_digest(&self, digest: &Digest) -> Result<Vec<HitRecord>> {
        let mut found = self.by_key(self.fields.digest, key(&digest.0))?;
        found.retain(|record| record.digest == *digest);
        Ok(found)
    }

    /// The ordinals of the messages of a conversation.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn by_conversation(&self, id: &str) -> Result<RoaringBitmap> {
        let term = Term::from_field_text(self.fields.conversation, &term_text(id));
        self.collect(&TermQuery::new(term, IndexRecordOption::Basic))
    }

    /// The messages of every conversation, by its id.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn conversations(&self) -> Result<BTreeMap<String, RoaringBitmap>> {
        self.by_value(self.fields.conversation)
    }

    /// The partially searchable messages, by reason.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn partial(&self) -> Result<BTreeMap<String, RoaringBitmap>> {
        self.by_value(self.fields.partial)
    }

    fn by_value(&self, field: Field) -> Result<BTreeMap<String, RoaringBitmap>> {
        let reasons = self.compiler().terms(field, "", usize::MAX).map_err(|cause| error("read", cause))?;
        let mut found = BTreeMap::new();
        for reason in reasons {
            let term = Term::from_field_text(field, &reason);
            let messages = self.collect(&TermQuery::new(term, IndexRecordOption::Basic))?;
            if !messages.is_empty() {
                found.insert(reason, messages);
            }
        }
        Ok(found)
    }

    /// Ordinal, date, size and kind of every message.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn columns(&self) -> Result<Columns<'_>> {
        self.columns_of(Wanted::All)
    }

    fn columns_of(&self, wanted: Wanted) -> Result<Columns<'_>> {
        Columns::open(&self.searcher, &self.maps, wanted)
    }

    /// Where the document of a message is.
    fn place(&self, ordinal: Ordinal) -> Result<Option<DocAddress>> {
        for ((at, segment), map) in (0..).zip(self.searcher.segment_readers()).zip(&self.maps) {
            let doc = map.as_ref().and_then(|map| map.doc(ordinal.0)).filter(|doc| !segment.is_deleted(*doc));
            if let Some(doc) = doc {
                return Ok(Some(DocAddress::new(at, doc)));
            }
        }
        let term = Term::from_field_u64(self.fields.ordinal, u64::from(ordinal.0));
        Ok(self.places(&term, 1)?.into_iter().next())
    }

    /// Reads every file of the index and returns those whose checksum is wrong.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn check(&self) -> Result<Vec<PathBuf>> {
        let mut damaged: Vec<_> =
            self.index.validate_checksum().map_err(|cause| error("check", cause))?.into_iter().collect();
        damaged.extend(map::check(&self.dir, self.searcher.segment_readers())?);
        damaged.sort();
        Ok(damaged)
    }

    fn by_key(&self, field: Field, key: u64) -> Result<Vec<HitRecord>> {
        let places = self.places(&Term::from_field_u64(field, key), usize::MAX)?;
        let mut records = places.into_iter().map(|place| self.record(place)).collect::<Result<Vec<_>>>()?;
        records.sort_by_key(|record| record.ordinal);
        Ok(records)
    }

    /// Where the documents with this term are, deleted ones left out.
    fn places(&self, term: &Term, limit: usize) -> Result<Vec<DocAddress>> {
        let find = || -> tantivy::Result<Vec<DocAddress>> {
            let mut found = Vec::new();
            for (segment, reader) in (0..).zip(self.searcher.segment_readers()) {
                let index = reader.inverted_index(term.field())?;
                let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else { continue };
                while postings.doc() != TERMINATED && found.len() < limit {
                    if !reader.is_deleted(postings.doc()) {
                        found.push(DocAddress::new(segment, postings.doc()));
                    }
                    postings.advance();
                }
            }
            Ok(found)
        };
        find().map_err(|cause| error("read", cause))
    }

    /// Where the documents are whose key is in this range, deleted ones left out.
    pub(super) fn places_in(&self, field: Field, keys: RangeInclusive<u64>) -> tantivy::Result<Vec<DocAddress>> {
        let mut found = Vec::new();
        for (segment, reader) in (0..).zip(self.searcher.segment_readers()) {
            let index = reader.inverted_index(field)?;
            let (from, to) = (keys.start().to_be_bytes(), keys.end().to_be_bytes());
            let mut terms = index.terms().range().ge(from).le(to).into_stream()?;
            while let Some((_, info)) = terms.next() {
                let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
                while postings.doc() != TERMINATED {
                    if !reader.is_deleted(postings.doc()) {
                        found.push(DocAddress::new(segment, postings.doc()));
                    }
                    postings.advance();
                }
            }
        }
        Ok(found)
    }

    pub(super) fn record(&self, place: DocAddress) -> Result<HitRecord> {
        let document: TantivyDocument = self.searcher.doc(place).map_err(|cause| error("read", cause))?;
        let bytes = document.get_first(self.fields.hit).and_then(|value| value.as_bytes());
        HitRecord::read(bytes.unwrap_or_default())
    }
}
