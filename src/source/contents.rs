//! The text inside the attachments of a message.
//!
//! Contract: a pure function of the message's bytes, as [`extract`](crate::extract) is of an attachment's. What
//! cannot be read is said, one reason for each attachment, and nothing fails.
//!
//! Limits: those of [`extract`](crate::extract::limits) for each attachment, and two for all attachments of a message
//! together.

use crate::{
    extract::{self, Extracted, Unread},
    model::{Message, SourceKind},
};

/// Attachments of one message that are looked into: WhatsApp sends one, an e-mail that was captured beside it has
/// some; each may cost as much time as the largest.
const ATTACHMENTS: usize = 200;
/// Bytes of text from all attachments of one message, which are in memory together; the last of them is still taken
/// whole.
const TEXT_BYTES: usize = 16 * 1024 * 1024;

/// What was found in one attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its place in [`Message::attachments`].
    pub attachment: usize,
    /// Its text, as far as it was read.
    pub text: String,
    /// Why some or all of the text is missing.
    pub unread: Option<Unread>,
}

/// The contents of all attachments, one for each, in order. `bytes` is the e-mail; `None` if it is too large to be
/// read as a whole.
#[must_use]
pub fn contents(kind: SourceKind, bytes: Option<&[u8]>, message: &Message) -> Vec<Content> {
    let verdict = |(at, attachment): (usize, &crate::model::Attachment)| {
        let unread = extract::verdict(&attachment.media_type, &attachment.name, attachment.size);
        Content { attachment: at, text: String::new(), unread }
    };
    let mut contents: Vec<Content> = message.attachments.iter().enumerate().map(verdict).collect();
    let open = contents.iter().filter(|content| content.unread.is_none()).map(|content| content.attachment);
    let wanted: Vec<usize> = open.take(ATTACHMENTS).collect();
    // What the loop below does not reach: beyond a limit, or not in the bytes.
    for content in contents.iter_mut().filter(|content| content.unread.is_none()) {
        let reached = bytes.is_some() && wanted.contains(&content.attachment);
        content.unread = Some(if reached { Unread::Broken } else { Unread::TooLarge });
    }
    let mut room = TEXT_BYTES;
    super::attachments(kind, bytes.unwrap_or_default(), &wanted, &mut |at, bytes| {
        let (Some(content), Some(attachment)) = (contents.get_mut(at), message.attachments.get(at)) else { return };
        let found = match room {
            0 => Extracted { text: String::new(), unread: Some(Unread::TooLarge) },
            _ => extract::extract(&attachment.media_type, &attachment.name, bytes),
        };
        room = room.saturating_sub(found.text.len());
        (content.text, content.unread) = (found.text, found.unread);
    });
    contents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Attachment, Conversation, ConversationKind, Digest, Identity},
        source::{rendered, understand},
    };

    const BOTH: [SourceKind; 2] = [SourceKind::Telemessage, SourceKind::ChatExport];

    /// An e-mail of this kind with these attachments, and what it says.
    fn mail(kind: SourceKind, attachments: &[(&str, &str, &[u8])]) -> (Vec<u8>, Message) {
        let bytes = match kind {
            SourceKind::Telemessage => feed_item(attachments),
            _ => rendered_item(kind, attachments),
        };
        let message = understand(kind, &bytes).unwrap();
        assert_eq!(message.attachments.len(), attachments.len());
        (bytes, message)
    }

    fn feed_item(attachments: &[(&str, &str, &[u8])]) -> Vec<u8> {
        let mut mail = String::from(
            "From: \"Ann Lee 447700900101\" <ann@northgate.example>\r\nTo: \"447700900102\" <bo@client.example>\r\n\
             Subject: WhatsApp message from 447700900101 to 447700900102\r\nDate: Wed, 04 Mar 2026 09:12:41 +0000\r\n\
             X-TELEMESSAGE-ArchiveMessageID: 3EB0A1\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
             --m\r\nContent-Type: text/plain\r\n\r\nsee\r\n",
        );
        for (media_type, name, bytes) in attachments {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            mail += &format!(
                "--m\r\nContent-Type: {media_type}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n{text}\r\n"
            );
        }
        (mail + "--m--\r\n").into_bytes()
    }

    fn rendered_item(kind: SourceKind, attachments: &[(&str, &str, &[u8])]) -> Vec<u8> {
        let identity = Identity { source: kind, account: None, native: "3EB0A1".into() };
        let conversation =
            Conversation { id: "447700900102@s.whatsapp.net".into(), name: None, kind: ConversationKind::Direct };
        let mut message = Message::empty(identity, conversation);
        let described = |(media_type, name, bytes): &(&str, &str, &[u8])| Attachment {
            name: (*name).to_owned(),
            media_type: (*media_type).to_owned(),
            size: bytes.len() as u64,
            sha256: Digest::of(bytes),
        };
        message.attachments = attachments.iter().map(described).collect();
        let mut bytes = Vec::new();
        let mut open = |at: usize| -> std::io::Result<Box<dyn std::io::Read>> {
            Ok(Box::new(std::io::Cursor::new(attachments[at].2.to_vec())))
        };
        rendered::compose(&message).write(&mut bytes, &mut open).unwrap();
        bytes
    }

    fn content(attachment: usize, text: &str, unread: Option<Unread>) -> Content {
        Content { attachment, text: text.to_owned(), unread }
    }

    #[test]
    fn every_attachment_has_one_content_in_order() {
        for kind in BOTH {
            let (bytes, message) = mail(
                kind,
                &[
                    ("text/csv", "a.csv", b"name;sum"),
                    ("image/jpeg", "b.jpg", b"\x01picture"),
                    ("application/octet-stream", "c", b"{\\rtf1 rich}"),
                    ("application/pdf", "d.pdf", b"%PDF-1.4 nothing"),
                ],
            );
            let expected = [
                content(0, "name;sum", None),
                content(1, "", Some(Unread::Image)),
                content(2, "rich", None),
                content(3, "", Some(Unread::Broken)),
            ];
            assert_eq!(contents(kind, Some(&bytes), &message), expected, "{kind:?}");
        }
    }

    #[test]
    fn a_message_without_attachments_has_no_contents() {
        for kind in BOTH {
            let (bytes, message) = mail(kind, &[]);
            assert_eq!(contents(kind, Some(&bytes), &message), []);
        }
    }

    #[test]
    fn an_email_that_is_too_large_says_so_of_what_it_would_have_to_read() {
        for kind in BOTH {
            let (_, message) = mail(kind, &[("text/plain", "a.txt", b"x"), ("video/mp4", "b.mp4", b"y")]);
            let expected = [content(0, "", Some(Unread::TooLarge)), content(1, "", Some(Unread::Video))];
            assert_eq!(contents(kind, None, &message), expected);
        }
    }

    #[test]
    fn attachments_that_the_bytes_do_not_have_are_broken() {
        for kind in BOTH {
            let (bytes, message) = mail(kind, &[("text/plain", "a.txt", b"x"), ("text/plain", "b.txt", b"y")]);
            let at = bytes.windows(5).rposition(|window| window == b"a.txt").unwrap();
            let cut = contents(kind, Some(&bytes[..at.min(bytes.len() / 4)]), &message);
            assert_eq!(cut[1], content(1, "", Some(Unread::Broken)), "{kind:?}");
        }
    }

    #[test]
    fn more_attachments_than_the_limit_are_said_to_be_too_many() {
        let many: Vec<(&str, &str, &[u8])> = vec![("text/plain", "a.txt", b"x"); ATTACHMENTS + 3];
        let (bytes, message) = mail(SourceKind::Telemessage, &many);
        let contents = contents(SourceKind::Telemessage, Some(&bytes), &message);
        let (read, left): (Vec<_>, Vec<_>) = contents.iter().partition(|content| content.unread.is_none());
        assert_eq!((read.len(), left.len()), (ATTACHMENTS, 3));
        assert!(left.iter().all(|content| content.unread == Some(Unread::TooLarge)));
    }
}
