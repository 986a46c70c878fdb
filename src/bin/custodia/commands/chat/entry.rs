//! One message of a page in lines.

use super::{super::session::Session, names::Names};
use crate::printer::{Printer, Role};
use crate::{human, sanitize, wrap};
use custodia::archive::{ChatDeletion, ChatEdit, ChatMessage, ChatReply};
use custodia::model::{CallMedia, DeletionScope, Instant, MessageKind};

/// Lines of one text that are shown; the others are counted, with where they are to be read.
const TEXT_LINES: usize = 200;
/// Characters of a quoted text that are shown.
const QUOTE_CHARS: usize = 160;

/// How wide text is, and what marks it.
pub struct Style<'a> {
    pub printer: &'a Printer,
    /// Columns of the text; none where nothing is broken.
    pub width: Option<usize>,
    /// For the commands that are named.
    pub session: &'a Session,
}

impl Style<'_> {
    fn marked(&self, text: &str, marks: &[[usize; 2]]) -> Vec<String> {
        let paint = |found: &str| self.printer.paint(Role::Hit, found);
        wrap::column(text, marks, self.width, &paint)
    }

    fn quiet(&self, text: &str) -> String {
        self.printer.paint(Role::Quiet, text)
    }

    fn remark(&self, text: &str) -> String {
        self.printer.paint(Role::Warn, text)
    }

    fn time(&self, at: Option<Instant>) -> String {
        self.printer.time(at)
    }
}

/// The first line of a message, and the lines under it.
pub fn lines(message: &ChatMessage, names: &mut Names, style: &Style<'_>) -> (String, Vec<String>) {
    let id = style.quiet(&message.id.short());
    let who = names.call(&message.from);
    let mut below = Vec::new();
    let head = match (message.kind, &message.reaction) {
        (MessageKind::System, Some(emoji)) => quiet_line(&reacted(message, &who, emoji), &id, style),
        (MessageKind::System, None) => {
            below = text(message, style);
            let line = if below.is_empty() { sanitize::line(&message.subject) } else { below.remove(0) };
            quiet_line(&line, &id, style)
        }
        (MessageKind::Deletion, _) => {
            if message.about.is_none() {
                below = text(message, style);
            }
            quiet_line(&deleted(message, &who), &id, style)
        }
        (MessageKind::Edit, _) => {
            below = edited_to(message, style);
            quiet_line(&format!("{who} edited {}", about(message)), &id, style)
        }
        (MessageKind::Call, _) => {
            below = call_text(message, style);
            format!("{}  {}  {id}", style.printer.paint(Role::Strong, &who), call(message))
        }
        (MessageKind::Chat, _) => {
            below.extend(message.reply.iter().flat_map(|reply| quote(reply, names, style)));
            below.extend(text(message, style));
            format!("{}  {id}{}", style.printer.paint(Role::Strong, &who), remarks(message, style))
        }
    };
    below.extend(beside(message, names, style));
    (head, below)
}

fn quiet_line(text: &str, id: &str, style: &Style<'_>) -> String {
    format!("{}  {id}", style.quiet(&format!("— {text} —")))
}

fn remarks(message: &ChatMessage, style: &Style<'_>) -> String {
    let mut remarks = Vec::new();
    if message.is_deleted || !message.deletions.is_empty() {
        let before = message.deletions.iter().all(|deletion| deletion.id.is_none()) && !message.is_deleted;
        remarks.push(if before { "[deleted before it was captured]" } else { "[deleted later]" });
    }
    if message.is_edited || !message.edits.is_empty() {
        let before = !message.edits.is_empty() && message.edits.iter().all(|edit| edit.id.is_none());
        remarks.push(if before { "[edited before it was captured]" } else { "[edited later]" });
    }
    if message.encrypted {
        remarks.push("[encrypted]");
    }
    let tags = message.tags.iter().map(|tag| format!("  {}", style.quiet(&format!("#{}", sanitize::line(tag)))));
    remarks.into_iter().map(|remark| format!("  {}", style.remark(remark))).chain(tags).collect()
}

/// The text, or why there is none.
fn text(message: &ChatMessage, style: &Style<'_>) -> Vec<String> {
    if let Some(why) = &message.unreadable {
        return vec![style.remark(&format!("[its text cannot be shown: {}]", sanitize::line(why)))];
    }
    if message.encrypted && message.body.trim().is_empty() {
        return vec![style.quiet("[encrypted: archived, its text cannot be read without the key]")];
    }
    if message.body.trim().is_empty() {
        let something = !message.attachments.is_empty() || message.notes.is_some() || message.kind != MessageKind::Chat;
        return if something { Vec::new() } else { vec![style.quiet("[no text]")] };
    }
    let mut lines = style.marked(message.body.trim_end(), &message.marks);
    if let Some(more @ 1..) = lines.len().checked_sub(TEXT_LINES) {
        lines.truncate(TEXT_LINES);
        lines.push(style.remark(&format!(
            "[{} more: {}]",
            human::counted(more as u64, "line"),
            style.session.command(&["show", &message.id.short()])
        )));
    }
    lines
}

/// What it replies to: who had said it, and the beginning of it.
fn quote(reply: &ChatReply, names: &mut Names, style: &Style<'_>) -> Vec<String> {
    let whose = reply.from.as_ref().map(|from| format!("{}: ", names.call_raw(from))).unwrap_or_default();
    let words: Vec<&str> = reply.text.split_whitespace().collect();
    let mut text: String = words.join(" ");
    if text.is_empty() {
        text = reply.id.map_or_else(|| "[a message without text]".to_owned(), |id| id.short());
    }
    if let Some((cut, _)) = text.char_indices().nth(QUOTE_CHARS) {
        text.truncate(cut);
        text.push('…');
    }
    let room = style.width.map(|width| width.saturating_sub(2).max(10));
    wrap::column(&format!("{whose}{text}"), &[], room, &|found| found.to_owned())
        .into_iter()
        .map(|line| style.quiet(&format!("┃ {line}")))
        .collect()
}

/// What stands under the text: attachments, notes, edits, deletions, reactions, copies.
fn beside(message: &ChatMessage, names: &mut Names, style: &Style<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for attachment in &message.attachments {
        let name = if attachment.name.is_empty() { "(no name)".to_owned() } else { sanitize::line(&attachment.name) };
        let (kind, size) = (sanitize::line(&attachment.media_type), human::size(attachment.size));
        lines.push(format!("[attachment] {name}   {kind}   {size}"));
    }
    for note in message.notes.iter().flat_map(|notes| notes.lines()) {
        lines.extend(wrap::column(note, &[], style.width, &|found| found.to_owned()));
    }
    message.edits.iter().for_each(|edit| lines.extend(edited(edit, style)));
    message.deletions.iter().for_each(|deletion| lines.push(deleted_later(deletion, names, style)));
    if !message.reactions.is_empty() {
        let each = message.reactions.iter().map(|reaction| match reaction.emoji.is_empty() {
            true => format!("{} took a reaction back", names.call(&reaction.from)),
            false => format!("{} {}", sanitize::line(&reaction.emoji), names.call(&reaction.from)),
        });
        lines.push(style.quiet(&format!("reactions: {}", each.collect::<Vec<_>>().join(" · "))));
    }
    for copy in &message.copies {
        let account = copy.account.as_deref().map_or_else(|| "another account".to_owned(), sanitize::line);
        lines.push(style.quiet(&format!("also captured by {account}  {}", copy.id.short())));
    }
    lines
}

fn edited(edit: &ChatEdit, style: &Style<'_>) -> Vec<String> {
    let id = edit.id.map(|id| format!("  {}", id.short())).unwrap_or_default();
    let at = edit.at.map(|at| format!(" {}", style.time(Some(at)))).unwrap_or_default();
    let (what, text) = match (&edit.after, &edit.before) {
        (Some(after), _) => ("", Some(after)),
        (None, Some(before)) => ("; the text before was", Some(before)),
        (None, None) => ("; the text before is not known", None),
    };
    let mut lines = vec![style.quiet(&format!("edited{at}{id}{what}"))];
    lines.extend(text.into_iter().flat_map(|text| indented(text, style)));
    lines
}

/// The texts of an edit notice, where they are not shown with the message.
fn edited_to(message: &ChatMessage, style: &Style<'_>) -> Vec<String> {
    let Some(edit) = &message.edit else { return text(message, style) };
    let mut lines = Vec::new();
    for (what, text) in [("before", &edit.previous), ("after", &edit.edited)] {
        if let Some(text) = text.as_ref().filter(|text| !text.trim().is_empty()) {
            lines.push(style.quiet(what));
            lines.extend(indented(text, style));
        }
    }
    lines
}

fn indented(text: &str, style: &Style<'_>) -> Vec<String> {
    let room = style.width.map(|width| width.saturating_sub(2).max(10));
    let lines = wrap::column(text.trim_end(), &[], room, &|found| found.to_owned());
    lines.into_iter().map(|line| format!("  {line}")).collect()
}

fn deleted_later(deletion: &ChatDeletion, names: &mut Names, style: &Style<'_>) -> String {
    let by = deletion.by.as_ref().map(|by| format!(" by {}", names.call(by))).unwrap_or_default();
    let at = deletion.at.map(|at| format!(" {}", style.time(Some(at)))).unwrap_or_default();
    let id = deletion.id.map(|id| format!("  {}", id.short())).unwrap_or_default();
    style.quiet(&format!("deleted {}{at}{by}{id}", scope(deletion.scope)).replace("  ", " "))
}

fn scope(scope: DeletionScope) -> &'static str {
    match scope {
        DeletionScope::ForMe => "for the one who deleted it",
        DeletionScope::ForAll => "for all",
        DeletionScope::WholeChat => "with the whole chat",
        DeletionScope::Unknown => "(the notice does not say for whom)",
    }
}

fn about(message: &ChatMessage) -> String {
    message.about.map_or_else(|| "a message (not archived)".to_owned(), |id| format!("message {}", id.short()))
}

fn deleted(message: &ChatMessage, who: &str) -> String {
    let how = message.deletion.as_ref().map_or(DeletionScope::Unknown, |deletion| deletion.scope);
    match how {
        DeletionScope::WholeChat => format!("{who} cleared the whole chat"),
        how => format!("{who} deleted {} {}", about(message), scope(how)),
    }
}

fn reacted(message: &ChatMessage, who: &str, emoji: &str) -> String {
    match emoji.is_empty() {
        true => format!("{who} took a reaction to {} back", about(message)),
        false => format!("{who} reacted {} to {}", sanitize::line(emoji), about(message)),
    }
}

/// A call in a line: what kind, how it ended, how long it took.
fn call(message: &ChatMessage) -> String {
    let media = message.call.as_ref().map_or(CallMedia::Unknown, |call| call.media);
    if let Some(facts) = &message.call_facts {
        return sanitize::line(&facts.line(media));
    }
    let name = match (media, message.call.as_ref().is_some_and(|call| call.aggregated)) {
        (_, true) => "Calls",
        (CallMedia::Voice, _) => "Voice call",
        (CallMedia::Video, _) => "Video call",
        (CallMedia::Unknown, _) => "Call",
    };
    match message.call.as_ref().and_then(|call| call.answered) {
        Some(false) => format!("{name}, not answered"),
        Some(true) => format!("{name}, answered"),
        None => name.to_owned(),
    }
}

/// What the source says of a call beside that; the line that says the same is left out.
fn call_text(message: &ChatMessage, style: &Style<'_>) -> Vec<String> {
    let said = call(message);
    let lines = text(message, style);
    let new = |line: &String| line.trim() != said && line.trim() != message.subject.trim() && !line.trim().is_empty();
    lines.into_iter().filter(new).collect()
}
