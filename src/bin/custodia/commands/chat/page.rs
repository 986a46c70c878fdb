//! A page of a conversation on a terminal: rulers for the days, a bar beside what was found.

use super::{
    super::session::Session,
    entry::{self, Style},
    names::Names,
};
use crate::human;
use crate::printer::Role;
use custodia::Result;
use custodia::archive::{ChatHits, ChatMessage, ChatPage, ChatPageOptions};
use custodia::model::Instant;

/// Columns before the text: margin, time, gap.
const INDENT: usize = 12;
/// What stands beside a hit.
const BAR: &str = "▌";
/// The narrowest column that text is broken for.
const NARROWEST: usize = 20;

/// What gets the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What the query found.
    Hits,
    /// The message that the page is around.
    Around,
}

/// Prints the messages of a page.
pub fn tell(page: &ChatPage, shown: Shown, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let width = printer.width().map(|width| usize::from(width).saturating_sub(INDENT).max(NARROWEST));
    let style = Style { printer, width, session };
    let mut names = Names::of(page);
    if page.before > 0 {
        printer.line(&printer.paint(Role::Quiet, &format!("… {} before", human::counted(page.before, "message"))))?;
    }
    let mut day = None;
    for message in &page.messages {
        let is_hit = match shown {
            Shown::Hits => message.hit,
            Shown::Around => Some(message.id) == page.around,
        };
        // Told with another message of this page; what was found is told in its place as well.
        if message.shown_under.is_some() && !is_hit {
            continue;
        }
        let ruler = ruler(message.sent, session);
        if day.as_ref() != Some(&ruler) {
            printer.line(&format!("\n{}", printer.paint(Role::Strong, &ruler)))?;
            day = Some(ruler);
        }
        let bar = if is_hit { printer.paint(Role::Warn, BAR) } else { " ".to_owned() };
        let (head, below) = entry::lines(message, &mut names, &style);
        printer.line(format!("{bar} {}  {head}", clock(message, session)).trim_end())?;
        for line in below {
            printer.line(format!("{bar} {:10}{line}", "").trim_end())?;
        }
    }
    if page.after > 0 {
        printer.line(&format!(
            "\n{}",
            printer.paint(Role::Quiet, &format!("… {} after", human::counted(page.after, "message")))
        ))?;
    }
    Ok(())
}

/// Says where the page stands, and the commands for what is before and after it.
pub fn foot(page: &ChatPage, options: &ChatPageOptions, session: &Session) {
    let mut parts =
        vec![format!("{} of {}", human::count(page.messages.len() as u64), human::counted(page.in_period, "message"))];
    parts.push(format!("{} before", human::count(page.before)));
    parts.push(format!("{} after", human::count(page.after)));
    if page.in_period < page.total {
        parts.push(format!("{} outside the period", human::count(page.total - page.in_period)));
    }
    if page.undated_outside > 0 {
        parts.push(format!("{} of them without a date", human::count(page.undated_outside)));
    }
    parts.push(format!("times are {}", session.printer.zone()));
    let mut lines = vec![format!("\n{}", parts.join(" · "))];
    let size = (options.before + options.after).clamp(1, 500);
    if let Some(first) = page.messages.first().filter(|_| page.before > 0) {
        lines.push(format!("before: {}", command(page, options, session, first, size.to_string(), "0".to_owned())));
    }
    if let Some(last) = page.messages.last().filter(|_| page.after > 0) {
        lines.push(format!("after: {}", command(page, options, session, last, "0".to_owned(), size.to_string())));
    }
    if let Some(hits) = &page.hits {
        lines.push(hits_line(page, options, hits, session));
    }
    session.printer.say(&lines.join("\n"));
    if let Some(hits) = &page.hits {
        session.warn(&hits.warnings);
    }
}

fn hits_line(page: &ChatPage, options: &ChatPageOptions, hits: &ChatHits, session: &Session) -> String {
    if hits.total == 0 {
        return "no hit in this chat".to_owned();
    }
    let mut line = match hits.current {
        Some(current) => format!("hit {} of {}", human::count(current), human::count(hits.total)),
        None => format!("no hit on this page, {} in all", human::count(hits.total)),
    };
    if hits.on_page > 1 {
        line.push_str(&format!(" ({} on this page)", human::count(hits.on_page)));
    }
    for (what, id) in [("next hit", hits.next), ("previous hit", hits.previous)] {
        if let Some(id) = id {
            let (before, after) = (options.before.to_string(), options.after.to_string());
            line.push_str(&format!("\n{what}: {}", command_to(page, options, session, &id.short(), [before, after])));
        }
    }
    line
}

fn command(
    page: &ChatPage,
    options: &ChatPageOptions,
    session: &Session,
    at: &ChatMessage,
    before: String,
    after: String,
) -> String {
    command_to(page, options, session, &at.id.short(), [before, after])
}

fn command_to(
    page: &ChatPage,
    options: &ChatPageOptions,
    session: &Session,
    id: &str,
    [before, after]: [String; 2],
) -> String {
    let mut words: Vec<String> = ["chat", "show", &page.id, "--around", id].map(str::to_owned).to_vec();
    for (flag, value) in [("--before", before), ("--after", after)] {
        if value != "20" {
            words.extend([flag.to_owned(), value]);
        }
    }
    for (flag, at) in [("--since", options.since), ("--until", options.until)] {
        words.extend(at.into_iter().flat_map(|at| [flag.to_owned(), at.to_string()]));
    }
    words.extend(options.hits.iter().flat_map(|query| ["--hits".to_owned(), query.clone()]));
    session.command(&words)
}

/// The ruler above a day: the offset is named where it is not that of UTC, and it changes with the clocks.
fn ruler(sent: Option<Instant>, session: &Session) -> String {
    let zone = session.printer.zone();
    let Some(local) = sent.and_then(Instant::to_utc).map(|utc| utc.with_timezone(&zone)) else {
        return "── Date unknown ──".to_owned();
    };
    let day = local.format("%A %-d %B %Y");
    if zone == custodia::model::Zone::UTC {
        return format!("── {day} ──");
    }
    format!("── {day} · UTC{} ──", local.format("%:z"))
}

fn clock(message: &ChatMessage, session: &Session) -> String {
    let local = message.sent.and_then(Instant::to_utc).map(|utc| utc.with_timezone(&session.printer.zone()));
    local.map_or_else(|| " ".repeat(8), |local| local.format("%H:%M:%S").to_string())
}
