//! A dry run of an import: everything is decided, on a private copy of the catalog; no byte of the archive changes.
//!
//! Limits: the copy lies in the machine's folder for temporary files; what a kill leaves there is the machine's to clean.

use super::{Archive, ArchiveWriter};
use crate::{
    Error, ErrorKind, Result,
    catalog::Catalog,
    fs::{self, lock::LockGuard, spool::Spool},
    index,
    model::{Event, Watermark, limits},
    progress::Progress,
};

/// A private copy of the catalog as it is on disk.
pub(super) struct CatalogCopy {
    pub(super) catalog: Catalog,
    /// `None`: there is none, or it cannot be used.
    pub(super) mark: Option<Watermark>,
    pub(super) spool: Spool,
}

impl Archive {
    /// Copies the catalog under the writer's lock: sled writes on opening, so the archive's own is not opened.
    fn catalog_copy(&self, _lock: &LockGuard) -> Result<CatalogCopy> {
        self.copy_of_catalog()
    }

    /// Copies the catalog without keeping a writer out for longer than a moment: that none wrote is looked at before and
    /// after.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`]: another process writes, or wrote meanwhile; I/O.
    pub(super) fn catalog_glimpse(&self) -> Result<CatalogCopy> {
        drop(fs::lock::try_silently(&self.layout.lock())?);
        let before = self.catalog_files()?;
        let copy = self.copy_of_catalog();
        drop(fs::lock::try_silently(&self.layout.lock())?);
        if self.catalog_files()? != before {
            return Err(Error::new(ErrorKind::Locked, "another process wrote to the catalog meanwhile"));
        }
        copy
    }

    fn catalog_files(&self) -> Result<Vec<(String, Option<fs::read::Stat>)>> {
        let dir = self.layout.catalog();
        fs::dir::list(&dir)?.into_iter().map(|e| Ok((e.name.clone(), fs::read::stat(&dir.join(e.name))?))).collect()
    }

    fn copy_of_catalog(&self) -> Result<CatalogCopy> {
        let spool = Spool::among_strangers(&fs::host::temp_dir())?;
        let (catalog, mark) = Catalog::open(&spool.copy_folder(&self.layout.catalog())?)?;
        Ok(CatalogCopy { catalog, mark, spool })
    }
}

impl ArchiveWriter {
    /// Opens for a dry run of an import: it decides as [`ArchiveWriter::open`] would, and changes nothing in the archive's
    /// folder. Every change through it is refused.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`]; I/O; stopped by `progress`.
    pub fn open_dry_run(mut archive: Archive, progress: &dyn Progress) -> Result<Self> {
        let lock = fs::lock::try_silently(&archive.layout.lock())?;
        let CatalogCopy { mut catalog, mark, spool } = archive.catalog_copy(&lock)?;
        archive.load()?;
        archive.journal.refuse_emptied(archive.known_seq())?;
        let mark = match mark {
            Some(mark) if archive.journal.contains(&mark)? => mark,
            Some(_) => {
                catalog = Catalog::open(&spool.fresh(""))?.0;
                Watermark::START
            }
            None => Watermark::START,
        };
        catch_up(&archive, &mut catalog, &mark, progress)?;
        let dir = spool.fresh("");
        fs::durable::create_dirs(&dir)?;
        let index::Opened::Ready { writer, .. } = index::Writer::open(&dir, super::writer::INDEX_HEAP_BYTES)? else {
            return Err(Error::bug("an empty index is stale"));
        };
        Ok(Self {
            archive,
            catalog,
            index: Some(*writer),
            index_mark: Watermark::START,
            poisoned: false,
            dry_run: Some(spool),
            _lock: lock,
        })
    }

    /// Refuses a change through a writer that was opened for a dry run.
    pub(super) fn refuse_dry_run(&self) -> Result<()> {
        match self.dry_run {
            None => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::Usage, "the archive was opened for a dry run; nothing was changed")),
        }
    }
}

/// Brings the copy to the head of the journal.
fn catch_up(archive: &Archive, catalog: &mut Catalog, from: &Watermark, progress: &dyn Progress) -> Result<()> {
    let mut reader = archive.journal.read_after(from)?;
    let mut rows = 0usize;
    while let Some(entry) = reader.next_entry()? {
        let Event::MessageArchived { message } = &entry.line.event else { continue };
        catalog.add(message)?;
        rows += 1;
        if rows.is_multiple_of(limits::BATCH_MESSAGES) {
            catalog.seal();
            catalog.commit(&entry.mark())?;
            if progress.cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "the dry run was stopped; nothing was changed"));
            }
        }
    }
    catalog.seal();
    catalog.commit(&archive.state.mark)
}
