//! What is decided about each message of a run: already here, another version, new, or nobody's.

use super::{
    import::{LateItem, Pending, Run, clip},
    phone::Recipients,
    pipeline::Incoming,
};
use crate::{
    Error, Result,
    model::{
        Code, Event, Finding, Items, MailboxName, MessageId, MessageKind, Ordinal, Place, event::Archived, limits,
    },
    source::phone::render::Content,
    vault::Written,
};

impl Run<'_> {
    /// Decides one message: already here, another version, new, or nobody's.
    pub(super) fn message(&mut self, incoming: Incoming) -> Result<()> {
        let Incoming { place, content, message, source_digest, .. } = &incoming;
        let outside = message.sent.is_some_and(|at| {
            self.options.since.is_some_and(|since| at < since) || self.options.until.is_some_and(|until| at >= until)
        });
        if outside {
            self.outside_window += 1;
            return Ok(());
        }
        self.balance.read += 1;
        self.batch.read += 1;
        let native = message.identity.native.clone();
        if let Some(limit) = self.options.max_item_bytes.filter(|limit| content.size() > *limit) {
            let detail = format!("{} bytes, limit {limit}", content.size());
            self.not_imported(&Finding::new(Code::ItemTooLarge, place.clone(), detail), &native, "");
            return Ok(());
        }
        let recipients = self.addressing.recipients(&self.directory, message, &incoming.members);
        let unmapped = &recipients.unmapped;
        let versions = self.writer.catalog.versions(&incoming.identity_key)?;
        if let Some(version) = versions.iter().find(|version| version.says(source_digest)) {
            let ordinal = version.ordinal;
            self.name_unmapped(place, &native, unmapped);
            self.already(ordinal, &recipients)?;
            return self.later_receipts(ordinal, &incoming)?.map_or(Ok(()), |news| self.message(news));
        }
        if let Some(ordinal) = self.says_less(&incoming, &versions)? {
            self.name_unmapped(place, &native, unmapped);
            return self.already(ordinal, &recipients);
        }
        if recipients.mailboxes.is_empty() {
            let code = if unmapped.is_empty() { Code::NoParticipants } else { Code::Unmapped };
            let who = unmapped.join(", ");
            self.not_imported(&Finding::new(code, place.clone(), who.clone()), &native, &who);
            return Ok(());
        }
        self.name_unmapped(place, &native, unmapped);
        for finding in &message.findings {
            let mut finding = finding.clone();
            if finding.place.file.is_empty() {
                finding.place = place.clone();
            }
            self.issue(&finding, &native, "");
        }
        let revises = crate::catalog::first_version(&versions);
        if revises.is_some() {
            self.issue(&Finding::new(Code::Revised, place.clone(), native.clone()), &native, "");
        }
        self.archive_new(incoming, recipients, revises)
    }

    /// Each participant without a mailbox is named once a run.
    fn name_unmapped(&mut self, place: &Place, native: &str, unmapped: &[String]) {
        for who in unmapped {
            if self.named.insert(who.clone()) {
                self.issue(&Finding::new(Code::UnmappedParticipant, place.clone(), who.clone()), native, who);
            }
        }
    }

    /// The message is here. Items that its mailboxes lack are delivered; what was disposed of is not brought back.
    fn already(&mut self, ordinal: Ordinal, recipients: &Recipients) -> Result<()> {
        let mailboxes = &recipients.mailboxes;
        self.balance.already += 1;
        let items = &mut self.balance.items;
        items.available += mailboxes.len() as u64;
        let state = &self.writer.archive.state;
        let batches = || std::iter::once(&self.batch).chain(&self.in_flight);
        let pending = batches().flat_map(|b| &b.messages).find(|p| p.archived.ordinal == ordinal).map(|p| &p.archived);
        let purged = state.purged.contains(ordinal.0);
        let lacking: Vec<MailboxName> = mailboxes
            .iter()
            .filter(|mailbox| {
                let knows = state.boxes.get(*mailbox).is_some_and(|boxes| boxes.knows(ordinal.0));
                let coming = pending.is_some_and(|p| p.mailboxes.contains(*mailbox))
                    || self.foreseen.get(&ordinal).is_some_and(|mailboxes| mailboxes.contains(*mailbox))
                    || batches().flat_map(|b| &b.late).any(|l| l.archived.ordinal == ordinal && l.mailbox == **mailbox);
                !(knows || coming || purged)
            })
            .cloned()
            .collect();
        items.skipped += (mailboxes.len() - lacking.len()) as u64;
        items.imported += lacking.len() as u64;
        if self.options.dry_run {
            self.delivered_to.extend(lacking.iter().cloned());
            self.foreseen.entry(ordinal).or_default().extend(lacking);
            return Ok(());
        }
        if lacking.is_empty() {
            return Ok(());
        }
        let archived = match pending {
            Some(archived) => archived.clone(),
            None => self.writer.entry_facts(ordinal, &self.recent)?,
        };
        for mailbox in lacking {
            self.delivered_to.insert(mailbox.clone());
            let (id, run) = (archived.id, self.id.clone());
            let attributed = recipients.attributed.iter().find(|a| a.mailbox == mailbox).cloned();
            self.batch.events.push(Event::ItemDelivered { ordinal, id, mailbox: mailbox.clone(), run, attributed });
            self.batch.late.push(LateItem { archived: archived.clone(), mailbox });
        }
        Ok(())
    }

    fn archive_new(&mut self, incoming: Incoming, recipients: Recipients, revises: Option<Ordinal>) -> Result<()> {
        let Incoming { place, content, message, digest, identity_key, source_digest, .. } = incoming;
        let Recipients { mut mailboxes, mut attributed, .. } = recipients;
        let count = mailboxes.len() as u64;
        self.delivered_to.extend(mailboxes.iter().cloned());
        if self.options.dry_run {
            self.foreseen.insert(Ordinal(self.next_ordinal), mailboxes.iter().cloned().collect());
        }
        // A line has room for so many; the others follow in lines of their own.
        let others = mailboxes.split_off(limits::LINE_MAILBOXES.min(mailboxes.len()));
        let why_others = attributed.split_off(limits::LINE_MAILBOXES.min(attributed.len()));
        let archived = Archived {
            ordinal: Ordinal(self.next_ordinal),
            id: MessageId::derive(&identity_key, &source_digest),
            digest,
            size: content.size(),
            identity: message.identity.clone(),
            source_digest,
            kind: message.kind,
            sent: message.sent,
            story: message.story().map(str::to_owned),
            partial: message.partially_indexed().map(str::to_owned),
            vague: message.is_vague(),
            edited: message.details.as_ref().is_some_and(|details| details.edited.is_some()),
            revises,
            mailboxes,
            attributed,
            run: self.id.clone(),
            source: self.source.saturating_sub(1),
            entry: clip(place.entry.as_deref().unwrap_or_default()),
        };
        self.next_ordinal = self.next_ordinal.checked_add(1).ok_or_else(|| {
            Error::new(crate::ErrorKind::Usage, "the archive is full: 4,294,967,295 messages")
                .with_hint("begin a new archive")
        })?;
        let vault = &self.writer.archive.vault;
        let written = match &content {
            _ if self.options.dry_run => Written::New,
            Content::Memory(bytes) => vault.write(&archived.digest, bytes, false)?,
            Content::Spooled(file) => vault.take_over(&archived.digest, file.path())?,
        };
        if written == Written::Replaced {
            self.issue(&Finding::new(Code::VaultUncommitted, place, archived.digest.to_hex()), "", "");
        }
        *(if revises.is_some() { &mut self.balance.revised } else { &mut self.balance.imported }) += 1;
        let items: &mut Items = &mut self.balance.items;
        items.available += count;
        items.imported += count;
        self.balance.attachments += message.attachments.len() as u64;
        self.batch.bytes += archived.size;
        self.link_story(&archived)?;
        for (at, mailbox) in others.into_iter().enumerate() {
            let (id, run, attributed) = (archived.id, self.id.clone(), why_others.get(at).cloned());
            let (ordinal, to) = (archived.ordinal, mailbox.clone());
            self.batch.events.push(Event::ItemDelivered { ordinal, id, mailbox: to, run, attributed });
            self.batch.late.push(LateItem { archived: archived.clone(), mailbox });
        }
        self.writer.catalog.add(&archived)?;
        self.batch.messages.push(Pending { archived, message });
        Ok(())
    }

    /// Brings a notice and its original together, whichever came first.
    fn link_story(&mut self, archived: &Archived) -> Result<()> {
        let event = Event::MessageArchived { message: Box::new(archived.clone()) };
        self.batch.events.push(event);
        let Some(story) = &archived.story else { return Ok(()) };
        let account = archived.identity.account.as_deref();
        let is_notice = matches!(archived.kind, MessageKind::Deletion | MessageKind::Edit);
        let is_reaction = archived.kind == MessageKind::System && *story != archived.identity.native;
        for row in self.writer.catalog.story(story)? {
            let opposite = if is_notice { row.is_original() } else { row.is_notice() && !is_reaction };
            if !opposite || !row.same_account(account) {
                continue;
            }
            let (notice, original, link) = if is_notice {
                (archived.ordinal, row.ordinal, archived.kind)
            } else {
                (row.ordinal, archived.ordinal, row.kind)
            };
            self.batch.events.push(Event::MessageLinked { notice, original, link });
        }
        Ok(())
    }
}
