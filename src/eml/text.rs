//! The text of a part: charset decoded, HTML reduced.

use mail_parser::decoders::{charsets::map::charset_decoder, html::html_to_text};
use std::borrow::Cow;

/// Bytes of HTML that are reduced to text; more is not message text.
const HTML_BYTES: usize = 4 * 1024 * 1024;

/// The text of `bytes` in `charset`. Without a charset, or with one that is not known, the bytes are read as UTF-8;
/// what is not valid becomes U+FFFD and is never guessed.
#[must_use]
pub fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let utf8 = |name: &str| matches!(name.to_ascii_lowercase().as_str(), "" | "utf-8" | "utf8" | "us-ascii" | "ascii");
    match charset.map(str::trim).filter(|name| !utf8(name)).and_then(|name| charset_decoder(name.as_bytes())) {
        Some(decoder) => decoder(bytes),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The text that a reader of this HTML sees, without its layout.
#[must_use]
pub fn of_html(html: &str) -> String {
    let mut end = html.len().min(HTML_BYTES);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    html_to_text(html.get(..end).unwrap_or_default())
}

/// `text` with LF line ends and without blank lines around it: one form, whatever the transport made of it.
#[must_use]
pub fn tidy(text: &str) -> String {
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    text.trim_end().trim_start_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_are_decoded_and_unknown_bytes_are_marked() {
        assert_eq!(decode(b"\xb3\xf3d\xbc", Some("ISO-8859-2")), "łódź");
        assert_eq!(decode("łódź".as_bytes(), Some("us-ascii")), "łódź");
        assert_eq!(decode(b"caf\xe9", None), "caf\u{fffd}");
        assert_eq!(decode(b"\xef\xbb\xbfx", Some("no-such-charset")), "x");
    }

    #[test]
    fn html_is_reduced_to_what_is_read() {
        assert_eq!(tidy(&of_html("<p>Hello <b>you</b></p><script>x()</script>")), "Hello you");
        assert_eq!(tidy("\r\na \r\nb\r\n\r\n"), "a \nb");
    }
}
