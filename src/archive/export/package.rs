//! The folder of a package: its files, their digests, and the list that closes it.

use crate::{Error, Result, export::Table, fs, fs::output::OutputFile, model::Digest};
use std::path::{Path, PathBuf};

/// The list of digests, written last: a package without it is not complete.
const SUMS: &str = "SHA256SUMS";

/// A package that is being written.
///
/// Limits: keeps name and digest of every file, about 150 bytes each.
#[derive(Debug)]
pub(super) struct Package {
    root: PathBuf,
    sums: Vec<(String, Digest)>,
    bytes: u64,
}

/// What became of a package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sealed {
    /// SHA-256 of `SHA256SUMS`.
    pub(super) sums: Digest,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl Package {
    /// Makes the folder, which must be new or empty and not in the archive.
    pub(super) fn create(root: &Path, archive: &Path) -> Result<Self> {
        fs::output::new_folder(root, archive)?;
        for folder in ["messages", "audit"] {
            fs::durable::create_dirs(&root.join(folder))?;
        }
        Ok(Self { root: root.to_owned(), sums: Vec::new(), bytes: 0 })
    }

    /// Begins a file.
    pub(super) fn file(&self, name: &str) -> Result<OutputFile> {
        OutputFile::create(&self.root.join(name))
    }

    /// Ends a file.
    pub(super) fn close(&mut self, name: &str, file: OutputFile) -> Result<()> {
        let (digest, size) = file.finish()?;
        self.sums.push((name.to_owned(), digest));
        self.bytes += size;
        Ok(())
    }

    /// Writes a whole file.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut file = self.file(name)?;
        file.append(bytes)?;
        self.close(name, file)
    }

    /// Writes a file with what `fill` appends to it.
    pub(super) fn fill(&mut self, name: &str, fill: &mut dyn FnMut(&mut OutputFile) -> Result<()>) -> Result<()> {
        let mut file = self.file(name)?;
        fill(&mut file)?;
        self.close(name, file)
    }

    /// Writes the list of digests and makes everything durable.
    pub(super) fn seal(mut self) -> Result<Sealed> {
        self.sums.sort();
        let mut out = self.file(SUMS)?;
        for (name, digest) in &self.sums {
            out.append(format!("{digest}  {name}\n").as_bytes())?;
        }
        let (sums, size) = out.finish()?;
        fs::durable::sync_filesystem(&self.root)?;
        Ok(Sealed { sums, files: self.sums.len() as u64 + 1, bytes: self.bytes + size })
    }
}

/// A CSV file of a package.
#[derive(Debug)]
pub(super) struct Sheet {
    name: &'static str,
    table: Table<OutputFile>,
}

impl Sheet {
    pub(super) fn create(package: &Package, name: &'static str, header: &[&str]) -> Result<Self> {
        let table = Table::new(package.file(name)?, header).map_err(|e| failed(name, &e))?;
        Ok(Self { name, table })
    }

    pub(super) fn row(&mut self, cells: &[String]) -> Result<()> {
        self.table.row(cells).map_err(|e| failed(self.name, &e))
    }

    pub(super) fn close(self, package: &mut Package) -> Result<()> {
        let file = self.table.finish().map_err(|e| failed(self.name, &e))?;
        package.close(self.name, file)
    }
}

fn failed(name: &str, cause: &dyn std::error::Error) -> Error {
    Error::new(crate::ErrorKind::Io, format!("cannot write {name} of the package: {cause}"))
}
