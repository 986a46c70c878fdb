//! What mail and chat have few words for: invitations, events, products, templates and forms of businesses. Their words
//! become the text of a message that has none; everything else stands beside it under the names of the source.

use super::draft::{Context, Draft, instant};
use crate::{
    Result,
    model::details::Location,
    source::sqlite::{Database, Lookup},
};

/// Prepared lookups, each by the row of the message.
pub struct Business<'db> {
    template: Lookup<'db>,
    elements: Lookup<'db>,
    replies: Lookup<'db>,
    invite: Lookup<'db>,
    product: Lookup<'db>,
    event: Lookup<'db>,
}

impl<'db> Business<'db> {
    /// Prepares them.
    pub fn prepare(database: &'db Database) -> Result<Self> {
        let of = |table: &str, columns: &[&str]| database.lookup(table, columns, "message_row_id");
        let event = [
            "name",
            "description",
            "start_time",
            "end_time",
            "is_canceled",
            "join_link",
            "location_latitude",
            "location_longitude",
            "location_name",
            "location_address",
        ];
        Ok(Self {
            template: of("message_template", &["content_text_data", "footer_text_data"])?,
            elements: of("message_ui_elements", &["description", "footer_text", "button_text", "element_content"])?,
            replies: of("message_ui_elements_reply", &["reply_description", "reply_values"])?,
            invite: of("message_group_invite", &["group_name", "invite_code", "expiration", "group_jid_row_id"])?,
            product: of("message_product", &["title", "description", "url", "product_id"])?,
            event: of("message_event", &event)?,
        })
    }

    /// Adds what there is.
    pub fn add(&mut self, context: &Context<'_>, draft: &mut Draft, row: i64) -> Result<()> {
        self.words(draft, row)?;
        self.invite.rows(row, &mut |side| {
            draft.raw_if("invite_group_name", side.words(0));
            draft.raw_if("invite_code", side.words(1));
            draft.raw_if("invite_expiration", side.int(2));
            draft.raw_if("invite_group", side.int(3).and_then(|id| context.jids.id_text(id)));
            Ok(())
        })?;
        self.product.rows(row, &mut |side| {
            let names = ["product_title", "product_description", "product_url", "product_id"];
            for (i, name) in names.into_iter().enumerate() {
                draft.raw_if(name, side.words(i));
            }
            Ok(())
        })?;
        self.event(draft, row)
    }

    fn words(&mut self, draft: &mut Draft, row: i64) -> Result<()> {
        let mut text = self.template.first(row, |side| {
            let text = side.words(0)?;
            Some(side.words(1).map_or_else(|| text.clone(), |footer| format!("{text}\n{footer}")))
        })?;
        self.elements.rows(row, &mut |side| {
            text = text.take().or_else(|| side.words(0));
            draft.raw_if("footer_text", side.words(1));
            draft.raw_if("button_text", side.words(2));
            draft.raw_if("element_content", side.words(3));
            Ok(())
        })?;
        self.replies.rows(row, &mut |side| {
            text = text.take().or_else(|| side.words(0));
            draft.raw_if("reply_values", side.words(1));
            Ok(())
        })?;
        if draft.message.body.is_empty() {
            draft.message.body = text.unwrap_or_default();
        }
        Ok(())
    }

    fn event(&mut self, draft: &mut Draft, row: i64) -> Result<()> {
        self.event.rows(row, &mut |side| {
            let lines: Vec<_> = [side.words(0), side.words(1)].into_iter().flatten().collect();
            if draft.message.body.is_empty() {
                draft.message.body = lines.join("\n");
            } else {
                draft.raw_if("event_name", side.words(0));
                draft.raw_if("event_description", side.words(1));
            }
            for (i, name) in [(2, "event_start"), (3, "event_end")] {
                draft.raw_if(name, instant(side.int(i)));
            }
            draft.raw_if("event_is_canceled", side.int(4));
            draft.raw_if("event_join_link", side.words(5));
            let place = Location {
                latitude: side.real(6).map(|degrees| degrees.to_string()),
                longitude: side.real(7).map(|degrees| degrees.to_string()),
                name: side.words(8).unwrap_or_default(),
                address: side.words(9).unwrap_or_default(),
                ..Location::default()
            };
            if place != Location::default() {
                draft.details.location = Some(place);
            }
            Ok(())
        })
    }
}
