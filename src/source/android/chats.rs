//! Conversations: what the tables `chat`, `chat_list` and the members of groups say of them.

use super::party::{Jid, Jids, id_of};
use crate::{
    Result,
    model::{Conversation, ConversationKind, Participant, limits::PARTICIPANTS},
    source::{
        phone::{PhoneOptions, asked::Asked},
        sqlite::{Database, Order},
    },
};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

/// Conversations that are kept in memory.
const CHATS: usize = 1_000_000;

/// One conversation.
#[derive(Debug, Default)]
pub struct Chat {
    /// Its jid.
    pub jid: Jid,
    /// What the message says of it.
    pub conversation: Conversation,
    /// The other party of a direct chat; nobody in others.
    pub other: Participant,
    /// The members of a group, as the phone knew them last.
    pub members: Arc<[Participant]>,
    /// Whether the person wants it.
    pub wanted: bool,
}

impl Chat {
    /// Two parties.
    pub fn is_direct(&self) -> bool {
        self.conversation.kind == ConversationKind::Direct
    }

    /// How a line names the other party.
    pub fn other_text(&self) -> String {
        id_of(&self.jid)
    }
}

/// What a table says of a conversation.
#[derive(Debug, Default)]
struct Said {
    subject: Option<String>,
    group_type: Option<i64>,
}

/// All conversations, made when they are first met.
#[derive(Debug)]
pub struct Chats {
    /// Row of `chat` → its jid.
    rows: HashMap<i64, Jid>,
    said: HashMap<Jid, Said>,
    members: HashMap<Jid, Vec<Participant>>,
    made: HashMap<Jid, Rc<Chat>>,
    options: PhoneOptions,
}

impl Chats {
    /// Reads the tables.
    pub fn read(database: &Database, jids: &Jids, options: &PhoneOptions) -> Result<Self> {
        let mut chats = Self {
            rows: HashMap::new(),
            said: HashMap::new(),
            members: HashMap::new(),
            made: HashMap::new(),
            options: options.clone(),
        };
        let columns = ["_id", "jid_row_id", "subject", "group_type", "raw_string_jid"];
        database.select("chat", &columns, Order::Id, &mut |row| {
            let jid = row.int(1).and_then(|id| jids.jid(id).cloned());
            let jid = jid.or_else(|| row.text(4).map(|raw| jids.parse(&raw)));
            if let Some(jid) = jid.filter(|_| chats.rows.len() < CHATS) {
                chats.rows.insert(row.int(0).unwrap_or(row.id()), jid.clone());
                chats.say(jid, row.words(2), row.int(3));
            }
            Ok(())
        })?;
        database.select("chat_list", &["key_remote_jid", "subject"], Order::Id, &mut |row| {
            if let Some(raw) = row.text(0) {
                chats.say(jids.parse(&raw), row.words(1), None);
            }
            Ok(())
        })?;
        database.select("newsletter", &["chat_row_id", "name"], Order::Id, &mut |row| {
            if let Some(jid) = row.int(0).and_then(|id| chats.rows.get(&id).cloned()) {
                chats.say(jid, row.words(1), None);
            }
            Ok(())
        })?;
        chats.read_members(database, jids)?;
        Ok(chats)
    }

    fn say(&mut self, jid: Jid, subject: Option<String>, group_type: Option<i64>) {
        if self.said.len() < CHATS {
            let said = self.said.entry(jid).or_default();
            said.subject = said.subject.take().or(subject);
            said.group_type = said.group_type.or(group_type);
        }
    }

    fn read_members(&mut self, database: &Database, jids: &Jids) -> Result<()> {
        let columns = ["group_jid_row_id", "user_jid_row_id"];
        database.select("group_participant_user", &columns, Order::Id, &mut |row| {
            if let (Some(group), Some(user)) = (row.int(0).and_then(|id| jids.jid(id)), row.int(1))
                && jids.jid(user).is_some_and(Jid::is_person)
            {
                self.add_member(group.clone(), jids.party(user));
            }
            Ok(())
        })?;
        database.select("group_participants", &["gjid", "jid"], Order::Id, &mut |row| {
            if let (Some(group), Some(user)) = (row.text(0), row.text(1)) {
                let user = jids.parse(&user);
                // The owner stands there without a jid.
                if user.is_person() {
                    self.add_member(jids.parse(&group), jids.describe(&user));
                }
            }
            Ok(())
        })
    }

    fn add_member(&mut self, group: Jid, member: Participant) {
        let members = self.members.entry(group).or_default();
        if members.len() < PARTICIPANTS {
            members.push(member);
        }
    }

    /// Refuses if the person named a conversation that there is not. The tables of messages and calls are asked only if those
    /// of conversations do not have it.
    pub fn settle(&mut self, database: &Database, jids: &Jids) -> Result<()> {
        let options = self.options.clone();
        let mut asked = Asked::new(&options);
        if asked.is_met() {
            return Ok(());
        }
        let mut meet = |chat: &Chat| asked.meet(&chat.conversation, chat.other.number.as_ref());
        let mut listed: Vec<Jid> = self.rows.values().chain(self.said.keys()).cloned().collect();
        listed.sort_by_cached_key(Jid::text);
        listed.dedup();
        listed.truncate(CHATS);
        listed.iter().for_each(|jid| meet(&self.by_jid(jid, jids)));
        if !asked.is_met() {
            database.select("message", &["chat_row_id"], Order::Id, &mut |row| {
                let chat = self.by_row(row.int(0).unwrap_or(0), jids);
                asked.meet(&chat.conversation, chat.other.number.as_ref());
                Ok(())
            })?;
            for (table, column) in
                [("messages", "key_remote_jid"), ("call_log", "jid_row_id"), ("call_log", "group_jid_row_id")]
            {
                database.select(table, &[column], Order::Id, &mut |row| {
                    let jid = match row.int(0).filter(|_| table == "call_log") {
                        Some(id) => jids.jid(id).cloned(),
                        None => row.text(0).map(|raw| jids.parse(&raw)),
                    };
                    if let Some(jid) = jid {
                        let chat = self.by_jid(&jid, jids);
                        asked.meet(&chat.conversation, chat.other.number.as_ref());
                    }
                    Ok(())
                })?;
            }
        }
        asked.settle()
    }

    /// The conversation of a row of `chat`. One that is not in the table is a conversation of its own.
    pub fn by_row(&mut self, row: i64, jids: &Jids) -> Rc<Chat> {
        let jid = self.rows.get(&row).cloned();
        self.by_jid(&jid.unwrap_or_else(|| Jid { user: format!("chat:{row}"), server: String::new() }), jids)
    }

    /// The conversation of a jid.
    pub fn by_jid(&mut self, jid: &Jid, jids: &Jids) -> Rc<Chat> {
        if let Some(chat) = self.made.get(jid) {
            return Rc::clone(chat);
        }
        let chat = Rc::new(self.make(jid, jids));
        if self.made.len() < CHATS {
            self.made.insert(jid.clone(), Rc::clone(&chat));
        }
        chat
    }

    fn make(&mut self, jid: &Jid, jids: &Jids) -> Chat {
        let said = self.said.remove(jid).unwrap_or_default();
        let kind = match (jid.server.as_str(), said.group_type) {
            ("g.us", Some(3)) => ConversationKind::Community,
            ("g.us", _) => ConversationKind::Group,
            ("broadcast" | "newsletter", _) => ConversationKind::Broadcast,
            _ if jid.is_person() => ConversationKind::Direct,
            _ => ConversationKind::Unknown,
        };
        let other = if kind == ConversationKind::Direct { jids.describe(jid) } else { Participant::default() };
        let id = jid.text();
        let name = said.subject.or_else(|| other.name.clone().filter(|name| *name != id));
        let conversation = Conversation { id, name, kind };
        let wanted = self.options.wants(&conversation, other.number.as_ref());
        let mut members = self.members.remove(jid).unwrap_or_default();
        let mut known = HashSet::new();
        members.retain(|member| known.insert(member.clone()));
        let members = members.into();
        Chat { jid: jid.clone(), conversation, other, members, wanted }
    }
}
