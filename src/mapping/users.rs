//! The table of users for `user import`: `email,name,number…,group…`, where the columns of numbers and groups may be
//! repeated.
//!
//! Contract: a bad number is rejected with its line and the user is taken without it; a number that two users of the table
//! claim is neither's.

use super::{
    csv::Rejected,
    number::to_e164,
    table::{Table, cell},
};
use crate::{
    Error, ErrorKind, Result,
    model::{Code, MailboxName, PhoneNumber, User, UserStatus, tag_name},
};
use std::collections::{BTreeMap, HashMap};

/// A table of users, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsersFile {
    /// The users, active, each once, with the line that first names them.
    pub users: Vec<(u64, User)>,
    /// Whether it has a column of groups: without one it says nothing about them.
    pub tells_groups: bool,
    /// The rows and numbers that cannot be taken.
    pub rejected: Vec<Rejected>,
}

const EMAIL: &[&str] =
    &["email", "e-mail", "mailbox", "email address", "user principal name", "microsoft 365 user mailbox"];
const NAME: &[&str] = &["name", "display name", "displayname"];
const GROUPS: &[&str] = &["group"];
const NUMBERS: &[&str] = &["number", "mobile", "phone", "external user id"];

/// An empty table of users with its header and an invented example.
#[must_use]
pub fn users_template() -> String {
    "email,name,number,number\nsusan@company.example,Susan Park,447700900101,447700900151\n".to_owned()
}

/// Reads a table of users.
///
/// # Errors
/// `Config` if it is not UTF-8 text or has no column for the address.
pub fn read_users(bytes: &[u8], default_region: Option<&str>) -> Result<UsersFile> {
    let table = Table::read(bytes, "user file", &users_template())?;
    let Some(email) = table.column(EMAIL) else {
        let header = table.header.join(", ");
        return Err(Error::new(ErrorKind::Config, format!("the user file's header is not known: {header}"))
            .with_hint(format!("its first line must name the column email, for example:\n{}", users_template())));
    };
    let name = table.column(NAME);
    let is_number = |header: &str| NUMBERS.iter().any(|n| header.starts_with(n));
    let is_group = |header: &str| GROUPS.iter().any(|n| header.starts_with(n));
    let tells_groups = table.header.iter().any(|header| is_group(header));
    let mut file = UsersFile { tells_groups, ..UsersFile::default() };
    let mut places: HashMap<MailboxName, usize> = HashMap::new();
    for (line, cells) in &table.rows {
        let address = cell(cells, email);
        let Some(mailbox) = MailboxName::parse(address) else {
            let code = if address.is_empty() { Code::ColumnMissing } else { Code::BadEmail };
            file.rejected.push(Rejected::new(*line, code, address));
            continue;
        };
        let at = *places.entry(mailbox.clone()).or_insert_with(|| {
            let user = User {
                email: mailbox,
                name: None,
                numbers: Vec::new(),
                groups: Default::default(),
                status: UserStatus::Active,
            };
            file.users.push((*line, user));
            file.users.len() - 1
        });
        let Some((_, user)) = file.users.get_mut(at) else { continue };
        user.name = user.name.take().or_else(|| name.map(|n| cell(cells, n).to_owned()).filter(|n| !n.is_empty()));
        // Cells beyond the header belong to its last column.
        let header = |column: usize| table.header.get(column).or(table.header.last()).map_or("", String::as_str);
        let further = || cells.iter().enumerate().filter(|(column, _)| *column != email && Some(*column) != name);
        for group in
            further().filter(|(column, _)| is_group(header(*column))).flat_map(|(_, cell)| cell.split(['|', ';']))
        {
            match tag_name(group) {
                Ok(group) => drop(user.groups.insert(group)),
                Err(_) if group.trim().is_empty() => {}
                Err(_) => file.rejected.push(Rejected::new(*line, Code::BadGroup, group)),
            }
        }
        let numbers = further().filter(|(column, _)| is_number(header(*column)));
        for text in numbers.flat_map(|(_, cell)| cell.split(['|', ';'])).map(str::trim).filter(|t| !t.is_empty()) {
            match to_e164(text, default_region) {
                Ok(number) if user.numbers.contains(&number) => {}
                Ok(number) => user.numbers.push(number),
                Err(code) => file.rejected.push(Rejected::new(*line, code, text)),
            }
        }
    }
    reject_shared(&mut file);
    file.rejected.sort_by_key(|r| r.line);
    Ok(file)
}

/// Takes a number that two users claim from both.
fn reject_shared(file: &mut UsersFile) {
    let mut owners: BTreeMap<PhoneNumber, Vec<(u64, MailboxName)>> = BTreeMap::new();
    for (line, user) in &file.users {
        for number in &user.numbers {
            owners.entry(number.clone()).or_default().push((*line, user.email.clone()));
        }
    }
    owners.retain(|_, owners| owners.len() > 1);
    for (number, claims) in &owners {
        for (line, email) in claims {
            let other = claims.iter().find(|(_, e)| e != email);
            let other = other.map(|(line, e)| format!("{e} in line {line}")).unwrap_or_default();
            let value = format!("{number} is {email} and {other}");
            file.rejected.push(Rejected::new(*line, Code::Conflict, value));
        }
    }
    for (_, user) in &mut file.users {
        user.numbers.retain(|number| !owners.contains_key(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_with_all_their_numbers() {
        let text = "Email,Name,Number,Number 2\nSusan@x.example,Susan Park,447700900101,+44 7700 900151,447700900152\nbo@x.example,,,\nsusan@x.example,,447700900153\n";
        let file = read_users(text.as_bytes(), None).unwrap();
        assert_eq!(file.rejected, []);
        let users: Vec<_> =
            file.users.iter().map(|(l, u)| (*l, u.email.as_str(), u.name.as_deref(), u.numbers.len())).collect();
        assert_eq!(users, [(2, "susan@x.example", Some("Susan Park"), 4), (3, "bo@x.example", None, 0)]);
        assert_eq!(read_users(users_template().as_bytes(), None).unwrap().users.len(), 1);
    }

    #[test]
    fn a_bad_number_costs_only_itself_and_a_shared_one_is_nobodys() {
        let text = "email;number\nann@x.example;12\nbo;447700900101\n;\nann@x.example;447700900102\ncy@x.example;447700900102\n";
        let file = read_users(text.as_bytes(), None).unwrap();
        let codes: Vec<_> = file.rejected.iter().map(|r| (r.line, r.code)).collect();
        assert_eq!(codes, [(2, Code::NumberTooShort), (2, Code::Conflict), (3, Code::BadEmail), (6, Code::Conflict)]);
        assert!(file.users.iter().all(|(_, u)| u.numbers.is_empty()));
        assert!(read_users(b"a,b\n", None).unwrap_err().hint().is_some());
    }
}
