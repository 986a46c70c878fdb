//! Which source files the runs kept, as their events say.

use crate::model::{Code, Digest, Event, RunId, Seq};
use std::collections::{BTreeMap, HashMap};

/// The kept source files, told event by event.
#[derive(Debug, Default)]
pub(super) struct KeptSources {
    /// Each with the first line that names it.
    pub(super) files: BTreeMap<Digest, Seq>,
    /// Runs that keep their sources, and the digests of their files by name.
    keeping: HashMap<RunId, BTreeMap<String, Digest>>,
}

impl KeptSources {
    /// Takes the next event of the journal.
    pub(super) fn take(&mut self, event: &Event, seq: Seq) {
        match event {
            Event::RunStarted { run, options, .. } if options.split(' ').any(|word| word == "keep-source=on") => {
                self.keeping.insert(run.clone(), BTreeMap::new());
            }
            Event::SourceOpened { run, file, digest, .. } if self.keeping.contains_key(run) => {
                self.files.entry(*digest).or_insert(seq);
                self.keeping.entry(run.clone()).or_default().insert(file.clone(), *digest);
            }
            // A file that was changed while it was read, and so was not kept.
            Event::RunIssue { run, finding, .. } if finding.code == Code::SourceNotKept => {
                if let Some(digest) = self.keeping.get(run).and_then(|files| files.get(&finding.place.file)) {
                    self.files.remove(digest);
                }
            }
            _ => {}
        }
    }
}
