//! E-mails that we write ourselves: one message of a phone as RFC 5322 and MIME.
//!
//! Contract: the same [`Mail`] gives the same bytes on any machine: no clock, no random, no host name, boundaries are
//! given. Header fields are ASCII, line ends are CRLF, no line is longer than 998 bytes, and what is read back is what was
//! given: texts exactly, attachments to the byte. Attachments are streamed; memory is that of the texts.
//!
//! `mail-builder` folds the fields and encodes the parameters. Its `MessageBuilder` is not used: it takes attachments as
//! slices only, writes bare CR and NUL into `7bit` parts, base64-encodes `message/rfc822`, invents boundaries from the
//! clock, and leaves text that looks like an encoded word to be decoded by the reader. Encoded words ([`field`]) and
//! transfer encodings ([`encode`]) are therefore written here.
//!
//! Not here: what the fields mean (`source::rendered`).

pub mod encode;
pub mod field;

use super::Mailbox;
use std::io::{self, Read, Write};

/// A part of the mail.
#[derive(Clone, Debug)]
pub enum Part {
    /// A text that is shown in its place. One line end is added to it.
    Text(String),
    /// A text that is not for reading, such as JSON.
    Data {
        /// Its MIME type.
        media_type: &'static str,
        /// Its file name.
        name: &'static str,
        /// The text.
        text: String,
    },
    /// Bytes from outside, written as base64.
    Attachment {
        /// Its MIME type; must be [`field::is_media_type`].
        media_type: String,
        /// Its file name; may be empty.
        name: String,
    },
}

/// An e-mail before it is written.
#[derive(Clone, Debug)]
pub struct Mail {
    fields: Vec<u8>,
    boundary: String,
    parts: Vec<Part>,
}

/// Opens the bytes of the n-th attachment, counted from 0.
pub type Open<'a> = &'a mut dyn FnMut(usize) -> io::Result<Box<dyn Read>>;

impl Mail {
    /// An empty mail. `id` separates its parts: it must be short, of letters, digits and `_`, and in no text of the mail.
    #[must_use]
    pub fn new(id: &str) -> Self {
        // `=_` stands in no quoted-printable and in no base64 text (RFC 2045 section 6.7).
        Self { fields: Vec::new(), boundary: format!("=_{id}"), parts: Vec::new() }
    }

    /// Adds a field of text. Its value is read back as [`field::shown`] of it.
    pub fn text(&mut self, name: &str, value: &str) {
        field::raw(&mut self.fields, name, &field::unstructured(&field::shown(value)));
    }

    /// Adds a field of ASCII words, such as ids.
    pub fn words(&mut self, name: &str, value: &str) {
        field::raw(&mut self.fields, name, value);
    }

    /// Adds a field of addresses. Names are read back as [`field::shown`] of them.
    pub fn mailboxes(&mut self, name: &str, mailboxes: &[Mailbox]) {
        let list: Vec<String> = mailboxes.iter().map(field::mailbox).collect();
        field::raw(&mut self.fields, name, &list.join(", "));
    }

    /// Adds a part.
    pub fn part(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// About how many bytes the texts take when they are written.
    #[must_use]
    pub fn estimate(&self) -> u64 {
        let texts: usize = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) | Part::Data { text, .. } => text.len().saturating_mul(3),
                Part::Attachment { .. } => 0,
            })
            .sum();
        (self.fields.len() + texts + self.parts.len() * 512) as u64
    }

    /// Writes the mail. A mail of one part is that part; several are `multipart/mixed`.
    ///
    /// # Errors
    /// An attachment cannot be read, or `out` cannot be written.
    pub fn write(&self, out: &mut dyn Write, open: Open<'_>) -> io::Result<()> {
        out.write_all(&self.fields)?;
        out.write_all(b"MIME-Version: 1.0\r\n")?;
        let mut attachments = 0;
        if let [only @ (Part::Text(_) | Part::Data { .. })] = self.parts.as_slice() {
            return self.write_part(only, out, open, &mut attachments);
        }
        let mut head = Vec::new();
        field::content(&mut head, "Content-Type", "multipart/mixed", &[("boundary", &self.boundary)]);
        out.write_all(&head)?;
        for part in &self.parts {
            write!(out, "\r\n--{}\r\n", self.boundary)?;
            self.write_part(part, out, open, &mut attachments)?;
        }
        write!(out, "\r\n--{}--\r\n", self.boundary)
    }

    fn write_part(&self, part: &Part, out: &mut dyn Write, open: Open<'_>, nth: &mut usize) -> io::Result<()> {
        let mut head = Vec::new();
        match part {
            Part::Text(text) => {
                field::content(&mut head, "Content-Type", "text/plain", &[("charset", "utf-8")]);
                self.write_text(text, head, out)
            }
            Part::Data { media_type, name, text } => {
                field::content(&mut head, "Content-Type", media_type, &[]);
                field::content(&mut head, "Content-Disposition", "attachment", &[("filename", name)]);
                self.write_text(text, head, out)
            }
            Part::Attachment { media_type, name } => {
                field::content(&mut head, "Content-Type", media_type, &[]);
                let name = field::shown(name);
                let named = [("filename", name.as_str())];
                let parameters = if name.is_empty() { &named[..0] } else { &named[..] };
                field::content(&mut head, "Content-Disposition", "attachment", parameters);
                head.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
                out.write_all(&head)?;
                let mut from = open(*nth)?;
                *nth += 1;
                encode::base64(&mut from, out)
            }
        }
    }

    fn write_text(&self, text: &str, mut head: Vec<u8>, out: &mut dyn Write) -> io::Result<()> {
        let (encoding, bytes) = encode::text(text, &self.boundary);
        head.extend_from_slice(b"Content-Transfer-Encoding: ");
        head.extend_from_slice(encoding.as_bytes());
        head.extend_from_slice(b"\r\n\r\n");
        out.write_all(&head)?;
        out.write_all(&bytes)
    }
}
