//! `ZWAMESSAGEINFO.ZRECEIPTINFO`: reactions to a message, and the poll that it holds.
//!
//! Contract: pure, bounded by the blob. Known fields: 7.1 a reaction of somebody else (1 its key, 2 who, 3 the emoji, 4
//! milliseconds), 7.2 one of the owner of the phone (1 key, 2 emoji, 3 milliseconds), 7.3 totals of a channel (1: emoji,
//! count), 8 a poll (2 question, 3 options with their text in 1, 5 votes of others with the chosen options in 1 and the
//! voter in 4, 6 one more vote without a name). Receipts, which the blob has too, are not known well enough to be read.

use super::{apple_time, jid::Jid, protobuf::Fields};
use crate::model::Instant;

/// Reactions to one message; a group has 1,024 members.
const REACTIONS: usize = 10_000;
/// Options of one poll; the app allows 12.
const OPTIONS: usize = 1_000;
/// Bytes of the longest emoji that is believed; family emoji with skin tones take 40.
const EMOJI_BYTES: usize = 128;

/// A reaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reacted {
    /// Its own key.
    pub key: Option<String>,
    /// The address of who reacted; `None`: the owner of the phone.
    pub reactor: Option<String>,
    /// The emoji; empty if it was taken back.
    pub emoji: String,
    /// When.
    pub at: Option<Instant>,
    /// The same, as it stands in the blob.
    pub raw_time: Option<u64>,
}

/// One vote in a poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The address of the voter, if it is named.
    pub voter: Option<String>,
    /// Indices of the chosen options, from 0.
    pub chosen: Vec<u64>,
}

/// A poll.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PollContent {
    /// What is asked.
    pub question: String,
    /// The options, in order.
    pub options: Vec<String>,
    /// Who chose what.
    pub votes: Vec<Vote>,
}

/// What the blob says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptInfo {
    /// Reactions, those of others first, as in the blob.
    pub reactions: Vec<Reacted>,
    /// Totals of a channel: emoji and count.
    pub totals: Vec<(String, u64)>,
    /// A poll.
    pub poll: Option<PollContent>,
    /// The blob is not a whole protobuf message, or holds more than is read.
    pub damaged: bool,
}

/// Reads the blob.
#[must_use]
pub fn read(blob: &[u8]) -> ReceiptInfo {
    let fields = Fields::read(blob);
    let mut info = ReceiptInfo { damaged: !fields.is_whole(), ..ReceiptInfo::default() };
    for part in fields.bytes(7) {
        let part = Fields::read(part);
        info.damaged |= !part.is_whole();
        info.reactions.extend(part.bytes(1).filter_map(of_another));
        info.reactions.extend(part.bytes(2).filter_map(of_the_owner));
        for totals in part.bytes(3).map(Fields::read) {
            info.totals.extend(totals.bytes(1).filter_map(total));
        }
    }
    info.damaged |= info.reactions.len() > REACTIONS;
    info.reactions.truncate(REACTIONS);
    info.totals.truncate(REACTIONS);
    info.poll = fields.bytes(8).next().and_then(poll);
    info
}

fn of_another(bytes: &[u8]) -> Option<Reacted> {
    let fields = Fields::read(bytes);
    let reactor = fields.text(2).filter(|text| Jid::parse(text).is_some())?;
    reacted(&fields, Some(reactor.to_owned()), 3, 4)
}

fn of_the_owner(bytes: &[u8]) -> Option<Reacted> {
    reacted(&Fields::read(bytes), None, 2, 3)
}

fn reacted(fields: &Fields<'_>, reactor: Option<String>, emoji: u64, time: u64) -> Option<Reacted> {
    let raw_time = fields.number(time);
    // Neither emoji nor time: that is some other record, not a reaction that was taken back.
    if fields.text(emoji).is_none() && raw_time.is_none() {
        return None;
    }
    let emoji = fields.text(emoji).unwrap_or_default();
    Some(Reacted {
        key: fields.text(1).map(str::to_owned),
        reactor,
        emoji: (emoji.len() <= EMOJI_BYTES).then(|| emoji.to_owned())?,
        at: raw_time.and_then(apple_time::unix_millis),
        raw_time,
    })
}

fn total(bytes: &[u8]) -> Option<(String, u64)> {
    let fields = Fields::read(bytes);
    let emoji = fields.text(1).filter(|emoji| !emoji.is_empty() && emoji.len() <= EMOJI_BYTES)?;
    Some((emoji.to_owned(), fields.number(2)?))
}

fn poll(bytes: &[u8]) -> Option<PollContent> {
    let fields = Fields::read(bytes);
    let question = fields.text(2)?.to_owned();
    let options = fields
        .bytes(3)
        .take(OPTIONS)
        .map(|option| Fields::read(option).text(1).unwrap_or_default().to_owned())
        .collect();
    let vote = |bytes| {
        let fields = Fields::read(bytes);
        let voter = fields.text(4).filter(|text| Jid::parse(text).is_some()).map(str::to_owned);
        Vote { voter, chosen: fields.numbers(1) }
    };
    // Field 6 names nobody: one tool takes it for the poll's creator, and it may as well be the owner of the phone.
    let nameless = fields.bytes(6).map(vote).map(|vote| Vote { voter: None, ..vote });
    let votes =
        fields.bytes(5).map(vote).chain(nameless).filter(|vote| !vote.chosen.is_empty()).take(REACTIONS).collect();
    Some(PollContent { question, options, votes })
}

#[cfg(test)]
mod tests {
    use super::super::protobuf::tests::{bytes, number};
    use super::*;
    use proptest::prelude::*;

    const AT: u64 = 1_772_615_561_000;

    #[test]
    fn reactions_of_others_and_of_the_owner_are_told_apart() {
        let other = [bytes(1, "K1"), bytes(2, "447700900102@s.whatsapp.net"), bytes(3, "👍"), number(4, AT)].concat();
        let own = [bytes(1, "K2"), bytes(2, "❤️"), number(3, AT + 1)].concat();
        let info = read(&[number(4, 1), bytes(7, [bytes(1, other), bytes(2, own)].concat())].concat());
        let said: Vec<_> = info.reactions.iter().map(|r| (r.reactor.as_deref(), r.emoji.as_str(), r.at)).collect();
        assert_eq!(
            said,
            [
                (Some("447700900102@s.whatsapp.net"), "👍", Some(Instant(AT as i64))),
                (None, "❤️", Some(Instant(AT as i64 + 1)))
            ]
        );
        assert!(!info.damaged);
    }

    #[test]
    fn totals_of_a_channel_are_no_reactions() {
        let totals = bytes(1, [bytes(1, "😂"), number(2, 1200)].concat());
        let info = read(&bytes(7, bytes(3, totals)));
        assert_eq!((info.reactions.len(), info.totals), (0, vec![("😂".to_owned(), 1200)]));
    }

    #[test]
    fn a_poll_has_question_options_and_votes() {
        let option = |text: &str| bytes(3, bytes(1, text));
        let named = [number(1, 1), bytes(4, "99@lid")].concat();
        let poll = [
            bytes(2, "Lunch?"),
            option("Soup"),
            option("Salad"),
            bytes(5, named),
            bytes(5, bytes(4, "98@lid")),
            bytes(6, [number(1, 0), number(1, 1)].concat()),
        ];
        let poll = read(&bytes(8, poll.concat())).poll.unwrap();
        assert_eq!((poll.question.as_str(), poll.options.len()), ("Lunch?", 2));
        let votes: Vec<_> = poll.votes.iter().map(|vote| (vote.voter.as_deref(), vote.chosen.as_slice())).collect();
        assert_eq!(votes, [(Some("99@lid"), &[1][..]), (None, &[0, 1][..])]);
    }

    #[test]
    fn a_cut_blob_says_so() {
        let blob = bytes(7, bytes(2, [bytes(2, "👍"), number(3, AT)].concat()));
        assert!(read(&blob[..blob.len() - 1]).damaged);
        assert_eq!(read(&[]), ReceiptInfo::default());
    }

    proptest! {
        #[test]
        fn any_blob_is_read(blob in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(&blob);
            let _ = read(&bytes(7, &blob));
            let _ = read(&bytes(7, bytes(1, &blob)));
            let _ = read(&bytes(8, &blob));
        }
    }
}
