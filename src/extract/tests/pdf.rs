//! PDF.

use super::{
    fixture::{composite, deflate, deflated, pdf, pdf_saying, pdf_with, stream},
    *,
};

fn text(content: &str) -> String {
    whole("application/pdf", "a.pdf", &pdf_saying(content))
}

#[test]
fn a_page_gives_its_words_and_lines() {
    assert_eq!(
        text("BT /F1 12 Tf 72 700 Td (Hello) Tj ( world) Tj 0 -14 Td (next \\(line\\)) Tj ET"),
        "Hello world\nnext (line)"
    );
    assert_eq!(
        text("BT /F1 12 Tf 14 TL 72 700 Td (one) Tj T* (two) Tj (three) ' 0 0 (four) \" ET"),
        "one\ntwo\nthree\nfour"
    );
    assert_eq!(text("BT /F1 12 Tf 1 0 0 1 72 700 Tm <48 69> Tj 1 0 0 1 72 600 Tm [(b\\171e)] TJ ET"), "Hi\nbye");
}

#[test]
fn a_gap_is_a_blank_and_kerning_is_not() {
    assert_eq!(text("BT /F1 10 Tf [(W) 80 (ord) -300 (next) -20 (door)] TJ ET"), "Word nextdoor");
    assert_eq!(text("BT /F1 10 Tf 0 0 Td (ab) Tj 10 0 Td (cd) Tj 20 0 Td (ef) Tj ET"), "abcd ef", "glyphs are 5 wide");
    assert_eq!(text("2 0 0 2 0 0 cm BT /F1 10 Tf 0 0 Td (ab) Tj 10 0 Td (cd) Tj ET"), "abcd", "scaled");
    assert_eq!(text("0 1 -1 0 0 0 cm BT /F1 10 Tf (ab) Tj 0 -20 Td (cd) Tj ET"), "ab\ncd", "turned");
    assert_eq!(text("BT /F1 10 Tf 100 Tz 5 Ts (x) Tj 5 3 Td (2) Tj ET"), "x2", "raised");
}

#[test]
fn win_ansi_and_differences_are_read() {
    assert_eq!(text("BT /F1 12 Tf (caf\\351 \\200 5) Tj ET"), "café € 5");
    let font = b"<< /Type /Font /Subtype /Type1 /Encoding << /BaseEncoding /WinAnsiEncoding \
        /Differences [1 /Zdotaccent /aogonek /lslash /f_i /uni017C /u1F389 /afii10017 /Scedilla] >> >>";
    let file = pdf_with(
        b"BT /F2 12 Tf (\\001\\002\\003\\004\\005\\006\\007\\010) Tj ET",
        "/Font << /F2 6 0 R >>",
        &[font.to_vec()],
    );
    assert_eq!(unknown(&file).text, "Żąłfiż🎉АŞ");
}

#[test]
fn a_character_map_gives_every_script() {
    let letters = ["Z", "a", "ż", "ó", "ł", "ć", "你", "好", "🎉", "ffi"];
    let content = b"BT /F2 12 Tf <0001000200030004000500060007000800090 00A> Tj ET";
    let file = pdf_with(content, "/Font << /F2 6 0 R >>", &composite(6, &letters));
    assert_eq!(whole("", "a.pdf", &file), "Zażółć你好🎉ffi");
}

#[test]
fn ranges_of_a_character_map_are_read() {
    let map = b"1 begincodespacerange <00> <FF> endcodespacerange 2 beginbfrange <41> <45> <0061> <50> <51> [<017C> <00660066>] \
        endbfrange";
    let font = b"<< /Type /Font /Subtype /TrueType /Encoding /WinAnsiEncoding /ToUnicode 7 0 R >>".to_vec();
    let file = pdf_with(b"BT /F2 12 Tf (ABEPQ?) Tj ET", "/Font << /F2 6 0 R >>", &[font, deflated("", map)]);
    assert_eq!(unknown(&file).text, "abeżff?");
}

#[test]
fn arabic_is_in_the_order_of_reading_however_it_was_drawn() {
    // The word is mim ra ha, and 2026 stands in it: drawn as it looks, from left to right.
    let letters = ["م", "ر", "ح", "2", "0", "6", " "];
    let fonts = composite(6, &letters);
    let seen = b"BT /F2 10 Tf <0004000500040006 0007 000300020001> Tj ET";
    let file = pdf_with(seen, "/Font << /F2 6 0 R >>", &fonts);
    assert_eq!(unknown(&file).text, "مرح 2026");
    let read = b"BT /F2 10 Tf 1 0 0 1 50 0 Tm <0001> Tj 1 0 0 1 45 0 Tm <0002> Tj 1 0 0 1 40 0 Tm <0003> Tj ET";
    let file = pdf_with(read, "/Font << /F2 6 0 R >>", &fonts);
    assert_eq!(unknown(&file).text, "مرح", "drawn from right to left");
}

#[test]
fn chinese_in_an_encoding_of_its_own_is_read() {
    let font =
        |name: &str| format!("<< /Type /Font /Subtype /Type0 /Encoding /{name} /DescendantFonts [] >>").into_bytes();
    for (encoding, string) in [("UniGB-UCS2-H", "4F60597D"), ("GBK-EUC-H", "C4E3BAC3"), ("UniJIS-UTF16-H", "4F60597D")]
    {
        let content = format!("BT /F2 12 Tf <{string}> Tj ET");
        let file = pdf_with(content.as_bytes(), "/Font << /F2 6 0 R >>", &[font(encoding)]);
        assert_eq!(whole("", "a.pdf", &file), "你好", "{encoding}");
    }
}

#[test]
fn letters_that_no_font_names_are_said() {
    let font = b"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [] >>".to_vec();
    let file =
        pdf_with(b"BT /F1 9 Tf (read) Tj /F2 12 Tf <00010002> Tj ET", "/Font << /F1 5 0 R /F2 6 0 R >>", &[font]);
    assert_eq!(parts(&unknown(&file)), ("read", Some(Unread::Unmapped)));
}

#[test]
fn forms_within_the_page_are_read_and_cycles_end() {
    let resources = "/Font << /F1 5 0 R >> /XObject << /X 6 0 R >>";
    let form = |content: &[u8]| deflated("/Type /XObject /Subtype /Form", content);
    let file = pdf_with(b"BT /F1 9 Tf (page) Tj ET /X Do", resources, &[form(b"BT /F1 9 Tf 0 -20 Td (form) Tj ET")]);
    assert_eq!(whole("", "a.pdf", &file), "page\nform");
    let file = pdf_with(b"/X Do", resources, &[form(b"BT /F1 9 Tf (x) Tj ET /X Do /X Do")]);
    let found = unknown(&file);
    assert_eq!((found.text.is_empty(), found.unread), (false, Some(Unread::TooDeep)));
}

#[test]
fn a_scan_is_a_picture_and_an_empty_page_is_not_read_either() {
    let picture = stream("/Type /XObject /Subtype /Image /Filter /DCTDecode", b"\xFF\xD8\xFF");
    let file = pdf_with(b"q 600 0 0 800 0 0 cm /X Do Q", "/XObject << /X 6 0 R >>", std::slice::from_ref(&picture));
    assert_eq!(parts(&unknown(&file)), ("", Some(Unread::Image)));
    assert_eq!(parts(&unknown(&pdf_saying(""))), ("", Some(Unread::Image)));
    assert_eq!(parts(&unknown(&pdf_saying("BI /W 1 /H 1 ID \x01Tj\x02 EI Q"))), ("", Some(Unread::Image)));
    let both =
        pdf_with(b"/X Do BT /F1 9 Tf (caption) Tj ET", "/Font << /F1 5 0 R >> /XObject << /X 6 0 R >>", &[picture]);
    assert_eq!(whole("", "a.pdf", &both), "caption");
}

#[test]
fn one_scanned_page_among_others_is_said() {
    let file = pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Resources << /Font << /F1 7 0 R >> /XObject << /X 8 0 R >> >> >>"
            .to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 5 0 R >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents [6 0 R] >>".to_vec(),
        deflated("", b"BT /F1 9 Tf (read) Tj ET"),
        deflated("", b"/X Do"),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
        stream("/Subtype /Image", b""),
    ]);
    assert_eq!(parts(&unknown(&file)), ("read", Some(Unread::Image)));
}

#[test]
fn an_encrypted_file_is_said_to_be() {
    let mut file = pdf_saying("BT /F1 9 Tf (secret) Tj ET");
    let at = file.windows(7).rposition(|window| window == b"trailer").unwrap();
    file.truncate(at);
    file.extend_from_slice(b"trailer << /Root 1 0 R /Encrypt 9 0 R >> startxref 0 %%EOF");
    assert_eq!(parts(&unknown(&file)), ("", Some(Unread::Encrypted)));
}

#[test]
fn notes_fields_links_and_properties_are_text() {
    let page = "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> /Annots [6 0 R 7 0 R 8 0 R] >>";
    let file = pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] >>".to_vec(),
        page.as_bytes().to_vec(),
        deflated("", b"BT /F1 9 Tf (page) Tj ET"),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
        b"<< /Subtype /Text /Contents <FEFF017C00F30142> >>".to_vec(),
        b"<< /Subtype /Widget /FT /Tx /V (typed in) >>".to_vec(),
        b"<< /Subtype /Link /A << /S /URI /URI (https://pay.example/) >> >>".to_vec(),
    ]);
    assert_eq!(whole("", "a.pdf", &file), "page\nżół\ntyped in\nhttps://pay.example/");
}

#[test]
fn objects_in_streams_are_found_and_the_last_of_a_number_wins() {
    let inner = "3 0 5 60 << /Type /Page /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>";
    let page = &inner[inner.find("<<").unwrap()..];
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
    let head = format!("3 0 5 {} ", page.len() + 1);
    let objects = format!("{head}{page} {font}");
    let mut file = b"%PDF-1.5\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n\
        2 0 obj << /Kids [3 0 R] >> endobj\n4 0 obj << /Length 5 >> stream\nwrong\nendstream endobj\n"
        .to_vec();
    let add = |file: &mut Vec<u8>, number: usize, object: &[u8]| {
        file.extend_from_slice(format!("{number} 0 obj ").as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b" endobj\n");
    };
    add(&mut file, 8, &deflated(&format!("/Type /ObjStm /N 2 /First {}", head.len()), objects.as_bytes()));
    add(&mut file, 4, &deflated("", b"BT /F1 9 Tf (right) Tj ET"));
    add(&mut file, 9, &deflated("/Type /XRef /Root 1 0 R", b"\0"));
    file.extend_from_slice(b"startxref 0 %%EOF");
    assert_eq!(whole("", "a.pdf", &file), "right");
}

#[test]
fn streams_are_read_through_every_filter_of_text() {
    let content = b"BT /F1 9 Tf (filtered) Tj ET";
    let hexadecimal: String = content.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + ">";
    let runs: Vec<u8> = [&[content.len() as u8 - 1], &content[..], &[128]].concat();
    let lzw = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(content).unwrap();
    let packed = deflate(content);
    let predicted: Vec<u8> = content.chunks(4).flat_map(|row| [&[0], row].concat()).collect();
    for (entries, data) in [
        ("/Filter /ASCIIHexDecode", hexadecimal.clone().into_bytes()),
        ("/Filter [/RunLengthDecode]", runs),
        ("/Filter /LZWDecode", lzw),
        ("/Filter [/AHx /Fl]", packed.iter().map(|byte| format!("{byte:02X}")).collect::<String>().into_bytes()),
        ("/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 4 >>", deflate(&predicted)),
        ("/Filter /ASCII85Decode", ascii85(content)),
        ("", content.to_vec()),
    ] {
        let file = pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Kids [3 0 R] /Resources << /Font << /F1 << /Subtype /Type1 >> >> >> >>".to_vec(),
            b"<< /Type /Page /Contents 4 0 R >>".to_vec(),
            stream(entries, &data),
        ]);
        assert_eq!(whole("", "a.pdf", &file), "filtered", "{entries}");
    }
}

fn ascii85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in data.chunks(4) {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        let mut value = u32::from_be_bytes(word);
        let mut digits: Vec<u8> = (0..5)
            .map(|_| {
                let digit = value % 85;
                value /= 85;
                digit as u8 + b'!'
            })
            .collect();
        digits.reverse();
        out.extend_from_slice(&digits[..=chunk.len()]);
    }
    out.extend_from_slice(b"~>");
    out
}

#[test]
fn a_file_that_is_cut_off_gives_the_pages_before() {
    let mut objects = vec![b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec()];
    for n in 0..20 {
        let page =
            format!("<< /Type /Page /Contents {} 0 R /Resources << /Font << /F1 1 0 R >> >> >>", objects.len() + 2);
        objects.push(page.into_bytes());
        objects.push(deflated("", format!("BT /F1 9 Tf (page {n}) Tj ET").as_bytes()));
    }
    let file = pdf(&objects);
    let found = unknown(&file[..file.len() / 2]);
    assert_eq!(found.unread, Some(Unread::Broken));
    assert!(found.text.starts_with("page 0\npage 1\npage 2\n"), "{}", found.text);
}

#[test]
fn a_damaged_stream_says_so_and_a_missing_check_sum_does_not() {
    let words: String = (0..3_000).map(|n| format!("BT /F1 9 Tf 0 {n} Td (w{}) Tj ET\n", n * 7919 % 10_007)).collect();
    let packed = deflate(words.as_bytes());
    let unread = |data: &[u8]| {
        let objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_vec(),
            stream("/Filter /FlateDecode", data),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
        ];
        let found = unknown(&pdf(&objects));
        assert!(found.text.starts_with('w'), "{:?}", found.text.get(..40));
        found.unread
    };
    assert_eq!(unread(&packed), None);
    assert_eq!(unread(&packed[..packed.len() - 4]), None, "without a check sum");
    assert_eq!(unread(&[&packed[..packed.len() - 4], b"\0\0\0\0"].concat()), Some(Unread::Broken), "with a wrong one");
    assert_eq!(unread(&packed[..packed.len() / 2]), Some(Unread::Broken), "cut off");
    let mut damaged = packed.clone();
    damaged[packed.len() / 2..packed.len() / 2 + 64].fill(0xFF);
    assert_eq!(unread(&damaged), Some(Unread::Broken), "damaged in the middle");
}

#[test]
fn files_within_the_file_are_not_opened_and_that_is_said() {
    let catalog = |names: &str| format!("<< /Type /Catalog /Pages 2 0 R {names} >>").into_bytes();
    let file = |names: &str| {
        pdf(&[
            catalog(names),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_vec(),
            deflated("", b"BT /F1 9 Tf (invoice) Tj ET"),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
        ])
    };
    assert_eq!(unknown(&file("")).unread, None);
    let with = unknown(&file("/Names << /EmbeddedFiles << /Names [(a.xml) 9 0 R] >> >>"));
    assert_eq!((with.text.as_str(), with.unread), ("invoice", Some(Unread::Unsupported)));
}
