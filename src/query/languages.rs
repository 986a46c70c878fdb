//! Texts of many languages, and what people type to find them.

use super::{Facts, Item, Marks, worked};
use crate::model::{Conversation, Identity, MailboxName, Message, SourceKind};

fn finds(query: &str, text: &str) -> bool {
    let identity = Identity { source: SourceKind::Telemessage, account: None, native: "1".into() };
    let message = Message { body: text.into(), ..Message::empty(identity, Conversation::default()) };
    let mailbox = MailboxName::parse("ann@x.example").unwrap();
    let facts = Facts::of(&message, 1);
    let expr = worked::closed(query).unwrap_or_else(|| panic!("{query} is an error"));
    super::hits(&expr, &Item { facts: &facts, mailbox: &mailbox, marks: &Marks::NONE })
}

#[test]
fn a_text_is_found_as_people_type_it() {
    for (text, queries) in [
        // Polish, German, Turkish, Vietnamese: with or without their marks, composed or not.
        ("Zażółć gęślą jaźń w Łodzi", ["zażółć", "zazolc GESLA", "lodzi"].as_slice()),
        ("Zaz\u{307}o\u{301}łc\u{301}", &["zażółć", "Zażółć"]),
        ("Die Straße ist groß", &["strasse", "STRASSE", "gross", "straß*"]),
        ("İstanbul'da IĞDIR ısı", &["istanbul", "ığdır", "igdir", "ısı", "isi"]),
        ("Hợp đồng đã ký", &["hợp đồng", "hop dong", "\"da ky\""]),
        // Arabic with and without harakat, tatweel, presentation forms, digits; Hebrew with points.
        ("العَقْدُ مُوَقَّع", &["العقد", "موقع", "الْعَقْد"]),
        ("العقـــد ١٢٣٤", &["العقد", "1234", "١٢٣٤"]),
        ("ﻻ ﺗﻨﺲ", &["لا تنس"]),
        ("הַחוֹזֶה נֶחְתַּם", &["החוזה", "נחתם", "\"החוזה נחתם\""]),
        // Hindi, Thai, Chinese, Japanese, Korean.
        ("अनुबंध पर हस्ताक्षर", &["अनुबंध", "\"पर हस्ताक्षर\"", "हस्ता*"]),
        ("กรุณาส่งสัญญาให้ผมวันนี้", &["สัญญา", "วันนี้", "ส่งสัญญา"]),
        ("请把签好的合同发给我", &["合同", "签好", "\"合同发给\"", "合", "合*"]),
        ("契約書を東京タワーで渡す", &["契約", "東京タワー", "ﾀﾜｰ", "渡す"]),
        ("계약서를 보내 주세요", &["계약서*", "보내", "\"보내 주세요\""]),
        ("계약서", &["계약서"]),
        // Compatibility characters: ligatures, full width, circled, superscript.
        ("ﬁnal Ｒｅｐｏｒｔ ①②", &["final", "report", "12"]),
        ("x² and m³", &["x2", "m3"]),
        // Emoji with joiners, skin tones, flags, keycaps, variation selectors.
        ("family 👨‍👩‍👧‍👦 ok👍🏽 ❤️ 🇵🇱 1️⃣", &["👨‍👩‍👧‍👦", "👍🏽", "❤", "❤️", "🇵🇱", "1️⃣", "ok"]),
        // Phone numbers in any spelling, both ways.
        ("call 48600123456", &["+48 600 123 456", "0048600123456", "\"+48-600-123-456\"", "48600123456"]),
        ("call +48 600-123-456 now", &["48600123456", "+48600123456", "\"+48 (600) 123.456\""]),
        // URLs, addresses and file names by their parts.
        (
            "see https://www.north-gate.example/offers/2026?id=77#top",
            &["gate", "offers", "north-gate.example", "2026", "\"offers 2026\""],
        ),
        ("mail Ana.Ruiz+x@Northgate.example", &["ruiz", "ana.ruiz", "northgate.example", "northgate"]),
        ("C:\\Users\\ana\\Contract_v2-final.DOCX", &["contract", "v2", "contract_v2-final.docx", "final"]),
    ] {
        for query in queries {
            assert!(finds(query, text), "{query} in {text}");
        }
    }
}

#[test]
fn what_only_looks_alike_is_another_word() {
    for (text, query) in [
        ("contractor", "contract"),
        ("👨‍👩‍👧‍👦", "👨"),
        ("👍🏽", "👍"),
        ("🇵🇱", "🇱🇵"),
        ("今日合作不同意", "合同"),
        ("48600123456", "600 123 456"),
        ("+48 600 123 456", "48600123457"),
        ("resume", "summer"),
    ] {
        assert!(!finds(query, text), "{query} in {text}");
    }
}
