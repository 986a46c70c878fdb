//! The corpus as a feed: a zip of e-mails with a manifest, as TeleMessage delivers it; or one e-mail after the other.

use super::draft::Drafts;
use super::prng::mix;
use super::{Corpus, Truth, mail};
use crate::error::{Error, ErrorKind, Result};
use std::io::{Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Deflate's fastest: a corpus is made to be read, often once.
const DEFLATE_LEVEL: i64 = 1;
/// The manifest is written in pieces of about this many bytes.
const MANIFEST_PIECE: usize = 64 * 1024;

impl Corpus {
    /// The name of the feed zip: `202603010000-TeleMessage_1_001500.zip`, the day after the last message.
    #[must_use]
    pub fn feed_name(&self) -> String {
        format!("{}.zip", self.stem())
    }

    fn stem(&self) -> &'static str {
        "202603010000-TeleMessage_1_001500"
    }

    /// Writes the feed zip: `messages` EMLs and a manifest (`.mf`). Returns what is in it, counted on the way.
    /// Holds one message in memory, and the zip's own directory.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if `out` cannot be written.
    pub fn write_feed(&self, out: &mut (impl Write + Seek)) -> Result<Truth> {
        let failed = |error: zip::result::ZipError| {
            Error::new(ErrorKind::Io, format!("cannot write the synthetic feed: {error}")).with_source(error)
        };
        let mut truth = Truth::default();
        let mut zip = ZipWriter::new(out);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(DEFLATE_LEVEL))
            .last_modified_time(zip::DateTime::from_date_and_time(2026, 3, 1, 0, 15, 0).unwrap_or_default());
        let mut mails = self.mails();
        let mut bytes = Vec::new();
        while let Some(name) = mails.next_into(&mut bytes, &mut truth) {
            zip.start_file(name, options).map_err(failed)?;
            zip.write_all(&bytes).map_err(|error| failed(error.into()))?;
        }
        zip.start_file(format!("{}.mf", self.stem()), options).map_err(failed)?;
        let mut manifest = format!("Count: {}\r\n", self.messages);
        for serial in 0..self.messages {
            manifest.push_str(&self.entry_name(serial));
            manifest.push_str("\r\n");
            if manifest.len() >= MANIFEST_PIECE {
                zip.write_all(manifest.as_bytes()).map_err(|error| failed(error.into()))?;
                manifest.clear();
            }
        }
        zip.write_all(manifest.as_bytes()).map_err(|error| failed(error.into()))?;
        zip.finish().map_err(failed)?.flush().map_err(|error| failed(error.into()))?;
        Ok(truth)
    }

    /// What [`Corpus::write_feed`] would return, without writing anything.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let mut truth = Truth::default();
        let mut mails = self.mails();
        let mut bytes = Vec::new();
        while mails.next_into(&mut bytes, &mut truth).is_some() {}
        truth
    }

    /// Every e-mail of the feed with the name of its entry, in the order of the feed.
    pub fn emls(&self) -> impl Iterator<Item = (String, Vec<u8>)> + use<> {
        let mut mails = self.mails();
        let mut truth = Truth::default();
        std::iter::from_fn(move || {
            let mut bytes = Vec::new();
            mails.next_into(&mut bytes, &mut truth).map(|name| (name, bytes))
        })
    }

    fn mails(&self) -> Mails {
        Mails { corpus: *self, drafts: Drafts::new(self.seed, self.messages) }
    }

    /// The name of an entry; the eight hexadecimal digits keep two corpora in one folder apart.
    fn entry_name(&self, serial: u64) -> String {
        format!("TM_{:08}_{:08x}.eml", serial + 1, mix(self.seed ^ serial.rotate_left(17)) >> 32)
    }
}

/// The e-mails of a corpus, one after the other.
struct Mails {
    corpus: Corpus,
    drafts: Drafts,
}

impl Mails {
    /// Puts the next e-mail into `bytes`, counts it and returns its name.
    fn next_into(&mut self, bytes: &mut Vec<u8>, truth: &mut Truth) -> Option<String> {
        let serial = self.drafts.made();
        let draft = self.drafts.next()?;
        bytes.clear();
        mail::write(&draft, bytes);
        truth.count(&draft, bytes.len());
        Some(self.corpus.entry_name(serial))
    }
}
