//! Values in command lines: numbers, addresses, sizes, shares, zones.
//!
//! Contract: each parser is total, never guesses, and its error names a spelling that would be accepted.

use clap::ValueEnum;
use custodia::model::{MailboxName, Period, PhoneNumber, Zone, limits, tag_name};

/// A switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On
    On,
    /// Off
    Off,
}

/// How large an item may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeLimit {
    /// At most so many bytes.
    Bytes(u64),
    /// No limit of our own.
    None,
}

/// An IANA time zone, without regard to case.
pub fn zone(text: &str) -> Result<Zone, String> {
    let found = Zone::named(text.trim());
    found.ok_or_else(|| "not an IANA time zone such as Europe/London or UTC".to_owned())
}

/// Free text that goes into the audit trail: not blank, one line, not longer than a journal field.
pub fn text(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("must not be blank".to_owned());
    }
    if text.chars().count() > limits::FIELD_CHARS {
        return Err(format!("longer than {} characters", limits::FIELD_CHARS));
    }
    if text.chars().any(char::is_control) {
        return Err("must be one line without control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// The name of a case or a hold: as [`text`], but at most 200 characters.
pub fn name(given: &str) -> Result<String, String> {
    let name = text(given)?;
    if name.chars().count() > 200 { Err("longer than 200 characters".to_owned()) } else { Ok(name) }
}

/// A period of retention.
pub fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).ok_or_else(|| "write a period such as 7y, 18m, 90d or 2w".to_owned())
}

/// The name of a group, a retention policy or a label: one that a query can be written with.
pub fn query_name(text: &str) -> Result<String, String> {
    tag_name(text).map_err(|why| why.replace("a tag", "it"))
}

/// The address of a mailbox.
pub fn mailbox(text: &str) -> Result<MailboxName, String> {
    MailboxName::parse(text).ok_or_else(|| "not an address of the form name@domain".to_owned())
}

/// A phone number with its country code. A national number is refused: whose country it is would be a guess.
pub fn number(text: &str) -> Result<PhoneNumber, String> {
    let international = text.trim().starts_with('+') || text.trim().starts_with("00");
    match PhoneNumber::parse(text) {
        Some(number) if international => Ok(number),
        Some(_) => Err("write the number with its country code, such as +447700900123".to_owned()),
        None => Err(format!(
            "not a phone number of {} to {} digits, such as +447700900123",
            PhoneNumber::MIN_DIGITS,
            PhoneNumber::MAX_DIGITS
        )),
    }
}

/// A number of bytes (`10MiB`, `10MB`, `10M` = `10MiB`, `1048576`), or `none`.
pub fn size_limit(text: &str) -> Result<SizeLimit, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(SizeLimit::None);
    }
    let wrong = || "write a size such as 10MiB, 500kB or 1048576, or none".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let count: u64 = count.parse().map_err(|_| wrong())?;
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(wrong()),
    };
    match count.checked_mul(factor) {
        Some(0) => Err("a limit of nothing would import nothing".to_owned()),
        Some(bytes) => Ok(SizeLimit::Bytes(bytes)),
        None => Err("larger than any file".to_owned()),
    }
}

/// A share in per cent, with or without its sign: `10%`, `0.5`.
pub fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim();
    match number.parse::<f64>() {
        Ok(share) if share > 0.0 && share <= 100.0 => Ok(share),
        _ => Err("write a share above 0 and up to 100, such as 10%".to_owned()),
    }
}

/// A region, two letters (ISO 3166), upper case.
pub fn region(text: &str) -> Result<String, String> {
    let region = text.trim().to_ascii_uppercase();
    if region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(region)
    } else {
        Err("write a region of two letters, such as GB".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_unit() {
        assert_eq!(size_limit("10MiB"), Ok(SizeLimit::Bytes(10 << 20)));
        assert_eq!(size_limit("10 mb"), Ok(SizeLimit::Bytes(10_000_000)));
        assert_eq!(size_limit("4096"), Ok(SizeLimit::Bytes(4096)));
        assert_eq!(size_limit("None"), Ok(SizeLimit::None));
        for wrong in ["", "0", "-1", "MiB", "10x", "99999999999999999999", "18446744073709551615GiB", "1.5MiB", "é"] {
            assert!(size_limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_national_number_is_refused_not_guessed() {
        assert!(number("+44 7700 900123").is_ok());
        assert!(number("0044 7700 900123").is_ok());
        assert!(number("07700900123").unwrap_err().contains("country code"));
        assert!(number("+12").is_err());
        assert!(number("4.477E+11").is_err());
    }

    #[test]
    fn a_share_is_above_nothing_and_at_most_everything() {
        assert_eq!(percent("10%"), Ok(10.0));
        assert_eq!(percent("0.5"), Ok(0.5));
        for wrong in ["0", "101", "-1", "NaN", "inf", "ten", ""] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        assert_eq!(text(" Claim letter "), Ok("Claim letter".to_owned()));
        for wrong in ["", "  ", "a\nb", "a\u{1b}[2Jb"] {
            assert!(text(wrong).is_err(), "{wrong:?}");
        }
        assert!(text(&"x".repeat(limits::FIELD_CHARS + 1)).is_err());
    }
}
