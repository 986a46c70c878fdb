//! What a hold shall cover, written out: ids looked up, people expanded, dates absolute.
//!
//! Contract: what can change later has no place in a hold; what a typed name stands for is written out when the hold is placed,
//! and again whenever users or mapping change: an active hold covers what its query ever meant since. Relative dates are
//! counted from the moment of placing, always.

use super::HoldRequest;
use crate::{
    Error, ErrorKind, Result,
    archive::{Archive, matching::Prepared},
    model::{
        Actor, Digest, Entry, Event, HoldKind, HoldScope, Instant, Line, MailboxName, MessageId, Ordinal, Seq, limits,
    },
    query::{self, Context, Expr, Leaf},
    state::State,
};
use chrono::Weekday;
use std::collections::{BTreeSet, HashSet};

/// Ids that are looked up one by one; of more, those that are whole are looked for in one pass over the index.
const FEW_IDS: usize = 1_000;

impl Archive {
    /// The scope that is asked for, but for what its query means: [`closed`] says that.
    pub(super) fn drafted(&self, request: &HoldRequest) -> Result<HoldScope> {
        let mut mailboxes = BTreeSet::new();
        for name in request.custodians.iter().chain(&request.mailboxes) {
            mailboxes.insert(self.mailbox(name)?);
        }
        if let Some(text) = &request.query {
            refuse_mutable(&self.prepare_strictly(text)?)?;
        }
        if let (Some(since), Some(until)) = (request.since, request.until)
            && since >= until
        {
            return Err(Error::new(ErrorKind::Usage, "the period of the hold ends before it begins"));
        }
        let narrowed = request.query.is_some()
            || request.since.or(request.until).is_some()
            || request.ids.is_some()
            || request.tag.is_some()
            || !request.conversations.is_empty();
        if request.kind == HoldKind::Litigation && narrowed {
            return Err(Error::new(ErrorKind::Usage, "a litigation hold covers whole mailboxes")
                .with_hint("custodia hold place takes a query, a period, conversations, a tag or a list"));
        }
        let mut conversations = Vec::new();
        for named in &request.conversations {
            let id = self.find_chat(named)?.conversation.id.to_lowercase();
            if !conversations.contains(&id) {
                conversations.push(id);
            }
        }
        let (ids, tag) = self.listed(request)?;
        Ok(HoldScope {
            mailboxes,
            query: request.query.clone(),
            closed_query: None,
            more_queries: Vec::new(),
            conversations,
            language: query::LANGUAGE_VERSION,
            since: request.since,
            until: request.until,
            ids,
            tag,
        })
    }

    /// The messages of a hold by list or by tag, and the tag's name.
    fn listed(&self, request: &HoldRequest) -> Result<(Option<BTreeSet<MessageId>>, Option<String>)> {
        let (ids, tag) = match (&request.ids, &request.tag) {
            (None, None) => return Ok((None, None)),
            (Some(_), Some(_)) => {
                return Err(Error::new(ErrorKind::Usage, "a hold is by a list or by a tag, not both")
                    .with_hint("place two holds: an item is free only when the last of them lets go"));
            }
            (Some(ids), None) => (self.message_ids(ids)?, None),
            (None, Some(tag)) => {
                let (name, messages) = self.state.tag(tag).ok_or_else(|| {
                    Error::new(ErrorKind::NotFound, format!("there is no tag {tag}"))
                        .with_hint("custodia tag list shows them")
                })?;
                let mut ids = BTreeSet::new();
                let ordinals: Vec<Ordinal> = messages.iter().map(Ordinal).collect();
                for chunk in ordinals.chunks(limits::BATCH_MESSAGES) {
                    ids.extend(self.records(chunk)?.into_iter().map(|record| record.id));
                }
                if (ids.len() as u64) < messages.len() {
                    return Err(super::super::matching::behind(self.tail.len()));
                }
                (ids, Some(name.to_owned()))
            }
        };
        if ids.len() > limits::HOLD_IDS {
            let message = format!("a hold by list takes up to {} messages, not {}", limits::HOLD_IDS, ids.len());
            return Err(Error::new(ErrorKind::Usage, message).with_hint("use a query, or several holds"));
        }
        Ok((Some(ids), tag))
    }

    /// The messages with these ids or beginnings of ids.
    fn message_ids(&self, typed: &[String]) -> Result<BTreeSet<MessageId>> {
        let one = |id: &String| self.find_message(id).map(|record| record.id);
        if typed.len() <= FEW_IDS {
            return typed.iter().map(one).collect();
        }
        let mut known: HashSet<[u8; 8]> = match &self.index {
            Some(index) => index.id_keys(index.all()?)?.into_iter().map(|(_, key)| key).collect(),
            None => HashSet::new(),
        };
        known.extend(self.tail.iter().filter_map(|(_, message)| message.id.key()));
        let whole = |id: &String| {
            let id = MessageId::parse(&id.to_lowercase())?;
            id.key().is_some_and(|key| known.contains(&key)).then_some(id)
        };
        typed.iter().map(|id| whole(id).map_or_else(|| one(id), Ok)).collect()
    }
}

/// What can change later has no place in a hold: its coverage may only grow.
fn refuse_mutable(prepared: &Prepared) -> Result<()> {
    let refused = mutable(prepared);
    if refused.is_empty() {
        return Ok(());
    }
    let message = format!("a hold's query cannot use {}: it may change later", refused.join(", "));
    Err(Error::new(ErrorKind::Usage, message).with_hint(
        "hold the messages themselves: hold place … --tag TAG, or custodia search … --ids > FILE and hold place … --ids FILE",
    ))
}

/// What of a query may mean something else later.
pub(in crate::archive) fn mutable(prepared: &Prepared) -> Vec<&'static str> {
    // The language of a text and what of it could be read are judged by the program, and may be judged otherwise by the next.
    let mutable = ["isdeleted", "isedited", "lang", "unindexed", "recoverable", "hold", "tag", "run"];
    let used = query::restrictions_used(&prepared.expr);
    let mut refused: Vec<&'static str> = used.into_iter().filter(|name| mutable.contains(name)).collect();
    refused.extend(&prepared.named);
    refused.sort_unstable();
    refused.dedup();
    refused
}

/// What the query of a scope means with the users and the mapping of a state, in JSON. `None`: the scope has no query.
pub(super) fn closed(
    state: &State,
    scope: &HoldScope,
    placed_at: Instant,
    week_start: Weekday,
) -> Result<Option<String>> {
    let mut parts = Vec::new();
    if let Some(text) = &scope.query {
        let users: Vec<_> = state.users.values().cloned().collect();
        let mailboxes: BTreeSet<MailboxName> = state.users.keys().chain(state.boxes.keys()).cloned().collect();
        let mailboxes: Vec<MailboxName> = mailboxes.into_iter().collect();
        let context = Context {
            week_start,
            users: &users,
            mapping: &state.mapping,
            mailboxes: &mailboxes,
            ..Context::at(placed_at)
        };
        let parsed = query::parse(text).map_err(|e| e.to_error(text))?;
        parts.push(query::resolve(&parsed.expr, &context).map_err(|e| e.to_error(text))?.expr);
    }
    if !scope.conversations.is_empty() {
        let leaf = |id: &String| Expr::Leaf(Leaf::Conversation { id: id.clone(), prefix: false });
        parts.push(Expr::or(scope.conversations.iter().map(leaf).collect()));
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let json =
        serde_json::to_string(&Expr::and(parts)).map_err(|e| Error::bug(format!("a query cannot be written: {e}")))?;
    if serde_json::from_str::<Expr>(&json).is_err() {
        return Err(Error::new(ErrorKind::BadQuery, "the query is nested too deeply for a hold")
            .with_hint("place several holds with simpler queries"));
    }
    Ok(Some(json))
}

/// Events about users or mapping, and behind them what the active holds come to mean because of them; the names of these holds.
pub(in crate::archive) fn with_widenings(
    state: &State,
    mut events: Vec<Event>,
    week_start: Weekday,
) -> (Vec<Event>, Vec<String>) {
    let names = |event: &Event| {
        matches!(
            event,
            Event::UserAdded { .. }
                | Event::UserEdited { .. }
                | Event::MappingImported { .. }
                | Event::MappingAdded { .. }
                | Event::MappingRemoved { .. }
        )
    };
    let asking = || state.active_holds().filter(|hold| hold.scope.query.is_some());
    if !events.iter().any(names) || asking().next().is_none() {
        return (events, Vec::new());
    }
    let mut after = State { users: state.users.clone(), mapping: state.mapping.clone(), ..State::default() };
    after.boxes.extend(state.boxes.keys().map(|mailbox| (mailbox.clone(), Default::default())));
    for event in events.iter().filter(|event| names(event)) {
        after.apply(&as_entry(event.clone()));
    }
    let widened: Vec<(Event, String)> = asking()
        .filter_map(|hold| {
            let scope = &hold.scope;
            // A query that cannot be read any more keeps the meanings that are stored.
            let json = closed(&after, scope, hold.placed_at, week_start).ok().flatten()?;
            let known = scope.closed_query.iter().chain(&scope.more_queries).any(|known| *known == json);
            let event = Event::HoldWidened {
                hold: hold.id.clone(),
                mailboxes: Vec::new(),
                closed_query: Some(json),
                reason: "users or mapping changed: a name in the query stands for something else now".to_owned(),
            };
            (!known).then(|| (event, hold.name.clone()))
        })
        .collect();
    let (lines, names): (Vec<Event>, Vec<String>) = widened.into_iter().unzip();
    events.extend(lines);
    (events, names)
}

/// An event as a line that nobody wrote.
fn as_entry(event: Event) -> Entry {
    let (seq, at, actor) = (Seq(0), Instant(0), Actor::default());
    let line = Line { seq, at, salt: String::new(), actor, event, more: false };
    Entry { line, hash: Digest([0; 32]), segment: Seq(0), end: 0 }
}
