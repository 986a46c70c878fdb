//! The journal: the chain, the lines that other stores remember, the lists.

use super::{
    Context,
    inventory::Since,
    report::{CheckRow, Collector, VerifyFinding},
};
use crate::{
    Result,
    archive::{Archive, catch_up::parse_mark},
    fs, index,
    journal::{ChainReport, verify_chain},
    model::{Code, Digest, Event, Right, Seq, Watermark},
    state::State,
};
use serde::Serialize;

/// A line to look for: its sequence number, if that is known, and its hash.
pub type AnchorLine = (Option<Seq>, Digest);

/// Where the chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BadPlace {
    /// The file, relative to the archive.
    pub file: String,
    /// The line in it, from 1.
    pub line: u64,
    /// Why.
    pub why: &'static str,
}

/// A line that was once written and is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostLine {
    /// Who remembers it: `state`, `index`, `audit` (recorded when it was noticed).
    pub store: String,
    /// Its sequence number.
    pub seq: Seq,
}

/// What checking the audit trail found.
#[derive(Clone, Debug, Serialize)]
pub struct AuditReport {
    /// Lines.
    pub events: u64,
    /// `unbroken` or `broken`.
    pub chain: &'static str,
    /// The first line that breaks the chain, by the number that it states.
    pub first_bad: Option<Seq>,
    /// Where that line is.
    pub first_bad_at: Option<BadPlace>,
    /// The hash of the last line.
    pub head: Digest,
    /// The number of the last line.
    pub last_seq: Seq,
    /// For an anchor: `found` or `not_found`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<&'static str>,
    /// Whether lines that were once written are gone or rewritten.
    pub shortened: bool,
    /// Those lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostLine>,
    /// Lines and bytes of an unfinished write at the end; the next writer sets them aside.
    pub torn: u64,
}

impl AuditReport {
    /// Whether nothing speaks against the journal.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.chain == "unbroken" && !self.shortened && self.against != Some("not_found")
    }
}

impl Archive {
    /// Checks the whole chain, the lines that `state.bin` and the index remember, and an anchor that was kept
    /// elsewhere. That the anchor's line is missing is recorded: nothing is deleted from then on until it is confirmed.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn audit_verify(&mut self, against: Option<AnchorLine>) -> Result<AuditReport> {
        self.may(Right::Verify, "audit.verify", "")?;
        let witnesses = witnesses(self);
        let chain = walk(self, &witnesses, against.as_slice())?;
        self.note_anchors(against.as_slice(), chain.found.get(witnesses.len()..).unwrap_or_default());
        let mut lost: Vec<LostLine> = witnesses
            .iter()
            .zip(&chain.found)
            .filter(|(_, found)| !**found)
            .map(|((store, mark), _)| LostLine { store: (*store).to_owned(), seq: mark.seq })
            .collect();
        lost.extend(recorded_losses(self)?);
        let found = against.map(|_| if chain.found.last() == Some(&true) { "found" } else { "not_found" });
        let empty = chain.events == 0;
        let nothing = BadPlace { file: "journal".to_owned(), line: 0, why: "there is no line at all" };
        let place = chain.first_bad.as_ref().map(|bad| BadPlace {
            file: format!("journal/{}", bad.file),
            line: bad.line,
            why: bad.why,
        });
        Ok(AuditReport {
            events: chain.events,
            chain: if chain.first_bad.is_some() || empty { "broken" } else { "unbroken" },
            first_bad: chain.first_bad.as_ref().map(|bad| bad.seq).or(empty.then_some(Seq(1))),
            first_bad_at: place.or(empty.then_some(nothing)),
            head: chain.head,
            last_seq: chain.last,
            against: found,
            shortened: !lost.is_empty(),
            lost,
            torn: chain.tail.unfinished,
        })
    }
}

/// The lines that derived stores remember.
pub(super) fn witnesses(archive: &Archive) -> Vec<(&'static str, Watermark)> {
    let state = State::load(&archive.layout.state()).ok().flatten().map(|state| ("state", state.mark));
    let reader = index::Reader::open(&archive.layout.index()).ok().flatten();
    let index = reader.and_then(|reader| parse_mark(reader.watermark())).map(|mark| ("index", mark));
    let witnessed = archive.witnessed().ok().flatten().map(|mark| ("watermark", mark));
    let mut all: Vec<(&'static str, Watermark)> = state.into_iter().chain(index).chain(witnessed).collect();
    // What was noticed when the archive was opened stays noticed, also if a store was made anew since.
    for mismatch in &archive.mismatches {
        if !all.contains(&(mismatch.store, mismatch.mark)) {
            all.push((mismatch.store, mismatch.mark));
        }
    }
    all
}

fn walk(archive: &Archive, witnesses: &[(&'static str, Watermark)], anchors: &[AnchorLine]) -> Result<ChainReport> {
    let marks = witnesses.iter().map(|(_, mark)| (Some(mark.seq), mark.hash));
    let asked: Vec<AnchorLine> = marks.chain(anchors.iter().copied()).collect();
    verify_chain(&archive.journal, &asked)
}

/// Losses that a writer noticed earlier: its stores were made anew since, the journal says so.
fn recorded_losses(archive: &Archive) -> Result<Vec<LostLine>> {
    let mut lost = Vec::new();
    archive.journal.raw_lines(&mut |line| {
        // Parsing every line would take longer than the walk over the chain.
        let named = line.json.windows(16).any(|bytes| bytes == b"journal.mismatch");
        if named && let Some(Event::JournalMismatch { store, expected_seq, .. }) = line.parse().map(|line| line.event) {
            lost.push(LostLine { store: format!("audit ({store})"), seq: expected_seq });
        }
        Ok(true)
    })?;
    Ok(lost)
}

/// Checks chain, watermarks, anchors and lists. Returns the hash of the last line, and which anchors were found.
pub(super) fn check(
    cx: &Context<'_>,
    witnesses: &[(&'static str, Watermark)],
    anchors: &[AnchorLine],
    out: &mut Collector,
) -> Result<(Digest, Vec<bool>)> {
    cx.progress.begin("chain", Some(cx.archive.as_of().0));
    let chain = walk(cx.archive, witnesses, anchors)?;
    cx.progress.end();
    chain_row(cx, &chain, out);
    watermark_row(cx, witnesses, anchors, &chain, out);
    lists(cx, out)?;
    Ok((chain.head, chain.found.get(witnesses.len()..).unwrap_or_default().to_vec()))
}

fn chain_row(cx: &Context<'_>, chain: &ChainReport, out: &mut Collector) {
    let mut row = CheckRow::new("journal_chain");
    row.objects = chain.events;
    row.ok = chain.events;
    if let Some(bad) = &chain.first_bad {
        // Lines behind the first bad one are not proven.
        row.ok = chain.events.min(bad.seq.0.saturating_sub(1));
        row.changed = chain.events - row.ok;
        let path = format!("journal/{}", bad.file);
        out.add(VerifyFinding::new(Code::ChainBroken, bad.why).path(path).line(bad.line).seq(bad.seq));
    }
    let wrong_start = match &cx.inventory.created {
        _ if chain.events == 0 => Some("there is no line at all".to_owned()),
        None => Some("no line says that this archive was created".to_owned()),
        Some(id) if *id != cx.archive.meta.id => Some(format!("it is the journal of another archive, {id}")),
        Some(_) => None,
    };
    if let Some(why) = wrong_start {
        row.missing += u64::from(chain.events == 0);
        row.objects += u64::from(chain.events == 0);
        out.add(VerifyFinding::new(Code::ChainBroken, why).path("journal").seq(Seq(1)));
    }
    if chain.tail.unfinished > 0 {
        let detail = format!("{} lines of an unfinished write at the end", chain.tail.unfinished);
        out.add(VerifyFinding::new(Code::JournalTorn, detail).path("journal"));
    }
    for (seq, file, bytes) in &cx.inventory.recovered {
        let detail = format!("line {seq} records that {bytes} torn bytes were set aside as quarantine/{file}");
        out.add(VerifyFinding::new(Code::JournalRecovered, detail).seq(*seq));
    }
    out.row(row);
}

fn watermark_row(
    cx: &Context<'_>,
    witnesses: &[(&'static str, Watermark)],
    anchors: &[AnchorLine],
    chain: &ChainReport,
    out: &mut Collector,
) {
    let mut row = CheckRow::new("watermarks");
    let names = witnesses.iter().map(|(store, mark)| (format!("the {store} knows"), Some(mark.seq), mark.hash));
    let given = anchors.iter().map(|(seq, hash)| ("the anchor names".to_owned(), *seq, *hash));
    for ((who, seq, hash), found) in names.chain(given).zip(&chain.found) {
        row.objects += 1;
        if *found {
            row.ok += 1;
            continue;
        }
        row.missing += 1;
        let line = seq.map_or_else(|| "a line".to_owned(), |seq| format!("line {seq}"));
        let detail = format!("{who} {line} with the hash {hash}, which is not in the journal");
        let finding = VerifyFinding::new(Code::JournalShortened, detail).path("journal");
        out.add(match seq {
            Some(seq) => finding.seq(seq),
            None => finding,
        });
    }
    for mismatch in &cx.inventory.mismatches {
        row.objects += 1;
        row.missing += 1;
        let detail = format!(
            "line {} records that the {} knew line {}, which was not in the journal any more",
            mismatch.seq, mismatch.store, mismatch.expected
        );
        out.add(VerifyFinding::new(Code::JournalShortened, detail).path("journal").seq(mismatch.expected));
    }
    out.row(row);
}

/// The list files that lines name, and what else lies in the journal's folder.
fn lists(cx: &Context<'_>, out: &mut Collector) -> Result<()> {
    let journal = &cx.archive.journal;
    let mut row = CheckRow::new("journal_lists");
    for (digest, seq) in &cx.inventory.lists {
        row.objects += 1;
        let path = format!("journal/lists/{digest}");
        match fs::read::bytes(&cx.archive.layout.root().join(&path)) {
            Ok(bytes) if Digest::of(&bytes) == *digest && journal.is_list(digest) => row.ok += 1,
            Ok(_) => {
                row.changed += 1;
                let detail = "it does not have the digest of its name";
                out.add(VerifyFinding::new(Code::ListDamaged, detail).path(path).seq(*seq));
            }
            Err(error) if error.kind() == crate::ErrorKind::NotFound => {
                row.missing += 1;
                out.add(VerifyFinding::new(Code::ListDamaged, "it is gone").path(path).seq(*seq));
            }
            Err(error) => {
                row.unreadable += 1;
                out.add(VerifyFinding::new(Code::ListDamaged, error.to_string()).path(path).seq(*seq));
            }
        }
    }
    foreign(cx, &mut row, out)?;
    out.row(row);
    Ok(())
}

fn foreign(cx: &Context<'_>, row: &mut CheckRow, out: &mut Collector) -> Result<()> {
    let journal = &cx.archive.journal;
    for entry in fs::dir::list(journal.dir())? {
        let segment =
            entry.name.strip_suffix(".jsonl").is_some_and(|n| n.len() == 20 && n.bytes().all(|b| b.is_ascii_digit()));
        let ours =
            (entry.is_dir && entry.name == "lists") || (entry.is_file && (segment || entry.name == "append.lock"));
        if !ours {
            row.foreign += 1;
            out.add(
                VerifyFinding::new(Code::JournalForeign, "not a file of the journal")
                    .path(format!("journal/{}", entry.name)),
            );
        }
    }
    let strange: Vec<_> = fs::dir::list(&journal.lists_dir())?
        .into_iter()
        .filter(|entry| Digest::from_hex(&entry.name).is_none_or(|digest| !cx.inventory.lists.contains_key(&digest)))
        .collect();
    if strange.is_empty() {
        return Ok(());
    }
    let since = Since::read(cx.archive, cx.inventory)?;
    for entry in strange {
        let path = format!("journal/lists/{}", entry.name);
        let named = Digest::from_hex(&entry.name);
        if named.is_some_and(|digest| since.lists.contains(&digest)) {
            continue;
        }
        let bytes = fs::read::bytes(&journal.lists_dir().join(&entry.name)).ok();
        row.foreign += 1;
        out.add(match bytes.map(|bytes| Digest::of(&bytes)) == named && named.is_some() {
            true => VerifyFinding::new(Code::ListUnused, "no line names it").path(path),
            false => VerifyFinding::new(Code::JournalForeign, "not a list of this journal").path(path),
        });
    }
    Ok(())
}
