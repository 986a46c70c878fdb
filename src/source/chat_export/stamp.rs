//! The date and time of a header, and the shape in which they are written.
//!
//! Contract: [`read`] takes a date and a time, in either order, from the start of a line; it says what the numbers are, not
//! which of them is the day: that is decided for the whole file ([`super::date_order`]).

use super::{
    chars::Cursor,
    words::{self, halves::Half},
};

/// Words between or after a date and a time; a text with more is no header.
const WORDS_MOST: usize = 4;
/// Characters of one such word.
const WORD_CHARS: usize = 24;

/// Where the year stands, as far as one line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum YearAt {
    /// In front, with four digits or an era.
    First,
    /// Behind, with four digits.
    Last,
    /// No number has four digits.
    Short,
}

/// How upper or lower case an `AM` or `PM` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HalfCase {
    /// There is none, or it is another word.
    #[default]
    None,
    /// `AM`.
    Upper,
    /// `am`.
    Lower,
}

/// What the shape of a header says of its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StampShape {
    /// The time stands before the date.
    pub time_first: bool,
    /// Where the year stands.
    pub year: YearAt,
    /// Between day, month and year.
    pub date_mark: char,
    /// Between hours and minutes.
    pub time_mark: char,
    /// There are seconds.
    pub seconds: bool,
    /// There is a half or a part of the day.
    pub twelve: bool,
    /// A comma stands between date and time.
    pub comma: bool,
}

/// The numbers of one stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The three numbers of the date, in their order; a year of an era is Gregorian already.
    pub date: [u16; 3],
    /// How many digits each had.
    pub widths: [u8; 3],
    /// The hour, from 0 to 23.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
    /// The second, where there is one.
    pub second: Option<u8>,
    /// The case of its `AM` or `PM`.
    pub case: HalfCase,
}

/// Takes a stamp.
pub fn read(cursor: &mut Cursor<'_>) -> Option<(Stamp, StampShape)> {
    let start = *cursor;
    if let Some(found) = date_first(cursor) {
        return Some(found);
    }
    *cursor = start;
    time_first(cursor)
}

fn date_first(cursor: &mut Cursor<'_>) -> Option<(Stamp, StampShape)> {
    let mut date = date(cursor)?;
    let mut words = Between::take(cursor)?;
    if !words.any {
        return None;
    }
    let time = time(cursor)?;
    words.add(Between::take(cursor)?)?;
    date.calendar(words.buddhist);
    Some(join(date, time, words, false))
}

fn time_first(cursor: &mut Cursor<'_>) -> Option<(Stamp, StampShape)> {
    let mut words = Between::take(cursor)?;
    let time = time(cursor)?;
    words.add(Between::take(cursor)?)?;
    if !words.any {
        return None;
    }
    let mut date = date(cursor)?;
    words.add(Between::take(cursor)?)?;
    date.calendar(words.buddhist);
    Some(join(date, time, words, true))
}

fn join(date: Date, time: Time, words: Between, time_first: bool) -> (Stamp, StampShape) {
    let hour = words.half.map_or(time.hour, |half| half.hour(time.hour));
    let stamp = Stamp {
        date: date.numbers,
        widths: date.widths,
        hour: hour % 24,
        minute: time.minute,
        second: time.second,
        case: words.case,
    };
    let shape = StampShape {
        time_first,
        year: date.year,
        date_mark: date.mark,
        time_mark: time.mark,
        seconds: time.second.is_some(),
        twelve: words.half.is_some(),
        comma: words.comma,
    };
    (stamp, shape)
}

struct Date {
    numbers: [u16; 3],
    widths: [u8; 3],
    mark: char,
    year: YearAt,
}

impl Date {
    /// Turns a Buddhist year into a Gregorian one: it says so, or no Gregorian calendar is there yet.
    fn calendar(&mut self, said: bool) {
        let at = match self.year {
            YearAt::First => 0,
            YearAt::Last => 2,
            YearAt::Short if said => 2,
            YearAt::Short => return,
        };
        if let Some(year) = self.numbers.get_mut(at) {
            match *year {
                2400..=2743 => *year -= 543,
                43..=99 if said => {
                    *year = *year + 2500 - 543;
                    self.year = YearAt::Last;
                }
                _ => {}
            }
        }
    }
}

fn date(cursor: &mut Cursor<'_>) -> Option<Date> {
    let era = era(cursor);
    let (first, w1) = if era.is_some() && cursor.eat('元') { (1, 1) } else { cursor.number()? };
    let mark = date_mark(cursor)?;
    let (second, w2) = cursor.number()?;
    let again = date_mark(cursor)?;
    let (third, w3) = cursor.number()?;
    match (mark, again) {
        ('年', '月') => drop(cursor.eat('日')),
        ('년', '월') => drop(cursor.eat('일')),
        (a, b) if a != b => return None,
        ('.', _) => drop(cursor.eat('.')),
        _ => {}
    }
    let year = match (w1, w2, w3) {
        (1 | 2, 1 | 2, 1 | 2) if era.is_some() => YearAt::First,
        (4, 1 | 2, 1 | 2) => YearAt::First,
        (1 | 2, 1 | 2, 4) => YearAt::Last,
        (1 | 2, 1 | 2, 1 | 2) => YearAt::Short,
        _ => return None,
    };
    let day = |n: u16| (1..=31).contains(&n);
    let fits = match year {
        YearAt::First => day(second) && day(third),
        YearAt::Last => day(first) && day(second),
        YearAt::Short => day(second) && (day(first) || day(third)),
    };
    let first = era.map_or(first, |before| first + before);
    fits.then_some(Date { numbers: [first, second, third], widths: [w1, w2, w3], mark, year })
}

/// The years before the first year of a Japanese era.
fn era(cursor: &mut Cursor<'_>) -> Option<u16> {
    const NAMES: [(&str, u16); 6] =
        [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("R", 2018), ("H", 1988), ("S", 1925)];
    let mut ahead = *cursor;
    let (name, before) = NAMES.iter().find(|(name, _)| {
        ahead = *cursor;
        name.chars().all(|c| ahead.eat(c))
    })?;
    ahead.spaces();
    if !ahead.peek().is_some_and(|c| c.is_ascii_digit() || c == '元') || name.is_empty() {
        return None;
    }
    *cursor = ahead;
    Some(*before)
}

fn date_mark(cursor: &mut Cursor<'_>) -> Option<char> {
    let spaced = cursor.spaces();
    let mark = match cursor.peek()? {
        c @ ('/' | '.' | '-' | '年' | '月' | '년' | '월') => c,
        '‐' | '‑' | '–' | '−' => '-',
        '／' => '/',
        c if spaced && c.is_ascii_digit() => return Some(' '),
        _ => return None,
    };
    cursor.bump();
    cursor.spaces();
    Some(mark)
}

struct Time {
    hour: u8,
    minute: u8,
    second: Option<u8>,
    mark: char,
}

fn time(cursor: &mut Cursor<'_>) -> Option<Time> {
    let two = |(n, w): (u16, u8)| (w == 2 && n < 60).then(|| u8::try_from(n).ok()).flatten();
    let (hour, width) = cursor.number()?;
    let mut ahead = *cursor;
    ahead.spaces();
    if ahead.peek().is_some_and(|c| matches!(c, 'h' | 'H' | '時' | '时' | '시')) {
        *cursor = ahead;
    }
    let mark = match cursor.bump()? {
        c @ (':' | '.') => c,
        'h' | 'H' | '時' | '时' | '시' => {
            cursor.spaces();
            'h'
        }
        _ => return None,
    };
    let minute = cursor.number().and_then(two)?;
    if hour > 24 || width > 2 {
        return None;
    }
    let mut ahead = *cursor;
    let more = match mark {
        'h' => minutes_word(&mut ahead),
        mark => ahead.eat(mark),
    };
    let mut second = None;
    if more {
        match ahead.number().and_then(two) {
            Some(found) => {
                second = Some(found);
                *cursor = ahead;
                let _ = mark == 'h' && (cursor.eat('秒') || cursor.eat('초'));
            }
            None if mark == 'h' => *cursor = ahead,
            None => {}
        }
    }
    Some(Time { hour: u8::try_from(hour % 24).ok()?, minute, second, mark })
}

/// `分`, `분`, `min`: the word after minutes where hours have one.
fn minutes_word(cursor: &mut Cursor<'_>) -> bool {
    let start = *cursor;
    cursor.spaces();
    let found = cursor.eat('分') || cursor.eat('분') || "min".chars().all(|c| cursor.eat(c));
    if found {
        cursor.spaces();
    } else {
        *cursor = start;
    }
    found
}

/// What stands between a date and a time, or behind them.
#[derive(Default)]
struct Between {
    any: bool,
    comma: bool,
    half: Option<Half>,
    case: HalfCase,
    buddhist: bool,
}

impl Between {
    /// Takes spaces, commas and known words; `None` at an unknown one.
    fn take(cursor: &mut Cursor<'_>) -> Option<Self> {
        let mut found = Self::default();
        let mut half = String::new();
        for _ in 0..=WORDS_MOST {
            loop {
                match cursor.peek() {
                    Some(' ') => found.any = true,
                    Some(',' | '،' | '、' | '؛' | ';') => (found.any, found.comma) = (true, true),
                    _ => break,
                }
                // A space before the sign that ends the header is left for it.
                let mut ahead = *cursor;
                ahead.spaces();
                if matches!(ahead.peek(), Some('-' | '–' | '—' | ']' | ':') | None) {
                    break;
                }
                cursor.bump();
            }
            let mut ahead = *cursor;
            let Some(word) = word(&mut ahead) else { break };
            *cursor = ahead;
            found.any = true;
            let key = words::half_key(&word);
            if half.is_empty() && (words::is_small_word(&key)) {
                continue;
            }
            if let (true, Some(buddhist)) = (half.is_empty(), words::era(&key)) {
                found.buddhist = buddhist;
                continue;
            }
            if key == "am"
                || key == "pm"
                || half.is_empty() && matches!(word.chars().next(), Some('A' | 'P' | 'a' | 'p'))
            {
                found.case = if word.contains(['A', 'P']) { HalfCase::Upper } else { HalfCase::Lower };
            }
            half.push_str(&key);
        }
        if !half.is_empty() {
            found.half = Some(words::half(&half)?);
        }
        if !half.starts_with(['a', 'p']) {
            found.case = HalfCase::None;
        }
        Some(found)
    }

    fn add(&mut self, more: Self) -> Option<()> {
        if self.half.is_some() && more.half.is_some() {
            return None;
        }
        if more.half.is_some() {
            (self.half, self.case) = (more.half, more.case);
        }
        self.any |= more.any;
        self.comma |= more.comma;
        self.buddhist |= more.buddhist;
        Some(())
    }
}

fn word(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut word = String::new();
    while let Some(c) = cursor.peek() {
        let part = c == '.' && !word.is_empty() || matches!(c, '׳' | '״' | '\'' | '’' | '"') || words::is_letter(c);
        if !part || word.chars().count() >= WORD_CHARS {
            break;
        }
        word.push(c);
        cursor.bump();
    }
    (!word.is_empty()).then_some(word)
}
