//! `search`: hits, counts, ids; and why there are none.

use super::session::Session;
use crate::args::search::{Search, Sort};
use crate::printer::Role;
use crate::{error::Exit, human, json, sanitize};
use custodia::Result;
use custodia::archive::{Hit, SearchOptions, SearchReport, Sort as Order};
use serde_json::json;

/// Hits on a page, where nothing else is asked for.
const PAGE: usize = 50;

/// Searches.
pub fn run(args: &Search, session: &mut Session) -> Result<Exit> {
    let query = args.text();
    let mut archive = session.open()?;
    if args.explain {
        let (tree, warnings) = archive.explain_query(&query)?;
        return explain(&query, &tree, &warnings, session);
    }
    let limit = args.limit.unwrap_or(if args.ids { usize::MAX } else { PAGE });
    let options = SearchOptions {
        mailboxes: args.mailboxes.iter().map(ToString::to_string).collect(),
        sort: match args.sort {
            Sort::Oldest => Order::Date,
            Sort::Newest => Order::DateDescending,
            Sort::Relevance => Order::Relevance,
        },
        limit: if args.count { 0 } else { limit },
        offset: args.offset,
        snippets: !args.count && !args.ids,
    };
    if args.ids {
        let ids = archive.search_ids(&query, &options)?;
        if session.printer.json() {
            session.printer.document(&json!({"schema": "custodia.search.ids/1", "ids": ids, "total": ids.len()}))?;
        } else {
            ids.iter().try_for_each(|id| session.printer.line(&id.to_string()))?;
        }
        session.warn(archive.warnings());
        return Ok(if ids.is_empty() { Exit::Empty } else { Exit::Done });
    }
    let report = archive.search(&query, &options)?;
    let exit = if report.total == 0 { Exit::Empty } else { Exit::Done };
    if args.count {
        count(&report, session)?;
    } else if session.printer.json() {
        session.printer.document(&json::document("search", &report)?)?;
    } else {
        report.hits.iter().try_for_each(|hit| tell(hit, session))?;
        session.printer.say(&foot(&report));
    }
    if report.total == 0 {
        why_none(&report, session);
    }
    session.warn(&report.warnings);
    Ok(exit)
}

fn count(report: &SearchReport, session: &Session) -> Result<()> {
    if !session.printer.json() {
        return session.printer.line(&report.total.to_string());
    }
    session.printer.document(&json!({
        "schema": "custodia.search.count/1", "count": report.total, "items": report.items, "as_of": report.as_of,
        "index": json::value(&report.index)?, "partially_indexed": report.partially_indexed, "warnings": report.warnings,
    }))
}

fn explain(query: &str, tree: &str, warnings: &[String], session: &Session) -> Result<Exit> {
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.search.explain/1", "query": query, "tree": tree, "warnings": warnings,
        }))?;
        return Ok(Exit::Done);
    }
    session.printer.line(&sanitize::block(tree.trim_end()))?;
    session.warn(warnings);
    Ok(Exit::Done)
}

/// A hit: who, where, when on one line, and below it why it was found.
fn tell(hit: &Hit, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let chat = hit.conversation.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&hit.conversation.id);
    let mut line = format!(
        "{}  {}  {}  {} ({})",
        printer.paint(Role::Strong, &hit.id.short()),
        printer.time(hit.sent),
        printer.paint(Role::Strong, &sanitize::line(&hit.from.label())),
        sanitize::line(chat),
        hit.conversation.kind.as_str(),
    );
    for remark in remarks(hit) {
        line.push_str("  ");
        line.push_str(&printer.paint(Role::Warn, &sanitize::line(&remark)));
    }
    printer.line(&line)?;
    let text = sanitize::marked(&hit.snippet.text, &hit.snippet.marks, |found| printer.paint(Role::Hit, found));
    let text = if text.trim().is_empty() { sanitize::line(&hit.subject) } else { text };
    printer.line(&format!("    {text}"))
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
    if !hit.attachments.is_empty() {
        remarks.push(format!("[{}]", human::counted(hit.attachments.len() as u64, "attachment")));
    }
    remarks
}

fn foot(report: &SearchReport) -> String {
    let mut parts = vec![
        format!("{} of {}", human::count(report.returned as u64), human::counted(report.total, "message")),
        human::counted(report.items, "item"),
    ];
    parts.push(match report.index.state {
        "current" => "index: current".to_owned(),
        state => format!("index: {state}, {} not searched", human::counted(report.index.behind, "message")),
    });
    if report.partially_indexed > 0 {
        parts.push(format!("{} not fully searchable", human::counted(report.partially_indexed, "message")));
    }
    let lead = if report.hits.is_empty() { "" } else { "\n" };
    format!("{lead}{}", parts.join(" · "))
}

/// For no hits: which part of the query finds nothing.
fn why_none(report: &SearchReport, session: &Session) {
    for part in &report.parts {
        session.printer.say(&format!("  {:>8}  {}", human::count(part.messages), part.part));
    }
    if !report.parts.is_empty() {
        session.printer.say("Each part by itself finds as many messages as stand before it; together they find none.");
    }
}
