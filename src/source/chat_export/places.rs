//! Places and polls: texts of several lines whose form tells them in any language.

use super::{
    chars::{APP_MARKS, clean, fold, unmarked},
    words,
};
use crate::model::details::{Location, Poll, PollOption};

/// Lines of a place, and of a poll.
const PLACE_LINES: usize = 4;
const POLL_LINES: usize = 40;
/// Links to a place.
const LINKS: &[&str] = &[
    "https://maps.google.com/?q=",
    "https://www.google.com/maps/",
    "https://foursquare.com/",
    "http://foursquare.com/",
];

/// A place: `Location: https://maps.google.com/?q=LAT,LON`, or its name and address before such a link.
pub fn location(text: &str) -> Option<Location> {
    let trimmed = text.trim_end();
    if trimmed.lines().take(PLACE_LINES + 1).count() > PLACE_LINES {
        return None;
    }
    let at = LINKS.iter().find_map(|link| trimmed.rfind(link))?;
    let (before, url) = trimmed.split_at(at);
    let url = clean(url);
    if url.contains(' ') {
        return None;
    }
    let head = before.trim_end();
    let word = head.strip_suffix([':', '：']).map(fold);
    let worded = word.as_deref().is_some_and(words::is_location);
    let marked = text.starts_with(APP_MARKS);
    let named = !head.is_empty() && before.ends_with('\n');
    let venue = named && url.contains("foursquare.com");
    // A link that somebody pasted is text: the app writes a word, a mark or a name and address before it.
    if !(worded || marked || venue || named && head.ends_with(')')) {
        return None;
    }
    let (latitude, longitude) = coordinates(&url).unzip();
    let (name, address) = if named && !worded { name_and_address(head) } else { Default::default() };
    Some(Location { latitude, longitude, name, address, url, live: false })
}

/// The numbers behind `?q=`.
fn coordinates(url: &str) -> Option<(String, String)> {
    let (lat, lon) = url.split_once("?q=")?.1.split_once(',')?;
    let lon = lon.split(['&', ' ']).next()?;
    let number = |text: &str| text.parse::<f64>().is_ok_and(|n| n.abs() <= 180.0);
    (number(lat) && number(lon)).then(|| (lat.to_owned(), lon.to_owned()))
}

/// `Name (address)`; on several lines too.
fn name_and_address(head: &str) -> (String, String) {
    let head = clean(unmarked(head));
    match head.strip_suffix(')').and_then(|head| head.split_once(" (")) {
        Some((name, address)) => (name.to_owned(), address.to_owned()),
        None => (head, String::new()),
    }
}

/// A poll: a heading, the question, then marked lines `OPTION: text (3 votes)`.
pub fn poll(text: &str) -> Option<(&str, Poll)> {
    let (heading, rest) = text.split_once('\n')?;
    let heading = unmarked(heading).trim_end();
    let word = heading.strip_suffix([':', '：'])?;
    let known = words::is_poll(&fold(word));
    let shouted =
        word.chars().count() <= 24 && !word.chars().any(char::is_lowercase) && word.chars().any(char::is_alphabetic);
    if !known && !shouted {
        return None;
    }
    let first = options_at(rest)?;
    let question = rest.get(..first)?.trim_end();
    let options: Vec<PollOption> = rest.get(first..)?.lines().take(POLL_LINES).map(option).collect::<Option<_>>()?;
    (!question.is_empty() && !options.is_empty()).then_some((question, Poll { options }))
}

/// Where the first option begins.
fn options_at(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if option(line).is_some() {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn option(line: &str) -> Option<PollOption> {
    let plain = line.trim_end();
    let (word, rest) = unmarked(plain).split_once([':', '：'])?;
    let shouted = !word.is_empty() && word.chars().count() <= 24 && !word.chars().any(char::is_lowercase);
    if !shouted || !(line.starts_with(APP_MARKS) || fold(word) == "option") {
        return None;
    }
    let (name, votes) = rest.trim_end_matches(['‎', ' ']).strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
    let mut count: Option<u64> = None;
    for d in votes.chars().filter_map(super::chars::digit) {
        count = Some(count.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(d)));
    }
    Some(PollOption { name: clean(name), votes: count, voters: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_pasted_links_are_not() {
        let place = location("\u{200e}Location: https://maps.google.com/?q=52.089451,5.108469").unwrap();
        assert_eq!(place.latitude.as_deref(), Some("52.089451"));
        let place = location("Standort: https://maps.google.com/?q=-33.5,151.1").unwrap();
        assert_eq!(place.longitude.as_deref(), Some("151.1"));
        let place = location("Cafe Example (1 High Street, Town)\nhttps://foursquare.com/v/4b0588").unwrap();
        assert_eq!((place.name.as_str(), place.address.as_str()), ("Cafe Example", "1 High Street, Town"));
        assert_eq!(location("https://maps.google.com/?q=52.089451,5.108469"), None);
        assert_eq!(location("look here https://maps.google.com/?q=52.0,5.1 nice"), None);
    }

    #[test]
    fn polls_are_read_by_their_form() {
        let text = "\u{200e}POLL:\nLunch?\n\u{200e}OPTION: Pizza (2 votes)\n\u{200e}OPTION: Salad (no votes)";
        let (question, poll) = poll(text).unwrap();
        let options: Vec<_> = poll.options.iter().map(|o| (o.name.as_str(), o.votes)).collect();
        assert_eq!((question, options), ("Lunch?", vec![("Pizza", Some(2)), ("Salad", None)]));
        assert!(super::poll("ΨΗΦΟΦΟΡΙΑ:\nΠού;\n\u{200e}ΕΠΙΛΟΓΗ: Εδώ (1 ψήφος)").is_some());
        assert!(super::poll("NOTE:\nbuy milk").is_none());
    }
}
