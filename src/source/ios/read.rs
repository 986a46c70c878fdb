//! Reading one WhatsApp from its databases to the visitor.
//!
//! Contract: conversation by conversation in the order of their sessions, within one by `ZSORT` and then by row; then calls by
//! time. One message is in memory at a time; beside it 24 bytes a row for the order, and what [`ids`](super::ids) and
//! [`people`](super::people) keep.

use super::{
    call_history::{History, Kind},
    calls::{self, CallIds},
    chats::{self, Chat, Chats},
    codes::{self, Shape},
    container::{Access, CALLS, CHATS, CONTACTS, Container, LIDS},
    ids::Yielded,
    message::{self, Around, Parts},
    people::People,
    reaction::{self, Target},
    receipt::{self, Reacted},
    record::{self, Blob as RowBlob, MediaRecord, Member, Record},
    scheduled,
    sequence::{Sequence, Slot},
    told::Told,
};
use crate::{
    Result,
    fs::spool::Spool,
    model::{Code, Finding, Message, MessageKind, Place, details::MediaState},
    source::{
        phone::{PhoneItem, PhoneOptions, PhoneRead, Visit, asked::Asked},
        sqlite::{Database, Lookup, Order},
    },
};
use std::{collections::HashSet, sync::Arc};

/// The table of messages.
pub const MESSAGES: &str = "ZWAMESSAGE";
/// The table of receipts, reactions and polls.
const INFOS: &str = "ZWAMESSAGEINFO";

/// One container whose databases are open and of which nothing was told yet.
pub struct Prepared<'a> {
    container: &'a Container,
    people: People,
    told: Told,
    calls: Option<Database>,
    chats: Option<Database>,
    /// What opening met.
    met: Vec<PhoneRead>,
}

impl<'a> Prepared<'a> {
    /// Opens the databases, and reads who is who.
    ///
    /// # Errors
    /// The database of messages cannot be read; the spool cannot be used.
    pub fn open(container: &'a Container, spool: &Spool) -> Result<Self> {
        let access = Access::Copy(spool);
        let mut met = Vec::new();
        let visit: Visit<'_> = &mut |read| {
            met.push(read);
            Ok(())
        };
        let (mut people, mut told) = (People::default(), Told::default());
        if let Some(database) = container.open(CONTACTS, access, visit)? {
            people.read_contacts(&database)?;
            told.tell(&database, visit)?;
        }
        if let Some(database) = container.open(LIDS, access, visit)? {
            people.read_lids(&database)?;
            told.tell(&database, visit)?;
        }
        let calls = container.open(CALLS, access, visit)?;
        let chats = container.open(CHATS, access, visit)?;
        if let Some(database) = &chats {
            people.read_chats(database)?;
            people.report(database.name(), visit)?;
        }
        Ok(Self { container, people, told, calls, chats, met })
    }

    /// Meets the conversations of this container; those of rows without a session, and those of calls, only if there is still
    /// a name that no session has.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn meet(&self, asked: &mut Asked<'_>) -> Result<()> {
        let mut meet = |chat: &Chat| asked.meet(&chat.conversation, chat.number());
        if let Some(database) = &self.chats {
            let mut chats = Chats::new(database)?;
            chats.each(&self.people, &mut meet)?;
            if asked.is_met() {
                return Ok(());
            }
            let columns = ["ZCHATSESSION", "ZISFROMME", "ZFROMJID", "ZTOJID"];
            database.select(MESSAGES, &columns, Order::Id, &mut |row| {
                let known = match row.int(0) {
                    Some(session) => chats.of_session(session, &self.people)?.is_some(),
                    None => false,
                };
                if !known {
                    let (from, to) = (row.words(2), row.words(3));
                    let from_me = row.int(1).map(|n| n != 0);
                    let chat = unlisted(from_me, from.as_deref(), to.as_deref(), &self.people);
                    asked.meet(&chat.conversation, chat.number());
                }
                Ok(())
            })?;
        }
        let Some(database) = self.calls.as_ref().filter(|_| !asked.is_met()) else { return Ok(()) };
        calls::conversations(&mut History::new(database)?, &self.people, &mut |chat| {
            asked.meet(&chat.conversation, chat.number());
        })
    }

    /// Reads everything.
    ///
    /// # Errors
    /// Those of the visitor; the spool cannot be used.
    pub fn read(self, options: &PhoneOptions, visit: Visit<'_>) -> Result<()> {
        let Self { container, people, mut told, calls: call_database, chats: chat_database, met } = self;
        met.into_iter().try_for_each(&mut *visit)?;
        let mut history = call_database.as_ref().map(History::new).transpose()?;
        let mut call_ids = match &mut history {
            Some(history) => CallIds::read(history, &people)?,
            None => CallIds::default(),
        };
        let mut yielded = Yielded::default();
        if let Some(database) = &chat_database {
            if database.table(MESSAGES).is_none() {
                let finding =
                    Finding::new(Code::DatabaseDamaged, Place::file(database.name()), "there is no table ZWAMESSAGE");
                visit(PhoneRead::Noticed(finding))?;
            }
            let sequence = Sequence::read(database)?;
            let mut reader = Reader::new(database, container, options, &people, &mut told)?;
            reader.messages(&sequence.rows, &mut yielded, &mut call_ids, visit)?;
            reader.notice_omitted(visit)?;
            reader.told.tell(database, visit)?;
        }
        if let Some(history) = &mut history {
            let calls = CallReader { options, people: &people, yielded: &yielded };
            calls.read(history, &mut call_ids, visit)?;
            told.tell(history.database(), visit)?;
        }
        Ok(())
    }
}

/// Lookups of what belongs to a row.
struct Reader<'a> {
    database: &'a Database,
    container: &'a Container,
    options: &'a PhoneOptions,
    people: &'a People,
    told: &'a mut Told,
    account: String,
    chats: Chats<'a>,
    messages: Lookup<'a>,
    parents: Lookup<'a>,
    members: Lookup<'a>,
    media: Lookup<'a>,
    media_of: Lookup<'a>,
    infos: Lookup<'a>,
    infos_of: Lookup<'a>,
    links: Lookup<'a>,
    /// Media for which there is no folder.
    omitted: u64,
}

impl<'a> Reader<'a> {
    fn new(
        database: &'a Database,
        container: &'a Container,
        options: &'a PhoneOptions,
        people: &'a People,
        told: &'a mut Told,
    ) -> Result<Self> {
        Ok(Self {
            database,
            container,
            options,
            people,
            told,
            account: options.owner.to_string(),
            chats: Chats::new(database)?,
            messages: database.lookup(MESSAGES, record::MESSAGE, "Z_PK")?,
            parents: database.lookup(MESSAGES, record::MESSAGE, "Z_PK")?,
            members: database.lookup("ZWAGROUPMEMBER", record::MEMBER, "Z_PK")?,
            media: database.lookup("ZWAMEDIAITEM", record::MEDIA, "Z_PK")?,
            media_of: database.lookup("ZWAMEDIAITEM", record::MEDIA, "ZMESSAGE")?,
            infos: database.lookup(INFOS, record::INFO, "Z_PK")?,
            infos_of: database.lookup(INFOS, record::INFO, "ZMESSAGE")?,
            links: database.lookup("ZWAMESSAGEDATAITEM", record::LINK, "ZMESSAGE")?,
            omitted: 0,
        })
    }

    fn messages(&mut self, rows: &[Slot], yielded: &mut Yielded, calls: &mut CallIds, visit: Visit<'_>) -> Result<()> {
        for group in rows.chunk_by(|a, b| a.session == b.session) {
            let session = group.first().and_then(|row| row.session);
            let chat = match session {
                Some(session) => self.chats.of_session(session, self.people)?,
                None => None,
            };
            if chat.as_ref().is_some_and(|chat| !wants(self.options, chat)) {
                visit(PhoneRead::LeftOut { messages: group.len() as u64 })?;
                continue;
            }
            let mut left_out = 0;
            for row in group {
                left_out += self.row(row.row, chat.as_ref(), yielded, calls, visit)?;
            }
            if left_out > 0 {
                visit(PhoneRead::LeftOut { messages: left_out })?;
            }
            self.told.tell(self.database, visit)?;
        }
        Ok(())
    }

    /// The messages of one row; how many were left out.
    fn row(
        &mut self,
        key: i64,
        chat: Option<&Chat>,
        yielded: &mut Yielded,
        calls: &mut CallIds,
        visit: Visit<'_>,
    ) -> Result<u64> {
        let mut records = Vec::new();
        self.messages.rows(key, &mut |row| {
            records.push(Record::read(row));
            Ok(())
        })?;
        if records.is_empty() {
            return self.not_readable(key, visit).map(|()| 0);
        }
        let mut left_out = 0;
        for record in records {
            let named;
            let chat = match chat {
                Some(chat) => chat,
                None => {
                    named = unlisted(record.from_me, record.from.as_deref(), record.to.as_deref(), self.people);
                    &named
                }
            };
            if wants(self.options, chat) {
                self.yields(&record, chat, yielded, calls, visit)?;
            } else {
                left_out += 1;
            }
        }
        Ok(left_out)
    }

    /// That there are no media at all is said once, not for every message.
    fn notice_omitted(&self, visit: Visit<'_>) -> Result<()> {
        if self.omitted == 0 {
            return Ok(());
        }
        let detail = format!("{} media are left out: there is no folder Message beside the database", self.omitted);
        visit(PhoneRead::Noticed(Finding::new(Code::MediaMissing, Place::file(self.database.name()), detail)))
    }

    fn not_readable(&mut self, key: i64, visit: Visit<'_>) -> Result<()> {
        self.told.tell(self.database, visit)?;
        let why = "the row is listed and cannot be found";
        self.told.say(Finding::new(Code::DatabaseDamaged, self.place(MESSAGES, key), why), visit)
    }

    fn place(&self, table: &str, row: i64) -> Place {
        let line = u64::try_from(row).ok().filter(|row| *row > 0);
        Place { line, ..Place::entry(self.database.name(), table) }
    }

    fn yields(
        &mut self,
        record: &Record,
        chat: &Chat,
        yielded: &mut Yielded,
        calls: &mut CallIds,
        visit: Visit<'_>,
    ) -> Result<()> {
        let native = yielded.claim(message::key(record, chat));
        let (parts, info_row) = self.parts(record, &native, chat, calls)?;
        let (reactions, place) = (parts.receipt.reactions.clone(), parts.place.clone());
        let around = Around { container: self.container, people: self.people, yielded, account: &self.account };
        let (message, blobs) = message::make(parts, around)?;
        let media = message.details.as_ref().map(|details| details.media.as_slice()).unwrap_or_default();
        self.omitted += media.iter().filter(|media| media.state == MediaState::Omitted).count() as u64;
        let id = (message.kind != MessageKind::Deletion).then(|| message.id());
        if let Some(id) = id {
            yielded.add(&native, id);
        }
        let members = Arc::clone(&chat.members);
        visit(PhoneRead::Item(Box::new(PhoneItem { place, message, blobs, members })))?;
        let target = Target { native: &native, message: id, chat, account: &self.account };
        self.reactions(&reactions, target, self.place(INFOS, info_row), visit)
    }

    fn reactions(&self, all: &[Reacted], target: Target<'_>, place: Place, visit: Visit<'_>) -> Result<()> {
        let mut seen = HashSet::new();
        for reacted in all {
            let mut message = reaction::message(reacted, target, self.people, &place);
            let native = message.identity.native.clone();
            let is_first = seen.insert((native.clone(), None));
            // The same record twice in one blob is one reaction; two emojis at one time, which no phone writes, are two.
            if seen.insert((native.clone(), Some(&reacted.emoji))) {
                if !is_first {
                    message.identity.native = format!("{native}:{}", reacted.emoji);
                }
                item(message, place.clone(), target.chat, visit)?;
            }
        }
        Ok(())
    }

    /// Everything that belongs to a row. References are followed from the row; where it has none, from the other side.
    fn parts<'r>(
        &mut self,
        record: &'r Record,
        native: &'r str,
        chat: &'r Chat,
        calls: &mut CallIds,
    ) -> Result<(Parts<'r>, i64)> {
        let shape = record.message_type.map_or(Shape::Unknown, codes::shape);
        let member = match record.member {
            Some(key) => self.members.first(key, |row| Some(Member::read(row)))?,
            None => None,
        };
        let mut media = match record.media {
            Some(key) => self.media.first(key, |row| Some(MediaRecord::read(row)))?,
            None => None,
        };
        if media.is_none() {
            media = self.media_of.first(record.row, |row| Some(MediaRecord::read(row)))?;
        }
        let mut info = match record.info {
            Some(key) => self.infos.first(key, |row| Some((row.id(), RowBlob::read(row, 0))))?,
            None => None,
        };
        if info.is_none() {
            info = self.infos_of.first(record.row, |row| Some((row.id(), RowBlob::read(row, 0))))?;
        }
        let (info_row, receipt_blob) = info.unwrap_or_default();
        let parent = match record.parent {
            Some(key) if key != record.row => self.parents.first(key, |row| Some(Record::read(row)))?,
            _ => None,
        };
        let link = match shape {
            Shape::Link => self.links.first(record.row, |row| Some(record::link(row)))?.unwrap_or_default(),
            _ => Vec::new(),
        };
        let call = record.stanza.as_deref().filter(|_| shape == Shape::Call).and_then(|stanza| calls.note(stanza));
        let place = self.place(MESSAGES, record.row);
        let receipt = receipt::read(&receipt_blob.bytes);
        let parts = Parts { record, native, chat, member, media, receipt, receipt_blob, parent, link, call, place };
        Ok((parts, info_row))
    }
}

/// The calls of the history.
struct CallReader<'a> {
    options: &'a PhoneOptions,
    people: &'a People,
    yielded: &'a Yielded,
}

impl CallReader<'_> {
    fn read(&self, history: &mut History<'_>, ids: &mut CallIds, visit: Visit<'_>) -> Result<()> {
        let database = history.database();
        let account = self.options.owner.to_string();
        let mut left_out = 0;
        let mut one = |message: Message, place: Place| {
            if self.options.wants(&message.conversation, None) {
                return visit(PhoneRead::Item(Box::new(PhoneItem {
                    place,
                    message,
                    blobs: Vec::new(),
                    members: Arc::from([]),
                })));
            }
            left_out += 1;
            Ok(())
        };
        for kind in [Kind::Event, Kind::Joinable] {
            history.each(
                kind,
                &mut |record| match calls::message(&record, ids, database.name(), &account, self.people) {
                    Some((message, place)) => one(message, place),
                    None => Ok(()),
                },
            )?;
        }
        scheduled::each(database, &account, self.people, self.yielded, &mut one)?;
        if left_out > 0 {
            visit(PhoneRead::LeftOut { messages: left_out })?;
        }
        Ok(())
    }
}

fn wants(options: &PhoneOptions, chat: &Chat) -> bool {
    options.wants(&chat.conversation, chat.number())
}

/// The conversation of a row that has no session.
fn unlisted(from_me: Option<bool>, from: Option<&str>, to: Option<&str>, people: &People) -> Chat {
    let (first, second) = if from_me == Some(true) { (to, from) } else { (from, to) };
    let address = first.or(second).unwrap_or_default();
    chats::of_address(address, people.title(address), people)
}

fn item(message: Message, place: Place, chat: &Chat, visit: Visit<'_>) -> Result<()> {
    let members = Arc::clone(&chat.members);
    visit(PhoneRead::Item(Box::new(PhoneItem { place, message, blobs: Vec::new(), members })))
}
