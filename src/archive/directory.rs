//! The user directory and the custom mapping.

use super::Archive;
use crate::{
    Error, ErrorKind, Result,
    mapping::{self, Directory, Rejected, Rule, Switches},
    model::{
        Code, Digest, Event, Instant, MailboxName, MappingRow, Ordinal, Participant, PhoneNumber, Right, User,
        UserStatus, fold_tag, tag_name,
    },
    state::State,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A row of a file that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// The line, from 1.
    pub line: u64,
    /// Why.
    pub code: Code,
    /// The value in question.
    pub value: String,
    /// What to do.
    pub fix: &'static str,
}

impl From<Rejected> for RejectedRow {
    fn from(row: Rejected) -> Self {
        Self { line: row.line, code: row.code, value: row.value, fix: row.code.fix() }
    }
}

/// What shall change about a user.
#[derive(Clone, Debug, Default)]
pub struct UserEdit {
    /// A new display name.
    pub name: Option<String>,
    /// Numbers to add.
    pub add_numbers: Vec<String>,
    /// Numbers to take away.
    pub remove_numbers: Vec<String>,
    /// Groups to add.
    pub add_groups: Vec<String>,
    /// Groups to take away.
    pub remove_groups: Vec<String>,
}

/// What reading a mapping file did.
#[derive(Clone, Debug, Serialize)]
pub struct MapReport {
    /// Rows that are new.
    pub added: u64,
    /// Rows that were there.
    pub unchanged: u64,
    /// Rows that a replacement removed.
    pub removed: u64,
    /// Rows that were not taken.
    pub rejected: Vec<RejectedRow>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// What reading a user file did.
#[derive(Clone, Debug, Serialize)]
pub struct UserReport {
    /// Users that are new.
    pub added: u64,
    /// Users that changed.
    pub updated: u64,
    /// Users that were there as the file says.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub rejected: Vec<RejectedRow>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// One line of `user list`.
#[derive(Clone, Debug, Serialize)]
pub struct UserRow {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// Items in the mailbox, recoverable ones too.
    pub messages: u64,
    /// When the newest of them was sent.
    pub last_message: Option<Instant>,
    /// Names of the active holds on the mailbox.
    pub holds: Vec<String>,
}

/// What a number means.
#[derive(Clone, Debug, Serialize)]
pub struct Resolution {
    /// The number, E.164.
    pub number: PhoneNumber,
    /// Its mailbox.
    pub mailbox: Option<MailboxName>,
    /// By which rule.
    pub rule: Option<Rule>,
}

impl Archive {
    /// Adds a user to the directory.
    ///
    /// # Errors
    /// [`ErrorKind::Exists`]; a number that means another mailbox; the journal cannot be written.
    pub fn add_user(&mut self, email: &str, name: Option<String>, numbers: &[String]) -> Result<User> {
        self.add_user_in(email, name, numbers, &[])
    }

    /// Adds a user who is in groups of the directory.
    ///
    /// # Errors
    /// As [`Self::add_user`]; a name that a group cannot have.
    pub fn add_user_in(
        &mut self,
        email: &str,
        name: Option<String>,
        numbers: &[String],
        groups: &[String],
    ) -> Result<User> {
        self.may(Right::Directory, "user.add", email)?;
        let user = self.new_user(email, name, numbers, groups)?;
        self.transact(|state, _| {
            may_add(state, &user)?;
            Ok((vec![Event::UserAdded { user: user.clone() }], user))
        })
    }

    /// What [`Self::add_user`] would add.
    ///
    /// # Errors
    /// As [`Self::add_user`]; nothing is written.
    pub fn would_add_user(
        &self,
        email: &str,
        name: Option<String>,
        numbers: &[String],
        groups: &[String],
    ) -> Result<User> {
        self.may(Right::Directory, "user.add", email)?;
        let user = self.new_user(email, name, numbers, groups)?;
        may_add(&self.state, &user)?;
        Ok(user)
    }

    fn new_user(&self, email: &str, name: Option<String>, numbers: &[String], groups: &[String]) -> Result<User> {
        let email = MailboxName::parse(email).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("{email} is not an e-mail address"))
                .with_hint("write it as name@domain")
        })?;
        let numbers = numbers.iter().map(|n| self.number(n)).collect::<Result<_>>()?;
        let name = name.filter(|n| !n.trim().is_empty());
        Ok(User { email, name, numbers, groups: group_names(groups)?, status: UserStatus::Active })
    }

    fn number(&self, text: &str) -> Result<PhoneNumber> {
        mapping::to_e164(text, self.meta.settings.default_region.as_deref()).map_err(|code| {
            Error::new(ErrorKind::Usage, format!("{text} is not a phone number ({code})")).with_hint(code.fix())
        })
    }

    /// Changes a user: a new name, numbers to add, numbers to take away.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; a number that means another mailbox; the journal cannot be written.
    pub fn edit_user(&mut self, email: &str, name: Option<String>, add: &[String], remove: &[String]) -> Result<User> {
        let (add_numbers, remove_numbers) = (add.to_vec(), remove.to_vec());
        self.change_user(email, &UserEdit { name, add_numbers, remove_numbers, ..UserEdit::default() })
    }

    /// Changes a user.
    ///
    /// # Errors
    /// As [`Self::edit_user`]; a name that a group cannot have.
    pub fn change_user(&mut self, email: &str, edit: &UserEdit) -> Result<User> {
        self.may(Right::Directory, "user.edit", email)?;
        let change = self.change(email, edit)?;
        self.transact(|state, _| {
            let user = change.of(state)?;
            Ok((vec![Event::UserEdited { user: user.clone() }], user))
        })
    }

    /// What [`Self::change_user`] would make of a user.
    ///
    /// # Errors
    /// As [`Self::change_user`]; nothing is written.
    pub fn would_change_user(&self, email: &str, edit: &UserEdit) -> Result<User> {
        self.may(Right::Directory, "user.edit", email)?;
        self.change(email, edit)?.of(&self.state)
    }

    fn change(&self, email: &str, edit: &UserEdit) -> Result<Change> {
        let numbers = |list: &[String]| list.iter().map(|n| self.number(n)).collect::<Result<Vec<_>>>();
        Ok(Change {
            email: self.mailbox(email)?,
            name: edit.name.clone(),
            add: numbers(&edit.add_numbers)?,
            remove: numbers(&edit.remove_numbers)?,
            add_groups: group_names(&edit.add_groups)?,
            remove_groups: group_names(&edit.remove_groups)?,
        })
    }

    /// Makes a disabled user take new items again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; the journal cannot be written.
    pub fn enable_user(&mut self, email: &str) -> Result<User> {
        self.may(Right::Directory, "user.edit", email)?;
        let email = self.mailbox(email)?;
        self.transact(|state, _| {
            let user = User { status: UserStatus::Active, ..user_of(state, &email)?.clone() };
            Ok((vec![Event::UserEdited { user: user.clone() }], user))
        })
    }

    /// Makes a user take no new items. The mailbox, its items and its holds stay.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; the journal cannot be written.
    pub fn disable_user(&mut self, email: &str, reason: &str) -> Result<User> {
        self.may(Right::Directory, "user.disable", email)?;
        let email = self.mailbox(email)?;
        let reason = reason.to_owned();
        self.transact(|state, _| {
            let mut user = user_of(state, &email)?.clone();
            user.status = UserStatus::Disabled;
            Ok((vec![Event::UserDisabled { email, reason }], user))
        })
    }

    /// Reads users from a CSV (`email,name,number…`). Rows that cannot be taken are listed; the others are. A number that
    /// a user outside the file has is listed too, and its user is taken without it.
    ///
    /// # Errors
    /// The file is not such a CSV; the journal cannot be written.
    pub fn import_users(&mut self, csv: &[u8], dry_run: bool) -> Result<UserReport> {
        self.may(Right::Directory, "user.import", "")?;
        let file = mapping::read_users(csv, self.meta.settings.default_region.as_deref())?;
        let rejected = rows(file.rejected);
        let mut report = UserReport { added: 0, updated: 0, unchanged: 0, rejected, dry_run };
        self.transact(|state, _| {
            // The users of the file change together: two of them may swap their numbers.
            let changed: HashSet<&MailboxName> = file.users.iter().map(|(_, user)| &user.email).collect();
            let others = state.users.values().filter(|user| !changed.contains(&user.email));
            let owners: HashMap<&PhoneNumber, &MailboxName> =
                others.flat_map(|user| user.numbers.iter().map(move |number| (number, &user.email))).collect();
            let mut events = Vec::new();
            for (line, mut user) in file.users.clone() {
                let code = Code::Conflict;
                for (number, owner) in user.numbers.iter().filter_map(|n| owners.get_key_value(n)) {
                    let value = format!("{number} is listed for {owner} already");
                    report.rejected.push(RejectedRow { line, code, value, fix: code.fix() });
                }
                user.numbers.retain(|number| !owners.contains_key(number));
                if let Some(old) = state.users.get(&user.email).filter(|_| !file.tells_groups) {
                    user.groups = old.groups.clone();
                }
                match state.users.get(&user.email) {
                    Some(old) if *old == user => report.unchanged += 1,
                    Some(_) => {
                        report.updated += 1;
                        events.push(Event::UserEdited { user });
                    }
                    None => {
                        report.added += 1;
                        events.push(Event::UserAdded { user });
                    }
                }
            }
            report.rejected.sort_by_key(|row| row.line);
            Ok((if dry_run { Vec::new() } else { events }, report))
        })
    }

    /// The directory, with what each mailbox has.
    ///
    /// # Errors
    /// The index cannot be read, or is too far behind.
    pub fn users(&self) -> Result<Vec<UserRow>> {
        self.may_read(Right::SeeDirectory, "user.list", "")?;
        let newest = self.newest_by_mailbox()?;
        Ok(self
            .state
            .users
            .values()
            .map(|user| UserRow {
                messages: self.state.boxes.get(&user.email).map_or(0, |b| b.live.len() + b.recoverable.len()),
                last_message: newest.get(&user.email).copied(),
                holds: self.holds_on(&user.email),
                user: user.clone(),
            })
            .collect())
    }

    /// When each message was sent, by ordinal.
    pub(super) fn dates(&self) -> Result<Vec<Option<Instant>>> {
        if self.tail.beyond() > 0 {
            return Err(super::matching::behind(self.tail.len()));
        }
        let mut dates: Vec<Option<Instant>> = vec![None; self.state.messages as usize];
        let mut note = |ordinal: Ordinal, sent: Option<Instant>| {
            if let Some(date) = dates.get_mut(ordinal.0 as usize) {
                *date = sent;
            }
        };
        if let Some(index) = &self.index {
            index.columns()?.dates(index.all()?).into_iter().for_each(|(ordinal, sent)| note(ordinal, sent));
        }
        self.tail.iter().for_each(|(_, message)| note(message.ordinal, message.sent));
        Ok(dates)
    }

    fn newest_by_mailbox(&self) -> Result<BTreeMap<MailboxName, Instant>> {
        // Dates by ordinal first, then each mailbox over its own items: the cost is that of the items.
        let dates = self.dates()?;
        let newest = self.state.boxes.iter().filter_map(|(mailbox, boxes)| {
            let last = boxes.present().iter().filter_map(|at| dates.get(at as usize).copied().flatten()).max();
            last.map(|last| (mailbox.clone(), last))
        });
        Ok(newest.collect())
    }

    /// Reads a mapping file. With `replace` its rows take the place of all rows; else they are added.
    ///
    /// # Errors
    /// The file is not a mapping; the journal cannot be written.
    pub fn import_mapping(
        &mut self,
        file: &str,
        csv: &[u8],
        replace: bool,
        region: Option<&str>,
        dry_run: bool,
    ) -> Result<MapReport> {
        self.may(Right::Directory, "map.import", file)?;
        let region = region.or(self.meta.settings.default_region.as_deref());
        let read = mapping::read_mapping(csv, region)?;
        let (file, digest) = (file.to_owned(), Digest::of(csv));
        self.transact(|state, _| {
            let users: Vec<User> = state.users.values().cloned().collect();
            let existing: &[MappingRow] = if replace { &[] } else { &state.mapping };
            let mut rejected = mapping::check(&read.rows, &users, existing);
            let refused: HashSet<u64> = rejected.iter().map(|row| row.line).collect();
            let taken: Vec<MappingRow> =
                read.rows.into_iter().filter(|(line, _)| !refused.contains(line)).map(|(_, row)| row).collect();
            rejected.extend(read.rejected);
            rejected.sort_by_key(|row| row.line);
            if replace && taken.is_empty() && !rejected.is_empty() {
                return Err(Error::new(
                    ErrorKind::Config,
                    "no row of the file can be taken: the mapping was not replaced",
                )
                .with_hint("correct the file, or import it with --mode merge to see its rows one by one"));
            }
            let fresh: Vec<MappingRow> =
                taken.iter().filter(|row| replace || !state.mapping.contains(row)).cloned().collect();
            let removed =
                if replace { state.mapping.iter().filter(|row| !fresh.contains(row)).count() as u64 } else { 0 };
            let already = fresh.iter().filter(|row| state.mapping.contains(row)).count() as u64;
            let report = MapReport {
                added: fresh.len() as u64 - already,
                unchanged: taken.len() as u64 - fresh.len() as u64 + already,
                removed,
                rejected: rows(rejected),
                dry_run,
            };
            let mut events = vec![Event::MappingImported {
                file,
                digest,
                replace,
                accepted: taken.len() as u64,
                rejected: report.rejected.len() as u64,
            }];
            events.extend(fresh.into_iter().map(|row| Event::MappingAdded { row }));
            Ok((if dry_run { Vec::new() } else { events }, report))
        })
    }

    /// Removes all rows of a number. Returns how many there were.
    ///
    /// # Errors
    /// Not a number; [`ErrorKind::NotFound`]; the journal cannot be written.
    pub fn remove_mapping(&mut self, number: &str, dry_run: bool) -> Result<u64> {
        self.may(Right::Directory, "map.remove", number)?;
        let number = self.number(number)?;
        self.transact(|state, _| {
            let rows = state.mapping.iter().filter(|row| row.number == number).count() as u64;
            if rows == 0 {
                return Err(Error::new(ErrorKind::NotFound, format!("the custom mapping has no row for {number}"))
                    .with_hint("custodia map list shows its rows"));
            }
            Ok((if dry_run { Vec::new() } else { vec![Event::MappingRemoved { number }] }, rows))
        })
    }

    /// What a number means, for an item that was sent at `at` (now if not said).
    ///
    /// # Errors
    /// Not a number.
    pub fn resolve_number(&self, number: &str, at: Option<Instant>) -> Result<Resolution> {
        self.may_read(Right::SeeDirectory, "map.resolve", number)?;
        let number = self.number(number)?;
        let users: Vec<User> = self.state.users.values().cloned().collect();
        let directory = Directory::new(&users, &self.state.mapping, self.meta.settings.default_region.as_deref());
        let participant = Participant { number: Some(number.clone()), ..Participant::default() };
        let at = at.or(Some(self.clock.now()));
        let found = directory.resolve(&participant, at, Switches { custom: true, automatic: false });
        let (mailbox, rule) = found.map_or((None, None), |(mailbox, rule)| (Some(mailbox), Some(rule)));
        Ok(Resolution { number, mailbox, rule })
    }

    /// What is wrong with the mapping as it is: rows that name a mailbox which is not (any more) a valid user.
    #[must_use]
    pub fn check_mapping(&self) -> Vec<RejectedRow> {
        let users: Vec<User> = self.state.users.values().cloned().collect();
        let numbered: Vec<_> =
            self.state.mapping.iter().enumerate().map(|(at, row)| (at as u64 + 1, row.clone())).collect();
        rows(mapping::check(&numbered, &users, &[]))
    }
}

fn rows(rejected: Vec<Rejected>) -> Vec<RejectedRow> {
    rejected.into_iter().map(RejectedRow::from).collect()
}

fn user_of<'a>(state: &'a State, email: &MailboxName) -> Result<&'a User> {
    state.users.get(email).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("there is no user {email}")).with_hint("custodia user list shows them")
    })
}

fn may_add(state: &State, user: &User) -> Result<()> {
    if state.users.contains_key(&user.email) {
        return Err(Error::new(ErrorKind::Exists, format!("the user {} is there already", user.email))
            .with_hint("custodia user edit changes a user"));
    }
    one_mailbox_per_number(state, user)
}

/// Names of groups as they are kept: they follow the rules of tags' names.
fn group_names(groups: &[String]) -> Result<BTreeSet<String>> {
    let name = |group: &String| {
        tag_name(group).map_err(|_| {
            Error::new(ErrorKind::Usage, format!("{group} is not the name of a group")).with_hint(Code::BadGroup.fix())
        })
    };
    groups.iter().map(name).collect()
}

/// What an edit changes. Whether the user is disabled is not among it.
struct Change {
    email: MailboxName,
    name: Option<String>,
    add: Vec<PhoneNumber>,
    remove: Vec<PhoneNumber>,
    add_groups: BTreeSet<String>,
    remove_groups: BTreeSet<String>,
}

impl Change {
    fn of(self, state: &State) -> Result<User> {
        let mut user = user_of(state, &self.email)?.clone();
        user.name = self.name.or(user.name);
        user.numbers.retain(|n| !self.remove.contains(n));
        for number in self.add {
            if !user.numbers.contains(&number) {
                user.numbers.push(number);
            }
        }
        user.groups.retain(|own| !self.remove_groups.iter().any(|group| fold_tag(group) == fold_tag(own)));
        for group in self.add_groups {
            if !user.groups.iter().any(|own| fold_tag(own) == fold_tag(&group)) {
                user.groups.insert(group);
            }
        }
        one_mailbox_per_number(state, &user)?;
        Ok(user)
    }
}

/// One number must not mean two mailboxes.
fn one_mailbox_per_number(state: &State, user: &User) -> Result<()> {
    for other in state.users.values().filter(|other| other.email != user.email) {
        if let Some(number) = user.numbers.iter().find(|number| other.numbers.contains(number)) {
            return Err(Error::new(ErrorKind::Usage, format!("{number} is listed for {} already", other.email))
                .with_hint(
                    "one number must mean one mailbox; for a number that moved, use map rows with from and to",
                ));
        }
    }
    Ok(())
}
