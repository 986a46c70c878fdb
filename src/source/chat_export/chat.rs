//! What one text says as a whole: shape, order of dates, authors, title, who the owner is. One walk over its records.
//!
//! Contract: a pure function of the text, its name and what the person said. Nothing of it is kept but names and counts.
//!
//! Who the owner is matters only where somebody wrote: it says who sent a message and, in a direct chat without a name, how the
//! chat is called. What proves it, in this order: `--me`; a deletion that says "you" under a name; a line of a group that says
//! "you" under a name that also writes; in a chat of two whose title names one of them, the other. Else it is asked for.

use super::{
    authors::Authors,
    chars::{clean, fold},
    date_order::{Decision, Evidence},
    gather::Candidate,
    header::Frame,
    meaning::{self, Kind, Setting},
    media_store::{MediumId, Store},
    records::{Layout, Record, Survey},
    system::{self, Event},
    title::{self, Title},
    wall,
};
use crate::{model::ConversationKind, source::phone::DateOrder};
use chrono::NaiveDateTime;
use std::collections::{BTreeMap, HashMap};

/// Authors that are kept; a text with more is no chat that a phone could export (groups have at most 1,024 members).
const AUTHORS: usize = 20_000;

/// Who the owner is in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Me {
    /// This author.
    Named(String),
    /// Somebody who wrote nothing in it.
    Nobody,
    /// The text does not prove it.
    Unknown,
}

/// What one text says as a whole.
#[derive(Clone, Debug)]
pub struct Chat {
    /// The shape of its headers.
    pub survey: Survey,
    /// How dates are read.
    pub decision: Decision,
    /// How many records it has.
    pub records: u64,
    /// The first and the last time in it.
    pub range: Option<(NaiveDateTime, NaiveDateTime)>,
    /// Authors and how many records each has, without lines of the app.
    pub people: BTreeMap<String, u64>,
    /// The title, where it is known.
    pub title: Title,
    /// Direct or group.
    pub kind: ConversationKind,
    /// Who the text itself proves to be the owner.
    pub proven: Me,
    /// Media that are named and there, and how often.
    pub used: HashMap<MediumId, u32>,
    /// Names of texts and zips that it refers to, for telling attachments from chats.
    pub names_texts: Vec<String>,
    /// Lines before the first record.
    pub preamble: Option<u64>,
    /// Records with an author.
    pub authored: u64,
}

/// Reads a text as a chat; `None` if it has no record.
pub fn examine(text: &str, candidate: &Candidate, store: &Store, said: Option<DateOrder>) -> Option<Chat> {
    let layout = Layout::of(text)?;
    let (survey, preamble) = (layout.survey, layout.preamble());
    let has = |name: &str| store.find(&candidate.folder, name).is_some();
    let setting = Setting { ios: survey.shape.frame == Frame::Bracket, marks: survey.marks, has: &has };
    let authors = Authors::of(|| layout.texts());
    let mut walk = Walk::new(survey, said);
    for record in layout.records() {
        walk.record(&record, &authors, setting);
        if let Some(name) = walk.named.take() {
            if let Some(id) = store.find(&candidate.folder, &name) {
                *walk.used.entry(id).or_default() += 1;
            }
            if [".txt", ".zip"].iter().any(|end| name.to_lowercase().ends_with(end)) {
                walk.names_texts.push(clean(&name));
            }
        }
    }
    Some(walk.finish(candidate, preamble))
}

/// One record with its author and meaning.
pub fn understand<'a>(
    record: &Record<'a>,
    authors: &Authors<'a>,
    setting: Setting<'_>,
) -> (Option<&'a str>, meaning::Meaning) {
    if let Some((author, text)) = authors.split(record.text) {
        return (Some(author), meaning::read(text, record.header.marked, setting));
    }
    let event = system::read(record.text).unwrap_or_default();
    let body = super::chars::unmarked(record.text).replace("\r\n", "\n");
    (None, meaning::Meaning { kind: Kind::App(event), body, edited: false, described: None })
}

struct Walk {
    survey: Survey,
    said: Option<DateOrder>,
    evidence: Evidence,
    records: u64,
    authored: u64,
    ranges: [Option<(NaiveDateTime, NaiveDateTime)>; 3],
    people: BTreeMap<String, u64>,
    speakers: BTreeMap<String, u64>,
    subject: Option<String>,
    group: bool,
    deleted_by_me: Option<String>,
    acted_as_me: Option<String>,
    named: Option<String>,
    used: HashMap<MediumId, u32>,
    names_texts: Vec<String>,
}

impl Walk {
    fn new(survey: Survey, said: Option<DateOrder>) -> Self {
        Self {
            survey,
            said,
            evidence: Evidence::new(survey.shape),
            records: 0,
            authored: 0,
            ranges: [None; 3],
            people: BTreeMap::new(),
            speakers: BTreeMap::new(),
            subject: None,
            group: false,
            deleted_by_me: None,
            acted_as_me: None,
            named: None,
            used: HashMap::new(),
            names_texts: Vec::new(),
        }
    }

    fn record(&mut self, record: &Record<'_>, authors: &Authors<'_>, setting: Setting<'_>) {
        self.records += 1;
        self.evidence.add(record);
        for (range, order) in self.ranges.iter_mut().zip(ORDERS) {
            let Some(at) = wall::naive(&record.header.stamp, order) else { continue };
            *range = Some(range.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        }
        let (author, meaning) = understand(record, authors, setting);
        let author = author.map(clean);
        match (&meaning.kind, author) {
            (Kind::App(event), author) => self.app(event, author),
            (kind, Some(author)) => {
                if let (Kind::Deleted { mine: true, .. }, None) = (kind, &self.deleted_by_me) {
                    self.deleted_by_me = Some(author.clone());
                }
                if let Kind::Attached(name) = kind {
                    self.named = Some(name.clone());
                }
                self.authored += 1;
                if self.people.len() < AUTHORS || self.people.contains_key(&author) {
                    *self.people.entry(author).or_default() += 1;
                }
            }
            (_, None) => {}
        }
    }

    fn app(&mut self, event: &Event, author: Option<String>) {
        let group = event.what.starts_with("group")
            || event.what.starts_with("member")
            || event.what.starts_with("admin")
            || matches!(event.what, "subject_changed" | "icon_changed" | "description_changed" | "community");
        self.group |= group;
        let names = matches!(event.what, "group_created" | "subject_changed");
        if let (true, Some(title)) = (names, &event.new) {
            let first = event.what == "group_created";
            if !first || self.subject.is_none() {
                self.subject = Some(title.clone());
            }
        }
        if let Some(author) = author {
            if event.mine {
                self.acted_as_me.get_or_insert(author.clone());
            }
            if self.speakers.len() < AUTHORS {
                *self.speakers.entry(author).or_default() += 1;
            }
        }
    }

    fn finish(self, candidate: &Candidate, preamble: Option<u64>) -> Chat {
        let decision = match self.said {
            Some(order) => Decision::Order { order, evidence: "as the person said".to_owned() },
            None => self.evidence.decide(),
        };
        let at = decision.order().and_then(|order| ORDERS.iter().position(|o| *o == order));
        let range = at.and_then(|at| self.ranges.get(at).copied().flatten());
        let mut title = title::of(candidate, &self.people, self.subject.as_deref());
        // On iOS the lines of a group are shown under its name, and a group writes nothing.
        let silent = self.speakers.keys().find(|name| !self.people.contains_key(*name));
        if let (Title::Unknown(_), true, Some(name)) = (&title, self.group, silent) {
            title = Title::Known(name.clone());
        }
        let named = title.known().is_some_and(|title| self.people.keys().any(|author| same(author, title)));
        let kind = if self.people.len() <= 2 && (named || !self.group) {
            ConversationKind::Direct
        } else {
            ConversationKind::Group
        };
        let proven = self.prove(kind, &title);
        Chat {
            survey: self.survey,
            decision,
            records: self.records,
            range,
            people: self.people,
            title,
            kind,
            proven,
            used: self.used,
            names_texts: self.names_texts,
            preamble,
            authored: self.authored,
        }
    }

    fn prove(&self, kind: ConversationKind, title: &Title) -> Me {
        if self.people.is_empty() {
            return Me::Nobody;
        }
        if let Some(author) = &self.deleted_by_me {
            return Me::Named(author.clone());
        }
        if let Some(author) = self.acted_as_me.as_ref().filter(|author| self.people.contains_key(*author)) {
            return Me::Named(author.clone());
        }
        let Some(title) = title.known().filter(|_| kind == ConversationKind::Direct) else { return Me::Unknown };
        let mut others = self.people.keys().filter(|author| !same(author, title));
        match (self.people.len(), others.next(), others.next()) {
            (2, Some(me), None) => Me::Named(me.clone()),
            (1, None, None) => Me::Nobody,
            _ => Me::Unknown,
        }
    }
}

const ORDERS: [DateOrder; 3] = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];

/// Whether two names are the same to a person.
pub fn same(one: &str, other: &str) -> bool {
    let key = |name: &str| fold(name.trim_start_matches(['~', ' ', '\u{202f}']));
    one == other || key(one) == key(other)
}

impl Chat {
    /// The author who is this person, by any spelling.
    pub fn author(&self, name: &str) -> Option<&String> {
        self.people.keys().find(|author| same(author, name))
    }
}
