//! What the numbers in the database mean, as far as public tools agree on it. Others get no word; the number stays.

/// Types of `message.message_type` (and of `media_wa_type` in the legacy schema) that need a decision.
pub mod kind {
    /// Text.
    pub const TEXT: i64 = 0;
    /// Contact card.
    pub const VCARD: i64 = 4;
    /// Location.
    pub const LOCATION: i64 = 5;
    /// System event.
    pub const SYSTEM: i64 = 7;
    /// Call, in the legacy schema.
    pub const CALL_LEGACY: i64 = 8;
    /// Missed call.
    pub const CALL_MISSED: i64 = 10;
    /// Not decrypted yet.
    pub const WAITING: i64 = 11;
    /// Several contact cards.
    pub const VCARDS: i64 = 14;
    /// Deleted by its sender.
    pub const REVOKED: i64 = 15;
    /// Live location.
    pub const LIVE_LOCATION: i64 = 16;
    /// Disappearing messages were switched.
    pub const TIMER: i64 = 36;
    /// Deleted by an admin.
    pub const REVOKED_BY_ADMIN: i64 = 64;
    /// Call.
    pub const CALL: i64 = 90;
}

/// Types of `message_add_on.message_add_on_type`.
pub mod add_on {
    /// A reaction.
    pub const REACTION: i64 = 56;
    /// A vote in a poll.
    pub const VOTE: i64 = 67;
    /// Kept although it would have disappeared.
    pub const KEPT: i64 = 68;
    /// Pinned.
    pub const PINNED: i64 = 79;
}

/// What medium a message type has; `None` if it has none.
pub fn medium(kind: i64) -> Option<&'static str> {
    Some(match kind {
        1 | 42 => "image",
        2 | 82 => "audio",
        3 | 43 => "video",
        9 => "document",
        13 => "gif",
        20 => "sticker",
        81 => "video_note",
        _ => return None,
    })
}

/// Whether a message type is shown once.
pub fn view_once(kind: i64) -> bool {
    matches!(kind, 42 | 43 | 82)
}

/// What a system event is; `None` if tools disagree or do not know.
pub fn action(code: i64) -> Option<&'static str> {
    Some(match code {
        1 => "subject_changed",
        4 | 12 => "member_added",
        5 | 13 => "member_left",
        6 => "icon_changed",
        7 | 14 => "member_removed",
        9 => "broadcast_list_created",
        10 | 28 => "number_changed",
        11 => "group_created",
        15 => "admin_changed",
        18 | 57 => "security_code_changed",
        19 | 67 => "encryption_notice",
        20 => "joined_by_link",
        27 => "description_changed",
        29..=32 => "permissions_changed",
        56 | 59 => "timer_changed",
        58 => "block_changed",
        79 => "joined_from_community",
        81 => "community_admin_changed",
        84 => "approval_changed",
        129 => "not_in_contacts",
        132 | 134 => "channel_event",
        144 | 149 => "community_welcome",
        _ => return None,
    })
}

/// Whether a call was answered: a length says so, else its result.
pub fn answered(result: Option<i64>, seconds: u64) -> Option<bool> {
    match result {
        _ if seconds > 0 => Some(true),
        Some(5 | 8) => Some(true),
        // Tools give 4 and 7 different reasons, and all of them say that nobody answered.
        Some(2 | 3 | 4 | 7) => Some(false),
        _ => None,
    }
}

/// The result of a call in a word; empty if tools disagree.
pub fn call_result(result: Option<i64>, seconds: u64, from_me: bool) -> &'static str {
    match result {
        _ if seconds > 0 => "answered",
        Some(5 | 8) => "answered",
        Some(2) if from_me => "not_answered",
        Some(2) => "missed",
        Some(3) => "unavailable",
        _ => "",
    }
}

/// What became of one party of a call; empty if tools disagree.
pub fn party_result(result: i64) -> &'static str {
    match result {
        0 => "joined",
        2 => "not_joined",
        _ => "",
    }
}
