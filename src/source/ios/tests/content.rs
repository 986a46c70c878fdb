//! What is in the newer schema comes out as messages.

use super::fixture::{ADA, BO, BO_LID, CONTACTS, DEE_LID, GROUP, LIDS, Phone, base64, connect, reply};
use crate::{
    model::{Code, ConversationKind, Digest, Instant, MessageKind, details::MediaState},
    source::ios::protobuf::tests::{bytes, number},
};
use std::io::Read as _;

fn digits(p: &crate::model::Participant) -> &str {
    p.number.as_ref().map_or("", |number| number.digits())
}

#[test]
fn messages_come_by_session_and_sort_with_their_parties_and_codes() {
    let phone = Phone::new();
    phone.message("G1", 2, 0, &[("ZTEXT", &"hello all"), ("ZGROUPMEMBER", &1), ("ZFROMJID", &GROUP), ("ZSORT", &1)]);
    phone.message(
        "D2",
        1,
        0,
        &[("ZTEXT", &"second"), ("ZISFROMME", &1), ("ZTOJID", &ADA), ("ZSORT", &2), ("ZMESSAGESTATUS", &8)],
    );
    phone.message(
        "D1",
        1,
        0,
        &[("ZTEXT", &"first"), ("ZFROMJID", &ADA), ("ZSORT", &1), ("ZFLAGS", &0x180), ("ZSTARRED", &1)],
    );
    let seen = phone.read();
    assert_eq!(seen.natives(), ["D1", "D2@1", "G1"]);
    assert_eq!((seen.noticed.len(), seen.not_readable.len(), seen.left_out), (0, 0, 0), "{:?}", seen.noticed);
    let first = seen.message("D1");
    assert_eq!((digits(&first.sender), first.sender.name.as_deref()), ("447700900101", Some("Ada Example")));
    assert_eq!((first.recipients.len(), first.body.as_str()), (0, "first"));
    assert_eq!((first.conversation.id.as_str(), first.conversation.kind), (ADA, ConversationKind::Direct));
    assert_eq!(first.sent, Some(Instant(1_772_615_564_000)));
    assert_eq!(first.identity.account.as_deref(), Some("owner@corp.example"));
    assert_eq!(seen.details("D1").flags, ["forwarded", "starred"]);
    assert_eq!((seen.details("D1").from_me, seen.details("D2@1").from_me), (Some(false), Some(true)));
    let second = seen.message("D2@1");
    assert!(second.sender.is_unknown());
    assert_eq!(digits(&second.recipients[0]), "447700900101");
    assert_eq!(seen.details("D2@1").raw.get("ZMESSAGESTATUS").map(String::as_str), Some("8"));
    assert_eq!(seen.details("D2@1").raw.get("ZMESSAGETYPE").map(String::as_str), Some("0"));
    let place = &seen.item("D2@1").place;
    assert_eq!(
        (place.file.as_str(), place.entry.as_deref(), place.line),
        ("ChatStorage.sqlite", Some("ZWAMESSAGE"), Some(2))
    );
    let group = seen.item("G1");
    assert_eq!((group.message.sender.name.as_deref(), group.message.recipients.len()), (Some("Ada Example"), 0));
    assert_eq!(group.message.conversation.name.as_deref(), Some("Project Alpha"));
    assert_eq!(group.members.len(), 3);
}

#[test]
fn an_lid_gets_its_number_from_the_map_and_its_name_from_the_address_book() {
    let phone = Phone::new();
    phone.make("LID.sqlite", LIDS);
    phone.insert_into("LID.sqlite", "ZWAZACCOUNT", &[("ZIDENTIFIER", &BO_LID), ("ZPHONENUMBER", &"447700900102")]);
    phone.make("ContactsV2.sqlite", CONTACTS);
    for (name, number) in [("Bo Example", "+44 7700 900102"), ("Ada From The Book", "+44 7700 900101")] {
        phone.insert_into(
            "ContactsV2.sqlite",
            "ZWAADDRESSBOOKCONTACT",
            &[("ZFULLNAME", &name), ("ZPHONENUMBER", &number)],
        );
    }
    phone.message("G1", 2, 0, &[("ZTEXT", &"from Bo"), ("ZGROUPMEMBER", &2)]);
    phone.message("G2", 2, 0, &[("ZTEXT", &"from Dee"), ("ZGROUPMEMBER", &3), ("ZPUSHNAME", &"dee")]);
    phone.message("D1", 1, 0, &[("ZTEXT", &"from Ada")]);
    phone.session(5, BO_LID, "");
    phone.message("L1", 5, 0, &[("ZTEXT", &"from Bo, who is an @lid here")]);
    let seen = phone.read();
    let direct = &seen.message("L1").conversation;
    assert_eq!((direct.id.as_str(), direct.name.as_deref()), (BO, Some("Bo Example")));
    assert_eq!(seen.details("L1").raw.get("ZCONTACTJID").map(String::as_str), Some(BO_LID));
    let bo = &seen.message("G1").sender;
    assert_eq!((digits(bo), bo.name.as_deref()), ("447700900102", Some("Bo Example")));
    assert_eq!(seen.details("G1").raw.get("ZMEMBERJID").map(String::as_str), Some(BO_LID));
    let dee = &seen.message("G2").sender;
    assert_eq!((digits(dee), dee.name.as_deref()), ("", Some("Dee")));
    assert_eq!(seen.message("D1").sender.name.as_deref(), Some("Ada From The Book"));
    assert_eq!(seen.opened, ["ContactsV2.sqlite", "LID.sqlite", "ChatStorage.sqlite"]);
}

#[test]
fn media_are_attached_compared_and_missed() {
    let phone = Phone::new();
    let picture = b"not really a picture";
    let path = "Media/447700900101@s.whatsapp.net/0/f/0f1e.jpg";
    phone.file(&format!("Message/{path}"), picture);
    let sha = base64(&Digest::of(picture).0);
    let media = |stanza, sha: &str, path: &str| {
        phone.with_media(
            stanza,
            1,
            &[("ZGROUPEVENTTYPE", &2)],
            &[
                ("ZMEDIALOCALPATH", &path),
                ("ZVCARDSTRING", &"image/jpeg"),
                ("ZVCARDNAME", &sha),
                ("ZTITLE", &"The caption"),
                ("ZFILESIZE", &20),
                ("ZLATITUDE", &1200.0),
                ("ZLONGITUDE", &1600.0),
            ],
        );
    };
    media("RIGHT", &sha, path);
    media("OTHER", &base64(&Digest::of(b"x").0), path);
    media("JUNK", "~~~ no base64 ~~~", &format!("/{path}"));
    media("GONE", &sha, "Media/gone.jpg");
    phone.with_media("NEVER", 2, &[], &[("ZMEDIAURL", &"https://mmg.example/x"), ("ZMOVIEDURATION", &7)]);
    let seen = phone.read();
    let right = seen.item("RIGHT");
    assert_eq!(right.message.body, "The caption");
    let attachment = &right.message.attachments[0];
    assert_eq!(
        (attachment.name.as_str(), attachment.media_type.as_str(), attachment.size),
        ("0f1e.jpg", "image/jpeg", 20)
    );
    let mut bytes = Vec::new();
    right.blobs[0].open().unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!((bytes.as_slice(), attachment.sha256), (&picture[..], Digest::of(picture)));
    let details = seen.details("RIGHT");
    assert_eq!(
        (details.location.as_ref(), details.event.as_ref()),
        (None, None),
        "pixels are no place, 2 is no event here"
    );
    assert_eq!(details.raw.get("ZLATITUDE").map(String::as_str), Some("1200"));
    assert_eq!(
        (details.media[0].state, details.media[0].sha256.as_str()),
        (MediaState::Attached, &*Digest::of(picture).to_hex())
    );
    for (native, codes, attached) in [
        ("RIGHT", vec![], 1),
        ("OTHER", vec![Code::MediaChanged], 1),
        ("JUNK", vec![], 1),
        ("GONE", vec![Code::MediaMissing], 0),
        ("NEVER", vec![Code::MediaMissing], 0),
    ] {
        assert_eq!((seen.codes(native), seen.message(native).attachments.len()), (codes, attached), "{native}");
    }
    let never = &seen.details("NEVER").media[0];
    assert_eq!((never.kind.as_str(), never.state, never.seconds), ("video", MediaState::Missing, Some(7)));
}

#[test]
fn without_a_folder_of_media_they_are_left_out_and_that_is_said_once() {
    let phone = Phone::new();
    for stanza in ["A", "B"] {
        phone.with_media(
            stanza,
            3,
            &[],
            &[("ZMEDIALOCALPATH", &"Media/a.opus"), ("ZVCARDSTRING", &"audio/ogg; codecs=opus")],
        );
    }
    phone.with_media("ONCE", 38, &[], &[("ZFILESIZE", &9)]);
    let seen = phone.read();
    let said: Vec<_> = seen.noticed.iter().map(|f| (f.code, f.detail.as_str())).collect();
    assert_eq!(said, [(Code::MediaMissing, "2 media are left out: there is no folder Message beside the database")]);
    let media = &seen.details("A").media[0];
    assert_eq!((media.state, media.mime.as_str()), (MediaState::Omitted, "audio/ogg; codecs=opus"));
    assert!(seen.codes("B").is_empty());
    assert_eq!(
        (seen.details("ONCE").media[0].state, &*seen.details("ONCE").flags),
        (MediaState::ViewOnce, &["view_once".to_owned()][..])
    );
}

#[test]
fn a_document_has_the_name_that_its_sender_gave_it() {
    let phone = Phone::new();
    phone.file("Message/Media/x/0f.pdf", b"%PDF");
    phone.with_media(
        "DOC",
        8,
        &[("ZTEXT", &"please read")],
        &[("ZMEDIALOCALPATH", &"Media/x/0f.pdf"), ("ZTITLE", &"Q3.pdf")],
    );
    let seen = phone.read();
    let doc = seen.message("DOC");
    assert_eq!(
        (doc.attachments[0].name.as_str(), doc.attachments[0].media_type.as_str()),
        ("Q3.pdf", "application/pdf")
    );
    assert_eq!(doc.body, "please read");
}

#[test]
fn contact_cards_become_files_and_places_have_coordinates() {
    let phone = Phone::new();
    let cards = "BEGIN:VCARD\nFN:Ed Example\nEND:VCARD_$!<VCard-Separator>!$_BEGIN:VCARD\nFN:Flo Example\nEND:VCARD";
    phone.with_media("CARD", 4, &[], &[("ZVCARDSTRING", &cards), ("ZVCARDNAME", &"Ed_$!<Name-Separator>!$_Flo")]);
    phone.with_media("PLACE", 5, &[], &[("ZLATITUDE", &51.5), ("ZLONGITUDE", &-0.25), ("ZTITLE", &"The Office")]);
    let seen = phone.read();
    let names: Vec<_> =
        seen.message("CARD").attachments.iter().map(|a| (a.name.as_str(), a.media_type.as_str())).collect();
    assert_eq!(names, [("Ed Example.vcf", "text/vcard"), ("Flo Example.vcf", "text/vcard")]);
    assert_eq!(seen.details("CARD").contacts, ["Ed Example", "Flo Example"]);
    assert_eq!(seen.item("CARD").blobs.len(), 2);
    let place = seen.details("PLACE").location.clone().unwrap();
    assert_eq!(
        (place.latitude.as_deref(), place.longitude.as_deref(), place.name.as_str()),
        (Some("51.5"), Some("-0.25"), "The Office")
    );
}

#[test]
fn replies_are_linked_by_stanza_id_and_by_parent() {
    let phone = Phone::new();
    let first = phone.message("3A00000000000000000A", 1, 0, &[("ZTEXT", &"question"), ("ZSORT", &1)]);
    phone.with_media(
        "BYMETA",
        0,
        &[("ZTEXT", &"answer"), ("ZSORT", &2)],
        &[("ZMETADATA", &reply("3A00000000000000000A", ADA))],
    );
    phone.message("BYPARENT", 1, 0, &[("ZTEXT", &"answer"), ("ZSORT", &3), ("ZPARENTMESSAGE", &first)]);
    phone.with_media("LOST", 0, &[("ZSORT", &4)], &[("ZMETADATA", &reply("3A0000000000000000FF", DEE_LID))]);
    let seen = phone.read();
    let id = seen.message("3A00000000000000000A").id();
    for native in ["BYMETA", "BYPARENT"] {
        let quote = seen.details(native).quote.clone().unwrap();
        assert_eq!((quote.native.as_deref(), quote.message), (Some("3A00000000000000000A"), Some(id)), "{native}");
    }
    let lost = seen.details("LOST").quote.clone().unwrap();
    assert_eq!((lost.native.as_deref(), lost.message), (Some("3A0000000000000000FF"), None));
    let quote = seen.details("BYMETA").quote.clone().unwrap();
    assert_eq!(quote.text, "question");
    assert_eq!(digits(&quote.sender.unwrap()), "447700900101");
    assert!(seen.message("LOST").attachments.is_empty() && seen.details("LOST").media.is_empty());
}

#[test]
fn reactions_are_messages_of_their_own_and_votes_stay_in_the_poll() {
    let phone = Phone::new();
    let at = 1_772_615_561_000;
    let other = [bytes(1, "K1"), bytes(2, ADA), bytes(3, "👍"), number(4, at)].concat();
    let own = [bytes(1, "K2"), bytes(2, "❤️"), number(3, at + 1)].concat();
    let info = bytes(7, [bytes(1, other), bytes(2, own)].concat());
    let info = phone.insert("ZWAMESSAGEINFO", &[("ZRECEIPTINFO", &info)]);
    phone.message("LIKED", 1, 0, &[("ZTEXT", &"good news"), ("ZISFROMME", &1), ("ZMESSAGEINFO", &info)]);
    let poll = [
        bytes(2, "Lunch?"),
        bytes(3, bytes(1, "Soup")),
        bytes(3, bytes(1, "Salad")),
        bytes(5, [number(1, 1), bytes(4, ADA)].concat()),
    ];
    let poll = phone.insert("ZWAMESSAGEINFO", &[("ZRECEIPTINFO", &bytes(8, poll.concat()))]);
    phone.message("POLL", 2, 46, &[("ZMESSAGEINFO", &poll), ("ZGROUPMEMBER", &1)]);
    let seen = phone.read();
    let first = format!("reaction:LIKED@1:{ADA}:{at}");
    let second = format!("reaction:LIKED@1:me:{}", at + 1);
    assert_eq!(seen.natives(), ["LIKED@1", &first, &second, "POLL"]);
    let reaction = seen.message(&first);
    assert_eq!(
        (reaction.kind, reaction.body.as_str(), digits(&reaction.sender)),
        (MessageKind::System, "Reacted 👍", "447700900101")
    );
    assert_eq!(reaction.sent, Some(Instant(at as i64)));
    let details = seen.details(&first).reaction.clone().unwrap();
    assert_eq!((details.target.as_str(), details.message), ("LIKED@1", Some(seen.message("LIKED@1").id())));
    assert_eq!(
        (seen.details(&second).from_me, digits(&seen.message(&second).recipients[0])),
        (Some(true), "447700900101")
    );
    assert_eq!(seen.item(&first).place.entry.as_deref(), Some("ZWAMESSAGEINFO"));
    let poll = seen.details("POLL").poll.clone().unwrap();
    assert_eq!(seen.message("POLL").body, "Lunch?");
    assert_eq!(
        poll.options.iter().map(|o| (o.name.as_str(), o.votes)).collect::<Vec<_>>(),
        [("Soup", Some(0)), ("Salad", Some(1))]
    );
    assert_eq!(digits(&poll.options[1].voters[0]), "447700900101");
}

#[test]
fn a_deletion_names_what_is_gone_and_the_unknown_is_kept() {
    let phone = Phone::new();
    phone.message("GONE", 1, 14, &[("ZISFROMME", &1)]);
    phone.message("WHAT", 1, 99, &[]);
    phone.message("WHATTEXT", 1, 66, &[("ZTEXT", &"whatever this is")]);
    phone.message("EVENT", 1, 63, &[]);
    let seen = phone.read();
    let gone = seen.message("revoked:GONE@1");
    assert_eq!((gone.kind, gone.deletion.as_ref().unwrap().target.as_deref()), (MessageKind::Deletion, Some("GONE@1")));
    assert!(seen.details("revoked:GONE@1").revoked.is_some());
    assert_eq!(seen.message("WHAT").body, "WhatsApp: a message of type 99, without text");
    assert_eq!(seen.message("EVENT").body, "WhatsApp: event (message type 63)");
    assert_eq!(
        (seen.message("WHATTEXT").kind, seen.message("WHATTEXT").body.as_str()),
        (MessageKind::Chat, "whatever this is")
    );
    assert_eq!(seen.details("WHAT").raw.get("ZMESSAGETYPE").map(String::as_str), Some("99"));
}

#[test]
fn events_mean_something_only_with_their_types() {
    let phone = Phone::new();
    phone.message("TEXT", 2, 0, &[("ZGROUPEVENTTYPE", &7), ("ZTEXT", &"just text"), ("ZGROUPMEMBER", &1)]);
    phone.message("LEFT", 2, 6, &[("ZGROUPEVENTTYPE", &3), ("ZGROUPMEMBER", &1)]);
    phone.message("ODD", 2, 6, &[("ZGROUPEVENTTYPE", &50), ("ZTEXT", &ADA)]);
    phone.insert("ZWAGROUPINFO", &[("ZCHATSESSION", &2), ("ZCREATORJID", &ADA)]);
    phone.message("MADE", 2, 6, &[("ZGROUPEVENTTYPE", &12)]);
    phone.message("KEY", 1, 10, &[("ZGROUPEVENTTYPE", &3)]);
    phone.message("MISSED", 1, 10, &[("ZGROUPEVENTTYPE", &4)]);
    phone.message("TIMER", 1, 28, &[]);
    let seen = phone.read();
    assert_eq!((seen.message("TEXT").kind, &seen.details("TEXT").event), (MessageKind::Chat, &None));
    assert_eq!(seen.details("TEXT").raw.get("ZGROUPEVENTTYPE").map(String::as_str), Some("7"));
    let left = seen.details("LEFT").event.clone().unwrap();
    assert_eq!((left.what.as_str(), left.about.len(), left.by.is_some()), ("member_left", 1, true));
    assert_eq!(seen.message("LEFT").body, "+447700900101 left the group");
    assert_eq!(seen.details("ODD").event.clone().unwrap().what, "");
    assert_eq!(seen.message("ODD").body, format!("System event 50 of type 6\n{ADA}"));
    let made = seen.details("MADE").event.clone().unwrap();
    assert_eq!((made.what.as_str(), digits(&made.by.unwrap())), ("group_created", "447700900101"));
    assert_eq!(seen.details("KEY").event.clone().unwrap().what, "security_code_changed");
    assert!(seen.message("KEY").sender.is_unknown() && seen.message("KEY").recipients.len() == 1);
    let missed = seen.message("MISSED");
    assert_eq!(
        (missed.kind, missed.call.as_ref().unwrap().answered, missed.body.as_str()),
        (MessageKind::Call, Some(false), "Video call, missed")
    );
    assert_eq!(digits(&missed.sender), "447700900101");
    assert_eq!(seen.details("TIMER").event.clone().unwrap().what, "timer_changed");
}

#[test]
fn chats_that_are_not_wanted_are_counted_and_not_read() {
    let phone = Phone::new();
    for at in 0..3 {
        phone.message(&format!("P{at}"), 1, 0, &[("ZTEXT", &"private")]);
    }
    phone.message("G", 2, 0, &[("ZTEXT", &"business")]);
    phone.message("N", 9, 0, &[("ZTEXT", &"no session"), ("ZFROMJID", &ADA)]);
    let seen = phone.read_with(|options| options.exclude_chats = vec!["ada example".to_owned()]);
    assert_eq!((seen.natives(), seen.left_out), (vec!["G"], 4));
    let seen = phone.read_with(|options| options.only_chats = vec![GROUP.to_owned()]);
    assert_eq!((seen.natives(), seen.left_out), (vec!["G"], 4));
}

#[test]
fn a_name_that_no_conversation_has_is_refused_before_anything_is_read() {
    let phone = Phone::new();
    phone.message("P", 1, 0, &[("ZTEXT", &"private")]);
    phone.message("N", 9, 0, &[("ZTEXT", &"no session"), ("ZFROMJID", &"447700900177@s.whatsapp.net")]);
    let path = phone.root();
    let error = phone.try_read(&path, |options| options.only_chats = vec!["Ada. Example".into()]).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Usage);
    assert!(error.to_string().contains("called \"Ada. Example\"; there are: Ada Example"), "{error}");
    for said in ["ADA\u{a0}example\u{200e}", "+44 (7700) 900101", "0044 7700 900177"] {
        let seen = phone.read_with(|options| options.exclude_chats = vec![said.into()]);
        assert_eq!(seen.left_out, 1, "{said}");
    }
}

#[test]
fn one_stanza_id_in_two_chats_is_two_messages_and_none_is_one() {
    let phone = Phone::new();
    phone.session(3, "447700900103@s.whatsapp.net", "Cy");
    for session in [1, 3] {
        phone.message("CAST", session, 0, &[("ZTEXT", &"to many"), ("ZISFROMME", &1)]);
    }
    phone.message("", 1, 0, &[("ZTEXT", &"nameless"), ("ZMESSAGEDATE", &700_000_000.5)]);
    phone.message("ORPHAN", 77, 0, &[("ZTEXT", &"whose chat is gone"), ("ZFROMJID", &ADA)]);
    let seen = phone.read();
    let natives = seen.natives();
    assert!(natives.contains(&"CAST@1") && natives.contains(&"CAST@3"));
    let nameless = "row:447700900101@s.whatsapp.net:3:700000000500";
    assert_eq!(seen.codes(nameless), [Code::NoNativeId]);
    assert_eq!(seen.message("ORPHAN").conversation.id, ADA);
    assert_eq!(phone.read().natives(), natives, "another reading gives the same ids");
    let chats = connect(phone.root().join("ChatStorage.sqlite"));
    chats.execute("DELETE FROM ZWAMESSAGE WHERE ZCHATSESSION = 3", []).unwrap();
    drop(chats);
    assert!(phone.read().natives().contains(&"CAST@1"), "also in a copy in which the other chat is gone");
}

#[test]
fn a_status_and_a_channel_are_broadcasts() {
    let phone = Phone::new();
    phone.session(3, "status@broadcast", "Status");
    phone.session(4, "120363000000000009@newsletter", "News");
    phone.message("S", 3, 0, &[("ZTEXT", &"my status"), ("ZFROMJID", &BO_LID), ("ZPUSHNAME", &"Bo")]);
    phone.message("N", 4, 7, &[("ZTEXT", &"https://news.example")]);
    phone.insert(
        "ZWAMESSAGEDATAITEM",
        &[("ZMESSAGE", &2), ("ZTITLE", &"A title"), ("ZMATCHEDTEXT", &"https://news.example")],
    );
    let seen = phone.read();
    assert_eq!(
        (seen.message("S").conversation.kind, seen.message("S").sender.label().as_str()),
        (ConversationKind::Broadcast, "Bo")
    );
    assert_eq!(seen.message("N").sender.label(), "News");
    assert_eq!(seen.details("N").raw.get("ZWAMESSAGEDATAITEM.ZTITLE").map(String::as_str), Some("A title"));
}
