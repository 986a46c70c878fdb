//! Files that the tests make.

use flate2::{Compression, write::ZlibEncoder};
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A zip of these entries.
pub fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A DOCX with this body, and further parts.
pub fn docx(body: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"w\" xmlns:a=\"a\"><w:body>{body}</w:body></w:document>"
    );
    zip(&[&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", &*document)], parts].concat())
}

/// A paragraph of a DOCX.
pub fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

/// An XLSX with one sheet of this name and these rows, the shared strings, and further parts.
pub fn xlsx(name: &str, rows: &str, shared: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let workbook =
        format!("<workbook xmlns:r=\"r\"><sheets><sheet name=\"{name}\" r:id=\"rId7\"/></sheets></workbook>");
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let shared = format!("<sst>{shared}</sst>");
    let relations = "<Relationships><Relationship Id=\"rId7\" Target=\"worksheets/sheet1.xml\"/></Relationships>";
    let own = [
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", &*workbook),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/worksheets/sheet1.xml", &*sheet),
        ("xl/sharedStrings.xml", &*shared),
    ];
    zip(&[&own[..], parts].concat())
}

/// A PDF of these objects, the first of which is number 1 and the catalog.
pub fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    for (at, object) in objects.iter().enumerate() {
        writeln!(file, "{} 0 obj", at + 1).unwrap();
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    file.extend_from_slice(b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n");
    file
}

/// A stream object; `entries` are those of its dictionary but for the length.
pub fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
    object.extend_from_slice(data);
    object.extend_from_slice(b"\nendstream");
    object
}

/// A stream object that is deflated.
pub fn deflated(entries: &str, data: &[u8]) -> Vec<u8> {
    stream(&format!("{entries} /Filter /FlateDecode"), &deflate(data))
}

/// Deflated bytes.
pub fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A PDF of one page with this content and a Helvetica in WinAnsi as `F1`; further objects begin at number 6.
pub fn pdf_with(content: &[u8], resources: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << {resources} >> >>").into_bytes(),
        deflated("", content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    objects.extend_from_slice(more);
    pdf(&objects)
}

/// The same without anything else.
pub fn pdf_saying(content: &str) -> Vec<u8> {
    pdf_with(content.as_bytes(), "/Font << /F1 5 0 R >>", &[])
}

/// The entry of a composite font whose codes these characters have, 1 for the first, as objects from number `at`: the
/// font, its descendant, its map.
pub fn composite(at: usize, characters: &[&str]) -> Vec<Vec<u8>> {
    let lines: Vec<String> = characters
        .iter()
        .enumerate()
        .map(|(code, text)| {
            let units: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
            format!("<{:04X}> <{units}>\n", code + 1)
        })
        .collect();
    let map = format!(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n\
         {} beginbfchar\n{}endbfchar\nendcmap end end",
        characters.len(),
        lines.concat()
    );
    vec![
        format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [{} 0 R] /ToUnicode {} 0 R >>",
            at + 1,
            at + 2
        )
        .into_bytes(),
        b"<< /Type /Font /Subtype /CIDFontType2 /DW 500 >>".to_vec(),
        deflated("", map.as_bytes()),
    ]
}
