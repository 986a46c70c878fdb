//! The message files: there, and what the journal recorded; and what else lies in the vault.

use super::{
    Context,
    inventory::{Known, Since, stop_if_cancelled},
    report::{CheckRow, Collector, VerifyFinding, VerifyLevel},
};
use crate::{
    Result, fs,
    model::{Code, Digest, Severity},
    vault::{Scanned, State, Vault},
};

/// Bytes of a memory page: an interrupted write leaves a multiple of it.
const PAGE_BYTES: u64 = 4096;

/// What is known of the file of one message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FileFact {
    /// Its inode; 0 if it is gone.
    pub(super) inode: u64,
    pub(super) seen: Seen,
}

/// How a file was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Seen {
    /// Purged by a plan: it should not be there.
    #[default]
    Purged,
    Ok,
    /// Changed or unreadable.
    Bad,
    Missing,
}

/// Checks every file that the journal names, then what else is there. The answer is in the order of the inventory.
pub(super) fn check(cx: &Context<'_>, out: &mut Collector) -> Result<Vec<FileFact>> {
    let mut facts = vec![FileFact::default(); cx.inventory.messages.len()];
    let mut row = CheckRow::new("vault");
    let mut bad: Vec<(Vec<u32>, State)> = Vec::new();
    cx.progress.begin("vault", Some(cx.inventory.messages.len() as u64));
    let (mut done, mut bytes) = (0u64, 0u64);
    for group in cx.inventory.by_digest.chunk_by(|a, b| digest_at(cx, *a) == digest_at(cx, *b)) {
        done += group.len() as u64;
        if done.is_multiple_of(256) {
            cx.progress.at(done, bytes);
            stop_if_cancelled(cx.progress)?;
        }
        let kept: Vec<u32> = group.iter().copied().filter(|at| !purged(cx, *at)).collect();
        let Some(known) = kept.first().and_then(|at| cx.inventory.at(*at)) else { continue };
        let full = hashed(cx, known);
        bytes += if full { known.size } else { 0 };
        row.objects += 1;
        let state = cx.archive.vault.check(&known.digest, known.size, full);
        let fact = FileFact { inode: inode(cx, &known.digest), seen: seen(&state) };
        for at in &kept {
            if let Some(slot) = facts.get_mut(*at as usize) {
                *slot = fact;
            }
        }
        if state == State::Ok {
            row.ok += 1;
        } else {
            bad.push((kept, state));
        }
    }
    cx.progress.end();
    report_bad(cx, bad, &mut facts, &mut row, out)?;
    strangers(cx, &mut row, out)?;
    out.row(row);
    Ok(facts)
}

fn digest_at(cx: &Context<'_>, at: u32) -> Option<Digest> {
    cx.inventory.at(at).map(|known| known.digest)
}

fn purged(cx: &Context<'_>, at: u32) -> bool {
    cx.inventory.at(at).is_none_or(|known| cx.inventory.purged.contains_key(&known.ordinal))
}

fn inode(cx: &Context<'_>, digest: &Digest) -> u64 {
    cx.archive.vault.inode(digest).ok().flatten().unwrap_or(0)
}

fn seen(state: &State) -> Seen {
    match state {
        State::Ok => Seen::Ok,
        State::Changed(_) | State::Unreadable(_) => Seen::Bad,
        State::Missing => Seen::Missing,
    }
}

/// Whether this file's bytes are to be read.
fn hashed(cx: &Context<'_>, known: &Known) -> bool {
    match cx.options.sample_percent {
        Some(percent) => in_sample(cx.options.seed, known.ordinal, percent),
        None => cx.options.level == VerifyLevel::Full,
    }
}

/// A fixed choice of about `percent` per cent of all ordinals (splitmix64).
fn in_sample(seed: u64, ordinal: u32, percent: f64) -> bool {
    let mut z = seed.wrapping_add(u64::from(ordinal).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    // 53 bits: exact in a float.
    ((z >> 11) as f64) / ((1u64 << 53) as f64) * 100.0 < percent
}

fn report_bad(
    cx: &Context<'_>,
    bad: Vec<(Vec<u32>, State)>,
    facts: &mut [FileFact],
    row: &mut CheckRow,
    out: &mut Collector,
) -> Result<()> {
    if bad.is_empty() {
        return Ok(());
    }
    let since = Since::read(cx.archive, cx.inventory)?;
    for (messages, state) in bad {
        let known: Vec<&Known> = messages.iter().filter_map(|at| cx.inventory.at(*at)).collect();
        let Some(first) = known.first() else { continue };
        if state == State::Missing && known.iter().all(|known| since.deleted_messages.contains(&known.ordinal)) {
            // Purged by another process while this one looked.
            row.objects -= 1;
            for at in &messages {
                if let Some(slot) = facts.get_mut(*at as usize) {
                    *slot = FileFact::default();
                }
            }
            continue;
        }
        let (code, detail) = match state {
            State::Changed(found) => {
                row.changed += 1;
                (Code::VaultChanged, format!("its bytes have the digest {found}"))
            }
            State::Unreadable(why) => {
                row.unreadable += 1;
                (Code::VaultUnreadable, why)
            }
            _ => {
                row.missing += 1;
                (Code::VaultMissing, format!("{} messages have this file", known.len()))
            }
        };
        let held = known.iter().any(|known| cx.judge.message(known));
        let path = Vault::name(&first.digest);
        out.add(VerifyFinding::new(code, detail).path(path).id(first.id).seq(first.seq).held(held));
    }
    Ok(())
}

/// Files that no journal line names.
fn strangers(cx: &Context<'_>, row: &mut CheckRow, out: &mut Collector) -> Result<()> {
    let mut unknown = Vec::new();
    let mut names = Vec::new();
    let scanned = cx.archive.vault.scan(&mut |found| {
        match found {
            Scanned::Message(digest) => match cx.inventory.expects(&digest) {
                Some(true) => {}
                other => unknown.push((digest, other.is_some())),
            },
            Scanned::Stranger(name) => names.push(name),
        }
        Ok(())
    });
    if let Err(error) = scanned {
        row.unreadable += 1;
        row.objects += 1;
        let finding = VerifyFinding::new(Code::VaultUnreadable, error.to_string()).path("vault");
        out.add(finding);
    }
    for name in names {
        row.foreign += 1;
        out.add(VerifyFinding::new(Code::VaultForeign, "not a message file of this archive").path(name));
    }
    if unknown.is_empty() {
        return Ok(());
    }
    // After the walk: a file is written before the line that names it.
    let since = Since::read(cx.archive, cx.inventory)?;
    for (digest, was_purged) in unknown {
        if since.digests.contains(&digest) {
            continue;
        }
        if let Some(finding) = stranger(cx, &digest, was_purged, since.run_open) {
            row.foreign += 1;
            out.add(finding.path(Vault::name(&digest)));
        }
    }
    Ok(())
}

/// What a file with a digest for a name is, that no line names.
fn stranger(cx: &Context<'_>, digest: &Digest, was_purged: bool, run_open: bool) -> Option<VerifyFinding> {
    if was_purged {
        let detail = "its message was deleted for good, and the file is there again";
        return Some(VerifyFinding::new(Code::VaultForeign, detail));
    }
    let foreign = |detail: String| VerifyFinding::new(Code::VaultForeign, detail);
    let path = cx.archive.layout.root().join(Vault::name(digest));
    let size = fs::read::stat(&path).ok().flatten().map_or(0, |stat| stat.size);
    match cx.archive.vault.hash(digest) {
        // Deleted meanwhile.
        State::Missing => None,
        State::Unreadable(why) => Some(foreign(format!("no journal line names it, and it cannot be read: {why}"))),
        State::Ok if run_open => {
            Some(VerifyFinding::new(Code::VaultUncommitted, "written by a run that is not finished"))
        }
        State::Changed(_) if run_open && size.is_multiple_of(PAGE_BYTES) => {
            let detail = "half-written by a run that is not finished; the next import sets it aside";
            Some(VerifyFinding::new(Code::VaultUncommitted, detail).severity(Severity::Info))
        }
        State::Ok => Some(foreign("no journal line names it, and every run was finished".to_owned())),
        State::Changed(found) => {
            Some(foreign(format!("no journal line names it, and its bytes have the digest {found}")))
        }
    }
}

/// Every item under a hold has its file. Changed and unreadable files are named by the vault's check.
pub(super) fn check_held(cx: &Context<'_>, files: &[FileFact], out: &mut Collector) {
    let mut row = CheckRow::new("held_items");
    let gone: roaring::RoaringBitmap = cx
        .inventory
        .messages
        .iter()
        .zip(files)
        .filter(|(_, file)| file.seen == Seen::Missing)
        .map(|(known, _)| known.ordinal)
        .collect();
    for (mailbox, boxes) in cx.inventory.state.boxes.iter().filter(|(mailbox, _)| cx.judge.names(mailbox)) {
        let present = boxes.present();
        row.objects += present.len();
        for ordinal in &present & &gone {
            let Some(known) = cx.inventory.position(ordinal).and_then(|at| cx.inventory.at(at)) else { continue };
            if cx.judge.item(known, mailbox, None) {
                row.missing += 1;
                let detail = format!("an active hold covers this item of {mailbox}");
                let finding = VerifyFinding::new(Code::HeldMissing, detail).path(Vault::name(&known.digest));
                out.add(finding.id(known.id).seq(known.seq).held(true));
            }
        }
    }
    row.ok = row.objects - row.missing;
    out.row(row);
}

#[cfg(test)]
mod tests {
    use super::in_sample;

    #[test]
    fn a_sample_is_fixed_by_its_seed_and_about_as_large_as_asked_for() {
        let count = |seed, percent| (0..10_000).filter(|at| in_sample(seed, *at, percent)).count();
        assert_eq!(count(1, 0.0), 0);
        assert_eq!(count(1, 100.0), 10_000);
        assert!((800..1_200).contains(&count(7, 10.0)), "{}", count(7, 10.0));
        let chosen = |seed| (0..100).filter(|at| in_sample(seed, *at, 50.0)).collect::<Vec<u32>>();
        assert_eq!(chosen(3), chosen(3));
        assert_ne!(chosen(3), chosen(4));
    }
}
