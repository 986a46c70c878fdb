//! For no hits, on stderr: which part of the query finds nothing, and what was perhaps meant.

use crate::commands::session::Session;
use crate::human;
use custodia::archive::{
    Found, NearName, NearUser, NothingFound, OtherTimes, PartCount, Reason, SearchReport, Suggestion,
};

/// Tells why there may be nothing.
pub fn tell(report: &SearchReport, session: &Session) {
    for part in &report.parts {
        session.printer.say(&format!("  {:>8}  {}", human::count(part.messages), part.part));
    }
    if report.parts.len() > 1 {
        session.printer.say("Each part by itself finds as many messages as stand before it; together they find none.");
    }
    if let Some(nothing) = &report.nothing {
        hints(nothing, session).iter().for_each(|hint| session.printer.say(hint));
    }
}

fn hints(nothing: &NothingFound, session: &Session) -> Vec<String> {
    let mut hints: Vec<String> = Vec::new();
    let pair = |pair: &custodia::archive::PairCount| {
        let [one, other] = &pair.parts;
        format!("No message has both: {one}  and  {other}")
    };
    hints.extend(nothing.empty_pairs.iter().map(pair));
    hints.extend(nothing.suggestions.iter().map(suggestion));
    hints.extend(nothing.scattered.iter().map(scattered));
    hints.extend(nothing.reasons.iter().map(reason));
    hints.extend(nothing.other_times.as_ref().map(other_times));
    hints.extend(nothing.other_mailboxes.map(|found| {
        format!(
            "In all mailboxes {} would match; only those named by --mailbox were searched.",
            human::counted(found, "message")
        )
    }));
    if nothing.partially_indexed > 0 {
        hints.push(format!(
            "{} could match: some of their text could not be read. They are among: {}",
            human::counted(nothing.partially_indexed, "message"),
            session.command(&["search", "kind:unindexed"])
        ));
    }
    hints
}

fn scattered(phrase: &PartCount) -> String {
    match phrase.messages {
        0 => format!("There are messages with each word of {}, but none has them all.", phrase.part),
        found => {
            let found = human::counted(found, "message");
            format!("The words of {} stand together in {found}, but not in this order in a row.", phrase.part)
        }
    }
}

/// Where a word was looked for, as a sentence about it ends.
fn nowhere(field: Option<&str>) -> &str {
    match field {
        Some("subject") => "is in no subject",
        Some("body") => "is in no body",
        Some("attachmentnames") => "is in no attachment's name",
        Some("conversation") => "is in no conversation's name",
        Some("from") => "is in no sender's name, number or address",
        Some("recipients") => "is in no recipient's name, number or address",
        Some("to") => "is in the name, number or address of nobody on a To line",
        Some("cc") => "is in the name, number or address of nobody on a Cc line",
        Some("bcc") => "is in the name, number or address of nobody on a Bcc line",
        Some("participants") => "is in nobody's name, number or address",
        _ => "is found nowhere",
    }
}

fn suggestion(said: &Suggestion) -> String {
    let near = |name: &NearName| format!("{} ({})", name.word, human::counted(name.messages, "message"));
    let near: Vec<String> = said.instead.iter().map(near).collect();
    let lone = said.elsewhere == 0 && said.users.is_empty();
    let compared = !said.word.ends_with('*') && !said.word.bytes().all(|b| b.is_ascii_digit());
    // A word that is nowhere, and that nobody typed as one, is odd without the text that it was taken from.
    let lonely = said.field.is_none() && said.users.is_empty() && said.part.contains(' ');
    let of = if lonely { format!(" of {}", said.part) } else { String::new() };
    let mut text = format!("{}{of} {}", said.word, nowhere(said.field.filter(|_| !lone)));
    if said.elsewhere > 0 {
        let found = human::counted(said.elsewhere, "message");
        text.push_str(&format!("; {found} {} it elsewhere", have(said.elsewhere)));
    }
    if !near.is_empty() {
        text.push_str(&format!("; did you mean {}?", near.join(", ")));
    } else if lone && compared {
        text.push_str(", and nothing looks like it");
    }
    if said.stopped {
        text.push_str("; not every word of the index was compared");
    }
    if !text.ends_with('?') {
        text.push('.');
    }
    said.users.iter().for_each(|one| text.push_str(&format!("\n{}", user(one))));
    if said.more_users > 0 {
        text.push_str(&format!("\nand {} called so", human::counted(said.more_users, "more user")));
    }
    text
}

fn user(user: &NearUser) -> String {
    let found = human::counted(user.messages, "message");
    format!("{} is a user: {} ({found})", user.name.as_deref().unwrap_or(&user.email), user.query)
}

fn reason(reason: &Reason) -> String {
    let part = &reason.part;
    match &reason.found {
        Found::NoMatch => format!("No message matches {part}."),
        Found::NoMessages => "There are no messages in the mailboxes that were searched.".to_owned(),
        Found::Near { operands, together, in_another_order } => near(operands, *together, *in_another_order),
        Found::Values { values, more } => {
            let each = |value: &PartCount| format!("{} ({})", value.part, human::counted(value.messages, "message"));
            let mut there: Vec<String> = values.iter().map(each).collect();
            if *more > 0 {
                there.push(format!("{} more", human::count(*more)));
            }
            match there.is_empty() {
                true => format!("No message has {part}."),
                false => format!("No message has {part}; there is {}.", there.join(", ")),
            }
        }
        Found::Sizes { smallest, largest } => format!(
            "No message has {part}; the smallest has {}, the largest {}.",
            human::counted(*smallest, "byte"),
            human::count(*largest)
        ),
        Found::Run { run } => format!("The run {run} archived no message that is in these mailboxes."),
        Found::Folder { folder } => format!("Nothing is in the folder {folder}."),
    }
}

fn near(operands: &[PartCount], together: u64, in_another_order: u64) -> String {
    let each = |one: &PartCount| format!("{} stands in {}", one.part, human::counted(one.messages, "message"));
    let each: Vec<String> = operands.iter().map(each).collect();
    let never = match (together, in_another_order) {
        (0, _) => "no message has all of it".to_owned(),
        (found, 0) => format!("{} {} all of it, but never that near", human::counted(found, "message"), have(found)),
        (found, other) => format!(
            "{} {} all of it, {} that near, but never in that order",
            human::counted(found, "message"),
            have(found),
            human::count(other)
        ),
    };
    format!("{}; {never}.", each.join(", "))
}

fn have(messages: u64) -> &'static str {
    if messages == 1 { "has" } else { "have" }
}

fn other_times(times: &OtherTimes) -> String {
    let found = human::counted(times.messages, "message");
    match (times.first, times.last) {
        (Some(first), Some(last)) => {
            format!("Without the condition on time {found} would match, sent from {first} to {last}.")
        }
        _ => format!("Without the condition on time {found} would match, of unknown date."),
    }
}
