//! An iPhone's or a Mac's WhatsApp: `ChatStorage.sqlite` with its media, its calls and its address book.
//!
//! Read from a folder with these files, from the database itself (its siblings are used), or from an unencrypted Finder or iTunes
//! backup. Tables and columns are found by looking, since they differ from version to version.
//!
//! What becomes of what:
//! - a row of `ZWAMESSAGE` is a message; `ZSTANZAID` is its native id ([`ids`] says what happens where it is missing or repeated);
//! - a message deleted for all (type 14) is a deletion, `revoked:` and the id; its text is gone;
//! - reactions are messages of their own, linked; votes stay in their poll; quotes are by id, with the text that the reply
//!   kept;
//! - rows of types 6, 10, 28 and 73 are system events, without a sender; missed calls among them are calls;
//! - calls of `CallHistory.sqlite` follow the messages; [`calls`] says when two records are one call. A missed call
//!   that has a note in its chat is there twice, since nothing says that they are the same;
//! - media are taken from below `Message/`, compared with the digest that the message has, and never followed elsewhere.
//!
//! Limits, all from the source: the text before an edit is not kept, and neither is the fact of one; what was deleted only on
//! the phone is a gap; receipts (beside reactions) are kept as bytes and not read; who was a member of a group when a message
//! was sent is not said. The owner of the phone has no name and no number here unless a row has the owner's address.

mod apple_time;
mod backup;
mod call_history;
mod calls;
mod chats;
mod codes;
mod container;
mod detect;
mod events;
mod ids;
mod jid;
mod media;
mod message;
mod metadata;
mod names;
mod parties;
mod people;
mod plist;
mod protobuf;
mod reaction;
mod read;
mod receipt;
mod record;
mod scheduled;
mod sequence;
mod told;
mod vcard;

pub use detect::{IosFound, detect};

use super::phone::{PhoneOptions, Visit, asked::Asked};
use crate::{Error, ErrorKind, Result};
use container::{Access, CHATS, Container};
use read::Prepared;
use std::path::Path;

/// Reads the WhatsApp at `path`.
///
/// # Errors
/// There is none, or the backup is encrypted (`Usage`); `NotFound`, `Permission`, `Io`; those of the visitor.
pub fn read(path: &Path, options: &PhoneOptions, visit: Visit<'_>) -> Result<()> {
    let Some(layout) = container::layout(path)? else {
        return Err(Error::new(ErrorKind::Usage, format!("there is no {CHATS} in {}", path.display()))
            .with_hint("give the database, the folder that it lies in, or an unencrypted backup of the phone"));
    };
    let mut met = Vec::new();
    let containers = Container::all(layout, Access::Copy(&options.spool), &mut |read| {
        met.push(read);
        Ok(())
    })?;
    let prepared = containers.iter().map(|container| Prepared::open(container, &options.spool));
    let prepared = prepared.collect::<Result<Vec<_>>>()?;
    let mut asked = Asked::new(options);
    for container in &prepared {
        if !asked.is_met() {
            container.meet(&mut asked)?;
        }
    }
    asked.settle()?;
    met.into_iter().try_for_each(&mut *visit)?;
    prepared.into_iter().try_for_each(|container| container.read(options, visit))
}

#[cfg(test)]
mod tests;
