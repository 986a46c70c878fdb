//! The certificate of a disposition: what went, under which plan, by whom, when, and the journal's lines that prove it.
//!
//! Contract: values and text only; no message text, subject or name is in it. `archive::certificate` makes and checks it.

use crate::model::{Digest, Instant, MailboxName, MessageId, PlanBasis, PlanId, Seq, event::Disposal};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The schema of the document.
pub const SCHEMA: &str = "custodia.certificate/1";

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// [`SCHEMA`].
    pub schema: String,
    /// The id of the archive.
    pub archive: String,
    /// Its name.
    pub archive_name: String,
    /// The plan or the message that it is about.
    pub about: String,
    /// When it was made.
    pub made_at: Instant,
    /// By whom.
    pub made_by: String,
    /// The plans that took part.
    pub plans: Vec<CertifiedPlan>,
    /// What happened to items, in the order of the journal.
    pub items: Vec<CertifiedItem>,
    /// The messages that those were items of.
    pub messages: Vec<CertifiedMessage>,
    /// Items that were purged.
    pub items_purged: u64,
    /// Items that lie among the recoverable items.
    pub items_recoverable: u64,
    /// Items that were brought back and not deleted again.
    pub items_restored: u64,
    /// Messages of which nothing is left.
    pub messages_purged: u64,
    /// Bytes of their files.
    pub bytes_purged: u64,
    /// What the purge could not take, as far as it was known when this was made. Not of the journal, and not checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_taken: Vec<String>,
    /// The proof.
    pub proof: Proof,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertifiedPlan {
    /// Its id.
    pub plan: PlanId,
    /// The query or list that it was made over.
    pub query: String,
    /// Why.
    pub reason: String,
    /// On what authority.
    pub basis: PlanBasis,
    /// When it was made.
    pub planned_at: Instant,
    /// By whom.
    pub planned_by: String,
    /// The journal line that says so.
    pub seq: Seq,
    /// Items in it.
    pub matched: u64,
}

/// What happened to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertifiedItem {
    /// The message.
    pub id: MessageId,
    /// The mailbox.
    pub mailbox: MailboxName,
    /// The plan.
    pub plan: PlanId,
    /// What happened.
    pub how: Fate,
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: String,
    /// The journal line that says so.
    pub seq: Seq,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Moved to the recoverable items.
    Recoverable,
    /// Unlinked for good.
    Purged,
    /// Brought back out of the recoverable items.
    Restored,
}

impl From<Disposal> for Fate {
    fn from(how: Disposal) -> Self {
        match how {
            Disposal::Recoverable => Self::Recoverable,
            Disposal::Purged => Self::Purged,
        }
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertifiedMessage {
    /// Its id.
    pub id: MessageId,
    /// SHA-256 of its file.
    pub digest: Digest,
    /// Size of that file in bytes.
    pub size: u64,
    /// When it was sent.
    pub sent: Option<Instant>,
    /// The journal line that archived it.
    pub archived_seq: Seq,
    /// When its file went; `None`: it did not.
    pub purged_at: Option<Instant>,
    /// The journal line that says so.
    pub purged_seq: Option<Seq>,
    /// Links and copies that went besides.
    pub moved: u64,
    /// Hard links to the file that were left where the program does not see them.
    pub elsewhere: u64,
}

/// What proves it: lines of the journal, and the chain from the first of them that deleted something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The lines that say what this certificate says.
    pub lines: Vec<CitedLine>,
    /// The first line of [`Self::digests`].
    pub chain_from: Seq,
    /// The hash of the line before it.
    pub previous: Digest,
    /// SHA-256 of the JSON of every line from there on, without a gap.
    pub digests: Vec<Digest>,
    /// The last line of them.
    pub head_seq: Seq,
    /// Its hash.
    pub head: Digest,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitedLine {
    /// Its number.
    pub seq: Seq,
    /// Its hash: SHA-256 of the hash before it, a space, and the digest below, as text.
    pub hash: Digest,
    /// The hash of the line before it.
    pub previous: Digest,
    /// SHA-256 of its JSON.
    pub digest: Digest,
    /// Its JSON; left out of long certificates, the journal has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
}

impl Certificate {
    /// The certificate for people, as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "# Certificate of disposition\n");
        let _ = writeln!(out, "Archive {} ({}), about {}.", plain(&self.archive_name), self.archive, self.about);
        let _ = writeln!(out, "Made {} by {}.\n", self.made_at, plain(&self.made_by));
        let _ = writeln!(
            out,
            "- items purged: {}\n- items among the recoverable items: {}\n- items brought back: {}\n- messages of which \
             nothing is left: {} ({} bytes)\n",
            self.items_purged, self.items_recoverable, self.items_restored, self.messages_purged, self.bytes_purged
        );
        for plan in &self.plans {
            let _ = writeln!(out, "## Plan {}\n", plan.plan);
            let _ = writeln!(out, "- made {} by {} (line {})", plan.planned_at, plain(&plan.planned_by), plan.seq);
            let _ = writeln!(out, "- basis: {}\n- reason: {}", plan.basis.sentence(), plain(&plan.reason));
            let _ = writeln!(out, "- over: {} ({} items)\n", plain(&plan.query), plan.matched);
        }
        self.tables(&mut out);
        let proof = &self.proof;
        let _ = writeln!(out, "## Proof\n");
        let _ = writeln!(
            out,
            "{} lines of the journal say this. From line {} (after {}) the chain of {} lines leads to line {} with the \
             hash\n`{}`.\n\nThe JSON form of this certificate has every line with its hash and digest. Custodia checks it \
             with `custodia delete certificate --verify FILE`; the page `deletion` of the documentation has a script that \
             needs nothing else.",
            proof.lines.len(),
            proof.chain_from,
            proof.previous,
            proof.digests.len(),
            proof.head_seq,
            proof.head
        );
        out
    }

    fn tables(&self, out: &mut String) {
        let _ = writeln!(out, "## Items\n\n| message | mailbox | what | when | by | line |\n|---|---|---|---|---|---|");
        for item in &self.items {
            let how = match item.how {
                Fate::Recoverable => "moved to Recoverable Items",
                Fate::Purged => "purged",
                Fate::Restored => "brought back",
            };
            let _ = writeln!(
                out,
                "| {} | {} | {how} | {} | {} | {} |",
                item.id,
                plain(item.mailbox.as_str()),
                item.at,
                plain(&item.by),
                item.seq
            );
        }
        let _ = writeln!(out, "\n## Messages\n\n| message | SHA-256 | bytes | sent | file gone | left elsewhere |");
        let _ = writeln!(out, "|---|---|---|---|---|---|");
        for message in &self.messages {
            let time = |at: Option<Instant>, none: &str| at.map_or_else(|| none.to_owned(), |at| at.to_string());
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                message.id,
                message.digest,
                message.size,
                time(message.sent, "unknown"),
                time(message.purged_at, "no"),
                message.elsewhere
            );
        }
        let _ = writeln!(out);
        if !self.not_taken.is_empty() {
            let _ = writeln!(out, "## Not taken\n");
            self.not_taken.iter().for_each(|what| out.push_str(&format!("- {}\n", plain(what))));
            let _ = writeln!(out);
        }
    }
}

/// Text that somebody typed, so that it cannot act as Markdown or HTML, and stays on its line.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            _ if c.is_control() => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '#' | '\\' => out.extend(['\\', c]),
            // Marks that turn the direction of what follows.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_somebody_typed_cannot_act_in_the_text() {
        assert_eq!(plain("a|b <script>\n[x](y) \u{202e}z"), "a\\|b &lt;script> \\[x\\](y) \u{fffd}z");
    }
}
