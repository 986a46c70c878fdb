//! A seeded phone with some thousand rows: every record is accounted for, and twice the same comes out.

use super::fixture::{NEWER, Phone, T0, connect, reply};
use crate::{
    model::MessageKind,
    source::ios::protobuf::tests::{bytes, number},
};
use rusqlite::params;
use std::collections::{BTreeMap, HashSet};

/// Rows of messages.
const ROWS: i64 = 3_000;
/// Conversations: every third is a group.
const CHATS: i64 = 12;

/// The generator's numbers.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as i64 % n
    }
}

/// What has to come out.
#[derive(Default)]
struct Expected {
    kinds: BTreeMap<&'static str, i64>,
    reactions: i64,
    quotes: i64,
}

fn fill(phone: &Phone, seed: u64) -> Expected {
    let mut random = Seeded(seed);
    let mut expected = Expected::default();
    let mut connection = connect(phone.root().join("ChatStorage.sqlite"));
    let all = connection.transaction().unwrap();
    for chat in 1..=CHATS {
        let address = match chat % 3 {
            0 => format!("12036300000000{chat:04}@g.us"),
            _ => format!("447700900{:03}@s.whatsapp.net", 100 + chat),
        };
        all.execute(
            "INSERT INTO ZWACHATSESSION (Z_PK, ZCONTACTJID, ZPARTNERNAME) VALUES (?1, ?2, ?3)",
            params![chat, address, format!("Chat {chat}")],
        )
        .unwrap();
        for member in 0..if chat % 3 == 0 { 5 } else { 0 } {
            let address = format!("447700900{:03}@s.whatsapp.net", 200 + member);
            all.execute(
                "INSERT INTO ZWAGROUPMEMBER (Z_PK, ZCHATSESSION, ZMEMBERJID) VALUES (?1, ?2, ?3)",
                params![chat * 100 + member, chat, address],
            )
            .unwrap();
        }
    }
    for row in 1..=ROWS {
        let chat = 1 + random.below(CHATS);
        let kind = [0, 0, 0, 0, 7, 6, 10, 14, 46, 5, 77][random.below(11) as usize];
        let from_me = random.below(2);
        let member = (chat % 3 == 0 && from_me == 0).then(|| chat * 100 + random.below(5));
        let (mut item, mut info) = (None, None);
        if kind == 0 && row > 50 && random.below(5) == 0 {
            let stanza = format!("3A{:018X}", row - 1 - random.below(40));
            all.execute(
                "INSERT INTO ZWAMEDIAITEM (ZMESSAGE, ZMETADATA) VALUES (?1, ?2)",
                params![row, reply(&stanza, "447700900101@s.whatsapp.net")],
            )
            .unwrap();
            item = Some(all.last_insert_rowid());
            expected.quotes += 1;
        }
        if random.below(7) == 0 {
            let own = [bytes(1, "K"), bytes(2, "👍"), number(3, 1_772_615_561_000 + row as u64)].concat();
            all.execute(
                "INSERT INTO ZWAMESSAGEINFO (ZMESSAGE, ZRECEIPTINFO) VALUES (?1, ?2)",
                params![row, bytes(7, bytes(2, own))],
            )
            .unwrap();
            info = Some(all.last_insert_rowid());
            expected.reactions += 1;
        }
        let event = [2, 3, 40][random.below(3) as usize];
        let word = match kind {
            6 | 10 => "system",
            14 => "deletion",
            77 => "system",
            _ => "chat",
        };
        *expected.kinds.entry(word).or_default() += 1;
        let text = (kind == 0 || kind == 7).then(|| format!("text {row}"));
        all.execute(
            "INSERT INTO ZWAMESSAGE (Z_PK, ZSTANZAID, ZCHATSESSION, ZMESSAGETYPE, ZGROUPEVENTTYPE, ZISFROMME, ZGROUPMEMBER, ZMEDIAITEM,
             ZMESSAGEINFO, ZSORT, ZMESSAGEDATE, ZTEXT) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![row, format!("3A{row:018X}"), chat, kind, event, from_me, member, item, info, row, T0 + row as f64, text],
        )
        .unwrap();
    }
    all.commit().unwrap();
    expected
}

#[test]
fn every_row_of_a_seeded_phone_comes_out_once_and_the_same_each_time() {
    let phone = Phone::empty(NEWER);
    let expected = fill(&phone, 20_260_304);
    let seen = phone.read();
    assert!(seen.noticed.is_empty() && seen.not_readable.is_empty() && seen.left_out == 0, "{:?}", seen.noticed);
    assert_eq!(seen.items.len() as i64, ROWS + expected.reactions);
    let mut kinds = BTreeMap::new();
    for item in &seen.items {
        let is_reaction = item.message.details.as_ref().unwrap().reaction.is_some();
        if !is_reaction {
            *kinds.entry(item.message.kind.as_str()).or_default() += 1;
        }
    }
    assert_eq!(kinds, expected.kinds);
    let quotes: Vec<_> = seen.items.iter().filter_map(|item| item.message.details.as_ref()?.quote.clone()).collect();
    assert_eq!(quotes.len() as i64, expected.quotes);
    let ids: HashSet<_> = seen.items.iter().map(|item| item.message.id()).collect();
    assert_eq!(ids.len(), seen.items.len());
    assert!(quotes.iter().filter_map(|quote| quote.message).all(|id| ids.contains(&id)));
    assert!(quotes.iter().any(|quote| quote.message.is_some()));
    let again = phone.read();
    assert!(seen.items.iter().zip(&again.items).all(|(a, b)| a.message == b.message && a.place == b.place));
    let sorted: Vec<_> =
        seen.items.iter().filter(|item| item.message.kind == MessageKind::Chat).map(|item| item.place.line).collect();
    assert!(!sorted.is_empty());
}

#[test]
fn what_is_left_out_and_what_is_read_add_up() {
    let phone = Phone::empty(NEWER);
    fill(&phone, 7);
    let seen = phone.read_with(|options| options.exclude_chats = vec!["chat 3".into(), "Chat 5".into()]);
    let rows = seen.items.iter().filter(|item| item.place.entry.as_deref() == Some("ZWAMESSAGE")).count() as i64;
    assert!(seen.left_out > 100);
    assert_eq!(rows + seen.left_out as i64, ROWS);
}
