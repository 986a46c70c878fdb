//! Roles: who may do what, as `[roles]` in `archive.toml` says.
//!
//! Contract: data and one table. Roles are claimed by `--actor`, and whoever can write the archive's files can do without
//! them: they keep colleagues from mistakes and make the audit trail say what was refused. The real boundary is who may read
//! and write the files.

use super::Actor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What front a name has in `[roles]` that means an account of the operating system, whatever the actor claims.
pub const ACCOUNT_PREFIX: &str = "os:";

/// A role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Imports, and the directory of users and numbers.
    DataConnectorAdmin,
    /// Search, cases, holds, export.
    EdiscoveryManager,
    /// Retention and disposition.
    ComplianceAdmin,
    /// Reads the audit trail and verifies.
    Auditor,
}

impl Role {
    /// The word in `archive.toml`, in the journal and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataConnectorAdmin => "data-connector-admin",
            Self::EdiscoveryManager => "ediscovery-manager",
            Self::ComplianceAdmin => "compliance-admin",
            Self::Auditor => "auditor",
        }
    }
}

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Change users and the mapping.
    Directory,
    /// See users, the mapping and runs.
    SeeDirectory,
    /// Import, and make derived stores anew.
    Import,
    /// Search, read and tag messages.
    Search,
    /// Cases and custodians.
    Cases,
    /// Place, widen and release holds.
    Holds,
    /// See holds, and what blocks something.
    SeeHolds,
    /// Write packages of messages.
    Export,
    /// Retention policies and labels.
    Retention,
    /// Deletion plans, erasure requests, and carrying them out.
    Disposition,
    /// Agree to what somebody else wants to release or delete.
    Approve,
    /// Read the audit trail.
    Audit,
    /// Verify.
    Verify,
}

impl Right {
    /// Every right.
    pub const ALL: &'static [Self] = &[
        Self::Directory,
        Self::SeeDirectory,
        Self::Import,
        Self::Search,
        Self::Cases,
        Self::Holds,
        Self::SeeHolds,
        Self::Export,
        Self::Retention,
        Self::Disposition,
        Self::Approve,
        Self::Audit,
        Self::Verify,
    ];

    /// The roles that have it.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        use Role::{Auditor, ComplianceAdmin, DataConnectorAdmin, EdiscoveryManager};
        match self {
            Self::Directory | Self::Import => &[DataConnectorAdmin],
            Self::SeeDirectory => &[DataConnectorAdmin, EdiscoveryManager, ComplianceAdmin, Auditor],
            Self::Search | Self::Cases | Self::Holds | Self::Export => &[EdiscoveryManager],
            // Who deletes must see what blocks.
            Self::SeeHolds | Self::Approve => &[EdiscoveryManager, ComplianceAdmin],
            Self::Retention | Self::Disposition => &[ComplianceAdmin],
            Self::Audit | Self::Verify => &[Auditor],
        }
    }
}

/// `[roles]` of `archive.toml`: who has which role. Nobody named at all: the owner of the files may do everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Roles {
    /// See [`Role::DataConnectorAdmin`].
    pub data_connector_admin: BTreeSet<String>,
    /// See [`Role::EdiscoveryManager`].
    pub ediscovery_manager: BTreeSet<String>,
    /// See [`Role::ComplianceAdmin`].
    pub compliance_admin: BTreeSet<String>,
    /// See [`Role::Auditor`].
    pub auditor: BTreeSet<String>,
}

impl Roles {
    /// Whether nobody is named.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// The roles of an actor: by the claimed name, or the account's where none is claimed; by the account where the name
    /// begins with [`ACCOUNT_PREFIX`].
    #[must_use]
    pub fn of(&self, actor: &Actor) -> Vec<Role> {
        let has = |names: &BTreeSet<String>| {
            names.iter().any(|name| match name.strip_prefix(ACCOUNT_PREFIX) {
                Some(account) => account == actor.os_user,
                None => name.to_lowercase() == actor.label().to_lowercase(),
            })
        };
        let table = [
            (Role::DataConnectorAdmin, &self.data_connector_admin),
            (Role::EdiscoveryManager, &self.ediscovery_manager),
            (Role::ComplianceAdmin, &self.compliance_admin),
            (Role::Auditor, &self.auditor),
        ];
        table.into_iter().filter(|(_, names)| has(names)).map(|(role, _)| role).collect()
    }

    /// Whether an actor may do what needs this right.
    #[must_use]
    pub fn allow(&self, actor: &Actor, right: Right) -> bool {
        self.is_unset() || self.of(actor).iter().any(|role| right.roles().contains(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(claimed: &str, os_user: &str) -> Actor {
        Actor { claimed: claimed.into(), os_user: os_user.into(), ..Actor::default() }
    }

    #[test]
    fn without_names_everybody_may_do_everything_and_with_one_only_who_has_the_role() {
        let nobody = Roles::default();
        assert!(Right::ALL.iter().all(|right| nobody.allow(&actor("x", "y"), *right)));
        let roles = Roles { auditor: ["a.quill".to_owned()].into(), ..Roles::default() };
        for right in Right::ALL {
            assert!(!roles.allow(&actor("somebody", "y"), *right), "{right:?}");
            let may = matches!(right, Right::Audit | Right::Verify | Right::SeeDirectory);
            assert_eq!(roles.allow(&actor("A.Quill", "y"), *right), may, "{right:?}");
        }
    }

    #[test]
    fn a_claimed_name_hides_the_account_but_not_from_an_account_entry() {
        let roles = Roles {
            auditor: ["quill".to_owned()].into(),
            compliance_admin: ["os:quill".to_owned()].into(),
            ..Roles::default()
        };
        assert_eq!(roles.of(&actor("", "quill")), [Role::ComplianceAdmin, Role::Auditor]);
        assert_eq!(roles.of(&actor("ward", "quill")), [Role::ComplianceAdmin]);
        assert_eq!(roles.of(&actor("os:quill", "ward")), []);
    }

    #[test]
    fn every_right_belongs_to_a_role_and_every_role_has_one() {
        assert!(Right::ALL.iter().all(|right| !right.roles().is_empty()));
        for role in [Role::DataConnectorAdmin, Role::EdiscoveryManager, Role::ComplianceAdmin, Role::Auditor] {
            assert!(Right::ALL.iter().any(|right| right.roles().contains(&role)), "{role:?}");
        }
    }
}
