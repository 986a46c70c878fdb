//! `search --statistics`: the condition report, and the rows of a keywords file.

use super::{keywords, lints};
use crate::args::search::{Format, Search};
use crate::commands::session::{Session, read_file};
use crate::printer::Role;
use crate::{error::Exit, human, json, table::Table};
use custodia::Result;
use custodia::archive::{Archive, ConditionRow, ConversationRow, Keyword, StatisticsOptions, StatisticsReport};

/// Mailboxes and conversations that a terminal shows.
const SHOWN: usize = 20;
/// Columns of the longest bar.
const BAR: u64 = 40;

/// Counts.
pub fn run(args: &Search, archive: &mut Archive, session: &Session) -> Result<Exit> {
    let query = args.text();
    let rows = args.keywords_file.as_deref().map(|path| Keyword::read(&read_file(path)?)).transpose()?;
    let options = StatisticsOptions { mailboxes: args.mailbox_names(), case: args.case.clone(), keywords: rows };
    let report = archive.statistics(&query, &options)?;
    if session.printer.json() || args.format == Some(Format::Json) {
        session.printer.document(&json::document("search.statistics", &report)?)?;
    } else if args.statistics {
        tell(&report, archive, session)?;
    } else {
        let csv = match args.format {
            Some(format) => format == Format::Csv,
            None => !session.printer.to_terminal(),
        };
        if csv {
            keywords::csv(&report, session)?
        } else {
            keywords::table(keyword_rows(&report), session)?
        }
        session.printer.say(&together(&report));
    }
    remarks(&query, &report, session);
    Ok(if report.messages == 0 { Exit::Empty } else { Exit::Done })
}

fn keyword_rows(report: &StatisticsReport) -> impl Iterator<Item = &ConditionRow> {
    report.conditions.iter().filter(|row| row.part == "keyword")
}

/// Remarks about the query, then about each line of the file.
fn remarks(query: &str, report: &StatisticsReport, session: &Session) {
    if session.printer.json() {
        return;
    }
    let mut told: Vec<String> = Vec::new();
    for row in &report.conditions {
        let place = row.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        for lint in &row.lints {
            lints::one(&row.condition, lint, &place, session);
            told.push(format!("{place}{}", lint.message));
        }
    }
    let rest: Vec<String> = report.warnings.iter().filter(|text| !told.contains(text)).cloned().collect();
    lints::tell(query, &report.lints, &rest, session);
}

fn together(report: &StatisticsReport) -> String {
    let mut parts = vec![
        format!("Together: {}", human::counted(report.messages, "message")),
        human::counted(report.items, "item"),
        human::size(report.bytes),
        format!(
            "{} of {}",
            human::count(report.locations.with_hits),
            human::counted(report.locations.searched, "mailbox")
        ),
    ];
    if report.partially_indexed.total > 0 {
        parts.push(format!("{} not fully searchable", human::counted(report.partially_indexed.total, "message")));
    }
    parts.join(" · ")
}

fn tell(report: &StatisticsReport, archive: &Archive, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let of = |with: u64, of: u64| format!("{} of {}", human::count(with), human::count(of));
    let mut facts = vec![
        ("messages", human::count(report.messages)),
        ("items", human::count(report.items)),
        ("size of the messages", human::size(report.bytes)),
        ("mailboxes with hits", of(report.locations.with_hits, report.locations.searched)),
        ("conversations with hits", of(report.conversations.with_hits, report.conversations.searched)),
    ];
    if let (Some(first), Some(last)) = (report.first, report.last) {
        facts.push(("sent", format!("{} to {}", printer.time(Some(first)), printer.time(Some(last)))));
    }
    facts.push(("not fully searchable", unread(report)));
    facts.push(("index", report.index.state.to_owned()));
    printer.block(&facts)?;
    conditions(report, session)?;
    if report.messages == 0 {
        printer.say("\nNothing matches. Which part is the reason: the same without --statistics");
        return Ok(());
    }
    locations(report, session)?;
    conversations(report, archive, session)?;
    months(report, session)
}

/// Messages that are no hits, but might be, by why; one that has two reasons stands under both.
fn unread(report: &StatisticsReport) -> String {
    let unsure = &report.partially_indexed;
    let mut text = human::counted(unsure.total, "message");
    if unsure.total > 0 {
        text.push_str(&format!(" more ({})", human::counted(unsure.items, "item")));
    }
    for (reason, messages) in &unsure.by_reason {
        text.push_str(&format!("\n{}: {}", reason, human::counted(*messages, "message")));
    }
    if unsure.by_reason.len() > 1 {
        text.push_str("\n(a message can have several of these)");
    }
    text
}

/// The counts of a row as both tables of rows have them.
pub(super) fn cells(row: &ConditionRow) -> [String; 5] {
    let count = human::count;
    [count(row.locations), count(row.items), count(row.messages), count(row.unique), human::size(row.bytes)]
}

fn conditions(report: &StatisticsReport, session: &Session) -> Result<()> {
    session.printer.line("")?;
    let mut table =
        Table::new(&["PART", "~CONDITION", "?>MAILBOXES", ">ITEMS", ">MESSAGES", "?>UNIQUE MESSAGES", "?>SIZE"]);
    let alone = keyword_rows(report).count() == 1 && keyword_rows(report).all(|row| row.line.is_none());
    for row in report.conditions.iter().filter(|row| !alone || row.part == "primary") {
        let [locations, items, messages, unique, bytes] = cells(row);
        table.row([
            if row.part == "primary" { "Primary" } else { "Keyword" }.to_owned(),
            if row.condition.trim().is_empty() { "(everything)".to_owned() } else { row.condition.clone() },
            locations,
            items,
            messages,
            unique,
            bytes,
        ]);
    }
    session.printer.table(&table)
}

fn locations(report: &StatisticsReport, session: &Session) -> Result<()> {
    session.printer.line("")?;
    let mut table = Table::new(&["TOP LOCATIONS", ">ITEMS", ">SIZE"]);
    for row in report.top_locations.iter().take(SHOWN) {
        table.row([row.mailbox.to_string(), human::count(row.items), human::size(row.bytes)]);
    }
    session.printer.table(&table)?;
    more(report.locations.with_hits, report.top_locations.len(), "mailbox", session);
    Ok(())
}

fn conversations(report: &StatisticsReport, archive: &Archive, session: &Session) -> Result<()> {
    session.printer.line("")?;
    let mut table = Table::new(&["~TOP CONVERSATIONS", "KIND", ">MESSAGES", ">SIZE"]);
    let top = &report.conversations.top;
    let shown = top.iter().take(SHOWN);
    let titles = archive.chat_titles(shown.clone().map(|row| row.id.as_str()))?;
    let title = |row: &ConversationRow| {
        let name = row.name.as_ref().filter(|name| !name.is_empty());
        name.or(titles.get(&row.id)).unwrap_or(&row.id).clone()
    };
    for row in shown.clone() {
        let mut name = title(row);
        // Two conversations may have one name.
        if shown.clone().filter(|other| title(other) == name).count() > 1 {
            name = format!("{name} ({})", row.id);
        }
        table.row([name, row.kind.as_str().to_owned(), human::count(row.messages), human::size(row.bytes)]);
    }
    session.printer.table(&table)?;
    more(report.conversations.with_hits, report.conversations.top.len(), "conversation", session);
    Ok(())
}

/// How many are not shown, and where they are.
fn more(all: u64, listed: usize, unit: &str, session: &Session) {
    let shown = listed.min(SHOWN) as u64;
    if all > shown {
        let hint = if listed as u64 == all { "--json lists them" } else { "--json lists more" };
        session.printer.say(&format!(" … and {} with fewer ({hint})", human::counted(all - shown, unit)));
    }
}

fn months(report: &StatisticsReport, session: &Session) -> Result<()> {
    let printer = &session.printer;
    printer.line(&format!("\n{}", printer.paint(Role::Strong, " MONTH (UTC)  MESSAGES")))?;
    let most = report.by_month.iter().map(|row| row.messages).max().unwrap_or(0).max(1);
    for row in &report.by_month {
        // A month with anything has a bar.
        let length = (row.messages * BAR).div_ceil(most);
        let bar = "█".repeat(usize::try_from(length).unwrap_or(0));
        printer.line(format!(" {:<11}  {:>8}  {bar}", row.month, human::count(row.messages)).trim_end())?;
    }
    if report.date_unknown > 0 {
        printer.line(&format!(" {:<11}  {:>8}", "unknown", human::count(report.date_unknown)))?;
    }
    Ok(())
}
