//! Conversations that the person who imports names, to have only these or all but these.
//!
//! Contract: a name is compared without regard to case, marks of direction and white space; a number in any spelling; an id as
//! it is shown. A name that no conversation of a source has is an error before anything of it is read: who misspells the name
//! of a private chat must not find it in the archive.

use super::{PhoneOptions, bounds};
use crate::{
    Error, ErrorKind, Result,
    mapping::folded,
    model::{Conversation, PhoneNumber},
};

/// Conversations that an error names.
const NAMED: usize = 20;
/// Characters of a name in an error.
const NAME_CHARS: usize = 60;
/// Servers whose users are phone numbers.
const NUMBERS: [&str; 2] = ["s.whatsapp.net", "c.us"];

/// One name as the person said it.
#[derive(Clone, Debug)]
pub(super) struct Said {
    folded: String,
    number: Option<PhoneNumber>,
}

impl Said {
    pub(super) fn new(said: &str) -> Self {
        Self { folded: folded(said), number: PhoneNumber::parse(said) }
    }

    /// Whether it means this conversation. `number`: of the other party, where the source knows it.
    pub(super) fn means(&self, conversation: &Conversation, number: Option<&PhoneNumber>) -> bool {
        let Conversation { id, name, .. } = conversation;
        if !self.folded.is_empty() {
            let ids = folded(id) == self.folded || folded(&bounds::id(id)) == self.folded;
            if ids || name.as_deref().is_some_and(|name| folded(name) == self.folded) {
                return true;
            }
        }
        let Some(said) = &self.number else { return false };
        let of_id = id.split_once('@').filter(|(_, server)| NUMBERS.contains(server)).map(|(user, _)| user);
        let numbers = [of_id, name.as_deref()].into_iter().flatten().filter_map(PhoneNumber::parse);
        number == Some(said) || numbers.into_iter().any(|number| number == *said)
    }
}

/// Finds out which of the names that were said no conversation has.
#[derive(Debug)]
pub struct Asked<'a> {
    open: Vec<(&'a str, Said)>,
    known: Vec<String>,
    more: bool,
}

impl<'a> Asked<'a> {
    /// For what the person said.
    #[must_use]
    pub fn new(options: &'a PhoneOptions) -> Self {
        let said = options.only_chats.iter().chain(&options.exclude_chats);
        Self { open: said.map(|said| (said.as_str(), Said::new(said))).collect(), known: Vec::new(), more: false }
    }

    /// Whether every name was met; then nobody has to look further.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.open.is_empty()
    }

    /// A conversation of the source.
    pub fn meet(&mut self, conversation: &Conversation, number: Option<&PhoneNumber>) {
        if self.open.is_empty() {
            return;
        }
        self.open.retain(|(_, said)| !said.means(conversation, number));
        let label = conversation.name.as_deref().unwrap_or(&conversation.id);
        let label: String = label.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
        if self.known.len() < NAMED {
            if !self.known.contains(&label) {
                self.known.push(label);
            }
        } else {
            self.more = true;
        }
    }

    /// What is wrong, if a name was not met. Where there is no conversation at all, nothing is wrong.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if self.open.is_empty() || self.known.is_empty() {
            return None;
        }
        let said: Vec<String> = self.open.iter().take(NAMED).map(|(said, _)| format!("\"{said}\"")).collect();
        let more = if self.more { " and others" } else { "" };
        Some(format!("no conversation is called {}; there are: {}{more}", said.join(", "), self.known.join(", ")))
    }

    /// Refuses if a name was not met.
    ///
    /// # Errors
    /// `Usage`, with the names that there are.
    pub fn settle(&self) -> Result<()> {
        self.problem().map_or(Ok(()), |what| Err(Error::new(ErrorKind::Usage, what).with_hint(HINT)))
    }
}

/// What to do about a name that no conversation has.
pub const HINT: &str = "give --only-chat and --exclude-chat a name as it is written there, a number or an id; sources that do not \
                        have the same conversations are imported one by one";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConversationKind;

    fn conversation(id: &str, name: Option<&str>) -> Conversation {
        Conversation { id: id.into(), name: name.map(Into::into), kind: ConversationKind::Direct }
    }

    #[test]
    fn a_conversation_is_meant_by_its_name_its_number_and_its_id_in_any_spelling() {
        let means = |said: &str, id: &str, name| Said::new(said).means(&conversation(id, name), None);
        let ada = "447700900101@s.whatsapp.net";
        for said in
            ["ada  EXAMPLE", "\u{200e}Ada\u{a0}Example", "+44 7700 900-101", "0044 7700 900101", ada, "Ａda Example"]
        {
            assert!(means(said, ada, Some("Ada Example")), "{said}");
        }
        assert!(means("+44 7700 900101", "title:+44 7700 900101", Some("+44 7700 900101")));
        assert!(means("Jose\u{301}", "1-2@g.us", Some("José")));
        for said in ["Ada", "Ada. Example", "", "\u{200e}", "+44 7700 900102"] {
            assert!(!means(said, ada, Some("Ada Example")), "{said}");
        }
        assert!(!means("1700000000", "1700000000@broadcast", None), "not everything before an @ is a number");
        let lid = conversation("9@lid", None);
        assert!(Said::new("+447700900101").means(&lid, PhoneNumber::parse("447700900101").as_ref()));
        let long = "x".repeat(400);
        assert!(means(&bounds::id(&long), &long, None), "an id as the archive shows it");
    }
}
