//! An exporter that writes any shape, and what must come back; bytes of anybody; exports that overlap.

use super::{
    reader_tests::{options, try_read},
    *,
};
use crate::source::phone::DateOrder;
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
use proptest::prelude::*;
use std::{collections::BTreeSet, fs};

/// One way to write a header.
#[derive(Clone, Debug)]
struct Style {
    ios: bool,
    order: DateOrder,
    mark: &'static str,
    padded: bool,
    long_year: bool,
    between: &'static str,
    time_mark: &'static str,
    /// Words for the halves of the day, before or after the time.
    halves: Option<(&'static str, &'static str, bool)>,
    zero: char,
    time_first: bool,
}

impl Style {
    fn digits(&self, text: &str) -> String {
        let zero = u32::from(self.zero);
        text.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(zero + d)).unwrap_or(c)).collect()
    }

    fn header(&self, at: NaiveDateTime) -> String {
        let two = |n: u32| if self.padded { format!("{n:02}") } else { n.to_string() };
        let year = if self.long_year { at.year().to_string() } else { format!("{:02}", at.year() % 100) };
        let (day, month) = (two(at.day()), two(at.month()));
        let date = match self.order {
            DateOrder::Dmy => [day, month, year],
            DateOrder::Mdy => [month, day, year],
            DateOrder::Ymd => [at.year().to_string(), month, day],
        };
        let mut time = match self.halves {
            None => format!("{:02}{}{:02}", at.hour(), self.time_mark, at.minute()),
            Some(_) => format!("{}{}{:02}", (at.hour() + 11) % 12 + 1, self.time_mark, at.minute()),
        };
        if self.ios {
            time.push_str(&format!("{}{:02}", self.time_mark, at.second()));
        }
        if let Some((am, pm, before)) = self.halves {
            let half = if at.hour() < 12 { am } else { pm };
            time = if before { format!("{half}{time}") } else { format!("{time}{half}") };
        }
        let date = date.join(self.mark);
        let stamp = if self.time_first {
            format!("{time}{}{date}", self.between)
        } else {
            format!("{date}{}{time}", self.between)
        };
        let stamp = self.digits(&stamp);
        if self.ios { format!("[{stamp}] ") } else { format!("{stamp} - ") }
    }
}

fn style() -> impl Strategy<Value = Style> {
    let order = prop_oneof![Just(DateOrder::Dmy), Just(DateOrder::Mdy), Just(DateOrder::Ymd)];
    let halves = prop_oneof![
        Just(None),
        Just(Some(("\u{202f}AM", "\u{202f}PM", false))),
        Just(Some((" am", " pm", false))),
        Just(Some(("\u{a0}a.\u{a0}m.", "\u{a0}p.\u{a0}m.", false))),
        Just(Some(("上午", "下午", true))),
        Just(Some(("오전 ", "오후 ", true))),
        Just(Some(("\u{a0}ص", "\u{a0}م", false))),
    ];
    let marks = prop::sample::select(vec!["/", ".", "-", ". ", "\u{200f}/"]);
    let between = prop::sample::select(vec![", ", " ", "، ", " à ", " klo "]);
    let zero = prop::sample::select(vec!['0', '٠', '०', '๐', '۰']);
    (any::<[bool; 4]>(), order, marks, between, prop::sample::select(vec![":", "."]), halves, zero).prop_map(
        |([ios, padded, long_year, time_first], order, mark, between, time_mark, halves, zero)| Style {
            ios,
            order,
            // Two dotted triples in one header could be read either way.
            mark: if time_mark == "." { "/" } else { mark },
            padded,
            long_year,
            between,
            time_mark,
            halves,
            zero,
            time_first: time_first && ios && between == ", ",
        },
    )
}

const AUTHORS: [&str; 5] = ["Ann Lee", "Bob Ray", "+44 7700 900101", "Çiğdem 🎉", "~ Dora"];

/// A record: minutes after the one before, seconds, author, text.
type Written = (u32, u32, usize, String);

fn body() -> impl Strategy<Value = String> {
    let first = "[a-zA-Z0-9 .,äöü🎉<>()]{0,20}";
    let more = "[a-zA-Z0-9 .,:äöü🎉\u{200e}<>()/\\[\\]-]{0,30}";
    // Same words again and again, so that records are alike.
    prop_oneof![
        3 => prop::sample::select(vec!["ok", "yes", "", "a\n\nb"]).prop_map(str::to_owned),
        3 => (first, prop::collection::vec(more, 0..3))
            .prop_map(|(first, more)| std::iter::once(first).chain(more).collect::<Vec<_>>().join("\n")),
        1 => Just("see\n[1.2.03, 04:05:06] Eve: decoy".to_owned()),
    ]
}

fn records(most: usize) -> impl Strategy<Value = Vec<Written>> {
    prop::collection::vec(
        (prop_oneof![3 => 0..2_u32, 1 => 0..90_000_u32], 0..60_u32, 0..AUTHORS.len(), body()),
        2..most,
    )
}

/// Times of records, ascending by minute.
fn times(records: &[Written]) -> Vec<NaiveDateTime> {
    let mut at = NaiveDate::from_ymd_opt(2021, 11, 29).unwrap().and_hms_opt(7, 58, 0).unwrap();
    let one = |(minutes, seconds, _, _): &Written| {
        at += chrono::Duration::minutes(i64::from(*minutes));
        at.with_second(*seconds).unwrap()
    };
    records.iter().map(one).collect()
}

fn export(style: &Style, records: &[Written], times: &[NaiveDateTime]) -> String {
    let mut text = String::new();
    for ((_, _, author, body), at) in records.iter().zip(times) {
        // An iPhone may write its own shape into a body: only CRLF ends a record there.
        let body = if style.ios { body.replace("decoy", &style.header(*at)) } else { body.clone() };
        let end = if style.ios { "\r\n" } else { "\n" };
        text.push_str(&format!("{}{}: {body}{end}", style.header(*at), AUTHORS[*author]));
    }
    text
}

fn import(text: &str, order: DateOrder) -> super::reader_tests::Seen {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("WhatsApp Chat with The Team.txt");
    fs::write(&path, text).unwrap();
    let mut options = options(&dir.path().join("spool"));
    options.me = Some("-".into());
    options.date_order = Some(order);
    try_read(&path, &options).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_an_exporter_writes_in_any_shape_comes_back(style in style(), records in records(12)) {
        let times = times(&records);
        let text = export(&style, &records, &times);
        let seen = import(&text, style.order);
        prop_assert_eq!(seen.items.len(), records.len(), "{}", text);
        for ((item, (_, _, author, body)), at) in seen.items.iter().zip(&records).zip(times) {
            let body = if style.ios { body.replace("decoy", &style.header(at)) } else { body.clone() };
            let details = item.message.details.as_ref().unwrap();
            prop_assert_eq!(&item.message.body, &body, "{}", text);
            prop_assert_eq!(&details.wall.as_ref().unwrap().shown, &wall::text(at, style.ios), "{}", text);
            prop_assert_eq!(&item.message.sender, &item::participant(AUTHORS[*author]));
        }
    }

    #[test]
    fn two_halves_that_overlap_are_the_whole(style in style(), records in records(24), cuts in any::<[prop::sample::Index; 2]>()) {
        let times = times(&records);
        let minute = |n: usize| times[n].with_second(0);
        let (a, b) = (cuts[0].index(records.len()), cuts[1].index(records.len()));
        let (mut from, to) = (a.min(b), a.max(b) + 1);
        // The later export begins with a whole minute.
        while from > 0 && minute(from - 1) == minute(from) {
            from -= 1;
        }
        let part = |range: std::ops::Range<usize>| import(&export(&style, &records[range.clone()], &times[range]), style.order);
        prop_assume!(to >= 2 && records.len() - from >= 2);
        let keys = |seen: &super::reader_tests::Seen| -> BTreeSet<_> {
            seen.items.iter().map(|i| (i.message.identity.key(), i.message.source_digest())).collect()
        };
        let whole = keys(&part(0..records.len()));
        let halves: BTreeSet<_> = keys(&part(0..to)).union(&keys(&part(from..records.len()))).copied().collect();
        prop_assert_eq!(whole.len(), records.len());
        prop_assert_eq!(halves, whole);
    }

    #[test]
    fn bytes_of_anybody_never_panic_and_every_record_is_accounted_for(pieces in prop::collection::vec(piece(), 0..60)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("_chat.txt");
        fs::write(&path, pieces.concat()).unwrap();
        let found = detect(&path).unwrap();
        let mut options = options(&dir.path().join("spool"));
        options.me = Some("-".into());
        options.date_order = Some(DateOrder::Dmy);
        let seen = try_read(&path, &options);
        if let (Ok(seen), Some(found)) = (seen, found) {
            prop_assert_eq!(seen.items.len() as u64, found.records);
        }
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = vec![
        "[",
        "] ",
        "27/03/22",
        "3/4/2022",
        "27.3.65",
        ", ",
        " ",
        "21:41",
        "9:41:55",
        " PM",
        "下午",
        " - ",
        " – ",
        ": ",
        "Ann",
        "Dr: Who",
        "\r\n",
        "\n",
        "\r",
        "\u{200e}",
        "\u{202a}",
        "\u{202f}",
        "<attached: ",
        "<Media omitted>",
        "IMG-20220327-WA0001.jpg",
        " (file attached)",
        ">",
        "POLL:\nq\n",
        "\u{200e}OPTION: x (1 vote)",
        "R4/3/27",
        "令和4年3月27日",
        "٢٧/٣/٢٠٢٢",
        " BE ",
        "null",
        "Location: https://maps.google.com/?q=1,2",
        "You deleted this message",
        "This message was deleted by admin ",
        " <This message was edited>",
        "Voice call. \u{200e}2 min",
        "Ann created group \"X: Y\"",
        "•",
        "\u{0}",
        "99999999999999999999",
        "27/03/22, 21:41 - Ann: ",
        "\u{200e}[27/03/22, 21:41:55] Bob: \u{200e}",
        "[21:41:55, 27/3/22] Cid: ",
    ];
    prop_oneof![
        8 => prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => any::<String>().prop_map(String::into_bytes),
    ]
}
