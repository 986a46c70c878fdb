//! Texts of a source that cannot be read: damaged, encrypted, too large, in a zip within a zip.
//!
//! Contract: what has the name that only an export has is a chat that was not imported, and is told as one: nobody may take the
//! loss of all its messages for a file that is none of ours. What has another name is worth a word.

use super::{
    chars::{clean, fold},
    detect::is_chat_name,
    gather::{Candidate, Gathered, SourceFile},
    system,
    title::without_copy,
};
use crate::{
    Result,
    model::{Conversation, ConversationKind, Finding, limits},
    source::phone::{PhoneOptions, PhoneRead, Visit},
};
use std::collections::{BTreeSet, HashSet};

/// A text that cannot be read.
#[derive(Clone, Debug)]
pub struct Unread {
    /// Why, and where.
    pub finding: Finding,
    /// Its name.
    pub name: String,
    /// Its name without extension.
    pub stem: String,
    /// The name of what holds it, without extension.
    pub outer: Option<String>,
    /// Which file of the source has it, if that could be opened.
    pub file: Option<usize>,
    /// It is taken for a chat.
    pub chat: bool,
}

impl Unread {
    /// Of a text whose bytes cannot be had.
    pub fn text(candidate: &Candidate, finding: Finding) -> Self {
        Self {
            finding,
            name: candidate.name.clone(),
            stem: candidate.stem.clone(),
            outer: candidate.outer.clone(),
            file: Some(candidate.file),
            chat: is_chat_name(&candidate.stem),
        }
    }

    /// The title of the chat, if a name says it.
    pub fn title(&self) -> Option<String> {
        let outer = self.outer.as_deref().map(without_copy);
        system::title(without_copy(&self.stem)).or_else(|| outer.and_then(system::title))
    }

    /// The conversation that its name says.
    pub fn conversation(&self) -> Option<Conversation> {
        let title = clean(&self.title()?);
        let kind = ConversationKind::Unknown;
        Some(Conversation { id: format!("title:{}", fold(&title)), name: Some(title), kind })
    }

    /// Whether the person wants it, as far as its name says which chat it is.
    fn wanted(&self, options: &PhoneOptions) -> bool {
        self.conversation().is_none_or(|conversation| options.wants(&conversation, None))
    }

    fn tell(self, files: &[SourceFile], opened: &mut HashSet<usize>, visit: Visit<'_>) -> Result<()> {
        if !self.chat {
            return visit(PhoneRead::Noticed(self.finding));
        }
        if let Some(at) = self.file.filter(|at| opened.insert(*at))
            && let Some(file) = files.get(at)
        {
            visit(PhoneRead::Opened {
                file: file.name.clone(),
                path: file.path.clone(),
                digest: file.digest,
                size: file.size,
            })?;
        }
        let item = self.name.chars().take(limits::FIELD_CHARS).collect();
        visit(PhoneRead::NotReadable { finding: self.finding, item })
    }
}

impl Gathered {
    /// Forgets what a chat sent around: the message that names it says that its medium cannot be read.
    pub fn forget_sent(&mut self, sent: &BTreeSet<String>) {
        let by_itself = |unread: &Unread| unread.chat && !unread.name.to_lowercase().ends_with(".zip");
        self.unread.retain(|unread| by_itself(unread) || !sent.contains(&clean(&unread.name)));
    }

    /// Tells what cannot be read.
    pub fn tell_unread(&mut self, options: &PhoneOptions, opened: &mut HashSet<usize>, visit: Visit<'_>) -> Result<()> {
        for unread in std::mem::take(&mut self.unread).into_iter().filter(|unread| unread.wanted(options)) {
            unread.tell(&self.files, opened, visit)?;
        }
        Ok(())
    }
}
