//! The README of a package: what it is, who made it and why, how to check it without this program.

use super::manifest::ManifestRow;
use crate::model::{Digest, ExportId, Instant, Seq};
use std::fmt::Write as _;

/// What the README says.
#[derive(Clone, Debug)]
pub struct Readme<'a> {
    /// The package's id.
    pub id: &'a ExportId,
    /// Name and id of the archive.
    pub archive: (&'a str, &'a str),
    /// When it was made.
    pub at: Instant,
    /// Who made it: claimed name, system user, host, program.
    pub actor: [&'a str; 4],
    /// Why.
    pub reason: &'a str,
    /// What was selected, in a sentence.
    pub selection: &'a str,
    /// The mailboxes that were searched; empty: all.
    pub mailboxes: &'a [String],
    /// Whether messages that cannot be searched in full were added.
    pub include_unindexed: bool,
    /// Messages in the package.
    pub messages: u64,
    /// Items they stand for.
    pub items: u64,
    /// Rows of `exceptions.csv`.
    pub exceptions: u64,
    /// The last journal line that the package is as of, and its hash.
    pub head: (Seq, Digest),
    /// Whether `audit/digests.txt` is there.
    pub digests: bool,
}

/// Recomputes the chain from the digests of all lines and looks the extracted lines up in it.
const CHECK: &str = r#"    import hashlib, json
    sha = lambda data: hashlib.sha256(data).hexdigest()
    head, chain = "0" * 64, [""]
    for row in open("audit/digests.txt"):
        head = sha((head + " " + row.split()[1]).encode())
        chain.append((row.split()[1], head))
    assert head == json.load(open("audit/anchor.json"))["head"]
    for line in open("audit/events.jsonl", "rb"):
        stated, text = line.rstrip(b"\n").split(b" ", 1)
        assert chain[json.loads(text)["seq"]] == (sha(text), stated.decode())
    print("the lines are part of the chain that ends in", head)
"#;

impl Readme<'_> {
    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.facts(&mut out);
        self.contents(&mut out);
        self.checking(&mut out);
        out
    }

    fn facts(&self, out: &mut String) {
        let [claimed, user, host, program] = self.actor;
        let (name, archive) = self.archive;
        let claimed = if claimed.is_empty() { "(none claimed)" } else { claimed };
        let everywhere = "all mailboxes".to_owned();
        let mailboxes = if self.mailboxes.is_empty() { everywhere } else { one_line(&self.mailboxes.join(", ")) };
        let unindexed = if self.include_unindexed { "added, marked in the column added_by" } else { "not added" };
        let rows = [
            ("Package", self.id.to_string()),
            ("Archive", format!("{} ({archive})", one_line(name))),
            ("Made at", self.at.to_string()),
            ("Made by", format!("{}; system user {user} on {host}; {program}", one_line(claimed))),
            ("Reason", one_line(self.reason)),
            ("Selected", one_line(self.selection)),
            ("Searched in", mailboxes),
            ("Not fully searchable", unindexed.to_owned()),
            ("Messages", self.messages.to_string()),
            ("Items", format!("{} (one message in three mailboxes is three items)", self.items)),
            ("Exceptions", format!("{} (see exceptions.csv)", self.exceptions)),
            ("As of", format!("line {} of the audit trail", self.head.0)),
            ("Times", "UTC, RFC 3339, in every file of this package".to_owned()),
        ];
        out.push_str("Messages from an archive of WhatsApp data, kept as e-mail\n\n");
        for (name, value) in rows {
            let _ = writeln!(out, "{name:<22}{value}");
        }
    }

    fn contents(&self, out: &mut String) {
        out.push_str(
            "\nWhat is here\n\n\
             messages/*.eml        one e-mail (RFC 5322) for each message, byte for byte as it was archived\n\
             manifest.csv          one row for each message\n\
             manifest.jsonl        the same with every field, one JSON object a line, nothing escaped for spreadsheets\n\
             items.csv             one row for each message and mailbox\n\
             exceptions.csv        what was selected and could not be exported, and why\n\
             audit/events.jsonl    lines of the audit trail about these messages, as they stand in it\n\
             audit/anchor.json     number and hash of the last line of the audit trail\n",
        );
        if self.digests {
            out.push_str(
                "audit/digests.txt     number and SHA-256 of the JSON of every line, to prove the lines above\n",
            );
        }
        out.push_str(
            "SHA256SUMS            SHA-256 of every other file\n\n\
             A package without SHA256SUMS was interrupted and is not complete.\n\n\
             The columns of manifest.csv\n\n",
        );
        for (name, meaning) in ManifestRow::COLUMNS {
            let _ = writeln!(out, "{name:<22}{meaning}");
        }
        out.push_str(
            "\nCSV files are UTF-8. A cell that a spreadsheet would take for a formula (it begins with = + - @) has an\n\
             apostrophe in front; manifest.jsonl has the value itself.\n",
        );
    }

    fn checking(&self, out: &mut String) {
        out.push_str(
            "\nHow to check it\n\n\
             Every file:\n\n    sha256sum -c SHA256SUMS\n\n\
             The archive records this package with the SHA-256 of SHA256SUMS (event export.done).\n\
             The sha256 of a message is the name of its file in the archive and stands in the line that archived it.\n",
        );
        if self.digests {
            out.push_str(
                "\nThat the lines in audit/events.jsonl are part of the audit trail (Python 3, in this folder):\n\n",
            );
            out.push_str(CHECK);
        } else {
            out.push_str(
                "\nThe audit trail is too long to list the digests of all its lines here; ask for an export of the audit\n\
                 trail to prove the lines in audit/events.jsonl.\n",
            );
        }
    }
}

/// Text from outside in one line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_says_who_why_what_and_how_to_check() {
        let id = ExportId("exp_1234abcd".into());
        let readme = Readme {
            id: &id,
            archive: ("Northgate", "arc_1"),
            at: Instant(1_772_615_561_000),
            actor: ["ann", "root", "pc1", "custodia 0.1.0"],
            reason: "Production 1\nInjected: line",
            selection: "the query: wire AND transfer",
            mailboxes: &[],
            include_unindexed: false,
            messages: 2,
            items: 3,
            exceptions: 0,
            head: (Seq(9), Digest::of(b"h")),
            digests: true,
        };
        let text = readme.text();
        for part in ["exp_1234abcd", "ann; system user root on pc1", "Production 1 Injected: line", "wire AND transfer"]
        {
            assert!(text.contains(part), "{part}");
        }
        assert!(text.contains("sha256sum -c SHA256SUMS") && text.contains("hashlib"));
        assert!(!Readme { digests: false, ..readme }.text().contains("hashlib"));
    }
}
