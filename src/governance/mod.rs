//! The one decision about an item: may it go? Pure: items, holds and the clock are arguments.
//!
//! Contract: **fail closed**. A hold that cannot be evaluated holds; an unknown date is held. Only this module makes the
//! two keys ([`ItemClearance`], [`VaultClearance`]) without which nothing can be unlinked.

mod clearance;
mod decide;
mod kept;
mod retention;
#[cfg(test)]
mod retention_tests;
mod scope;

#[cfg(test)]
mod tests;

pub use clearance::{ItemClearance, VaultClearance};
pub use decide::{Blocker, BlockerKind, Decision, Rules, decide, due};
pub use kept::keeps_in_mailbox;
pub use retention::{Applied, Due, FLOOR_ID, FLOOR_NAME, Labelled, Level, Life, Retention, Rule, Verdict};
pub use scope::{ActiveHold, Because, Coverage, Subject};
