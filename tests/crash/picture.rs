//! What an archive holds and answers, as one value to compare: nothing of it may depend on how the import went.

use crate::stage::{Stage, everything};
use custodia::{archive::SearchOptions, archive::StatsBy, model::MessageId};
use std::{collections::BTreeSet, path::Path};

/// Questions of several kinds: words, phrases, prefixes, state that later notices set, dates, people, mailboxes.
const QUERIES: [&str; 9] = [
    "",
    "wire",
    "\"wire transfer\"",
    "inv*",
    "kind:deletion OR kind:edit",
    "isdeleted:true",
    "isedited:true",
    "hasattachment:true AND NOT invoice",
    "mailbox:ana.ruiz@northgate.example sent>=2026-02-01",
];

/// The content of an archive.
pub struct Picture {
    vault: Vec<(String, String)>,
    mail: Vec<String>,
    ids: BTreeSet<MessageId>,
    answers: Vec<(&'static str, u64, u64)>,
    by_date: Vec<MessageId>,
    stats: String,
}

impl Picture {
    pub fn of(stage: &Stage) -> Self {
        let (mut vault, mut mail) = (Vec::new(), Vec::new());
        let root = stage.path();
        files(&root.join("vault"), &mut |path| {
            vault.push((relative(path, &root), custodia::model::Digest::of(&std::fs::read(path).unwrap()).to_hex()));
        });
        files(&root.join("mail"), &mut |path| mail.push(relative(path, &root)));
        vault.sort();
        mail.sort();
        let mut archive = stage.open();
        let by_date = archive.search_ids("", &everything()).unwrap();
        let options = SearchOptions { limit: 0, ..SearchOptions::default() };
        let answers = QUERIES.map(|query| {
            let answer = archive.search(query, &options).unwrap();
            (query, answer.total, answer.items)
        });
        let stats = archive.stats(Some(StatsBy::Mailbox), custodia::model::Zone::UTC).unwrap();
        Self {
            vault,
            mail,
            ids: by_date.iter().copied().collect(),
            answers: answers.to_vec(),
            by_date,
            stats: serde_json::to_string(&stats).unwrap(),
        }
    }

    /// Fails with the first difference.
    pub fn assert_same(&self, other: &Self, when: &str) {
        same(&self.vault, &other.vault, when, "the vault");
        same(&self.mail, &other.mail, when, "the mailboxes");
        assert!(self.ids == other.ids, "{when}: other message ids");
        assert_eq!(self.answers, other.answers, "{when}");
        same(&self.by_date, &other.by_date, when, "the order of messages");
        assert_eq!(self.stats, other.stats, "{when}");
    }

    /// The answers alone: what a reader sees, without the files.
    pub fn assert_same_answers(&self, other: &Self, when: &str) {
        assert_eq!(self.answers, other.answers, "{when}");
        same(&self.by_date, &other.by_date, when, "the order of messages");
        assert_eq!(self.stats, other.stats, "{when}");
    }
}

fn same<T: PartialEq + std::fmt::Debug>(here: &[T], there: &[T], when: &str, what: &str) {
    let first = here.iter().zip(there).find(|(a, b)| a != b);
    assert!(first.is_none(), "{when}: {what} differ: {first:?}");
    assert_eq!(here.len(), there.len(), "{when}: {what} differ in number");
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap().display().to_string()
}

/// Calls `visit` with every file below `dir`.
fn files(dir: &Path, visit: &mut dyn FnMut(&Path)) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, visit);
        } else {
            visit(&path);
        }
    }
}
