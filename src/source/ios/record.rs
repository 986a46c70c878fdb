//! Rows of the database of messages, as they stand there.
//!
//! Contract: columns that a schema lacks are `None`. Blobs beyond [`BLOB_BYTES`] are not taken; their size is.

use super::{metadata::is_stanza, names};
use crate::source::sqlite::Row;
use std::collections::BTreeMap;

/// Bytes of the largest blob (`ZMETADATA`, `ZRECEIPTINFO`) that is read; real ones have some hundred to some thousand.
pub const BLOB_BYTES: usize = 4 * 1024 * 1024;

/// Columns of `ZWAMESSAGE`, in the order in which [`Record::read`] takes them.
pub const MESSAGE: &[&str] = &[
    "ZCHATSESSION",
    "ZGROUPMEMBER",
    "ZMEDIAITEM",
    "ZMESSAGEINFO",
    "ZPARENTMESSAGE",
    "ZISFROMME",
    "ZMESSAGETYPE",
    "ZGROUPEVENTTYPE",
    "ZMESSAGESTATUS",
    "ZMESSAGEERRORSTATUS",
    "ZFLAGS",
    "ZSORT",
    "ZSTARRED",
    "ZMESSAGEDATE",
    "ZSENTDATE",
    "ZFROMJID",
    "ZTOJID",
    "ZPUSHNAME",
    "ZSTANZAID",
    "ZTEXT",
];

/// A row of `ZWAMESSAGE`.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// `Z_PK`.
    pub row: i64,
    /// `ZCHATSESSION`.
    pub session: Option<i64>,
    /// `ZGROUPMEMBER`.
    pub member: Option<i64>,
    /// `ZMEDIAITEM`.
    pub media: Option<i64>,
    /// `ZMESSAGEINFO`.
    pub info: Option<i64>,
    /// `ZPARENTMESSAGE`.
    pub parent: Option<i64>,
    /// `ZISFROMME`.
    pub from_me: Option<bool>,
    /// `ZMESSAGETYPE`.
    pub message_type: Option<i64>,
    /// `ZGROUPEVENTTYPE`.
    pub event: Option<i64>,
    /// `ZFLAGS`.
    pub flags: Option<i64>,
    /// `ZSTARRED`.
    pub starred: bool,
    /// `ZMESSAGEDATE`.
    pub date: Option<f64>,
    /// `ZFROMJID`.
    pub from: Option<String>,
    /// `ZTOJID`.
    pub to: Option<String>,
    /// `ZPUSHNAME`.
    pub push_name: Option<String>,
    /// `ZSTANZAID`.
    pub stanza: Option<String>,
    /// `ZTEXT`.
    pub text: Option<String>,
    /// Codes and values that stay in the message as they are.
    pub raw: BTreeMap<String, String>,
}

/// Columns that are kept as they are, by their places in [`MESSAGE`].
const RAW: [usize; 9] = [4, 6, 7, 8, 9, 10, 14, 15, 16];

impl Record {
    /// Takes a row that was asked for with [`MESSAGE`].
    #[must_use]
    pub fn read(row: &Row<'_>) -> Self {
        let mut raw = BTreeMap::new();
        for at in RAW {
            if let (Some(name), Some(value)) = (MESSAGE.get(at), row.words(at)) {
                raw.insert((*name).to_owned(), names::bounded(&value));
            }
        }
        // What is no id is only a value.
        let stanza = row.words(18);
        if let Some(other) = stanza.as_ref().filter(|stanza| !is_stanza(stanza)) {
            raw.insert("ZSTANZAID".to_owned(), names::bounded(other));
        }
        Self {
            row: row.id(),
            session: row.int(0),
            member: row.int(1),
            media: row.int(2),
            info: row.int(3),
            parent: row.int(4),
            from_me: row.int(5).map(|n| n != 0),
            message_type: row.int(6),
            event: row.int(7),
            flags: row.int(10),
            starred: row.int(12).is_some_and(|n| n != 0),
            date: row.real(13),
            from: row.words(15),
            to: row.words(16),
            push_name: row.words(17),
            stanza: stanza.filter(|stanza| is_stanza(stanza)),
            text: row.words(19),
            raw,
        }
    }
}

/// Columns of `ZWAMEDIAITEM`, in the order in which [`MediaRecord::read`] takes them.
pub const MEDIA: &[&str] = &[
    "ZMEDIALOCALPATH",
    "ZMEDIAURL",
    "ZTITLE",
    "ZFILESIZE",
    "ZMOVIEDURATION",
    "ZLATITUDE",
    "ZLONGITUDE",
    "ZVCARDNAME",
    "ZVCARDSTRING",
    "ZMETADATA",
];

/// A row of `ZWAMEDIAITEM`.
#[derive(Clone, Debug, Default)]
pub struct MediaRecord {
    /// `ZMEDIALOCALPATH`.
    pub path: Option<String>,
    /// `ZMEDIAURL`.
    pub url: Option<String>,
    /// `ZTITLE`.
    pub title: Option<String>,
    /// `ZFILESIZE`.
    pub size: Option<u64>,
    /// `ZMOVIEDURATION`, in seconds.
    pub seconds: Option<u64>,
    /// `ZLATITUDE`.
    pub latitude: Option<f64>,
    /// `ZLONGITUDE`.
    pub longitude: Option<f64>,
    /// `ZVCARDNAME`.
    pub card_name: Option<String>,
    /// `ZVCARDSTRING`.
    pub card_string: Option<String>,
    /// `ZMETADATA`.
    pub metadata: Blob,
}

impl MediaRecord {
    /// Takes a row that was asked for with [`MEDIA`].
    #[must_use]
    pub fn read(row: &Row<'_>) -> Self {
        let count = |at| row.int(at).and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0);
        Self {
            path: row.words(0),
            url: row.words(1),
            title: row.words(2),
            size: count(3),
            seconds: count(4),
            latitude: row.real(5),
            longitude: row.real(6),
            card_name: row.words(7),
            card_string: row.words(8),
            metadata: Blob::read(row, 9),
        }
    }
}

/// A blob of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob {
    /// Its bytes; empty if it is too large.
    pub bytes: Vec<u8>,
    /// Its size.
    pub size: usize,
}

impl Blob {
    /// Takes the cell.
    #[must_use]
    pub fn read(row: &Row<'_>, at: usize) -> Self {
        let bytes = row.blob(at).unwrap_or_default();
        Self { bytes: if bytes.len() <= BLOB_BYTES { bytes.to_vec() } else { Vec::new() }, size: bytes.len() }
    }

    /// Whether it was too large to be taken.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.size > self.bytes.len()
    }
}

/// Columns of `ZWAMESSAGEINFO`: the blob.
pub const INFO: &[&str] = &["ZRECEIPTINFO"];

/// Columns of `ZWAGROUPMEMBER`, in the order in which [`Member::read`] takes them.
pub const MEMBER: &[&str] = &["ZMEMBERJID", "ZCONTACTNAME", "ZFIRSTNAME"];

/// A row of `ZWAGROUPMEMBER`.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// `ZMEMBERJID`.
    pub address: Option<String>,
    /// `ZCONTACTNAME`, else `ZFIRSTNAME`.
    pub name: Option<String>,
}

impl Member {
    /// Takes a row that was asked for with [`MEMBER`].
    #[must_use]
    pub fn read(row: &Row<'_>) -> Self {
        Self { address: row.words(0), name: row.words(1).or_else(|| row.words(2)) }
    }
}

/// Columns of `ZWAMESSAGEDATAITEM` that are kept as they are.
pub const LINK: &[&str] = &["ZMATCHEDTEXT", "ZTITLE", "ZSUMMARY", "ZCONTENT1", "ZCONTENT2"];

/// What a row of `ZWAMESSAGEDATAITEM` says of a link.
#[must_use]
pub fn link(row: &Row<'_>) -> Vec<(String, String)> {
    LINK.iter()
        .enumerate()
        .filter_map(|(at, column)| Some((format!("ZWAMESSAGEDATAITEM.{column}"), names::bounded(&row.words(at)?))))
        .collect()
}
