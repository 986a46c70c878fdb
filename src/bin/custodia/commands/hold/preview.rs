//! `hold preview`: what a hold would cover, and what not.

use super::{
    amount::covered,
    place::{limits, request},
};
use crate::args::hold::Preview;
use crate::commands::lints::Told;
use crate::commands::session::Session;
use crate::{error::Exit, human, json, table::Table};
use custodia::Result;
use custodia::archive::{HoldPreview, HoldRequest, RunIssues};
use custodia::model::HoldKind;

/// Says what would be covered.
pub fn run(args: Preview, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let kind = if args.days.is_some() { HoldKind::Litigation } else { HoldKind::Case };
    let asked = request(args.case.unwrap_or_default(), &args.whose, args.what, session)?;
    let asked = HoldRequest { kind, days: args.days, ..asked };
    let told = Told::about(asked.query.as_deref(), &archive, session);
    let preview = told.before(archive.preview_hold(&asked))?;
    if session.printer.json() {
        let mut document = json::document("hold.preview", &preview)?;
        told.put_into(&mut document)?;
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let printer = &session.printer;
    printer.line(&format!("Would be on hold: {}.", covered(&preview.report, limits(&asked))))?;
    let mut facts = vec![("size", human::size(preview.bytes))];
    facts.extend(preview.closed_query.as_deref().map(|query| ("evaluated as", query.trim_end().to_owned())));
    if let Some(days) = preview.report.days {
        facts.push(("each", format!("until {} after its own date", human::counted(u64::from(days), "day"))));
    }
    printer.block(&facts)?;
    outside(&preview, session)?;
    not_imported(&preview.not_imported, session)?;
    printer.say("Nothing was placed.");
    session.warn(archive.warnings());
    Ok(Exit::Done)
}

/// What the limits leave outside.
fn outside(preview: &HoldPreview, session: &Session) -> Result<()> {
    let printer = &session.printer;
    if preview.left_out.is_empty() {
        return printer.line("Nothing in these mailboxes would be left out.");
    }
    printer.line("Left out in the same mailboxes:")?;
    let mut table = Table::new(&["WHY", ">MESSAGES", ">ITEMS", "OLDEST", "NEWEST"]);
    for row in &preview.left_out {
        let why = match row.why {
            "older_than_days" => "older than its days",
            "not_listed" => "not on the list",
            "outside_period" => "not sent in the period",
            _ => "does not match the query",
        };
        table.row([
            why.to_owned(),
            human::count(row.messages),
            human::count(row.items),
            printer.time(row.oldest),
            printer.time(row.newest),
        ]);
    }
    printer.table(&table)
}

/// What is not here and therefore not covered.
fn not_imported(runs: &[RunIssues], session: &Session) -> Result<()> {
    for row in runs {
        let codes: Vec<String> = row.by_code.iter().map(|(code, n)| format!("{code} {}", human::count(*n))).collect();
        session.printer.line(&format!(
            "Not covered, since it was not imported: in {} {} names them, {} names nobody ({}).   {}",
            row.run,
            human::counted(row.naming_them, "issue"),
            human::count(row.naming_nobody),
            codes.join(", "),
            session.command(&["run", "issues", row.run.0.as_str()])
        ))?;
    }
    Ok(())
}
