//! Index and state: they hold what the journal says, as far as they say they do. That they are missing or behind is no
//! damage; that their content is another one is: answers would be wrong.

use super::{
    Context,
    inventory::Snapshot,
    report::{CheckRow, Collector, VerifyFinding},
    vault::{FileFact, Seen},
};
use crate::{
    Result,
    archive::catch_up::parse_mark,
    index::Reader,
    model::{Code, Severity, Watermark},
};
use roaring::RoaringBitmap;

/// Checks the index's files and which messages it holds.
pub(super) fn index(cx: &Context<'_>, files: &[FileFact], out: &mut Collector) -> Result<()> {
    let mut row = CheckRow::new("index");
    let dir = cx.archive.layout.index();
    let Some(mut reader) = Reader::open(&dir)? else {
        row.objects = 1;
        row.missing = 1;
        out.add(VerifyFinding::new(Code::DerivedStale, "there is no index that this program can use").path("index"));
        out.row(row);
        return Ok(());
    };
    cx.progress.begin("index", None);
    let mut damaged = damaged(&reader);
    if !damaged.is_empty() {
        // A writer may have merged files away in the meantime: look again, at the newest commit.
        if let Some(newer) = Reader::open(&dir)? {
            reader = newer;
            damaged = self::damaged(&reader);
        }
    }
    cx.progress.end();
    for (path, why) in damaged {
        out.add(VerifyFinding::new(Code::DerivedStale, why).path(format!("index/{path}")).severity(Severity::Loss));
        row.changed += 1;
    }
    row.objects = reader.doc_count() + row.changed;
    row.ok = reader.doc_count();
    if let Some(mark) = parse_mark(reader.watermark()).filter(|mark| mark.seq <= cx.archive.as_of()) {
        compare(cx, files, &reader, &mark, &mut row, out);
    }
    out.row(row);
    Ok(())
}

fn damaged(reader: &Reader) -> Vec<(String, String)> {
    match reader.check() {
        Ok(paths) => paths
            .into_iter()
            .map(|path| (path.display().to_string(), "its bytes do not have its checksum".to_owned()))
            .collect(),
        Err(error) => vec![(String::new(), error.to_string())],
    }
}

/// Whether the index holds the messages up to its watermark, and no others.
fn compare(
    cx: &Context<'_>,
    files: &[FileFact],
    reader: &Reader,
    mark: &Watermark,
    row: &mut CheckRow,
    out: &mut Collector,
) {
    let (mut expected, mut unreadable) = (RoaringBitmap::new(), RoaringBitmap::new());
    for (known, file) in cx.inventory.messages.iter().zip(files).filter(|(known, _)| known.seq <= mark.seq) {
        let purged = cx.inventory.purged.get(&known.ordinal).is_some_and(|seq| *seq <= mark.seq);
        if !purged {
            expected.insert(known.ordinal);
        }
        // Not indexed when the index was made anew with the file damaged or purged already.
        if matches!(file.seen, Seen::Bad | Seen::Missing | Seen::Purged) {
            unreadable.insert(known.ordinal);
        }
    }
    let held = match reader.all() {
        Ok(held) => held,
        Err(error) => {
            row.unreadable += 1;
            row.objects += 1;
            out.add(VerifyFinding::new(Code::DerivedStale, error.to_string()).path("index").severity(Severity::Loss));
            return;
        }
    };
    let lacking = (&expected - held) - &unreadable;
    let extra = held - &expected;
    if cx.inventory.unreadable > 0 || (lacking.is_empty() && extra.is_empty()) {
        return;
    }
    row.objects += lacking.len();
    row.missing += lacking.len();
    row.foreign += extra.len();
    let detail = format!("it lacks {} messages and holds {} that are not there", lacking.len(), extra.len());
    out.add(VerifyFinding::new(Code::DerivedStale, detail).path("index").severity(Severity::Loss));
}

/// Compares `state.bin` with the state replayed to the same line.
pub(super) fn state(cx: &Context<'_>, out: &mut Collector) {
    let mut row = CheckRow::new("state");
    row.objects = 1;
    let finding = |detail: &str| VerifyFinding::new(Code::DerivedStale, detail).path("state.bin");
    match cx.inventory.snapshot {
        Snapshot::Same => row.ok = 1,
        Snapshot::Differs => {
            row.changed = 1;
            out.add(finding("it says something else than the journal does").severity(Severity::Loss));
        }
        Snapshot::Absent => {
            row.missing = 1;
            out.add(finding("it is gone; it is made anew when the archive is next opened for writing"));
        }
        Snapshot::Unusable => {
            row.unreadable = 1;
            out.add(finding("it is damaged, or of another version, and is not used"));
        }
        Snapshot::NotCompared => {
            row.unreadable = 1;
            out.add(finding("it was not compared: its line, or another one, is not understood"));
        }
    }
    out.row(row);
}
