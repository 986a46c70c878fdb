//! `search --explain`: how the query is understood, and what each part of it matches.

use super::lints;
use crate::args::search::Search;
use crate::commands::session::Session;
use crate::printer::Role;
use crate::{error::Exit, human, json, sanitize};
use custodia::Result;
use custodia::archive::{Archive, ExplainReport};

/// Explains.
pub fn run(args: &Search, archive: &mut Archive, session: &Session) -> Result<Exit> {
    let query = args.text();
    let report = archive.explain_query(&query, &args.mailbox_names(), args.case.as_deref())?;
    if session.printer.json() {
        session.printer.document(&json::document("search.explain", &report)?)?;
        return Ok(Exit::Done);
    }
    tell(&report, session)?;
    lints::tell(&query, &report.lints, &report.warnings, session);
    Ok(Exit::Done)
}

fn tell(report: &ExplainReport, session: &Session) -> Result<()> {
    let printer = &session.printer;
    printer.line(&format!("{}  {}", printer.paint(Role::Strong, "Query"), sanitize::line(&report.query)))?;
    if let Some(case) = &report.case {
        printer.line(&format!("{}   {}", printer.paint(Role::Strong, "Case"), sanitize::line(case)))?;
    }
    if !report.people.is_empty() {
        printer.line(&format!("\n{}", printer.paint(Role::Strong, "People, by the user directory")))?;
        for person in &report.people {
            printer.line(&format!("  {}  →  {}", sanitize::line(&person.typed), sanitize::line(&person.means)))?;
        }
    }
    printer.line(&format!(
        "\n{}",
        printer.paint(Role::Strong, "MESSAGES  WHAT IS LOOKED FOR (words folded, times in UTC)")
    ))?;
    for line in &report.lines {
        let count = line.messages.map_or_else(|| "–".to_owned(), human::count);
        printer.line(&format!("{count:>8}  {}{}", "  ".repeat(line.level), sanitize::line(&line.text)))?;
    }
    printer.say(&foot(report));
    Ok(())
}

fn foot(report: &ExplainReport) -> String {
    let mut foot = format!(
        "\nEach part by itself finds as many messages as stand before it. Together: {} · {}",
        human::counted(report.messages, "message"),
        human::counted(report.items, "item")
    );
    if report.partially_indexed > 0 {
        foot.push_str(&format!(" · {} not fully searchable", human::counted(report.partially_indexed, "message")));
    }
    if report.uncounted > 0 {
        foot.push_str(&format!(
            "\n{} of the tree were not counted: there are too many.",
            human::counted(report.uncounted as u64, "part")
        ));
    }
    foot
}
