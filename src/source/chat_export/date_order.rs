//! Which number of a date is the day: decided once for a file, by evidence that can be told.
//!
//! Contract: the language of a file is no evidence (phones mix language and region freely). In this order: an order in which
//! some date does not exist is out; names of media that carry a date; steps back in time; then habits that were measured on
//! hundreds of real files (dots, padding, the case of AM and PM). Evidence that contradicts itself, or none, decides nothing:
//! the person is asked. A file whose dates are the same days in every order needs no decision.

use super::{
    header::{Frame, Shape},
    records::Record,
    stamp::{HalfCase, Stamp, YearAt},
};
use crate::source::{counted::counted, phone::DateOrder};
use chrono::NaiveDate;
use std::collections::HashSet;

/// The first year in which a message can have been sent, and the last that a phone's clock is believed.
const YEARS: std::ops::RangeInclusive<i32> = 2009..=2100;
/// The first short year that is a Buddhist one: 2552 is 2009.
const SHORT_BUDDHIST: u16 = 52;
/// Days that a step back must be wide to count: shorter ones happen in most real files.
const STEP_DAYS: i64 = 1;
/// How many times more steps back the other order must have.
const STEP_TIMES: u64 = 3;
/// How many times more names of media must speak for an order than for the others.
const MEDIA_TIMES: u64 = 4;
/// Distinct dates that are kept for telling where a short year stands.
const DISTINCT: usize = 512;

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// This order.
    Order {
        /// The order.
        order: DateOrder,
        /// What it rests on.
        evidence: String,
    },
    /// Any order gives the same days.
    Same(DateOrder),
    /// The person must say it: why.
    Open(String),
}

impl Decision {
    /// The order, if there is one.
    pub fn order(&self) -> Option<DateOrder> {
        match self {
            Self::Order { order, .. } | Self::Same(order) => Some(*order),
            Self::Open(_) => None,
        }
    }
}

/// The word for `--date-order`.
pub fn word(order: DateOrder) -> &'static str {
    match order {
        DateOrder::Dmy => "dmy",
        DateOrder::Mdy => "mdy",
        DateOrder::Ymd => "ymd",
    }
}

/// The day of a stamp in an order; `None` if there is no such day.
pub fn date(stamp: &Stamp, order: DateOrder) -> Option<NaiveDate> {
    let [a, b, c] = stamp.date;
    let [wa, _, wc] = stamp.widths;
    let (y, wy, m, d) = match order {
        DateOrder::Dmy => (c, wc, b, a),
        DateOrder::Mdy => (c, wc, a, b),
        DateOrder::Ymd => (a, wa, b, c),
    };
    let year = match y {
        // Years of an era are Gregorian already.
        100.. => i32::from(y),
        // No message is of 2052: this is the Buddhist year 25xx, as Thai phones write it.
        SHORT_BUDDHIST.. if wy <= 2 => i32::from(y) + 2500 - 543,
        _ if wy <= 2 => i32::from(y) + 2000,
        _ => i32::from(y),
    };
    NaiveDate::from_ymd_opt(year, u32::from(m), u32::from(d)).filter(|_| YEARS.contains(&year))
}

const ORDERS: [DateOrder; 3] = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];

/// What is known of one order.
#[derive(Clone, Copy, Default)]
struct Tally {
    fits: u64,
    fails: u64,
    first_failure: Option<u64>,
    last: Option<NaiveDate>,
    steps_back: u64,
    media: u64,
}

/// Collects evidence, record by record.
pub struct Evidence {
    shape: Shape,
    tallies: [Tally; 3],
    records: u64,
    same: bool,
    padded: u64,
    unpadded: u64,
    cases: [u64; 2],
    firsts: HashSet<u16>,
    thirds: HashSet<u16>,
}

impl Evidence {
    /// For a file of this shape.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            tallies: [Tally::default(); 3],
            records: 0,
            same: true,
            padded: 0,
            unpadded: 0,
            cases: [0; 2],
            firsts: HashSet::new(),
            thirds: HashSet::new(),
        }
    }

    /// Looks at a record.
    pub fn add(&mut self, record: &Record<'_>) {
        let stamp = &record.header.stamp;
        self.records += 1;
        let named = media_date(record.text);
        let dates = ORDERS.map(|order| date(stamp, order));
        for (tally, date) in self.tallies.iter_mut().zip(dates) {
            let Some(date) = date else {
                tally.fails += 1;
                tally.first_failure.get_or_insert(record.line);
                continue;
            };
            tally.fits += 1;
            // A day that is the same in two orders proves neither.
            let told = dates.iter().filter(|other| **other == Some(date)).count() == 1;
            tally.media += u64::from(told && named == Some(date));
            // The notice at the top is often dated later than what follows.
            if tally.last.is_some_and(|last| (last - date).num_days() > STEP_DAYS) && self.records > 2 {
                tally.steps_back += 1;
            }
            tally.last = Some(date);
        }
        self.same &= match self.shape.stamp.year {
            YearAt::First => false,
            _ => stamp.date.first() == stamp.date.get(1),
        };
        self.habits(stamp);
    }

    fn habits(&mut self, stamp: &Stamp) {
        let year = usize::from(self.shape.stamp.year == YearAt::First);
        for (number, width) in stamp.date.iter().zip(stamp.widths).skip(year).take(2) {
            match width {
                2 if *number < 10 => self.padded += 1,
                1 => self.unpadded += 1,
                _ => {}
            }
        }
        match stamp.case {
            HalfCase::Upper => self.cases[0] += 1,
            HalfCase::Lower => self.cases[1] += 1,
            HalfCase::None => {}
        }
        for (set, number) in [(&mut self.firsts, stamp.date[0]), (&mut self.thirds, stamp.date[2])] {
            if set.len() < DISTINCT {
                set.insert(number);
            }
        }
    }

    fn tally(&self, order: DateOrder) -> Tally {
        let at = ORDERS.iter().position(|o| *o == order).unwrap_or(0);
        self.tallies.get(at).copied().unwrap_or_default()
    }

    /// Decides.
    pub fn decide(&self) -> Decision {
        use DateOrder::{Dmy, Mdy, Ymd};
        let found = |order, evidence: String| Decision::Order { order, evidence };
        let fits = |order: &DateOrder| self.tally(*order).fails == 0;
        match self.shape.stamp.year {
            YearAt::First if fits(&Ymd) => return found(Ymd, "the year stands first".to_owned()),
            YearAt::First => {
                return Decision::Open(format!("the year stands first, but {}", self.failures(&[Ymd])));
            }
            YearAt::Last | YearAt::Short => {}
        }
        let late: Vec<DateOrder> = [Dmy, Mdy].into_iter().filter(fits).collect();
        let early = self.shape.stamp.year == YearAt::Short && fits(&Ymd);
        let media: Vec<DateOrder> = ORDERS.into_iter().filter(|o| self.tally(*o).media > 0).collect();
        if late.is_empty() && !early {
            return Decision::Open(format!("the dates contradict each other: {}", self.failures(&[Dmy, Mdy])));
        }
        if let Some(decision) = self.by_media(&late, early, &media) {
            return decision;
        }
        if early {
            if late.is_empty() {
                return found(Ymd, format!("no other order fits: {}", self.failures(&[Dmy, Mdy])));
            }
            if self.firsts.len() + 2 < self.thirds.len() {
                let text = format!("the first number has {} values, the last {}", self.firsts.len(), self.thirds.len());
                return found(Ymd, text);
            }
            let mark_behind = self.shape.stamp.date_mark == '年' || self.shape.stamp.date_mark == '년';
            if mark_behind {
                return found(Ymd, "the first number is marked as the year".to_owned());
            }
        }
        match late.as_slice() {
            [order] => found(*order, self.over_twelve(*order)),
            _ if self.same => Decision::Same(Dmy),
            _ => self.by_steps().unwrap_or_else(|| self.by_habit()),
        }
    }

    /// What names of media say: the exporter wrote the date of the message into them.
    fn by_media(&self, late: &[DateOrder], early: bool, media: &[DateOrder]) -> Option<Decision> {
        let best = *media.iter().max_by_key(|order| self.tally(**order).media)?;
        let matches = self.tally(best).media;
        let others: u64 = media.iter().filter(|order| **order != best).map(|order| self.tally(*order).media).sum();
        // Old files that were sent on keep their names: some fit another order by chance.
        if others * MEDIA_TIMES > matches {
            return None;
        }
        if !(late.contains(&best) || early && best == DateOrder::Ymd) {
            let text = "the dates contradict each other: names of media files say";
            return (others == 0)
                .then(|| Decision::Open(format!("{text} {}, but {}", word(best), self.failures(&[best]))));
        }
        if late.len() == 1 && !early {
            return None;
        }
        let evidence = format!(
            "{} the date of its message in this order",
            counted(matches, "name of a media file carries", "names of media files carry")
        );
        Some(Decision::Order { order: best, evidence })
    }

    fn over_twelve(&self, order: DateOrder) -> String {
        let other = if order == DateOrder::Dmy { DateOrder::Mdy } else { DateOrder::Dmy };
        let some = match (self.tally(other).fails, self.records) {
            (_, 1) => "the only date does not exist".to_owned(),
            (1, all) => format!("1 of {all} dates does not exist"),
            (fails, all) => format!("{fails} of {all} dates do not exist"),
        };
        format!("{some} in the order {}", word(other))
    }

    fn failures(&self, orders: &[DateOrder]) -> String {
        let one = |order: &DateOrder| {
            let tally = self.tally(*order);
            let line = tally.first_failure.unwrap_or(0);
            match tally.fails {
                1 => format!("1 date does not exist in the order {} (in line {line})", word(*order)),
                fails => format!("{fails} dates do not exist in the order {} (the first in line {line})", word(*order)),
            }
        };
        orders.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn by_steps(&self) -> Option<Decision> {
        let mut both = [DateOrder::Dmy, DateOrder::Mdy].map(|order| (self.tally(order).steps_back, order));
        both.sort_by_key(|(steps, _)| *steps);
        let [(few, order), (many, other)] = both;
        (few * STEP_TIMES < many).then(|| Decision::Order {
            order,
            evidence: format!(
                "time goes back {}, in the order {} {}",
                counted(few, "time", "times"),
                word(other),
                counted(many, "time", "times")
            ),
        })
    }

    fn by_habit(&self) -> Decision {
        let found = |order, evidence: &str| Decision::Order { order, evidence: evidence.to_owned() };
        let [upper, lower] = self.cases;
        let unpadded = self.unpadded > self.padded;
        let android = self.shape.frame == Frame::Dash;
        let short = self.shape.stamp.year == YearAt::Short;
        if self.shape.stamp.date_mark == '.' {
            return found(DateOrder::Dmy, "days and months are divided by dots: day first in every measured file");
        }
        if unpadded && android && lower > upper {
            return found(
                DateOrder::Dmy,
                "unpadded numbers and lower-case am/pm: day first in all of 80 measured files",
            );
        }
        if unpadded && android && upper > lower {
            return found(
                DateOrder::Mdy,
                "unpadded numbers and upper-case AM/PM: month first in all of 111 measured files",
            );
        }
        if self.padded > self.unpadded {
            return found(DateOrder::Dmy, "numbers are padded with zeros: day first in 197 of 199 measured files");
        }
        if unpadded && short {
            return found(DateOrder::Mdy, "unpadded numbers and short years: month first in 174 of 181 measured files");
        }
        Decision::Open("no date is over 12, no media name carries a date, and no habit of writing decides".to_owned())
    }
}

/// The date in the name of a medium that a record names: iOS `-2022-03-27-21-41-55.`, Android `-20220327-WA0001.`.
fn media_date(text: &str) -> Option<NaiveDate> {
    let line = text.split('\n').next()?;
    if let Some(at) = line.find("-WA") {
        let digits = line.get(at.checked_sub(8)?..at)?;
        let before = line.get(..at.checked_sub(8)?)?;
        if before.ends_with('-') && digits.bytes().all(|b| b.is_ascii_digit()) {
            return NaiveDate::parse_from_str(digits, "%Y%m%d").ok();
        }
    }
    let bracket = line.rfind('<')?;
    let name = line.get(bracket..)?;
    name.match_indices("-20").find_map(|(at, _)| {
        let date = name.get(at + 1..at + 20)?;
        let time = date.get(10..)?;
        let clock = time.len() == 9 && time.bytes().step_by(3).all(|b| b == b'-');
        clock.then(|| NaiveDate::parse_from_str(date.get(..10)?, "%Y-%m-%d").ok()).flatten()
    })
}

#[cfg(test)]
#[path = "date_order_tests.rs"]
mod tests;
