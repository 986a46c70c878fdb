//! What is asked of policies, and what becomes of their scope.

use super::held;
use crate::{
    Error, ErrorKind, Result,
    archive::Archive,
    model::{MailboxName, Period, Policy, PolicyScope, Terms, Then, fold_tag},
    state::State,
};
use std::collections::BTreeSet;

/// A policy that shall be made.
#[derive(Clone, Debug)]
pub struct PolicyRequest {
    /// Its name.
    pub name: String,
    /// For how long.
    pub terms: Terms,
    /// Mailboxes by address.
    pub mailboxes: Vec<String>,
    /// Groups of the directory: their mailboxes of now.
    pub groups: Vec<String>,
    /// All mailboxes there are and will be.
    pub all: bool,
    /// Those among all that are not meant.
    pub excluded: Vec<String>,
    /// Lock it at once.
    pub lock: bool,
    /// Why.
    pub reason: String,
}

/// What shall change about a policy.
#[derive(Clone, Debug, Default)]
pub struct PolicyEdit {
    /// How long it keeps, where it keeps.
    pub keep: Option<Period>,
    /// After how long it deletes, where that is a period of its own.
    pub delete_after: Option<Period>,
    /// Mailboxes to name.
    pub add_mailboxes: Vec<String>,
    /// Groups to name, with their mailboxes of now; those of a group that is named already are written out again.
    pub add_groups: Vec<String>,
    /// Mailboxes to name no more.
    pub remove_mailboxes: Vec<String>,
    /// Groups to name no more.
    pub remove_groups: Vec<String>,
    /// Mailboxes to except from all.
    pub exclude: Vec<String>,
    /// Exceptions to take back.
    pub include: Vec<String>,
    /// Why.
    pub reason: String,
}

impl Archive {
    fn addresses(&self, names: &[String]) -> Result<BTreeSet<MailboxName>> {
        names.iter().map(|name| self.mailbox(name)).collect()
    }

    /// The scope of a policy that is made.
    pub(super) fn new_scope(&self, request: &PolicyRequest) -> Result<PolicyScope> {
        let usage = |message: &str, hint: &str| Err(Error::new(ErrorKind::Usage, message).with_hint(hint));
        let named = !request.mailboxes.is_empty() || !request.groups.is_empty();
        match (request.all, named) {
            (false, false) => {
                return usage("the policy would be about no mailbox", "give --mailbox, --group, or --all-mailboxes");
            }
            (true, true) => return usage("all mailboxes are meant already", "except some with --exclude"),
            (false, true) if !request.excluded.is_empty() => {
                return usage("only a policy for all mailboxes has exceptions", "name the mailboxes that are meant");
            }
            _ => {}
        }
        let mut scope = PolicyScope {
            all: request.all,
            excluded: self.addresses(&request.excluded)?,
            mailboxes: self.addresses(&request.mailboxes)?,
            ..PolicyScope::default()
        };
        for group in &request.groups {
            let (name, members) = members(&self.state, group)?;
            scope.groups.insert(name, members);
        }
        Ok(scope)
    }

    /// The addresses of an edit, looked up.
    pub(super) fn edit_addresses(&self, edit: &PolicyEdit) -> Result<[BTreeSet<MailboxName>; 4]> {
        let of = |names: &[String]| self.addresses(names);
        Ok([of(&edit.add_mailboxes)?, of(&edit.remove_mailboxes)?, of(&edit.exclude)?, of(&edit.include)?])
    }
}

/// The group of this name in its first spelling, and the mailboxes of its users now.
fn members(state: &State, group: &str) -> Result<(String, BTreeSet<MailboxName>)> {
    let folded = fold_tag(group);
    let own = |user: &crate::model::User| user.groups.iter().find(|own| fold_tag(own) == folded).cloned();
    let found: Vec<_> = state.users.values().filter_map(|user| Some((own(user)?, user.email.clone()))).collect();
    let Some((name, _)) = found.first().cloned() else {
        let mut known: Vec<&str> = state.users.values().flat_map(|user| &user.groups).map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        known.truncate(8);
        let hint = match known.is_empty() {
            true => "no user is in a group; custodia user edit EMAIL --group NAME puts one in".to_owned(),
            false => format!("there are {}", known.join(", ")),
        };
        return Err(Error::new(ErrorKind::Usage, format!("no user is in a group {group}")).with_hint(hint));
    };
    Ok((name, found.into_iter().map(|(_, email)| email).collect()))
}

/// The terms of a policy after an edit: its periods alone change.
pub(super) fn edited_terms(policy: &Policy, edit: &PolicyEdit) -> Result<Terms> {
    let mut terms = policy.terms;
    let none = |what: &str| {
        Err(Error::new(ErrorKind::Usage, format!("the policy {} {what}", policy.name))
            .with_hint("an edit changes periods and mailboxes; another kind of rule is another policy"))
    };
    if let Some(keep) = edit.keep {
        if terms.keep.is_none() {
            return none("keeps nothing");
        }
        terms.keep = Some(keep);
    }
    if let Some(delete_after) = edit.delete_after {
        match (terms.delete_after, terms.then) {
            (Some(_), _) => terms.delete_after = Some(delete_after),
            (None, Then::Delete) => return none("deletes at the end of the time for which it keeps: change --keep"),
            (None, Then::Keep) => return none("deletes nothing"),
        }
    }
    Ok(terms)
}

/// The scope of a policy after an edit. Never "all" because nothing is left.
pub(super) fn edited_scope(
    state: &State,
    policy: &Policy,
    edit: &PolicyEdit,
    [add, remove, exclude, include]: &[BTreeSet<MailboxName>; 4],
) -> Result<PolicyScope> {
    let mut scope = policy.scope.clone();
    let names_some =
        !add.is_empty() || !remove.is_empty() || !edit.add_groups.is_empty() || !edit.remove_groups.is_empty();
    if scope.all && names_some {
        return Err(Error::new(ErrorKind::Usage, format!("the policy {} is about all mailboxes", policy.name))
            .with_hint("--exclude excepts one, --include takes that back"));
    }
    let excepts_some = !exclude.is_empty() || !include.is_empty();
    if !scope.all && excepts_some {
        return Err(Error::new(ErrorKind::Usage, format!("the policy {} names its mailboxes", policy.name))
            .with_hint("--mailbox adds one, --remove-mailbox takes one away"));
    }
    for mailbox in remove {
        if !scope.mailboxes.remove(mailbox) {
            return Err(not_named(policy, mailbox.as_str(), &scope));
        }
    }
    for group in &edit.remove_groups {
        let own = scope.groups.keys().find(|own| fold_tag(own) == fold_tag(group)).cloned();
        if own.and_then(|own| scope.groups.remove(&own)).is_none() {
            return Err(not_named(policy, group, &scope));
        }
    }
    scope.mailboxes.extend(add.iter().cloned());
    for group in &edit.add_groups {
        let (name, mut now) = members(state, group)?;
        // A locked policy keeps whom it had: who left the group since stays.
        if policy.locked.is_some()
            && let Some(before) = scope.groups.get(&name)
        {
            now.extend(before.iter().cloned());
        }
        scope.groups.insert(name, now);
    }
    scope.excluded.extend(exclude.iter().cloned());
    scope.excluded.retain(|mailbox| !include.contains(mailbox));
    if scope.is_empty() {
        return Err(held(
            format!("nothing would be left of the scope of {}; nothing was changed", policy.name),
            "a policy without mailboxes is not one for all: remove it with custodia retention policy remove",
        ));
    }
    Ok(scope)
}

fn not_named(policy: &Policy, what: &str, scope: &PolicyScope) -> Error {
    let by_group = scope.groups.iter().find(|(_, members)| members.iter().any(|m| m.as_str() == what));
    let error = Error::new(ErrorKind::Usage, format!("the policy {} does not name {what}", policy.name));
    match by_group {
        Some((group, _)) => error.with_hint(format!("it is meant as one of the group {group}")),
        None => error.with_hint("custodia retention policy show says what it names"),
    }
}
