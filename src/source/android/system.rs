//! System events: somebody was added, the subject was changed. The line is ours; names of the address book are not in it,
//! because a contact that is renamed is no new event.

use super::{
    codes,
    draft::{Context, Draft},
};
use crate::{
    Result,
    model::{MessageKind, details::SystemEvent, limits::PARTICIPANTS},
    source::sqlite::{Database, Lookup},
};

/// Prepared lookups, each by the row of the message.
pub struct Systems<'db> {
    action: Lookup<'db>,
    participants: Lookup<'db>,
    numbers: Lookup<'db>,
    values: Lookup<'db>,
    photos: Lookup<'db>,
    groups: Lookup<'db>,
    timers: Lookup<'db>,
    blocks: Lookup<'db>,
}

impl<'db> Systems<'db> {
    /// Prepares them.
    pub fn prepare(database: &'db Database) -> Result<Self> {
        let of = |table: &str, columns: &[&str]| database.lookup(table, columns, "message_row_id");
        Ok(Self {
            action: of("message_system", &["action_type"])?,
            participants: of("message_system_chat_participant", &["user_jid_row_id"])?,
            numbers: of("message_system_number_change", &["old_jid_row_id", "new_jid_row_id"])?,
            values: of("message_system_value_change", &["old_data"])?,
            photos: of("message_system_photo_change", &["new_photo_id"])?,
            groups: of("message_system_group", &["is_me_joined"])?,
            timers: of("message_ephemeral_setting", &["setting_duration"])?,
            blocks: of("message_system_block_contact", &["is_blocked"])?,
        })
    }

    /// Makes a message a system event. `code` is what the row itself says, in the legacy schema.
    pub fn make(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft,
        row: i64,
        sender: Option<i64>,
        code: Option<i64>,
    ) -> Result<()> {
        let code = self.action.first(row, |side| side.int(0))?.or(code);
        let what = code.and_then(codes::action).unwrap_or_default();
        let mut event = SystemEvent { what: what.to_owned(), ..SystemEvent::default() };
        let mut named = Vec::new();
        self.participants.rows(row, &mut |side| {
            if let Some(id) = side.int(0).filter(|id| *id > 0 && event.about.len() < PARTICIPANTS) {
                event.about.push(context.jids.party(id));
                named.extend(context.jids.id_text(id));
            }
            Ok(())
        })?;
        self.numbers.rows(row, &mut |side| {
            event.old = side.int(0).and_then(|id| context.jids.id_text(id));
            event.new = side.int(1).and_then(|id| context.jids.id_text(id));
            event.about.extend(side.int(1).map(|id| context.jids.party(id)));
            Ok(())
        })?;
        if let Some(old) = self.values.first(row, |side| side.words(0))? {
            event.old = Some(old);
        }
        draft.raw_if("is_blocked", self.blocks.first(row, |side| side.int(0))?);
        draft.raw_if("is_me_joined", self.groups.first(row, |side| side.int(0))?);
        draft.raw_if("new_photo_id", self.photos.first(row, |side| side.words(0))?);
        draft.raw_if("setting_duration", self.timers.first(row, |side| side.int(0))?);
        draft.raw_if("action_type", code);
        if !draft.message.body.is_empty() {
            event.new = Some(std::mem::take(&mut draft.message.body));
        }
        let by = match sender.filter(|id| *id > 0) {
            Some(id) => {
                event.by = Some(context.jids.party(id));
                context.jids.id_text(id)
            }
            None => draft.is_from_me().then(|| "You".to_owned()),
        };
        draft.message.body = line(code, &event, by.as_deref(), &named.join(", "));
        draft.message.kind = MessageKind::System;
        draft.details.event = Some(event);
        Ok(())
    }
}

/// A line that a person can read.
fn line(code: Option<i64>, event: &SystemEvent, by: Option<&str>, about: &str) -> String {
    let by = by.unwrap_or("Somebody");
    let about = if about.is_empty() { "somebody" } else { about };
    let change = |what: &str| match (&event.old, &event.new) {
        (Some(old), Some(new)) => format!("{by} changed the {what} from \"{old}\" to \"{new}\""),
        (None, Some(new)) => format!("{by} changed the {what} to \"{new}\""),
        _ => format!("{by} changed the {what}"),
    };
    match event.what.as_str() {
        "subject_changed" => change("subject"),
        "description_changed" => change("description"),
        "icon_changed" => change("icon"),
        "permissions_changed" => change("permissions of the group"),
        "timer_changed" => change("disappearing-message timer"),
        "member_added" => format!("{by} added {about}"),
        "member_removed" => format!("{by} removed {about}"),
        "member_left" => format!("{} left", if about == "somebody" { by } else { about }),
        "joined_by_link" => format!("{} joined by a link", if about == "somebody" { by } else { about }),
        "joined_from_community" => {
            format!("{} joined from the community", if about == "somebody" { by } else { about })
        }
        "group_created" => match &event.new {
            Some(name) => format!("{by} created the group \"{name}\""),
            None => format!("{by} created the group"),
        },
        "broadcast_list_created" => "A broadcast list was created".to_owned(),
        "number_changed" => match (&event.old, &event.new) {
            (Some(old), Some(new)) => format!("{old} changed their number to {new}"),
            _ => format!("{} changed their number", if about == "somebody" { by } else { about }),
        },
        "admin_changed" => format!("The admins were changed: {about}"),
        "security_code_changed" => "The security code changed".to_owned(),
        "encryption_notice" => "Messages and calls are end-to-end encrypted".to_owned(),
        "block_changed" => "The contact was blocked or unblocked".to_owned(),
        "not_in_contacts" => "The sender is not in the contacts".to_owned(),
        _ => match code {
            Some(code) => format!("System event {code}"),
            None => "System event".to_owned(),
        },
    }
}
