//! `search`: hits, counts, ids, a sample; reports; and why there is nothing.

mod explain;
mod hits;
mod keywords;
mod nothing;
mod statistics;

use super::{lints, session::Session};
use crate::args::search::{Search, Sort};
use crate::{error::Exit, human, json};
use custodia::Result;
use custodia::archive::{Archive, SampleOptions, SearchOptions, SearchReport, Sort as Order};
use serde_json::json;

/// Hits on a page, where nothing else is asked for.
const PAGE: usize = 50;

/// Searches.
pub fn run(args: &Search, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    if args.explain {
        return explain::run(args, &mut archive, session);
    }
    if args.keywords_file.is_some() || args.statistics {
        return statistics::run(args, &mut archive, session);
    }
    if args.ids {
        return ids(args, &mut archive, session);
    }
    let query = args.text();
    let report = archive.search(&query, &options(args))?;
    if args.count {
        count(&report, session)?;
    } else if session.printer.json() {
        session.printer.document(&json::document("search", &report)?)?;
    } else {
        hits::tell(&report, session)?;
        session.printer.say(&hits::foot(&report, args, session));
    }
    nothing::tell(&report, session);
    lints::tell(&query, &report.lints, &report.warnings, session);
    // To unmap the index takes a tenth of the time of a search, and the end of the process does it anyway.
    std::mem::forget(archive);
    Ok(if report.total == 0 { Exit::Empty } else { Exit::Done })
}

fn options(args: &Search) -> SearchOptions {
    let all = args.ids || args.sample.is_some();
    let limit = args.limit.unwrap_or(if all { usize::MAX } else { PAGE });
    SearchOptions {
        mailboxes: args.mailbox_names(),
        case: args.case.clone(),
        sort: match args.sort {
            Sort::Oldest => Order::Date,
            Sort::Newest => Order::DateDescending,
            Sort::Relevance => Order::Relevance,
        },
        limit: if args.count { 0 } else { limit },
        offset: args.offset,
        sample: args.sample.map(|size| SampleOptions { size, seed: args.seed }),
        context: args.context,
        related: args.with_related,
        snippets: !args.count && !args.ids,
    }
}

fn ids(args: &Search, archive: &mut Archive, session: &Session) -> Result<Exit> {
    let query = args.text();
    let report = archive.list_ids(&query, &options(args))?;
    if session.printer.json() {
        let mut document = json!({
            "schema": "custodia.search.ids/1", "ids": report.ids, "returned": report.ids.len(), "total": report.total,
            "items": report.items, "as_of": report.as_of, "index": json::value(&report.index)?,
            "warnings": report.warnings, "lints": json::value(&report.lints)?,
        });
        if let Some(sample) = &report.sample {
            json::set(&mut document, "sample", json::value(sample)?);
        }
        session.printer.document(&document)?;
    } else {
        report.ids.iter().try_for_each(|id| session.printer.line(&id.to_string()))?;
        if let Some(sample) = &report.sample {
            session.printer.say(&hits::sampled(sample, report.ids.len(), report.total));
        }
    }
    lints::tell(&query, &report.lints, &report.warnings, session);
    Ok(if report.ids.is_empty() { Exit::Empty } else { Exit::Done })
}

fn count(report: &SearchReport, session: &Session) -> Result<()> {
    if session.printer.json() {
        let mut document = json!({
            "schema": "custodia.search.count/1", "count": report.total, "items": report.items, "as_of": report.as_of,
            "index": json::value(&report.index)?, "partially_indexed": report.partially_indexed,
            "warnings": report.warnings, "lints": json::value(&report.lints)?,
        });
        if let Some(nothing) = &report.nothing {
            json::set(&mut document, "parts", json::value(&report.parts)?);
            json::set(&mut document, "nothing", json::value(nothing)?);
        }
        return session.printer.document(&document);
    }
    session.printer.line(&report.total.to_string())?;
    if report.index.behind > 0 {
        let behind = human::counted(report.index.behind, "message");
        session.printer.say(&format!("index: {}, {behind} not searched", report.index.state));
    }
    Ok(())
}
