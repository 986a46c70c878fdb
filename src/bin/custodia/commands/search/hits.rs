//! A page of hits for people: who, where, when on one line, and below it why it was found.
//!
//! Contract: columns stay aligned whatever names and conversations are called; a name that is too long for its column ends
//! with `…` there (`--json` has it whole). What is no hit is marked by a bar and a word, never by colour alone.

use crate::args::search::{Search, Sort};
use crate::commands::session::Session;
use crate::printer::Role;
use crate::{human, sanitize, table};
use custodia::Result;
use custodia::archive::{Hit, SampleTaken, SearchReport};
use std::collections::BTreeMap;

/// Columns of a name and of a conversation, at most.
const NAME: usize = 24;
const CHAT: usize = 44;

/// Prints the hits and what stands beside them.
pub fn tell(report: &SearchReport, session: &Session) -> Result<()> {
    // One title for each conversation of a page: that of the newest message, as the list of chats has it.
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    let mut newest: Vec<&Hit> = report.hits.iter().collect();
    newest.sort_by_key(|hit| hit.sent);
    for hit in newest {
        titles.insert(hit.conversation.id.clone(), hit.title.clone());
    }
    let hits = &report.hits;
    let widest = |text: &dyn Fn(&Hit) -> String, most| {
        hits.iter().map(|hit| table::width(&text(hit)).min(most)).max().unwrap_or(0)
    };
    let chat = |hit: &Hit| chat(hit, &titles);
    let columns = (widest(&|hit| hit.from.label(), NAME), widest(&chat, CHAT));
    let bars = report.context > 0 || report.related > 0;
    let mut before = None;
    for hit in hits {
        if bars && hit.stretch.is_some() && before.is_some_and(|stretch| stretch != hit.stretch) {
            session.printer.line("")?;
        }
        one(hit, &chat(hit), columns, bars, session)?;
        before = Some(hit.stretch);
    }
    Ok(())
}

fn one(hit: &Hit, chat: &str, (name, place): (usize, usize), bars: bool, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let (bar, word) = if bars { role(hit) } else { ("", "") };
    let lead = if bars { format!("{bar} {word:<8}  ") } else { String::new() };
    // What a hit brought hangs on it by one hook.
    let below = if bar == "╰" { " " } else { bar };
    let below = if bars { format!("{below}           ") } else { String::new() };
    let mut line = format!(
        "{lead}{}  {}  {}  {}",
        printer.paint(Role::Strong, &hit.id.short()),
        printer.time(hit.sent),
        printer.paint(Role::Strong, &table::fit(&hit.from.label(), name)),
        table::fit(chat, place),
    );
    for remark in remarks(hit) {
        line.push_str("  ");
        line.push_str(&printer.paint(Role::Warn, &sanitize::line(&remark)));
    }
    printer.line(line.trim_end())?;
    let text = sanitize::marked(&hit.snippet.text, &hit.snippet.marks, |found| printer.paint(Role::Hit, found));
    let text = match &hit.snippet.attachment {
        _ if text.trim().is_empty() => sanitize::line(&hit.subject),
        Some(name) => format!("in {}: {text}", sanitize::line(name)),
        None => text,
    };
    printer.line(format!("{below}    {text}").trim_end())
}

/// The bar and the word of what a message is here.
fn role(hit: &Hit) -> (&'static str, &'static str) {
    match hit.related {
        Some(relation) => ("╰", relation),
        None if hit.context && hit.matches => ("┆", "also hit"),
        None if hit.context => ("│", "context"),
        None => ("┃", "hit"),
    }
}

fn chat(hit: &Hit, titles: &BTreeMap<String, String>) -> String {
    let title = titles.get(&hit.conversation.id).map(String::as_str);
    let name = hit.conversation.name.as_deref().filter(|name| !name.is_empty()).or(title);
    let name = name.unwrap_or(&hit.conversation.id);
    format!("{name} ({})", hit.conversation.kind.as_str())
}

fn remarks(hit: &Hit) -> Vec<String> {
    let mut remarks = Vec::new();
    if hit.kind.as_str() != "chat" {
        remarks.push(format!("[{}]", hit.kind.as_str()));
    }
    if hit.is_deleted {
        remarks.push("[deleted later]".to_owned());
    }
    if hit.is_edited {
        remarks.push("[edited later]".to_owned());
    }
    if !hit.holds.is_empty() {
        remarks.push(format!("[hold {}]", hit.holds.join(", ")));
    }
    if !hit.tags.is_empty() {
        remarks.push(format!("[tag {}]", hit.tags.join(", ")));
    }
    if !hit.attachments.is_empty() {
        remarks.push(format!("[{}]", human::counted(hit.attachments.len() as u64, "attachment")));
    }
    remarks
}

/// What stands below the hits: how many of how many, how far the index is, how to go on.
pub fn foot(report: &SearchReport, args: &Search, session: &Session) -> String {
    let offset = args.offset;
    let (from, until) = (offset as u64, (offset + report.returned) as u64);
    let paged = report.sample.is_none() && offset > 0 && report.returned > 0;
    let shown = match paged {
        true => format!("{} to {}", human::count(from + 1), human::count(until)),
        false => human::count(report.returned as u64),
    };
    let mut parts =
        vec![format!("{shown} of {}", human::counted(report.total, "message")), human::counted(report.items, "item")];
    if report.context > 0 {
        parts.push(format!("{} of context", human::counted(report.context as u64, "message")));
    }
    if report.related > 0 {
        parts.push(human::counted(report.related as u64, "related message"));
    }
    parts.push(match report.index.state {
        "current" => "index: current".to_owned(),
        state => format!("index: {state}, {} not searched", human::counted(report.index.behind, "message")),
    });
    if report.partially_indexed > 0 {
        parts.push(format!("{} not fully searchable", human::counted(report.partially_indexed, "message")));
    }
    let lead = if report.hits.is_empty() { "" } else { "\n" };
    let mut foot = format!("{lead}{}", parts.join(" · "));
    match &report.sample {
        Some(sample) => {
            foot.push('\n');
            foot.push_str(&sampled(sample, report.returned, report.total));
        }
        None if report.returned > 0 && until < report.total => {
            let next = (offset + report.returned).to_string();
            foot.push_str(&format!("\nThe next ones: {}", session.command(&again(args, &next))));
        }
        None if report.returned == 0 && report.total > 0 && offset > 0 => {
            foot.push_str("\n--offset is behind the last hit.");
        }
        None => {}
    }
    foot
}

/// The same search from another place on.
fn again(args: &Search, offset: &str) -> Vec<String> {
    let mut words = vec!["search".to_owned()];
    let query = args.text();
    // A query that begins with a minus would be taken for a flag.
    words.extend((!query.starts_with('-')).then(|| query.clone()));
    let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
    args.mailboxes.iter().for_each(|mailbox| flag("--mailbox", mailbox.to_string()));
    args.case.iter().for_each(|case| flag("--case", case.clone()));
    match args.sort {
        Sort::Newest => {}
        Sort::Oldest => flag("--sort", "date".to_owned()),
        Sort::Relevance => flag("--sort", "relevance".to_owned()),
    }
    args.limit.iter().for_each(|limit| flag("--limit", limit.to_string()));
    if args.context > 0 {
        flag("--context", args.context.to_string());
    }
    flag("--offset", offset.to_owned());
    words.extend(args.with_related.then(|| "--with-related".to_owned()));
    if query.starts_with('-') {
        words.extend(["--".to_owned(), query]);
    }
    words
}

/// What sample was taken, and how to take it again.
pub fn sampled(sample: &SampleTaken, returned: usize, total: u64) -> String {
    let all = if returned as u64 == total { " (all of them)" } else { "" };
    format!(
        "A random sample of {} of {}{all}, seed {}. Again: --sample {} --seed {}",
        human::count(returned as u64),
        human::counted(total, "message"),
        sample.seed,
        sample.size,
        sample.seed,
    )
}
