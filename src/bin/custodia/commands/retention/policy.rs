//! `retention policy`: rules for mailboxes.

use super::{done, terms};
use crate::args::retention::{Policy, PolicyAdd, PolicyEdit, PolicyList, PolicyLock, PolicyRemove, PolicyShow};
use crate::commands::session::{Session, confirmed};
use crate::{error::Exit, human, json, sanitize, table::Table};
use custodia::Result;
use custodia::archive::{self, PolicyRequest, PolicyRow};
use custodia::model::MailboxName;
use serde_json::json;

pub fn run(command: Policy, session: &mut Session) -> Result<Exit> {
    match command {
        Policy::Add(args) => add(args, session),
        Policy::List(args) => list(&args, session),
        Policy::Show(args) => show(&args, session),
        Policy::Edit(args) => edit(args, session),
        Policy::Lock(args) => lock(&args, session),
        Policy::Remove(args) => remove(&args, session),
    }
}

fn addresses(list: &[MailboxName]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn add(args: PolicyAdd, session: &mut Session) -> Result<Exit> {
    if let Some(typed) = &args.confirm {
        confirmed(typed, &args.name)?;
    }
    let request = PolicyRequest {
        terms: args.how.terms(),
        name: args.name,
        mailboxes: addresses(&args.mailboxes),
        groups: args.groups,
        all: args.all_mailboxes,
        excluded: addresses(&args.excluded),
        lock: args.lock,
        reason: args.reason.reason,
    };
    let row = session.open()?.add_policy(&request, args.dry_run.dry_run)?;
    tell(&row, "would add", "Added", session)?;
    if !row.dry_run {
        session
            .printer
            .say(&format!("What is past its period is due at once: {}", session.command(&["retention", "preview"])));
    }
    Ok(Exit::Done)
}

fn edit(args: PolicyEdit, session: &mut Session) -> Result<Exit> {
    let change = args.change;
    let edit = archive::PolicyEdit {
        keep: change.keep,
        delete_after: change.delete_after,
        add_mailboxes: addresses(&change.mailboxes),
        add_groups: change.groups,
        remove_mailboxes: addresses(&change.remove_mailboxes),
        remove_groups: change.remove_groups,
        exclude: addresses(&change.exclude),
        include: addresses(&change.include),
        reason: args.reason.reason,
    };
    let row = session.open()?.edit_policy(&args.policy, &edit, args.dry_run.dry_run)?;
    tell(&row, "would change", "Changed", session)?;
    Ok(Exit::Done)
}

fn lock(args: &PolicyLock, session: &mut Session) -> Result<Exit> {
    let mut archive = session.open()?;
    // Whether there is such a policy is for the lock to say.
    confirmed(
        &args.confirm,
        archive.state().policy(&args.policy).map_or(args.policy.as_str(), |own| own.name.as_str()),
    )?;
    let row = archive.lock_policy(&args.policy, &args.reason.reason, args.dry_run.dry_run)?;
    tell(&row, "would lock for ever", "Locked for ever", session)?;
    Ok(Exit::Done)
}

fn remove(args: &PolicyRemove, session: &mut Session) -> Result<Exit> {
    let row = session.open()?.remove_policy(&args.policy, &args.reason.reason, args.dry_run.dry_run)?;
    tell(&row, "would remove", "Removed", session)?;
    Ok(Exit::Done)
}

fn tell(row: &PolicyRow, would: &str, did: &str, session: &Session) -> Result<()> {
    if session.printer.json() {
        return session.printer.document(&json::document("retention.policy", row)?);
    }
    let policy = &row.policy;
    let about =
        format!("{}, {}", human::counted(row.covers.len() as u64, "mailbox"), human::counted(row.items, "item"));
    session.printer.line(&format!(
        "{} {}: {}; {about}.",
        if row.dry_run { would } else { did },
        sanitize::line(&policy.name),
        terms(&policy.terms)
    ))?;
    if !row.dry_run {
        session.printer.line(&format!("{}  {}", policy.id, sanitize::line(&policy.name)))?;
    }
    session.end_dry_run(row.dry_run)
}

fn list(args: &PolicyList, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let policies = archive.policies(args.all)?;
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.retention.policy.list/1", "policies": json::value(&policies)?, "total": policies.len(),
        }))?;
        return Ok(Exit::Done);
    }
    if policies.is_empty() {
        session
            .printer
            .say("No policies.  Next: custodia retention policy add NAME --keep 7y --all-mailboxes --reason TEXT");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["POLICY", "ID", "STATUS", "TERMS", "SCOPE", ">MAILBOXES", ">ITEMS", "ADDED", "BY"]);
    for row in &policies {
        let policy = &row.policy;
        table.row([
            policy.name.clone(),
            policy.id.to_string(),
            row.status.to_owned(),
            terms(&policy.terms),
            if policy.scope.all { "all" } else { "named" }.to_owned(),
            human::count(row.covers.len() as u64),
            human::count(row.items),
            human::day(policy.added.at, session.printer.zone()),
            policy.added.by.clone(),
        ]);
    }
    session.printer.table(&table)?;
    Ok(Exit::Done)
}

fn show(args: &PolicyShow, session: &mut Session) -> Result<Exit> {
    let archive = session.open()?;
    let row = archive.policy(&args.policy)?;
    if session.printer.json() {
        session.printer.document(&json::document("retention.policy", &row)?)?;
        return Ok(Exit::Done);
    }
    let (policy, scope) = (&row.policy, &row.policy.scope);
    let lines = |names: &std::collections::BTreeSet<MailboxName>| {
        names.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let mut facts = vec![
        ("id", policy.id.to_string()),
        ("status", row.status.to_owned()),
        ("terms", terms(&policy.terms)),
        (
            "about",
            format!(
                "{}, {} now",
                human::counted(row.covers.len() as u64, "mailbox"),
                human::counted(row.items, "item")
            ),
        ),
    ];
    if scope.all {
        facts.push(("scope", "all mailboxes".to_owned()));
    }
    if !scope.excluded.is_empty() {
        facts.push(("but for", lines(&scope.excluded)));
    }
    if !scope.mailboxes.is_empty() {
        facts.push(("mailboxes", lines(&scope.mailboxes)));
    }
    for (group, members) in &scope.groups {
        facts.push(("group", format!("{group}, as it was when it was named:\n{}", lines(members))));
    }
    let changes = [
        ("added", Some(&policy.added)),
        ("edited", policy.edited.as_ref()),
        ("locked", policy.locked.as_ref()),
        ("removed", policy.removed.as_ref()),
    ];
    for (what, change) in changes {
        if let Some(change) = change {
            facts.push((what, format!("{}\n{}", done(change, session), change.reason)));
        }
    }
    session.printer.line(&sanitize::line(&policy.name))?;
    session.printer.block(&facts)?;
    Ok(Exit::Done)
}
