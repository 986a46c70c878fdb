//! The second text of a rendered e-mail: in words, what the message holds beside its text.
//!
//! For people only: nothing is read back from here. Every value stands in one line, so that no value can pass for another
//! line; texts that are quoted have `> ` before each line.

use super::address::label;
use crate::model::{
    Details, Instant, Message, Participant,
    details::{Media, MediaState, Receipt},
};

/// Receipts that are listed; the others are in the JSON part.
const RECEIPTS: usize = 50;

/// The notes; `None` if there is nothing to add to the text.
#[must_use]
pub fn notes(message: &Message) -> Option<String> {
    let mut lines = Lines(Vec::new());
    if let Some(details) = message.details.as_deref() {
        context(details, &mut lines);
        content(details, &mut lines);
        later(details, &mut lines);
    }
    if let Some(edit) = &message.edit {
        lines.quoted("Text before:", edit.previous.as_deref().unwrap_or_default());
        lines.quoted("Text after:", edit.edited.as_deref().unwrap_or_default());
    }
    if let Some(deletion) = &message.deletion {
        lines.named("Deleted message", deletion.target.as_deref().unwrap_or_default());
        deletion.files.iter().for_each(|file| lines.named("File", file));
    }
    (!lines.0.is_empty()).then(|| lines.0.join("\n"))
}

struct Lines(Vec<String>);

impl Lines {
    fn say(&mut self, line: impl Into<String>) {
        self.0.push(line.into());
    }

    fn named(&mut self, what: &str, value: &str) {
        let value = label(value);
        if !value.is_empty() {
            self.say(format!("{what}: {value}"));
        }
    }

    fn quoted(&mut self, what: &str, text: &str) {
        if !text.is_empty() {
            self.say(what);
            text.split('\n').for_each(|line| self.say(format!("> {}", line.trim_end_matches('\r'))));
        }
    }
}

fn who(party: &Participant) -> String {
    label(&match (&party.name, &party.number) {
        (Some(name), Some(number)) => format!("{name} ({number})"),
        _ => party.label(),
    })
}

fn names(parties: &[Participant]) -> String {
    parties.iter().map(who).collect::<Vec<_>>().join(", ")
}

fn at(time: Option<Instant>) -> String {
    time.map(|t| format!(" at {}", t.to_seconds_text())).unwrap_or_default()
}

/// What it belongs to.
fn context(details: &Details, lines: &mut Lines) {
    if let Some(quote) = &details.quote {
        let whose = quote.sender.as_ref().map(|p| format!(" to {}", who(p))).unwrap_or_default();
        if quote.text.is_empty() {
            lines.say(format!("In reply{whose}."));
        }
        lines.quoted(&format!("In reply{whose}:"), &quote.text);
    }
    for (flag, words) in [
        ("forwarded", "Forwarded."),
        ("frequently_forwarded", "Forwarded many times."),
        ("view_once", "To be viewed once."),
        ("waiting", "The phone was still waiting for this message."),
    ] {
        if details.flags.iter().any(|f| f == flag) {
            lines.say(words);
        }
    }
}

/// What it holds.
fn content(details: &Details, lines: &mut Lines) {
    if let Some(place) = &details.location {
        lines.say(if place.live { "Live location" } else { "Location" });
        lines.named("Name", &place.name);
        lines.named("Address", &place.address);
        if let (Some(latitude), Some(longitude)) = (&place.latitude, &place.longitude) {
            let (latitude, longitude) = (label(latitude), label(longitude));
            lines.say(format!("Coordinates: {latitude}, {longitude} (geo:{latitude},{longitude})"));
        }
        lines.named("Link", &place.url);
    }
    details.contacts.iter().for_each(|name| lines.named("Contact", name));
    if let Some(poll) = &details.poll {
        lines.say("Poll");
        for option in &poll.options {
            let votes = option.votes.map(|n| format!(" ({n} {})", if n == 1 { "vote" } else { "votes" }));
            let voters = if option.voters.is_empty() { String::new() } else { format!(": {}", names(&option.voters)) };
            lines.say(format!("- {}{}{voters}", label(&option.name), votes.unwrap_or_default()));
        }
    }
    if let Some(call) = &details.call {
        lines.named("Call", &call.result);
        if let Some(seconds) = call.seconds {
            lines.say(format!("Length: {}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
        }
        for party in &call.parties {
            let result = if party.result.is_empty() { String::new() } else { format!(" ({})", label(&party.result)) };
            lines.say(format!("Party: {}{result}", who(&party.party)));
        }
    }
    details.media.iter().filter_map(absent).for_each(|line| lines.say(line));
}

/// A medium that is not attached.
fn absent(media: &Media) -> Option<String> {
    let kind = if media.kind.is_empty() { "media" } else { &media.kind };
    let name = if media.name.is_empty() { String::new() } else { format!(" {}", media.name) };
    Some(label(&match media.state {
        MediaState::Attached => return None,
        MediaState::Omitted => format!("[{kind}{name}: the export was made without media]"),
        MediaState::Missing => format!("[{kind}{name}: not in the source]"),
        MediaState::ViewOnce => format!("[{kind}{name}: view once, not kept by the source]"),
    }))
}

/// What happened to it afterwards.
fn later(details: &Details, lines: &mut Lines) {
    if let Some(edited) = &details.edited {
        lines.say(format!("Edited{}.", at(edited.at)));
        lines.quoted("Text before:", edited.previous.as_deref().unwrap_or_default());
    }
    if let Some(revoked) = &details.revoked {
        let by = revoked.by_admin.as_ref().map(|p| format!(" by the admin {}", who(p))).unwrap_or_default();
        lines.say(format!("Deleted for everyone{}{by}.", at(revoked.at)));
    }
    details.receipts.iter().take(RECEIPTS).filter_map(receipt).for_each(|line| lines.say(line));
    if let Some(more @ 1..) = details.receipts.len().checked_sub(RECEIPTS) {
        lines.say(format!("… and {more} more receipts (in {})", super::facts::NAME));
    }
}

fn receipt(receipt: &Receipt) -> Option<String> {
    let times = [("delivered", receipt.delivered), ("read", receipt.read), ("played", receipt.played)];
    let said: Vec<String> = times
        .into_iter()
        .filter(|(_, time)| time.is_some())
        .map(|(what, time)| format!("{what}{}", at(time)))
        .collect();
    (!said.is_empty()).then(|| format!("{}: {}", who(&receipt.party), said.join(", ")))
}
