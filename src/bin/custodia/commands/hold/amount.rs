//! How much a hold covers, and why it is as much.

use crate::human;
use custodia::archive::HoldReport;

/// Messages and items and mailboxes, with the reasons.
pub fn covered(report: &HoldReport, limits: Limits) -> String {
    let mailboxes = human::counted(report.mailboxes.len() as u64, "mailbox");
    format!("{} in {mailboxes}{}", amount(report), reasons(report, limits))
}

/// Messages and items.
pub fn amount(report: &HoldReport) -> String {
    format!("{}, {}", human::counted(report.messages, "message"), human::counted(report.items, "item"))
}

/// What limits a hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// A query or conversations.
    pub query: bool,
    /// A period.
    pub period: bool,
}

/// Why a hold with a query or a period is as large as it is; nothing of another.
pub fn reasons(report: &HoldReport, limits: Limits) -> String {
    let by = &report.items_by_reason;
    let (one, more) = match (limits.query, limits.period) {
        (false, false) if by.undated == 0 => return String::new(),
        (false, false) => ("is young enough", "are young enough"),
        (true, false) => ("matches the query", "match the query"),
        (false, true) => ("was sent in the period", "were sent in the period"),
        (true, true) => ("matches the query and the period", "match the query and the period"),
    };
    let part = |n: u64, one: &str, more: &str| format!("{} {}", human::count(n), if n == 1 { one } else { more });
    let mut parts =
        vec![format!("{} {}", human::counted(by.matching, "item"), if by.matching == 1 { one } else { more })];
    if limits.query {
        let what = "an attachment or an encrypted text";
        parts.push(part(by.with_attachment, &format!("more has {what}"), &format!("more have {what}")));
    }
    parts.push(part(by.undated, "has no date", "have no date"));
    if by.party_unknown > 0 {
        let what = "a party that the query asks for";
        parts.push(part(by.party_unknown, &format!("does not name {what}"), &format!("do not name {what}")));
    }
    if by.not_evaluated > 0 {
        let (one, more) = ("cannot be evaluated, so it is held", "cannot be evaluated, so they are held");
        parts.push(part(by.not_evaluated, one, more));
    }
    format!(": {}", parts.join(", "))
}
