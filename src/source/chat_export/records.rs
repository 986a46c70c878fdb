//! Where records begin: the one shape of a file, the exact splitter of iOS, and the records between.
//!
//! Contract: every line of a text belongs to exactly one record or stands before the first. iOS ends a record with CRLF and
//! writes a line feed where somebody typed one: where a file shows that, nothing after a bare line feed begins a record. Else a
//! record begins at each line that has the header shape of the file. A header in another shape is text: somebody pasted it.

use super::{
    chars::{APP_MARKS, is_mark},
    header::{self, Frame, Header, Shape},
};
use std::collections::HashMap;

/// The share of the lines after CRLF that must be headers for CRLF to be the exact end of records, in percent.
const EXACT_PERCENT: u64 = 95;

/// A line of a text.
struct Line<'a> {
    number: u64,
    at: usize,
    text: &'a str,
    /// The line before ended with CRLF, or this is the first.
    after_crlf: bool,
}

/// What a text looks like as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The shape of its headers.
    pub shape: Shape,
    /// CRLF ends records, and only records.
    pub exact: bool,
    /// Lines that have a header of another shape and are text.
    pub foreign: u64,
    /// A mark of the app stands somewhere.
    pub marks: bool,
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The line of its header, from 1.
    pub line: u64,
    /// Its header; `rest` is the first line without it.
    pub header: Header<'a>,
    /// All of it as it stands, without its last line end.
    pub verbatim: &'a str,
    /// What follows the header, all lines, without the last line end.
    pub text: &'a str,
}

#[derive(Clone, Copy, Default)]
struct Count {
    after_crlf: u64,
    after_lf: u64,
    first_line: u64,
}

impl Count {
    fn all(self) -> u64 {
        self.after_crlf + self.after_lf
    }
}

/// Where a record begins.
#[derive(Clone, Copy)]
struct Start {
    line: u64,
    at: usize,
    /// Where its text begins.
    text: usize,
}

/// A text with its records found. Memory: some 24 bytes a record.
pub struct Layout<'a> {
    /// What the text looks like as a whole.
    pub survey: Survey,
    text: &'a str,
    starts: Vec<Start>,
}

impl<'a> Layout<'a> {
    /// Finds the records of a text; `None` if no line has a header.
    pub fn of(text: &'a str) -> Option<Self> {
        let mut shapes: HashMap<Shape, (Count, usize)> = HashMap::new();
        let mut starts = Vec::new();
        let (mut crlf, mut bare, mut first) = (0_u64, 0_u64, None);
        for line in lines(text) {
            crlf += u64::from(line.after_crlf);
            bare += u64::from(!line.after_crlf);
            let Some(header) = header::read(line.text) else { continue };
            first.get_or_insert(header.shape);
            let fresh = (Count { first_line: line.number, ..Count::default() }, shapes.len());
            let (count, shape) = shapes.entry(header.shape).or_insert(fresh);
            if line.after_crlf {
                count.after_crlf += 1
            } else {
                count.after_lf += 1
            }
            let text_at = offset(text, header.rest);
            starts.push((Start { line: line.number, at: line.at, text: text_at }, *shape, line.after_crlf));
        }
        let counts: HashMap<Shape, Count> = shapes.iter().map(|(shape, (count, _))| (*shape, *count)).collect();
        let survey = Survey { marks: text.contains(APP_MARKS), ..decide(&counts, first?, crlf, bare)? };
        let chosen = shapes.get(&survey.shape).map(|(_, index)| *index);
        let kept =
            |(_, shape, after_crlf): &(Start, usize, bool)| Some(*shape) == chosen && (*after_crlf || !survey.exact);
        let starts = starts.into_iter().filter(kept).map(|(start, _, _)| start).collect();
        Some(Self { survey, text, starts })
    }

    /// The records, in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'a>> {
        let text = self.text;
        self.spans().filter_map(move |(start, end)| {
            let verbatim = without_end(text.get(start.at..end)?);
            let header = header::read(verbatim.split('\n').next().map(without_end)?)?;
            let from = (start.text - start.at).min(verbatim.len());
            Some(Record { line: start.line, header, verbatim, text: verbatim.get(from..)? })
        })
    }

    /// The texts of the records, without their headers.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> {
        let text = self.text;
        self.spans().filter_map(move |(start, end)| text.get(start.text..end).map(without_end))
    }

    fn spans(&self) -> impl Iterator<Item = (Start, usize)> {
        let ends = self.starts.iter().skip(1).map(|start| start.at).chain([self.text.len()]);
        self.starts.iter().copied().zip(ends)
    }

    /// Lines before the first record, if they are more than blank.
    pub fn preamble(&self) -> Option<u64> {
        let first = self.starts.first()?;
        let before = self.text.get(..first.at)?;
        let blank = before.chars().all(|c| c.is_whitespace() || is_mark(c));
        (!blank).then_some(first.line - 1)
    }
}

fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// Chooses the shape of a text.
fn decide(shapes: &HashMap<Shape, Count>, first: Shape, crlf: u64, bare: u64) -> Option<Survey> {
    let most = |by: fn(&Count) -> u64| {
        shapes.iter().max_by_key(|(_, count)| (by(count), u64::MAX - count.first_line)).map(|(s, c)| (*s, *c))
    };
    let total: u64 = shapes.values().map(|count| count.all()).sum();
    let exact = |(shape, count): (Shape, Count)| {
        let enough = count.after_crlf * 100 >= crlf * EXACT_PERCENT && count.after_crlf > 1;
        (bare > 0 && enough).then_some(Survey { shape, exact: true, foreign: 0, marks: false })
    };
    most(|c| c.after_crlf).and_then(exact).or_else(|| {
        let (mut shape, mut count) = most(|c| c.all())?;
        // A text begins with a header: what a pasted chat has more of does not outvote it.
        if let Some(c) = shapes.get(&first)
            && c.first_line == 1
            && c.all() * 4 >= count.all()
        {
            (shape, count) = (first, *c);
        }
        Some(Survey { shape, exact: false, foreign: total - count.all(), marks: false })
    })
}

impl Shape {
    /// `ios`, `android` or `unknown`: which app writes such headers.
    pub fn platform(&self) -> &'static str {
        match self.frame {
            Frame::Bracket => "ios",
            Frame::Dash => "android",
            Frame::Colon => "unknown",
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let (mut at, mut number, mut after_crlf) = (0, 0, true);
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let whole = rest.get(..length)?;
        number += 1;
        let line = Line { number, at, text: without_end(whole), after_crlf };
        after_crlf = whole.ends_with("\r\n");
        at += length;
        Some(line)
    })
}

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        let layout = Layout::of(text).unwrap();
        assert!(layout.records().map(|r| r.text).eq(layout.texts()));
        layout.texts().collect()
    }

    #[test]
    fn on_ios_a_decoy_after_a_line_feed_is_text() {
        let text = "[27/03/22, 21:41:55] A: one\n[27/03/22, 21:41:55] B: pasted\r\n[27/03/22, 21:42:00] B: two\r\n";
        assert_eq!(texts(text), ["A: one\n[27/03/22, 21:41:55] B: pasted", "B: two"]);
        assert!(Layout::of(text).unwrap().survey.exact);
    }

    #[test]
    fn a_file_of_crlf_only_and_one_that_was_altered_are_split_by_shape() {
        let crlf = "27/03/22, 21:41 - A: one\r\nmore\r\n27/03/22, 21:42 - B: two\r\n";
        assert_eq!(texts(crlf), ["A: one\r\nmore", "B: two"]);
        let typed = "27/03/22, 21:41 - A: one\r\nmore\n27/03/22, 21:42 - B: two\n27/03/22, 21:43 - B: three\n";
        assert_eq!(texts(typed), ["A: one\r\nmore", "B: two", "B: three"]);
    }

    #[test]
    fn a_header_in_another_shape_is_text_even_if_there_are_many() {
        let text = "[27.03.2022, 21:41:55] A: see\n[1.9.19, 00:00:00] B: x\n[1.9.19, 00:00:01] B: y\n\
                    1/9/19, 00:00 - B: z\n[27.03.2022, 21:41:58] B: ok";
        assert_eq!(texts(text).len(), 2);
        assert_eq!(Layout::of(text).unwrap().survey.foreign, 3);
    }

    #[test]
    fn text_before_the_first_record_is_counted() {
        let text = "\u{feff}\nChat history\n27/03/22, 21:41 - A: one\n27/03/22, 21:41 - A: one\n";
        assert_eq!(Layout::of(text).unwrap().preamble(), Some(2));
        let text = "\u{feff}27/03/22, 21:41 - A: one\n";
        assert_eq!(Layout::of(text).unwrap().preamble(), None);
        assert!(Layout::of("no header\nat all").is_none());
    }
}
