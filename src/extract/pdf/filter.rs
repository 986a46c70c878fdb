//! The filters of PDF streams that can hold text. Every one stops at a limit of bytes and keeps what came before
//! damage.

use super::value::{Dict, Value};
use crate::extract::{Unread, package::inflate_into};
use flate2::Decompress;
use weezl::{BitOrder, LzwStatus, decode::Decoder};

/// Bytes of the check sum behind deflated data.
const SUM_BYTES: u64 = 4;

/// Undoes one filter: what it gives, and why it is not all.
pub fn undo(name: &[u8], params: Option<&Dict>, data: &[u8], limit: usize) -> (Vec<u8>, Option<Unread>) {
    match name {
        b"FlateDecode" | b"Fl" => {
            let (out, unread) = inflate(data, limit);
            (unpredict(out, params), unread)
        }
        b"LZWDecode" | b"LZW" => {
            let (out, unread) = lzw(data, params, limit);
            (unpredict(out, params), unread)
        }
        b"ASCIIHexDecode" | b"AHx" => (hexadecimal(data, limit), None),
        b"ASCII85Decode" | b"A85" => (ascii85(data, limit), None),
        b"RunLengthDecode" | b"RL" => runs(data, limit),
        _ => (Vec::new(), Some(Unread::Unsupported)),
    }
}

/// Whether the data of this filter is a picture.
pub fn is_picture(name: &[u8]) -> bool {
    matches!(name, b"DCTDecode" | b"DCT" | b"CCITTFaxDecode" | b"CCF" | b"JPXDecode" | b"JBIG2Decode")
}

fn inflate(data: &[u8], limit: usize) -> (Vec<u8>, Option<Unread>) {
    let mut out = Vec::new();
    let unread = inflate_into(&mut Decompress::new(true), data, limit, &mut out);
    if unread == Some(Unread::Broken) && out.is_empty() {
        // Without its header, or with a damaged one.
        let bare = data.get(2..).unwrap_or_default();
        let unread = inflate_into(&mut Decompress::new(false), bare, limit, &mut out);
        return (out, unread);
    }
    // Many writers leave the check sum out: the text is whole all the same if the data before it has its end.
    let whole = || lacks_only_its_sum(data.get(2..).unwrap_or_default(), out.len());
    let unread = unread.filter(|unread| *unread != Unread::Broken || !whole());
    (out, unread)
}

/// Whether deflated data has its end behind so many bytes, and no check sum after it.
fn lacks_only_its_sum(bare: &[u8], bytes: usize) -> bool {
    let mut state = Decompress::new(false);
    let ends = inflate_into(&mut state, bare, bytes, &mut Vec::new()).is_none();
    ends && (bare.len() as u64).saturating_sub(state.total_in()) < SUM_BYTES
}

fn lzw(data: &[u8], params: Option<&Dict>, limit: usize) -> (Vec<u8>, Option<Unread>) {
    let early = params.and_then(|params| params.get(&b"EarlyChange"[..])).and_then(Value::number) != Some(0.0);
    let mut decoder = match early {
        true => Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
        false => Decoder::new(BitOrder::Msb, 8),
    };
    let mut out = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    let mut rest = data;
    loop {
        let result = decoder.decode_bytes(rest, &mut buffer);
        rest = rest.get(result.consumed_in..).unwrap_or_default();
        out.extend_from_slice(buffer.get(..result.consumed_out).unwrap_or_default());
        if out.len() > limit {
            out.truncate(limit);
            return (out, Some(Unread::TooLarge));
        }
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            Ok(LzwStatus::Done) => return (out, None),
            // Without its mark of the end it may be whole; with a code that means nothing it is not.
            Ok(_) => return (out, None),
            Err(_) => return (out, Some(Unread::Broken)),
        }
    }
}

fn hexadecimal(data: &[u8], limit: usize) -> Vec<u8> {
    let digits = data.iter().take_while(|byte| **byte != b'>').filter_map(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::new();
    let mut high = None;
    for digit in digits {
        match high.take() {
            None => high = Some(digit as u8),
            Some(high) => out.push(high << 4 | digit as u8),
        }
        if out.len() >= limit {
            return out;
        }
    }
    out.extend(high.map(|high| high << 4));
    out
}

fn ascii85(data: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut value, mut digits) = (0u32, 0usize);
    for byte in data.iter().take_while(|byte| **byte != b'~') {
        match byte {
            b'z' if digits == 0 => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                value = value.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                digits += 1;
                if digits == 5 {
                    out.extend_from_slice(&value.to_be_bytes());
                    (value, digits) = (0, 0);
                }
            }
            _ => {}
        }
        if out.len() >= limit {
            return out;
        }
    }
    if digits > 1 {
        for _ in digits..5 {
            value = value.wrapping_mul(85).wrapping_add(84);
        }
        out.extend(value.to_be_bytes().iter().take(digits - 1));
    }
    out
}

fn runs(data: &[u8], limit: usize) -> (Vec<u8>, Option<Unread>) {
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((&length, after)) = rest.split_first() {
        let length = usize::from(length);
        rest = match length {
            128 => break,
            0..128 => {
                out.extend(after.iter().take(length + 1));
                after.get(length + 1..).unwrap_or_default()
            }
            _ => {
                let byte = after.first().copied().unwrap_or(0);
                out.extend(std::iter::repeat_n(byte, 257 - length));
                after.get(1..).unwrap_or_default()
            }
        };
        if out.len() >= limit {
            return (out, Some(Unread::TooLarge));
        }
    }
    (out, None)
}

/// Undoes the predictors of PNG, and the one of TIFF for whole bytes.
fn unpredict(mut data: Vec<u8>, params: Option<&Dict>) -> Vec<u8> {
    let Some(params) = params else { return data };
    let number = |key: &[u8], default| params.get(key).and_then(Value::code).map_or(default, |code| code as usize);
    let kind = number(b"Predictor", 1);
    let bits = number(b"Colors", 1).clamp(1, 32) * number(b"BitsPerComponent", 8).clamp(1, 32);
    let pixel = bits.div_ceil(8);
    let row = (bits * number(b"Columns", 1).clamp(1, 1_000_000)).div_ceil(8);
    if kind == 2 {
        for line in data.chunks_mut(row) {
            for at in pixel..line.len() {
                let left = line.get(at - pixel).copied().unwrap_or(0);
                line.get_mut(at).into_iter().for_each(|byte| *byte = byte.wrapping_add(left));
            }
        }
    }
    if kind < 10 {
        return data;
    }
    let mut above = vec![0u8; row];
    let mut out = Vec::with_capacity(data.len());
    for line in data.chunks(row + 1) {
        let Some((&kind, line)) = line.split_first() else { break };
        let mut current = vec![0u8; row];
        for (at, byte) in line.iter().enumerate() {
            let left = at.checked_sub(pixel).and_then(|at| current.get(at)).copied().unwrap_or(0);
            let corner = at.checked_sub(pixel).and_then(|at| above.get(at)).copied().unwrap_or(0);
            let up = above.get(at).copied().unwrap_or(0);
            let guess = match kind {
                1 => left,
                2 => up,
                3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
                4 => paeth(left, up, corner),
                _ => 0,
            };
            if let Some(slot) = current.get_mut(at) {
                *slot = byte.wrapping_add(guess);
            }
        }
        out.extend(current.iter().take(line.len()));
        above = current;
    }
    out
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let (to_a, to_b, to_c) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        up
    } else {
        corner
    }
}
