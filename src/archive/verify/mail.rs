//! The mailboxes: every item has its entry, wherever in its mailbox a client moved it, with the vault's bytes.
//!
//! Limits: keeps the listing of one mailbox at a time.

use super::{
    Context,
    inventory::{Known, Since, stop_if_cancelled},
    report::{CheckRow, Collector, VerifyFinding, VerifyLevel},
    vault::{FileFact, Seen},
};
use crate::{
    Result, fs,
    maildir::Found,
    model::{Code, MailboxName, MessageId},
    state::Boxes,
};
use roaring::RoaringBitmap;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Strangers of one mailbox that are named; more are counted.
const LISTED_STRANGERS: usize = 20;

/// Checks every mailbox of the state.
pub(super) fn check(cx: &Context<'_>, files: &[FileFact], out: &mut Collector) -> Result<()> {
    let mut total = CheckRow::new("mail");
    cx.progress.begin("mailboxes", Some(cx.inventory.state.boxes.len() as u64));
    for (done, (mailbox, boxes)) in cx.inventory.state.boxes.iter().enumerate() {
        stop_if_cancelled(cx.progress)?;
        let mut one = Mailbox {
            cx,
            files,
            mailbox,
            boxes,
            row: CheckRow::new("mail"),
            put_back: Vec::new(),
            strangers: Vec::new(),
        };
        one.check(out)?;
        add(&mut total, &one.row);
        cx.progress.at(done as u64 + 1, 0);
    }
    cx.progress.end();
    unknown_mailboxes(cx, &mut total, out)?;
    out.row(total);
    Ok(())
}

fn add(total: &mut CheckRow, one: &CheckRow) {
    total.objects += one.objects;
    total.ok += one.ok;
    total.changed += one.changed;
    total.missing += one.missing;
    total.unreadable += one.unreadable;
    total.foreign += one.foreign;
}

/// Folders in `mail/` that are no mailbox of this archive.
fn unknown_mailboxes(cx: &Context<'_>, total: &mut CheckRow, out: &mut Collector) -> Result<()> {
    let state = &cx.inventory.state;
    let known: HashSet<String> = state.boxes.keys().chain(state.users.keys()).map(MailboxName::folder).collect();
    for entry in fs::dir::list(&cx.archive.layout.mail())? {
        // A mailbox that a running import has just made is in the archive's own, newer state.
        let newer = cx.archive.state.boxes.keys().any(|mailbox| mailbox.folder() == entry.name);
        if !known.contains(&entry.name) && !newer && !cx.inventory.run_open() {
            total.foreign += 1;
            out.add(
                VerifyFinding::new(Code::MailForeign, "not a mailbox of this archive")
                    .path(format!("mail/{}", entry.name)),
            );
        }
    }
    Ok(())
}

/// The message of an entry that has our name.
fn lookup(items: &[(MessageId, u32)], entry: &Found) -> Option<u32> {
    let id = entry.message?;
    let at = items.binary_search_by_key(&id, |(id, _)| *id).ok()?;
    items.get(at).map(|(_, position)| *position)
}

/// What is wrong with an entry.
enum Fault {
    Changed(Found),
    Unreadable(Found, String),
    Missing,
}

struct Mailbox<'a> {
    cx: &'a Context<'a>,
    files: &'a [FileFact],
    mailbox: &'a MailboxName,
    boxes: &'a Boxes,
    row: CheckRow,
    put_back: Vec<(Found, u32)>,
    /// Files that belong to no item of the mailbox.
    strangers: Vec<Found>,
}

impl Mailbox<'_> {
    fn check(&mut self, out: &mut Collector) -> Result<()> {
        let path = format!("mail/{}", self.mailbox.folder());
        let expected = self.items(&self.boxes.present());
        self.row.objects = expected.len() as u64;
        let found = match self.cx.archive.mail.scan(self.mailbox) {
            Ok(found) => found,
            Err(error) => {
                self.row.unreadable = self.row.objects;
                let held = self.cx.judge.names(self.mailbox);
                out.add(VerifyFinding::new(Code::MailUnreadable, error.to_string()).path(path).held(held));
                return Ok(());
            }
        };
        let nothing = found.is_empty();
        let faults = self.match_up(&expected, found);
        if faults.is_empty() && self.put_back.is_empty() && self.strangers.is_empty() {
            return Ok(());
        }
        let since = Since::read(self.cx.archive, self.cx.inventory)?;
        self.name_strangers(&since, out);
        if nothing && self.lost_at_once(&faults, &since) {
            self.row.missing = faults.len() as u64;
            let detail = format!("the whole mailbox is empty or gone: {} entries", faults.len());
            let held = self.cx.judge.names(self.mailbox);
            out.add(VerifyFinding::new(Code::MailMissing, detail).path(path).held(held));
            return Ok(());
        }
        self.report(faults, &since, out);
        Ok(())
    }

    /// Message id → position in the inventory. An item without a line is the journal's damage.
    fn items(&self, ordinals: &RoaringBitmap) -> Vec<(MessageId, u32)> {
        let inventory = self.cx.inventory;
        let mut items: Vec<(MessageId, u32)> = ordinals
            .iter()
            .filter_map(|ordinal| inventory.position(ordinal))
            .filter_map(|at| inventory.at(at).map(|known| (known.id, at)))
            .collect();
        items.sort_unstable();
        items
    }

    /// Finds the entry of every item: by the name that we gave it, else by the inode of its vault file.
    fn match_up(&mut self, expected: &[(MessageId, u32)], found: Vec<Found>) -> BTreeMap<u32, Fault> {
        let mut faults: BTreeMap<u32, Fault> = BTreeMap::new();
        let mut well: HashSet<u32> = HashSet::new();
        let mut others: HashMap<u64, Vec<Found>> = HashMap::new();
        let disposed = self.items(&self.boxes.disposed);
        for entry in found {
            let Some(at) = lookup(expected, &entry) else {
                match lookup(&disposed, &entry) {
                    Some(at) => self.put_back.push((entry, at)),
                    None => others.entry(entry.inode).or_default().push(entry),
                }
                continue;
            };
            match self.compare(at, entry) {
                None => {
                    well.insert(at);
                    faults.remove(&at);
                }
                // A copy that a client made is no fault where the entry itself is well.
                Some(fault) if !well.contains(&at) => {
                    faults.insert(at, fault);
                }
                Some(_) => {}
            }
        }
        for (_, at) in expected {
            if well.contains(at) || faults.contains_key(at) {
                continue;
            }
            let inode = self.files.get(*at as usize).map_or(0, |file| file.inode);
            match others.get_mut(&inode) {
                Some(left) if !left.is_empty() && inode != 0 => {
                    left.pop();
                    well.insert(*at);
                }
                _ => {
                    faults.insert(*at, Fault::Missing);
                }
            }
        }
        self.row.ok = well.len() as u64;
        self.strangers = others.into_values().flatten().collect();
        self.strangers.sort_by(|a, b| a.path.cmp(&b.path));
        faults
    }

    /// Whether an entry has the bytes of its message. The vault's own inode needs no second look.
    fn compare(&self, at: u32, entry: Found) -> Option<Fault> {
        let known = self.cx.inventory.at(at)?;
        let file = self.files.get(at as usize).copied().unwrap_or_default();
        if file.inode != 0 && file.inode == entry.inode && file.seen != Seen::Missing {
            return None;
        }
        if self.cx.options.level == VerifyLevel::Quick {
            let path = self.cx.archive.layout.root().join(&entry.path);
            return match fs::read::stat(&path) {
                Ok(Some(stat)) if stat.is_file && stat.size == known.size => None,
                // Moved by a client while this program looked.
                Ok(None) => None,
                Ok(Some(_)) => Some(Fault::Changed(entry)),
                Err(error) => Some(Fault::Unreadable(entry, error.to_string())),
            };
        }
        match self.cx.archive.mail.digest(&entry) {
            Ok(digest) if digest == known.digest => None,
            Ok(_) => Some(Fault::Changed(entry)),
            Err(error) if error.kind() == crate::ErrorKind::NotFound => None,
            Err(error) => Some(Fault::Unreadable(entry, error.to_string())),
        }
    }

    /// Names what the archive did not make, the first of it; what was delivered meanwhile is no stranger.
    fn name_strangers(&mut self, since: &Since, out: &mut Collector) {
        let mut strangers = std::mem::take(&mut self.strangers);
        strangers.retain(|found| found.message.is_none_or(|id| !since.ids.contains(&id)));
        let more = strangers.len().saturating_sub(LISTED_STRANGERS);
        self.row.foreign += strangers.len() as u64;
        for found in strangers.into_iter().take(LISTED_STRANGERS) {
            out.add(VerifyFinding::new(Code::MailForeign, "not an item of this mailbox").path(found.path));
        }
        if more > 0 {
            let path = format!("mail/{}", self.mailbox.folder());
            out.add(VerifyFinding::new(Code::MailForeign, format!("+{more} more that are no items of it")).path(path));
        }
    }

    /// Whether no item is left, and none of them for a reason.
    fn lost_at_once(&self, faults: &BTreeMap<u32, Fault>, since: &Since) -> bool {
        faults.len() > 1
            && faults.keys().filter_map(|at| self.cx.inventory.at(*at)).all(|known| !self.excused(known, since))
    }

    /// Whether an entry may rightly be missing: deleted meanwhile, or not linked yet by a run that goes on or was
    /// interrupted; what is behind `state.bin` is linked by the next writer.
    fn excused(&self, known: &Known, since: &Since) -> bool {
        since.deleted.contains(&(known.ordinal, self.mailbox.clone())) || self.pending(known, since)
    }

    fn pending(&self, known: &Known, since: &Since) -> bool {
        let behind = self.cx.inventory.saved_seq.is_none_or(|saved| known.seq > saved);
        let late = self.cx.inventory.late.contains(&(known.ordinal, self.mailbox.clone()));
        since.run_open && (behind || late)
    }

    fn report(&mut self, faults: BTreeMap<u32, Fault>, since: &Since, out: &mut Collector) {
        let mut pending = 0u64;
        for (at, fault) in faults {
            let Some(known) = self.cx.inventory.at(at) else { continue };
            let (code, path, detail) = match fault {
                Fault::Missing if self.excused(known, since) => {
                    pending += u64::from(self.pending(known, since));
                    self.row.objects -= 1;
                    continue;
                }
                Fault::Missing => {
                    self.row.missing += 1;
                    let path = format!("mail/{}", self.mailbox.folder());
                    (Code::MailMissing, path, format!("the entry of {} is gone", known.id))
                }
                Fault::Changed(found) => {
                    self.row.changed += 1;
                    (Code::MailChanged, found.path, "its bytes are not those that were archived".to_owned())
                }
                Fault::Unreadable(found, why) => {
                    self.row.unreadable += 1;
                    (Code::MailUnreadable, found.path, why)
                }
            };
            let held = self.cx.judge.readable_item(known, self.mailbox);
            out.add(VerifyFinding::new(code, detail).path(path).id(known.id).seq(known.seq).held(held));
        }
        if pending > 0 {
            let detail = format!("{pending} entries of a run that is not finished are not linked yet");
            out.add(VerifyFinding::new(Code::DerivedStale, detail).path(format!("mail/{}", self.mailbox.folder())));
        }
        for (found, at) in std::mem::take(&mut self.put_back) {
            self.row.foreign += 1;
            let Some(known) = self.cx.inventory.at(at) else { continue };
            let detail = format!("{} was deleted from this mailbox for good, and is there again", known.id);
            out.add(VerifyFinding::new(Code::MailDisposed, detail).path(found.path).id(known.id));
        }
    }
}
