//! In which language a text is, where it can be told.
//!
//! Contract: pure; `None` rather than a guess: a text must be long enough, and the detector sure. Only the beginning of a
//! long text is looked at, which bounds the time.

use std::sync::OnceLock;
use whatlang::{Detector, Lang};

/// Fewer letters than these say too little: `ok` is a word in twenty languages.
const LEAST_LETTERS: usize = 20;
/// How sure the detector must be, from 0 to 1. Its own mark of 0.9 is met by hardly any chat message.
const LEAST_CONFIDENCE: f64 = 0.5;
/// The most characters that are looked at.
const MOST_CHARS: usize = 300;

/// The languages that are told apart: those of business chats. Each one that is never meant takes hits away from the others, and
/// time. The detector's codes (ISO 639-3) and the codes of the language (ISO 639-1).
const CODES: &[(&str, &str)] = &[
    ("amh", "am"),
    ("ara", "ar"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tha", "th"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("vie", "vi"),
    ("yid", "yi"),
];

/// The ISO 639-1 code of the language of `text`.
pub(super) fn detect(text: &str) -> Option<&'static str> {
    let end = text.char_indices().nth(MOST_CHARS).map_or(text.len(), |(at, _)| at);
    let text = text.get(..end)?;
    // A sign of a script without spaces says as much as three letters.
    let letters = text.chars().filter(|c| c.is_alphabetic()).map(|c| if c > '\u{2e80}' { 3 } else { 1 });
    if letters.sum::<usize>() < LEAST_LETTERS {
        return None;
    }
    static DETECTOR: OnceLock<Detector> = OnceLock::new();
    let known = || CODES.iter().filter_map(|(code, _)| Lang::from_code(*code)).collect();
    let detector = DETECTOR.get_or_init(|| Detector::with_allowlist(known()));
    let found = detector.detect(text).filter(|found| found.confidence() >= LEAST_CONFIDENCE)?;
    let code = found.lang().code();
    CODES.iter().find(|(own, _)| *own == code).map(|(_, code)| *code)
}

/// The code that a value of `lang:` means: a code of two or three letters, or the name of the language.
pub(super) fn code(value: &str) -> Option<&'static str> {
    let value = value.trim().to_lowercase();
    let is = |(long, short): &&(&str, &str)| {
        let named = |lang: Lang| lang.eng_name().to_lowercase() == value || lang.name().to_lowercase() == value;
        *long == value || *short == value || Lang::from_code(*long).is_some_and(named)
    };
    CODES.iter().find(is).map(|(_, short)| *short)
}

/// Every language that can be told, as its condition names it.
pub fn languages_known() -> impl Iterator<Item = &'static str> {
    CODES.iter().map(|(_, short)| *short)
}

/// Every code, for people.
pub(super) fn codes() -> String {
    let mut codes: Vec<&str> = CODES.iter().map(|(_, short)| *short).collect();
    codes.sort_unstable();
    codes.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_its_language_and_a_grunt_has_none() {
        for (text, expected) in [
            ("Proszę przesłać podpisaną umowę jeszcze dzisiaj wieczorem", Some("pl")),
            ("Please send me the signed contract before the end of the day", Some("en")),
            ("Bitte schicken Sie mir den unterschriebenen Vertrag noch heute", Some("de")),
            ("هل يمكنك إرسال العقد الموقع اليوم من فضلك", Some("ar")),
            ("请在今天把签好的合同发给我", Some("zh")),
            ("วันนี้ช่วยส่งสัญญาที่เซ็นแล้วให้ด้วยนะคะ", Some("th")),
            ("ok", None),
            ("12345 67890", None),
            ("", None),
        ] {
            assert_eq!(detect(text), expected, "{text}");
        }
    }

    #[test]
    fn a_language_is_named_by_code_or_name() {
        for value in ["pl", "POL", "polish", "Polski"] {
            assert_eq!(code(value), Some("pl"), "{value}");
        }
        assert_eq!(code("klingon"), None);
        assert!(CODES.iter().all(|(long, _)| Lang::from_code(*long).is_some()));
    }
}
