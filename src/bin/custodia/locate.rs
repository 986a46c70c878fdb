//! Which archive is meant: `-A`, `CUSTODIA_ARCHIVE`, else the nearest folder above with an `archive.toml`.

use custodia::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The file that makes a folder an archive.
pub const MARK: &str = "archive.toml";

/// The archive that is meant; `given` is what the flag or the environment says. Names the three ways if there is none.
pub fn archive(given: Option<&Path>) -> Result<PathBuf> {
    match given {
        Some(dir) if dir.join(MARK).is_file() => Ok(dir.to_owned()),
        Some(dir) => {
            Err(barred(dir).unwrap_or_else(|| none(&format!("{} is not an archive: it has no {MARK}", dir.display()))))
        }
        None => {
            let here = std::env::current_dir().map_err(|e| Error::io("find", Path::new("."), e))?;
            above(&here).ok_or_else(|| {
                here.ancestors().find_map(barred).unwrap_or_else(|| {
                    none(&format!("no archive here: neither {} nor a folder above it has an {MARK}", here.display()))
                })
            })
        }
    }
}

/// The nearest archive at or above a folder.
pub fn above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(MARK).is_file()).map(Path::to_owned)
}

/// Where this account may not look, nothing can be said of what is there.
fn barred(folder: &Path) -> Option<Error> {
    let mark = folder.join(MARK);
    let error = mark.metadata().err().filter(|e| e.kind() == std::io::ErrorKind::PermissionDenied)?;
    Some(Error::io("look for", &mark, error).with_hint(
        "run it as the account that owns the archive, or let this account read and enter the folder and those above it",
    ))
}

fn none(message: &str) -> Error {
    Error::new(ErrorKind::NoArchive, message).with_hint(
        "name the archive with -A DIR, or with the variable CUSTODIA_ARCHIVE, or change into its folder \
         (custodia init makes a new one)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_found_from_any_folder_below_it() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("mail/ana@x.example/cur");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(above(&deep), None);
        std::fs::write(root.path().join(MARK), "format = 1\n").unwrap();
        assert_eq!(above(&deep).as_deref(), Some(root.path()));
    }

    #[test]
    fn a_named_folder_that_is_no_archive_is_not_searched_above() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(MARK), "format = 1\n").unwrap();
        let below = root.path().join("below");
        std::fs::create_dir(&below).unwrap();
        assert_eq!(archive(Some(&below)).unwrap_err().kind(), ErrorKind::NoArchive);
        assert_eq!(archive(Some(root.path())).unwrap(), root.path());
    }
}
