//! Approvals that are signed elsewhere: the text that is signed, the keys, and the check.
//!
//! Contract: nothing is signed here and no private key is ever read. The text names the archive, the hold or plan and its
//! digest, and nothing else, so that the same thing has the same text everywhere.

use crate::{
    Error, ErrorKind, Result,
    model::{Digest, id},
};
use base64::Engine as _;
use ed25519_dalek::{Signature, VerifyingKey};

/// What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410), as `openssl pkey -pubout` writes it.
const DER_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The text that an approver signs, byte for byte.
pub(super) fn statement(archive: &str, kind: &str, target: &str, digest: &Digest) -> String {
    format!("custodia.approval/1\narchive {archive}\n{kind} {target}\ndigest {digest}\n")
}

/// Reads a public key: 64 hex digits, or base64 of its 32 bytes or of its DER.
pub(super) fn public_key(text: &str) -> Result<[u8; 32]> {
    let wrong = || {
        Error::new(ErrorKind::Config, "an approver's key in archive.toml is not an Ed25519 public key").with_hint(
            "under [approvers]: name = \"64 hex digits\", or the base64 of openssl pkey -in KEY -pubout -outform DER",
        )
    };
    let bytes = decoded(text.trim()).ok_or_else(wrong)?;
    let raw = bytes.strip_prefix(&DER_PREFIX).unwrap_or(&bytes);
    raw.try_into().map_err(|_| wrong())
}

/// The key in one spelling.
pub(super) fn key_text(key: &[u8; 32]) -> String {
    id::hex(key)
}

/// Checks a signature (64 bytes, or their hex or base64) of a text. Returns it in hex.
pub(super) fn check(key: &[u8; 32], text: &str, signature: &[u8]) -> Result<String> {
    let wrong = |why: &str| {
        Error::new(ErrorKind::Usage, format!("the signature does not approve this: {why}; nothing was recorded"))
            .with_hint(
                "custodia approve TARGET --statement FILE writes the text to be signed, exactly as it is checked",
            )
    };
    let spelled = || std::str::from_utf8(signature).ok().and_then(|text| decoded(text.trim()));
    let raw = if signature.len() == Signature::BYTE_SIZE { Some(signature.to_vec()) } else { spelled() };
    let raw: [u8; Signature::BYTE_SIZE] = raw
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| wrong("it is not 64 bytes, raw or as hex or base64"))?;
    let key = VerifyingKey::from_bytes(key).map_err(|_| wrong("the key in archive.toml is no point of the curve"))?;
    key.verify_strict(text.as_bytes(), &Signature::from_bytes(&raw))
        .map_err(|_| wrong("it is of another text or by another key"))?;
    Ok(id::hex(&raw))
}

/// Hex or base64.
fn decoded(text: &str) -> Option<Vec<u8>> {
    if text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
        return digits.chunks_exact(2).map(|pair| u8::try_from(pair.iter().fold(0, |n, d| n * 16 + d)).ok()).collect();
    }
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};

    #[test]
    fn a_signature_is_of_one_text_by_one_key_in_any_spelling() {
        let signer = SigningKey::from_bytes(&[7; 32]);
        let key = signer.verifying_key().to_bytes();
        let text = statement("arc_1", "hold", "hold_1", &Digest::of(b"x"));
        let signature = signer.sign(text.as_bytes()).to_bytes();
        let base64 = base64::engine::general_purpose::STANDARD.encode(signature);
        for spelled in [signature.to_vec(), id::hex(&signature).into_bytes(), format!("{base64}\n").into_bytes()] {
            assert_eq!(check(&key, &text, &spelled).unwrap(), id::hex(&signature));
        }
        let other = statement("arc_1", "hold", "hold_1", &Digest::of(b"y"));
        assert!(check(&key, &other, &signature).is_err());
        assert!(check(&SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes(), &text, &signature).is_err());
        for wrong in [&b""[..], b"x", &signature[1..], &[0; 64]] {
            assert_eq!(check(&key, &text, wrong).unwrap_err().kind(), ErrorKind::Usage);
        }
    }

    #[test]
    fn a_key_is_read_as_hex_base64_and_der() {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        let engine = base64::engine::general_purpose::STANDARD;
        let der = [&DER_PREFIX[..], &key[..]].concat();
        for text in [id::hex(&key), engine.encode(key), engine.encode(der)] {
            assert_eq!(public_key(&text).unwrap(), key);
        }
        for wrong in ["", "00", "not a key", &"0".repeat(66)] {
            assert_eq!(public_key(wrong).unwrap_err().kind(), ErrorKind::Config, "{wrong}");
        }
    }
}
