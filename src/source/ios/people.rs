//! Who is behind an address: number, name from the address book, push name, and which `@lid` is which number.
//!
//! Contract: an `@lid` becomes a number only where the source maps it (`LID.sqlite`, the address book, the session), and not
//! where it maps it to two; without a number and a name it stands for its person. Of several names the owner's address book
//! comes first, then what conversations call the person, then what the person calls itself.
//! Limits: [`PEOPLE`] addresses, about 200 bytes each.

use super::{
    jid::{self, Jid},
    names,
};
use crate::{
    Result,
    model::{Code, Finding, Participant, PhoneNumber, Place},
    source::{
        phone::{PhoneRead, Visit},
        sqlite::{Database, Order},
    },
};
use std::collections::{HashMap, hash_map::Entry};

/// Addresses with a name or a number that are kept.
const PEOPLE: usize = 500_000;

/// Names of one address, by who gave them.
#[derive(Debug, Default)]
struct Names {
    address_book: Option<Box<str>>,
    conversation: Option<Box<str>>,
    push: Option<Box<str>>,
}

/// Which of its names is meant.
#[derive(Clone, Copy, Debug)]
enum By {
    AddressBook,
    Conversation,
    Push,
}

/// What a record says of a person beside the address.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    /// The contact's name in a list of members.
    pub contact: Option<&'a str>,
    /// The push name.
    pub push: Option<&'a str>,
}

/// Everybody whom the source names.
#[derive(Debug, Default)]
pub struct People {
    names: HashMap<String, Names>,
    /// `None`: mapped to two numbers.
    lids: HashMap<String, Option<PhoneNumber>>,
    /// Names of groups.
    titles: HashMap<String, String>,
    beyond: u64,
}

impl People {
    /// Reads `ContactsV2.sqlite`.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn read_contacts(&mut self, database: &Database) -> Result<()> {
        let columns = ["ZWHATSAPPID", "ZPHONENUMBER", "ZFULLNAME", "ZGIVENNAME", "ZLID"];
        database.select("ZWAADDRESSBOOKCONTACT", &columns, Order::Id, &mut |row| {
            let name = row.words(2).or_else(|| row.words(3));
            let key = row.text(0).and_then(|id| jid::key(&id)).or_else(|| row.text(1).and_then(|n| jid::key(&n)));
            let lid = row.text(4).map(|lid| lid_key(&lid));
            for key in key.iter().chain(&lid) {
                self.name(key, name.as_deref(), By::AddressBook);
            }
            if let (Some(lid), Some(key)) = (&lid, &key) {
                self.map(lid, Jid::parse(key).and_then(|jid| jid.number()));
            }
            Ok(())
        })
    }

    /// Reads `LID.sqlite`: the table of today and that of older builds.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn read_lids(&mut self, database: &Database) -> Result<()> {
        for (table, lid) in [("ZWAZACCOUNT", "ZIDENTIFIER"), ("ZWAPHONENUMBERLIDPAIR", "ZLID")] {
            database.select(table, &[lid, "ZPHONENUMBER"], Order::Id, &mut |row| {
                if let (Some(lid), Some(number)) = (row.text(0), row.text(1)) {
                    self.map(&lid_key(&lid), number_of(&number));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Reads what the database of messages says of people: push names, names of direct chats, addresses that it maps.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn read_chats(&mut self, database: &Database) -> Result<()> {
        database.select("ZWAPROFILEPUSHNAME", &["ZJID", "ZPUSHNAME"], Order::Id, &mut |row| {
            if let (Some(key), Some(name)) = (row.text(0).and_then(|jid| jid::key(&jid)), row.text(1)) {
                self.name(&key, names::push_name(&name).as_deref(), By::Push);
            }
            Ok(())
        })?;
        let columns = ["ZCONTACTJID", "ZPARTNERNAME", "ZCONTACTIDENTIFIER"];
        database.select("ZWACHATSESSION", &columns, Order::Id, &mut |row| {
            let Some(address) = row.text(0) else { return Ok(()) };
            let Some(key) = jid::key(&address) else {
                if let Some(title) =
                    row.text(1).and_then(|title| names::clean(&title)).filter(|_| self.titles.len() < PEOPLE)
                {
                    self.titles.entry(address.into_owned()).or_insert(title);
                }
                return Ok(());
            };
            self.name(&key, row.text(1).as_deref(), By::Conversation);
            // Newer builds keep the number's address beside the `@lid`.
            if let Some(number) = row.text(2).and_then(|id| Jid::parse(&id).and_then(|jid| jid.number())) {
                self.map(&key, Some(number));
            }
            Ok(())
        })
    }

    /// Says if there were more people than are kept.
    ///
    /// # Errors
    /// Those of the visitor.
    pub fn report(&self, file: &str, visit: Visit<'_>) -> Result<()> {
        if self.beyond == 0 {
            return Ok(());
        }
        let detail = format!("names of {} addresses beyond the first {PEOPLE}", self.beyond);
        visit(PhoneRead::Noticed(Finding::new(Code::LimitExceeded, Place::file(file), detail)))
    }

    /// The person at an address, as far as it is known. An address of a group is nobody.
    #[must_use]
    pub fn participant(&self, address: &str, said: Said<'_>) -> Participant {
        let Some(key) = jid::key(address) else { return self.nameless(said) };
        let number = self.number(&key);
        let mut names: Vec<&Names> = self.names.get(&key).into_iter().collect();
        let by_number = number.as_ref().map(jid::number_key).filter(|other| *other != key);
        names.extend(by_number.and_then(|key| self.names.get(&key)));
        let of = |get: fn(&Names) -> &Option<Box<str>>| names.iter().find_map(|names| get(names).as_deref());
        let is_name = |name: &String| PhoneNumber::parse(name).is_none_or(|said| Some(&said) != number.as_ref());
        let name =
            [of(|names| &names.address_book), of(|names| &names.conversation), said.contact, of(|names| &names.push)];
        let name = name.into_iter().flatten().filter_map(names::clean).find(is_name);
        let name = name.or_else(|| said.push.and_then(names::push_name));
        // Somebody of whom only the `@lid` is known is still somebody, and not the same as another.
        let address = number.is_none().then(|| key.clone());
        Participant { name: name.or(address), number, email: None }
    }

    /// The name of a group.
    #[must_use]
    pub fn title(&self, address: &str) -> Option<String> {
        self.titles.get(address).cloned()
    }

    fn nameless(&self, said: Said<'_>) -> Participant {
        let name = said.contact.and_then(names::clean).or_else(|| said.push.and_then(names::push_name));
        Participant { name, ..Participant::default() }
    }

    fn number(&self, key: &str) -> Option<PhoneNumber> {
        match self.lids.get(key) {
            Some(mapped) => mapped.clone(),
            None => Jid::parse(key).and_then(|jid| jid.number()),
        }
    }

    fn name(&mut self, key: &str, name: Option<&str>, by: By) {
        let Some(name) = name.and_then(names::clean) else { return };
        if self.names.len() >= PEOPLE && !self.names.contains_key(key) {
            self.beyond += 1;
            return;
        }
        let names = self.names.entry(key.to_owned()).or_default();
        let slot = match by {
            By::AddressBook => &mut names.address_book,
            By::Conversation => &mut names.conversation,
            By::Push => &mut names.push,
        };
        // The first one stays, so that the order of the source decides and nothing else.
        slot.get_or_insert_with(|| name.into());
    }

    fn map(&mut self, lid: &str, number: Option<PhoneNumber>) {
        let (Some(number), true) = (number, lid.ends_with("lid")) else { return };
        if self.lids.len() >= PEOPLE && !self.lids.contains_key(lid) {
            self.beyond += 1;
            return;
        }
        match self.lids.entry(lid.to_owned()) {
            Entry::Vacant(entry) => drop(entry.insert(Some(number))),
            Entry::Occupied(mut entry) => {
                if entry.get().as_ref().is_some_and(|before| *before != number) {
                    entry.insert(None);
                }
            }
        }
    }
}

/// The key of an `@lid` that may stand without its server.
fn lid_key(text: &str) -> String {
    match Jid::parse(text) {
        Some(jid) => jid.key(),
        None => format!("{}@lid", text.trim()),
    }
}

fn number_of(text: &str) -> Option<PhoneNumber> {
    match Jid::parse(text) {
        Some(jid) => jid.number(),
        None => PhoneNumber::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<PhoneNumber> {
        PhoneNumber::parse(text)
    }

    #[test]
    fn an_lid_has_the_number_that_the_source_maps_and_no_other() {
        let mut people = People::default();
        let unknown = people.participant("447700900101@lid", Said::default());
        assert_eq!((unknown.number, unknown.name.as_deref()), (None, Some("447700900101@lid")));
        people.map("99@lid", number("447700900101"));
        people.map("447700900102@s.whatsapp.net", number("447700900103"));
        assert_eq!(people.participant("99:4@lid", Said::default()).number, number("447700900101"));
        assert_eq!(people.participant("447700900102@s.whatsapp.net", Said::default()).number, number("447700900102"));
        people.map("99@lid", number("447700900104"));
        assert_eq!(people.participant("99@lid", Said::default()).number, None, "mapped to two");
    }

    #[test]
    fn the_address_book_comes_before_the_member_list_and_the_push_name() {
        let mut people = People::default();
        let person = "447700900101@s.whatsapp.net";
        let name = |people: &People, said| people.participant("99@lid", said).name;
        people.map("99@lid", number("447700900101"));
        let said = Said { contact: Some("Ada (work)"), push: Some("ada!") };
        assert_eq!(name(&people, Said { push: Some("ada!"), ..Said::default() }).as_deref(), Some("ada!"));
        people.name(person, Some("Ada P"), By::Push);
        assert_eq!(name(&people, Said::default()).as_deref(), Some("Ada P"));
        assert_eq!(name(&people, said).as_deref(), Some("Ada (work)"));
        people.name(person, Some("Ada from chats"), By::Conversation);
        assert_eq!(name(&people, said).as_deref(), Some("Ada from chats"));
        people.name(person, Some("\u{200e}Ada Example"), By::AddressBook);
        assert_eq!(name(&people, said).as_deref(), Some("Ada Example"));
    }

    #[test]
    fn a_number_is_not_a_name() {
        let mut people = People::default();
        let person = "447700900101@s.whatsapp.net";
        people.name(person, Some("\u{202a}+44 7700 900101\u{202c}"), By::Conversation);
        assert_eq!(people.participant(person, Said::default()).name, None);
        assert_eq!(people.participant("1-2@g.us", Said::default()), Participant::default());
    }
}
