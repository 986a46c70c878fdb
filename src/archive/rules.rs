//! The rules that a decision is made by, as the state and the clock stand now.

use super::Archive;
use crate::{
    governance::{Decision, ItemClearance, Rules, Subject},
    index::HitRecord,
    model::{Instant, MailboxName, PlanBasis, event::Disposal},
    query::Facts,
};

impl Archive {
    /// Everything that can keep an item now.
    pub(super) fn rules(&self) -> Rules<'_> {
        self.rules_at(self.clock.now())
    }

    /// Everything that could keep an item at another moment, if nothing changes until then.
    pub(super) fn rules_at(&self, at: Instant) -> Rules<'_> {
        Rules::new(at, self.state.holds.values(), &self.state.schedule)
    }

    /// One item, as a decision sees it.
    pub(super) fn subject<'a>(
        &'a self,
        record: &HitRecord,
        mailbox: &'a MailboxName,
        facts: Option<&'a Facts>,
    ) -> Subject<'a> {
        Subject {
            id: record.id,
            mailbox,
            sent: record.sent,
            imported: self.state.imported_at(record.ordinal.0),
            label: self.state.schedule.manual(mailbox, record.ordinal.0),
            partially_indexed: self.state.partial.contains(record.ordinal.0),
            facts,
        }
    }

    /// The key to one item of a plan, if it may go as the plan's basis demands: on request when nothing keeps it, by
    /// retention when it is also due at this moment.
    pub(super) fn may_go(
        &self,
        record: &HitRecord,
        subject: &Subject<'_>,
        plan: &PlanBasis,
        how: Disposal,
        rules: &Rules<'_>,
    ) -> Result<ItemClearance, Decision> {
        let (digest, seq) = (record.digest, self.state.governance_seq);
        match plan {
            PlanBasis::Retention => {
                ItemClearance::decide_due(subject, digest, how == Disposal::Recoverable, rules, seq)
            }
            PlanBasis::Request | PlanBasis::Erasure(_) => ItemClearance::decide(subject, digest, rules, seq),
        }
    }
}
