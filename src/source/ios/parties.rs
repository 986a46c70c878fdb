//! Who sent a message and to whom, as far as the row says it.
//!
//! Contract: pure. The database does not say who the owner of the phone is; where a row has the owner's own address, that is
//! the owner, else the owner stays unnamed: what one row says is not carried over to others, which would make other messages
//! of them when the next backup lacks that row. In a group nobody but sender and owner is named: no row says who was a member
//! then.

use super::{
    chats::Chat,
    jid::Jid,
    people::{People, Said},
    record::{Member, Record},
};
use crate::model::{ConversationKind, Participant};

/// Sender and recipients of a row.
#[must_use]
pub fn of(record: &Record, member: Option<&Member>, chat: &Chat, people: &People) -> (Participant, Vec<Participant>) {
    if record.from_me == Some(true) {
        return (owner(record.from.as_deref(), chat, people), recipients_of_own(record, chat, people));
    }
    let sender = sender(record, member, chat, people);
    // Rows that came to the phone have the owner's address in some versions.
    let owner = record.to.as_deref().filter(|to| is_person(to)).map(|to| people.participant(to, Said::default()));
    let owner = owner.filter(|owner| Some(owner) != chat.partner.as_ref() && *owner != sender);
    (sender, owner.into_iter().collect())
}

/// The member of a row, as a person.
#[must_use]
pub fn member(member: &Member, push_name: Option<&str>, people: &People) -> Participant {
    let said = Said { contact: member.name.as_deref(), push: push_name };
    people.participant(member.address.as_deref().unwrap_or_default(), said)
}

fn sender(record: &Record, from: Option<&Member>, chat: &Chat, people: &People) -> Participant {
    let push = record.push_name.as_deref();
    if let Some(partner) = &chat.partner {
        return Participant {
            name: partner.name.clone().or_else(|| people.participant("", Said { contact: None, push }).name),
            ..partner.clone()
        };
    }
    if let Some(from) = from.filter(|from| from.address.is_some() || from.name.is_some()) {
        return member(from, push, people);
    }
    if let Some(from) = record.from.as_deref().filter(|from| is_person(from)) {
        return people.participant(from, Said { contact: None, push });
    }
    if chat.is_channel() {
        return Participant { name: chat.conversation.name.clone(), ..Participant::default() };
    }
    people.participant("", Said { contact: None, push })
}

fn owner(from: Option<&str>, chat: &Chat, people: &People) -> Participant {
    let own = from.filter(|from| is_person(from)).map(|from| people.participant(from, Said::default()));
    own.filter(|own| Some(own) != chat.partner.as_ref()).unwrap_or_default()
}

fn recipients_of_own(record: &Record, chat: &Chat, people: &People) -> Vec<Participant> {
    if let Some(partner) = &chat.partner {
        return vec![partner.clone()];
    }
    let to = record.to.as_deref().filter(|to| is_person(to));
    match chat.conversation.kind {
        ConversationKind::Broadcast | ConversationKind::Unknown => {
            to.map(|to| people.participant(to, Said::default())).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn is_person(address: &str) -> bool {
    Jid::parse(address).is_some_and(|jid| jid.is_person())
}

#[cfg(test)]
mod tests {
    use super::super::chats::of_address;
    use super::*;

    const ADA: &str = "447700900101@s.whatsapp.net";
    const OWNER: &str = "447700900100@s.whatsapp.net";
    const GROUP: &str = "447700900101-1600000000@g.us";

    fn record(from_me: bool, from: &str, to: &str) -> Record {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Record { from_me: Some(from_me), from: some(from), to: some(to), ..Record::default() }
    }

    fn digits(parties: (Participant, Vec<Participant>)) -> (String, Vec<String>) {
        let digits = |p: &Participant| p.number.as_ref().map(|n| n.digits().to_owned()).unwrap_or_else(|| p.label());
        (digits(&parties.0), parties.1.iter().map(digits).collect())
    }

    #[test]
    fn the_owner_is_named_only_where_a_row_has_the_owners_address() {
        let people = People::default();
        let direct = of_address(ADA, None, &people);
        let parties = |record: Record| digits(of(&record, None, &direct, &people));
        assert_eq!(parties(record(true, "", ADA)), ("unknown".into(), vec!["447700900101".into()]));
        assert_eq!(parties(record(true, OWNER, ADA)), ("447700900100".into(), vec!["447700900101".into()]));
        assert_eq!(parties(record(false, ADA, "")), ("447700900101".into(), vec![]));
        assert_eq!(parties(record(false, ADA, OWNER)), ("447700900101".into(), vec!["447700900100".into()]));
    }

    #[test]
    fn in_a_group_the_member_is_the_sender_and_nobody_is_a_recipient() {
        let people = People::default();
        let group = of_address(GROUP, Some("Team".into()), &people);
        let ada = Member { address: Some(ADA.into()), name: Some("Ada".into()) };
        let (sender, recipients) = of(&record(false, GROUP, ""), Some(&ada), &group, &people);
        assert_eq!((sender.label().as_str(), recipients.len()), ("Ada", 0));
        assert_eq!(digits(of(&record(false, GROUP, ""), None, &group, &people)), ("unknown".into(), vec![]));
        let (_, owner) = digits(of(&record(false, GROUP, OWNER), Some(&ada), &group, &people));
        assert_eq!(owner, ["447700900100"]);
        assert_eq!(digits(of(&record(true, "", GROUP), None, &group, &people)), ("unknown".into(), vec![]));
    }

    #[test]
    fn a_channel_speaks_under_its_own_name() {
        let people = People::default();
        let channel = of_address("120363000000000001@newsletter", Some("News".into()), &people);
        assert_eq!(of(&record(false, "", ""), None, &channel, &people).0.label(), "News");
    }
}
