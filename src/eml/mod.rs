//! E-mails as evidence: reads RFC 5322 and MIME without ever changing a byte.
//!
//! Contract: pure functions over bytes; no input makes them panic, recurse without bound or take more than a few passes
//! over the bytes. Attachment bytes are taken from their raw offsets, so they are exact whatever their charset
//! says. `mail-parser` decodes encoded words, addresses, parameters, charsets and HTML; the walk over the parts is our own,
//! because its own walk nests without limit and turns the bytes of every text part into another charset.
//!
//! Limits: [`MIME_DEPTH`](crate::model::limits::MIME_DEPTH), [`MIME_PARTS`](crate::model::limits::MIME_PARTS); what lies
//! beyond is kept as one opaque part and reported. Not here: what the header fields of a feed mean (`source`).

pub mod address;
pub mod date;
pub mod header;
pub mod mime;
pub mod parse;
pub mod render;
pub mod stream;
pub mod text;
pub mod transfer;

pub use address::Mailbox;
pub use date::MailDate;
pub use parse::{Email, NotAnEmail, headers_text, looks_like_mail};
pub use stream::PartReader;
