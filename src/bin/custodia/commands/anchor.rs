//! Anchors as people keep them: a file that `audit anchor` wrote, its printed line, a backup's manifest, a bare hash.

use custodia::archive::AnchorLine;
use custodia::model::{Digest, Seq};
use custodia::{Error, ErrorKind, Result};
use serde_json::Value;
use std::path::Path;

/// An anchor that was given.
pub struct Anchored {
    /// The line that it names.
    pub line: AnchorLine,
    archive: Option<String>,
    given: String,
}

impl Anchored {
    /// Understands the hash of a line, or a file with an anchor.
    pub fn read(text: &str) -> Result<Self> {
        let anchored = |line, archive| Self { line, archive, given: text.to_owned() };
        if let Some(hash) = Digest::from_hex(text) {
            return Ok(anchored((None, hash), None));
        }
        let bytes = super::session::read_file(Path::new(text))?;
        let content = String::from_utf8_lossy(&bytes);
        if let Ok(file) = serde_json::from_str::<Value>(&content) {
            // A backup's manifest names the last line of the backup.
            let place = file.get("as_of").unwrap_or(&file);
            let seq = place.get("seq").and_then(Value::as_u64).map(Seq);
            let hash = place.get("head").or_else(|| place.get("hash")).and_then(Value::as_str);
            let archive = file.get("archive").and_then(Value::as_str).map(str::to_owned);
            if let Some(hash) = hash.and_then(Digest::from_hex) {
                return Ok(anchored((seq, hash), archive));
            }
        }
        let words: Vec<&str> = content.split_whitespace().collect();
        let at = words.iter().position(|word| Digest::from_hex(word).is_some());
        let hash = at.and_then(|at| words.get(at)).and_then(|word| Digest::from_hex(word));
        let seq = at.and_then(|at| words.get(at.checked_sub(1)?)).and_then(|word| word.parse().ok()).map(Seq);
        hash.map(|hash| anchored((seq, hash), None)).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("{text} is neither the hash of a line nor an anchor file"))
                .with_hint("an anchor file is what custodia audit anchor --out writes; a hash has 64 hex digits")
        })
    }

    /// The line, unless the anchor says that it is of another archive.
    pub fn of(&self, archive: &str) -> Result<AnchorLine> {
        match &self.archive {
            Some(other) if other != archive => Err(Error::new(
                ErrorKind::Usage,
                format!("{} is an anchor of the archive {other}, and this one is {archive}", self.given),
            )
            .with_hint("nothing was recorded; name the anchor of this archive")),
            _ => Ok(self.line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str) -> Result<Anchored> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("anchor");
        std::fs::write(&path, content).unwrap();
        Anchored::read(path.to_str().unwrap())
    }

    #[test]
    fn an_anchor_is_a_hash_a_file_a_printed_line_or_a_manifest() {
        let hash = "a".repeat(64);
        let digest = Digest::from_hex(&hash).unwrap();
        assert_eq!(Anchored::read(&hash).unwrap().line, (None, digest));
        for (content, seq) in [
            (format!("{{\"schema\":\"custodia.audit.anchor/1\",\"seq\":7,\"head\":\"{hash}\"}}"), Some(Seq(7))),
            (format!("{{\"archive\":\"arc_1\",\"as_of\":{{\"seq\":8,\"hash\":\"{hash}\"}}}}"), Some(Seq(8))),
            (format!("9 {hash}\n"), Some(Seq(9))),
            (format!("noted on Monday: {hash}"), None),
        ] {
            assert_eq!(read(&content).unwrap().line, (seq, digest), "{content}");
        }
        for bad in ["", "{}", "7 abc", "{\"seq\":1,\"head\":\"x\"}"] {
            assert_eq!(read(bad).err().unwrap().kind(), ErrorKind::Usage, "{bad}");
        }
    }

    #[test]
    fn an_anchor_of_another_archive_is_refused() {
        let hash = "a".repeat(64);
        let anchor = read(&format!("{{\"archive\":\"arc_1\",\"seq\":8,\"head\":\"{hash}\"}}")).unwrap();
        assert!(anchor.of("arc_1").is_ok());
        assert_eq!(anchor.of("arc_2").unwrap_err().kind(), ErrorKind::Usage);
    }
}
