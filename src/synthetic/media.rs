//! Small invented files: a few hundred bytes to 4 KB that begin and end as their format does.
//!
//! Limits: the PNG is a real picture of one pixel with seeded bytes behind its end; JPEG and OGG carry the right frame around
//! seeded bytes and show nothing; the PDF is one page with one line of text, and seeded bytes in a comment.

use super::prng::Prng;

/// One attachment.
#[derive(Clone, Debug)]
pub(super) struct Media {
    /// Its file name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A format: extension, media type, how WhatsApp names it, head, tail.
type Format = (&'static str, &'static str, &'static str, &'static [u8], &'static [u8]);

const FORMATS: [Format; 4] = [
    (".jpg", "image/jpeg", "IMG", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", b"\xff\xd9"),
    (
        ".png",
        "image/png",
        "IMG",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90\x77\x53\xde\
          \x00\x00\x00\x0cIDAT\x78\xda\x63\x70\x68\x38\x00\x00\x02\x84\x01\x81\x18\x6a\x74\x87\
          \x00\x00\x00\x00IEND\xae\x42\x60\x82",
        b"",
    ),
    (
        ".ogg",
        "audio/ogg",
        "PTT",
        b"OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead",
        b"",
    ),
    (".pdf", "application/pdf", "DOC", b"%PDF-1.4\n", b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
];

/// Bytes of a PDF that are taken for not seeded.
const PDF_FRAME: usize = 127;

/// Makes a file. `serial` is its number in the corpus, `day` the date as `YYYYMMDD`.
pub(super) fn make(prng: &mut Prng, serial: u64, day: &str) -> Media {
    let (extension, media_type, prefix, head, tail) =
        prng.pick(&FORMATS).copied().unwrap_or((".bin", "", "DOC", b"", b""));
    let size = usize::try_from(200 + prng.below(3_800)).unwrap_or(200);
    let mut bytes = Vec::with_capacity(size + 8);
    bytes.extend_from_slice(head);
    if extension == ".pdf" {
        bytes.extend_from_slice(page(serial).as_bytes());
    }
    // What is drawn does not depend on what a page says, so that the rest of a corpus does not either.
    let frame = if extension == ".pdf" { PDF_FRAME } else { head.len() + tail.len() };
    for _ in 0..size.saturating_sub(frame).div_ceil(8) {
        // Printable, so that no seeded byte looks like a marker of the format.
        bytes.extend(prng.next().to_le_bytes().map(|byte| b'0' + byte % 64));
    }
    bytes.extend_from_slice(tail);
    Media { name: format!("{prefix}-{day}-WA{serial:04}{extension}"), media_type, bytes }
}

/// The objects of a page with one line, up to the comment that follows.
fn page(serial: u64) -> String {
    let drawn = format!("BT /F1 12 Tf 20 50 Td (Memo {serial:04}: draft for the escrow account) Tj ET");
    format!(
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>endobj\n\
         4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n\
         5 0 obj<</Length {}>>stream\n{drawn}\nendstream\nendobj\n%",
        drawn.len()
    )
}

/// Writes `bytes` as base64 in lines of 76 characters that end in CRLF.
pub(super) fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    for line in bytes.chunks(57) {
        base64_run(line, out);
        out.extend_from_slice(b"\r\n");
    }
}

/// Writes `bytes` as base64 without line breaks.
pub(super) fn base64_run(bytes: &[u8], out: &mut Vec<u8>) {
    for group in bytes.chunks(3) {
        let value = group.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        let letters = [18, 12, 6, 0].map(|shift| letter(value >> shift & 63));
        out.extend(letters.iter().take(group.len() + 1));
        out.extend(std::iter::repeat_n(b'=', 3 - group.len()));
    }
}

/// The letter of a sextet.
fn letter(sextet: u32) -> u8 {
    let sextet = u8::try_from(sextet & 63).unwrap_or(0);
    match sextet {
        0..=25 => b'A' + sextet,
        26..=51 => b'a' + (sextet - 26),
        52..=61 => b'0' + (sextet - 52),
        62 => b'+',
        _ => b'/',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            let mut out = Vec::new();
            base64_run(plain.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), coded);
        }
        let mut out = Vec::new();
        base64(&[0xfb; 120], &mut out);
        assert!(out.split(|byte| *byte == b'\n').all(|line| line.len() <= 77));
    }

    #[test]
    fn a_file_is_small_and_begins_as_its_format_does() {
        let mut prng = Prng::new(5);
        for serial in 0..200 {
            let media = make(&mut prng, serial, "20250304");
            assert!((200..=4_800).contains(&media.bytes.len()), "{}", media.bytes.len());
            let known = FORMATS.iter().any(|f| media.name.ends_with(f.0) && media.bytes.starts_with(f.3));
            assert!(known, "{}", media.name);
        }
    }
}
