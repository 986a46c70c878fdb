//! The one decision about an item: may it go? Pure: items, holds and the clock are arguments.
//!
//! Contract: **fail closed**. A hold that cannot be evaluated holds; an unknown date is held. Only this module makes the
//! two keys ([`ItemClearance`], [`VaultClearance`]) without which nothing can be unlinked.

mod clearance;
mod decide;
mod scope;

pub use clearance::{ItemClearance, VaultClearance};
pub use decide::{Blocker, BlockerKind, Decision, decide};
pub use scope::{ActiveHold, Because, Coverage, Subject};
