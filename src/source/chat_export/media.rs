//! Names of media files: what kind a name tells.

use crate::source::phone::media_type;

/// Words with which iOS names what it exports.
const IOS_KINDS: &[(&str, &str)] = &[
    ("PHOTO", "image"),
    ("VIDEO", "video"),
    ("AUDIO", "audio"),
    ("PTT", "audio"),
    ("STICKER", "sticker"),
    ("GIF", "gif"),
    ("DOCUMENT", "document"),
];
/// Words with which Android names media.
const ANDROID_KINDS: &[(&str, &str)] = &[
    ("IMG", "image"),
    ("VID", "video"),
    ("AUD", "audio"),
    ("PTT", "audio"),
    ("STK", "sticker"),
    ("GIF", "gif"),
    ("DOC", "document"),
    ("PTV", "video_note"),
];
/// What kind of medium a name tells.
pub fn kind(name: &str) -> &'static str {
    let named = android_kind(name).or_else(|| ios_kind(name));
    // `00000047-Name.pdf`, `Name.pdf`: what the extension says.
    named.unwrap_or_else(|| match media_type::of_name(name) {
        "image/gif" => "gif",
        "image/webp" => "sticker",
        "text/vcard" => "contact",
        mime => match mime.split('/').next() {
            Some("image") => "image",
            Some("video") => "video",
            Some("audio") => "audio",
            _ => "document",
        },
    })
}

/// Whether a name has one of the forms that the apps give to media.
pub fn is_app_name(name: &str) -> bool {
    android_kind(name).is_some() || ios_number(name).is_some()
}

/// `IMG-20220327-WA0001.jpg`.
fn android_kind(name: &str) -> Option<&'static str> {
    let (word, rest) = name.split_once('-')?;
    let (date, rest) = rest.split_once("-WA")?;
    let digits = |text: &str, count: usize| text.len() >= count && text.bytes().take(count).all(|b| b.is_ascii_digit());
    let fits = date.len() == 8 && digits(date, 8) && digits(rest, 4);
    fits.then(|| ANDROID_KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)).flatten()
}

/// What follows `00000035-`.
fn ios_number(name: &str) -> Option<&str> {
    let (number, rest) = name.split_once('-')?;
    (number.len() == 8 && number.bytes().all(|b| b.is_ascii_digit()) && !rest.is_empty()).then_some(rest)
}

/// `00000035-PHOTO-2022-03-27-21-41-55.jpg`.
fn ios_kind(name: &str) -> Option<&'static str> {
    let word = ios_number(name)?.split('-').next()?;
    IOS_KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_kind_and_type() {
        for (name, expected) in [
            ("IMG-20220327-WA0001.jpg", ("image", "image/jpeg", true)),
            ("PTT-20220327-WA0001.opus", ("audio", "audio/ogg", true)),
            ("STK-20220327-WA0001.webp", ("sticker", "image/webp", true)),
            ("DOC-20220327-WA0001.", ("document", "application/octet-stream", true)),
            ("00000035-PHOTO-2022-03-27-21-41-55.jpg", ("image", "image/jpeg", true)),
            ("00000047-Offer.pdf", ("document", "application/pdf", true)),
            ("00000048-GIF-2022-03-27-21-41-55.mp4", ("gif", "video/mp4", true)),
            ("Ann Lee.vcf", ("contact", "text/vcard", false)),
            ("recording", ("document", "application/octet-stream", false)),
        ] {
            assert_eq!((kind(name), media_type::of_name(name), is_app_name(name)), expected, "{name}");
        }
    }
}
