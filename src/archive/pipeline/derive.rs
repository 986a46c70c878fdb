//! What is derived from committed batches, in threads of its own: mailbox entries, then the index and the state that
//! says how far both are. A crash before `state.bin` is saved is repaired by the next open for writing.

use crate::{
    Error, ErrorKind, Result,
    archive::{Archive, catch_up::mark_text, import::LateItem, writer::document},
    fs::{self, fault},
    index,
    maildir::{EntryName, Mail},
    model::{Message, Seq, Watermark, event::Archived},
    state::State,
    vault::Vault,
};
use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender},
};

/// What the deriving stages are told.
pub(super) enum ToDerive {
    Batch(Settled),
    /// Commit the index as of this line, then save the state as of that line.
    Commit(Watermark, Box<State>),
}

/// A batch that is committed.
pub(super) struct Settled {
    pub(super) messages: Vec<(Archived, Box<Message>, Seq)>,
    pub(super) late: Vec<LateItem>,
}

/// Where the derived stores are.
pub(super) struct Places {
    vault: Vault,
    mail: Mail,
    index: PathBuf,
    state: PathBuf,
}

impl Places {
    pub(super) fn of(archive: &Archive) -> Self {
        Self {
            vault: archive.vault.clone(),
            mail: archive.mail.clone(),
            index: archive.layout.index(),
            state: archive.layout.state(),
        }
    }
}

/// Links the items of each batch into their mailboxes, and passes it on.
pub(super) fn deliver_stage(
    from_decider: &Receiver<ToDerive>,
    to_index: &SyncSender<ToDerive>,
    places: &Places,
) -> Result<()> {
    let mut delivery = places.mail.delivery();
    for what in from_decider {
        if let ToDerive::Batch(Settled { messages, late }) = &what {
            let items = messages.iter().flat_map(|(a, ..)| a.mailboxes.iter().map(move |m| (a, m)));
            for (archived, mailbox) in items.chain(late.iter().map(|l| (&l.archived, &l.mailbox))) {
                let name = EntryName::new(&archived.id, archived.sent, archived.size);
                delivery.deliver(&places.vault.path(&archived.digest), mailbox, &name, false)?;
            }
            fault::point("mail");
        }
        to_index.send(what).map_err(|_| Error::new(ErrorKind::Io, "the index cannot be written"))?;
    }
    Ok(())
}

/// Indexes what it is given. Returns the last watermark that was committed.
pub(super) fn index_stage(
    index: &mut index::Writer,
    from_deliverer: &Receiver<ToDerive>,
    places: &Places,
) -> Result<Option<Watermark>> {
    let mut committed = None;
    for what in from_deliverer {
        match what {
            ToDerive::Batch(batch) => {
                for (archived, message, seq) in batch.messages {
                    index.add(&document(&places.vault, &message, &archived, seq), false)?;
                }
            }
            ToDerive::Commit(mark, state) => {
                index.commit(&mark_text(&mark))?;
                fs::durable::sync_dir(&places.index)?;
                fault::point("index");
                state.save(&places.state)?;
                committed = Some(mark);
            }
        }
    }
    Ok(committed)
}
