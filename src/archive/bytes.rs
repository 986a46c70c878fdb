//! The bytes of a message handed out: its file, its header fields, its attachments.
//!
//! Contract: exactly what was archived, or an error before the first byte: the digest is checked in a pass of its own.
//! Memory is bounded for the mail of phones, however large; an e-mail of a feed is at most
//! [`EMAIL_BYTES`](crate::model::limits::EMAIL_BYTES), and its attachments are read from it in memory.

use super::{
    Archive,
    attribution::{HEAD_BYTES, LARGE_BYTES},
};
use crate::{
    Error, ErrorKind, Result,
    index::HitRecord,
    model::{Attachment, Digest, Event, Right},
    source,
};
use sha2::{Digest as _, Sha256};
use std::io::Write;

/// Opens the place that an attachment is written to; called when its first byte comes, in the order of the message.
pub type OpenAttachment<'a> = dyn FnMut(&Attachment) -> Result<Box<dyn Write>> + 'a;

impl Archive {
    /// The exact bytes of a message's file, in memory. Recorded.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn raw(&mut self, id: &str) -> Result<Vec<u8>> {
        self.may(Right::Search, "message.read", id)?;
        let record = self.find_message(id)?;
        let bytes = self.vault.read(&record.digest)?;
        self.record_read(Event::MessageViewed { ids: vec![record.id] });
        Ok(bytes)
    }

    /// The exact bytes of a message's file in chunks, after their digest was checked. Recorded.
    ///
    /// # Errors
    /// As [`Self::show`]; what `take` returns.
    pub fn raw_to(&mut self, id: &str, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.may(Right::Search, "message.read", id)?;
        let record = self.find_message(id)?;
        if record.size <= LARGE_BYTES {
            let bytes = self.vault.read(&record.digest)?;
            self.record_read(Event::MessageViewed { ids: vec![record.id] });
            return take(&bytes);
        }
        self.vault.stream(&record.digest, &mut |_| Ok(()))?;
        self.record_read(Event::MessageViewed { ids: vec![record.id] });
        self.vault.stream(&record.digest, take)
    }

    /// The header fields of a message, as they stand in its file. Recorded.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn headers(&mut self, id: &str) -> Result<String> {
        self.may(Right::Search, "message.read", id)?;
        let record = self.find_message(id)?;
        let head = self.vault.read_head(&record.digest, LARGE_BYTES)?;
        self.record_read(Event::MessageViewed { ids: vec![record.id] });
        Ok(crate::eml::headers_text(&head))
    }

    /// Writes the decoded bytes of a message's attachments, in order; each must have the digest that it was archived
    /// with. Recorded.
    ///
    /// # Errors
    /// As [`Self::show`]; an attachment that cannot be decoded any more; what `open` and its writers return. What was
    /// written before an error must not be used.
    pub fn attachments_to(&mut self, id: &str, open: &mut OpenAttachment<'_>) -> Result<Vec<Attachment>> {
        self.may(Right::Search, "message.read", id)?;
        let record = self.find_message(id)?;
        if !record.attachments.is_empty() && !self.stream_attachments(&record, open)? {
            self.decode_attachments(&record, open)?;
        }
        self.record_read(Event::MessageViewed { ids: vec![record.id] });
        Ok(record.attachments)
    }

    /// While the file is read; `false`: it is small, or of a kind that is read as a whole.
    fn stream_attachments(&self, record: &HitRecord, open: &mut OpenAttachment<'_>) -> Result<bool> {
        if record.size <= LARGE_BYTES {
            return Ok(false);
        }
        let head = self.vault.read_head(&record.digest, HEAD_BYTES)?;
        let Some((mut parts, before)) = source::attachment_reader(record.source, &head) else { return Ok(false) };
        drop(head);
        let mut outputs: Vec<Output> = Vec::new();
        let mut sink = |part: usize, bytes: &[u8]| {
            let Some(at) = part.checked_sub(before) else { return Ok(()) };
            while outputs.len() <= at {
                let Some(attachment) = record.attachments.get(outputs.len()) else { return Ok(()) };
                outputs.push(Output { writer: open(attachment)?, found: Sha256::new() });
            }
            outputs.get_mut(at).map_or(Ok(()), |output| output.write(bytes))
        };
        self.vault.stream(&record.digest, &mut |chunk| parts.take(chunk, &mut sink))?;
        parts.finish(&mut sink)?;
        // What has no bytes at all was never begun.
        while let Some(attachment) = record.attachments.get(outputs.len()) {
            outputs.push(Output { writer: open(attachment)?, found: Sha256::new() });
        }
        for (output, attachment) in outputs.into_iter().zip(&record.attachments) {
            output.finish(attachment)?;
        }
        Ok(true)
    }

    fn decode_attachments(&self, record: &HitRecord, open: &mut OpenAttachment<'_>) -> Result<()> {
        let bytes = self.vault.read(&record.digest)?;
        for (at, attachment) in record.attachments.iter().enumerate() {
            let part = source::attachment(record.source, &bytes, at).ok_or_else(|| lost(attachment))?;
            let mut output = Output { writer: open(attachment)?, found: Sha256::new() };
            output.write(&part)?;
            output.finish(attachment)?;
        }
        Ok(())
    }
}

/// An attachment that is being written.
struct Output {
    writer: Box<dyn Write>,
    found: Sha256,
}

impl Output {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.found.update(bytes);
        self.writer.write_all(bytes).map_err(failed)
    }

    fn finish(mut self, attachment: &Attachment) -> Result<()> {
        self.writer.flush().map_err(failed)?;
        if Digest(self.found.finalize().into()) == attachment.sha256 { Ok(()) } else { Err(lost(attachment)) }
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("an attachment cannot be written: {error}"))
}

fn lost(attachment: &Attachment) -> Error {
    Error::new(ErrorKind::Damaged, format!("the attachment {:?} cannot be decoded", attachment.name))
        .with_hint("run custodia verify")
}
