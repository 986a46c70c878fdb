//! `chat`: conversations, read as conversations.

mod entry;
mod names;
mod page;

pub use page::{Shown, tell as tell_page};

use super::session::Session;
use crate::args::chat::{Chat, List, Participants, Show, Sort};
use crate::args::time;
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::archive::{Around, ChatListOptions, ChatPageOptions, ChatSort};
use custodia::clock::{Clock, SystemClock};
use custodia::{Error, ErrorKind, Result};

/// Runs a sub-command.
pub fn run(command: Chat, session: &mut Session) -> Result<Exit> {
    match command {
        Chat::List(args) => list(&args, session),
        Chat::Show(args) => show(&args, session),
        Chat::Participants(args) => participants(&args, session),
    }
}

fn list(args: &List, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let options = ChatListOptions {
        mailboxes: args.mailboxes.iter().map(ToString::to_string).collect(),
        sort: match args.sort {
            Sort::Last => ChatSort::Last,
            Sort::First => ChatSort::First,
            Sort::Messages => ChatSort::Messages,
            Sort::Name => ChatSort::Name,
        },
        limit: args.limit,
    };
    let report = archive.chat_list(&options)?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        session.printer.document(&json::document("chat.list", &report)?)?;
        return Ok(Exit::Done);
    }
    if report.total == 0 {
        session.printer.say(&format!("No conversations yet.  Next: {} PATH", session.command(&["import"])));
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["~CHAT", "?KIND", ">MESSAGES", "?FIRST", "LAST", "?>MAILBOXES", "ID"]);
    let zone = session.printer.zone();
    for row in &report.chats {
        let day = |at: Option<_>| at.map_or_else(|| "unknown".to_owned(), |at| human::day(at, zone));
        table.row([
            row.title.clone(),
            row.kind.as_str().to_owned(),
            human::count(row.messages),
            day(row.first),
            day(row.last),
            human::count(row.mailboxes),
            row.id.clone(),
        ]);
    }
    session.printer.table(&table)?;
    let shown = report.chats.len() as u64;
    let mut foot = format!("\n{} of {}", human::count(shown), human::counted(report.total, "chat"));
    if shown < report.total {
        foot.push_str(&format!(
            " · all of them: {}",
            session.command(&["chat", "list", "--limit", &report.total.to_string()])
        ));
    }
    if let Some(first) = report.chats.first() {
        foot.push_str(&format!("\nRead one: {}", session.command(&["chat", "show", &first.id])));
    }
    session.printer.say(&foot);
    session.warn(&report.warnings);
    Ok(Exit::Done)
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let options = ChatPageOptions {
        around: args.around.as_deref().map(|text| around(text, session)).transpose()?,
        before: usize::from(args.before),
        after: usize::from(args.after),
        since: session.since(args.since)?,
        until: session.until(args.until)?,
        hits: args.hits.clone(),
    };
    if let (Some(since), Some(until)) = (options.since, options.until)
        && since >= until
    {
        return Err(Error::new(ErrorKind::Usage, "the period ends before it begins")
            .with_hint("--since is the beginning, --until the end"));
    }
    let page = archive.chat_page(&args.chat, &options).map_err(|error| with_commands(error, "show", session))?;
    let nothing = page.messages.is_empty() || page.hits.as_ref().is_some_and(|hits| hits.total == 0);
    let exit = if nothing { Exit::Empty } else { Exit::Done };
    if session.printer.json() {
        session.printer.document(&json::document("chat", &page)?)?;
        return Ok(exit);
    }
    let head = format!(
        "{}  {}  {}  {}",
        session.printer.paint(crate::printer::Role::Strong, &sanitize::line(&page.title)),
        page.kind.as_str(),
        human::counted(page.total, "message"),
        sanitize::line(&page.id),
    );
    session.printer.line(&head)?;
    page::tell(&page, Shown::Hits, session)?;
    page::foot(&page, &options, session);
    session.warn(&page.warnings);
    Ok(exit)
}

/// Where a name is that of several chats: the command for each.
fn with_commands(error: Error, sub_command: &str, session: &Session) -> Error {
    let chats = error.details().get("chats").and_then(|chats| chats.as_array()).cloned().unwrap_or_default();
    let ids = chats.iter().filter_map(|chat| chat.get("id")?.as_str());
    let lines: Vec<String> = ids.map(|id| session.command(&["chat", sub_command, id])).collect();
    if lines.is_empty() { error } else { error.with_hint(lines.join("\n")) }
}

/// What a page is around: an id, or a time of the display zone.
fn around(text: &str, session: &Session) -> Result<Around> {
    if text.starts_with("m_") {
        return Ok(Around::Message(text.to_owned()));
    }
    match time::time(text) {
        Ok(at) => at.begin(session.printer.zone(), SystemClock.now()).map(Around::Time),
        Err(_) if text.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(Around::Message(text.to_owned())),
        Err(why) => {
            Err(Error::new(ErrorKind::Usage, format!("--around {text} is neither an id nor a time")).with_hint(why))
        }
    }
}

fn participants(args: &Participants, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let report =
        archive.chat_participants(&args.chat).map_err(|error| with_commands(error, "participants", session))?;
    if session.printer.json() {
        session.printer.document(&json::document("chat.participants", &report)?)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["NAME", "NUMBER", "ADDRESS", ">SENT", ">RECEIVED", "FIRST", "LAST", "MAILBOX"]);
    let zone = session.printer.zone();
    for row in &report.participants {
        let day = |at: Option<_>| at.map_or_else(|| "unknown".to_owned(), |at| human::day(at, zone));
        let names: Vec<&str> =
            row.party.name.as_deref().into_iter().chain(row.other_names.iter().map(String::as_str)).collect();
        table.row([
            if names.is_empty() { "–".to_owned() } else { names.join(", ") },
            row.party.number.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string),
            row.party.email.clone().unwrap_or_else(|| "–".to_owned()),
            human::count(row.sent),
            human::count(row.received),
            day(row.first),
            day(row.last),
            row.mailbox.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string),
        ]);
    }
    session.printer.table(&table)?;
    let mut foot = format!(
        "\n{} in {} of {}",
        if report.participants.len() == 1 {
            "1 party".to_owned()
        } else {
            format!("{} parties", report.participants.len())
        },
        human::counted(report.messages, "message"),
        report.title,
    );
    if report.sender_unknown > 0 {
        foot.push_str(&format!(" · {} without a sender", human::count(report.sender_unknown)));
    }
    session.printer.say(&foot);
    session.warn(&report.warnings);
    Ok(Exit::Done)
}
