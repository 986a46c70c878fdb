//! The hash chain over lines.

use crate::model::Digest;
use sha2::{Digest as _, Sha256};

/// What the first line is chained to.
pub const ZERO_HASH: Digest = Digest([0; 32]);

/// The hash of the line with this JSON after the line with hash `previous`.
///
/// Only the digest of the JSON enters, so that one line can be proven to somebody who is shown only the JSON digests
/// of all the others.
#[must_use]
pub fn link(previous: &Digest, json: &[u8]) -> Digest {
    link_digest(previous, &Digest::of(json))
}

/// The same, from the digest of the JSON.
#[must_use]
pub fn link_digest(previous: &Digest, json: &Digest) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(previous.to_hex());
    hasher.update(b" ");
    hasher.update(json.to_hex());
    Digest(hasher.finalize().into())
}
