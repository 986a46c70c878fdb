//! Numbers as people and spreadsheets write them, brought to E.164.
//!
//! Digits with a country code are taken as they are, also from ranges that are kept for fiction or are not known yet: a numbering plan
//! is old the day after it is printed. National forms need a region, and only the plan of that region is asked.

use crate::model::{Code, PhoneNumber};
use phonenumber::country::Id;

/// Digits up to which a number without a trunk zero may be a national one. Longer ones carry their country code: plans with
/// numbers of any length (Germany) would take a foreign number for one of theirs.
pub const NATIONAL_DIGITS: usize = 11;

/// Brings a number to E.164. `default_region` (ISO 3166, two letters) gives national forms their country.
///
/// Without `+` or `00`, digits are read with their country code first, as the feed writes them; they are read as
/// national only if they begin with a trunk `0`, or if the region's plan knows them as national and no plan knows them as
/// international.
///
/// # Errors
/// `ScientificNotation` for what a spreadsheet made of a number, `NumberTooShort` for fewer than seven digits,
/// `NumberInvalid` for anything else that is no number, including a national form without a region.
pub fn to_e164(text: &str, default_region: Option<&str>) -> Result<PhoneNumber, Code> {
    let text = undress(text);
    if is_scientific(text) {
        return Err(Code::ScientificNotation);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let Some(plain) = PhoneNumber::parse(text) else {
        let only_number = !digits.is_empty() && text.chars().all(|c| !c.is_alphabetic());
        let short = only_number && digits.len() < PhoneNumber::MIN_DIGITS;
        return Err(if short { Code::NumberTooShort } else { Code::NumberInvalid });
    };
    let international = text.starts_with('+') || digits.starts_with("00");
    // `+44 (0)7700 …`: the zero in parentheses is only dialled at home.
    if let (true, Some((before, after))) = (international, text.split_once("(0)")) {
        return PhoneNumber::parse(&format!("{before} {after}")).ok_or(Code::NumberInvalid);
    }
    if international {
        return if plain.digits().starts_with('0') { Err(Code::NumberInvalid) } else { Ok(plain) };
    }
    let region = default_region.and_then(|region| region.trim().to_ascii_uppercase().parse::<Id>().ok());
    if digits.starts_with('0') {
        return region.and_then(|region| national(&digits, region)).ok_or(Code::NumberInvalid);
    }
    if digits.len() > NATIONAL_DIGITS {
        return Ok(plain);
    }
    let known = || phonenumber::parse(None, format!("+{digits}")).is_ok_and(|n| phonenumber::is_valid(&n));
    match region.and_then(|region| valid_national(&digits, region)) {
        Some(national) if !known() => Ok(national),
        _ => Ok(plain),
    }
}

/// Whether `region` is one that the numbering plans know.
#[must_use]
pub fn is_region(region: &str) -> bool {
    region.len() == 2 && region.to_ascii_uppercase().parse::<Id>().is_ok()
}

/// What is left without the marks that keep a spreadsheet from counting: `'447…`, `="447…"`, `tel:`.
fn undress(text: &str) -> &str {
    let text = text.trim().trim_start_matches(['\'', '=']).trim_matches('"').trim();
    text.strip_prefix("tel:").unwrap_or(text).trim_start_matches(
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'),
    )
}

/// `4.477E+11`, also with a decimal comma.
fn is_scientific(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((mantissa, exponent)) = lower.split_once('e') else { return false };
    let exponent = exponent.trim_start_matches(['+', '-']);
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    digits(exponent) && digits(&mantissa.replace(['.', ','], ""))
}

/// A national form with its trunk zero. The plan says what the zero means; where it does not know the range, one zero goes.
fn national(digits: &str, region: Id) -> Option<PhoneNumber> {
    let parsed = phonenumber::parse(Some(region), digits).ok()?;
    let number = e164(&parsed)?;
    // Some plans keep the zero (Italy); a plan that was asked decides.
    (number.digits().len() > digits.len() - 1).then_some(number)
}

fn valid_national(digits: &str, region: Id) -> Option<PhoneNumber> {
    let parsed = phonenumber::parse(Some(region), digits).ok()?;
    let ours = parsed.country().id() == Some(region) || !digits.starts_with(&parsed.code().value().to_string());
    (ours && phonenumber::is_valid(&parsed)).then(|| e164(&parsed))?
}

fn e164(number: &phonenumber::PhoneNumber) -> Option<PhoneNumber> {
    PhoneNumber::parse(&phonenumber::format(number).mode(phonenumber::Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, region: Option<&str>) -> String {
        to_e164(text, region).map_or_else(|code| code.to_string(), |n| n.to_string())
    }

    #[test]
    fn every_spelling_of_an_international_number_is_one_number() {
        for text in [
            "447700900101",
            "+447700900101",
            "00447700900101",
            " +44 7700 900-101 ",
            "+44 (0)7700 900101",
            "'447700900101",
            "=\"447700900101\"",
            "tel:+44-7700-900-101",
            "\u{202a}+447700900101\u{202c}",
        ] {
            for region in [None, Some("GB"), Some("PL"), Some("us"), Some("DE")] {
                assert_eq!(read(text, region), "+447700900101", "{text} {region:?}");
            }
        }
        assert_eq!(read("12125550123", Some("US")), "+12125550123");
        assert_eq!(read("12125550123", Some("GB")), "+12125550123");
    }

    #[test]
    fn national_forms_need_a_region() {
        assert_eq!(read("07700 900101", Some("GB")), "+447700900101");
        assert_eq!(read("07700 900101", None), "number_invalid");
        assert_eq!(read("(212) 555-0123", Some("US")), "+12125550123");
        assert_eq!(read("512 345 678", Some("PL")), "+48512345678");
        assert_eq!(read("0151 12345678", Some("DE")), "+4915112345678");
        assert_eq!(read("07700 900101", Some("XX")), "number_invalid");
    }

    #[test]
    fn what_is_no_number_is_told_apart() {
        assert_eq!(read("4.477E+11", None), "scientific_notation");
        assert_eq!(read("4,477E+11", None), "scientific_notation");
        assert_eq!(read("12345", None), "number_too_short");
        assert_eq!(read("+44 77", Some("GB")), "number_too_short");
        for text in ["", "ann", "44770090010a", "12345678901234567", "ext 447700900101"] {
            assert_eq!(read(text, None), "number_invalid", "{text}");
        }
        assert!(is_region("pl") && !is_region("Poland") && !is_region("QQ"));
    }
}
