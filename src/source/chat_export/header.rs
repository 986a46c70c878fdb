//! The header of a record: `[date, time] `, `date, time - ` and their relatives, and the one shape that a file has.

use super::{
    chars::{Cursor, app_marked, is_mark},
    stamp::{self, Stamp, StampShape},
};

/// What stands around a stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Frame {
    /// `[…] `: iOS.
    Bracket,
    /// `… - `, also with an en dash: Android.
    Dash,
    /// `…: `: old iOS, Windows Phone.
    Colon,
}

/// The shape of a header. A file has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Brackets, dash or colon.
    pub frame: Frame,
    /// How its stamp is written.
    pub stamp: StampShape,
}

/// A line that begins like a record.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// Its shape.
    pub shape: Shape,
    /// Its date and time.
    pub stamp: Stamp,
    /// They as they are written.
    pub written: &'a str,
    /// The line begins with a mark of the app.
    pub marked: bool,
    /// What follows on the line.
    pub rest: &'a str,
}

/// Reads the header of a line, if it has one.
pub fn read(line: &str) -> Option<Header<'_>> {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    let marked = app_marked(line);
    let mut cursor = Cursor { rest: line };
    let bracket = cursor.eat('[');
    // Most lines of a text are no header: they end here.
    if !cursor
        .peek()
        .is_some_and(|c| c.is_ascii_digit() || bracket || matches!(c, 'R' | 'H' | 'S' | '令' | '平' | '昭'))
    {
        return None;
    }
    let from = cursor.rest;
    let (stamp, shape) = stamp::read(&mut cursor)?;
    let written = from.get(..from.len() - cursor.rest.len())?.trim_matches(|c| is_mark(c) || c == ' ');
    let frame = if bracket {
        cursor.spaces();
        if !cursor.eat(']') {
            return None;
        }
        cursor.one_space();
        Frame::Bracket
    } else {
        let spaced = cursor.spaces();
        match cursor.bump()? {
            '-' | '–' | '—' if spaced && (cursor.one_space() || cursor.rest.is_empty()) => Frame::Dash,
            ':' if cursor.one_space() || cursor.rest.is_empty() => Frame::Colon,
            _ => return None,
        }
    };
    Some(Header { shape: Shape { frame, stamp: shape }, stamp, written, marked, rest: cursor.rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(line: &str) -> ([u16; 3], (u8, u8, Option<u8>), Frame, String) {
        let h = read(line).unwrap_or_else(|| panic!("no header: {line}"));
        (h.stamp.date, (h.stamp.hour, h.stamp.minute, h.stamp.second), h.shape.frame, h.rest.to_owned())
    }

    #[test]
    fn every_shape_of_the_field_is_read() {
        use Frame::{Bracket, Colon, Dash};
        let cases = [
            ("3/27/22, 9:41 PM - A: x", [3, 27, 22], (21, 41, None), Dash),
            ("3/27/22, 9:41\u{202f}PM - A: x", [3, 27, 22], (21, 41, None), Dash),
            ("27/03/2022, 21:41 - A: x", [27, 3, 2022], (21, 41, None), Dash),
            ("27/03/2022 21:41 - A: x", [27, 3, 2022], (21, 41, None), Dash),
            ("27/03/2022, 9:41 pm - A: x", [27, 3, 2022], (21, 41, None), Dash),
            ("27/03/2022, 9:41\u{a0}p.\u{a0}m. - A: x", [27, 3, 2022], (21, 41, None), Dash),
            ("2022-03-27, 9:41 p.m. - A: x", [2022, 3, 27], (21, 41, None), Dash),
            ("27/03/2022 à 21:41 - A: x", [27, 3, 2022], (21, 41, None), Dash),
            ("27.3.2022 klo 21.41 - A: x", [27, 3, 2022], (21, 41, None), Dash),
            ("27.03.22, 21:41 \u{2013} A: x", [27, 3, 22], (21, 41, None), Dash),
            ("27-3-2022 21:41 - A: x", [27, 3, 2022], (21, 41, None), Dash),
            ("13. 6. 2018. 21:41 - A: x", [13, 6, 2018], (21, 41, None), Dash),
            ("27.03.22 г., 21:41 ч. - A: x", [27, 3, 22], (21, 41, None), Dash),
            ("2022-03-27, 21 h 41 - A: x", [2022, 3, 27], (21, 41, None), Dash),
            ("2022. 3. 27. 오후 9:41 - A: x", [2022, 3, 27], (21, 41, None), Dash),
            ("٢٧‏/٣‏/٢٠٢٢، ٩:٤١ م - A: x", [27, 3, 2022], (21, 41, None), Dash),
            ("27.03.22, 9:41 abends - A: x", [27, 3, 22], (21, 41, None), Dash),
            ("[27.03.22, 21:41:55] A: x", [27, 3, 22], (21, 41, Some(55)), Bracket),
            ("\u{200e}[3/27/22, 9:41:55 PM] A: x", [3, 27, 22], (21, 41, Some(55)), Bracket),
            ("[2022/3/27 下午9:41:55] A: x", [2022, 3, 27], (21, 41, Some(55)), Bracket),
            ("[21:41:55, 3/27/22] A: x", [3, 27, 22], (21, 41, Some(55)), Bracket),
            ("[9:41:55 CH, 27/3/22] A: x", [27, 3, 22], (21, 41, Some(55)), Bracket),
            ("[27/03/22 21.41.55] A: x", [27, 3, 22], (21, 41, Some(55)), Bracket),
            ("[٢٧‏/٣‏/٢٠٢٢، ٩:٤١:٥٥ م] A: x", [27, 3, 2022], (21, 41, Some(55)), Bracket),
            ("[27/3/2565 BE 21:41:55] A: x", [27, 3, 2022], (21, 41, Some(55)), Bracket),
            ("[27/3/2565 21:41:55] A: x", [27, 3, 2022], (21, 41, Some(55)), Bracket),
            ("[R4/03/27 21:41:55] A: x", [2022, 3, 27], (21, 41, Some(55)), Bracket),
            ("[令和4年3月27日 午後9:41:55] A: x", [2022, 3, 27], (21, 41, Some(55)), Bracket),
            ("27/03/22 21:41:55: A: x", [27, 3, 22], (21, 41, Some(55)), Colon),
            ("27/03/22 9:41 pm: A: x", [27, 3, 22], (21, 41, None), Colon),
            ("2022-03-27T21:41:55 - A: x", [2022, 3, 27], (21, 41, Some(55)), Dash),
            ("3/27/22, 9:41 in the evening - A: x", [3, 27, 22], (21, 41, None), Dash),
        ];
        for (line, date, time, frame) in cases {
            assert_eq!(numbers(line), (date, time, frame, "A: x".to_owned()), "{line}");
        }
    }

    #[test]
    fn what_only_looks_like_a_header_is_none() {
        for line in [
            "2/11/19: Arrival",
            "2/11/19, 14:48 Alice: pasted",
            "12 eggs, 3 apples",
            "[x] done",
            "[32/40/22, 21:41:55] A: x",
            "27/03/22, 25:61 - A: x",
            "10:30 - 11:00 meeting",
            "27/03/22 dinner 20:00 - who?",
            "",
            "[",
            "[27/03/22",
        ] {
            assert!(read(line).is_none(), "{line}");
        }
    }

    #[test]
    fn marks_after_the_header_belong_to_the_text() {
        assert_eq!(read("[27/03/22, 21:41:55] \u{200e}x").unwrap().rest, "\u{200e}x");
        assert_eq!(
            read("27/03/22, 21:41 - \u{202a}+44 7700 900101\u{202c}: x").unwrap().rest.chars().next(),
            Some('\u{202a}')
        );
        assert_eq!(read("27/03/22, 21:41 -").unwrap().rest, "");
    }
}
