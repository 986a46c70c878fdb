//! Text, JSON, HTML, XML, vCard, iCalendar, RTF.

use super::*;

#[test]
fn text_is_read_in_every_common_encoding() {
    let text = "Zażółć gęślą jaźń\nمرحبا\n你好 🎉";
    let wide = |bytes: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(bytes).collect()
    };
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    for bytes in [text.as_bytes().to_vec(), marked, wide(u16::to_le_bytes, true), wide(u16::to_be_bytes, true)] {
        assert_eq!(whole("text/plain", "a.txt", &bytes), text);
        assert_eq!(whole("application/octet-stream", "note", &bytes), text);
    }
    let latin: Vec<u8> = "plain words".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(whole("text/plain", "a.txt", &latin), "plain words", "UTF-16 without a mark");
    assert_eq!(whole("text/plain", "a.txt", b"caf\xE9 \x80 5 \x93q\x94"), "café € 5 “q”", "windows-1252");
}

#[test]
fn line_ends_of_all_systems_are_one_and_cells_stay_in_their_line() {
    assert_eq!(whole("text/csv", "a.csv", b"name;sum\r\nBo;5\r\n"), "name;sum\nBo;5");
    assert_eq!(whole("", "readme.md", b"# Title\n\n*text*"), "# Title\n\n*text*");
}

#[test]
fn text_beyond_the_limit_is_left_out_and_said() {
    let long = "żółw ".repeat(limits::TEXT_CHARS / 5 + 1);
    let found = extract("text/plain", "a.txt", long.as_bytes());
    assert_eq!(found.unread, Some(Unread::TooLarge));
    assert_eq!(found.text.trim_end(), long[..].chars().take(limits::TEXT_CHARS).collect::<String>().trim_end());
    let exact = "a".repeat(limits::TEXT_CHARS);
    assert_eq!(extract("text/plain", "a.txt", exact.as_bytes()).text, exact);
}

#[test]
fn json_gives_its_keys_strings_and_numbers() {
    let json =
        br#"{"name": "Za\u017c\u00f3\u0142\u0107 \ud83c\udf89", "n": [1, -2.50e3, true, null], "a\"b": {"c": "x\ny"}}"#;
    assert_eq!(whole("application/json", "a.json", json), "name Zażółć 🎉\nn\n1\n-2.50e3\ntrue\nnull\na\"b\nc x\ny");
    assert_eq!(whole("", "a.jsonl", b"{\"a\":1}\n{\"a\":2}"), "a 1\na 2");
    assert_eq!(parts(&extract("", "a.json", b"{\"a\": \"cut of")), ("a cut of", Some(Unread::Broken)));
    assert_eq!(whole("", "a.json", br#"["\ud83c alone", "\u12"]"#), "\u{FFFD} alone");
}

#[test]
fn json_nested_a_million_deep_is_read() {
    let json = ["[".repeat(1_000_000).as_str(), "\"heart\"", &"]".repeat(1_000_000)].concat();
    assert_eq!(whole("", "a.json", json.as_bytes()), "heart");
}

#[test]
fn html_gives_what_a_reader_sees() {
    let page = "<!DOCTYPE html><html><head><title>Offer &amp; terms</title><style>p{color:red}</style>\
        <script>var secret = '</p>' + 1 < 2;</script></head><body><!-- nobody sees this -->\
        <h1>Za&zdot;&oacute;&#322;&#x107;</h1><p>bold <b>wor</b>d<br>next</p><div hidden>hidden <div>too</div></div>\
        <span style='display : none'>gone</span>shown<table><tr><td>a<td>b<tr><td>c</table>\
        <img src=x alt='A red seal'><template>no</template><p>price&nbsp;5</body>";
    let text = whole("text/html", "a.html", page.as_bytes());
    assert_eq!(text, "Offer & terms\nZażółć\nbold word\nnext\nshown\na b\nc\nA red seal\nprice\u{A0}5");
}

#[test]
fn a_hidden_element_that_never_ends_hides_nothing() {
    assert_eq!(whole("text/html", "", b"<body>a<div hidden>b<p>c"), "a\nb c");
    assert_eq!(whole("text/html", "", b"<p hidden>a<p>b"), "b", "the next paragraph ends it");
}

#[test]
fn html_is_read_in_the_charset_that_it_names() {
    let page = b"<html><meta charset=\"iso-8859-2\"><p>Za\xBF\xF3\xB3\xE6";
    assert_eq!(whole("text/html", "", page), "Zażółć");
}

#[test]
fn xml_gives_texts_and_attributes_and_expands_nothing() {
    let xml = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'boom'><!ENTITY b '&a;&a;'>]>\
        <sms xmlns='urn:x'><message body='Hi &amp; bye' to=\"447700900101\">a &lt; b &b; &#322;<![CDATA[<raw>]]></message></sms>";
    assert_eq!(whole("text/xml", "a.xml", xml.as_bytes()), "Hi & bye\n447700900101\na < b &b; ł<raw>");
    let svg = "<svg xmlns='s' width='5'><path d='M0 0L9 9'/><text x='1'>Seal</text></svg>";
    assert_eq!(whole("image/svg+xml", "a.svg", svg.as_bytes()), "Seal");
}

#[test]
fn a_contact_gives_names_numbers_addresses_and_notes() {
    let card = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Kowal;=C5=BBaneta\r\n\
        item1.TEL;type=CELL;waid=447700900101:+44 7700 900101\r\nADR;TYPE=home:;;12 High\r\n  St;Leeds;;LS1;\r\n\
        EMAIL:zaneta@client.example\r\nNOTE;ENCODING=QUOTED-PRINTABLE:one=\r\n two=0D=0Athree\r\n\
        NOTE:a\\, b\\nc\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n Skz\r\nEND:VCARD\r\n";
    assert_eq!(
        unknown(card.as_bytes()).text,
        "Kowal Żaneta\n+44 7700 900101 447700900101\n12 High St Leeds LS1\nzaneta@client.example\none two\nthree\na, b\nc"
    );
}

#[test]
fn a_calendar_gives_its_words() {
    let calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260304T100000Z\nSUMMARY:Dinner\\, late\n\
        ATTENDEE;CN=\"Bo: B\":mailto:bo@client.example\nEND:VEVENT\nEND:VCALENDAR";
    let text = whole("text/calendar", "a.ics", calendar.as_bytes());
    assert_eq!(text, "20260304T100000Z\nDinner, late\nmailto:bo@client.example Bo: B");
}

#[test]
fn rtf_gives_its_text_in_any_script() {
    let rtf = br"{\rtf1\ansi\ansicpg1250{\fonttbl{\f0 Arial;}}{\*\generator Word;}\f0 Za\'bf\'f3\'b3\'e6\par
        {\b bo}ld\tab\u1605?\u1585? {\deleted gone}\line \u-10180?\u-8311? \{x\}}";
    assert_eq!(whole("", "a.rtf", rtf), "Zażółć\n        bold \u{645}\u{631} gone\n🎉 {x}");
    let deep = ["{\\rtf1 a", &"{".repeat(1000)].concat();
    assert_eq!(parts(&unknown(deep.as_bytes())), ("a", Some(Unread::TooDeep)));
    assert_eq!(parts(&unknown(b"{\\rtf1 cut o")), ("cut o", Some(Unread::Broken)));
}

#[test]
fn a_mail_in_a_mail_is_read_as_it_is_written_and_never_as_a_whole() {
    let mail = b"Subject: offer\r\nContent-Transfer-Encoding: base64\r\n\r\nc2VjcmV0\r\n";
    for (media_type, name) in [("message/rfc822", ""), ("application/octet-stream", "offer.eml")] {
        let found = extract(media_type, name, mail);
        assert!(found.text.contains("Subject: offer"), "{found:?}");
        assert_eq!(found.unread, Some(Unread::Unsupported));
    }
}
