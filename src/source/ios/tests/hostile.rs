//! Databases that nobody should trust.

use super::fixture::{ADA, CALLS, NEWER, Phone, any_cell, base64, connect};
use crate::{
    model::{Code, details::MediaState},
    source::ios::{
        detect,
        protobuf::tests::{bytes, number},
        record,
    },
};
use proptest::prelude::*;
use rusqlite::params_from_iter;
use std::fs;

#[test]
fn a_view_in_place_of_the_messages_is_refused_and_nothing_of_it_runs() {
    let schema = NEWER.replace("CREATE TABLE ZWAMESSAGE (", "CREATE TABLE HIDDEN (");
    let schema = schema.lines().filter(|line| !line.contains("ON ZWAMESSAGE (")).collect::<Vec<_>>().join("\n");
    let phone = Phone::empty(&schema);
    phone.make(
        "ChatStorage.sqlite",
        "CREATE VIEW ZWAMESSAGE AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS Z_PK FROM n;",
    );
    let seen = phone.read();
    assert!(seen.items.is_empty());
    assert_eq!(seen.noticed.iter().filter(|f| f.code == Code::TableRefused).count(), 1, "{:?}", seen.noticed);
    assert_eq!(detect(&phone.root()).unwrap(), None);
}

#[test]
fn a_path_never_leads_out_of_the_source() {
    let phone = Phone::new();
    phone.file("Message/Media/ok.jpg", b"ok");
    fs::write(phone.root().parent().unwrap().join("secret"), b"secret").unwrap();
    std::os::unix::fs::symlink("../../../secret", phone.root().join("Message/Media/link.jpg")).unwrap();
    std::os::unix::fs::symlink("/etc", phone.root().join("Message/Media/etc")).unwrap();
    let paths =
        ["../../secret", "Media/../../../secret", "//etc/passwd", "Media/link.jpg", "Media/etc/passwd", "Media/a\0b"];
    for (at, path) in paths.iter().enumerate() {
        phone.with_media(&format!("P{at}"), 1, &[], &[("ZMEDIALOCALPATH", path)]);
    }
    phone.with_media("OK", 1, &[], &[("ZMEDIALOCALPATH", &"Media/ok.jpg")]);
    let seen = phone.read();
    for (at, path) in paths.iter().enumerate() {
        let native = format!("P{at}");
        assert!(seen.message(&native).attachments.is_empty(), "{path:?}");
        assert_eq!(seen.codes(&native), [Code::HostileName], "{path:?}");
        assert_eq!(seen.details(&native).media[0].state, MediaState::Missing);
        assert!(!seen.details(&native).media[0].name.contains(['/', '\0']));
    }
    assert_eq!(seen.message("OK").attachments.len(), 1);
}

#[test]
fn absurd_dates_are_unknown_and_said() {
    let phone = Phone::new();
    for (at, date) in [1e300, -1e300, 9e18, -978_307_200.0].iter().enumerate() {
        phone.message(&format!("A{at}"), 1, 0, &[("ZTEXT", &"x"), ("ZMESSAGEDATE", date)]);
    }
    phone.message("NONE", 1, 0, &[("ZTEXT", &"x"), ("ZMESSAGEDATE", &None::<f64>)]);
    phone.message("WORDS", 1, 0, &[("ZTEXT", &"x"), ("ZMESSAGEDATE", &"yesterday")]);
    let seen = phone.read();
    assert!(seen.items.iter().all(|item| item.message.sent.is_none()));
    assert_eq!(seen.codes("A0"), [Code::DateAbsurd]);
    assert_eq!((seen.codes("NONE"), seen.codes("WORDS")), (vec![Code::DateMissing], vec![Code::DateMissing]));
}

#[test]
fn damaged_blobs_are_said_and_what_was_before_the_damage_counts() {
    let phone = Phone::new();
    let cut = [bytes(5, "3A00000000000000000A"), vec![0x32, 0x7f, b'x']].concat();
    phone.with_media("CUT", 0, &[("ZTEXT", &"reply")], &[("ZMETADATA", &cut)]);
    let info = phone.insert("ZWAMESSAGEINFO", &[("ZRECEIPTINFO", &vec![0xff_u8; 40])]);
    phone.message("JUNK", 1, 0, &[("ZTEXT", &"text"), ("ZMESSAGEINFO", &info)]);
    let large = phone.insert("ZWAMESSAGEINFO", &[("ZRECEIPTINFO", &vec![0_u8; record::BLOB_BYTES + 1])]);
    phone.message("LARGE", 1, 0, &[("ZTEXT", &"text"), ("ZMESSAGEINFO", &large)]);
    let seen = phone.read();
    for native in ["CUT", "JUNK", "LARGE"] {
        assert_eq!(seen.codes(native), [Code::FieldUnreadable], "{native}");
    }
    assert_eq!(seen.details("CUT").quote.clone().unwrap().native.as_deref(), Some("3A00000000000000000A"));
    assert_eq!(seen.details("CUT").raw.get("ZMETADATA"), Some(&base64(&cut)));
    assert_eq!(seen.details("LARGE").raw.get("ZRECEIPTINFO").map(String::as_str), Some("4194305 bytes"));
}

#[test]
fn a_row_that_is_too_large_is_lost_alone_and_accounted_for() {
    let phone = Phone::new();
    phone.message("A", 1, 0, &[("ZTEXT", &"before")]);
    let connection = connect(phone.root().join("ChatStorage.sqlite"));
    connection
        .execute("INSERT INTO ZWAMESSAGE (Z_PK, ZSTANZAID, ZCHATSESSION, ZMESSAGETYPE, ZTEXT) VALUES (2, 'HUGE', 1, 0, zeroblob(70000000))", [])
        .unwrap();
    drop(connection);
    phone.message("B", 1, 0, &[("ZTEXT", &"after")]);
    let seen = phone.read();
    assert_eq!(seen.natives(), ["A", "B"]);
    assert_eq!(seen.not_readable.len(), 1, "{:?} {:?}", seen.not_readable, seen.noticed);
    assert_eq!((seen.not_readable[0].1.as_str(), seen.noticed.len()), ("ZWAMESSAGE 2", 0));
}

#[test]
fn values_of_any_length_make_ids_and_codes_of_a_bounded_one() {
    let phone = Phone::new();
    let long = "x".repeat(1_000_000);
    let address = format!("{long}@s.whatsapp.net");
    phone.session(3, &address, &long);
    let media = phone.insert("ZWAMEDIAITEM", &[("ZMEDIALOCALPATH", &format!("../{long}")), ("ZVCARDNAME", &long)]);
    phone.message(
        &long,
        3,
        1,
        &[("ZTEXT", &long), ("ZFROMJID", &address), ("ZPUSHNAME", &long), ("ZMEDIAITEM", &media)],
    );
    let seen = phone.read();
    let message = &seen.items[0].message;
    assert_eq!(message.body.len(), long.len(), "a text is whole");
    assert!(message.identity.native.len() < 5_000 && message.conversation.id.len() < 5_000);
    assert!(message.sender.name.as_ref().is_none_or(|name| name.len() <= 500));
    let details = message.details.as_ref().unwrap();
    assert!(details.raw.values().all(|value| value.len() < 5_000));
    assert!(details.media[0].name.len() <= 500 && message.findings.iter().all(|f| f.detail.len() < 6_000));
}

#[test]
fn a_reaction_that_stands_twice_is_one() {
    let phone = Phone::new();
    let own = |emoji: &str| bytes(2, [bytes(1, "K"), bytes(2, emoji), number(3, 1_772_615_561_000)].concat());
    let info = bytes(7, [own("👍"), own("👍"), own("🎉"), own("🎉")].concat());
    let info = phone.insert("ZWAMESSAGEINFO", &[("ZRECEIPTINFO", &info)]);
    phone.message("A", 1, 0, &[("ZTEXT", &"x"), ("ZMESSAGEINFO", &info)]);
    let seen = phone.read();
    let first = "reaction:A:me:1772615561000";
    assert_eq!(seen.natives(), ["A", first, &format!("{first}:🎉")]);
}

#[test]
fn a_message_that_replies_to_itself_and_sessions_in_a_circle_end() {
    let phone = Phone::new();
    phone.message("SELF", 1, 0, &[("ZTEXT", &"x"), ("ZPARENTMESSAGE", &1)]);
    phone.with_media("ECHO", 0, &[], &[("ZMETADATA", &bytes(5, "ECHO"))]);
    let seen = phone.read();
    assert!(seen.details("SELF").quote.is_none() && seen.details("ECHO").quote.is_none());
}

#[test]
fn a_table_whose_rows_have_no_numbers_of_their_own_is_read_or_accounted_for() {
    let phone = Phone::empty("CREATE TABLE ZWAMESSAGE (Z_PK, ZTEXT, ZSTANZAID);");
    for stanza in ["A", "B", "C"] {
        phone.insert("ZWAMESSAGE", &[("Z_PK", &7), ("ZTEXT", &"x"), ("ZSTANZAID", &stanza)]);
    }
    assert_eq!(phone.read().items.len(), 3);
    let phone = Phone::empty("CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZTEXT) WITHOUT ROWID;");
    phone.insert("ZWAMESSAGE", &[("Z_PK", &7), ("ZTEXT", &"x")]);
    let seen = phone.read();
    assert_eq!((seen.items.len(), seen.not_readable.len()), (0, 1));
}

fn any_rows(
    table: &'static str,
    columns: &'static [&'static str],
) -> impl Strategy<Value = Vec<(String, Vec<rusqlite::types::Value>)>> {
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(","), vec!["?"; columns.len()].join(","));
    proptest::collection::vec(proptest::collection::vec(any_cell(), columns.len()), 0..12)
        .prop_map(move |rows| rows.into_iter().map(|row| (sql.clone(), row)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_cells_in_any_rows_are_archived_one_by_one(
        messages in any_rows("ZWAMESSAGE", record::MESSAGE),
        media in any_rows("ZWAMEDIAITEM", record::MEDIA),
        infos in any_rows("ZWAMESSAGEINFO", &["ZRECEIPTINFO", "ZMESSAGE"]),
        members in any_rows("ZWAGROUPMEMBER", &["ZMEMBERJID", "ZCONTACTNAME", "ZFIRSTNAME", "ZCHATSESSION"]),
        sessions in any_rows("ZWACHATSESSION", &["ZCONTACTJID", "ZPARTNERNAME", "ZSESSIONTYPE", "ZCONTACTIDENTIFIER"]),
        names in any_rows("ZWAPROFILEPUSHNAME", &["ZJID", "ZPUSHNAME"]),
    ) {
        let phone = Phone::empty(NEWER);
        phone.file("Message/Media/a.jpg", b"a");
        let connection = connect(phone.root().join("ChatStorage.sqlite"));
        for (sql, cells) in [&messages, &media, &infos, &members, &sessions, &names].into_iter().flatten() {
            connection.execute(sql, params_from_iter(cells)).unwrap();
        }
        drop(connection);
        let seen = phone.read();
        let rows = seen.items.iter().filter(|item| item.place.entry.as_deref() == Some("ZWAMESSAGE")).count();
        prop_assert_eq!(rows, messages.len());
        for item in &seen.items {
            prop_assert_eq!(item.blobs.len(), item.message.attachments.len());
            prop_assert!(item.message.attachments.iter().all(|a| !a.name.contains(['/', '\0', '\n'])));
        }
        let mut natives = seen.natives();
        natives.sort_unstable();
        natives.dedup();
        prop_assert_eq!(natives.len(), seen.items.len(), "identities are one each");
    }

    #[test]
    fn any_cells_in_the_call_history_make_calls_or_are_the_same_call(
        events in any_rows("ZWACDCALLEVENT", &["Z_ENT", "ZDATE", "ZDURATION", "Z1CALLEVENTS", "ZCALLIDSTRING", "ZOUTCOME", "ZGROUPJIDSTRING", "ZGROUPCALLCREATORUSERJIDSTRING"]),
        aggregates in any_rows("ZWAAGGREGATECALLEVENT", &["ZINCOMING", "ZMISSED", "ZVIDEO"]),
        parties in any_rows("ZWACDCALLEVENTPARTICIPANT", &["Z1PARTICIPANTS", "ZJIDSTRING", "ZOUTCOME"]),
        joinable in any_rows("ZWAJOINABLECALLEVENT", &["ZDATE", "ZDURATION", "ZVIDEO", "ZCALLIDSTRING", "ZGROUPJIDSTRING", "ZCALLCREATORJIDSTRING"]),
        planned in any_rows("ZWAUPCOMINGCALLEVENT", &["ZCHATJIDSTRING", "ZCREATORJIDSTRING", "ZMESSAGESTANZAID", "ZTITLE", "ZUNIXTIMEMS"]),
    ) {
        let phone = Phone::new();
        phone.make("CallHistory.sqlite", CALLS);
        let connection = connect(phone.root().join("CallHistory.sqlite"));
        for (sql, cells) in [&events, &aggregates, &parties, &joinable, &planned].into_iter().flatten() {
            connection.execute(sql, params_from_iter(cells)).unwrap();
        }
        drop(connection);
        let seen = phone.read();
        let of = |table: &str| seen.items.iter().filter(|item| item.place.entry.as_deref() == Some(table)).count();
        prop_assert_eq!(of("ZWACDCALLEVENT"), events.len());
        prop_assert!(of("ZWAJOINABLECALLEVENT") <= joinable.len());
        prop_assert_eq!(of("ZWAUPCOMINGCALLEVENT"), planned.len());
        let mut natives = seen.natives();
        natives.sort_unstable();
        natives.dedup();
        prop_assert_eq!(natives.len(), seen.items.len(), "identities are one each");
    }
}

#[test]
fn random_damage_of_the_file_never_panics() {
    let phone = Phone::new();
    for at in 0..60 {
        phone.message(
            &format!("M{at}"),
            1 + at % 2,
            [0, 1, 6, 46][at as usize % 4],
            &[("ZTEXT", &"text"), ("ZFROMJID", &ADA)],
        );
    }
    let path = phone.root().join("ChatStorage.sqlite");
    let whole = fs::read(&path).unwrap();
    let mut state = 7_u64;
    for _ in 0..60 {
        let mut damaged = whole.clone();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % damaged.len();
            damaged[at] = (state >> 24) as u8;
        }
        fs::write(&path, damaged).unwrap();
        if let Ok(seen) = phone.try_read(&phone.root(), |_| {}) {
            assert!(seen.items.len() <= 200);
        }
    }
}
