//! Who gets an item: numbers, the mapping table, the user directory, and the order in which they are asked.
//!
//! Contract: pure. Bytes and values in, values out; nothing is guessed: a number, a row or a party that is not understood is
//! rejected with its line and a reason, and a number that would mean two mailboxes means none. The precedence is the
//! original's: custom mapping, then a number of the user directory, then the item's e-mail address.

pub mod csv;
pub mod directory;
pub mod names;
pub mod number;
mod table;
pub mod users;

pub use csv::{MappingFile, Rejected, check, read_mapping, template};
pub use directory::{Directory, Rule, Switches};
pub use names::{Names, folded, names_template, read_names};
pub use number::to_e164;
pub use users::{UsersFile, read_users, users_template};
