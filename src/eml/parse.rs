//! One e-mail, read: header fields, parties, text, attachments, wrapped e-mails.

use super::{
    address::{Mailbox, mailboxes},
    date::{MailDate, parse_date},
    header::{Headers, decode},
    mime::{Defect, Leaf, Parts},
    text,
    transfer::{self, Encoding, decode_into},
};
use crate::model::{Attachment, Digest};
use sha2::{Digest as _, Sha256};
use std::{borrow::Cow, fmt};

/// The bytes are no e-mail: they do not begin with a header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnEmail;

impl fmt::Display for NotAnEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an e-mail: it does not begin with a header field")
    }
}

impl std::error::Error for NotAnEmail {}

/// An e-mail that was read. Borrows its bytes; nothing is decoded before it is asked for.
#[derive(Debug)]
pub struct Email<'a> {
    bytes: &'a [u8],
    headers: Headers<'a>,
    leaves: Vec<Leaf>,
    body: Option<usize>,
    defect: Option<Defect>,
}

impl<'a> Email<'a> {
    /// Reads the structure of an e-mail.
    ///
    /// # Errors
    /// [`NotAnEmail`] if the bytes do not begin with a header field.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotAnEmail> {
        let headers = Headers::read(bytes, true);
        if headers.fields.is_empty() || !headers.begins_well {
            return Err(NotAnEmail);
        }
        let Parts { leaves, defect, .. } = Parts::read(bytes, &headers);
        let body = body_of(&leaves);
        Ok(Self { bytes, headers, leaves, body, defect })
    }

    /// The first field of this name (case does not matter), unfolded, decoded, trimmed.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.text(name)
    }

    /// All fields in order: name as written, value decoded.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, String)> + '_ {
        self.headers.fields.iter().map(|field| (field.name, decode(field.raw)))
    }

    /// Whether there is a field whose name begins so (case does not matter).
    #[must_use]
    pub fn has_header_prefix(&self, prefix: &str) -> bool {
        let begins = |name: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        self.headers.fields.iter().any(|field| begins(field.name))
    }

    /// The subject, decoded; empty if there is none.
    #[must_use]
    pub fn subject(&self) -> String {
        self.header("subject").unwrap_or_default()
    }

    /// The Message-ID without its angle brackets.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        let id = self.header("message-id")?;
        let id = id.trim_matches(['<', '>', ' ']);
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// The Date field.
    #[must_use]
    pub fn date(&self) -> MailDate {
        self.header("date").map_or(MailDate::Missing, |text| parse_date(&text))
    }

    /// The parties of an address field (`from`, `to`, `cc`, `bcc`, `sender`), and whether that is all of them (see
    /// [`PARTICIPANTS`](crate::model::limits::PARTICIPANTS)).
    #[must_use]
    pub fn parties(&self, field: &str) -> (Vec<Mailbox>, bool) {
        mailboxes(&self.headers, field)
    }

    /// The text: the first text/plain part that is not an attachment, else the first text/html part reduced to text. Line
    /// ends are LF, blank lines around it are gone. Empty if there is none.
    #[must_use]
    pub fn body(&self) -> String {
        let Some(leaf) = self.body.and_then(|at| self.leaves.get(at)) else { return String::new() };
        let decoded = text::decode(&self.decoded(leaf), leaf.charset.as_deref());
        text::tidy(&if leaf.media_type == "text/html" { text::of_html(&decoded) } else { decoded })
    }

    /// The parts that are not the text, in order, with size and digest of their decoded bytes. Another form of the
    /// text (the HTML choice of an alternative) is not one.
    #[must_use]
    pub fn attachments(&self) -> Vec<Attachment> {
        self.attached().map(|leaf| self.describe(leaf)).collect()
    }

    /// The exact decoded bytes of the attachment at `index` of [`Self::attachments`].
    #[must_use]
    pub fn attachment(&self, index: usize) -> Option<Vec<u8>> {
        self.attached().nth(index).map(|leaf| self.decoded(leaf).into_owned())
    }

    /// The decoded bytes of the part at `index` of all parts that have no parts, whatever it is for.
    #[must_use]
    pub fn part(&self, index: usize) -> Option<Cow<'a, [u8]>> {
        self.leaves.get(index).map(|leaf| self.decoded(leaf))
    }

    /// How many parts there are that have no parts.
    #[must_use]
    pub fn part_count(&self) -> usize {
        self.leaves.len()
    }

    /// The bytes of the e-mails that are wrapped in this one (message/rfc822 parts), in order.
    pub fn wrapped(&self) -> impl Iterator<Item = Cow<'a, [u8]>> + '_ {
        let wrapped = |leaf: &&Leaf| matches!(leaf.media_type.as_str(), "message/rfc822" | "message/global");
        self.leaves.iter().filter(wrapped).map(|leaf| self.decoded(leaf))
    }

    /// Why the structure is not all there: it was cut off, or it goes beyond a limit. Looks at the encoding of every
    /// part, so it costs a pass over the bytes.
    #[must_use]
    pub fn defect(&self) -> Option<Defect> {
        self.defect.or_else(|| {
            let whole = |leaf: &Leaf| decode_into(leaf.encoding, self.raw(leaf), &mut |_| {});
            let cut = self.leaves.iter().any(|leaf| leaf.encoding != Encoding::Plain && !whole(leaf));
            cut.then_some(Defect::EncodingCut)
        })
    }

    fn attached(&self) -> impl Iterator<Item = &Leaf> {
        let body = self.body.and_then(|at| self.leaves.get(at));
        self.leaves
            .iter()
            .enumerate()
            .filter(move |(at, leaf)| {
                let of_body = body.is_some_and(|b| b.alternative.is_some() && b.alternative == leaf.alternative);
                let other_form =
                    of_body && leaf.media_type.starts_with("text/") && !leaf.attached && leaf.name.is_empty();
                let nothing = leaf.raw.is_empty() && leaf.name.is_empty() && leaf.media_type == "text/plain";
                Some(*at) != self.body && !other_form && !nothing
            })
            .map(|(_, leaf)| leaf)
    }

    fn raw(&self, leaf: &Leaf) -> &'a [u8] {
        self.bytes.get(leaf.raw.clone()).unwrap_or_default()
    }

    fn decoded(&self, leaf: &Leaf) -> Cow<'a, [u8]> {
        match leaf.encoding {
            Encoding::Plain => Cow::Borrowed(self.raw(leaf)),
            encoding => Cow::Owned(transfer::decode(encoding, self.raw(leaf))),
        }
    }

    fn describe(&self, leaf: &Leaf) -> Attachment {
        let (mut hasher, mut size) = (Sha256::new(), 0_u64);
        decode_into(leaf.encoding, self.raw(leaf), &mut |chunk| {
            size += chunk.len() as u64;
            hasher.update(chunk);
        });
        Attachment {
            name: leaf.name.clone(),
            media_type: leaf.media_type.clone(),
            size,
            sha256: Digest(hasher.finalize().into()),
        }
    }
}

/// Which leaf is the text.
fn body_of(leaves: &[Leaf]) -> Option<usize> {
    let first =
        |kind: &str| leaves.iter().position(|leaf| leaf.media_type == kind && !leaf.attached && leaf.name.is_empty());
    first("text/plain").or_else(|| first("text/html"))
}

/// The header block as text with LF line ends, as it stands in the file; bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn headers_text(bytes: &[u8]) -> String {
    let end = Headers::read(bytes, true).body;
    let block = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).replace("\r\n", "\n");
    format!("{}\n", block.trim_end())
}

/// Field names that e-mails begin with.
const FIRST_FIELDS: &[&str] = &[
    "received",
    "return-path",
    "from",
    "to",
    "date",
    "subject",
    "message-id",
    "mime-version",
    "delivered-to",
    "sender",
    "content-type",
    "dkim-signature",
    "reply-to",
    "cc",
    "authentication-results",
    "arc-seal",
    "thread-index",
];

/// Whether `head`, the first bytes of a file of any name, reads like the start of an e-mail: its first line is a field that
/// e-mails begin with, or one of `X-…`.
#[must_use]
pub fn looks_like_mail(head: &[u8]) -> bool {
    let headers = Headers::read(head, true);
    let known = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("x-") || FIRST_FIELDS.contains(&name.as_str())
    };
    headers.begins_well && headers.fields.first().is_some_and(|f| known(f.name)) && headers.fields.len() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAIL: &[u8] = b"From: \"Ann 447700900101\" <ann@x.example>\r\nTo: 447700900102\r\nSubject: Hi\r\n\
        Date: Wed, 04 Mar 2026 09:12:41 +0000\r\nMessage-ID: <1@x.example>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
        --a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n\
        --a\r\nContent-Type: text/html\r\n\r\n<p>Gr&uuml;&szlig;e</p>\r\n--a--\r\n--m\r\n\
        Content-Type: text/csv; charset=utf-16; name=\"t.csv\"\r\nContent-Disposition: attachment; filename=\"t.csv\"\r\n\
        Content-Transfer-Encoding: base64\r\n\r\n//5hACwA\r\n--m--\r\n";

    #[test]
    fn an_email_gives_its_fields_its_text_and_exact_attachments() {
        let mail = Email::parse(MAIL).unwrap();
        assert_eq!(
            (mail.subject(), mail.message_id(), mail.body()),
            ("Hi".into(), Some("1@x.example".into()), "Grüße".into())
        );
        assert_eq!(mail.date(), MailDate::At(crate::model::Instant(1_772_615_561_000)));
        let attachments = mail.attachments();
        assert_eq!(attachments.len(), 1);
        let raw = b"\xff\xfea\0,\0";
        assert_eq!((attachments[0].name.as_str(), attachments[0].size), ("t.csv", 6));
        assert_eq!(attachments[0].sha256, Digest::of(raw));
        assert_eq!(mail.attachment(0).unwrap(), raw);
        assert_eq!((mail.attachment(1), mail.defect()), (None, None));
        assert!(headers_text(MAIL).ends_with("boundary=m\n"));
    }

    #[test]
    fn an_html_mail_has_its_text() {
        let mail = Email::parse(b"Subject: x\nContent-Type: text/html\n\n<p>one</p><p>two</p>").unwrap();
        assert!(mail.body().contains("one") && mail.attachments().is_empty());
    }

    #[test]
    fn a_cut_email_says_so() {
        let cut = &MAIL[..MAIL.len() - 8];
        assert_eq!(Email::parse(cut).unwrap().defect(), Some(Defect::BoundaryCut));
        let cut = Email::parse(b"Subject: x\nContent-Transfer-Encoding: base64\n\nYWJjZ").unwrap();
        assert_eq!(cut.defect(), Some(Defect::EncodingCut));
    }

    #[test]
    fn what_is_no_email_is_told_apart() {
        for bytes in [&b""[..], b"\r\n\r\n", b"\xff\xd8\xff\xe0", b"no header here\n\nx", b"PK\x03\x04"] {
            assert_eq!(Email::parse(bytes).err(), Some(NotAnEmail), "{bytes:?}");
        }
        assert!(looks_like_mail(MAIL) && !looks_like_mail(b"Note: x\nOther: y\n") && !looks_like_mail(b"{\"a\": 1}"));
    }

    fn visit(bytes: &[u8], depth: u32) {
        let _ = (headers_text(bytes), looks_like_mail(bytes));
        if let Ok(mail) = Email::parse(bytes) {
            let _ = (mail.subject(), mail.date(), mail.parties("from"), mail.parties("to"), mail.body(), mail.defect());
            let attachments = mail.attachments();
            for (at, described) in attachments.iter().enumerate() {
                assert_eq!(described.sha256, Digest::of(&mail.attachment(at).unwrap()));
            }
            mail.wrapped().filter(|_| depth < 3).for_each(|inner| visit(&inner, depth + 1));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            visit(&bytes, 0);
        }

        #[test]
        fn no_damage_to_an_email_makes_it_panic(at in 0..MAIL.len(), with in proptest::collection::vec(any::<u8>(), 0..40), cut in 0..MAIL.len()) {
            let mut bytes = MAIL.to_vec();
            let end = (at + with.len()).min(bytes.len());
            bytes.splice(at..end, with);
            visit(&bytes, 0);
            visit(&bytes[..cut.min(bytes.len())], 0);
        }

        #[test]
        fn no_header_text_makes_it_panic(text in "[-A-Za-z0-9 :;=?<>@\"(),\\r\\n\\t\u{e9}]{0,200}") {
            visit(format!("From: {text}\r\nTo: {text}\r\nSubject: =?{text}\r\nDate: {text}\r\nContent-Type: {text}\r\n\r\n{text}").as_bytes(), 0);
        }
    }
}
