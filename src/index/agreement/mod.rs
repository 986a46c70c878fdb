//! The index and `query::hits` must agree: random corpora in overlapping mailboxes, random queries of every feature of the
//! language, tens of thousands of query-message pairs for each.

mod corpus;
mod question;

use super::{Document, Env, Opened, Reader, Writer};
use crate::{
    index::tests::record,
    model::{Instant, Ordinal},
    query::{self, Context, Expr, Item},
};
use corpus::{Corpus, DAY, MESSAGES};
use question::FEATURES;
use roaring::RoaringBitmap;
use std::path::Path;

/// Query-message pairs of each feature, at least.
const PAIRS: usize = 20_000;
/// Corpora that they are spread over.
const CORPORA: usize = 8;

/// A small generator of numbers, the same on every machine (splitmix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    pub(super) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// Several segments, with deleted and replaced documents on the way.
fn indexed(dir: &Path, corpus: &Corpus) -> Reader {
    let Opened::Ready { mut writer, .. } = Writer::open(dir, 15_000_000).unwrap() else { panic!("a new index") };
    let document = |at: usize, of: usize| Document {
        record: record(u32::try_from(at).unwrap(), &corpus.messages[of], corpus.facts[of].size),
        facts: corpus.facts[of].clone(),
    };
    for at in 0..MESSAGES {
        let ordinal = Ordinal(u32::try_from(at).unwrap());
        if at % 5 == 1 {
            writer.add(&document(at, (at + 1) % MESSAGES), false).unwrap();
        }
        writer.add(&document(at, at), at % 5 == 1).unwrap();
        if at % 7 == 3 {
            writer.add(&document(at + 1_000, (at + 3) % MESSAGES), false).unwrap();
            writer.delete(Ordinal(ordinal.0 + 1_000));
        }
        if at == MESSAGES / 3 || at == MESSAGES / 2 {
            writer.commit("part").unwrap();
        }
    }
    writer.commit("whole").unwrap();
    let writer = if corpus.merged { *Box::new(writer.merge_all().unwrap()) } else { *writer };
    writer.close().unwrap();
    Reader::open(dir).unwrap().unwrap()
}

/// What the language says, item by item, and what the index says; per mailbox.
fn compare(reader: &Reader, corpus: &Corpus, expr: &Expr, text: &str) -> (RoaringBitmap, usize) {
    let mut hits = RoaringBitmap::new();
    let mut items = 0;
    for (at, mailbox) in corpus.mailboxes.iter().enumerate() {
        let env = corpus.env(at);
        let bound = query::bind_mailbox(expr, mailbox);
        let found = reader.bitmap(&bound, &env).unwrap() & &corpus.items[at];
        let unsure = reader.unsure(&bound, &env).unwrap() & &corpus.items[at];
        for ordinal in &corpus.items[at] {
            let facts = &corpus.facts[ordinal as usize];
            let marks = corpus.marks(at, ordinal);
            let item = Item { facts, mailbox, marks: &marks };
            let (is, may) = (query::hits(expr, &item), !facts.unread.is_empty() && query::may_hit(expr, &item));
            let seen = (found.contains(ordinal), unsure.contains(ordinal) && !found.contains(ordinal));
            assert_eq!(
                seen,
                (is, may && !is),
                "{text}\n{}\n{expr:?}\nmessage {ordinal} in {mailbox}: {facts:?} {marks:?}",
                query::describe(expr)
            );
            items += 1;
        }
        hits |= found;
    }
    (hits, items)
}

#[test]
fn the_index_answers_what_the_language_means() {
    let mut dice = Dice(4);
    let per_corpus = PAIRS / (CORPORA * MESSAGES) + 1;
    let mut counts = vec![(0usize, 0usize); FEATURES.len()];
    for number in 0..CORPORA {
        let corpus = Corpus::random(&mut dice, number % 3 == 0);
        let dir = tempfile::tempdir().unwrap();
        let reader = indexed(dir.path(), &corpus);
        assert_eq!(reader.doc_count(), MESSAGES as u64);
        let names = corpus.names();
        let context = Context {
            holds: &names.holds,
            cases: &names.cases,
            tags: &names.tags,
            runs: &names.runs,
            mailboxes: &corpus.mailboxes,
            users: &names.users,
            ..Context::at(Instant(3 * DAY))
        };
        for ((name, atom), (asked, telling)) in FEATURES.iter().zip(&mut counts) {
            for _ in 0..per_corpus {
                let text = question::question(&mut dice, &corpus, *atom);
                let parsed = query::parse(&text).unwrap_or_else(|error| panic!("{name}: {text}: {error}"));
                let expr =
                    query::resolve(&parsed.expr, &context).unwrap_or_else(|error| panic!("{text}: {error}")).expr;
                let (hits, _) = compare(&reader, &corpus, &expr, &text);
                *asked += 1;
                *telling += usize::from(!hits.is_empty() && hits != corpus.present());
            }
        }
    }
    for ((name, _), (asked, telling)) in FEATURES.iter().zip(counts) {
        assert!(asked * MESSAGES >= PAIRS, "{name}: {asked} queries over {MESSAGES} messages");
        assert!(telling * 3 >= asked, "{name}: only {telling} of {asked} answers tell anything");
    }
}

#[test]
fn the_index_finds_the_worked_examples_of_the_specification() {
    let dir = tempfile::tempdir().unwrap();
    let Opened::Ready { mut writer, .. } = Writer::open(dir.path(), 15_000_000).unwrap() else { panic!("a new index") };
    let corpus = query::worked::corpus();
    for (at, (_, message, facts)) in (0..).zip(&corpus) {
        writer.add(&Document { record: record(at, message, facts.size), facts: facts.clone() }, false).unwrap();
    }
    writer.commit("all").unwrap();
    writer.close().unwrap();
    let reader = Reader::open(dir.path()).unwrap().unwrap();
    for (text, expected) in query::worked::TABLE {
        let found = query::worked::closed(text).map(|expr| {
            let hits = reader.bitmap(&expr, &Env::default()).unwrap();
            hits.iter().map(|ordinal| corpus[ordinal as usize].0).collect::<String>()
        });
        assert_eq!(found.as_deref(), *expected, "{text}");
    }
}

#[test]
fn the_index_answers_any_expression_as_the_language_does() {
    let mut dice = Dice(44);
    let (mut asked, mut telling) = (0, 0);
    for _ in 0..3 {
        let corpus = Corpus::random(&mut dice, false);
        let dir = tempfile::tempdir().unwrap();
        let reader = indexed(dir.path(), &corpus);
        for _ in 0..250 {
            let expr = question::expression(&mut dice, &corpus, 4);
            let (hits, _) = compare(&reader, &corpus, &expr, "");
            asked += 1;
            telling += usize::from(!hits.is_empty() && hits != corpus.present());
        }
    }
    assert!(telling * 3 >= asked, "only {telling} of {asked} answers tell anything");
}
