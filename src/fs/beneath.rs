//! Files below a folder, by names that a stranger wrote.
//!
//! Contract: looks only; no symbolic link is followed below the folder, and no name leads out of it.

use crate::{Error, Result};
use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beneath {
    /// A regular file.
    File(PathBuf),
    /// A folder.
    Folder(PathBuf),
    /// Nothing, or something that is neither.
    Nothing,
    /// Out of the folder: an absolute name, `..`, a symbolic link on the way.
    Outside,
}

/// What `name` leads to below `root`.
///
/// # Errors
/// `Permission`, `Io`: a folder on the way cannot be looked into.
pub fn beneath(root: &Path, name: &str) -> Result<Beneath> {
    let mut path = root.to_owned();
    let mut last = None;
    if name.contains('\0') {
        return Ok(Beneath::Outside);
    }
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => continue,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Ok(Beneath::Outside),
        }
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_symlink() => return Ok(Beneath::Outside),
            Ok(meta) => last = Some(meta),
            Err(e) => {
                return match e.kind() {
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
                        Ok(Beneath::Nothing)
                    }
                    _ => Err(Error::io("look at", &path, e)),
                };
            }
        }
    }
    Ok(match last {
        Some(meta) if meta.is_file() => Beneath::File(path),
        Some(meta) if meta.is_dir() => Beneath::Folder(path),
        _ => Beneath::Nothing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(dir.path().join("secret"), b"x").unwrap();
        fs::write(root.join("a/b/f"), b"x").unwrap();
        std::os::unix::fs::symlink(dir.path(), root.join("a/out")).unwrap();
        std::os::unix::fs::symlink("b/f", root.join("a/link")).unwrap();
        let at = |name: &str| beneath(&root, name).unwrap();
        assert_eq!(at("a/./b//f"), Beneath::File(root.join("a/b/f")));
        assert_eq!(at("a/b"), Beneath::Folder(root.join("a/b")));
        for name in ["../secret", "a/../../secret", "/etc/passwd", "a/out/secret", "a/link", "a/b/f\0"] {
            assert_eq!(at(name), Beneath::Outside, "{name:?}");
        }
        for name in ["", ".", "a/none", "a/b/f/g", &"x".repeat(5000)] {
            assert_eq!(at(name), Beneath::Nothing, "{name:?}");
        }
    }
}
