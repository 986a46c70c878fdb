//! `retention label`: rules for items.

use super::{done, terms};
use crate::args::retention::{Label, LabelAdd, LabelApply, LabelClear, LabelShow};
use crate::commands::lints::Told;
use crate::commands::session::{Session, selected};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use custodia::archive::{LabelReport, LabelRequest, LabelRow};
use serde_json::json;

pub fn run(command: Label, session: &mut Session) -> Result<Exit> {
    match command {
        Label::Add(args) => add(args, session),
        Label::Apply(args) => apply(args, session),
        Label::Clear(args) => clear(args, session),
        Label::List => list(session),
        Label::Show(args) => show(&args, session),
    }
}

fn add(args: LabelAdd, session: &mut Session) -> Result<Exit> {
    let request =
        LabelRequest { terms: args.how.terms(), name: args.name, auto: args.auto, reason: args.reason.reason };
    let mut archive = session.open()?;
    let told = Told::about(request.auto.as_deref(), &archive, session);
    let row = told.before(archive.add_label(&request, args.dry_run.dry_run))?;
    if session.printer.json() {
        let mut document = json::document("retention.label", &row)?;
        told.put_into(&mut document)?;
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let name = sanitize::line(&row.label.name);
    let did = if row.dry_run { "would add" } else { "Added" };
    let on = match row.label.auto.is_some() {
        true => format!("; on {} by its query", human::counted(row.automatically, "item")),
        false => String::new(),
    };
    session.printer.line(&format!("{did} {name}: {}{on}.", terms(&row.label.terms)))?;
    if !row.dry_run {
        session.printer.line(&format!("{}  {name}", row.label.id))?;
    }
    session.end_dry_run(row.dry_run)?;
    Ok(Exit::Done)
}

fn apply(args: LabelApply, session: &mut Session) -> Result<Exit> {
    let selection = selected(args.what.query, args.what.ids)?;
    let mailboxes: Vec<String> = args.mailboxes.iter().map(ToString::to_string).collect();
    let mut archive = session.open()?;
    let told = Told::about(selection.query(), &archive, session);
    let report = told.before(archive.apply_label(
        &args.label,
        &selection,
        &mailboxes,
        &args.reason.reason,
        args.dry_run.dry_run,
    ))?;
    let name = sanitize::line(report.label.as_deref().unwrap_or_default());
    let did = if report.dry_run { format!("would put {name} on") } else { format!("{name} put on") };
    tell("retention.label.apply", &report, &told, &did, "had it already", session)
}

fn clear(args: LabelClear, session: &mut Session) -> Result<Exit> {
    let selection = selected(args.what.query, args.what.ids)?;
    let mailboxes: Vec<String> = args.mailboxes.iter().map(ToString::to_string).collect();
    let mut archive = session.open()?;
    let told = Told::about(selection.query(), &archive, session);
    let report =
        told.before(archive.clear_labels(&selection, &mailboxes, &args.reason.reason, args.dry_run.dry_run))?;
    let did = if report.dry_run { "would take labels off" } else { "Labels taken off" };
    tell("retention.label.clear", &report, &told, did, "had none by hand", session)
}

fn tell(what: &str, report: &LabelReport, told: &Told, did: &str, left: &str, session: &Session) -> Result<Exit> {
    if session.printer.json() {
        let mut document = json::document(what, report)?;
        told.put_into(&mut document)?;
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let mut line = format!("{did} {}", human::counted(report.changed, "item"));
    if report.unchanged > 0 {
        line.push_str(&format!("; {} {left}", human::count(report.unchanged)));
    }
    if report.replaced > 0 {
        line.push_str(&format!("; on {} in the place of another label", human::count(report.replaced)));
    }
    session.printer.line(&line)?;
    session.end_dry_run(report.dry_run)?;
    if report.shortened > 0 {
        let would = if report.dry_run { "would be" } else { "are" };
        session.printer.warn(&format!(
            "{} {would} kept shorter by their label than before; policies and holds keep them as they did",
            human::counted(report.shortened, "item")
        ));
    }
    Ok(Exit::Done)
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let labels = archive.labels()?;
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.retention.label.list/1", "labels": json::value(&labels)?, "total": labels.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if labels.is_empty() {
        session.printer.say("No labels.  Next: custodia retention label add NAME --keep 10y --reason TEXT");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["LABEL", "ID", "TERMS", ">BY HAND", ">BY QUERY", "QUERY", "ADDED", "BY"]);
    for row in &labels {
        let label = &row.label;
        table.row([
            label.name.clone(),
            label.id.to_string(),
            terms(&label.terms),
            human::count(row.by_hand),
            human::count(row.automatically),
            label.auto.as_ref().map_or_else(|| "–".to_owned(), |rule| rule.query.clone()),
            human::day(label.added.at, session.printer.zone()),
            label.added.by.clone(),
        ]);
    }
    session.printer.table(&table)?;
    Ok(Exit::Done)
}

fn show(args: &LabelShow, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let row: LabelRow = archive.label(&args.label)?;
    if session.printer.json() {
        session.printer.document(&json::document("retention.label", &row)?)?;
        return Ok(Exit::Done);
    }
    let label = &row.label;
    let mut facts = vec![
        ("id", label.id.to_string()),
        ("terms", terms(&label.terms)),
        ("by hand", human::counted(row.by_hand, "item")),
    ];
    if let Some(rule) = &label.auto {
        facts.push(("by query", human::counted(row.automatically, "item")));
        facts.push(("query", rule.query.clone()));
        facts.push((
            "evaluated as",
            row.closed_query.as_deref().map_or_else(
                || "it cannot be read, so it may match anything".to_owned(),
                |query| query.trim_end().to_owned(),
            ),
        ));
    }
    facts.push(("added", format!("{}\n{}", done(&label.added, session), label.added.reason)));
    session.printer.line(&sanitize::line(&label.name))?;
    session.printer.block(&facts)?;
    Ok(Exit::Done)
}
