//! One page of a conversation.

use super::{Chat, ChatMessage, PAGE_MESSAGES, message::ChatCopy, participants::party_key};
use crate::{
    Error, ErrorKind, Result,
    archive::{
        Archive, IndexState,
        matching::{Matched, behind},
    },
    index::HitRecord,
    model::{ConversationKind, Event, Instant, MailboxName, MessageId, Ordinal, Participant, Right, Seq},
    query::Expr,
};
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Ids of one event of the journal, so that the line always fits.
const VIEWED_IDS: usize = 1_500;

/// Around what a page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Around {
    /// A message: its id or the beginning of it.
    Message(String),
    /// The first message that was sent then or later.
    Time(Instant),
}

/// Which page.
#[derive(Clone, Debug, Default)]
pub struct ChatPageOptions {
    /// Around what; the first hit, the beginning of a period that has one, else the end.
    pub around: Option<Around>,
    /// Messages before it.
    pub before: usize,
    /// Messages after it.
    pub after: usize,
    /// First instant of the period.
    pub since: Option<Instant>,
    /// First instant behind the period.
    pub until: Option<Instant>,
    /// A query whose hits are marked.
    pub hits: Option<String>,
}

/// The hits of a conversation, and where the page stands among them.
#[derive(Clone, Debug, Serialize)]
pub struct ChatHits {
    /// The query.
    pub query: String,
    /// Messages of the conversation (of the period) that match.
    pub total: u64,
    /// Items of those messages that match.
    pub items: u64,
    /// The place of the hit that the page is around, else of the first hit on the page; from 1.
    pub current: Option<u64>,
    /// Hits on the page.
    pub on_page: u64,
    /// The hit before the first one on the page.
    pub previous: Option<MessageId>,
    /// The hit behind the last one on the page.
    pub next: Option<MessageId>,
    /// Remarks about the query.
    pub warnings: Vec<String>,
}

/// Who a number or an address of the page is.
#[derive(Clone, Debug, Serialize)]
pub struct ChatParty {
    /// The party, with the name that one of the messages has for it.
    #[serde(flatten)]
    pub party: Participant,
    /// The mailbox that it maps to.
    pub mailbox: Option<MailboxName>,
}

/// One page of a conversation.
#[derive(Clone, Debug, Serialize)]
pub struct ChatPage {
    /// The conversation's id.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its name, else its parties.
    pub title: String,
    /// Direct, group, …
    pub kind: ConversationKind,
    /// Messages of the conversation.
    pub total: u64,
    /// Messages of the period; all if there is none.
    pub in_period: u64,
    /// Messages without a date, which are in no period.
    pub undated_outside: u64,
    /// Messages of the period before the page.
    pub before: u64,
    /// Messages of the period behind the page.
    pub after: u64,
    /// The message that the page is around.
    pub around: Option<MessageId>,
    /// The messages, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Those who speak on the page.
    pub parties: Vec<ChatParty>,
    /// The hits, if there was a query.
    pub hits: Option<ChatHits>,
    /// Journal line that the answer is as of.
    pub as_of: Seq,
    /// How far the index is.
    pub index: IndexState,
    /// Remarks about the archive.
    pub warnings: Vec<String>,
}

/// The messages of the period in order, and the part of them that is the page.
struct Cut {
    order: Vec<Ordinal>,
    from: usize,
    to: usize,
    anchor: Option<usize>,
    undated_outside: u64,
}

impl Archive {
    /// A page of a conversation. Recorded as a view of its messages, and as a search if hits were asked for.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::Ambiguous`]; a bad query; a message of another conversation; reading failed.
    pub fn chat_page(&mut self, chat: &str, options: &ChatPageOptions) -> Result<ChatPage> {
        self.may(Right::Search, "chat.show", chat)?;
        let chat = self.find_chat(chat)?;
        let page = self.read_page(&chat, options)?;
        if let Some(hits) = &page.hits {
            let (messages, items) = (hits.total, hits.items);
            self.record_read(Event::SearchRun { query: hits.query.clone(), messages, items, sample: None, seed: None });
        }
        self.record_views(&page);
        Ok(ChatPage { warnings: self.warnings.clone(), ..page })
    }

    /// The messages around one message in its conversation. Recorded as a view of them.
    ///
    /// # Errors
    /// As [`Self::chat_page`].
    pub fn chat_around(&mut self, id: &str, each_side: usize) -> Result<ChatPage> {
        self.may(Right::Search, "chat.show", id)?;
        let record = self.find_message(id)?;
        let options = ChatPageOptions {
            around: Some(Around::Message(record.id.to_string())),
            before: each_side,
            after: each_side,
            ..ChatPageOptions::default()
        };
        self.chat_page(&record.conversation.id, &options)
    }

    fn record_views(&mut self, page: &ChatPage) {
        let shown_with = |message: &ChatMessage| {
            let notices =
                message.edits.iter().filter_map(|e| e.id).chain(message.deletions.iter().filter_map(|d| d.id));
            notices.chain(message.reactions.iter().map(|reaction| reaction.id)).collect::<Vec<_>>()
        };
        let mut ids: Vec<MessageId> = page.messages.iter().map(|message| message.id).collect();
        ids.extend(page.messages.iter().flat_map(shown_with));
        ids.sort();
        ids.dedup();
        self.record_viewed(&ids);
    }

    /// Records that these messages were shown, in as many events as it takes.
    pub(in crate::archive) fn record_viewed(&mut self, ids: &[MessageId]) {
        for ids in ids.chunks(VIEWED_IDS) {
            self.record_read(Event::MessageViewed { ids: ids.to_vec() });
        }
    }

    fn read_page(&self, chat: &Chat, options: &ChatPageOptions) -> Result<ChatPage> {
        if self.tail.beyond() > 0 {
            return Err(behind(self.tail.len()));
        }
        if options.before.saturating_add(options.after) > PAGE_MESSAGES {
            return Err(Error::new(ErrorKind::Usage, format!("a page has at most {PAGE_MESSAGES} messages"))
                .with_hint("ask for fewer before and after, and for the next page"));
        }
        let searched = match &options.hits {
            Some(query) => {
                let prepared = self.prepare(query)?;
                let mut found = self.matching(&prepared.expr, &self.select_mailboxes(&[])?, true)?;
                found.messages &= &chat.messages;
                Some((prepared, found))
            }
            None => None,
        };
        let found = searched.as_ref().map(|(_, found)| &found.messages);
        let cut = self.cut(chat, options, found)?;
        let page: Vec<Ordinal> = cut.order.get(cut.from..cut.to).unwrap_or_default().to_vec();
        let records = self.records(&page)?;
        let expr = searched.as_ref().map(|(prepared, _)| &prepared.expr);
        let mut messages = self.page_messages(&records, expr, found)?;
        fold(&mut messages, &records);
        let hits = match (&options.hits, &searched) {
            (Some(query), Some((prepared, found))) => {
                let warnings = prepared.warnings.iter().map(|warning| warning.message.clone()).collect();
                Some(self.page_hits(query, &cut, found, warnings)?)
            }
            _ => None,
        };
        let parties = self.page_parties(&messages, &records);
        let around = cut.anchor.and_then(|at| records.get(at.checked_sub(cut.from)?)).map(|record| record.id);
        Ok(ChatPage {
            id: chat.conversation.id.clone(),
            name: chat.conversation.name.clone(),
            title: chat.title.clone(),
            kind: chat.conversation.kind,
            total: chat.messages.len(),
            in_period: cut.order.len() as u64,
            undated_outside: cut.undated_outside,
            before: cut.from as u64,
            after: (cut.order.len() - cut.to) as u64,
            around,
            messages,
            parties,
            hits,
            as_of: self.as_of(),
            index: self.index_state(),
            warnings: Vec::new(),
        })
    }

    /// Puts the messages in order and decides which of them are the page.
    fn cut(&self, chat: &Chat, options: &ChatPageOptions, found: Option<&RoaringBitmap>) -> Result<Cut> {
        let mut dated: Vec<(bool, Option<Instant>, u32)> = self
            .dates_of(&chat.messages)?
            .into_iter()
            .map(|(ordinal, sent)| (sent.is_none(), sent, ordinal.0))
            .collect();
        dated.sort_unstable();
        let bounded = options.since.is_some() || options.until.is_some();
        let undated = dated.iter().filter(|(undated, ..)| *undated).count() as u64;
        let inside = |sent: &Option<Instant>| match sent {
            None => !bounded,
            Some(at) => options.since.is_none_or(|since| *at >= since) && options.until.is_none_or(|until| *at < until),
        };
        dated.retain(|(_, sent, _)| inside(sent));
        let order: Vec<Ordinal> = dated.iter().map(|(_, _, ordinal)| Ordinal(*ordinal)).collect();
        let anchor = match &options.around {
            Some(Around::Message(id)) => Some(self.place_of(chat, id, &order)?),
            Some(Around::Time(at)) => {
                let place = dated.partition_point(|(undated, sent, _)| !undated && *sent < Some(*at));
                (!order.is_empty()).then(|| place.min(order.len() - 1))
            }
            None => order.iter().position(|ordinal| found.is_some_and(|found| found.contains(ordinal.0))),
        };
        let page = options.before + options.after;
        let (from, to) = match anchor {
            Some(at) => (at.saturating_sub(options.before), at.saturating_add(options.after).saturating_add(1)),
            None if options.since.is_some() => (0, page),
            None => (order.len().saturating_sub(page), order.len()),
        };
        let (to, undated_outside) = (to.min(order.len()), if bounded { undated } else { 0 });
        Ok(Cut { order, from, to, anchor, undated_outside })
    }

    fn place_of(&self, chat: &Chat, id: &str, order: &[Ordinal]) -> Result<usize> {
        let record = self.find_message(id)?;
        if !chat.messages.contains(record.ordinal.0) {
            return Err(Error::new(ErrorKind::NotFound, format!("{id} is not a message of this chat"))
                .with_hint(format!("it is in {}", record.conversation.id)));
        }
        order.iter().position(|ordinal| *ordinal == record.ordinal).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("{id} is not in the period"))
                .with_hint("leave --since and --until out, or widen them")
        })
    }

    fn page_messages(
        &self,
        records: &[HitRecord],
        expr: Option<&Expr>,
        found: Option<&RoaringBitmap>,
    ) -> Result<Vec<ChatMessage>> {
        let hit = |record: &HitRecord| expr.filter(|_| found.is_some_and(|found| found.contains(record.ordinal.0)));
        records.iter().map(|record| self.chat_message(record, hit(record))).collect()
    }

    fn page_hits(&self, query: &str, cut: &Cut, found: &Matched, warnings: Vec<String>) -> Result<ChatHits> {
        let places: Vec<usize> = (0..)
            .zip(&cut.order)
            .filter(|(_, ordinal)| found.messages.contains(ordinal.0))
            .map(|(place, _)| place)
            .collect();
        let period: RoaringBitmap = cut.order.iter().map(|ordinal| ordinal.0).collect();
        let items = found.items.values().map(|items| items.intersection_len(&period)).sum();
        let first = places.partition_point(|place| *place < cut.from);
        let behind = places.partition_point(|place| *place < cut.to);
        let current = match cut.anchor.and_then(|anchor| places.binary_search(&anchor).ok()) {
            Some(at) => Some(at),
            None => (first < behind).then_some(first),
        };
        let id = |at: Option<usize>| -> Result<Option<MessageId>> {
            let ordinal = at.and_then(|at| places.get(at)).and_then(|place| cut.order.get(*place));
            ordinal.map(|ordinal| self.record_of(*ordinal).map(|record| record.id)).transpose()
        };
        Ok(ChatHits {
            query: query.to_owned(),
            total: places.len() as u64,
            items,
            current: current.map(|at| at as u64 + 1),
            on_page: (behind - first) as u64,
            previous: id(first.checked_sub(1))?,
            next: id(Some(behind))?,
            warnings,
        })
    }

    /// Everybody who is named on the page, once, with a name where one of the messages has one.
    fn page_parties(&self, messages: &[ChatMessage], records: &[HitRecord]) -> Vec<ChatParty> {
        let mut parties: BTreeMap<String, (Participant, Option<Instant>)> = BTreeMap::new();
        let mut take = |party: &Participant, sent: Option<Instant>| {
            let Some(key) = party_key(party) else { return };
            let (known, last) = parties.entry(key).or_default();
            known.name = known.name.take().or_else(|| party.name.clone());
            known.number = known.number.take().or_else(|| party.number.clone());
            known.email = known.email.take().or_else(|| party.email.clone());
            *last = (*last).max(sent);
        };
        for message in messages {
            take(&message.from, message.sent);
            message.reply.iter().filter_map(|reply| reply.from.as_ref()).for_each(|from| take(from, None));
            message.reactions.iter().for_each(|reaction| take(&reaction.from, reaction.sent));
            message.deletions.iter().filter_map(|deletion| deletion.by.as_ref()).for_each(|by| take(by, None));
        }
        for record in records {
            record.recipients.iter().for_each(|recipient| take(recipient, record.sent));
        }
        let directory = self.chat_directory();
        let party = |(party, last): (Participant, Option<Instant>)| {
            let mailbox = directory.resolve(&party, last, Default::default()).map(|(mailbox, _)| mailbox);
            ChatParty { party, mailbox }
        };
        parties.into_values().map(party).collect()
    }
}

/// Puts reactions under their messages, and copies of one event by other accounts that say the same under the first.
fn fold(messages: &mut [ChatMessage], records: &[HitRecord]) {
    let on_page: BTreeMap<MessageId, MessageId> = messages
        .iter()
        .flat_map(|message| message.reactions.iter().map(|reaction| (reaction.id, message.id)))
        .collect();
    let mut firsts: BTreeMap<(String, Option<Instant>, String), Vec<usize>> = BTreeMap::new();
    let mut copies: Vec<(usize, usize)> = Vec::new();
    for (at, (message, record)) in messages.iter().zip(records).enumerate() {
        let key = (record.native.clone(), record.sent, record.kind.as_str().to_owned());
        let firsts = firsts.entry(key).or_default();
        let is_first = |first: &usize| {
            let other = records.get(*first).is_some_and(|first| first.account != record.account);
            other && messages.get(*first).is_some_and(|first| says_the_same(first, message))
        };
        match firsts.iter().copied().find(is_first) {
            Some(first) => copies.push((first, at)),
            None => firsts.push(at),
        }
    }
    for message in messages.iter_mut() {
        message.shown_under = on_page.get(&message.id).copied();
    }
    for (first, at) in copies {
        let under = messages.get(first).map(|first| first.id);
        let account = records.get(at).and_then(|record| record.account.clone());
        let Some(message) = messages.get_mut(at) else { continue };
        message.shown_under = under;
        let copy = ChatCopy { id: message.id, account };
        if let Some(first) = messages.get_mut(first) {
            first.copies.push(copy);
        }
    }
}

/// Whether a reader who is shown one misses nothing of the other: what was said, and what came of it.
fn says_the_same(a: &ChatMessage, b: &ChatMessage) -> bool {
    let files = |message: &ChatMessage| message.attachments.iter().map(|file| file.sha256).collect::<Vec<_>>();
    let edits = |message: &ChatMessage| {
        message.edits.iter().map(|edit| (edit.before.clone(), edit.after.clone())).collect::<Vec<_>>()
    };
    let reactions = |message: &ChatMessage| {
        message.reactions.iter().map(|one| (party_key(&one.from), one.emoji.clone())).collect::<BTreeSet<_>>()
    };
    let text = |message: &ChatMessage| (message.body.clone(), message.encrypted, message.unreadable.is_some());
    text(a) == text(b)
        && files(a) == files(b)
        && edits(a) == edits(b)
        && a.deletions.len() == b.deletions.len()
        && reactions(a) == reactions(b)
}
