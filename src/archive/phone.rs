//! Importing a phone's data: whose it is, who gets its messages, and on what that rests.
//!
//! Contract: the owner is a user of the directory and gets every message; everybody else gets what maps, by number or
//! address as in a feed, or by a name that is said for this import alone. Each mailbox is recorded with its basis.

use super::{Archive, import::ImportOptions};
use crate::model::Zone;
use crate::{
    Error, ErrorKind, Result, fs,
    mapping::{Directory, Names, Rule, Switches},
    model::{
        Code, Digest, Finding, MailboxName, Message, Participant, Place, SourceKind, UserStatus,
        event::{Attribution, Basis},
        limits,
    },
    source::{
        phone::{DateOrder, PhoneOptions},
        select,
    },
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// What is said about a phone's data.
#[derive(Clone, Debug, Default)]
pub struct PhoneImport {
    /// The mailbox of the phone's owner.
    pub owner: Option<String>,
    /// The owner's name in a text export.
    pub me: Option<String>,
    /// The zone of the phone that wrote a text export.
    pub source_tz: Option<Zone>,
    /// The order of day, month and year in a text export.
    pub date_order: Option<DateOrder>,
    /// If not empty, only these conversations.
    pub only_chats: Vec<String>,
    /// Not these conversations.
    pub exclude_chats: Vec<String>,
    /// The key of an encrypted backup.
    pub key_file: Option<PathBuf>,
    /// Names of the phone's address book and whose mailboxes they are, for this import alone.
    pub names: Names,
    /// Store the source files beside the archive, by digest.
    pub keep_source: bool,
}

impl PhoneImport {
    /// What of it is recorded with the run: what decides about the result, and no names of chats.
    pub(super) fn recorded(&self) -> String {
        let order = self.date_order.map(|order| format!("{order:?}").to_lowercase());
        let count = |list: &[String]| (!list.is_empty()).then(|| list.len().to_string());
        let names = self.names.mailboxes().count();
        [
            ("owner", self.owner.clone()),
            ("me", self.me.clone()),
            ("source-tz", self.source_tz.map(|tz| tz.name().to_owned())),
            ("date-order", order),
            ("only-chats", count(&self.only_chats)),
            ("excluded-chats", count(&self.exclude_chats)),
            ("names", (names > 0).then(|| names.to_string())),
            ("keep-source", self.keep_source.then(|| "on".to_owned())),
        ]
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| format!(" {key}={value}")))
        .collect()
    }
}

/// The kind of each path, and what the readers of phones are told.
pub(super) struct PhoneSources {
    pub(super) kinds: Vec<SourceKind>,
    pub(super) options: PhoneOptions,
    /// Where source files are kept, if they are.
    keep: Option<PathBuf>,
}

impl PhoneSources {
    /// Keeps a file of the source, which is at `path`, under its digest, if that is wanted. A file that is not what was
    /// read any more is a finding. Not durable before the file system is synced.
    pub(super) fn keep(&self, path: &Path, file: &str, digest: &Digest) -> Result<Option<Finding>> {
        let Some(folder) = &self.keep else { return Ok(None) };
        let target = folder.join(digest.to_hex());
        if fs::read::stat(&target)?.is_some() {
            return Ok(None);
        }
        let not_kept = |why: String| Some(Finding::new(Code::SourceNotKept, Place::file(file), why));
        let mut evidence = match fs::evidence::EvidenceFile::open(path) {
            Ok(evidence) => evidence,
            Err(e) => return Ok(not_kept(e.to_string())),
        };
        let copy = self.options.spool.copy(&mut evidence, u64::MAX, file, ".source")?;
        let Some(copy) = copy.filter(|copy| copy.digest() == *digest) else {
            return Ok(not_kept("it was changed while it was read".to_owned()));
        };
        fs::durable::create_dirs(folder)?;
        fs::durable::link_read_only(copy.path(), &target)?;
        Ok(None)
    }
}

impl Archive {
    /// Looks at the sources; `None` if none of them is a phone's.
    pub(super) fn phone_options(
        &self,
        paths: &[PathBuf],
        options: &ImportOptions,
        spool: Option<&fs::spool::Spool>,
    ) -> Result<Option<PhoneSources>> {
        let kind = |path: &PathBuf| options.kind.map_or_else(|| select::kind_of(path), Ok);
        let kinds = paths.iter().map(kind).collect::<Result<Vec<_>>>()?;
        let Some(phone) = kinds.iter().position(|kind| *kind != SourceKind::Telemessage) else { return Ok(None) };
        let path = paths.get(phone).map(PathBuf::as_path).unwrap_or(Path::new(""));
        let said = options.phone.owner.as_deref().ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("{} is a phone's data: say whose phone it is", path.display()))
                .with_hint("--owner EMAIL names the mailbox of its owner (custodia user list)")
        })?;
        if options.phone.keep_source && !(options.phone.only_chats.is_empty() && options.phone.exclude_chats.is_empty())
        {
            return Err(Error::new(
                ErrorKind::Usage,
                "--keep-source keeps whole files, with the chats that --only-chat and --exclude-chat leave out in them",
            )
            .with_hint("leave --keep-source out, or export the wanted chats alone"));
        }
        // A dry run has a spool among strangers: nothing in the archive's folder is touched.
        let spool = match spool {
            Some(spool) => spool.clone(),
            None => fs::spool::Spool::create(&self.layout.spool())?,
        };
        let keep = (options.phone.keep_source && !options.dry_run).then(|| self.layout.sources());
        let options = PhoneOptions {
            owner: self.active_user(said, "the owner")?,
            me: options.phone.me.clone(),
            source_tz: options.phone.source_tz,
            date_order: options.phone.date_order,
            only_chats: options.phone.only_chats.clone(),
            exclude_chats: options.phone.exclude_chats.clone(),
            key_file: options.phone.key_file.clone(),
            spool,
        };
        Ok(Some(PhoneSources { kinds, options, keep }))
    }

    fn active_user(&self, said: &str, what: &str) -> Result<MailboxName> {
        let mailbox = MailboxName::parse(said);
        let active = |m: &MailboxName| self.state.users.get(m).is_some_and(|u| u.status == UserStatus::Active);
        mailbox.filter(active).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("{what} {said} is not an active user of the directory"))
                .with_hint("custodia user list shows them; custodia user add adds one")
        })
    }
}

/// Who gets a message.
#[derive(Debug, Default)]
pub(super) struct Recipients {
    /// The mailboxes, in their order.
    pub(super) mailboxes: Vec<MailboxName>,
    /// Why each of them, for a phone's data.
    pub(super) attributed: Vec<Attribution>,
    /// The labels of parties that have none.
    pub(super) unmapped: Vec<String>,
}

/// Decides who gets a message.
pub(super) struct Addressing {
    switches: Switches,
    owner: Option<MailboxName>,
    names: Names,
}

impl Addressing {
    pub(super) fn of(archive: &Archive, options: &ImportOptions) -> Result<Self> {
        for mailbox in options.phone.names.mailboxes() {
            archive.active_user(mailbox.as_str(), "in the file of names,")?;
        }
        Ok(Self {
            switches: Switches { custom: options.custom_mapping, automatic: options.automatic_mapping },
            owner: options.phone.owner.as_deref().and_then(MailboxName::parse),
            names: options.phone.names.clone(),
        })
    }

    /// The mailboxes of a message; `members` are parties of its conversation beside its own.
    pub(super) fn recipients(&self, directory: &Directory, message: &Message, members: &[Participant]) -> Recipients {
        let phone = message.identity.source != SourceKind::Telemessage;
        let mut found: BTreeMap<MailboxName, (Basis, String)> = BTreeMap::new();
        if let Some(owner) = self.owner.as_ref().filter(|_| phone) {
            found.insert(owner.clone(), (Basis::Owner, String::new()));
        }
        let mut unmapped = Vec::new();
        for party in message.participants().chain(members).take(limits::PARTICIPANTS) {
            match self.resolve(directory, party, message, phone) {
                Some((mailbox, basis, by)) => drop(found.entry(mailbox).or_insert((basis, by))),
                None if party.is_unknown() => {}
                // Filled in by ourselves; the owner has the message anyway.
                None if phone && party.email.as_deref() == self.owner.as_ref().map(MailboxName::as_str) => {}
                None => {
                    let number = party.number.as_ref().map(ToString::to_string);
                    unmapped.push(number.or_else(|| party.email.clone()).unwrap_or_else(|| party.label()));
                }
            }
        }
        let attribution = |(mailbox, (basis, by)): (&MailboxName, &(Basis, String))| Attribution {
            mailbox: mailbox.clone(),
            basis: *basis,
            by: by.clone(),
        };
        let attributed = if phone { found.iter().map(attribution).collect() } else { Vec::new() };
        Recipients { mailboxes: found.into_keys().collect(), attributed, unmapped }
    }

    fn resolve(
        &self,
        directory: &Directory,
        party: &Participant,
        message: &Message,
        phone: bool,
    ) -> Option<(MailboxName, Basis, String)> {
        if let Some((mailbox, rule)) = directory.resolve(party, message.sent, self.switches) {
            let (basis, by) = match rule {
                Rule::CustomMapping | Rule::UserDirectory => {
                    (Basis::Number, party.number.as_ref().map(ToString::to_string))
                }
                Rule::ItemEmail => (Basis::Address, party.email.clone()),
            };
            return Some((mailbox, basis, by.unwrap_or_default()));
        }
        let name = party.name.as_deref().filter(|_| phone)?;
        self.names.mailbox(name).map(|mailbox| (mailbox.clone(), Basis::Name, name.to_owned()))
    }
}
