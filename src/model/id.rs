//! Identifiers: what names a message, a file, a journal line, a run, a case, a hold, a plan.
//!
//! All are shown as short ASCII strings with a prefix that says what they name (`m_…`, `run_…`), and accepted as any
//! unambiguous prefix of [`MIN_PREFIX`] or more characters.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The shortest prefix of an id that is accepted as input, in characters.
pub const MIN_PREFIX: usize = 6;

/// The position of a message in the order of commits, dense from 0. Bitmaps in `state.bin` are over ordinals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ordinal(pub u32);

/// The sequence number of a journal line, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// SHA-256 of some bytes. Names a vault file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// 64 lower-case hex digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// Reads 64 hex digits; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        unhex::<32>(text).map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Names one archived message: `m_` and 32 hex digits.
///
/// Made from the identity of the message in its source and its source digest, never from rendered bytes or from the
/// archive that it lies in, so that the same export imported on two machines gives the same ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub [u8; 16]);

impl MessageId {
    /// The id of the message version with this identity key and source digest.
    #[must_use]
    pub fn derive(identity_key: &Digest, source_digest: &Digest) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"custodia message 1\0");
        hasher.update(identity_key.0);
        hasher.update(source_digest.0);
        let full: [u8; 32] = hasher.finalize().into();
        let mut id = [0; 16];
        id.iter_mut().zip(full).for_each(|(to, from)| *to = from);
        Self(id)
    }

    /// Reads the whole form `m_<32 hex>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        unhex::<16>(text.strip_prefix("m_")?).map(Self)
    }

    /// Its first eight bytes, by which the index finds it.
    #[must_use]
    pub fn key(&self) -> Option<[u8; 8]> {
        self.0.first_chunk().copied()
    }

    /// The form for narrow tables: `m_` and ten digits, a prefix that `show` accepts.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(12).collect()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m_{}", hex(&self.0))
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Lower-case hex digits of some bytes. Written out because a journal line has seven of them.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + (nibble - 10) });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    // By hand: each line of a journal that is replayed has one, and the standard library's parser takes ten times as long.
    let nibble = |digit: &u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    };
    let mut out = [0u8; N];
    for (to, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *to = nibble(high)? << 4 | nibble(low)?;
    }
    Some(out)
}

/// Text in JSON, bytes in bincode.
macro_rules! serde_text_or_bytes {
    ($type:ty, $n:literal, $parse:expr) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(&self.to_string())
                } else {
                    self.0.serialize(serializer)
                }
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    $parse(&text).ok_or_else(|| serde::de::Error::custom(concat!("not a ", stringify!($type))))
                } else {
                    <[u8; $n]>::deserialize(deserializer).map(Self)
                }
            }
        }
    };
}
serde_text_or_bytes!(Digest, 32, Digest::from_hex);
serde_text_or_bytes!(MessageId, 16, MessageId::parse);

/// Ids of things that the archive itself makes: a prefix and eight hex digits, from the archive's id and the sequence
/// number of the journal line that made the thing.
macro_rules! made_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// What every such id begins with.
            pub const PREFIX: &'static str = $prefix;

            /// The id of the thing that journal line `seq` of archive `archive` makes.
            #[must_use]
            pub fn made(archive: &str, seq: Seq) -> Self {
                let full = Digest::of(format!("{}\0{archive}\0{seq}", $prefix).as_bytes()).to_hex();
                Self(format!("{}{}", $prefix, full.chars().take(8).collect::<String>()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
made_id!(/** One run of import. */ RunId, "run_");
made_id!(/** A case. */ CaseId, "case_");
made_id!(/** A hold. */ HoldId, "hold_");
made_id!(/** A deletion plan. */ PlanId, "plan_");
made_id!(/** An export package. */ ExportId, "exp_");
made_id!(/** A retention policy. */ PolicyId, "pol_");
made_id!(/** A retention label. */ LabelId, "lbl_");
made_id!(/** A request for erasure. */ ErasureId, "era_");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_text_and_bincode() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Digest::from_hex(&digest.to_hex()), Some(digest));
        let id = MessageId::derive(&digest, &Digest::of(b"x"));
        assert_eq!(MessageId::parse(&id.to_string()), Some(id));
        let bytes = bincode::serialize(&(digest, id)).unwrap();
        assert_eq!(bytes.len(), 48);
        assert_eq!(bincode::deserialize::<(Digest, MessageId)>(&bytes).unwrap(), (digest, id));
        assert_eq!(serde_json::from_str::<MessageId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }

    #[test]
    fn hex_rejects_what_only_looks_like_it() {
        assert_eq!(Digest::from_hex(&"+1".repeat(32)), None);
        assert_eq!(Digest::from_hex("ab"), None);
        assert_eq!(MessageId::parse("m_zz"), None);
    }
}
