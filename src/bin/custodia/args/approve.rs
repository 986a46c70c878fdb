//! `approve`: the second person's agreement.

use super::{global::DryRun, value};
use clap::Args;
use std::path::PathBuf;

/// Agree to the release of a hold, to ending its delay, or to a deletion plan that somebody else wants
#[derive(Debug, Args)]
#[command(after_help = "\
Where archive.toml says second_person = true under [settings], nothing is released, no delay ends
early and nothing is deleted without this, recorded under another account of this machine than the
one that then acts. Another --actor name alone does not count. It is for the hold as it stands, of a
released hold for ending its delay, or for the plan's very items. Where the approver has no account
here: --statement writes the text to be signed, the approver signs it with an Ed25519 key whose
public half stands under [approvers] in archive.toml, and --signature records that.

Examples:
  custodia approve plan_5d20c1aa --reason \"Checked the list with counsel\"
  custodia approve falcon-ann --reason \"Settled; release agreed\"
  custodia approve falcon-ann --statement release.txt
  openssl pkeyutl -sign -rawin -inkey hale.pem -in release.txt -out release.sig
  custodia approve falcon-ann --signature release.sig --approver q.hale --reason \"Release agreed\"")]
pub struct Approve {
    /// The plan's id, or the hold's name or id
    #[arg(value_name = "PLAN|HOLD")]
    pub target: String,
    /// Why; goes into the audit trail
    #[arg(long, value_name = "TEXT", value_parser = value::text, required_unless_present = "statement")]
    pub reason: Option<String>,
    /// Only write the text to be signed, into this file, which must not exist
    #[arg(long, value_name = "FILE", conflicts_with_all = ["signature", "reason", "dry_run"])]
    pub statement: Option<PathBuf>,
    /// The signature of that text: 64 bytes, or their hex or base64
    #[arg(long, value_name = "FILE", requires = "approver")]
    pub signature: Option<PathBuf>,
    /// Whose signature it is, as [approvers] names the key
    #[arg(long, value_name = "NAME", requires = "signature")]
    pub approver: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRun,
}
