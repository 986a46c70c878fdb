//! One row: cells of whatever type they have.

use rusqlite::types::ValueRef;
use std::borrow::Cow;

/// A row while it is being looked at. Cells are numbered as the columns were asked for; a column that the table does not
/// have is null everywhere.
#[derive(Debug)]
pub struct Row<'a> {
    row: &'a rusqlite::Row<'a>,
    /// Where the wanted columns stand in the statement.
    places: &'a [Option<usize>],
    id: i64,
}

impl<'a> Row<'a> {
    pub(super) fn new(row: &'a rusqlite::Row<'a>, places: &'a [Option<usize>], id: i64) -> Self {
        Self { row, places, id }
    }

    /// The row id; 0 in a table without one.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The row id as the line of a place: from 1, `None` below.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        u64::try_from(self.id).ok().filter(|id| *id > 0)
    }

    fn cell(&self, i: usize) -> ValueRef<'a> {
        match self.places.get(i) {
            Some(Some(place)) => self.row.get_ref(*place).unwrap_or(ValueRef::Null),
            _ => ValueRef::Null,
        }
    }

    /// Whether the cell is null, or there is none.
    #[must_use]
    pub fn is_null(&self, i: usize) -> bool {
        matches!(self.cell(i), ValueRef::Null)
    }

    /// The cell as text. Bytes are read as UTF-8 whatever their type is; numbers are written out.
    #[must_use]
    pub fn text(&self, i: usize) -> Option<Cow<'a, str>> {
        match self.cell(i) {
            ValueRef::Null => None,
            ValueRef::Integer(n) => Some(n.to_string().into()),
            ValueRef::Real(n) => Some(n.to_string().into()),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes)),
        }
    }

    /// The bytes of a cell that is read as text and is not UTF-8.
    #[must_use]
    pub fn not_utf8(&self, i: usize) -> Option<&'a [u8]> {
        self.blob(i).filter(|bytes| std::str::from_utf8(bytes).is_err())
    }

    /// The cell as text of its own; `None` if it is null or empty.
    #[must_use]
    pub fn words(&self, i: usize) -> Option<String> {
        self.text(i).filter(|text| !text.is_empty()).map(Cow::into_owned)
    }

    /// The cell as a whole number: also of a real without a fraction to speak of, and of digits in text.
    #[must_use]
    pub fn int(&self, i: usize) -> Option<i64> {
        match self.cell(i) {
            ValueRef::Null => None,
            ValueRef::Integer(n) => Some(n),
            ValueRef::Real(n) => whole(n),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                let text = std::str::from_utf8(bytes).ok()?.trim();
                text.parse().ok().or_else(|| whole(text.parse().ok()?))
            }
        }
    }

    /// The cell as a number; never infinite or not a number.
    #[must_use]
    pub fn real(&self, i: usize) -> Option<f64> {
        let number = match self.cell(i) {
            ValueRef::Null => None,
            #[allow(clippy::cast_precision_loss)]
            ValueRef::Integer(n) => Some(n as f64),
            ValueRef::Real(n) => Some(n),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => std::str::from_utf8(bytes).ok()?.trim().parse().ok(),
        };
        number.filter(|n| n.is_finite())
    }

    /// The bytes of the cell, text or not; `None` for null and numbers.
    #[must_use]
    pub fn blob(&self, i: usize) -> Option<&'a [u8]> {
        match self.cell(i) {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn whole(n: f64) -> Option<i64> {
    (n.abs() < 9.0e18).then_some(n as i64)
}
