//! Calls in a text: `Missed voice call`, `Voice call. ‎2 min`, `Video call, ‎No answer`.

use super::{
    chars::{clean, fold},
    words::{self, CallWord, Phrase},
};

/// Units of time: what a word is in seconds.
const UNITS: &[(&[&str], u64)] = &[
    (&["s", "sec", "secs", "sek", "seg", "second", "seconds", "с", "сек", "sn", "dtk", "秒", "초", "วินาที", "giây"], 1),
    (
        &[
            "m",
            "min",
            "mins",
            "minute",
            "minutes",
            "м",
            "мин",
            "хв",
            "dk",
            "mnt",
            "分",
            "分钟",
            "分鐘",
            "분",
            "นาที",
            "phút",
        ],
        60,
    ),
    (
        &[
            "h", "hr", "hrs", "hour", "hours", "std", "ч", "год", "sa", "jam", "uur", "u", "時間", "小时", "小時",
            "시간",
        ],
        3600,
    ),
];

/// What a text says of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallText {
    /// A video call.
    pub video: bool,
    /// More than two parties.
    pub group: bool,
    /// Whether somebody took it, if that is said.
    pub answered: Option<bool>,
    /// `missed`, `no_answer`, `answered`; empty if not said.
    pub result: &'static str,
    /// Its length.
    pub seconds: Option<u64>,
}

/// Reads a line about a call.
pub fn call(text: &str) -> Option<CallText> {
    let line = clean(text);
    if let Some(Phrase::Call(word)) = words::phrase(&fold(&line)) {
        return of(word, None);
    }
    // `Voice call. ‎2 min`, `Missed voice call, ‎Tap to call back`: what follows the first stop or comma.
    let at = line.find([',', '.', '、', '，', '،'])?;
    let (head, tail) = line.split_at(at);
    match words::phrase(&fold(head)) {
        Some(Phrase::Call(word)) => of(word, Some(tail.trim_start_matches([',', '.', '、', '，', '،', ' ']))),
        _ => None,
    }
}

fn of(word: CallWord, tail: Option<&str>) -> Option<CallText> {
    let (video, group, missed) = match word {
        CallWord::MissedVoice => (false, false, true),
        CallWord::MissedVideo => (true, false, true),
        CallWord::MissedGroupVoice => (false, true, true),
        CallWord::MissedGroupVideo => (true, true, true),
        CallWord::Voice => (false, false, false),
        CallWord::Video => (true, false, false),
        CallWord::NoAnswer => {
            let unknown =
                CallText { video: false, group: false, answered: Some(false), result: "no_answer", seconds: None };
            return tail.is_none().then_some(unknown);
        }
    };
    let found = |answered, result, seconds| CallText { video, group, answered, result, seconds };
    let no_answer = |tail: &str| matches!(words::phrase(&fold(tail)), Some(Phrase::Call(CallWord::NoAnswer)));
    let seconds = tail.and_then(seconds);
    match tail {
        // What follows a missed call is only how to call back.
        _ if missed => Some(found(Some(false), "missed", None)),
        None => Some(found(None, "", None)),
        Some(tail) if no_answer(tail) => Some(found(Some(false), "no_answer", None)),
        // `Voice call, are you there?` was typed by a person.
        Some(_) => seconds.map(|seconds| found(Some(true), "answered", Some(seconds))),
    }
}

/// `2 min`, `1 h 5 min`, `35 sec`.
fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut number: Option<u64> = None;
    let mut word = String::new();
    let mut any = false;
    let unit = |word: &str| UNITS.iter().find(|(words, _)| words.contains(&word)).map(|(_, seconds)| *seconds);
    for c in text.chars().chain([' ']) {
        match super::chars::digit(c) {
            Some(d) => {
                if !word.is_empty() {
                    total = total.checked_add(number.take()?.checked_mul(unit(&word)?)?)?;
                    word.clear();
                }
                number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(u64::from(d))?);
            }
            None if words::is_letter(c) => word.extend(c.to_lowercase()),
            None if word.is_empty() => {}
            None => {
                total = total.checked_add(number.take()?.checked_mul(unit(&word)?)?)?;
                word.clear();
                any = true;
            }
        }
    }
    (any && number.is_none()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_with_what_became_of_them() {
        let read = |text| call(text).map(|c| (c.video, c.answered, c.result, c.seconds));
        assert_eq!(read("Missed voice call"), Some((false, Some(false), "missed", None)));
        assert_eq!(
            read("\u{200e}Missed video call, \u{200e}Tap to call back"),
            Some((true, Some(false), "missed", None))
        );
        assert_eq!(read("\u{200e}Voice call. \u{200e}2 min"), Some((false, Some(true), "answered", Some(120))));
        assert_eq!(read("Sprachanruf. \u{200e}1 Std. 5 Min."), Some((false, Some(true), "answered", Some(3900))));
        assert_eq!(read("Video call, \u{200e}No answer"), Some((true, Some(false), "no_answer", None)));
        assert_eq!(read("No answer"), Some((false, Some(false), "no_answer", None)));
        assert_eq!(read("Voice call"), Some((false, None, "", None)));
        assert_eq!(read("Voice call, are you there?"), None);
        assert_eq!(read("call me"), None);
    }
}
