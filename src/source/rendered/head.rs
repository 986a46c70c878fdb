//! The `X-Custodia-*` fields of a rendered e-mail, both ways. Each is described in the page `docs::rendered`.
//!
//! Contract: [`take`] moves what a field can carry out of [`Details`] and writes it; [`restore`] brings exactly that back.
//! What no field carries stays in the details, for the JSON part.

use super::{
    facts::Facts,
    literal::{exact, is_short, read, read_word, word},
};
use crate::{
    eml::{
        Email,
        render::{Mail, field::is_media_type},
    },
    model::{
        Attachment, Call, CallMedia, Conversation, ConversationKind, Details, Digest, Instant, Message, MessageKind,
        SourceKind, details::WallTime,
    },
};

/// What the renderer is called in the bytes. Another number means other bytes for the same message.
pub const RENDERER: &str = "1";
/// Values in the raw codes that are written as fields; more go to the JSON part.
const RAW_FIELDS: usize = 64;
/// Bytes of one value that is written as a field; longer ones go to the JSON part.
const FIELD_BYTES: usize = 1_000;
/// The type that is written for a type that may not be written.
const BYTES: &str = "application/octet-stream";

const NATIVE: &str = "X-Custodia-Native-Id";
const SOURCE: &str = "X-Custodia-Source";
const KIND: &str = "X-Custodia-Kind";
const CHAT_ID: &str = "X-Custodia-Conversation-Id";
const CHAT_NAME: &str = "X-Custodia-Conversation-Name";
const CHAT_KIND: &str = "X-Custodia-Conversation-Kind";
const DATE: &str = "X-Custodia-Date";
const CALL: &str = "X-Custodia-Call";
const ATTACHMENT: &str = "X-Custodia-Attachment";
const FROM_ME: &str = "X-Custodia-From-Me";
const WALL: &str = "X-Custodia-Wall";
const FLAGS: &str = "X-Custodia-Flags";
const RAW: &str = "X-Custodia-Raw";
const RECORD: &str = "X-Custodia-Record";
/// The field that makes an e-mail one of ours.
pub const RENDERED_BY: &str = "X-Custodia-Renderer";
/// How many of the parties in `To`, from its end, the source names as recipients.
pub const RECIPIENTS: &str = "X-Custodia-Recipients";
/// Which parts stand before the attachments.
pub const PARTS: &str = "X-Custodia-Parts";

const KINDS: [ConversationKind; 5] = [
    ConversationKind::Direct,
    ConversationKind::Group,
    ConversationKind::Community,
    ConversationKind::Broadcast,
    ConversationKind::Unknown,
];

/// Writes the fields that every message has.
pub fn write(message: &Message, mail: &mut Mail) {
    mail.words(RENDERED_BY, RENDERER);
    mail.words(SOURCE, message.identity.source.as_str());
    mail.text(NATIVE, &exact(&message.identity.native));
    mail.words(KIND, message.kind.as_str());
    mail.text(CHAT_ID, &exact(&message.conversation.id));
    if let Some(name) = &message.conversation.name {
        mail.text(CHAT_NAME, &exact(name));
    }
    mail.words(CHAT_KIND, message.conversation.kind.as_str());
    mail.words(DATE, &message.sent.map_or_else(|| "unknown".to_owned(), |at| at.to_string()));
    for attachment in &message.attachments {
        let Attachment { name, media_type, size, sha256 } = attachment;
        mail.text(ATTACHMENT, &format!("{sha256} {size} {} {}", word(media_type), exact(name)));
    }
}

/// The type that the part of an attachment has.
pub fn written_type(media_type: &str) -> String {
    if is_media_type(media_type) { media_type } else { BYTES }.to_owned()
}

/// Writes what fields can carry of the call and the details, and takes it out of `facts`. `body` is the text.
pub fn take(facts: &mut Facts, body: &str, mail: &mut Mail) {
    if let Some(call) = facts.call.take_if(|call| !call.aggregated && call.legs.is_empty()) {
        let media = match call.media {
            CallMedia::Voice => "voice",
            CallMedia::Video => "video",
            CallMedia::Unknown => "unknown",
        };
        mail.words(CALL, &format!("{media} {}", yes_no(call.answered)));
    }
    let Some(details) = &mut facts.details else { return };
    if let Some(from_me) = details.from_me.take() {
        mail.words(FROM_ME, yes_no(Some(from_me)));
    }
    let fits = |wall: &mut WallTime| {
        [&wall.shown, &wall.zone, &wall.precision, &wall.daylight].into_iter().all(|t| is_short(t))
    };
    if let Some(wall) = details.wall.take_if(fits) {
        let offset = wall.offset_minutes.map_or_else(String::new, |m| m.to_string());
        let words = [&wall.shown, &wall.precision, &wall.zone, &offset, &wall.daylight].map(|w| word(w));
        mail.words(WALL, &words.join(" "));
    }
    if !details.flags.is_empty() && details.flags.iter().all(|flag| is_short(flag)) {
        let flags: Vec<String> = std::mem::take(&mut details.flags).iter().map(|flag| word(flag)).collect();
        mail.words(FLAGS, &flags.join(" "));
    }
    let mut written = 0;
    details.raw.retain(|name, value| {
        let fits = written < RAW_FIELDS && is_short(name) && value.len() <= FIELD_BYTES;
        if fits {
            written += 1;
            mail.text(RAW, &format!("{} {}", word(name), exact(value)));
        }
        !fits
    });
    let before = details.verbatim.as_deref().and_then(|record| record.strip_suffix(body));
    if let Some(before) = before.filter(|before| before.len() <= FIELD_BYTES).map(exact) {
        mail.text(RECORD, &before);
        details.verbatim = None;
    }
    if *details == Details::default() {
        facts.details = None;
    }
}

fn yes_no(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

/// What the fields say; each is `None` where its field is missing or damaged.
#[derive(Debug, Default)]
pub struct Head {
    /// The kind of source.
    pub source: Option<SourceKind>,
    /// The native id.
    pub native: Option<String>,
    /// The kind of message.
    pub kind: Option<MessageKind>,
    /// Where it was said.
    pub conversation: Conversation,
    /// When it was sent; the outer `None` means that the field is missing.
    pub sent: Option<Option<Instant>>,
    /// Name, type, size and digest of each attachment.
    pub attachments: Vec<Attachment>,
    /// A call of one leg.
    pub call: Option<Call>,
    /// The details that fields carry.
    pub details: Details,
    /// What stands before the text in the record of a text export.
    pub record: Option<String>,
}

impl Head {
    /// Reads the fields.
    #[must_use]
    pub fn read(mail: &Email<'_>) -> Self {
        let mut head = Self::default();
        for (name, value) in mail.headers() {
            head.field(name, &value);
        }
        head
    }

    fn field(&mut self, name: &str, value: &str) {
        match name {
            SOURCE => self.source = SOURCES.into_iter().find(|kind| kind.as_str() == value),
            NATIVE => self.native = read(value),
            KIND => self.kind = MessageKind::ALL.into_iter().find(|kind| kind.as_str() == value),
            CHAT_ID => self.conversation.id = read(value).unwrap_or_default(),
            CHAT_NAME => self.conversation.name = read(value),
            CHAT_KIND => {
                let kind = KINDS.into_iter().find(|kind| kind.as_str() == value);
                self.conversation.kind = kind.unwrap_or_default();
            }
            DATE => self.sent = Some(Instant::parse_rfc3339(value)),
            CALL => self.call = call(value),
            ATTACHMENT => self.attachments.extend(attachment(value)),
            FROM_ME => self.details.from_me = truth(value),
            WALL => self.details.wall = wall(value),
            FLAGS => self.details.flags = value.split_whitespace().filter_map(read_word).collect(),
            RAW => {
                if let Some((name, value)) = value.split_once(' ')
                    && let (Some(name), Some(value)) = (read_word(name), read(value))
                {
                    self.details.raw.insert(name, value);
                }
            }
            RECORD => self.record = read(value),
            _ => {}
        }
    }

    /// The details: those of the JSON part, completed by the fields.
    #[must_use]
    pub fn restore(&mut self, json: Option<Details>, body: &str) -> Details {
        let mut details = json.unwrap_or_default();
        let head = std::mem::take(&mut self.details);
        details.from_me = head.from_me.or(details.from_me);
        details.wall = head.wall.or(details.wall);
        details.raw.extend(head.raw);
        if !head.flags.is_empty() {
            details.flags = head.flags;
        }
        if let Some(before) = self.record.take() {
            details.verbatim = Some(before + body);
        }
        details
    }
}

const SOURCES: [SourceKind; 3] = [SourceKind::ChatExport, SourceKind::Android, SourceKind::Ios];

fn truth(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn call(value: &str) -> Option<Call> {
    let (media, answered) = value.split_once(' ')?;
    let media = match media {
        "voice" => CallMedia::Voice,
        "video" => CallMedia::Video,
        _ => CallMedia::Unknown,
    };
    Some(Call { media, answered: truth(answered), aggregated: false, legs: Vec::new() })
}

fn wall(value: &str) -> Option<WallTime> {
    let words: Vec<String> = value.split_whitespace().filter_map(read_word).collect();
    let [shown, precision, zone, offset, daylight] = <[String; 5]>::try_from(words).ok()?;
    Some(WallTime { shown, zone, offset_minutes: offset.parse().ok(), precision, daylight })
}

fn attachment(value: &str) -> Option<Attachment> {
    let mut words = value.splitn(4, ' ');
    let sha256 = Digest::from_hex(words.next()?)?;
    let size = words.next()?.parse().ok()?;
    let media_type = read_word(words.next()?)?;
    Some(Attachment { name: read(words.next().unwrap_or_default())?, media_type, size, sha256 })
}
