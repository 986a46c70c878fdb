//! The catalog: it has the messages up to its own line, and no others. A copy is looked at, because sled writes on opening.

use super::{
    Context,
    inventory::stop_if_cancelled,
    report::{CheckRow, Collector, VerifyFinding},
};
use crate::{
    ErrorKind, Result,
    archive::dry_run::CatalogCopy,
    fs,
    model::{Code, Severity, Watermark},
};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn finding(code: Code, detail: impl Into<String>) -> VerifyFinding {
    VerifyFinding::new(code, detail).path("catalog")
}

fn not_looked_at(why: &str) -> VerifyFinding {
    finding(Code::NotLookedAt, format!("not looked at: {why}"))
}

/// Compares the catalog with the journal, where no other process writes.
pub(super) fn check(cx: &Context<'_>, out: &mut Collector) -> Result<()> {
    stop_if_cancelled(cx.progress)?;
    let mut row = CheckRow::new("catalog");
    if fs::dir::list(&cx.archive.layout.catalog())?.is_empty() {
        (row.objects, row.missing) = (1, 1);
        out.add(finding(Code::DerivedStale, "it is gone; it is made anew when the archive is next opened for writing"));
        out.row(row);
        return Ok(());
    }
    cx.progress.begin("catalog", None);
    match cx.archive.catalog_glimpse() {
        Ok(copy) => look(cx, copy, &mut row, out)?,
        Err(error) if error.kind() == ErrorKind::Locked => out.add(not_looked_at("another process writes")),
        Err(error) => out.add(not_looked_at(&error.to_string())),
    }
    cx.progress.end();
    out.row(row);
    Ok(())
}

fn look(cx: &Context<'_>, copy: CatalogCopy, row: &mut CheckRow, out: &mut Collector) -> Result<()> {
    let CatalogCopy { catalog, mark, spool } = copy;
    let unusable = |row: &mut CheckRow| (row.objects, row.unreadable) = (1, 1);
    let Some(mark) = mark else {
        unusable(row);
        out.add(finding(Code::DerivedStale, "it is damaged, and is not used"));
        return Ok(());
    };
    if mark.seq > cx.archive.as_of() {
        out.add(not_looked_at("another process wrote in the meantime"));
        return Ok(());
    }
    if !cx.archive.journal.contains(&mark)? {
        (row.objects, row.changed) = (1, 1);
        let detail = format!("it knows line {} with the hash {}, which is not in the journal", mark.seq, mark.hash);
        out.add(finding(Code::JournalShortened, detail).seq(mark.seq));
        return Ok(());
    }
    let expected = messages(cx, &mark);
    // sled panics on some damage.
    let Ok(Ok(found)) = catch_unwind(AssertUnwindSafe(|| catalog.check(expected))) else {
        unusable(row);
        out.add(finding(Code::DerivedStale, "it cannot be read").severity(Severity::Loss));
        return Ok(());
    };
    drop((catalog, spool));
    row.objects = u64::from(expected);
    row.ok = found.known;
    if cx.inventory.unreadable > 0 || (found.known == row.objects && found.foreign == 0) {
        row.ok = row.objects;
        return Ok(());
    }
    (row.missing, row.foreign) = (row.objects.saturating_sub(found.known), found.foreign);
    let detail = format!("it lacks {} messages and has {} rows of others", row.missing, row.foreign);
    out.add(finding(Code::DerivedStale, detail).severity(Severity::Loss));
    Ok(())
}

/// How many messages the journal has up to a line.
fn messages(cx: &Context<'_>, mark: &Watermark) -> u32 {
    let count = cx.inventory.messages.iter().filter(|known| known.seq <= mark.seq).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}
