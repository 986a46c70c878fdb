//! Opening, which with sled 0.34 can fail, panic, or succeed with an empty database.

use super::row;
use crate::{Error, ErrorKind, Result, fs, model::Watermark};
use std::{panic::catch_unwind, path::Path};

/// Cache of the database. A cache below the hot set makes sled slower *and* larger (64 MiB: half the speed, 2 GB of
/// memory on a million records); rows here are about 80 bytes a message.
const CACHE_BYTES: u64 = 256 * 1024 * 1024;

/// Opens the database; wipes and reopens it when it is unusable.
pub(super) fn open(dir: &Path) -> Result<(sled::Db, Option<Watermark>)> {
    remove_half_made_snapshots(dir)?;
    if let Some(opened) = try_open(dir)
        && let Some(mark) = sentinel(&opened)
    {
        return Ok((opened, Some(mark)));
    }
    fs::durable::remove_derived(dir)?;
    fs::durable::create_dirs(dir)?;
    let db = try_open(dir).ok_or_else(|| {
        Error::new(ErrorKind::Io, format!("the catalog in {} cannot be opened, not even empty", dir.display()))
            .with_hint("check permissions and free space of the folder (custodia doctor)")
    })?;
    Ok((db, None))
}

fn try_open(dir: &Path) -> Option<sled::Db> {
    let config =
        sled::Config::new().path(dir).cache_capacity(CACHE_BYTES).flush_every_ms(None).print_profile_on_drop(false);
    // A damaged log makes sled panic inside open; a catalog can be thrown away.
    let config = std::panic::AssertUnwindSafe(config);
    catch_unwind(|| config.open()).ok()?.ok()
}

fn sentinel(db: &sled::Db) -> Option<Watermark> {
    let db = std::panic::AssertUnwindSafe(db);
    let value = catch_unwind(|| db.get(row::SENTINEL)).ok()?.ok()??;
    row::decode_sentinel(&value)
}

/// An interrupted snapshot makes the next open fail; without it the log is replayed.
fn remove_half_made_snapshots(dir: &Path) -> Result<()> {
    for entry in fs::dir::list(dir)? {
        if entry.name.starts_with("snap.") && entry.name.ends_with(".generating") {
            fs::durable::remove_derived(&dir.join(&entry.name))?;
        }
    }
    Ok(())
}
