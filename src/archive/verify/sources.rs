//! The source files that were kept on request. The check has a row only where there are some.

use super::{
    Context,
    report::{CheckRow, Collector, VerifyFinding},
};
use crate::{
    ErrorKind, Result, fs,
    model::{Code, Digest},
};
use sha2::{Digest as _, Sha256};

/// Checks that each file that a run kept is there, byte for byte, and nothing else.
pub(super) fn check(cx: &Context<'_>, out: &mut Collector) -> Result<()> {
    let folder = cx.archive.layout.sources();
    let kept = &cx.inventory.kept_sources.files;
    let there = fs::dir::list(&folder)?;
    if kept.is_empty() && there.is_empty() {
        return Ok(());
    }
    let mut row = CheckRow::new("kept_sources");
    for (digest, seq) in kept {
        row.objects += 1;
        let finding =
            |code, detail: String| VerifyFinding::new(code, detail).path(format!("sources/{digest}")).seq(*seq);
        let mut hasher = Sha256::new();
        let read = fs::read::chunks(&folder.join(digest.to_hex()), &mut |chunk| {
            hasher.update(chunk);
            Ok(())
        });
        match read {
            Ok(()) if Digest(hasher.finalize().into()) == *digest => row.ok += 1,
            Ok(()) => {
                row.changed += 1;
                out.add(finding(Code::SourceChanged, "it does not have the digest of its name".to_owned()));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                row.missing += 1;
                out.add(finding(Code::SourceMissing, "it is gone".to_owned()));
            }
            Err(error) => {
                row.unreadable += 1;
                out.add(finding(Code::FileUnreadable, error.to_string()));
            }
        }
    }
    for entry in there {
        if Digest::from_hex(&entry.name).is_none_or(|digest| !kept.contains_key(&digest)) {
            row.foreign += 1;
            // An interrupted import may have left it before its line was written.
            let code = if cx.inventory.run_open() { Code::SourceUncommitted } else { Code::SourceForeign };
            out.add(
                VerifyFinding::new(code, "no line of the journal speaks of it").path(format!("sources/{}", entry.name)),
            );
        }
    }
    out.row(row);
    Ok(())
}
