//! Who the numbers of the table `jid` are: phone numbers, linked ids, names of the address book.
//!
//! Since 2024 members of groups are often named by a LID, a number that says nothing. Where the database knows whose it
//! is (`jid_map`), the phone number is taken; else the LID itself is shown, so that two unknown persons stay two.

use crate::{
    Result,
    model::{Participant, PhoneNumber},
    source::sqlite::{Database, Order},
};
use std::collections::HashMap;

/// Jids that are kept in memory. A phone has some ten thousands.
const JIDS: usize = 5_000_000;
/// Servers whose users are phone numbers.
const NUMBERS: [&str; 2] = ["s.whatsapp.net", "c.us"];

/// A party or a chat, without its device: `447700900101@s.whatsapp.net`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Jid {
    /// Before the `@`.
    pub user: String,
    /// Behind it.
    pub server: String,
}

impl Jid {
    /// Reads `user.agent:device@server`.
    pub fn parse(raw: &str) -> Self {
        let (user, server) = raw.split_once('@').unwrap_or((raw, ""));
        Self::new(user, server)
    }

    fn new(user: &str, server: &str) -> Self {
        let user = user.split_once(':').map_or(user, |(user, _)| user);
        // Agent: only behind digits; old groups have `number-time`, newsletters digits alone.
        let user = match user.split_once('.') {
            Some((number, agent)) if is_digits(number) && is_digits(agent) => number,
            _ => user,
        };
        Self { user: user.to_owned(), server: server.to_owned() }
    }

    /// As the source writes it.
    pub fn text(&self) -> String {
        if self.server.is_empty() { self.user.clone() } else { format!("{}@{}", self.user, self.server) }
    }

    /// A person (or a bot), not a group, a list or a channel.
    pub fn is_person(&self) -> bool {
        NUMBERS.contains(&self.server.as_str())
            || matches!(self.server.as_str(), "lid" | "hosted" | "hosted.lid" | "bot")
    }

    fn is_lid(&self) -> bool {
        matches!(self.server.as_str(), "lid" | "hosted.lid")
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// What the address book says.
#[derive(Clone, Debug, Default)]
struct Contact {
    name: Option<String>,
    number: Option<PhoneNumber>,
}

/// All jids, resolved.
#[derive(Debug, Default)]
pub struct Jids {
    rows: HashMap<i64, Jid>,
    /// Row of a LID → row of a number.
    lids: HashMap<i64, i64>,
    /// LID as text → its row, for what names it by text.
    lid_rows: HashMap<String, i64>,
    contacts: HashMap<String, Contact>,
    /// Names that people with a LID gave themselves; the address book goes before them.
    given: HashMap<String, String>,
}

impl Jids {
    /// Reads them.
    pub fn read(database: &Database) -> Result<Self> {
        let mut jids = Self::default();
        let columns = ["_id", "user", "server", "raw_string"];
        database.select("jid", &columns, Order::Id, &mut |row| {
            let raw = row.text(3).unwrap_or_default();
            let jid = match (row.words(1), row.words(2)) {
                (Some(user), Some(server)) => Jid::new(&user, &server),
                _ => Jid::parse(&raw),
            };
            let id = row.int(0).unwrap_or(row.id());
            if jids.rows.len() < JIDS {
                if jid.is_lid() {
                    jids.lid_rows.insert(jid.text(), id);
                }
                jids.rows.insert(id, jid);
            }
            Ok(())
        })?;
        for table in ["jid_map", "lid_jid_map"] {
            database.select(table, &["lid_row_id", "jid_row_id"], Order::Id, &mut |row| {
                if let (Some(lid), Some(jid)) = (row.int(0), row.int(1))
                    && jids.lids.len() < JIDS
                {
                    jids.lids.insert(lid, jid);
                }
                Ok(())
            })?;
        }
        database.select("lid_display_name", &["lid_row_id", "display_name", "username"], Order::Id, &mut |row| {
            let name = row.words(1).or_else(|| row.words(2)).filter(|name| !name.trim().is_empty());
            if let Some(jid) = row.int(0).and_then(|id| jids.rows.get(&id))
                && name.is_some()
            {
                jids.given.insert(jid.text(), name.unwrap_or_default());
            }
            Ok(())
        })?;
        Ok(jids)
    }

    /// Takes names from the address book (`wa.db`).
    pub fn name(&mut self, contacts: &Database) -> Result<()> {
        let columns = ["jid", "display_name", "nickname", "wa_name", "number", "given_name"];
        contacts.select("wa_contacts", &columns, Order::Id, &mut |row| {
            let Some(jid) = row.words(0) else { return Ok(()) };
            let name = [1, 2, 5, 3].into_iter().find_map(|i| row.words(i).filter(|name| !name.trim().is_empty()));
            let number = row.text(4).and_then(|number| PhoneNumber::parse(&number));
            if self.contacts.len() < JIDS {
                let contact = self.contacts.entry(Jid::parse(&jid).text()).or_default();
                contact.name = contact.name.take().or(name);
                contact.number = contact.number.take().or(number);
            }
            Ok(())
        })
    }

    /// The jid of a row, as a number where it is known.
    pub fn jid(&self, id: i64) -> Option<&Jid> {
        let own = self.rows.get(&id);
        let resolved = self.lids.get(&id).and_then(|id| self.rows.get(id));
        resolved.filter(|jid| !jid.is_lid()).or(own)
    }

    /// The jid that a text names, as a number where it is known.
    pub fn parse(&self, raw: &str) -> Jid {
        let jid = Jid::parse(raw);
        match self.lid_rows.get(&jid.text()).and_then(|id| self.jid(*id)) {
            Some(resolved) => resolved.clone(),
            None => jid,
        }
    }

    /// The party of a row; nobody for 0, -1 and rows that are not there.
    pub fn party(&self, id: i64) -> Participant {
        let Some(jid) = self.jid(id) else { return Participant::default() };
        let mut party = self.describe(jid);
        if party.name.is_none() || party.name.as_deref() == Some(&jid.text()) {
            // The address book may have the LID.
            let own = self.rows.get(&id).map(Jid::text).unwrap_or_default();
            party.name = self.name_of(&own).or(party.name);
        }
        party
    }

    /// The party of a jid.
    pub fn describe(&self, jid: &Jid) -> Participant {
        let contact = self.contacts.get(&jid.text());
        let own = NUMBERS.contains(&jid.server.as_str()).then(|| PhoneNumber::parse(&jid.user)).flatten();
        let number = own.or_else(|| contact.and_then(|contact| contact.number.clone()));
        let name = self.name_of(&jid.text());
        // Without a number the jid is all that tells one stranger from another.
        let name = name.or_else(|| (number.is_none() && !jid.user.is_empty()).then(|| jid.text()));
        Participant { name, number, email: None }
    }

    fn name_of(&self, jid: &str) -> Option<String> {
        let of_book = self.contacts.get(jid).and_then(|contact| contact.name.clone());
        of_book.or_else(|| self.given.get(jid).cloned())
    }

    /// How an id names the party of a row: without a name, which the address book may change.
    pub fn id_text(&self, id: i64) -> Option<String> {
        self.jid(id).map(id_of)
    }
}

/// How an id or a line names a party: `+447700900101`, else the jid.
pub fn id_of(jid: &Jid) -> String {
    let number = NUMBERS.contains(&jid.server.as_str()).then(|| PhoneNumber::parse(&jid.user)).flatten();
    number.map_or_else(|| jid.text(), |number| number.to_string())
}
