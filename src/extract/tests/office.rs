//! DOCX, XLSX, PPTX, ODT.

use super::{
    fixture::{docx, paragraph, xlsx, zip},
    *,
};

#[test]
fn a_document_gives_body_notes_comments_headers_and_what_was_deleted() {
    let body = "<w:p><w:r><w:t>Zażółć </w:t></w:r><w:r><w:t>gęślą</w:t></w:r><w:r><w:tab/><w:t>مرحبا</w:t></w:r></w:p>\
        <w:p><w:del><w:r><w:delText>pay in cash</w:delText></w:r></w:del><w:ins><w:r><w:t>pay</w:t></w:r></w:ins>\
        <w:r><w:br/><w:t>你好 🎉 a&amp;b</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>c1</w:t></w:r></w:p></w:tc>\
        <w:tc><w:p><w:r><w:t>c2</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    let part = |text: &str| format!("<w:x xmlns:w='w'>{}</w:x>", paragraph(text));
    let (header, footer, note, comment) = (part("top"), part("bottom"), part("note"), part("why?"));
    let bytes = docx(
        body,
        &[
            ("word/header1.xml", &header),
            ("word/footer1.xml", &footer),
            ("word/footnotes.xml", &note),
            ("word/comments.xml", &comment),
            ("word/styles.xml", "<w:styles><w:t>never</w:t></w:styles>"),
            (
                "word/_rels/document.xml.rels",
                "<R><Relationship Target='https://pay.example/x' TargetMode='External'/></R>",
            ),
            ("docProps/core.xml", "<c><dc:title>Offer</dc:title><dcterms:created>2026</dcterms:created></c>"),
        ],
    );
    assert_eq!(
        whole("application/octet-stream", "contract", &bytes),
        "Zażółć gęślą مرحبا\npay in cashpay\n你好 🎉 a&b\nc1\nc2\nnote\nwhy?\ntop\nbottom\nhttps://pay.example/x\nOffer"
    );
}

#[test]
fn text_that_stands_twice_for_older_programs_is_read_once() {
    let body = "<mc:AlternateContent><mc:Choice><w:p><w:t>box</w:t></w:p></mc:Choice>\
        <mc:Fallback><w:p><w:t>box</w:t></w:p></mc:Fallback></mc:AlternateContent>";
    assert_eq!(whole("", "a.docx", &docx(body, &[])), "box");
}

#[test]
fn a_workbook_gives_sheet_names_cells_comments_and_strings_that_no_cell_shows() {
    let rows = "<row><c t='s'><v>1</v></c><c><v>1234567890.5</v></c><c t='inlineStr'><is><t>in</t><t>line</t></is></c></row>\
        <row><c t='str'><f>A1&amp;B1</f><v>result</v></c><c t='b'><v>1</v></c><c t='s'><v>99</v></c><c/></row>";
    let shared = "<si><t>left over</t></si><si><r><t>rich </t></r><r><t>żółw</t></r><rPh><t>ふりがな</t></rPh></si>";
    let comment =
        "<comments><commentList><comment><text><r><t>check this</t></r></text></comment></commentList></comments>";
    let bytes = xlsx("Payroll 2026", rows, shared, &[("xl/comments1.xml", comment)]);
    assert_eq!(
        whole("", "a.xlsx", &bytes),
        "Payroll 2026\nrich żółw\n1234567890.5\ninline\nresult\n1\ncheck this\nleft over"
    );
}

#[test]
fn a_presentation_gives_its_slides_in_order_and_their_notes() {
    let slide = |text: &str| format!("<p:sld><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>");
    let slides: Vec<(String, String)> =
        [10, 9, 1].iter().map(|n| (format!("ppt/slides/slide{n}.xml"), slide(&format!("slide {n}")))).collect();
    let mut entries: Vec<(&str, &str)> = slides.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let note = slide("say this");
    entries.push(("ppt/notesSlides/notesSlide1.xml", &note));
    entries.push(("ppt/slideMasters/slideMaster1.xml", "<a:t>Click to edit</a:t>"));
    assert_eq!(whole("", "a.pptx", &zip(&entries)), "slide 1\nslide 9\nslide 10\nsay this");
}

#[test]
fn an_open_document_gives_paragraphs_and_cells() {
    let content = "<office:document-content><office:body><text:h>Head</text:h><text:p>Zażółć<text:s text:c='3'/>\
        <text:span>gęślą</text:span><text:line-break/>x</text:p><table:table table:name='Sheet1'><table:table-row>\
        <table:table-cell office:value='5.0'><text:p>5 €</text:p></table:table-cell></table:table-row></table:table>\
        </office:body></office:document-content>";
    let manifest = "<manifest:manifest/>";
    let entries = [("mimetype", "application/x"), ("META-INF/manifest.xml", manifest), ("content.xml", content)];
    assert_eq!(whole("", "a.odt", &zip(&entries)), "Head\nZażółć gęślą\nx\nSheet1\n5 €");
    let locked = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>";
    let entries = [("META-INF/manifest.xml", locked), ("content.xml", "\u{1}\u{2}")];
    assert_eq!(parts(&unknown(&zip(&entries))), ("", Some(Unread::Encrypted)));
}

#[test]
fn other_zips_are_unsupported_and_encrypted_ones_encrypted() {
    let mut bytes = zip(&[("a.txt", "hello"), ("b.txt", "world")]);
    assert_eq!(parts(&unknown(&bytes)), ("", Some(Unread::Unsupported)));
    // The flag of encryption in both headers of the first entry.
    let central = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[central + 8] |= 1;
    assert_eq!(parts(&unknown(&bytes)), ("", Some(Unread::Encrypted)));
    assert_eq!(parts(&extract("", "a.docx", b"no zip at all")), ("", Some(Unread::Broken)));
}

#[test]
fn what_stands_before_the_damage_of_a_document_stays() {
    let body: String = (0..2000).map(|n| paragraph(&format!("paragraph number {n}"))).collect();
    let bytes = docx(&body, &[]);
    let found = unknown(&bytes[..bytes.len() * 2 / 3]);
    assert_eq!(found.unread, Some(Unread::Broken));
    assert!(found.text.starts_with("paragraph number 0\nparagraph number 1\n"), "{:?}", found.text.get(..80));
    let unclosed = docx("<w:p><w:r><w:t>before</w:t></w:r><w:p <", &[]);
    assert_eq!(parts(&unknown(&unclosed)), ("before", Some(Unread::Broken)));
}

#[test]
fn a_damaged_entry_is_found_by_its_check_sum() {
    let mut bytes = docx(&paragraph("text"), &[]);
    let central = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[central + 16] ^= 1;
    assert_eq!(parts(&unknown(&bytes)), ("text", Some(Unread::Broken)));
}

#[test]
fn what_lies_within_a_document_and_is_not_opened_is_said() {
    let unread = |name: &str, bytes: &[u8]| extract("", name, bytes).unread;
    let text = paragraph("see the table");
    let with = |part: &str| docx(&text, &[(part, "PK")]);
    assert_eq!(unread("a.docx", &docx(&text, &[])), None);
    assert_eq!(unread("a.docx", &with("word/media/image1.png")), None, "a letter with a logo");
    for part in ["word/embeddings/Microsoft_Excel_Sheet1.xlsx", "word/embeddings/oleObject1.bin", "word/afchunk1.mht"] {
        let found = extract("", "a.docx", &with(part));
        assert_eq!((found.text.as_str(), found.unread), ("see the table", Some(Unread::Unsupported)), "{part}");
    }
    let scan = docx("<w:p/>", &[("word/media/image1.png", "x"), ("docProps/core.xml", "<c><title>Scan</title></c>")]);
    assert_eq!(unread("a.docx", &scan), Some(Unread::Image), "pages that are pictures");
    assert_eq!(
        unread("a.docx", &zip(&[("word/styles.xml", "<w:styles/>")])),
        Some(Unread::Broken),
        "no document in it"
    );
    assert_eq!(unread("a.rtf", b"{\\rtf1 see {\\object\\objdata 01}}"), Some(Unread::Unsupported));
    assert_eq!(unread("a.rtf", b"{\\rtf1 {\\pict 0102}}"), Some(Unread::Image));
    assert_eq!(unread("a.rtf", b"{\\rtf1 logo {\\pict 0102}}"), None);
}
