//! The modern schema: the table `message` and its side tables.

use super::{
    calls::Calls,
    codes::kind,
    draft::{Context, Draft, instant},
    sides::Sides,
    system::Systems,
    vcard,
};
use crate::{
    Result,
    model::{
        Code, Deletion, DeletionScope, MessageKind, ReadState,
        details::{Edited, Revoked},
    },
    source::{
        phone::Visit,
        sqlite::{Database, Lookup, Order, Row},
    },
};

const MESSAGE: [&str; 16] = [
    "_id",
    "chat_row_id",
    "from_me",
    "key_id",
    "sender_jid_row_id",
    "status",
    "broadcast",
    "timestamp",
    "received_timestamp",
    "message_type",
    "text_data",
    "starred",
    "origination_flags",
    "recipient_count",
    "origin",
    "translated_text",
];

/// The id of a message, and the other one that its row may have.
pub struct Key {
    /// The id by which others refer to it.
    pub key: String,
    /// The id of the row, if the row was given that of an edit or a revocation.
    pub row: Option<String>,
    revoked: Option<(Option<i64>, Option<i64>)>,
    edited: Option<Edited>,
}

/// Where a message keeps the id that it had before it was edited or revoked.
pub struct Keys<'db> {
    edit: Lookup<'db>,
    revoked: Lookup<'db>,
}

impl<'db> Keys<'db> {
    /// Prepares them.
    pub fn prepare(database: &'db Database) -> Result<Self> {
        let edit = ["original_key_id", "edited_timestamp", "sender_timestamp"];
        let revoked = ["revoked_key_id", "revoke_timestamp", "admin_jid_row_id"];
        Ok(Self {
            edit: database.lookup("message_edit_info", &edit, "message_row_id")?,
            revoked: database.lookup("message_revoked", &revoked, "message_row_id")?,
        })
    }

    /// The ids of a row.
    pub fn of(&mut self, row: i64, key_id: &str) -> Result<Key> {
        let edit = self.edit.first(row, |side| {
            let at = instant(side.int(1)).or_else(|| instant(side.int(2)));
            Some((side.words(0), Edited { at, previous: None }))
        })?;
        let revoked = self.revoked.first(row, |side| Some((side.words(0), side.int(1), side.int(2))))?;
        let (before_revoke, revoked) = revoked.map(|(key, at, by)| (key, (at, by))).unzip();
        let (before_edit, edited) = edit.unzip();
        let original = before_revoke.flatten().or(before_edit.flatten()).filter(|key| key != "-1");
        let key = original.unwrap_or_else(|| key_id.to_owned());
        let row = (key != key_id).then(|| key_id.to_owned());
        Ok(Key { key, row, revoked, edited })
    }
}

/// One row.
struct Cells {
    id: i64,
    chat: i64,
    from_me: bool,
    key_id: String,
    sender: Option<i64>,
    status: Option<i64>,
    broadcast: bool,
    timestamp: Option<i64>,
    received: Option<i64>,
    kind: Option<i64>,
    text: String,
    /// The text as it is, if it is not UTF-8.
    bytes: Option<Vec<u8>>,
    starred: bool,
    origination_flags: Option<i64>,
    recipient_count: Option<i64>,
    origin: Option<i64>,
    translated: Option<String>,
}

impl Cells {
    fn read(row: &Row<'_>) -> Self {
        Self {
            id: row.int(0).unwrap_or(row.id()),
            chat: row.int(1).unwrap_or(0),
            from_me: row.int(2) == Some(1),
            key_id: row.words(3).unwrap_or_default(),
            sender: row.int(4).filter(|id| *id > 0),
            status: row.int(5),
            broadcast: row.int(6) == Some(1),
            timestamp: row.int(7),
            received: row.int(8),
            kind: row.int(9),
            text: row.words(10).unwrap_or_default(),
            bytes: row.not_utf8(10).map(<[u8]>::to_vec),
            starred: row.int(11) == Some(1),
            origination_flags: row.int(12).filter(|flags| *flags != 0),
            recipient_count: row.int(13).filter(|count| *count > 0),
            origin: row.int(14).filter(|origin| *origin != 0),
            translated: row.words(15),
        }
    }
}

/// What the messages of a database need.
pub struct Modern<'db> {
    sides: Sides<'db>,
    systems: Systems<'db>,
    calls: Calls<'db>,
    keys: Keys<'db>,
    /// Texts of the legacy table, for rows that were not moved with their text.
    legacy: Lookup<'db>,
    /// Whether rows have to be remembered, because there is a legacy table too.
    both: bool,
}

impl<'db> Modern<'db> {
    /// Prepares everything. `both`: there are rows in the legacy table too.
    pub fn prepare(database: &'db Database, both: bool) -> Result<Self> {
        Ok(Self {
            sides: Sides::prepare(database)?,
            systems: Systems::prepare(database)?,
            calls: Calls::prepare(database)?,
            keys: Keys::prepare(database)?,
            legacy: database.lookup("messages", &["key_id", "data", "media_caption", "media_wa_type"], "_id")?,
            both,
        })
    }

    /// Reads all messages, in their order.
    pub fn read(&mut self, context: &mut Context<'_>, visit: Visit<'_>) -> Result<()> {
        context.database.select("message", &MESSAGE, Order::By("sort_id"), &mut |row| {
            let cells = Cells::read(row);
            self.one(context, cells, visit)
        })
    }

    /// What is read after the messages of both schemas.
    pub fn parts(self) -> (Calls<'db>, Keys<'db>, Systems<'db>, Sides<'db>) {
        (self.calls, self.keys, self.systems, self.sides)
    }

    fn one(&mut self, context: &mut Context<'_>, cells: Cells, visit: Visit<'_>) -> Result<()> {
        let chat = context.chats.by_row(cells.chat, &context.jids);
        if cells.key_id == "-1" && (cells.timestamp.unwrap_or(0) <= 0 || chat.jid.user == "-1") {
            return context.placeholder("message", cells.id, visit);
        }
        if self.both {
            context.seen.keep_row(&chat, cells.from_me, &cells.key_id);
        }
        let key = self.keys.of(cells.id, &cells.key_id)?;
        let named = if key.key.is_empty() { format!("row:{}", cells.id) } else { key.key.clone() };
        let native = context.seen.claim(&chat, &named, cells.broadcast && cells.from_me, cells.id);
        let code = cells.kind.unwrap_or(-1);
        if !chat.wanted {
            context.left_out += 1;
            return self.calls.skip(cells.id, &cells.key_id);
        }
        let mut draft = Draft::new(context, "message", cells.id, &chat, native, cells.from_me);
        if key.key.is_empty() {
            draft.finding(Code::NoNativeId, "");
        }
        self.facts(context, &mut draft, &cells, &key)?;
        let is_call = matches!(code, kind::CALL | kind::CALL_MISSED | kind::CALL_LEGACY);
        if key.revoked.is_some() || matches!(code, kind::REVOKED | kind::REVOKED_BY_ADMIN) {
            revoke(context, &mut draft, key.revoked);
        } else if is_call || self.calls.is_linked(cells.id)? {
            let missed = code == kind::CALL_MISSED;
            self.calls.make(context, &mut draft, cells.id, &cells.key_id, missed, (None, 0))?;
        } else if matches!(code, kind::SYSTEM | kind::TIMER) {
            self.systems.make(context, &mut draft, cells.id, cells.sender, None)?;
        } else {
            draft.details.edited = key.edited;
            self.sides.add(context, &mut draft, cells.id, code, None)?;
            if code == kind::VCARD && draft.details.contacts.is_empty() {
                for card in vcard::cards(&cells.text) {
                    vcard::attach(&mut draft, &card);
                }
            }
        }
        self.sides.receipts(context, &mut draft, cells.id)?;
        context.yield_item(draft, key.row.as_deref(), visit)
    }

    /// What every kind of message has.
    fn facts(&mut self, context: &Context<'_>, draft: &mut Draft, cells: &Cells, key: &Key) -> Result<()> {
        draft.parties(cells.sender.map(|id| context.jids.party(id)));
        draft.sent(cells.timestamp);
        draft.message.body.clone_from(&cells.text);
        draft.not_utf8("text_data", cells.bytes.as_deref());
        if self.both && cells.text.is_empty() {
            let legacy = self.legacy.first(cells.id, |row| {
                let same = row.words(0).as_deref() == Some(cells.key_id.as_str()) && row.int(3) == cells.kind;
                same.then(|| row.words(1).or_else(|| row.words(2))).flatten()
            })?;
            draft.message.body = legacy.unwrap_or_default();
        }
        if cells.starred {
            draft.flag("starred");
        }
        if cells.broadcast {
            draft.flag("broadcast");
        }
        if cells.kind == Some(kind::WAITING) {
            draft.flag("waiting");
        }
        draft.raw_if("message_type", cells.kind);
        draft.raw_if("status", cells.status);
        draft.raw_if("received_timestamp", cells.received.filter(|at| *at > 0));
        draft.raw_if("origination_flags", cells.origination_flags);
        draft.raw_if("recipient_count", cells.recipient_count);
        draft.raw_if("origin", cells.origin);
        draft.raw_if("translated_text", cells.translated.as_ref());
        draft.raw_if("key_id", key.row.as_ref().or((draft.claimed != key.key).then_some(&cells.key_id)));
        Ok(())
    }
}

/// Makes a message the notice that it was deleted for all. `side`: when, and which admin did it.
pub fn revoke(context: &Context<'_>, draft: &mut Draft, side: Option<(Option<i64>, Option<i64>)>) {
    let (at, admin) = side.unwrap_or_default();
    let by_admin = admin.filter(|id| *id > 0).map(|id| context.jids.party(id)).filter(|party| !party.is_unknown());
    draft.details.revoked = Some(Revoked { at: instant(at), by_admin });
    draft.message.kind = MessageKind::Deletion;
    draft.message.deletion = Some(Deletion {
        scope: DeletionScope::ForAll,
        read: ReadState::Unknown,
        target: Some(draft.claimed.clone()),
        files: Vec::new(),
    });
    draft.message.identity.native = format!("revoked:{}", draft.claimed);
}
