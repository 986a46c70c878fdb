//! The codes of `ZMESSAGETYPE` and `ZGROUPEVENTTYPE`, as far as public tools agree on them.
//!
//! Contract: pure tables. A code on which tools disagree, or that only one of them knows, has no label; the number itself
//! stays in the message. `ZGROUPEVENTTYPE` is filled on ordinary messages too and means something only with types 6 and 10.
//!
//! Disagreements: type 66 is an album or the echo of a poll vote; event 50 of type 6, and events 40 and 41 of type 10, are
//! given a meaning by one tool each.

use crate::model::CallMedia;

/// What a message of some type is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// Text with a link and a preview of it.
    Link,
    /// A medium with a caption.
    Media {
        /// The word in `Media::kind`.
        kind: &'static str,
        /// It may be opened once.
        view_once: bool,
    },
    /// Contact cards.
    Contact,
    /// A place.
    Location,
    /// An event of a group: `ZGROUPEVENTTYPE` says which.
    GroupEvent,
    /// An event of a chat: `ZGROUPEVENTTYPE` says which.
    ChatEvent,
    /// Deleted for all.
    Deleted,
    /// A poll.
    Poll,
    /// A call.
    Call,
    /// An event that needs no further code.
    Notice(Label),
    /// A type with a name and no known content.
    Named(&'static str),
    /// A type without a label.
    Unknown,
}

/// What happened: a word for programs and a line for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// `SystemEvent::what`.
    pub what: &'static str,
    /// A readable line.
    pub line: &'static str,
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Something happened in the conversation.
    System(Label),
    /// Somebody called and nobody answered.
    MissedCall(CallMedia),
    /// No label.
    Unlabelled,
}

const fn media(kind: &'static str) -> Shape {
    Shape::Media { kind, view_once: false }
}

const fn once(kind: &'static str) -> Shape {
    Shape::Media { kind, view_once: true }
}

const fn system(what: &'static str, line: &'static str) -> EventKind {
    EventKind::System(Label { what, line })
}

/// The shape of a message of this `ZMESSAGETYPE`.
#[must_use]
pub fn shape(message_type: i64) -> Shape {
    match message_type {
        0 => Shape::Text,
        1 => media("image"),
        2 => media("video"),
        3 => media("audio"),
        4 => Shape::Contact,
        5 => Shape::Location,
        6 => Shape::GroupEvent,
        7 => Shape::Link,
        8 => media("document"),
        10 => Shape::ChatEvent,
        11 => media("gif"),
        14 => Shape::Deleted,
        15 => media("sticker"),
        28 => Shape::Notice(Label { what: "timer_changed", line: "The timer of disappearing messages was changed" }),
        38 => once("image"),
        39 => once("video"),
        46 => Shape::Poll,
        53 => once("audio"),
        54 => media("video_note"),
        55 | 62 => Shape::Named("channel notice"),
        58 => Shape::Named("feedback on an AI answer"),
        59 => Shape::Call,
        63 => Shape::Named("event"),
        68 => Shape::Named("mention in a status"),
        73 => Shape::Notice(Label {
            what: "advanced_privacy_changed",
            line: "The advanced privacy of the chat was changed",
        }),
        _ => Shape::Unknown,
    }
}

/// The event of a message of type 6.
#[must_use]
pub fn group_event(event: i64) -> EventKind {
    match event {
        2 => system("member_added", "joined the group or was added"),
        3 => system("member_left", "left the group"),
        4 => system("icon_changed", "The group's icon was changed"),
        5 => system("icon_removed", "The group's icon was removed"),
        7 => system("member_removed", "was removed from the group"),
        10 => system("owner_made_admin", "The owner of this phone became an admin of the group"),
        12 => system("group_created", "The group was created"),
        _ => EventKind::Unlabelled,
    }
}

/// The event of a message of type 10.
#[must_use]
pub fn chat_event(event: i64) -> EventKind {
    match event {
        1 => EventKind::MissedCall(CallMedia::Voice),
        2 => system("encryption_notice", "Messages and calls are end-to-end encrypted"),
        3 => system("security_code_changed", "The security code changed"),
        4 | 22 => EventKind::MissedCall(CallMedia::Video),
        26 => system("business_account", "This is a business account"),
        34 => system("contact_blocked", "The contact was blocked"),
        35 => system("contact_unblocked", "The contact was unblocked"),
        _ => EventKind::Unlabelled,
    }
}

/// Whether the group member of a message of type 6 is the one whom the event is about.
#[must_use]
pub fn is_about_member(event: i64) -> bool {
    matches!(event, 2 | 3 | 7)
}

/// Bit 7 of `ZFLAGS`: the message was forwarded.
#[must_use]
pub fn is_forwarded(flags: i64) -> bool {
    flags & (1 << 7) != 0
}

/// The word for an outcome of a call (`ZOUTCOME`).
#[must_use]
pub fn call_result(outcome: i64) -> &'static str {
    match outcome {
        0 => "ended",
        1 => "missed",
        2 => "failed",
        4 => "rejected",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn video_and_audio_are_swapped_against_android() {
        assert_eq!((shape(1), shape(2), shape(3)), (media("image"), media("video"), media("audio")));
    }

    #[test]
    fn what_tools_disagree_on_has_no_label() {
        assert_eq!(shape(66), Shape::Unknown);
        assert_eq!(group_event(50), EventKind::Unlabelled);
        assert_eq!((chat_event(40), chat_event(41)), (EventKind::Unlabelled, EventKind::Unlabelled));
        assert_eq!((call_result(3), call_result(0)), ("", "ended"));
    }

    #[test]
    fn the_forwarded_flag_is_bit_seven() {
        assert!(is_forwarded(0x180) && is_forwarded(1 << 7));
        assert!(!is_forwarded(0x100) && !is_forwarded(0x7f));
    }
}
