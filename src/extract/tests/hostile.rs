//! Files that were made to do harm, and good ones that were damaged: never a panic, and an end.

use super::{
    fixture::{composite, deflate, deflated, docx, paragraph, pdf, pdf_saying, pdf_with, stream, xlsx, zip},
    *,
};
use proptest::{prelude::*, test_runner::RngSeed};
use std::sync::LazyLock;

/// A small good file of every format.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let letters = ["م", "ر", "ż", "🎉"];
    vec![
        docx(&[paragraph("Zażółć"), paragraph("two")].concat(), &[("word/comments.xml", "<c><t>why</t></c>")]),
        xlsx("Sheet", "<row><c t='s'><v>0</v></c><c><v>5</v></c></row>", "<si><t>shared</t></si>", &[]),
        zip(&[("ppt/slides/slide1.xml", "<a:p><a:t>slide</a:t></a:p>")]),
        zip(&[("content.xml", "<text:p>odt</text:p>")]),
        pdf_with(
            b"BT /F2 9 Tf <0001000200030004> Tj [(a) -500 (b)] TJ ET",
            "/Font << /F2 6 0 R >>",
            &composite(6, &letters),
        ),
        object_stream(b"BT /F1 9 Tf (inside) Tj ET"),
        b"<!DOCTYPE html><p style='display:none'>x</p><b title=t>a</b>&amp;&#322;<script>s</script>".to_vec(),
        b"<?xml version='1.0'?><a b='c&lt;'>text<![CDATA[raw]]>&#322;</a>".to_vec(),
        b"BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:=C5=BB=\na\nNOTE:a\\nb\nEND:VCARD".to_vec(),
        br"{\rtf1\ansi\ansicpg1250 a\'b3{\*\x y}\u-10180?\u-8311?\bin3 {}}\par}".to_vec(),
        br#"{"a": "\ud83c\udf89", "b": [1, 2]}"#.to_vec(),
    ]
});

/// A PDF whose page and font are in an object stream.
fn object_stream(content: &[u8]) -> Vec<u8> {
    let page = "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>";
    let font = "<< /Type /Font /Subtype /Type1 /Widths [500 500] /FirstChar 97 >>";
    let head = format!("3 0 5 {} ", page.len());
    let objects =
        deflated(&format!("/Type /ObjStm /N 2 /First {}", head.len()), format!("{head}{page}{font}").as_bytes());
    pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] >>".to_vec(),
        b"null".to_vec(),
        deflated("", content),
        b"null".to_vec(),
        objects,
    ])
}

/// What is read without the net under it: a panic fails the test.
fn read_bare(bytes: &[u8]) -> Extracted {
    super::super::read("application/octet-stream", "file", bytes)
}

#[test]
fn a_file_cut_at_any_byte_is_read_to_its_end() {
    for file in FILES.iter() {
        assert!(!read_bare(file).text.is_empty());
        for cut in 0..file.len() {
            let found = read_bare(&file[..cut]);
            assert!(found.text.len() <= file.len() * 4, "cut at {cut}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn a_file_with_changed_bytes_is_read_to_its_end_and_always_the_same(
        file in 0..11usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = FILES[file].clone();
        for (at, with) in changes {
            let at = at.index(bytes.len());
            bytes[at] = with;
        }
        prop_assert_eq!(read_bare(&bytes), read_bare(&bytes));
    }

    #[test]
    fn random_bytes_behind_any_beginning_are_read_to_their_end(
        magic in prop::sample::select(vec![&b""[..], b"%PDF-1.7 1 0 obj ", b"PK\x03\x04", b"{\\rtf1 ", b"<html>", b"BEGIN:VCARD\n", b"<?xml?>"]),
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        media_type in prop::sample::select(vec!["", "text/plain", "application/json", "application/pdf"]),
    ) {
        let bytes = [magic, &bytes[..]].concat();
        super::super::read(media_type, "", &bytes);
    }

    #[test]
    fn random_operators_are_drawn_to_their_end(
        words in proptest::collection::vec(prop::sample::select(vec![
            "BT", "ET", "q", "Q", "/F1", "12", "-1e9", "Tf", "Td", "Tm", "(ab)", "Tj", "[", "]", "TJ", "<<", ">>", "cm", "BI", "EI", "/X", "Do",
            "1", "0", "'", "\"", "T*", "Tz", "TL", "(", ")", "<", "99999999999999999999", "R",
        ]), 0..200),
    ) {
        read_bare(&pdf_saying(&words.join(" ")));
    }
}

#[test]
fn a_zip_bomb_stops_at_the_limit() {
    let spaces = " ".repeat(80 * 1024 * 1024);
    let bytes = docx(&[paragraph("before"), spaces].concat(), &[]);
    assert!(bytes.len() < 200_000);
    assert_eq!(parts(&unknown(&bytes)), ("before", Some(Unread::TooLarge)));
}

#[test]
fn the_limit_holds_for_all_entries_together() {
    let spaces = format!("<t>{}</t>", " ".repeat(10 * 1024 * 1024));
    let names: Vec<String> = (0..20).map(|n| format!("word/header{n}.xml")).collect();
    let entries: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), spaces.as_str())).collect();
    assert_eq!(unknown(&zip(&entries)).unread, Some(Unread::TooLarge));
}

#[test]
fn a_zip_with_too_many_entries_is_not_opened() {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(b"PK\x01\x02".repeat(limits::ZIP_ENTRIES + 1));
    assert_eq!(parts(&unknown(&bytes)), ("", Some(Unread::TooLarge)));
}

#[test]
fn entities_are_not_expanded() {
    let mut laughs = String::from("<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY l0 'lol'>");
    for n in 1..30 {
        laughs += &format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10));
    }
    laughs += "]><lolz>&l29;</lolz>";
    assert_eq!(whole("text/xml", "a.xml", laughs.as_bytes()), "&l29;");
}

#[test]
fn a_million_nested_elements_end_at_the_limit() {
    let deep = ["<?xml version='1.0'?><t>before</t>", &"<a>".repeat(1_000_000)].concat();
    assert_eq!(parts(&unknown(deep.as_bytes())), ("before", Some(Unread::TooDeep)));
    let deep = docx(&[paragraph("before"), "<w:p>".repeat(1_000_000)].concat(), &[]);
    assert_eq!(parts(&unknown(&deep)), ("before", Some(Unread::TooDeep)));
    let page = ["<html>before", &"<div hidden>".repeat(1_000_000), "after"].concat();
    assert_eq!(unknown(page.as_bytes()).text, "before\nafter");
}

#[test]
fn a_bomb_in_a_stream_of_a_pdf_stops_at_the_limit() {
    let content = ["BT /F1 9 Tf (before) Tj ET ", &" ".repeat(80 * 1024 * 1024), "BT (after) Tj ET"].concat();
    let bytes = pdf_saying(&content);
    assert!(bytes.len() < 200_000);
    assert_eq!(parts(&unknown(&bytes)), ("before", Some(Unread::TooLarge)));
    let twice = deflate(&deflate(content.as_bytes()));
    let file = |objects: &[u8]| {
        pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Kids [3 0 R] >>".to_vec(),
            b"<< /Type /Page /Contents 4 0 R >>".to_vec(),
            objects.to_vec(),
        ])
    };
    let chain = stream("/Filter [/FlateDecode /FlateDecode]", &twice);
    assert_eq!(unknown(&file(&chain)).unread, Some(Unread::TooLarge));
    let objects = deflated("/Type /ObjStm /N 9 /First 9", " ".repeat(80 * 1024 * 1024).as_bytes());
    assert_eq!(unknown(&file(&objects)).unread, Some(Unread::TooLarge));
}

#[test]
fn a_string_of_a_pdf_that_shows_too_many_glyphs_is_not_shown() {
    let shown = "\u{1}".repeat(limits::PDF_VALUES + 1);
    let bytes = pdf_saying(&format!("BT /F1 9 Tf (before) Tj ({shown}) Tj ET"));
    assert_eq!(parts(&unknown(&bytes)), ("before", Some(Unread::TooLarge)));
}

#[test]
fn cycles_in_a_pdf_end() {
    let pages = |kids: &str, page: &str| {
        pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            format!("<< /Type /Pages /Parent 2 0 R /Kids {kids} >>").into_bytes(),
            page.as_bytes().to_vec(),
            b"4 0 R".to_vec(),
            b"6 0 R".to_vec(),
            b"5 0 R".to_vec(),
        ])
    };
    for kids in ["[2 0 R]", "[3 0 R 2 0 R 3 0 R]", "4 0 R", "[5 0 R 6 0 R]", "[[[2 0 R]]]"] {
        for page in
            ["<< /Kids [2 0 R 3 0 R] >>", "<< /Type /Page /Contents 3 0 R /Resources 3 0 R /Parent 3 0 R >>", "3 0 R"]
        {
            assert!(unknown(&pages(kids, page)).text.is_empty(), "{kids} {page}");
        }
    }
}

#[test]
fn nested_arrays_and_dictionaries_of_a_pdf_end_at_the_limit() {
    for open in ["[", "<< /A ", "[<</B["] {
        let deep = open.repeat(300_000);
        let file = pdf_saying(&format!("BT /F1 9 Tf (before) Tj ET {deep}"));
        assert_eq!(parts(&unknown(&file)), ("before", Some(Unread::TooDeep)));
        let object = ["%PDF-1.4 1 0 obj ", &deep].concat();
        assert_eq!(unknown(object.as_bytes()).unread, Some(Unread::TooDeep));
    }
}

#[test]
fn pages_that_share_one_large_page_end_at_the_limit() {
    let kids = "3 0 R ".repeat(1000);
    let content = "(ab) Tj ".repeat(20_000);
    let forms = "/X Do ".repeat(2_000);
    let file = pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Kids [{kids}] >>").into_bytes(),
        b"<< /Type /Page /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>".to_vec(),
        deflated("", forms.as_bytes()),
        deflated("/Subtype /Form", content.as_bytes()),
    ]);
    assert_eq!(parts(&unknown(&file)), ("", Some(Unread::TooLarge)));
}

#[test]
fn a_table_of_contents_that_points_at_one_stream_again_and_again_costs_once() {
    let stored = [&[0u8, 0, 0, 0xFF, 0xFF].repeat(100_000)[..], &[1, 0, 0, 0xFF, 0xFF]].concat();
    let mut bytes = zip(&[("word/document.xml", "<t>x</t>")]);
    let central = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let header = bytes[central..central + 46 + "word/document.xml".len()].to_vec();
    bytes.truncate(central);
    bytes.extend_from_slice(&stored);
    let start = bytes.len();
    (0..1000).for_each(|_| bytes.extend_from_slice(&header));
    let size = bytes.len() - start;
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\xE8\x03\xE8\x03");
    bytes.extend_from_slice(&(size as u32).to_le_bytes());
    bytes.extend_from_slice(&(start as u32).to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    assert_eq!(unknown(&bytes).text, "x");
}
