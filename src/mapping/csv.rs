//! The custom mapping: `External User ID,Microsoft 365 User Mailbox`, and optionally the period in which a number was a
//! person's.
//!
//! Contract: a bad row is rejected with its line and costs only itself; two rows that give one number two mailboxes at one time
//! are both rejected, because nobody can know which of them is right.

use super::{
    number::to_e164,
    table::{Table, cell},
};
use crate::{
    Error, ErrorKind, Result,
    model::{Code, Instant, MailboxName, MappingRow, User},
};
use chrono::{Days, NaiveDate};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A row that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Why.
    pub code: Code,
    /// The value in question; for a conflict also where the other row is.
    pub value: String,
}

impl Rejected {
    /// A row that is not taken; of a very long value only the beginning is kept.
    pub(super) fn new(line: u64, code: Code, value: impl AsRef<str>) -> Self {
        Self { line, code, value: value.as_ref().chars().take(VALUE_CHARS).collect() }
    }
}

/// Characters of a rejected value that are kept.
const VALUE_CHARS: usize = 600;

/// A mapping file, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingFile {
    /// The rows that can be taken, with their lines. A row that says again what another said is left out.
    pub rows: Vec<(u64, MappingRow)>,
    /// The rows that cannot.
    pub rejected: Vec<Rejected>,
}

const NUMBER: &[&str] = &["external user id", "number", "mobile number", "phone number", "phone", "mobile"];
const MAILBOX: &[&str] = &["microsoft 365 user mailbox", "office 365 user mailbox", "email", "e-mail", "mailbox"];
const FROM: &[&str] = &["from", "valid from"];
const TO: &[&str] = &["to", "valid to"];

/// An empty mapping file with its header and an invented example.
#[must_use]
pub fn template() -> String {
    "External User ID,Microsoft 365 User Mailbox\n447700900101,susan@company.example\n".to_owned()
}

/// Reads a mapping file.
///
/// # Errors
/// `Config` if it is not UTF-8 text, or its header is not known; the hint shows the template.
pub fn read_mapping(bytes: &[u8], default_region: Option<&str>) -> Result<MappingFile> {
    let table = Table::read(bytes, "mapping file", &template())?;
    let (Some(number), Some(mailbox)) = (table.column(NUMBER), table.column(MAILBOX)) else {
        let header = table.header.join(", ");
        return Err(Error::new(ErrorKind::Config, format!("the mapping file's header is not known: {header}"))
            .with_hint(format!("its first line must name number and mailbox, for example:\n{}", template())));
    };
    let columns = Columns { number, mailbox, from: table.column(FROM), to: table.column(TO) };
    let mut file = MappingFile::default();
    for (line, cells) in &table.rows {
        match columns.row(cells, default_region) {
            Ok(row) => file.rows.push((*line, row)),
            Err((code, value)) => file.rejected.push(Rejected::new(*line, code, value)),
        }
    }
    reject_conflicts(&mut file);
    file.rejected.sort_by_key(|r| r.line);
    Ok(file)
}

struct Columns {
    number: usize,
    mailbox: usize,
    from: Option<usize>,
    to: Option<usize>,
}

impl Columns {
    fn row(&self, cells: &[String], region: Option<&str>) -> Result<MappingRow, (Code, String)> {
        let (number, mailbox) = (cell(cells, self.number), cell(cells, self.mailbox));
        if number.is_empty() || mailbox.is_empty() {
            return Err((Code::ColumnMissing, format!("{number},{mailbox}")));
        }
        let number_value = to_e164(number, region).map_err(|code| (code, number.to_owned()))?;
        let mailbox = MailboxName::parse(mailbox).ok_or_else(|| (Code::BadEmail, mailbox.to_owned()))?;
        let day = |column: Option<usize>| match column.map(|c| cell(cells, c)).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => date(text).map(Some).ok_or_else(|| (Code::BadDate, text.to_owned())),
        };
        let (from, to) = (day(self.from)?, day(self.to)?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err((Code::BadDate, format!("{from} to {to}")));
        }
        let until = to.and_then(|day| day.checked_add_days(Days::new(1)));
        Ok(MappingRow { number: number_value, mailbox, from: from.and_then(midnight), until: until.and_then(midnight) })
    }
}

/// `YYYY-MM-DD`, exactly: other orders would be guesses.
fn date(text: &str) -> Option<NaiveDate> {
    let exact = text.len() == 10 && text.bytes().filter(|b| *b == b'-').count() == 2;
    let date = exact.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())??;
    midnight(date)?.plausible().map(|_| date)
}

fn midnight(date: NaiveDate) -> Option<Instant> {
    date.and_hms_opt(0, 0, 0).map(|t| t.and_utc().into())
}

/// Rejects rows that give one number two mailboxes at one time; leaves out rows that only repeat another.
fn reject_conflicts(file: &mut MappingFile) {
    let mut by_number: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, (_, row)) in file.rows.iter().enumerate() {
        by_number.entry(row.number.digits()).or_default().push(at);
    }
    let mut drop: HashSet<usize> = HashSet::new();
    for group in by_number.values().filter(|group| group.len() > 1) {
        let rows: Vec<(usize, &(u64, MappingRow))> =
            group.iter().filter_map(|at| Some((*at, file.rows.get(*at)?))).collect();
        for (at, (line, row)) in &rows {
            let other = rows.iter().find(|(_, (_, o))| o.mailbox != row.mailbox && o.overlaps(row));
            if let Some((_, (other, theirs))) = other {
                let value = format!("{} is {} and in line {other} {}", row.number, row.mailbox, theirs.mailbox);
                file.rejected.push(Rejected::new(*line, Code::Conflict, value));
                drop.insert(*at);
            } else if rows.iter().any(|(earlier, (_, o))| earlier < at && o == row) {
                drop.insert(*at);
            }
        }
    }
    let mut at = 0..;
    file.rows.retain(|_| at.next().is_none_or(|at| !drop.contains(&at)));
}

/// Checks rows that were read against the user directory and the rows that are there already. What comes back is not to be
/// taken; a disabled user's mailbox is known.
#[must_use]
pub fn check(rows: &[(u64, MappingRow)], users: &[User], existing: &[MappingRow]) -> Vec<Rejected> {
    let known: HashSet<&str> = users.iter().map(|user| user.email.as_str()).collect();
    let mut by_number: HashMap<&str, Vec<&MappingRow>> = HashMap::new();
    for row in existing {
        by_number.entry(row.number.digits()).or_default().push(row);
    }
    let mut rejected = Vec::new();
    for (line, row) in rows {
        if !known.contains(row.mailbox.as_str()) {
            rejected.push(Rejected::new(*line, Code::UnknownMailbox, row.mailbox.as_str()));
            continue;
        }
        let theirs = by_number.get(row.number.digits()).into_iter().flatten();
        if let Some(other) = theirs.into_iter().find(|o| o.mailbox != row.mailbox && o.overlaps(row)) {
            let value = format!("{} is {} already, not {}", row.number, other.mailbox, row.mailbox);
            rejected.push(Rejected::new(*line, Code::Conflict, value));
        }
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PhoneNumber, UserStatus};
    use proptest::prelude::*;

    type Row = (u64, String, String);

    fn read(text: &str) -> (Vec<Row>, Vec<(u64, Code)>) {
        let file = read_mapping(text.as_bytes(), None).unwrap();
        let rows = file.rows.iter().map(|(line, r)| (*line, r.number.to_string(), r.mailbox.to_string())).collect();
        (rows, file.rejected.iter().map(|r| (r.line, r.code)).collect())
    }

    #[test]
    fn the_originals_header_and_ours_are_read_in_every_dress() {
        for text in [
            "External User ID,Microsoft 365 User Mailbox\n447700900101,susan@company.example\n",
            "\u{feff}EXTERNAL  User  ID;microsoft 365   user mailbox\r\n+44 7700 900101;Susan@Company.example\r\n",
            "number\temail\n\"00447700900101\"\tsusan@company.example",
            "sep=;\nemail;number;note\nsusan@company.example;447700900101;x",
            "\n\nnumber,email\n\n447700900101,susan@company.example\n,\n447700900101,susan@company.example\n",
        ] {
            let (rows, rejected) = read(text);
            assert_eq!(rejected, [], "{text}");
            assert_eq!(rows.len(), 1, "{text}");
            assert_eq!((rows[0].1.as_str(), rows[0].2.as_str()), ("+447700900101", "susan@company.example"), "{text}");
        }
        assert_eq!(read(&template()).0.len(), 1);
    }

    #[test]
    fn every_bad_row_is_rejected_with_its_line_and_costs_only_itself() {
        let (rows, rejected) = read(
            "number,email,from,to\n447700900101,ann@x.example\n4.477E+11,bo@x.example\n123,bo@x.example\nabc,bo@x.example\n\
             447700900102,bo\n447700900103\n447700900104,bo@x.example,04/03/2026\n447700900105,bo@x.example,2026-02-01,2026-01-01\n",
        );
        assert_eq!(rows.len(), 1);
        assert_eq!(
            rejected,
            [
                (3, Code::ScientificNotation),
                (4, Code::NumberTooShort),
                (5, Code::NumberInvalid),
                (6, Code::BadEmail),
                (7, Code::ColumnMissing),
                (8, Code::BadDate),
                (9, Code::BadDate)
            ]
        );
    }

    #[test]
    fn one_number_means_one_mailbox_at_a_time() {
        let (rows, rejected) =
            read("number,email\n447700900101,ann@x.example\n+44 7700 900101,bo@x.example\n447700900102,bo@x.example\n");
        assert_eq!((rows.len(), rejected), (1, vec![(2, Code::Conflict), (3, Code::Conflict)]));
        let file = read_mapping(
            b"number,email,from,to\n447700900101,ann@x.example,,2026-01-31\n447700900101,bo@x.example,2026-02-01,\n",
            None,
        )
        .unwrap();
        assert_eq!((file.rows.len(), file.rejected.len()), (2, 0));
        let [first, second] = [&file.rows[0].1, &file.rows[1].1];
        assert_eq!(first.until, second.from);
        assert_eq!(first.until.unwrap().to_string(), "2026-02-01T00:00:00Z");
        let overlap =
            "number,email,from,to\n447700900101,ann@x.example,,2026-02-01\n447700900101,bo@x.example,2026-02-01,\n";
        assert_eq!(read(overlap).1, [(2, Code::Conflict), (3, Code::Conflict)]);
    }

    #[test]
    fn rows_are_checked_against_users_and_rows_that_are_there() {
        let row = |line: u64, number: &str, mailbox: &str| {
            let row = MappingRow {
                number: PhoneNumber::parse(number).unwrap(),
                mailbox: MailboxName::parse(mailbox).unwrap(),
                from: None,
                until: None,
            };
            (line, row)
        };
        let user = |email: &str| User {
            email: MailboxName::parse(email).unwrap(),
            name: None,
            numbers: vec![],
            groups: Default::default(),
            status: UserStatus::Active,
        };
        let rows = [
            row(2, "447700900101", "ann@x.example"),
            row(3, "447700900102", "no@x.example"),
            row(4, "447700900103", "bo@x.example"),
        ];
        let existing = [row(0, "447700900103", "ann@x.example").1, row(0, "447700900101", "ann@x.example").1];
        let rejected = check(&rows, &[user("ann@x.example"), user("bo@x.example")], &existing);
        let codes: Vec<_> = rejected.iter().map(|r| (r.line, r.code)).collect();
        assert_eq!(codes, [(3, Code::UnknownMailbox), (4, Code::Conflict)]);
    }

    #[test]
    fn what_cannot_be_a_mapping_says_what_one_looks_like() {
        for bytes in
            [&b""[..], b"a,b\n1,2\n", b"\xff\xfen\0u\0", b"n\0u\0m\0", b"PK\x03\x04", b"number,email\nx,\xe9\n"]
        {
            let error = read_mapping(bytes, None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.hint().is_some(), "{bytes:?}");
        }
        assert!(read_mapping(b"a,b\n", None).unwrap_err().hint().unwrap().contains("External User ID"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), rows in "[0-9a-z@.,;\"\n+-]{0,120}") {
            let _ = read_mapping(&bytes, Some("GB"));
            let _ = read_mapping(format!("number,email,from,to\n{rows}").as_bytes(), Some("PL"));
        }
    }
}
