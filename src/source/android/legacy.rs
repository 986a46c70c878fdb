//! The legacy schema (to 2022): one wide table `messages`, `messages_quotes` beside it.
//!
//! Databases of the transition have both. A row that the modern table has too is the same message and is not read twice.

use super::{
    calls::Calls,
    chats::Chat,
    codes::{self, kind},
    draft::{Context, Draft, instant},
    media::{Said, path_in_thumb},
    modern::revoke,
    party::Jid,
    sides::{Sides, caption, positive},
    system::Systems,
    vcard,
};
use crate::{
    Result,
    model::{
        Code, Participant,
        details::{Location, Quote, Receipt},
        limits::PARTICIPANTS,
    },
    source::{
        phone::Visit,
        sqlite::{Database, Lookup, Order, Row},
    },
};
use std::hash::{DefaultHasher, Hash, Hasher};

const MESSAGES: [&str; 27] = [
    "_id",
    "key_remote_jid",
    "key_from_me",
    "key_id",
    "status",
    "data",
    "timestamp",
    "media_mime_type",
    "media_wa_type",
    "media_size",
    "media_name",
    "media_caption",
    "media_hash",
    "media_duration",
    "latitude",
    "longitude",
    "thumb_image",
    "remote_resource",
    "received_timestamp",
    "receipt_device_timestamp",
    "read_device_timestamp",
    "played_device_timestamp",
    "raw_data",
    "starred",
    "quoted_row_id",
    "edit_version",
    "forwarded",
];

/// A status of system events; their type is that of text.
const STATUS_SYSTEM: i64 = 6;
/// `edit_version` of a message that was deleted for all.
const EDIT_REVOKED: i64 = 7;

struct Cells {
    id: i64,
    chat: String,
    from_me: bool,
    key_id: String,
    status: Option<i64>,
    text: Option<String>,
    timestamp: Option<i64>,
    mime: Option<String>,
    kind: i64,
    size: Option<i64>,
    name: Option<String>,
    caption: Option<String>,
    hash: Option<String>,
    duration: Option<i64>,
    place: Option<(f64, f64)>,
    path: Option<String>,
    sender: Option<String>,
    received: Option<i64>,
    receipt: [Option<i64>; 3],
    cards: Vec<String>,
    starred: bool,
    quoted: Option<i64>,
    revoked: bool,
    forwarded: Option<i64>,
    edit_version: Option<i64>,
    /// Texts that are not UTF-8, as they are.
    bytes: [(&'static str, Option<Vec<u8>>); 2],
}

impl Cells {
    fn read(row: &Row<'_>) -> Self {
        let status = row.int(4);
        let edit_version = row.int(25).filter(|version| *version != 0);
        let kind = match (row.int(8).unwrap_or(0), status) {
            (kind::TEXT, Some(STATUS_SYSTEM)) => kind::SYSTEM,
            (kind, _) => kind,
        };
        let raw = if kind == kind::VCARDS { row.blob(22) } else { None };
        Self {
            id: row.int(0).unwrap_or(row.id()),
            chat: row.words(1).unwrap_or_default(),
            from_me: row.int(2) == Some(1),
            key_id: row.words(3).unwrap_or_default(),
            status,
            text: row.words(5),
            timestamp: row.int(6),
            mime: row.words(7),
            kind,
            size: row.int(9),
            name: row.words(10),
            caption: row.words(11),
            hash: row.words(12),
            duration: row.int(13),
            place: row.real(14).zip(row.real(15)),
            path: row.blob(16).and_then(path_in_thumb),
            sender: row.words(17).filter(|sender| sender.contains('@')),
            received: row.int(18).filter(|at| *at > 0),
            receipt: [row.int(19), row.int(20), row.int(21)],
            cards: raw.map(|raw| vcard::cards(&String::from_utf8_lossy(raw))).unwrap_or_default(),
            starred: row.int(23) == Some(1),
            quoted: row.int(24).filter(|id| *id > 0),
            revoked: kind == kind::REVOKED || (edit_version == Some(EDIT_REVOKED) && matches!(status, Some(0 | 5))),
            forwarded: row.int(26).filter(|forwarded| *forwarded > 0),
            edit_version,
            bytes: [("data", 5), ("media_caption", 11)].map(|(name, i)| (name, row.not_utf8(i).map(<[u8]>::to_vec))),
        }
    }
}

/// What the rows of the legacy table need.
pub struct Legacy<'a, 'db> {
    sides: &'a mut Sides<'db>,
    systems: &'a mut Systems<'db>,
    calls: &'a mut Calls<'db>,
    quotes: Lookup<'db>,
    vcards: Lookup<'db>,
    receipts: Lookup<'db>,
    /// Hash of `key_id` → row of `receipts`, sorted: the table is keyed by text.
    receipt_rows: Vec<(u64, i64)>,
}

impl<'a, 'db> Legacy<'a, 'db> {
    /// Prepares them.
    pub fn prepare(
        database: &'db Database,
        sides: &'a mut Sides<'db>,
        systems: &'a mut Systems<'db>,
        calls: &'a mut Calls<'db>,
    ) -> Result<Self> {
        let quotes =
            ["key_remote_jid", "key_from_me", "key_id", "remote_resource", "data", "media_wa_type", "media_caption"];
        let receipts = [
            "key_remote_jid",
            "key_id",
            "remote_resource",
            "receipt_device_timestamp",
            "read_device_timestamp",
            "played_device_timestamp",
        ];
        let mut receipt_rows = Vec::new();
        database.select("receipts", &["key_id", "_id"], Order::Id, &mut |row| {
            if let Some(key) = row.text(0) {
                receipt_rows.push((hash(&key), row.int(1).unwrap_or(row.id())));
            }
            Ok(())
        })?;
        receipt_rows.sort_unstable();
        Ok(Self {
            sides,
            systems,
            calls,
            quotes: database.lookup("messages_quotes", &quotes, "_id")?,
            vcards: database.lookup("messages_vcards", &["vcard"], "message_row_id")?,
            receipts: database.lookup("receipts", &receipts, "_id")?,
            receipt_rows,
        })
    }

    /// Reads all rows, in their order.
    pub fn read(&mut self, context: &mut Context<'_>, visit: Visit<'_>) -> Result<()> {
        context.database.select("messages", &MESSAGES, Order::Id, &mut |row| {
            let cells = Cells::read(row);
            self.one(context, cells, visit)
        })
    }

    fn one(&mut self, context: &mut Context<'_>, mut cells: Cells, visit: Visit<'_>) -> Result<()> {
        if cells.key_id == "-1" {
            return context.placeholder("messages", cells.id, visit);
        }
        let jid = context.jids.parse(&cells.chat);
        let chat = context.chats.by_jid(&jid, &context.jids);
        if context.seen.has_row(&chat, cells.from_me, &cells.key_id) {
            return Ok(());
        }
        let named = if cells.key_id.is_empty() { format!("row:{}", cells.id) } else { cells.key_id.clone() };
        let native = context.seen.claim(&chat, &named, false, cells.id);
        if !chat.wanted {
            context.left_out += 1;
            return self.calls.skip(cells.id, &cells.key_id);
        }
        let mut draft = Draft::new(context, "messages", cells.id, &chat, native, cells.from_me);
        if cells.key_id.is_empty() {
            draft.finding(Code::NoNativeId, "");
        }
        let sender = cells.sender.as_deref().map(|sender| context.jids.parse(sender));
        facts(context, &mut draft, &mut cells, sender.as_ref());
        let is_call = matches!(cells.kind, kind::CALL | kind::CALL_MISSED | kind::CALL_LEGACY);
        if cells.revoked {
            revoke(context, &mut draft, None);
        } else if is_call || self.calls.is_linked(cells.id)? {
            let video = cells.caption.as_deref().and_then(|word| match word {
                "audio" => Some(0),
                "video" => Some(1),
                _ => None,
            });
            let said = (video, positive(cells.duration).unwrap_or(0));
            let missed = cells.kind == kind::CALL_MISSED;
            self.calls.make(context, &mut draft, cells.id, &cells.key_id, missed, said)?;
        } else if matches!(cells.kind, kind::SYSTEM | kind::TIMER) {
            // The size of a medium that there is not says what happened.
            self.systems.make(context, &mut draft, cells.id, None, cells.size)?;
            if let (Some(sender), Some(event)) = (&sender, &mut draft.details.event) {
                event.by = Some(context.jids.describe(sender)).filter(|by| !by.is_unknown());
            }
        } else {
            self.chat(context, &mut draft, &mut cells)?;
        }
        self.receipts(context, &mut draft, &cells)?;
        context.yield_item(draft, None, visit)
    }

    /// What a chat message has.
    fn chat(&mut self, context: &mut Context<'_>, draft: &mut Draft, cells: &mut Cells) -> Result<()> {
        let medium = codes::medium(cells.kind);
        match cells.kind {
            // The preview of a link.
            kind::TEXT => {
                draft.raw_if("link_title", cells.name.take());
                draft.raw_if("link_description", cells.caption.take());
            }
            _ => caption(draft, cells.caption.take()),
        }
        let own = medium.map(|medium| Said {
            kind: medium,
            path: cells.path.take(),
            title: cells.name.clone(),
            mime: cells.mime.take(),
            size: positive(cells.size),
            hash: cells.hash.take(),
            seconds: positive(cells.duration),
            view_once: false,
        });
        self.sides.add(context, draft, cells.id, cells.kind, own)?;
        self.place(draft, cells);
        self.cards(draft, cells)?;
        self.quote(context, draft, cells)
    }

    fn place(&self, draft: &mut Draft, cells: &Cells) {
        let live = cells.kind == kind::LIVE_LOCATION;
        let (true, Some((latitude, longitude)), None) =
            (live || cells.kind == kind::LOCATION, cells.place, &draft.details.location)
        else {
            return;
        };
        draft.details.location = Some(Location {
            latitude: Some(latitude.to_string()),
            longitude: Some(longitude.to_string()),
            name: cells.name.clone().unwrap_or_default(),
            live,
            ..Location::default()
        });
        draft.raw_if("media_duration", cells.duration.filter(|_| live));
    }

    fn cards(&mut self, draft: &mut Draft, cells: &Cells) -> Result<()> {
        if !draft.details.contacts.is_empty() || !matches!(cells.kind, kind::VCARD | kind::VCARDS) {
            return Ok(());
        }
        self.vcards.rows(cells.id, &mut |side| {
            if let Some(card) = side.words(0) {
                vcard::attach(draft, &card);
            }
            Ok(())
        })?;
        let in_text = vcard::cards(&draft.message.body);
        let is_card = !in_text.is_empty();
        if draft.details.contacts.is_empty() {
            for card in in_text.iter().chain(&cells.cards) {
                vcard::attach(draft, card);
            }
        }
        if is_card {
            // The text is the card, which is attached.
            draft.message.body.clear();
        }
        Ok(())
    }

    fn quote(&mut self, context: &mut Context<'_>, draft: &mut Draft, cells: &Cells) -> Result<()> {
        let Some(quoted) = cells.quoted.filter(|_| draft.details.quote.is_none()) else { return Ok(()) };
        let found = self.quotes.first(quoted, |row| {
            let text = row.words(4).or_else(|| row.words(6));
            Some((row.words(0), row.int(1) == Some(1), row.words(2), row.words(3), text, row.int(5)))
        })?;
        let Some((chat, from_me, key, sender, text, code)) = found else { return Ok(()) };
        let of = match chat {
            Some(chat) => {
                let jid = context.jids.parse(&chat);
                context.chats.by_jid(&jid, &context.jids)
            }
            None => draft.chat.clone(),
        };
        let (native, message) = match key {
            Some(key) => {
                let (native, message) = context.seen.resolve(&of, &key);
                (Some(native), message)
            }
            None => (None, None),
        };
        let sender = match sender.filter(|sender| sender.contains('@')) {
            _ if from_me => None,
            Some(sender) => Some(context.jids.describe(&context.jids.parse(&sender))),
            None => Some(of.other.clone()),
        };
        let sender = sender.filter(|sender: &Participant| !sender.is_unknown());
        draft.raw_if("quoted_message_type", code);
        draft.raw("quoted_from_me", u8::from(from_me));
        draft.details.quote = Some(Quote { native, message, sender, text: text.unwrap_or_default() });
        Ok(())
    }

    fn receipts(&mut self, context: &Context<'_>, draft: &mut Draft, cells: &Cells) -> Result<()> {
        if !draft.is_from_me() || !draft.details.receipts.is_empty() {
            return Ok(());
        }
        let mut receipts = Vec::new();
        let key = hash(&cells.key_id.as_str());
        let start = self.receipt_rows.partition_point(|(hash, _)| *hash < key);
        let rows = self.receipt_rows.get(start..).unwrap_or_default().iter().take_while(|(hash, _)| *hash == key);
        for (_, row) in rows.take(PARTICIPANTS) {
            self.receipts.rows(*row, &mut |side| {
                if side.words(0).as_deref() != Some(&cells.chat) || side.words(1).as_deref() != Some(&cells.key_id) {
                    return Ok(());
                }
                let party = match side.words(2) {
                    Some(party) => context.jids.describe(&context.jids.parse(&party)),
                    None => draft.chat.other.clone(),
                };
                receipts.push(receipt(party, [side.int(3), side.int(4), side.int(5)]));
                Ok(())
            })?;
        }
        if receipts.is_empty() && draft.chat.is_direct() {
            receipts.push(receipt(draft.chat.other.clone(), cells.receipt));
        }
        let says = |r: &Receipt| (r.delivered.or(r.read).or(r.played)).is_some() && !r.party.is_unknown();
        draft.details.receipts = receipts.into_iter().filter(says).collect();
        if !draft.chat.is_direct() {
            draft.message.recipients = draft.details.receipts.iter().map(|receipt| receipt.party.clone()).collect();
        }
        Ok(())
    }
}

/// What every kind of message has.
fn facts(context: &Context<'_>, draft: &mut Draft, cells: &mut Cells, sender: Option<&Jid>) {
    let of_group = sender.filter(|_| !Chat::is_direct(&draft.chat)).map(|sender| context.jids.describe(sender));
    draft.parties(of_group);
    draft.sent(cells.timestamp);
    draft.message.body = cells.text.take().unwrap_or_default();
    for (column, bytes) in &cells.bytes {
        draft.not_utf8(column, bytes.as_deref());
    }
    if cells.starred {
        draft.flag("starred");
    }
    if let Some(forwarded) = cells.forwarded {
        draft.flag("forwarded");
        draft.raw("forwarded", forwarded);
    }
    if cells.kind == kind::WAITING {
        draft.flag("waiting");
    }
    draft.raw("media_wa_type", if cells.kind == kind::SYSTEM { kind::TEXT } else { cells.kind });
    draft.raw_if("status", cells.status);
    draft.raw_if("received_timestamp", cells.received);
    draft.raw_if("edit_version", cells.edit_version);
    if draft.claimed != cells.key_id {
        draft.raw("key_id", &cells.key_id);
    }
}

fn receipt(party: Participant, times: [Option<i64>; 3]) -> Receipt {
    let [delivered, read, played] = times.map(instant);
    Receipt { party, delivered, read, played }
}

fn hash(text: &(impl AsRef<str> + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.as_ref().hash(&mut hasher);
    hasher.finish()
}
