//! Calls: the table `call_log` and the messages that stand for a call. One call is one message, whichever of them has it.

use super::{
    codes,
    draft::{Context, Draft, instant},
    party::Jid,
    sides::positive,
};
use crate::{
    Result,
    model::{
        Call, CallMedia, MessageKind,
        details::{CallFacts, CallParty},
        limits::PARTICIPANTS,
    },
    source::{
        phone::Visit,
        sqlite::{Database, Lookup, Order, Row},
    },
};
use std::collections::{HashMap, HashSet};

/// Calls whose ids are kept in memory.
const CALLS: usize = 1_000_000;
const LOG: [&str; 11] = [
    "_id",
    "jid_row_id",
    "from_me",
    "call_id",
    "timestamp",
    "video_call",
    "duration",
    "call_result",
    "group_jid_row_id",
    "call_type",
    "transaction_id",
];

/// One row of `call_log`.
struct Entry {
    id: i64,
    jid: i64,
    from_me: bool,
    call_id: Option<String>,
    timestamp: Option<i64>,
    video: Option<i64>,
    seconds: u64,
    result: Option<i64>,
    group: Option<i64>,
    call_type: Option<i64>,
    transaction: Option<i64>,
}

impl Entry {
    fn read(row: &Row<'_>) -> Self {
        Self {
            id: row.int(0).unwrap_or(row.id()),
            jid: row.int(1).unwrap_or(0),
            from_me: row.int(2) == Some(1),
            call_id: row.words(3),
            timestamp: row.int(4),
            video: row.int(5),
            seconds: positive(row.int(6)).unwrap_or(0),
            result: row.int(7),
            group: row.int(8).filter(|id| *id > 0),
            call_type: row.int(9),
            transaction: row.int(10),
        }
    }
}

/// The calls of a database.
pub struct Calls<'db> {
    log: Lookup<'db>,
    links: Lookup<'db>,
    parties: Lookup<'db>,
    missed: Lookup<'db>,
    missed_parties: Lookup<'db>,
    /// Id of a call → its row.
    ids: HashMap<String, i64>,
    /// Rows that are in a message already.
    used: HashSet<i64>,
}

impl<'db> Calls<'db> {
    /// Prepares them.
    pub fn prepare(database: &'db Database) -> Result<Self> {
        let mut ids = HashMap::new();
        database.select("call_log", &["call_id", "_id"], Order::Id, &mut |row| {
            if let Some(id) = row.words(0).filter(|_| ids.len() < CALLS) {
                ids.entry(bare(&id).to_owned()).or_insert(row.int(1).unwrap_or(row.id()));
            }
            Ok(())
        })?;
        let missed = ["_id", "video_call", "group_jid_row_id", "timestamp"];
        Ok(Self {
            log: database.lookup("call_log", &LOG, "_id")?,
            links: database.lookup("message_call_log", &["call_log_row_id"], "message_row_id")?,
            parties: database.lookup("call_log_participant_v2", &["jid_row_id", "call_result"], "call_log_row_id")?,
            missed: database.lookup("missed_call_logs", &missed, "message_row_id")?,
            missed_parties: database.lookup(
                "missed_call_log_participant",
                &["jid", "call_result"],
                "call_logs_row_id",
            )?,
            ids,
            used: HashSet::new(),
        })
    }

    /// The call that a message stands for, if the message is known to stand for one.
    fn of_message(&mut self, row: i64, key_id: &str) -> Result<Option<Entry>> {
        let linked = self.links.first(row, |side| side.int(0))?;
        let Some(id) = linked.or_else(|| self.ids.get(bare(key_id)).copied()) else { return Ok(None) };
        self.log.first(id, |row| Some(Entry::read(row)))
    }

    /// Whether a message is linked to a call, whatever its type is.
    pub fn is_linked(&mut self, row: i64) -> Result<bool> {
        Ok(self.links.first(row, |side| side.int(0))?.is_some())
    }

    /// Marks the call of a message that is left out.
    pub fn skip(&mut self, row: i64, key_id: &str) -> Result<()> {
        if let Some(entry) = self.of_message(row, key_id)? {
            self.used.insert(entry.id);
        }
        Ok(())
    }

    /// Makes a message a call. `said` is what the row itself says: video, seconds.
    pub fn make(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft,
        row: i64,
        key_id: &str,
        missed: bool,
        said: (Option<i64>, u64),
    ) -> Result<()> {
        if let Some(entry) = self.of_message(row, key_id)? {
            self.used.insert(entry.id);
            if draft.message.sent.is_none() {
                draft.message.sent = instant(entry.timestamp);
            }
            return self.fill(context, draft, &entry);
        }
        let (mut video, seconds) = said;
        let (mut parties, mut group) = (Vec::new(), false);
        if let Some((log, of_log, of_group)) =
            self.missed.first(row, |side| Some((side.int(0), side.int(1), side.int(2))))?
        {
            video = of_log.or(video);
            group = of_group.is_some_and(|id| id > 0);
            self.missed_parties.rows(log.unwrap_or(0), &mut |side| {
                if let Some(jid) = side.words(0).filter(|_| parties.len() < PARTICIPANTS) {
                    parties.push(party(context.jids.describe(&context.jids.parse(&jid)), side.int(1)));
                }
                Ok(())
            })?;
        }
        let (answered, result) = match (missed, seconds > 0) {
            (_, true) => (Some(true), "answered"),
            (true, _) => (Some(false), "missed"),
            _ => (None, ""),
        };
        finish(draft, video, answered, CallFacts { result: result.to_owned(), seconds: None, group, parties }, seconds);
        Ok(())
    }

    fn fill(&mut self, context: &Context<'_>, draft: &mut Draft, entry: &Entry) -> Result<()> {
        let mut parties = Vec::new();
        self.parties.rows(entry.id, &mut |side| {
            if let Some(id) = side.int(0).filter(|id| *id > 0 && parties.len() < PARTICIPANTS) {
                parties.push(party(context.jids.party(id), side.int(1)));
            }
            Ok(())
        })?;
        let group = entry.group.is_some() || parties.len() > 1;
        if !entry.from_me && draft.message.sender.is_unknown() {
            draft.message.sender = context.jids.party(entry.jid);
        }
        for CallParty { party, .. } in &parties {
            let known = *party == draft.message.sender || draft.message.recipients.contains(party);
            if !known && !party.is_unknown() {
                draft.message.recipients.push(party.clone());
            }
        }
        draft.raw_if("call_result", entry.result);
        draft.raw_if("call_type", entry.call_type);
        draft.raw_if("call_id", entry.call_id.as_ref());
        draft.raw_if("transaction_id", entry.transaction);
        let answered = codes::answered(entry.result, entry.seconds);
        let result = codes::call_result(entry.result, entry.seconds, entry.from_me).to_owned();
        finish(draft, entry.video, answered, CallFacts { result, seconds: None, group, parties }, entry.seconds);
        Ok(())
    }

    /// Calls that no message stands for.
    pub fn others(&mut self, context: &mut Context<'_>, visit: Visit<'_>) -> Result<()> {
        let mut entries = Vec::new();
        context.database.select("call_log", &LOG, Order::By("timestamp"), &mut |row| {
            let entry = Entry::read(row);
            if !self.used.contains(&entry.id) {
                entries.push(entry.id);
            }
            Ok(())
        })?;
        for id in entries {
            if let Some(entry) = self.log.first(id, |row| Some(Entry::read(row)))? {
                self.other(context, &entry, visit)?;
            }
        }
        Ok(())
    }

    fn other(&mut self, context: &mut Context<'_>, entry: &Entry, visit: Visit<'_>) -> Result<()> {
        let jid = entry.group.and_then(|id| context.jids.jid(id)).or_else(|| context.jids.jid(entry.jid)).cloned();
        let jid = jid.unwrap_or_else(|| Jid { user: format!("call:{}", entry.id), server: String::new() });
        let chat = context.chats.by_jid(&jid, &context.jids);
        // The table keys a call by more than its id; without one, time and party name it.
        let key = entry.call_id.clone().unwrap_or_else(|| {
            format!("call:{}:{}", entry.timestamp.unwrap_or(0), context.jids.id_text(entry.jid).unwrap_or_default())
        });
        let native = context.seen.claim(&chat, &key, false, entry.id);
        if !chat.wanted {
            context.left_out += 1;
            return Ok(());
        }
        let mut draft = Draft::new(context, "call_log", entry.id, &chat, native, entry.from_me);
        draft.parties((entry.jid > 0).then(|| context.jids.party(entry.jid)));
        draft.sent(entry.timestamp);
        self.fill(context, &mut draft, entry)?;
        context.yield_item(draft, None, visit)
    }
}

fn party(party: crate::model::Participant, result: Option<i64>) -> CallParty {
    CallParty {
        party,
        result: result.map(codes::party_result).unwrap_or_default().to_owned(),
        code: result.map(|code| code.to_string()).unwrap_or_default(),
    }
}

/// Messages and log write one id with and without this.
pub fn bare(id: &str) -> &str {
    id.strip_prefix("call:").unwrap_or(id)
}

fn finish(draft: &mut Draft, video: Option<i64>, answered: Option<bool>, mut facts: CallFacts, seconds: u64) {
    let media = match video {
        Some(0) => CallMedia::Voice,
        Some(1) => CallMedia::Video,
        _ => CallMedia::Unknown,
    };
    facts.seconds = (seconds > 0).then_some(seconds);
    draft.raw_if("video_call", video);
    let line = facts.line(media);
    let text = std::mem::replace(&mut draft.message.body, line);
    if !text.is_empty() {
        draft.message.body = format!("{}\n{text}", draft.message.body);
    }
    draft.message.kind = MessageKind::Call;
    draft.message.call = Some(Call { media, answered, aggregated: false, legs: Vec::new() });
    draft.details.call = Some(facts);
}
