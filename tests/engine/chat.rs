//! Conversations: exact counts, pages in order, on archives made by the seeded corpus.

use crate::common::TestArchive;
use custodia::{
    Archive, ErrorKind,
    archive::{ApplyOptions, Around, ChatListOptions, ChatPageOptions, ChatSort, SearchOptions, Selection},
    model::{Instant, Participant},
};
use std::collections::{BTreeMap, BTreeSet};

fn list(archive: &Archive, mailboxes: &[&str], sort: ChatSort) -> custodia::archive::ChatList {
    let mailboxes = mailboxes.iter().map(|m| (*m).to_owned()).collect();
    archive.chat_list(&ChatListOptions { mailboxes, sort, limit: usize::MAX }).unwrap()
}

fn options(before: usize, after: usize) -> ChatPageOptions {
    ChatPageOptions { before, after, ..ChatPageOptions::default() }
}

/// Every message of the archive as `show` has it.
fn everything(archive: &mut Archive) -> Vec<custodia::archive::ShowReport> {
    let ids = archive.search_ids("", &SearchOptions { limit: usize::MAX, ..SearchOptions::default() }).unwrap();
    ids.iter().map(|id| archive.show(&id.to_string()).unwrap()).collect()
}

/// What is counted of a conversation.
#[derive(Default)]
struct Row {
    messages: u64,
    items: u64,
    sent: BTreeSet<Instant>,
    mailboxes: BTreeSet<String>,
}

#[test]
fn the_list_counts_as_a_count_over_every_message_does_in_the_index_and_in_the_tail() {
    let (test, _) = TestArchive::imported(400);
    let mut expected: BTreeMap<String, Row> = BTreeMap::new();
    for message in everything(&mut test.open()) {
        let row = expected.entry(message.conversation.id).or_default();
        row.messages += 1;
        row.items += message.mailboxes.len() as u64;
        row.sent.extend(message.sent);
        row.mailboxes.extend(message.mailboxes.iter().map(ToString::to_string));
    }
    let check = |archive: &Archive| {
        let found = list(archive, &[], ChatSort::Last);
        assert_eq!(found.total as usize, expected.len());
        for row in &found.chats {
            let want = &expected[&row.id];
            assert_eq!((row.messages, row.items), (want.messages, want.items), "{}", row.id);
            assert_eq!((row.first.as_ref(), row.last.as_ref()), (want.sent.first(), want.sent.last()), "{}", row.id);
            assert_eq!(row.mailboxes as usize, want.mailboxes.len());
        }
        assert!(found.chats.windows(2).all(|pair| pair[0].last >= pair[1].last));
    };
    check(&test.open());
    // Without its index every message is read from the journal's tail and the vault.
    std::fs::remove_dir_all(test.path().join("index")).unwrap();
    check(&test.open());
}

#[test]
fn a_mailbox_sees_its_own_messages_only_and_purged_ones_are_gone() {
    let (test, _) = TestArchive::imported(400);
    let mailbox = test.corpus.story().custodian;
    let archive = test.open();
    let all = list(&archive, &[], ChatSort::Messages);
    let own = list(&archive, &[mailbox], ChatSort::Messages);
    assert!(own.total < all.total && own.chats.iter().all(|row| row.mailboxes == 1 && row.items == row.messages));
    assert_eq!(own.chats.iter().map(|row| row.messages).sum::<u64>(), test.truth.items[mailbox]);
    assert!(own.chats.windows(2).all(|pair| pair[0].messages >= pair[1].messages));
    let mut writer = test.writer();
    let selection = Selection::Query("kind:call".into());
    let plan = writer.archive_mut().plan_deletion(&selection, &[], "x", false).unwrap();
    let purged = writer.apply_plan(&plan.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
    let sum = |list: &custodia::archive::ChatList| list.chats.iter().map(|row| row.messages).sum::<u64>();
    assert_eq!(sum(&list(&test.open(), &[], ChatSort::Name)), sum(&all) - purged.messages_purged);
}

#[test]
fn the_pages_of_a_chat_are_its_messages_in_order_each_once() {
    let (test, _) = TestArchive::imported(400);
    let mut archive = test.open();
    let chat = list(&archive, &[], ChatSort::Messages).chats.remove(0);
    let mut expected: Vec<_> = everything(&mut archive).into_iter().filter(|m| m.conversation.id == chat.id).collect();
    expected.sort_by_key(|message| (message.sent.is_none(), message.sent, message.provenance.seq));
    let expected: Vec<_> = expected.into_iter().map(|message| message.id).collect();
    let mut walked = Vec::new();
    let mut around = Some(Around::Message(expected[0].to_string()));
    while let Some(at) = around.take() {
        let page = archive.chat_page(&chat.id, &ChatPageOptions { around: Some(at), ..options(0, 7) }).unwrap();
        assert_eq!(page.before + page.messages.len() as u64 + page.after, page.total);
        let new = page.messages.iter().map(|message| message.id).filter(|id| walked.last() != Some(id));
        walked.extend(new.collect::<Vec<_>>());
        around = page.messages.last().filter(|_| page.after > 0).map(|last| Around::Message(last.id.to_string()));
    }
    assert_eq!(walked, expected);
    let last = archive.chat_page(&chat.id, &options(3, 2)).unwrap();
    assert_eq!(last.messages.iter().map(|m| m.id).collect::<Vec<_>>(), expected[expected.len() - 5..]);
}

#[test]
fn hits_are_those_of_the_search_and_know_their_neighbours() {
    let (test, _) = TestArchive::imported(400);
    let mut archive = test.open();
    let chat = list(&archive, &[], ChatSort::Messages).chats.remove(0);
    let word = test.corpus.story().common_word;
    let found = archive.search_ids(word, &SearchOptions { limit: usize::MAX, ..SearchOptions::default() }).unwrap();
    let wanted = ChatPageOptions { hits: Some(word.to_owned()), ..options(0, 0) };
    let first = archive.chat_page(&chat.id, &wanted).unwrap();
    let total = first.hits.as_ref().unwrap().total;
    assert!(total > 1, "the corpus has the word in every chat");
    let (mut page, mut met) = (first, 0);
    loop {
        let hits = page.hits.as_ref().unwrap();
        let message = &page.messages[0];
        met += 1;
        assert!(message.hit && found.contains(&message.id));
        assert_eq!((hits.current, hits.total, hits.on_page), (Some(met), total, 1));
        for [from, to] in &message.marks {
            assert_eq!(message.body[*from..*to].to_lowercase(), word);
        }
        let Some(next) = hits.next else { break };
        let around = Some(Around::Message(next.to_string()));
        page = archive.chat_page(&chat.id, &ChatPageOptions { around, ..wanted.clone() }).unwrap();
    }
    assert_eq!(met, total);
}

#[test]
fn participants_are_counted_as_a_count_over_every_message_does() {
    let (test, _) = TestArchive::imported(400);
    let mut archive = test.open();
    let chat = list(&archive, &[], ChatSort::Messages).chats.remove(0);
    let key = |party: &Participant| {
        party
            .number
            .as_ref()
            .map(|n| n.digits().to_owned())
            .or_else(|| party.email.clone())
            .or_else(|| party.name.clone())
    };
    let mut sent: BTreeMap<String, u64> = BTreeMap::new();
    for message in everything(&mut archive).into_iter().filter(|m| m.conversation.id == chat.id) {
        if let Some(key) = key(&message.from) {
            *sent.entry(key).or_default() += 1;
        }
    }
    let report = archive.chat_participants(&chat.id).unwrap();
    assert_eq!(report.messages, chat.messages);
    for row in &report.participants {
        assert_eq!(row.sent, sent.remove(&key(&row.party).unwrap()).unwrap_or(0), "{row:?}");
        assert!(row.sent + row.received <= chat.messages && row.first <= row.last);
    }
    assert!(sent.is_empty());
    let mapped: BTreeSet<_> = report.participants.iter().filter_map(|row| row.mailbox.clone()).collect();
    assert!(!mapped.is_empty());
}

#[test]
fn a_deleted_message_keeps_its_text_and_a_damaged_one_says_so() {
    let (test, _) = TestArchive::imported(400);
    let mut archive = test.open();
    let deleted = archive.search("isdeleted:true", &SearchOptions::default()).unwrap().hits.remove(0);
    let page = archive.chat_around(&deleted.id.to_string(), 1).unwrap();
    let message = page.messages.iter().find(|m| m.id == deleted.id).unwrap();
    assert!(message.is_deleted && !message.body.is_empty() && message.deletions[0].id.is_some());
    let shown = archive.show(&deleted.id.to_string()).unwrap();
    let hex = shown.digest.to_hex();
    let path = test.path().join(format!("vault/{}/{hex}.eml", &hex[..2]));
    std::fs::remove_file(path).unwrap();
    let page = archive.chat_around(&deleted.id.to_string(), 1).unwrap();
    let message = page.messages.iter().find(|m| m.id == deleted.id).unwrap();
    assert!(message.body.is_empty() && message.unreadable.is_some(), "{message:?}");
    assert_eq!(page.around, Some(deleted.id));
}

#[test]
fn what_is_no_page_is_refused() {
    let (test, _) = TestArchive::imported(200);
    let mut archive = test.open();
    let chats = list(&archive, &[], ChatSort::Messages).chats;
    let kind = |archive: &mut Archive, chat: &str, options: &ChatPageOptions| {
        archive.chat_page(chat, options).unwrap_err().kind()
    };
    assert_eq!(kind(&mut archive, "nobody at all", &options(1, 1)), ErrorKind::NotFound);
    assert_eq!(kind(&mut archive, &chats[0].id, &options(1_000, 1)), ErrorKind::Usage);
    let other = archive.chat_page(&chats[1].id, &options(1, 0)).unwrap().messages[0].id.to_string();
    let around = ChatPageOptions { around: Some(Around::Message(other)), ..options(1, 1) };
    assert_eq!(kind(&mut archive, &chats[0].id, &around), ErrorKind::NotFound);
    // Two groups of one name are two chats: the candidates are told.
    let error = archive.chat_page("Deal Falcon", &options(1, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(error.to_string().contains("group:120363040000000101@g.us") && error.to_string().contains("0202@g.us"));
}

/// One message, captured by two accounts, with these words.
fn captured_twice(words: [&str; 2]) -> TestArchive {
    let test = TestArchive::bare();
    let mut archive = test.open();
    archive.add_user("ana@firm.example", None, &["+447700900101".into()]).unwrap();
    archive.add_user("ben@firm.example", None, &["+447700900102".into()]).unwrap();
    drop(archive);
    let folder = test.dir.path().join("feed");
    std::fs::create_dir(&folder).unwrap();
    for (at, (account, words)) in ["+447700900101", "+447700900102"].into_iter().zip(words).enumerate() {
        let mail = format!(
            "From: \"Ana Ruiz 447700900101\" <ana@firm.example>\r\nTo: \"447700900102\" <447700900102@feed.example>\r\n\
             Subject: WhatsApp message from 447700900101 to 447700900102\r\nDate: Wed, 04 Mar 2026 09:12:41 +0000\r\n\
             X-TELEMESSAGE-ArchiveMessageID: 3EB0A1\r\nX-TELEMESSAGE-ArchiveInitiator: {account}\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
        );
        std::fs::write(folder.join(format!("{at}.eml")), mail).unwrap();
    }
    assert_eq!(test.import_path(&folder).0.balance.imported, 2);
    test
}

#[test]
fn one_event_that_two_accounts_captured_is_told_once_and_both_are_there() {
    let test = captured_twice(["hello", "hello"]);
    let mut archive = test.open();
    let chats = list(&archive, &[], ChatSort::Last);
    assert_eq!((chats.total, chats.chats[0].messages), (1, 2));
    let page = archive.chat_page(&chats.chats[0].id, &options(5, 5)).unwrap();
    let [first, second] = page.messages.as_slice() else { panic!("{page:?}") };
    assert_eq!((first.shown_under, second.shown_under), (None, Some(first.id)));
    assert_eq!(first.copies.iter().map(|copy| copy.id).collect::<Vec<_>>(), [second.id]);
    assert_eq!(first.copies[0].account.as_deref(), Some("447700900102"));
}

#[test]
fn two_captures_of_one_event_in_different_words_are_both_told() {
    let test = captured_twice(["pay 100", "pay 900"]);
    let mut archive = test.open();
    let chat = list(&archive, &[], ChatSort::Last).chats[0].id.clone();
    let page = archive.chat_page(&chat, &options(5, 5)).unwrap();
    let told: Vec<(&str, bool)> =
        page.messages.iter().map(|message| (message.body.trim(), message.shown_under.is_none())).collect();
    assert_eq!(told, [("pay 100", true), ("pay 900", true)]);
}
