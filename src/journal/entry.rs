//! One line: how it is written, how it is read.

use super::chain;
use crate::{
    Error, Result,
    model::{Digest, Event, Instant, Seq, id, limits},
};
use serde::Deserialize;
use std::io::Write as _;

/// The part of a line that is read when its event is of no interest, or of a type that this program does not know.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) seq: Seq,
    pub(super) at: Instant,
    #[serde(default)]
    pub(super) more: bool,
}

/// What the lines of a batch have in common. The actor is serialised once.
pub(super) struct Frame {
    pub(super) at: Instant,
    pub(super) actor_json: String,
}

/// Writes a line to `out` and returns its hash.
pub(super) fn encode(
    out: &mut Vec<u8>,
    previous: &Digest,
    seq: Seq,
    salt: &[u8],
    frame: &Frame,
    event: &Event,
    more: bool,
) -> Result<Digest> {
    let Frame { at, actor_json } = frame;
    let start = out.len();
    // The hash goes in front of what it is computed from: leave room, fill it in.
    out.resize(start + 65, b' ');
    let json_start = out.len();
    write!(out, "{{\"seq\":{seq},\"at\":\"{at}\",\"salt\":\"").map_err(Error::bug_io)?;
    out.extend_from_slice(id::hex(salt).as_bytes());
    write!(out, "\",\"actor\":{actor_json},\"event\":").map_err(Error::bug_io)?;
    serde_json::to_writer(&mut *out, event).map_err(|e| Error::bug(format!("an event cannot be written: {e}")))?;
    out.extend_from_slice(if more { b",\"more\":true}" } else { b"}" });
    let hash = chain::link(previous, out.get(json_start..).unwrap_or_default());
    if let Some(room) = out.get_mut(start..start + 64) {
        room.copy_from_slice(hash.to_hex().as_bytes());
    }
    out.push(b'\n');
    if out.len() - start > limits::JOURNAL_LINE_BYTES {
        return Err(Error::new(
            crate::ErrorKind::Usage,
            format!("an event of {} bytes is longer than a journal line may be", out.len() - start),
        )
        .with_hint("shorten the query, the reason or the list of names"));
    }
    Ok(hash)
}

/// Splits `<64 hex> SP <json>` (without its line feed).
pub(super) fn split(line: &[u8]) -> Option<(Digest, &[u8])> {
    let (hash, rest) = line.split_at_checked(64)?;
    let hash = Digest::from_hex(std::str::from_utf8(hash).ok()?)?;
    // Digests are written in lower case; another spelling is a change.
    let lower = line.iter().take(64).all(|b| !b.is_ascii_uppercase());
    match rest.split_first()? {
        (b' ', json) if lower && json.first() == Some(&b'{') => Some((hash, json)),
        _ => None,
    }
}
