//! `user`: the directory of valid mailboxes.

use super::session::{Session, read_file};
use crate::args::user::{Add, Disable, Edit, Import, Show, User};
use crate::{error::Exit, human, json, table::Table};
use custodia::archive::{RejectedRow, UserEdit, UserRow};
use custodia::model::{PhoneNumber, User as Person, UserStatus};
use custodia::query::folder_id;
use custodia::{Error, ErrorKind, Result};
use serde_json::json;

/// Runs a sub-command.
pub fn run(command: User, session: &mut Session) -> Result<Exit> {
    match command {
        User::Add(args) => add(args, session),
        User::Import(args) => import(&args, session),
        User::List => list(session),
        User::Show(args) => show(&args, session),
        User::Edit(args) => edit(args, session),
        User::Disable(args) => disable(&args, session),
    }
}

fn add(args: Add, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let (email, numbers) = (args.email.as_str(), texts(&args.numbers));
    let user = match dry_run {
        true => archive.would_add_user(email, args.name, &numbers, &args.groups)?,
        false => archive.add_user_in(email, args.name, &numbers, &args.groups)?,
    };
    session.printer.carry(archive.warnings());
    let done = if dry_run { "would add" } else { "added" };
    tell(&user, done, dry_run, session)?;
    if user.numbers.is_empty() {
        session.printer.say("It has no number: only a mapping or the item's e-mail address leads to it.");
    }
    Ok(Exit::Done)
}

fn edit(args: Edit, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let (email, change) = (args.email.as_str(), args.change);
    let edit = UserEdit {
        name: change.name,
        add_numbers: texts(&change.numbers),
        remove_numbers: texts(&change.remove_numbers),
        add_groups: change.groups,
        remove_groups: change.remove_groups,
    };
    let lists = [&edit.add_numbers, &edit.remove_numbers, &edit.add_groups, &edit.remove_groups];
    let edits = edit.name.is_some() || lists.iter().any(|list| !list.is_empty());
    let mut archive = session.open()?;
    let mut user = archive.would_change_user(email, &edit)?;
    if change.enable {
        user.status = UserStatus::Active;
    }
    if !dry_run && edits {
        user = archive.change_user(email, &edit)?;
    }
    if !dry_run && change.enable {
        user = archive.enable_user(email)?;
    }
    session.printer.carry(archive.warnings());
    tell(&user, if dry_run { "would change" } else { "changed" }, dry_run, session)?;
    Ok(Exit::Done)
}

fn disable(args: &Disable, session: &mut Session) -> Result<Exit> {
    let dry_run = args.dry_run.dry_run;
    let mut archive = session.open()?;
    let mut user = archive.would_change_user(args.email.as_str(), &UserEdit::default())?;
    user.status = UserStatus::Disabled;
    if !dry_run {
        user = archive.disable_user(args.email.as_str(), args.reason.as_deref().unwrap_or_default())?;
    }
    let holds = archive.holds_on(&user.email);
    if session.printer.json() {
        let mut document = json::document("user", &user)?;
        json::set(&mut document, "holds", holds.as_slice());
        json::set(&mut document, "dry_run", dry_run);
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    tell(&user, if dry_run { "would disable" } else { "disabled" }, dry_run, session)?;
    if !dry_run {
        session.printer.say("The mailbox, its items and its holds stay; it takes no new items.");
    }
    if !holds.is_empty() {
        let stay = if holds.len() == 1 { "stays" } else { "stay" };
        let names: Vec<String> = holds.iter().map(|name| crate::sanitize::line(name)).collect();
        session.printer.say(&format!(
            "{} {stay} on it: {}.",
            human::counted(holds.len() as u64, "hold"),
            names.join(", ")
        ));
    }
    Ok(Exit::Done)
}

fn texts(numbers: &[PhoneNumber]) -> Vec<String> {
    numbers.iter().map(ToString::to_string).collect()
}

fn tell(user: &Person, done: &str, dry_run: bool, session: &Session) -> Result<()> {
    if session.printer.json() {
        let mut document = json::document("user", user)?;
        json::set(&mut document, "dry_run", dry_run);
        return session.printer.document(&document);
    }
    let numbers = if user.numbers.is_empty() { String::new() } else { format!("  {}", texts(&user.numbers).join(" ")) };
    let name = user.name.as_deref().map(|name| format!("  {}", crate::sanitize::line(name))).unwrap_or_default();
    session.printer.line(&format!("{done} {}{name}{numbers}", user.email))?;
    session.end_dry_run(dry_run)
}

fn import(args: &Import, session: &mut Session) -> Result<Exit> {
    let csv = read_file(&args.csv)?;
    let mut archive = session.open()?;
    let report = archive.import_users(&csv, args.dry_run.dry_run)?;
    session.printer.carry(archive.warnings());
    let exit = if report.rejected.is_empty() { Exit::Done } else { Exit::Partial };
    if session.printer.json() {
        let mut document = json::document("user.import", &report)?;
        json::set(&mut document, "exit", exit as u8);
        session.printer.document(&document)?;
        return Ok(exit);
    }
    let [first, second, third] = match report.dry_run {
        true => ["would add", "would update", "would leave"],
        false => ["added", "updated", "unchanged"],
    };
    counts(session, "user", &[(first, report.added), (second, report.updated), (third, report.unchanged)])?;
    rejected(session, &report.rejected, report.dry_run)?;
    session.end_dry_run(report.dry_run)?;
    Ok(exit)
}

/// What was done, a line for each kind of which there is any.
pub fn counts(session: &Session, unit: &str, rows: &[(&str, u64)]) -> Result<()> {
    let some: Vec<_> = rows.iter().filter(|(_, n)| *n > 0).collect();
    let shown = if some.is_empty() { rows.iter().take(1).collect() } else { some };
    let width = shown.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    shown
        .iter()
        .try_for_each(|(label, n)| session.printer.line(&format!("{label:width$}   {}", human::counted(*n, unit))))
}

/// Rows of a file that were not taken.
pub fn rejected(session: &Session, rows: &[RejectedRow], dry_run: bool) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let would = if dry_run { "would reject" } else { "rejected" };
    session.printer.line(&format!("{would}   {}", human::counted(rows.len() as u64, "row")))?;
    let mut table = Table::new(&[">LINE", "CODE", "VALUE", "WHAT TO DO"]);
    for row in rows {
        table.row([&row.line.to_string(), row.code.as_str(), &row.value, row.fix]);
    }
    session.printer.table(&table)
}

fn list(session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let users = archive.users()?;
    session.printer.carry(archive.warnings());
    if session.printer.json() {
        let rows = json::value(&users)?;
        session.printer.document(&json!({"schema": "custodia.user.list/1", "users": rows, "total": users.len()}))?;
        return Ok(Exit::Done);
    }
    if users.is_empty() {
        session.printer.say("No users yet.  Next: custodia user import users.csv");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["EMAIL", "NAME", "NUMBER", "STATUS", ">MESSAGES", "LAST", "HOLD"]);
    for row in &users {
        table.row(cells(row, session));
    }
    session.printer.table(&table)?;
    session.printer.say(&format!(
        "{}; a group message lies in each participant's mailbox, so the sum is larger than the archive.",
        human::counted(users.len() as u64, "user")
    ));
    Ok(Exit::Done)
}

fn cells(row: &UserRow, session: &Session) -> [String; 7] {
    let or_dash = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    [
        row.user.email.to_string(),
        or_dash(row.user.name.clone().unwrap_or_default()),
        or_dash(texts(&row.user.numbers).join(" ")),
        row.user.status.as_str().to_owned(),
        human::count(row.messages),
        row.last_message.map_or_else(|| "never".to_owned(), |at| human::day(at, session.printer.zone())),
        or_dash(row.holds.join(", ")),
    ]
}

fn show(args: &Show, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let row = archive.users()?.into_iter().find(|row| row.user.email == args.email).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("there is no user {}", args.email))
            .with_hint("custodia user list shows them")
    })?;
    let folders = [false, true].map(|recoverable| folder_id(&row.user.email, recoverable));
    let [archived, deletions] = &folders;
    if session.printer.json() {
        let mut document = json::document("user", &row)?;
        if let Some(fields) = document.as_object_mut() {
            fields.insert("folders".into(), serde_json::json!({"whatsapp_archiver": archived, "deletions": deletions}));
        }
        session.printer.document(&document)?;
        return Ok(Exit::Done);
    }
    let groups: Vec<String> = row.user.groups.iter().cloned().collect();
    let [email, name, number, status, messages, last, hold] = cells(&row, session);
    session.printer.line(&email)?;
    session.printer.block(&[
        ("name", name),
        ("number", number),
        ("groups", if row.user.groups.is_empty() { "–".to_owned() } else { groups.join(", ") }),
        ("status", status),
        ("messages", messages),
        ("last", last),
        ("hold", hold),
        ("folder ids", format!("{archived}  WhatsApp Archiver")),
        ("", format!("{deletions}  Deletions")),
    ])?;
    Ok(Exit::Done)
}
