//! Conversations: a session with its address, its name and, for groups, its members.
//!
//! Contract: one at a time, fetched when the first message of it comes. Rows without a session get the conversation that their
//! own addresses name.

use super::{
    jid::{self, Jid, JidKind},
    names,
    people::{People, Said},
};
use crate::{
    Result,
    model::{Conversation, ConversationKind, Participant, PhoneNumber},
    source::sqlite::{Database, Lookup, Order, Row},
};
use std::sync::Arc;

/// The table of conversations.
const SESSIONS: &str = "ZWACHATSESSION";
const SESSION: &[&str] = &["ZCONTACTJID", "ZPARTNERNAME", "ZSESSIONTYPE"];

/// A conversation.
#[derive(Clone, Debug)]
pub struct Chat {
    /// Its address, by number where that is known; empty if nothing names one.
    pub address: String,
    /// Its address as it stands in the database.
    pub stored: String,
    /// As messages carry it.
    pub conversation: Conversation,
    /// The other party of a direct chat.
    pub partner: Option<Participant>,
    /// Members of a group, as the database has them now.
    pub members: Arc<[Participant]>,
    /// Who made the group.
    pub creator: Option<Participant>,
    /// `ZSESSIONTYPE`.
    pub session_type: Option<i64>,
}

/// Looks conversations up.
#[derive(Debug)]
pub struct Chats<'db> {
    database: &'db Database,
    sessions: Lookup<'db>,
    members: Lookup<'db>,
    groups: Lookup<'db>,
}

impl<'db> Chats<'db> {
    /// Prepares it.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn new(database: &'db Database) -> Result<Self> {
        let sessions = database.lookup(SESSIONS, SESSION, "Z_PK")?;
        let columns = ["ZMEMBERJID", "ZCONTACTNAME", "ZFIRSTNAME"];
        let members = database.lookup("ZWAGROUPMEMBER", &columns, "ZCHATSESSION")?;
        let groups = database.lookup("ZWAGROUPINFO", &["ZCREATORJID"], "ZCHATSESSION")?;
        Ok(Self { database, sessions, members, groups })
    }

    /// The conversation of a session; `None` if there is no such session, or it has no address.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn of_session(&mut self, session: i64, people: &People) -> Result<Option<Chat>> {
        let found = self.sessions.first(session, session_of)?;
        let Some((address, name, session_type)) = found else { return Ok(None) };
        let mut chat = of_address(&address, name, people);
        chat.session_type = session_type;
        if chat.partner.is_none() {
            chat.members = self.members(session, people)?;
            let creator = self.groups.first(session, |row| row.words(0))?;
            chat.creator = creator.map(|by| people.participant(&by, Said::default())).filter(|by| !by.is_unknown());
        }
        Ok(Some(chat))
    }

    /// Every session, without its members.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn each(&self, people: &People, visit: &mut dyn FnMut(&Chat)) -> Result<()> {
        self.database.select(SESSIONS, SESSION, Order::Id, &mut |row| {
            if let Some((address, name, _)) = session_of(row) {
                visit(&of_address(&address, name, people));
            }
            Ok(())
        })
    }

    fn members(&mut self, session: i64, people: &People) -> Result<Arc<[Participant]>> {
        let mut members: Vec<Participant> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        self.members.rows(session, &mut |row| {
            let Some(address) = row.text(0) else { return Ok(()) };
            let contact = row.text(1).filter(|name| !name.is_empty()).or_else(|| row.text(2));
            let member = people.participant(&address, Said { contact: contact.as_deref(), push: None });
            // Somebody may stand there twice, by number and by `@lid`.
            if !member.is_unknown() && seen.insert(member.clone()) {
                members.push(member);
            }
            Ok(())
        })?;
        Ok(members.into())
    }
}

/// Address, name and type.
fn session_of(row: &Row<'_>) -> Option<(String, Option<String>, Option<i64>)> {
    let name = row.text(1).and_then(|name| names::clean(&name));
    Some((row.words(0)?, name, row.int(2)))
}

/// The conversation at an address.
#[must_use]
pub fn of_address(address: &str, name: Option<String>, people: &People) -> Chat {
    let kind = jid::conversation_kind(address);
    let is_direct = kind == ConversationKind::Direct;
    let said = Said { contact: name.as_deref(), push: None };
    let partner = is_direct.then(|| people.participant(address, said));
    let name = partner.as_ref().and_then(|partner| partner.name.clone()).or(name);
    let stored = names::bounded(address);
    // Devices of one person are one conversation, and so are its number and its `@lid`: an update of WhatsApp turns one into
    // the other.
    let by_number = partner.as_ref().and_then(|partner| partner.number.as_ref()).map(jid::number_key);
    let direct = by_number.or_else(|| jid::key(address).filter(|_| is_direct));
    let address = direct.unwrap_or_else(|| stored.clone());
    let id = if address.is_empty() { "unknown".to_owned() } else { address.clone() };
    Chat {
        address,
        stored,
        conversation: Conversation { id, name, kind },
        partner,
        members: Arc::from([]),
        creator: None,
        session_type: None,
    }
}

impl Chat {
    /// The number of the other party of a direct chat.
    #[must_use]
    pub fn number(&self) -> Option<&PhoneNumber> {
        self.partner.as_ref()?.number.as_ref()
    }

    /// Whether it is a channel, in which only its owner speaks.
    #[must_use]
    pub fn is_channel(&self) -> bool {
        Jid::parse(&self.address).is_some_and(|jid| jid.kind() == JidKind::Broadcast)
            && self.address.trim().ends_with("@newsletter")
    }
}
