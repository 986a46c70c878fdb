//! What people are called on a page: name and number where they appear first, the name afterwards.
//!
//! Contract: two parties of one name are told apart every time; a party without a name is its number or address, with
//! the mailbox that it maps to where it appears first.

use crate::sanitize;
use custodia::archive::{ChatPage, ChatParty};
use custodia::model::Participant;
use std::collections::{BTreeMap, BTreeSet};

/// Who was named so far, and how.
pub struct Names {
    parties: BTreeMap<String, Known>,
    met: BTreeSet<String>,
}

/// A label in its parts, as strangers wrote them.
struct Known {
    first: Label,
    then: Label,
}

#[derive(Clone)]
struct Label {
    name: String,
    beside: Option<String>,
}

impl Label {
    fn raw(&self) -> String {
        self.beside.as_ref().map_or_else(|| self.name.clone(), |beside| format!("{} ({beside})", self.name))
    }

    /// Harmless, each part isolated by itself.
    fn shown(&self) -> String {
        let name = sanitize::line(&self.name);
        self.beside.as_ref().map_or_else(|| name.clone(), |beside| format!("{name} ({})", sanitize::line(beside)))
    }
}

impl Names {
    /// The names of a page.
    pub fn of(page: &ChatPage) -> Self {
        let mut bearers: BTreeMap<String, usize> = BTreeMap::new();
        for name in page.parties.iter().filter_map(|party| party.party.name.as_deref()) {
            *bearers.entry(same(name)).or_default() += 1;
        }
        let known = |party: &ChatParty| {
            let who = &party.party;
            let number = who.number.as_ref().map(ToString::to_string);
            let beside = match who.name {
                Some(_) => number.or_else(|| who.email.clone()),
                None => party.mailbox.as_ref().map(ToString::to_string).filter(|m| Some(m) != who.email.as_ref()),
            };
            let first = Label { name: who.label(), beside };
            let alone = who.name.as_deref().is_none_or(|name| bearers.get(&same(name)).copied().unwrap_or(0) < 2);
            let then = if alone { Label { name: who.label(), beside: None } } else { first.clone() };
            Some((key(who)?, Known { first, then }))
        };
        Self { parties: page.parties.iter().filter_map(known).collect(), met: BTreeSet::new() }
    }

    /// What a party is called here, harmless.
    pub fn call(&mut self, who: &Participant) -> String {
        self.label(who).shown()
    }

    /// The same as strangers wrote it, for a text that is made harmless as a whole.
    pub fn call_raw(&mut self, who: &Participant) -> String {
        self.label(who).raw()
    }

    fn label(&mut self, who: &Participant) -> Label {
        let unknown = || Label { name: who.label(), beside: None };
        let Some(key) = key(who) else { return unknown() };
        match self.parties.get(&key) {
            Some(known) if self.met.insert(key) => known.first.clone(),
            Some(known) => known.then.clone(),
            None => unknown(),
        }
    }
}

/// What two spellings of a name have in common, for an eye that skims.
fn same(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn key(party: &Participant) -> Option<String> {
    let number = party.number.as_ref().map(|number| number.digits().to_owned());
    number.or_else(|| party.email.as_ref().map(|email| email.to_lowercase())).or_else(|| party.name.clone())
}
