//! The side tables of a message: what stands there is added to the message of the row.

use super::{
    business::Business,
    codes::{self, add_on},
    draft::{Context, Draft, instant},
    media::Said,
    vcard,
};
use crate::{
    Result,
    model::{
        Participant,
        details::{Location, Poll, PollOption, Quote, Receipt},
        limits::PARTICIPANTS,
    },
    source::sqlite::{Database, Lookup, Row},
};
use std::collections::HashSet;

/// Prepared lookups, each by the row of the message.
pub struct Sides<'db> {
    media: Lookup<'db>,
    quoted: Lookup<'db>,
    location: Lookup<'db>,
    vcards: Lookup<'db>,
    receipts: Lookup<'db>,
    forwarded: Lookup<'db>,
    view_once: Lookup<'db>,
    ephemeral: Lookup<'db>,
    mentions: Lookup<'db>,
    link: Lookup<'db>,
    business: Business<'db>,
    pins: Lookup<'db>,
    keeps: Lookup<'db>,
    quoted_media: Lookup<'db>,
    add_ons: Lookup<'db>,
    poll: Lookup<'db>,
    options: Lookup<'db>,
    votes: Lookup<'db>,
}

const MEDIA: [&str; 10] = [
    "file_path",
    "media_name",
    "mime_type",
    "file_size",
    "file_hash",
    "media_duration",
    "media_caption",
    "file_length",
    "page_count",
    "raw_transcription_text",
];
const QUOTED: [&str; 6] = ["from_me", "sender_jid_row_id", "key_id", "message_type", "text_data", "chat_row_id"];
const LOCATION: [&str; 9] = [
    "latitude",
    "longitude",
    "place_name",
    "place_address",
    "url",
    "live_location_share_duration",
    "live_location_final_latitude",
    "live_location_final_longitude",
    "live_location_final_timestamp",
];

impl<'db> Sides<'db> {
    /// Prepares them.
    pub fn prepare(database: &'db Database) -> Result<Self> {
        let of = |table: &str, columns: &[&str]| database.lookup(table, columns, "message_row_id");
        Ok(Self {
            media: of("message_media", &MEDIA)?,
            quoted: of("message_quoted", &QUOTED)?,
            location: of("message_location", &LOCATION)?,
            vcards: of("message_vcard", &["vcard"])?,
            receipts: of(
                "receipt_user",
                &["receipt_user_jid_row_id", "receipt_timestamp", "read_timestamp", "played_timestamp"],
            )?,
            forwarded: of("message_forwarded", &["forward_score"])?,
            view_once: of("message_view_once_media", &["state"])?,
            ephemeral: of("message_ephemeral", &["duration", "expire_timestamp", "keep_in_chat"])?,
            mentions: of("message_mentions", &["jid_row_id"])?,
            link: of("message_text", &["url", "page_title", "description"])?,
            business: Business::prepare(database)?,
            pins: database.lookup("message_add_on_pin_in_chat", &["pin_in_chat_state"], "message_add_on_row_id")?,
            keeps: database.lookup("message_add_on_keep_in_chat", &["keep_in_chat_state"], "message_add_on_row_id")?,
            quoted_media: of("message_quoted_media", &["media_caption"])?,
            add_ons: database.lookup(
                "message_add_on",
                &["_id", "message_add_on_type", "from_me", "sender_jid_row_id"],
                "parent_message_row_id",
            )?,
            poll: of("message_poll", &["selectable_options_count"])?,
            options: of("message_poll_option", &["_id", "option_name", "vote_total"])?,
            votes: database.lookup(
                "message_add_on_poll_vote_selected_option",
                &["message_poll_option_id"],
                "message_add_on_row_id",
            )?,
        })
    }

    /// Adds everything that can stand beside a chat message. `own` is what its own row says of a medium.
    pub fn add(
        &mut self,
        context: &mut Context<'_>,
        draft: &mut Draft,
        row: i64,
        kind: i64,
        own: Option<Said>,
    ) -> Result<()> {
        self.words(draft, row)?;
        self.business.add(context, draft, row)?;
        self.quote(context, draft, row)?;
        self.places(draft, row, kind)?;
        self.medium(context, draft, row, kind, own)?;
        self.cards(draft, row)?;
        self.add_ons(context, draft, row)?;
        self.mentions(context, draft, row)
    }

    /// Receipts; of an own message in a group or a broadcast they say who got it.
    pub fn receipts(&mut self, context: &Context<'_>, draft: &mut Draft, row: i64) -> Result<()> {
        let receipts = &mut draft.details.receipts;
        self.receipts.rows(row, &mut |side| {
            let Some(id) = side.int(0).filter(|id| *id > 0 && receipts.len() < PARTICIPANTS) else { return Ok(()) };
            let receipt = Receipt {
                party: context.jids.party(id),
                delivered: instant(side.int(1)),
                read: instant(side.int(2)),
                played: instant(side.int(3)),
            };
            if !receipt.party.is_unknown() {
                receipts.push(receipt);
            }
            Ok(())
        })?;
        if draft.is_from_me() && !draft.chat.is_direct() {
            let mut known: HashSet<_> = draft.message.recipients.iter().cloned().collect();
            let got = draft.details.receipts.iter().map(|receipt| receipt.party.clone());
            draft.message.recipients.extend(got.filter(|party| known.insert(party.clone())));
        }
        Ok(())
    }

    /// Flags, link previews, the words of business messages.
    fn words(&mut self, draft: &mut Draft, row: i64) -> Result<()> {
        if let Some(score) = self.forwarded.first(row, |side| side.int(0))? {
            draft.raw("forward_score", score);
            draft.flag(if score >= FREQUENTLY { "frequently_forwarded" } else { "forwarded" });
        }
        if let Some(state) = self.view_once.first(row, |side| Some(side.int(0)))? {
            draft.flag("view_once");
            draft.raw_if("view_once_state", state);
        }
        if let Some((duration, expires)) = self.ephemeral.first(row, |side| Some((side.int(0), side.int(1))))? {
            draft.flag("ephemeral");
            draft.raw_if("ephemeral_duration", duration);
            draft.raw_if("ephemeral_expire_timestamp", expires);
        }
        self.link.rows(row, &mut |side| {
            for (i, name) in ["link_url", "link_title", "link_description"].into_iter().enumerate() {
                draft.raw_if(name, side.words(i));
            }
            Ok(())
        })?;
        Ok(())
    }

    fn quote(&mut self, context: &mut Context<'_>, draft: &mut Draft, row: i64) -> Result<()> {
        let quoted = self.quoted.first(row, |side| {
            let from_me = side.int(0) == Some(1);
            Some((from_me, side.int(1), side.words(2), side.int(3), side.words(4), side.int(5)))
        })?;
        let Some((from_me, sender, key, kind, text, chat)) = quoted else { return Ok(()) };
        let of = match chat.filter(|chat| *chat > 0) {
            Some(chat) => context.chats.by_row(chat, &context.jids),
            None => draft.chat.clone(),
        };
        let (native, message) = match key {
            Some(key) => {
                let (native, message) = context.seen.resolve(&of, &key);
                (Some(native), message)
            }
            None => (None, None),
        };
        let sender = match sender.filter(|id| *id > 0) {
            _ if from_me => None,
            Some(id) => Some(context.jids.party(id)),
            None => Some(of.other.clone()),
        };
        let sender = sender.filter(|sender: &Participant| !sender.is_unknown());
        draft.raw_if("quoted_message_type", kind);
        draft.raw("quoted_from_me", u8::from(from_me));
        let caption = self.quoted_media.first(row, |side| side.words(0))?;
        let text = text.or(caption).unwrap_or_default();
        draft.details.quote = Some(Quote { native, message, sender, text });
        Ok(())
    }

    fn places(&mut self, draft: &mut Draft, row: i64, kind: i64) -> Result<()> {
        let live = kind == codes::kind::LIVE_LOCATION;
        self.location.rows(row, &mut |side| {
            draft.details.location = Some(location(side, live));
            if live {
                draft.raw_if("live_location_share_duration", side.int(5));
                draft.raw_if("live_location_final_latitude", side.real(6));
                draft.raw_if("live_location_final_longitude", side.real(7));
                draft.raw_if("live_location_final_timestamp", side.int(8));
            }
            Ok(())
        })
    }

    fn medium(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft,
        row: i64,
        kind: i64,
        own: Option<Said>,
    ) -> Result<()> {
        let view_once = codes::view_once(kind) || draft.details.flags.iter().any(|flag| flag == "view_once");
        let mut said = None;
        self.media.rows(row, &mut |side| {
            said = Some(Said {
                kind: codes::medium(kind).unwrap_or_default(),
                path: side.words(0),
                title: side.words(1),
                mime: side.words(2),
                size: positive(side.int(3)).or_else(|| positive(side.int(7))),
                hash: side.words(4),
                seconds: positive(side.int(5)),
                view_once,
            });
            caption(draft, side.words(6));
            draft.raw_if("page_count", positive(side.int(8)));
            draft.raw_if("transcription", side.words(9));
            Ok(())
        })?;
        let medium = codes::medium(kind).unwrap_or_default();
        let own = own.map(|own| Said { view_once, ..own });
        let said =
            said.or(own).or_else(|| (!medium.is_empty()).then(|| Said { kind: medium, view_once, ..Said::default() }));
        if let Some(mut said) = said.filter(|said| !medium.is_empty() || said.path.is_some()) {
            if view_once {
                draft.flag("view_once");
            }
            if said.kind != "document" {
                // For others the title is no name of a file.
                draft.raw_if("media_name", said.title.take_if(|title| !title.contains('.')));
            }
            context.media.attach(draft, &said);
        }
        Ok(())
    }

    fn cards(&mut self, draft: &mut Draft, row: i64) -> Result<()> {
        self.vcards.rows(row, &mut |side| {
            if let Some(card) = side.words(0) {
                vcard::attach(draft, &card);
            }
            Ok(())
        })
    }

    /// What was added to a message later, as far as it is not a message of its own: votes, pins, keeps.
    fn add_ons(&mut self, context: &Context<'_>, draft: &mut Draft, row: i64) -> Result<()> {
        let (mut votes, mut flags) = (Vec::new(), Vec::new());
        self.add_ons.rows(row, &mut |side| {
            match side.int(1) {
                Some(add_on::VOTE) => {
                    votes.push((side.int(0).unwrap_or(side.id()), side.int(2) == Some(1), side.int(3)));
                }
                Some(add_on::KEPT) => flags.push((side.int(0).unwrap_or(side.id()), "kept")),
                Some(add_on::PINNED) => flags.push((side.int(0).unwrap_or(side.id()), "pinned")),
                _ => {}
            }
            Ok(())
        })?;
        for (id, flag) in flags {
            let states = if flag == "kept" { &mut self.keeps } else { &mut self.pins };
            let state = states.first(id, |side| side.int(0))?;
            draft.raw_if(flag, state);
            if state != Some(UNDONE) {
                draft.flag(flag);
            }
        }
        self.poll(context, draft, row, &votes)
    }

    fn poll(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft,
        row: i64,
        votes: &[(i64, bool, Option<i64>)],
    ) -> Result<()> {
        let (mut ids, mut poll) = (Vec::new(), Poll::default());
        self.options.rows(row, &mut |side| {
            ids.push(side.int(0).unwrap_or(side.id()));
            let votes = side.int(2).and_then(|votes| u64::try_from(votes).ok());
            poll.options.push(PollOption { name: side.words(1).unwrap_or_default(), votes, voters: Vec::new() });
            Ok(())
        })?;
        let selectable = self.poll.first(row, |side| Some(side.int(0)))?;
        if poll.options.is_empty() && selectable.is_none() {
            return Ok(());
        }
        draft.raw_if("selectable_options_count", selectable.flatten());
        for (vote, from_me, sender) in votes {
            let voter = match sender.filter(|id| *id > 0) {
                // The owner is not named by the source; that it was the owner stands beside.
                _ if *from_me => None,
                Some(id) => Some(context.jids.party(id)),
                None => Some(draft.chat.other.clone()),
            };
            let (mut own, mut chosen) = (Vec::new(), Vec::new());
            self.votes.rows(*vote, &mut |side| {
                chosen.extend(side.int(0).and_then(|option| ids.iter().position(|id| *id == option)));
                Ok(())
            })?;
            for at in chosen {
                match (poll.options.get_mut(at), &voter) {
                    (Some(option), Some(voter)) => option.voters.push(voter.clone()),
                    (Some(option), None) => own.push(option.name.clone()),
                    _ => {}
                }
            }
            if *from_me {
                draft.raw("own_votes", own.join("\n"));
            }
        }
        draft.details.poll = Some(poll);
        Ok(())
    }

    fn mentions(&mut self, context: &Context<'_>, draft: &mut Draft, row: i64) -> Result<()> {
        let mut named = Vec::new();
        self.mentions.rows(row, &mut |side| {
            named.extend(side.int(0).and_then(|id| context.jids.id_text(id)));
            Ok(())
        })?;
        if !named.is_empty() {
            draft.raw("mentions", named.join(" "));
        }
        Ok(())
    }
}

/// State of a pin or a keep that was taken back (WhatsApp's own protocol: 1 for all, 2 undone).
const UNDONE: i64 = 2;
/// WhatsApp calls a message forwarded many times from the fifth hand on.
const FREQUENTLY: i64 = 5;

/// Adds a caption to the text, unless it is the text.
pub fn caption(draft: &mut Draft, caption: Option<String>) {
    let Some(caption) = caption.filter(|caption| *caption != draft.message.body) else { return };
    if !draft.message.body.is_empty() {
        draft.message.body.push('\n');
    }
    draft.message.body.push_str(&caption);
}

fn location(side: &Row<'_>, live: bool) -> Location {
    let degrees = |i| side.real(i).map(|degrees: f64| degrees.to_string());
    Location {
        latitude: degrees(0),
        longitude: degrees(1),
        name: side.words(2).unwrap_or_default(),
        address: side.words(3).unwrap_or_default(),
        url: side.words(4).unwrap_or_default(),
        live,
    }
}

/// A count; what is not positive is not said.
pub fn positive(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok()).filter(|number| *number > 0)
}
