//! A schema of about 2016 has fewer columns; nothing is assumed.

use super::fixture::{ADA, OLDER, Phone, T0};
use crate::model::MessageKind;

const GROUP: &str = "447700900101-1400000000@g.us";

fn phone() -> Phone {
    let phone = Phone::empty(OLDER);
    phone.session(1, ADA, "Ada Example");
    phone.session(2, GROUP, "Old Friends");
    phone.insert(
        "ZWAGROUPMEMBER",
        &[("Z_PK", &1), ("ZCHATSESSION", &2), ("ZMEMBERJID", &ADA), ("ZCONTACTNAME", &"Ada")],
    );
    phone.message("1400000000-1", 1, 0, &[("ZTEXT", &"an old text"), ("ZFROMJID", &ADA)]);
    phone.message("1400000000-2", 2, 0, &[("ZTEXT", &"to the group"), ("ZGROUPMEMBER", &1), ("ZFROMJID", &GROUP)]);
    let image = phone.message("1400000000-3", 2, 1, &[("ZISFROMME", &1)]);
    phone.insert("ZWAMEDIAITEM", &[("ZMESSAGE", &image), ("ZMEDIALOCALPATH", &"Media/old/a.jpg"), ("ZFILESIZE", &3)]);
    phone.file("Message/Media/old/a.jpg", b"old");
    phone.message("1400000000-4", 2, 6, &[("ZGROUPEVENTTYPE", &12)]);
    phone.message("1400000000-5", 1, 14, &[]);
    phone
}

#[test]
fn what_an_older_schema_lacks_is_not_missed() {
    let seen = phone().read();
    assert_eq!(
        seen.natives(),
        ["1400000000-1@1", "revoked:1400000000-5@1", "1400000000-2@2", "1400000000-3@2", "1400000000-4@2"]
    );
    assert_eq!((seen.noticed.len(), seen.not_readable.len()), (0, 0), "{:?}", seen.noticed);
    assert_eq!(seen.message("1400000000-2@2").sender.name.as_deref(), Some("Ada Example"));
    // The row of the message does not name its medium; the medium names the message.
    assert_eq!(seen.message("1400000000-3@2").attachments[0].name, "a.jpg");
    assert_eq!(seen.details("1400000000-4@2").event.clone().unwrap().what, "group_created");
    assert_eq!(seen.message("1400000000-4@2").kind, MessageKind::System);
    assert!(seen.items.iter().all(|item| item.message.sent.is_some()));
}

#[test]
fn without_a_sort_rows_come_by_their_number() {
    let phone = Phone::empty(OLDER);
    phone.session(1, ADA, "Ada Example");
    phone.message("B", 1, 0, &[("ZTEXT", &"later by the clock"), ("ZMESSAGEDATE", &(T0 + 9.0))]);
    phone.message("A", 1, 0, &[("ZTEXT", &"earlier by the clock"), ("ZMESSAGEDATE", &T0)]);
    assert_eq!(phone.read().natives(), ["B", "A"]);
}

#[test]
fn tables_that_are_missing_altogether_are_no_error() {
    let phone = Phone::empty("CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZTEXT VARCHAR, ZFROMJID VARCHAR);");
    phone.insert("ZWAMESSAGE", &[("ZTEXT", &"nothing but text"), ("ZFROMJID", &ADA)]);
    let seen = phone.read();
    assert_eq!(seen.items.len(), 1);
    let message = &seen.items[0].message;
    assert_eq!(
        (message.body.as_str(), message.conversation.id.as_str(), message.sent),
        ("nothing but text", ADA, None)
    );
    assert_eq!(message.details.as_ref().unwrap().from_me, None);
}
