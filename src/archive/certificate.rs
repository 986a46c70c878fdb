//! Certificates of disposition: made from the journal alone, and checked against it.
//!
//! Contract: a certificate says nothing that a cited line does not say; the lines are cited with their hashes, and the
//! chain from the first line that deleted something leads to a head that an anchor can be compared with.
//!
//! Limits: reads the whole journal once. The certificate grows with the plan; the JSON of lines is left out above
//! [`JSON_LINES`] of them, and the chain goes at most [`CHAIN_BEYOND`] lines past the last cited one.

use super::Archive;
use crate::{
    Error, ErrorKind, Result,
    export::certificate::{
        Certificate, CertifiedItem, CertifiedMessage, CertifiedPlan, CitedLine, Fate, Proof, SCHEMA,
    },
    journal::{ZERO_HASH, link, link_digest},
    model::{Digest, Event, Line, MailboxName, MessageId, PlanId, Right, Seq},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Cited lines up to which their JSON is in the certificate: about a megabyte.
const JSON_LINES: usize = 2_000;
/// Lines past the last cited one that the chain goes on for, so that it reaches an anchor of about that time.
const CHAIN_BEYOND: u64 = 10_000;

/// What came of checking a certificate.
#[derive(Clone, Debug, Serialize)]
pub struct CertificateCheck {
    /// The plan or the message that it is about.
    pub about: String,
    /// Lines that it cites.
    pub lines: u64,
    /// Items that it speaks of.
    pub items: u64,
    /// The last line of its chain.
    pub head_seq: Seq,
    /// That line's hash.
    pub head: Digest,
    /// Whether the journal says all of it.
    pub sound: bool,
    /// What is wrong with it.
    pub problems: Vec<String>,
}

impl Archive {
    /// The certificate about a plan or a message, by id or prefix. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such thing, or nothing of it was deleted; reading the journal failed.
    pub fn certificate(&mut self, id: &str) -> Result<Certificate> {
        self.may(Right::Disposition, "delete.certificate", id)?;
        // Six letters of a plan's id are its beginning.
        let about = match id.starts_with(PlanId::PREFIX) {
            true => About::Plan(self.plan_id(id)?),
            false => About::Message(self.disposed_message(id)?),
        };
        let mut making = Making::new(about, self.state.mark.seq);
        making.wanted = self.certified_messages(&making.about)?;
        self.read_certified(&mut making)?;
        if making.items.is_empty() {
            let about = making.about.name();
            return Err(Error::new(ErrorKind::NotFound, format!("nothing of {about} was deleted"))
                .with_hint("custodia delete list shows the plans"));
        }
        let certificate = making.finish(self);
        let (about, items) = (certificate.about.clone(), certificate.items.len() as u64);
        self.record_read(Event::CertificateMade { about, items });
        Ok(certificate)
    }

    fn disposed_message(&self, id: &str) -> Result<MessageId> {
        match self.find_message(id) {
            Ok(record) => Ok(record.id),
            Err(error) if error.kind() == ErrorKind::NotFound => match self.find_tombstone(id)? {
                Some(tombstone) => Ok(tombstone.id),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    fn certified_messages(&self, about: &About) -> Result<BTreeSet<MessageId>> {
        match about {
            About::Message(id) => Ok([*id].into_iter().collect()),
            About::Plan(plan) => {
                let list = self.find_plan(&plan.0)?.items.to_list();
                Ok(self.journal.load_list(&list)?.into_iter().map(|item| item.id).collect())
            }
        }
    }

    fn read_certified(&self, making: &mut Making) -> Result<()> {
        let (last, mut at) = (self.as_of().0, 0);
        let mut previous = ZERO_HASH;
        self.journal.raw_lines(&mut |raw| {
            at += 1;
            let digest = Digest::of(raw.json);
            if let Some(line) = raw.parse() {
                let cited = CitedLine { seq: line.seq, hash: raw.hash, previous, digest, json: None };
                making.take(&line, cited, raw.json);
            }
            making.chain(&previous, digest, raw.hash);
            previous = raw.hash;
            Ok(at < last)
        })
    }

    /// Checks a certificate against the journal.
    ///
    /// # Errors
    /// Reading the journal failed.
    pub fn check_certificate(&self, certificate: &Certificate) -> Result<CertificateCheck> {
        let mut check = Checking::of(certificate);
        if certificate.schema != SCHEMA {
            check.problem(format!("its schema is {}, not {SCHEMA}", certificate.schema));
        }
        if certificate.archive != self.meta.id {
            check.problem(format!("it is about the archive {}, not {}", certificate.archive, self.meta.id));
        }
        check.chain();
        let cited: BTreeMap<Seq, &CitedLine> = certificate.proof.lines.iter().map(|line| (line.seq, line)).collect();
        let mut events: BTreeMap<Seq, Line> = BTreeMap::new();
        let mut head = None;
        self.journal.raw_lines(&mut |raw| {
            let Some(line) = raw.parse() else { return Ok(true) };
            if line.seq == certificate.proof.head_seq {
                head = Some(raw.hash);
            }
            if let Some(cited) = cited.get(&line.seq) {
                if cited.hash != raw.hash || cited.digest != Digest::of(raw.json) {
                    check.problem(format!("the journal has another line {}", line.seq));
                }
                events.insert(line.seq, line);
            }
            Ok(true)
        })?;
        if head != Some(certificate.proof.head) {
            check.problem(format!("the journal has another line {}", certificate.proof.head_seq));
        }
        check.claims(&events);
        for message in certificate.messages.iter().filter(|message| message.purged_at.is_some()) {
            if self.vault.inode(&message.digest)?.is_some() {
                check.problem(format!("the file of {} is in the vault", message.id));
            }
        }
        Ok(check.report)
    }
}

enum About {
    Plan(PlanId),
    Message(MessageId),
}

impl About {
    fn name(&self) -> String {
        match self {
            Self::Plan(plan) => plan.to_string(),
            Self::Message(id) => id.to_string(),
        }
    }
}

/// A certificate in the making.
struct Making {
    about: About,
    wanted: BTreeSet<MessageId>,
    /// Lines that may be cited, with what they say, and their JSON.
    lines: BTreeMap<Seq, (CitedLine, String)>,
    plans: BTreeMap<PlanId, CertifiedPlan>,
    items: Vec<CertifiedItem>,
    messages: BTreeMap<MessageId, CertifiedMessage>,
    chain_from: Option<Seq>,
    previous: Digest,
    digests: Vec<Digest>,
    hashes: Vec<Digest>,
    as_of: Seq,
}

impl Making {
    fn new(about: About, as_of: Seq) -> Self {
        Self {
            about,
            wanted: BTreeSet::new(),
            lines: BTreeMap::new(),
            plans: BTreeMap::new(),
            items: Vec::new(),
            messages: BTreeMap::new(),
            chain_from: None,
            previous: ZERO_HASH,
            digests: Vec::new(),
            hashes: Vec::new(),
            as_of,
        }
    }

    fn concerns(&self, plan: &PlanId, id: &MessageId) -> bool {
        match &self.about {
            About::Plan(own) => own == plan,
            About::Message(own) => own == id,
        }
    }

    /// Takes note of a line, and keeps it if the certificate rests on it.
    fn take(&mut self, line: &Line, cited: CitedLine, json: &[u8]) {
        let (seq, at, by) = (line.seq, line.at, line.actor.label().to_owned());
        let mut acts = true;
        match &line.event {
            Event::DeletePlanned { plan, query, reason, basis, matched, .. } => {
                if matches!(&self.about, About::Plan(own) if own != plan) {
                    return;
                }
                let (plan, matched) = (plan.clone(), *matched);
                let (query, reason, basis) = (query.clone(), reason.clone(), basis.clone());
                let made = CertifiedPlan { plan, query, reason, basis, planned_at: at, planned_by: by, seq, matched };
                self.plans.insert(made.plan.clone(), made);
                acts = false;
            }
            Event::MessageArchived { message } if self.wanted.contains(&message.id) => {
                let made = CertifiedMessage {
                    id: message.id,
                    digest: message.digest,
                    size: message.size,
                    sent: message.sent,
                    archived_seq: seq,
                    purged_at: None,
                    purged_seq: None,
                    moved: 0,
                    elsewhere: 0,
                };
                self.messages.insert(message.id, made);
                acts = false;
            }
            Event::ItemDisposed { plan, item, how, .. } if self.concerns(plan, &item.id) => {
                let (id, mailbox, plan) = (item.id, item.mailbox.clone(), plan.clone());
                self.items.push(CertifiedItem { id, mailbox, plan, how: Fate::from(*how), at, by, seq });
            }
            Event::ItemRestored { plan, item, .. } if self.concerns(plan, &item.id) => {
                let (id, mailbox, plan) = (item.id, item.mailbox.clone(), plan.clone());
                self.items.push(CertifiedItem { id, mailbox, plan, how: Fate::Restored, at, by, seq });
            }
            // Whichever plan took the last item: the message is gone.
            Event::MessagePurged { id, moved, elsewhere, .. } if self.wanted.contains(id) => {
                let Some(message) = self.messages.get_mut(id) else { return };
                (message.purged_at, message.purged_seq) = (Some(at), Some(seq));
                (message.moved, message.elsewhere) = (*moved, *elsewhere);
            }
            _ => return,
        }
        if acts {
            self.chain_from.get_or_insert(seq);
        }
        self.lines.insert(seq, (cited, String::from_utf8_lossy(json).into_owned()));
    }

    /// Notes a line of the chain, from the first that deleted something.
    fn chain(&mut self, previous: &Digest, digest: Digest, hash: Digest) {
        if self.chain_from.is_none() {
            return;
        }
        if self.digests.is_empty() {
            self.previous = *previous;
        }
        self.digests.push(digest);
        self.hashes.push(hash);
    }

    fn finish(mut self, archive: &Archive) -> Certificate {
        let used: BTreeSet<PlanId> = self.items.iter().map(|item| item.plan.clone()).collect();
        let of: BTreeSet<MessageId> = self.items.iter().map(|item| item.id).collect();
        self.plans.retain(|plan, _| used.contains(plan));
        self.messages.retain(|id, _| of.contains(id));
        let cited = self.cited();
        let chain_from = self.chain_from.unwrap_or(self.as_of);
        let last = cited.last().copied().unwrap_or(chain_from);
        let keep = (last.0 + CHAIN_BEYOND + 1).saturating_sub(chain_from.0);
        self.digests.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        let head = self.digests.len().checked_sub(1).and_then(|at| self.hashes.get(at)).copied().unwrap_or(ZERO_HASH);
        let with_json = cited.len() <= JSON_LINES;
        let line = |seq: &Seq| {
            let (cited, json) = self.lines.get(seq)?;
            Some(CitedLine { json: with_json.then(|| json.clone()), ..cited.clone() })
        };
        let proof = Proof {
            lines: cited.iter().filter_map(line).collect(),
            chain_from,
            previous: self.previous,
            head_seq: Seq(chain_from.0 + (self.digests.len() as u64).saturating_sub(1)),
            head,
            digests: std::mem::take(&mut self.digests),
        };
        let fates = last_fates(&self.items);
        let count = |fate: Fate| fates.values().filter(|last| **last == fate).count() as u64;
        let gone = || self.messages.values().filter(|message| message.purged_at.is_some());
        let gone_any = gone().next().is_some();
        Certificate {
            schema: SCHEMA.to_owned(),
            archive: archive.meta.id.clone(),
            archive_name: archive.meta.name.clone(),
            about: self.about.name(),
            made_at: archive.clock.now(),
            made_by: archive.actor.label().to_owned(),
            items_purged: count(Fate::Purged),
            items_recoverable: count(Fate::Recoverable),
            items_restored: count(Fate::Restored),
            messages_purged: gone().count() as u64,
            bytes_purged: gone().map(|message| message.size).sum(),
            plans: self.plans.values().cloned().collect(),
            messages: self.messages.values().cloned().collect(),
            items: self.items,
            not_taken: if gone_any { archive.kept_sources().unwrap_or_default() } else { Vec::new() },
            proof,
        }
    }

    fn cited(&self) -> Vec<Seq> {
        let plans = self.plans.values().map(|plan| plan.seq);
        let items = self.items.iter().map(|item| item.seq);
        let messages =
            self.messages.values().flat_map(|message| [Some(message.archived_seq), message.purged_seq]).flatten();
        plans.chain(items).chain(messages).collect::<BTreeSet<Seq>>().into_iter().collect()
    }
}

/// What became of each item in the end.
fn last_fates(items: &[CertifiedItem]) -> BTreeMap<(MessageId, &MailboxName), Fate> {
    items.iter().map(|item| ((item.id, &item.mailbox), item.how)).collect()
}

struct Checking<'a> {
    certificate: &'a Certificate,
    report: CertificateCheck,
}

impl<'a> Checking<'a> {
    fn of(certificate: &'a Certificate) -> Self {
        let report = CertificateCheck {
            about: certificate.about.clone(),
            lines: certificate.proof.lines.len() as u64,
            items: certificate.items.len() as u64,
            head_seq: certificate.proof.head_seq,
            head: certificate.proof.head,
            sound: true,
            problems: Vec::new(),
        };
        Self { certificate, report }
    }

    fn problem(&mut self, text: String) {
        self.report.sound = false;
        self.report.problems.push(text);
    }

    /// What can be checked without the journal: each cited line by itself, and the chain.
    fn chain(&mut self) {
        let proof = &self.certificate.proof;
        let mut hash = proof.previous;
        let mut hashes = BTreeMap::new();
        for (at, digest) in proof.digests.iter().enumerate() {
            hash = link_digest(&hash, digest);
            hashes.insert(Seq(proof.chain_from.0 + at as u64), hash);
        }
        if hash != proof.head {
            self.problem("its chain does not lead to its head".to_owned());
        }
        for line in &proof.lines {
            let stands = link_digest(&line.previous, &line.digest) == line.hash
                && line.json.as_ref().is_none_or(|json| link(&line.previous, json.as_bytes()) == line.hash)
                && (line.seq < proof.chain_from || hashes.get(&line.seq) == Some(&line.hash));
            if !stands {
                self.problem(format!("line {} does not have its hash", line.seq));
            }
        }
    }

    /// Whether the cited lines say what the certificate says.
    fn claims(&mut self, events: &BTreeMap<Seq, Line>) {
        let event = |seq: Seq| events.get(&seq).map(|line| &line.event);
        let mut problems = Vec::new();
        for item in &self.certificate.items {
            let said = match event(item.seq) {
                Some(Event::ItemDisposed { plan, item: of, how, .. }) => (plan, of, Fate::from(*how)),
                Some(Event::ItemRestored { plan, item: of, .. }) => (plan, of, Fate::Restored),
                _ => {
                    problems.push(format!("no line {} about an item", item.seq));
                    continue;
                }
            };
            let line = events.get(&item.seq).map(|line| (line.at, line.actor.label()));
            let (plan, of, how) = said;
            let same = (plan, how, of.id, &of.mailbox) == (&item.plan, item.how, item.id, &item.mailbox)
                && line == Some((item.at, item.by.as_str()));
            if !same {
                problems.push(format!("line {} says something else about an item", item.seq));
            }
        }
        for message in &self.certificate.messages {
            let archived = matches!(event(message.archived_seq), Some(Event::MessageArchived { message: of })
                if (of.id, of.digest, of.size, of.sent) == (message.id, message.digest, message.size, message.sent));
            let purged = match message.purged_seq {
                None => message.purged_at.is_none(),
                Some(seq) => matches!(event(seq), Some(Event::MessagePurged { id, digest, .. })
                    if (*id, *digest) == (message.id, message.digest)),
            };
            if !archived || !purged {
                problems.push(format!("the journal says something else about {}", message.id));
            }
        }
        for plan in &self.certificate.plans {
            let same = matches!(event(plan.seq), Some(Event::DeletePlanned { plan: id, reason, basis, query, .. })
                if (id, reason, basis, query) == (&plan.plan, &plan.reason, &plan.basis, &plan.query));
            if !same {
                problems.push(format!("line {} says something else about the plan {}", plan.seq, plan.plan));
            }
        }
        let fates = last_fates(&self.certificate.items);
        let count = |fate: Fate| fates.values().filter(|last| **last == fate).count() as u64;
        let counts = (count(Fate::Purged), count(Fate::Recoverable), count(Fate::Restored));
        let stated = &self.certificate;
        if counts != (stated.items_purged, stated.items_recoverable, stated.items_restored) {
            problems.push("its counts do not add up".to_owned());
        }
        problems.into_iter().for_each(|problem| self.problem(problem));
    }
}
