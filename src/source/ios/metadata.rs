//! `ZWAMEDIAITEM.ZMETADATA`: what a message replies to, and where it was forwarded from.
//!
//! Contract: pure, bounded by the blob. Known fields (each seen by two public tools or measured): 5 the stanza id of the
//! quoted message, 6 the address of who had said it, 17 how often it was forwarded, 19 the quoted message itself in the
//! form in which WhatsApp sends messages (its text in 1, or in 1 of 6; captions in 3 of 3 and 7 of 9), 21 whose it was.
//! The rest is not interpreted.

use super::{jid::Jid, protobuf::Fields};

/// Characters of the longest stanza id that is believed; real ones have 16 to 40.
const STANZA_CHARS: usize = 128;

/// What the blob says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The stanza id of the quoted message.
    pub quoted_stanza: Option<String>,
    /// The address of who had said it.
    pub quoted_sender: Option<String>,
    /// Its text, as the reply kept it.
    pub quoted_text: Option<String>,
    /// How often it was forwarded.
    pub forward_count: Option<u64>,
    /// The address of whose it was.
    pub forward_origin: Option<String>,
    /// The blob is not a whole protobuf message.
    pub damaged: bool,
}

/// Reads the blob.
#[must_use]
pub fn read(blob: &[u8]) -> Metadata {
    let fields = Fields::read(blob);
    let address = |number| fields.text(number).filter(|text| Jid::parse(text).is_some()).map(str::to_owned);
    Metadata {
        quoted_stanza: fields.text(5).filter(|text| is_stanza(text)).map(str::to_owned),
        quoted_sender: address(6),
        quoted_text: fields.bytes(19).next().and_then(message_text),
        forward_count: fields.number(17).filter(|n| *n > 0),
        forward_origin: address(21),
        damaged: !fields.is_whole(),
    }
}

/// The text or caption of a message as it is sent.
fn message_text(message: &[u8]) -> Option<String> {
    let message = Fields::read(message);
    let within = |field, text| message.bytes(field).find_map(|part| Fields::read(part).text(text));
    let text = message.text(1).or_else(|| within(6, 1)).or_else(|| within(3, 3)).or_else(|| within(9, 7))?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whether a text can be a stanza id: printable ASCII without spaces.
#[must_use]
pub fn is_stanza(text: &str) -> bool {
    !text.is_empty() && text.len() <= STANZA_CHARS && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::super::protobuf::tests::{bytes, number};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_quoted_message_is_named_by_its_stanza_id_and_sender() {
        let blob = [bytes(5, "3A0123456789ABCDEF01"), bytes(6, "447700900101@s.whatsapp.net")].concat();
        assert_eq!(&blob[..2], b"\x2a\x14");
        let read = read(&blob);
        assert_eq!(read.quoted_stanza.as_deref(), Some("3A0123456789ABCDEF01"));
        assert_eq!(read.quoted_sender.as_deref(), Some("447700900101@s.whatsapp.net"));
        assert!(!read.damaged);
    }

    #[test]
    fn a_reply_keeps_the_text_that_it_replies_to() {
        let text = |message: Vec<u8>| read(&[bytes(5, "3AAA"), bytes(19, message)].concat()).quoted_text;
        assert_eq!(text(bytes(1, "Lunch?")).as_deref(), Some("Lunch?"));
        assert_eq!(text(bytes(6, bytes(1, "See https://news.example"))).as_deref(), Some("See https://news.example"));
        assert_eq!(
            text(bytes(3, [bytes(1, "https://mmg.example"), bytes(3, "A cat")].concat())).as_deref(),
            Some("A cat")
        );
        assert_eq!(text(bytes(4, "something else")), None);
    }

    #[test]
    fn forwards_are_counted_and_what_is_no_stanza_id_is_not_one() {
        let read = read(&[bytes(5, "two words"), number(17, 6), bytes(21, "99@lid"), bytes(6, "nobody")].concat());
        assert_eq!((read.forward_count, read.forward_origin.as_deref()), (Some(6), Some("99@lid")));
        assert_eq!((read.quoted_stanza, read.quoted_sender), (None, None));
    }

    #[test]
    fn a_cut_blob_says_so_and_keeps_the_quote() {
        let blob = [bytes(5, "3AAA"), bytes(6, "447700900101@s.whatsapp.net")].concat();
        let read = read(&blob[..10]);
        assert!(read.damaged && read.quoted_stanza.as_deref() == Some("3AAA"));
    }

    proptest! {
        #[test]
        fn any_blob_is_read(blob in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&blob);
        }
    }
}
