//! The parts of an e-mail handed out while it is read in chunks: an attachment of gigabytes in a few hundred kilobytes of
//! memory.
//!
//! Contract: for one multipart without multiparts in it, as our own renderer writes it; the parts are those of
//! [`Email::part`](super::Email::part), in the same order and with the same bytes. Nothing is judged here: whether it is all
//! there, the digests tell.
//!
//! Limits: a header block of a part above 1 MiB and a line above 64 KiB are not understood as such.

use super::{
    header::{Headers, decode},
    mime,
    transfer::{self, Encoding},
};
use crate::Result;

/// Bytes of the header block of one part.
const HEADER_BYTES: usize = 1024 * 1024;
/// Bytes of a line that may be a boundary; longer ones are data.
const LINE_BYTES: usize = 64 * 1024;
/// Bytes that are decoded at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Takes the bytes of an e-mail in chunks of any size and gives the decoded bytes of its parts.
pub struct PartReader {
    boundary: Vec<u8>,
    /// What came of the line that is not whole yet.
    line: Vec<u8>,
    /// The line break before this line, which belongs to a boundary if one follows.
    held: Vec<u8>,
    at: At,
    part: usize,
    encoding: Encoding,
    /// Encoded bytes that are not decoded yet.
    pending: Vec<u8>,
}

/// Where the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first part.
    Preamble,
    /// In the header block of a part; its bytes are pending.
    Header,
    /// In the bytes of a part.
    Body,
    /// Behind the last part.
    End,
}

impl PartReader {
    /// A reader for an e-mail that begins with these bytes; `None` if it is no multipart.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        let boundary = mime::boundary(&Headers::read(head, true))?.into_bytes();
        Some(Self {
            boundary,
            line: Vec::new(),
            held: Vec::new(),
            at: At::Preamble,
            part: 0,
            encoding: Encoding::Plain,
            pending: Vec::new(),
        })
    }

    /// Takes the next bytes. `sink` gets the number of a part and bytes of it.
    ///
    /// # Errors
    /// What `sink` returns.
    pub fn take(&mut self, chunk: &[u8], sink: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        for piece in chunk.split_inclusive(|b| *b == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.line.len() > LINE_BYTES {
                self.whole_line(sink)?;
            }
        }
        Ok(())
    }

    /// Says that the e-mail is at its end.
    ///
    /// # Errors
    /// What `sink` returns.
    pub fn finish(mut self, sink: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        if !self.line.is_empty() {
            self.whole_line(sink)?;
        }
        let held = std::mem::take(&mut self.held);
        self.data(&held, sink)?;
        self.end_part(sink)
    }

    fn whole_line(&mut self, sink: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        let line = std::mem::take(&mut self.line);
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if let Some(last) = mime::is_boundary(text, &self.boundary).filter(|_| self.at != At::End) {
            self.held.clear();
            self.end_part(sink)?;
            self.part += usize::from(self.at != At::Preamble);
            self.at = if last { At::End } else { At::Header };
            return Ok(());
        }
        match self.at {
            At::Preamble | At::End => {}
            At::Header if text.is_empty() || self.pending.len() > HEADER_BYTES => {
                self.begin_body();
            }
            At::Header => self.pending.extend_from_slice(&line),
            At::Body => {
                let held = std::mem::take(&mut self.held);
                self.data(&held, sink)?;
                self.data(text, sink)?;
                self.held = line.get(text.len()..).unwrap_or_default().to_vec();
            }
        }
        Ok(())
    }

    fn begin_body(&mut self) {
        let mut block = std::mem::take(&mut self.pending);
        block.extend_from_slice(b"\r\n");
        let named = Headers::read(&block, false).raw("content-transfer-encoding").map(decode);
        self.encoding = named.map_or(Encoding::Plain, |name| Encoding::named(&name));
        self.at = At::Body;
    }

    fn data(&mut self, bytes: &[u8], sink: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        match self.encoding {
            // Only what counts, so that groups are whole where the bytes are cut.
            Encoding::Base64 => self.pending.extend(bytes.iter().filter(|b| transfer::is_base64(**b))),
            _ => self.pending.extend_from_slice(bytes),
        }
        if self.pending.len() < CHUNK_BYTES {
            return Ok(());
        }
        let whole = match self.encoding {
            Encoding::Plain => self.pending.len(),
            Encoding::Base64 => self.pending.len() / 4 * 4,
            // A soft line break or an escape may not be whole yet: up to the last line feed.
            Encoding::QuotedPrintable => self.pending.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1),
        };
        let rest = self.pending.split_off(whole);
        let ready = std::mem::replace(&mut self.pending, rest);
        self.give(&ready, sink)
    }

    fn end_part(&mut self, sink: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        let rest = std::mem::take(&mut self.pending);
        if self.at == At::Body { self.give(&rest, sink) } else { Ok(()) }
    }

    fn give(&self, bytes: &[u8], sink: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        let mut outcome = Ok(());
        transfer::decode_into(self.encoding, bytes, &mut |decoded| {
            if outcome.is_ok() && !decoded.is_empty() {
                outcome = sink(self.part, decoded);
            }
        });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eml::Email;
    use proptest::prelude::*;

    fn streamed(mail: &[u8], size: usize) -> Vec<Vec<u8>> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let mut sink = |part: usize, bytes: &[u8]| {
            parts.resize(parts.len().max(part + 1), Vec::new());
            parts[part].extend_from_slice(bytes);
            Ok(())
        };
        let mut reader = PartReader::of(mail).unwrap();
        mail.chunks(size.max(1)).for_each(|chunk| reader.take(chunk, &mut sink).unwrap());
        reader.finish(&mut sink).unwrap();
        parts
    }

    fn whole(mail: &[u8]) -> Vec<Vec<u8>> {
        let mail = Email::parse(mail).unwrap();
        (0..mail.part_count()).map(|at| mail.part(at).unwrap().into_owned()).collect()
    }

    #[test]
    fn parts_come_out_as_they_do_from_the_whole_e_mail_whatever_the_chunks() {
        let mail = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\npreamble\r\n--=_b\r\n\
            Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=\r\n=C3=9Fe\r\n\r\n--=_b\r\n\
            Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\nZGVm\r\nZw==\r\n--=_b\r\n\r\n--=_bb\r\n\n\r\n--=_b--\r\nepilogue";
        let expected = whole(mail);
        assert_eq!((expected.len(), expected[1].as_slice()), (3, &b"abcdefg"[..]));
        for size in [1, 2, 3, 7, 64, 10_000] {
            assert_eq!(streamed(mail, size), expected, "{size}");
        }
    }

    proptest! {
        #[test]
        fn an_attachment_of_any_bytes_comes_out_exactly(bytes in proptest::collection::vec(any::<u8>(), 0..4000), size in 1usize..700) {
            let mut mail = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n\
                Content-Transfer-Encoding: base64\r\n\r\n".to_vec();
            crate::eml::render::encode::base64(&mut bytes.as_slice(), &mut mail).unwrap();
            mail.extend_from_slice(b"\r\n--b--\r\n");
            let parts = streamed(&mail, size);
            prop_assert_eq!(parts.get(1).cloned().unwrap_or_default(), bytes);
        }
    }
}
