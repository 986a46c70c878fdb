//! Creating and opening an archive.

use super::{Archive, FORMAT, Layout, Meta, tail::TailMessages};
use crate::{
    Error, ErrorKind, Result,
    clock::Clock,
    fs,
    journal::Journal,
    maildir::Mail,
    model::{Actor, Digest, Event, Period, Roles, Seq, Settings},
    state::State,
    vault::Vault,
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, OnceLock},
};

/// What a new archive is like.
#[derive(Clone, Debug, Default)]
pub struct CreateOptions {
    /// Its name; the folder's name if empty.
    pub name: String,
    /// Its settings.
    pub settings: Settings,
    /// For how long anything in it is kept at least.
    pub minimum_retention: Option<Period>,
}

impl Archive {
    /// Makes an archive in `dir`, which must be missing or empty.
    ///
    /// # Errors
    /// [`ErrorKind::Exists`] in an archive, [`ErrorKind::CannotCreate`] in a folder with other things; I/O.
    pub fn create(dir: &Path, options: CreateOptions, actor: Actor, clock: Arc<dyn Clock>) -> Result<Self> {
        let layout = Layout::at(dir);
        if fs::read::stat(&layout.meta())?.is_some() {
            return Err(Error::new(ErrorKind::Exists, format!("there is an archive in {} already", dir.display()))
                .with_hint("nothing was changed; use it with -A, or name another folder"));
        }
        let cannot = |e: Error| {
            Error::new(ErrorKind::CannotCreate, e.to_string()).with_hint("choose a folder that can be written")
        };
        fs::durable::create_dirs(dir).map_err(cannot)?;
        if let Some(entry) = fs::dir::list(dir)?.first() {
            return Err(Error::new(
                ErrorKind::CannotCreate,
                format!("{} is not empty: it has {}", dir.display(), entry.name),
            )
            .with_hint("an archive gets a folder of its own"));
        }
        let folder = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "archive".to_owned());
        let name = if options.name.is_empty() { folder } else { options.name };
        let meta = Meta {
            format: FORMAT,
            id: new_id()?,
            name,
            created: clock.now(),
            settings: options.settings,
            roles: Roles::default(),
            approvers: BTreeMap::new(),
        };
        let mut archive = Self::assemble(layout, meta, actor, clock);
        archive.vault.create().map_err(cannot)?;
        archive.journal.create().map_err(cannot)?;
        fs::durable::sync_filesystem(dir)?;
        let event =
            Event::ArchiveCreated { id: archive.meta.id.clone(), name: archive.meta.name.clone(), format: FORMAT };
        let mut events = vec![event];
        events.extend(
            options
                .minimum_retention
                .map(|keep| Event::FloorSet { keep, reason: "set when the archive was made".to_owned() }),
        );
        archive.record(events)?;
        // Last: what makes the folder an archive is there only when everything else is.
        archive.layout.write_meta(&archive.meta)?;
        archive.begun = Seq(1);
        Ok(archive)
    }

    /// Opens the archive in `dir`.
    ///
    /// # Errors
    /// [`ErrorKind::NoArchive`], [`ErrorKind::FormatNewer`], [`ErrorKind::Config`]; I/O.
    pub fn open(dir: &Path, actor: Actor, clock: Arc<dyn Clock>) -> Result<Self> {
        let layout = Layout::at(dir);
        let meta = layout.read_meta()?;
        let mut archive = Self::assemble(layout, meta, actor, clock);
        archive.begun = Seq(1);
        archive.load()?;
        Ok(archive)
    }

    pub(super) fn assemble(layout: Layout, meta: Meta, actor: Actor, clock: Arc<dyn Clock>) -> Self {
        Self {
            vault: Vault::at(layout.vault(), layout.quarantine()),
            mail: Mail::at(layout.mail(), meta.settings.mail),
            journal: Journal::at(layout.journal(), layout.quarantine()),
            state: State::default(),
            index: None,
            tail: TailMessages::default(),
            mismatches: Vec::new(),
            warnings: Vec::new(),
            unaudited: OnceLock::new(),
            clock_step_recorded: false,
            replayed: 0,
            begun: Seq(0),
            layout,
            meta,
            actor,
            clock,
        }
    }
}

fn new_id() -> Result<String> {
    let mut random = [0u8; 16];
    getrandom::fill(&mut random)
        .map_err(|e| Error::new(ErrorKind::Io, format!("the operating system gives no random bytes: {e}")))?;
    Ok(format!("arc_{}", Digest::of(&random).to_hex().chars().take(16).collect::<String>()))
}
