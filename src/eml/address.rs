//! Address fields: display name and address of each party, groups flattened.

use super::header::{Headers, terminated};
use crate::model::limits::PARTICIPANTS;
use mail_parser::{Addr, Address, HeaderValue, parsers::MessageStream};

/// One party of an address field. Either may be missing; what stands alone without an `@` is a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name, decoded, without quotes.
    pub name: Option<String>,
    /// The address, as written.
    pub address: Option<String>,
}

/// Bytes of one address field that are read: [`PARTICIPANTS`] times a name and an address.
pub const ADDRESS_BYTES: usize = 1024 * 1024;

/// The parties of all fields of this name, at most [`PARTICIPANTS`] from at most [`ADDRESS_BYTES`] a field, and whether that is
/// all of them.
#[must_use]
pub fn mailboxes(headers: &Headers<'_>, name: &str) -> (Vec<Mailbox>, bool) {
    let mut all = Vec::new();
    let mut whole = true;
    for raw in headers.all(name) {
        whole &= raw.len() <= ADDRESS_BYTES;
        all.extend(parse_list(raw.get(..ADDRESS_BYTES).unwrap_or(raw)));
        if all.len() > PARTICIPANTS {
            all.truncate(PARTICIPANTS);
            return (all, false);
        }
    }
    (all, whole)
}

fn parse_list(raw: &[u8]) -> Vec<Mailbox> {
    let value = terminated(raw);
    let HeaderValue::Address(list) = MessageStream::new(&value).parse_address() else { return Vec::new() };
    let addresses: Vec<Addr<'_>> = match list {
        Address::List(list) => list,
        Address::Group(groups) => groups.into_iter().flat_map(|g| g.addresses).collect(),
    };
    addresses.into_iter().map(mailbox).filter(|m| m.name.is_some() || m.address.is_some()).collect()
}

fn mailbox(addr: Addr<'_>) -> Mailbox {
    let text = |t: Option<std::borrow::Cow<'_, str>>| {
        t.map(|t| t.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|t| !t.is_empty())
    };
    Mailbox { name: text(addr.name), address: text(addr.address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<(Option<String>, Option<String>)> {
        let bytes = format!("To: {value}\r\n\r\n");
        let headers = Headers::read(bytes.as_bytes(), true);
        mailboxes(&headers, "to").0.into_iter().map(|m| (m.name, m.address)).collect()
    }

    #[test]
    fn parties_keep_name_and_address() {
        let some = |t: &str| Some(t.to_owned());
        assert_eq!(
            read("\"Susan Park 447700900101\" <susan@northgate.example>,\r\n \"447700900102\" <j@x.example>"),
            [
                (some("Susan Park 447700900101"), some("susan@northgate.example")),
                (some("447700900102"), some("j@x.example"))
            ]
        );
        assert_eq!(
            read("Susan Park 447700900101 <s@x.example>"),
            [(some("Susan Park 447700900101"), some("s@x.example"))]
        );
        assert_eq!(read("s@x.example"), [(None, some("s@x.example"))]);
        assert_eq!(read("447700900101"), [(some("447700900101"), None)]);
        assert_eq!(read("Team: a@x.example, b@x.example;").len(), 2);
        assert_eq!(read("=?utf-8?B?xYF1a2Fzeg==?= 447700900101 <l@x.example>")[0].0, some("Łukasz 447700900101"));
        assert_eq!(read("\"Park, Susan\" <s@x.example>")[0].0, some("Park, Susan"));
        assert_eq!(read(""), []);
    }
}
