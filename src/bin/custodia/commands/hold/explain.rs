//! `hold explain`: whether something can be deleted, and if not, everything that blocks it.

use crate::args::hold::Explain;
use crate::commands::session::Session;
use crate::printer::Role;
use crate::{error::Exit, human, json, sanitize};
use custodia::Result;
use custodia::archive::{Archive, BlockedItems, Explanation, Target};
use custodia::governance::Because;
use custodia::model::CaseId;
use serde_json::Value;

/// Explains a message, a mailbox, a plan or a query.
pub fn run(args: &Explain, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    let explanation = archive.explain(&args.target)?;
    // Nothing is asked about: that is no leave to delete.
    let exit = if nothing(&explanation) { Exit::Empty } else { Exit::Done };
    if session.printer.json() {
        let mut document = json::document("hold.explain", &explanation)?;
        if let Some(blockers) = document.get_mut("blockers") {
            name_cases(blockers, &archive);
        }
        session.printer.document(&document)?;
        return Ok(exit);
    }
    tell(&explanation, &archive, session)?;
    session.warn(archive.warnings());
    Ok(exit)
}

fn nothing(explanation: &Explanation) -> bool {
    explanation.items == 0 && explanation.blockers.is_empty()
}

fn tell(explanation: &Explanation, archive: &Archive, session: &Session) -> Result<()> {
    let printer = &session.printer;
    let target = sanitize::line(&explanation.target.to_string());
    if nothing(explanation) {
        return printer
            .line(&format!("{target}: there is no item of it, so nothing is to be deleted and nothing is blocked."));
    }
    if explanation.deletable {
        printer.line(&format!(
            "{target} can be deleted: {} and nothing blocks any of them.",
            human::counted(explanation.items, "item")
        ))?;
        return blockers(explanation, archive, session);
    }
    let items = format!("{} of {}", human::count(explanation.blocked_items), human::counted(explanation.items, "item"));
    let binding = explanation.blockers.iter().filter(|row| row.items > 0).count() as u64;
    let reasons = human::counted(binding, "reason");
    printer.line(
        &printer
            .paint(Role::Bad, &format!("{target} cannot be deleted: {items} blocked.   {reasons}; all must go away.")),
    )?;
    let free = explanation.items.saturating_sub(explanation.blocked_items);
    if free > 0 && matches!(explanation.target, Target::Plan(_) | Target::Query(_)) {
        printer.line(&format!("could be deleted: {}", human::counted(free, "item")))?;
    }
    blockers(explanation, archive, session)
}

fn blockers(explanation: &Explanation, archive: &Archive, session: &Session) -> Result<()> {
    let mut rows = explanation.blockers.iter().enumerate();
    rows.try_for_each(|(at, row)| blocker(at, row, explanation, archive, session))
}

fn blocker(
    at: usize,
    row: &BlockedItems,
    explanation: &Explanation,
    archive: &Archive,
    session: &Session,
) -> Result<()> {
    let printer = &session.printer;
    let blocker = &row.blocker;
    printer.line(&format!(
        "\n {}  {}  {} ({})",
        at + 1,
        blocker.kind.as_str().replace('_', " "),
        sanitize::line(&blocker.name),
        blocker.id
    ))?;
    let until = blocker
        .until
        .map_or_else(|| blocker.ends_when.clone(), |at| format!("{}: {}", printer.time(Some(at)), blocker.ends_when));
    let mut facts = vec![
        ("case", blocker.case.as_ref().map_or_else(|| "none".to_owned(), |case| case_name(archive, case))),
        ("placed", format!("{} by {}", printer.time(Some(blocker.placed_at)), blocker.placed_by)),
        ("reason", blocker.reason.clone()),
    ];
    if !matches!(explanation.target, Target::Message(_)) {
        let mailboxes = human::counted(row.mailboxes, "mailbox");
        facts.push((
            "blocks",
            match row.items {
                0 => "0 items now; it covers what arrives later".to_owned(),
                items => format!("{} in {mailboxes}", human::counted(items, "item")),
            },
        ));
    }
    facts.push(("covered because", because(explanation, &blocker.because)?));
    facts.push(("ends when", until));
    if matches!(explanation.target, Target::Plan(_) | Target::Query(_)) {
        let examples: Vec<String> = row.examples.iter().map(ToString::to_string).collect();
        facts.push(("for example", examples.join("\n")));
    }
    printer.block(&facts)
}

/// The name of a case; its id if it has none any more.
fn case_name(archive: &Archive, id: &CaseId) -> String {
    archive.state().cases.get(id).map_or_else(|| id.to_string(), |case| case.name.clone())
}

/// Blockers name their case by id; people and scripts know its name.
pub fn name_cases(blockers: &mut Value, archive: &Archive) {
    for blocker in blockers.as_array_mut().into_iter().flatten() {
        if let Some(id) = blocker.get("case").and_then(Value::as_str).map(|id| CaseId(id.to_owned())) {
            json::set(blocker, "case", case_name(archive, &id));
            json::set(blocker, "case_id", id.0);
        }
    }
}

/// The rules by which a hold covers something, one a line: of a message what holds of it, of a mailbox the scope.
fn because(explanation: &Explanation, rules: &[Because]) -> Result<String> {
    if !matches!(explanation.target, Target::Mailbox(_)) {
        return Ok(rules.iter().map(Because::sentence).collect::<Vec<_>>().join("\n"));
    }
    let rules = json::value(&rules)?;
    Ok(rules.as_array().into_iter().flatten().map(scope).collect::<Vec<_>>().join("\n"))
}

fn scope(rule: &Value) -> String {
    let Value::Object(fields) = rule else { return rule.as_str().unwrap_or_default().replace('_', " ") };
    let name = fields.get("rule").and_then(Value::as_str).unwrap_or_default().replace('_', " ");
    let values: Vec<String> = fields
        .iter()
        .filter(|(key, value)| *key != "rule" && !value.is_null())
        .map(|(_, value)| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .collect();
    let rule = format!("{name} {}", values.join(" ")).trim().to_owned();
    match name.as_str() {
        "query" => rule + "\nand whatever has an attachment or an encrypted text",
        _ => rule,
    }
}
