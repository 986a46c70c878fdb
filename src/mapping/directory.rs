//! The user directory and the custom mapping together: which mailbox a participant has, and by which rule.
//!
//! Contract: for each participant, in this order: the custom mapping by number, valid when the item was sent, if its mailbox is an
//! active user; a number that the directory lists for an active user; the item's e-mail address, if it is an active
//! user's. A number that would mean two mailboxes means none. Building is linear; a look-up is a hash look-up.

use super::number::{NATIONAL_DIGITS, to_e164};
use crate::model::{Instant, MailboxName, MappingRow, Participant, PhoneNumber, User, UserStatus};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// By which rule a participant got a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A row of the custom mapping.
    CustomMapping,
    /// A number that the user directory lists.
    UserDirectory,
    /// The e-mail address in the item.
    ItemEmail,
}

impl Rule {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CustomMapping => "custom_mapping",
            Self::UserDirectory => "user_directory",
            Self::ItemEmail => "item_email",
        }
    }
}

/// Which rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Numbers: the custom mapping and the user directory (`--custom-mapping`).
    pub custom: bool,
    /// The item's e-mail address (`--automatic-mapping`).
    pub automatic: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self { custom: true, automatic: true }
    }
}

/// Users and rows, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    active: HashSet<MailboxName>,
    rows: HashMap<PhoneNumber, Vec<MappingRow>>,
    /// `None`: two active users list it.
    listed: HashMap<PhoneNumber, Option<MailboxName>>,
    region: Option<String>,
}

impl Directory {
    /// A directory of these users and rows. `default_region` gives national numbers their country.
    #[must_use]
    pub fn new(users: &[User], rows: &[MappingRow], default_region: Option<&str>) -> Self {
        let mut directory = Self { region: default_region.map(str::to_owned), ..Self::default() };
        for user in users.iter().filter(|user| user.status == UserStatus::Active) {
            directory.active.insert(user.email.clone());
            for number in &user.numbers {
                let owner = directory.listed.entry(number.clone()).or_insert_with(|| Some(user.email.clone()));
                if owner.as_ref() != Some(&user.email) {
                    *owner = None;
                }
            }
        }
        for row in rows {
            directory.rows.entry(row.number.clone()).or_default().push(row.clone());
        }
        directory
    }

    /// Whether this is the mailbox of an active user.
    #[must_use]
    pub fn is_active(&self, mailbox: &MailboxName) -> bool {
        self.active.contains(mailbox)
    }

    /// The mailbox of a number at a time; an unknown time is covered only by rows without a period.
    #[must_use]
    pub fn resolve_number(&self, number: &PhoneNumber, at: Option<Instant>) -> Option<(MailboxName, Rule)> {
        self.look_up(number, at).or_else(|| {
            let national = number.digits().starts_with('0') || number.digits().len() <= NATIONAL_DIGITS;
            let region = self.region.as_deref().filter(|_| national)?;
            let full = to_e164(number.digits(), Some(region)).ok().filter(|full| full != number)?;
            self.look_up(&full, at)
        })
    }

    fn look_up(&self, number: &PhoneNumber, at: Option<Instant>) -> Option<(MailboxName, Rule)> {
        self.custom(number, at).map(|mailbox| (mailbox, Rule::CustomMapping)).or_else(|| {
            let listed = self.listed.get(number)?.clone()?;
            Some((listed, Rule::UserDirectory))
        })
    }

    fn custom(&self, number: &PhoneNumber, at: Option<Instant>) -> Option<MailboxName> {
        let rows = self.rows.get(number)?;
        let mut valid =
            rows.iter().filter(|row| row.covers(at) && self.active.contains(&row.mailbox)).map(|row| &row.mailbox);
        let first = valid.next()?;
        valid.all(|other| other == first).then(|| first.clone())
    }

    /// The mailbox of a participant of an item that was sent at `sent`.
    #[must_use]
    pub fn resolve(&self, who: &Participant, sent: Option<Instant>, switches: Switches) -> Option<(MailboxName, Rule)> {
        let by_number = || self.resolve_number(who.number.as_ref()?, sent);
        let by_email = || {
            let mailbox = MailboxName::parse(who.email.as_deref()?)?;
            self.active.contains(&mailbox).then_some((mailbox, Rule::ItemEmail))
        };
        let custom = if switches.custom { by_number() } else { None };
        custom.or_else(|| if switches.automatic { by_email() } else { None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mailbox(n: u8) -> MailboxName {
        MailboxName::parse(&format!("user{n}@x.example")).unwrap()
    }

    fn number(n: u8) -> PhoneNumber {
        PhoneNumber::parse(&format!("4477009001{n:02}")).unwrap()
    }

    fn user(n: u8, active: bool, numbers: &[u8]) -> User {
        let status = if active { UserStatus::Active } else { UserStatus::Disabled };
        User {
            email: mailbox(n),
            name: None,
            numbers: numbers.iter().map(|n| number(*n)).collect(),
            groups: Default::default(),
            status,
        }
    }

    fn row(n: u8, m: u8, from: Option<i64>, until: Option<i64>) -> MappingRow {
        MappingRow { number: number(n), mailbox: mailbox(m), from: from.map(Instant), until: until.map(Instant) }
    }

    fn who(n: Option<u8>, m: Option<u8>) -> Participant {
        Participant { name: None, number: n.map(number), email: m.map(|m| mailbox(m).to_string().to_uppercase()) }
    }

    #[test]
    fn the_rules_are_asked_in_the_originals_order() {
        let users = [user(1, true, &[5]), user(2, true, &[]), user(3, false, &[6])];
        let rows = [row(5, 2, None, None), row(7, 3, None, None), row(8, 9, None, None)];
        let directory = Directory::new(&users, &rows, None);
        let ask = |n, m, custom, automatic| {
            directory
                .resolve(&who(n, m), Some(Instant(0)), Switches { custom, automatic })
                .map(|(m, rule)| (m.to_string(), rule))
        };
        let one = |n: u8, rule| Some((mailbox(n).to_string(), rule));
        assert_eq!(ask(Some(5), Some(1), true, true), one(2, Rule::CustomMapping));
        assert_eq!(ask(Some(5), Some(1), false, true), one(1, Rule::ItemEmail));
        assert_eq!(ask(Some(5), Some(1), false, false), None);
        // A hit that is no valid user falls through, to the address or to nobody.
        assert_eq!(ask(Some(7), Some(1), true, true), one(1, Rule::ItemEmail));
        assert_eq!(ask(Some(8), None, true, true), None);
        // A disabled user gets nothing, by whatever rule.
        assert_eq!((ask(Some(6), None, true, true), ask(None, Some(3), true, true)), (None, None));
        let listed = Directory::new(&users, &[], None).resolve(&who(Some(5), None), None, Switches::default());
        assert_eq!(listed, Some((mailbox(1), Rule::UserDirectory)));
    }

    #[test]
    fn a_number_belongs_to_who_had_it_when_the_item_was_sent() {
        let users = [user(1, true, &[]), user(2, true, &[])];
        let directory = Directory::new(&users, &[row(5, 1, None, Some(100)), row(5, 2, Some(100), None)], None);
        let at = |t: Option<i64>| directory.resolve_number(&number(5), t.map(Instant)).map(|(m, _)| m);
        assert_eq!((at(Some(99)), at(Some(100)), at(None)), (Some(mailbox(1)), Some(mailbox(2)), None));
    }

    #[test]
    fn a_national_number_of_the_feed_is_found_with_a_region() {
        let users = [user(1, true, &[5])];
        let national = PhoneNumber::parse("07700900105").unwrap();
        let with = |region| Directory::new(&users, &[], region).resolve_number(&national, None).map(|(m, _)| m);
        assert_eq!((with(Some("GB")), with(None)), (Some(mailbox(1)), None));
    }

    /// The rules, written down as plainly as possible.
    fn oracle(
        users: &[User],
        rows: &[MappingRow],
        who: &Participant,
        sent: Option<Instant>,
        s: Switches,
    ) -> Option<(MailboxName, Rule)> {
        let active = |m: &MailboxName| users.iter().any(|u| u.email == *m && u.status == UserStatus::Active);
        let only = |found: Vec<MailboxName>, rule| {
            let distinct: HashSet<_> = found.iter().cloned().collect();
            (distinct.len() == 1).then(|| (found[0].clone(), rule))
        };
        let n = who.number.as_ref().filter(|_| s.custom);
        let custom = rows
            .iter()
            .filter(|r| Some(&r.number) == n && r.covers(sent) && active(&r.mailbox))
            .map(|r| r.mailbox.clone());
        let listed =
            users.iter().filter(|u| u.status == UserStatus::Active && n.is_some_and(|n| u.numbers.contains(n)));
        let email = who.email.as_deref().and_then(MailboxName::parse).filter(|m| s.automatic && active(m));
        only(custom.collect(), Rule::CustomMapping)
            .or_else(|| only(listed.map(|u| u.email.clone()).collect(), Rule::UserDirectory))
            .or_else(|| email.map(|m| (m, Rule::ItemEmail)))
    }

    proptest! {
        #[test]
        fn the_directory_decides_as_the_rules_are_written(
            users in proptest::collection::btree_map(0_u8..6, (any::<bool>(), proptest::collection::vec(0_u8..6, 0..3)), 0..6),
            rows in proptest::collection::vec((0_u8..6, 0_u8..7, proptest::option::of(0_i64..10), proptest::option::of(0_i64..10)), 0..8),
            asked in proptest::collection::vec((proptest::option::of(0_u8..7), proptest::option::of(0_u8..7), proptest::option::of(0_i64..10), any::<bool>(), any::<bool>()), 1..20),
        ) {
            let users: Vec<User> = users.iter().map(|(n, (active, numbers))| user(*n, *active, numbers)).collect();
            let rows: Vec<MappingRow> = rows.iter().map(|(n, m, from, until)| row(*n, *m, *from, *until)).collect();
            let directory = Directory::new(&users, &rows, None);
            for (n, m, sent, custom, automatic) in asked {
                let (who, sent, switches) = (who(n, m), sent.map(Instant), Switches { custom, automatic });
                prop_assert_eq!(directory.resolve(&who, sent, switches), oracle(&users, &rows, &who, sent, switches));
            }
        }
    }
}
