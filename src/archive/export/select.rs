//! Which items a package is made of.

use super::{ExportRequest, ExportSelection};
use crate::{
    Result,
    archive::{Archive, case::no_case, matching::behind},
    model::{CaseId, MailboxName},
};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

/// The items of a package, by mailbox.
#[derive(Debug, Default)]
pub(super) struct Selected {
    /// What was asked for.
    pub(super) asked: BTreeMap<MailboxName, RoaringBitmap>,
    /// What was added because it cannot be searched in full.
    pub(super) unindexed: BTreeMap<MailboxName, RoaringBitmap>,
    /// Messages of the searched mailboxes of which nothing can be said: their files are damaged or gone.
    pub(super) unknown: RoaringBitmap,
    /// All messages, for whichever reason.
    pub(super) messages: RoaringBitmap,
    /// In a sentence, for people.
    pub(super) label: String,
    /// For the journal.
    pub(super) query: String,
    /// The case, where what is exported is what it holds.
    pub(super) case: Option<CaseId>,
}

impl Selected {
    /// The mailboxes whose items of this message are in the package, and whether each was asked for.
    pub(super) fn mailboxes(&self, ordinal: u32) -> Vec<(&MailboxName, bool)> {
        let of = |map: &BTreeMap<MailboxName, RoaringBitmap>, mailbox: &MailboxName| {
            map.get(mailbox).is_some_and(|items| items.contains(ordinal))
        };
        let mut names: Vec<&MailboxName> = self.asked.keys().chain(self.unindexed.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let asked = names.into_iter().map(|mailbox| (mailbox, of(&self.asked, mailbox)));
        asked.filter(|(mailbox, asked)| *asked || of(&self.unindexed, mailbox)).collect()
    }
}

/// Selects the items; refuses to answer behind.
pub(super) fn select(archive: &Archive, request: &ExportRequest) -> Result<Selected> {
    if archive.tail.beyond() > 0 {
        return Err(behind(archive.tail.len()));
    }
    let mailboxes = archive.select_mailboxes(&request.mailboxes)?;
    let mut selected = match &request.selection {
        ExportSelection::Query(query) => by_query(archive, query, &mailboxes)?,
        ExportSelection::Ids(ids) => by_ids(archive, ids, &mailboxes)?,
        ExportSelection::Case(case) => by_case(archive, case, &mailboxes)?,
    };
    selected.asked.retain(|_, items| !items.is_empty());
    if request.include_unindexed {
        for (mailbox, asked) in &selected.asked {
            let Some(boxes) = archive.state.boxes.get(mailbox) else { continue };
            let more = (boxes.present() & &archive.state.partial) - asked;
            selected.unindexed.insert(mailbox.clone(), more);
        }
    }
    for items in selected.asked.values().chain(selected.unindexed.values()) {
        selected.messages |= items;
    }
    selected.unknown -= &selected.messages;
    Ok(selected)
}

fn by_query(archive: &Archive, query: &str, mailboxes: &[MailboxName]) -> Result<Selected> {
    let prepared = archive.prepare_strictly(query)?;
    let asked = archive.matching(&prepared.expr, mailboxes, true)?.items;
    Ok(Selected {
        asked,
        unknown: unknown(archive, mailboxes)?,
        label: format!("the query: {query}"),
        query: query.to_owned(),
        ..Selected::default()
    })
}

fn by_ids(archive: &Archive, ids: &[String], mailboxes: &[MailboxName]) -> Result<Selected> {
    let mut listed = RoaringBitmap::new();
    for id in ids {
        listed.insert(archive.find_message(id)?.ordinal.0);
    }
    let items = |mailbox: &MailboxName| archive.state.boxes.get(mailbox).map(|boxes| boxes.present() & &listed);
    Ok(Selected {
        asked: mailboxes.iter().filter_map(|mailbox| Some((mailbox.clone(), items(mailbox)?))).collect(),
        label: format!("a list of {} message ids", ids.len()),
        query: format!("{} ids", ids.len()),
        ..Selected::default()
    })
}

fn by_case(archive: &Archive, name: &str, mailboxes: &[MailboxName]) -> Result<Selected> {
    let case = archive.state.case(name).ok_or_else(|| no_case(name))?;
    let query = format!("case {}", case.name);
    let mut selected = Selected { query, case: Some(case.id.clone()), ..Selected::default() };
    let mut names = Vec::new();
    let mut held = Vec::new();
    for hold in archive.state.binding_holds(archive.clock.now()).filter(|hold| hold.case.as_ref() == Some(&case.id)) {
        names.push(hold.name.clone());
        let covered = archive.covered(hold)?;
        for (mailbox, items) in covered.items.into_iter().filter(|(mailbox, _)| mailboxes.contains(mailbox)) {
            *selected.asked.entry(mailbox).or_default() |= items;
        }
        held.extend(hold.scope.mailboxes.iter().filter(|mailbox| mailboxes.contains(mailbox)).cloned());
    }
    selected.unknown = unknown(archive, &held)?;
    selected.label = format!("what the holds of the case {} cover: {}", case.name, names.join(", "));
    Ok(selected)
}

/// Messages in these mailboxes that no query can be evaluated on.
fn unknown(archive: &Archive, mailboxes: &[MailboxName]) -> Result<RoaringBitmap> {
    let mut present = RoaringBitmap::new();
    for boxes in mailboxes.iter().filter_map(|mailbox| archive.state.boxes.get(mailbox)) {
        present |= boxes.present();
    }
    if let Some(index) = &archive.index {
        present -= index.all()?;
    }
    for (_, message) in archive.tail.iter() {
        if present.contains(message.ordinal.0) && archive.understand(message).is_ok() {
            present.remove(message.ordinal.0);
        }
    }
    Ok(present)
}
