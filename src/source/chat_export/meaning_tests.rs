//! Placeholders in every listed language, and words of people that look like them.

use super::*;

fn android(text: &str) -> Meaning {
    read(text, false, Setting { ios: false, marks: false, has: &|_| false })
}

fn ios(text: &str) -> Meaning {
    read(text, true, Setting { ios: true, marks: true, has: &|name| name == "notes" })
}

#[test]
fn every_phrase_of_every_language_is_recognised() {
    let (mut count, deleted) = (0, |mine| Kind::Deleted { mine, admin: None });
    for words in words::all() {
        for (kind, text) in words.omitted {
            let named = |k: &Kind| matches!(k, Kind::Omitted(found) if kind.is_empty() || found == kind);
            assert!(named(&android(&format!("<{text}>")).kind), "{} {text}", words.language);
            assert!(named(&ios(&format!("\u{200e}{text}")).kind), "{} {text}", words.language);
            count += 1;
        }
        for text in words.attached {
            let name = "IMG-20220327-WA0001.jpg";
            assert_eq!(android(&format!("{name} ({text})")).kind, Kind::Attached(name.into()), "{text}");
            let name = "00000035-PHOTO-2022-03-27-21-41-55.jpg";
            assert_eq!(ios(&format!("\u{200e}<{text}: {name}>")).kind, Kind::Attached(name.into()), "{text}");
        }
        for (texts, mine) in [(words.deleted, false), (words.you_deleted, true)] {
            for text in texts {
                assert_eq!(android(text).kind, deleted(mine), "{text}");
                assert_eq!(ios(&format!("\u{200e}{text}.")).kind, deleted(mine), "{text}");
                assert_eq!(ios(text).kind, Kind::Text, "typed by a person: {text}");
                count += 1;
            }
        }
        for text in words.edited {
            let meaning = android(&format!("new words <{text}>"));
            assert_eq!((meaning.body.as_str(), meaning.edited), ("new words", true), "{text}");
            assert!(ios(&format!("new \u{200e}<{text}.>")).edited && !ios(&format!("new <{text}>")).edited, "{text}");
        }
        for (_, text) in words.calls {
            assert!(matches!(android(text).kind, Kind::Call(_)), "{text}");
        }
        for text in words.location {
            let link = "https://maps.google.com/?q=52.1,5.1";
            assert!(matches!(android(&format!("{text}: {link}")).kind, Kind::Place(_)), "{text}");
        }
        for text in words.poll {
            let poll = format!("{text}:\nWhere?\n\u{200e}OPTION: Here (1 vote)");
            assert!(matches!(android(&poll).kind, Kind::Poll(_)), "{text}");
        }
    }
    assert!(count > 250, "{count}");
}

#[test]
fn captions_stay_with_their_medium_or_its_absence() {
    assert_eq!(
        android("IMG-20220327-WA0001.jpg (file attached)\na caption\nof two lines").body,
        "a caption\nof two lines"
    );
    assert_eq!(android("<Media omitted>\na caption\nof two lines").body, "a caption\nof two lines");
    assert_eq!(ios("two\nlines \u{200e}<attached: 00000035-PHOTO-2022-03-27-21-41-55.jpg>").body, "two\nlines");
    assert_eq!(ios("a caption \u{200e}image omitted").body, "a caption");
}

#[test]
fn a_document_is_described_not_captioned() {
    let meaning = ios("\u{200e}Offer.pdf \u{2022} \u{200e}2 pages \u{200e}<attached: 00000047-Offer.pdf>");
    assert_eq!(meaning.kind, Kind::Attached("00000047-Offer.pdf".into()));
    assert_eq!((meaning.body.as_str(), meaning.described.as_deref()), ("", Some("Offer.pdf \u{2022} 2 pages")));
    let meaning = ios("\u{200e}Offer.pdf \u{2022} \u{200e}2 pages \u{200e}document omitted");
    assert_eq!((meaning.kind, meaning.body.as_str()), (Kind::Omitted("document"), ""));
}

#[test]
fn what_no_table_has_is_known_by_form() {
    assert_eq!(android("IMG-20220327-WA0001.jpg (irgendwas)").kind, Kind::Attached("IMG-20220327-WA0001.jpg".into()));
    assert_eq!(
        ios("\u{200e}<00000035-PHOTO-2022-03-27-21-41-55.jpg eklendi>").kind.clone(),
        Kind::Attached("00000035-PHOTO-2022-03-27-21-41-55.jpg".into())
    );
    assert_eq!(ios("\u{200e}<xyz: notes>").kind, Kind::Attached("notes".into()));
    assert_eq!(ios("IMG_0001.jpg <\u{200e}attached>").kind, Kind::Attached("IMG_0001.jpg".into()));
    let app = read(
        "\u{200e}\u{200e}Your security code with Ann changed.",
        false,
        Setting { ios: true, marks: true, has: &|_| false },
    );
    assert_eq!(ios("\u{200e}surat chiqarilmadi").kind, Kind::Placeholder);
    assert_eq!(ios("\u{200e}+44 7700 900101").kind, Kind::Text, "a pasted number");
    assert!(matches!(app.kind, Kind::App(Event { what: "security_code_changed", .. })));
}

#[test]
fn words_of_people_stay_words() {
    for text in [
        "see (file attached)",
        "a < b > c",
        "null and void",
        "I deleted this message",
        "this message was deleted by me",
        "report (final)",
        "<3",
        "5 > 3",
    ] {
        assert_eq!(android(text).kind, Kind::Text, "{text}");
        assert_eq!(android(text).body, text);
    }
    assert_eq!(ios("image omitted").kind, Kind::Text);
    assert_eq!(ios("null").kind, Kind::Text);
    assert_eq!(android("null").kind, Kind::Null);
    assert_eq!(android("").kind, Kind::Empty);
}

#[test]
fn an_administrator_who_deletes_is_named() {
    assert_eq!(
        ios("\u{200e}This message was deleted by admin Ann Lee.").kind,
        Kind::Deleted { mine: false, admin: Some("Ann Lee".into()) }
    );
}
