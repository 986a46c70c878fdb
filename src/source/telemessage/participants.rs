//! Who took part: number, name and address from the address fields, in every form that customers choose.

use super::words::without_bidi;
use crate::{
    eml::Mailbox,
    model::{Participant, PhoneNumber},
};

/// What the source writes for a party that it does not know.
const UNKNOWN: &str = "unknown";
/// Longest address that is one (RFC 5321 section 4.5.3.1: local part, `@`, domain), in bytes.
const ADDRESS_BYTES: usize = 320;
/// Longest display name that is kept as a label, in characters; the archived bytes have it whole.
const NAME_CHARS: usize = 400;

/// Understands one party of an address field. The last run of at least seven digits of the display name is the number;
/// else a local part that is a number is one.
#[must_use]
pub fn participant(mailbox: &Mailbox) -> Participant {
    let clean = |t: &Option<String>| t.as_deref().map(|t| without_bidi(t).trim().to_owned()).filter(|t| !t.is_empty());
    let (written, address) = (clean(&mailbox.name), clean(&mailbox.address));
    let (mut name, mut number) = match &written {
        Some(text) => split_name(text),
        None => (None, None),
    };
    let local = address.as_deref().map(|a| a.split_once('@').map_or(a, |(local, _)| local));
    number = number.or_else(|| local.and_then(PhoneNumber::parse));
    let short = |a: &String| a.len() <= ADDRESS_BYTES;
    let email = address
        .clone()
        .filter(short)
        .filter(|a| a.contains('@') && !local.is_some_and(|l| l.eq_ignore_ascii_case(UNKNOWN)));
    if let Some(alone) = address.filter(|a| !a.contains('@')) {
        name = name.or_else(|| split_name(&alone).0);
    }
    if name.as_deref().is_some_and(|n| email.as_deref().is_some_and(|e| e.eq_ignore_ascii_case(n))) {
        name = None;
    }
    Participant { name, number, email }
}

/// A party as a subject names it: digits, or a name.
#[must_use]
pub fn party(text: &str) -> Participant {
    let (name, number) = split_name(&without_bidi(text));
    Participant { name, number, email: None }
}

/// `Susan Park 447700900101` → name and number; either may be missing.
fn split_name(text: &str) -> (Option<String>, Option<PhoneNumber>) {
    if let Some(number) = PhoneNumber::parse(text) {
        return (None, Some(number));
    }
    if let Some((before, digits, after)) = last_run(text)
        && let Some(number) = PhoneNumber::parse(digits)
    {
        return (label(&format!("{before} {after}")), Some(number));
    }
    // A number with spaces in it is recognised by its plus sign.
    if let Some((before, tail)) = text.rsplit_once('+')
        && let Some(number) = PhoneNumber::parse(tail.trim_end_matches([')', ']']))
    {
        return (label(before), Some(number));
    }
    (label(text), None)
}

/// The last run of [`PhoneNumber::MIN_DIGITS`] or more digits, with what is before and after it.
fn last_run(text: &str) -> Option<(&str, &str, &str)> {
    let mut end = text.len();
    while end > 0 {
        let head = text.get(..end)?;
        let stop = head.rfind(|c: char| c.is_ascii_digit())? + 1;
        let digits = text.get(..stop)?;
        let start =
            digits.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + digits.get(at..).map_or(1, first_len));
        if stop - start >= PhoneNumber::MIN_DIGITS {
            return Some((text.get(..start)?, text.get(start..stop)?, text.get(stop..)?));
        }
        end = start;
    }
    None
}

fn first_len(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

/// A display name without the marks that were around its number; `None` if nothing is left or it says unknown.
fn label(text: &str) -> Option<String> {
    let marks =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '<' | '>' | '+' | '-' | '|' | '/' | '–');
    let text = text.replace("( )", " ").replace("(+ )", " ").replace("[ ]", " ");
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(marks);
    let unknown =
        name.split_whitespace().all(|word| word.eq_ignore_ascii_case(UNKNOWN) || word.eq_ignore_ascii_case("null"));
    (!unknown).then(|| name.chars().take(NAME_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(name: &str, address: &str) -> (String, String, String) {
        let some = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        let p = participant(&Mailbox { name: some(name), address: some(address) });
        (
            p.name.unwrap_or_default(),
            p.number.map(|n| n.digits().to_owned()).unwrap_or_default(),
            p.email.unwrap_or_default(),
        )
    }

    #[test]
    fn every_form_of_a_participant_is_understood() {
        let number = "447700900101";
        for (name, address, expected) in [
            ("Susan Park 447700900101", "susan@northgate.example", ("Susan Park", number, "susan@northgate.example")),
            ("447700900101", "a@x.example", ("", number, "a@x.example")),
            ("+447700900101", "", ("", number, "")),
            ("Susan Park +44 7700 900101", "", ("Susan Park", number, "")),
            ("+44 7700 900101", "", ("", number, "")),
            ("", "447700900101@sms.example", ("", number, "447700900101@sms.example")),
            ("", "447700900101", ("", number, "")),
            ("Susan Park", "susan@northgate.example", ("Susan Park", "", "susan@northgate.example")),
            ("\u{2068}Susan\u{2069} (447700900101)", "", ("Susan", number, "")),
            ("Ann 12 447700900101", "", ("Ann 12", number, "")),
            ("Desk 5551234567 447700900101", "", ("Desk 5551234567", number, "")),
            ("Łukasz Żak 447700900101", "", ("Łukasz Żak", number, "")),
            ("UNKNOWN", "unknown@telemessage.example", ("", "", "")),
            ("UNKNOWN UNKNOWN 447700900101", "", ("", number, "")),
            ("susan@northgate.example", "susan@northgate.example", ("", "", "susan@northgate.example")),
            ("1234567890123456", "", ("1234567890123456", "", "")),
            ("", "", ("", "", "")),
        ] {
            let got = read(name, address);
            assert_eq!((got.0.as_str(), got.1.as_str(), got.2.as_str()), expected, "{name:?} {address:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_makes_it_panic(name in "\\PC{0,40}", digits in "[0-9+() é-]{0,30}") {
            let _ = read(&name, &digits);
            let _ = read(&format!("{name}{digits}{name}"), &name);
        }
    }
}
