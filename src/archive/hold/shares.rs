//! How much of the archive is on hold: by mailbox, or by month.
//!
//! Contract: everything that binds now counts, holds in their delay too. Messages are counted once in a row, items in each
//! mailbox; a message is on hold if one of its items is.

use crate::model::Zone;
use crate::{
    Result,
    archive::{Archive, matching::Matched},
    model::{Event, Instant, Right, Seq},
};
use chrono::Datelike;
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the rows of a coverage are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareBy {
    /// A row for each mailbox.
    #[default]
    Mailbox,
    /// A row for each month that messages were sent in.
    Month,
}

impl ShareBy {
    /// The word in JSON and on a terminal.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::Month => "month",
        }
    }
}

/// How much of a mailbox or a month is on hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HoldShare {
    /// The mailbox, or the month; `unknown` for messages without a date, `all` for the whole archive.
    pub key: String,
    /// Messages.
    pub messages: u64,
    /// Items.
    pub items: u64,
    /// Messages of which at least one item is on hold.
    pub held_messages: u64,
    /// Items on hold.
    pub held_items: u64,
    /// Items on hold of all items; 0 of none.
    pub share: f64,
    /// The holds that cover some of it.
    pub holds: Vec<String>,
}

/// How much of the archive is on hold.
#[derive(Clone, Debug, Serialize)]
pub struct HoldCoverage {
    /// What the rows are.
    pub by: ShareBy,
    /// The zone of months.
    pub zone: Option<String>,
    /// The rows, in order.
    pub rows: Vec<HoldShare>,
    /// The whole archive.
    pub total: HoldShare,
    /// When that was counted.
    pub computed_at: Instant,
    /// The journal line that it was counted as of.
    pub as_of: Seq,
}

impl Archive {
    /// How much is on hold. Months are of the zone `tz`. Recorded.
    ///
    /// # Errors
    /// [`ErrorKind::Behind`](crate::ErrorKind); reading failed.
    pub fn hold_coverage(&mut self, by: ShareBy, tz: Zone) -> Result<HoldCoverage> {
        self.may(Right::SeeHolds, "hold.coverage", "")?;
        let now = self.clock.now();
        let mut binding: Vec<_> = self.state.binding_holds(now).collect();
        binding.sort_by_key(|hold| hold.seq);
        let holds: Vec<(String, Matched)> =
            binding.into_iter().map(|hold| Ok((hold.name.clone(), self.covered(hold)?))).collect::<Result<_>>()?;
        let everything = RoaringBitmap::from_iter(0..self.state.messages);
        let rows = match by {
            ShareBy::Mailbox => {
                let row = |mailbox: &crate::model::MailboxName| {
                    self.share(mailbox.to_string(), &everything, Some(mailbox), &holds)
                };
                self.state.boxes.iter().filter(|(_, boxes)| !boxes.present().is_empty()).map(|(m, _)| row(m)).collect()
            }
            ShareBy::Month => {
                let months = self.by_month(tz)?;
                months.into_iter().map(|(month, among)| self.share(month, &among, None, &holds)).collect()
            }
        };
        let total = self.share("all".to_owned(), &everything, None, &holds);
        let (items, blocked) = (total.items, total.held_items);
        let as_of = self.as_of();
        self.record_read(Event::HoldViewed {
            view: "coverage".to_owned(),
            target: by.as_str().to_owned(),
            items,
            blocked,
        });
        let zone = (by == ShareBy::Month).then(|| tz.name().to_owned());
        Ok(HoldCoverage { by, zone, rows, total, computed_at: now, as_of })
    }

    /// The messages of each month, unknown dates last.
    fn by_month(&self, tz: Zone) -> Result<BTreeMap<String, RoaringBitmap>> {
        let mut months: BTreeMap<String, RoaringBitmap> = BTreeMap::new();
        let mut dated = self.dates_of(&self.state.present())?;
        dated.sort_unstable_by_key(|(ordinal, _)| *ordinal);
        for (ordinal, sent) in dated {
            let local = sent.and_then(Instant::to_utc).map(|at| at.with_timezone(&tz));
            let key = local.map_or_else(|| "unknown".to_owned(), |at| format!("{:04}-{:02}", at.year(), at.month()));
            months.entry(key).or_default().insert(ordinal.0);
        }
        Ok(months)
    }

    /// One row: of the messages of `among`, in one mailbox or in all.
    fn share(
        &self,
        key: String,
        among: &RoaringBitmap,
        mailbox: Option<&crate::model::MailboxName>,
        holds: &[(String, Matched)],
    ) -> HoldShare {
        let (mut messages, mut held_messages) = (RoaringBitmap::new(), RoaringBitmap::new());
        let (mut items, mut held_items) = (0, 0);
        let mut covering = vec![false; holds.len()];
        for (name, boxes) in self.state.boxes.iter().filter(|(name, _)| mailbox.is_none_or(|only| only == *name)) {
            let here = boxes.present() & among;
            let mut held = RoaringBitmap::new();
            for ((_, covered), covers) in holds.iter().zip(&mut covering) {
                let part = covered.items.get(name).map(|covered| covered & &here).unwrap_or_default();
                *covers |= !part.is_empty();
                held |= part;
            }
            items += here.len();
            held_items += held.len();
            messages |= here;
            held_messages |= held;
        }
        let names = holds.iter().zip(&covering).filter(|(_, covers)| **covers).map(|((name, _), _)| name.clone());
        HoldShare {
            key,
            messages: messages.len(),
            items,
            held_messages: held_messages.len(),
            held_items,
            share: if items == 0 { 0.0 } else { held_items as f64 / items as f64 },
            holds: names.collect(),
        }
    }
}
