//! A small reader of protobuf's wire format, for the few fields of WhatsApp's blobs that are known.
//!
//! Contract: any bytes are read without a panic, in time and memory linear in their length; what cannot be read ends the
//! reading and is said by [`Fields::is_whole`], and everything before it counts. Nothing is guessed: the caller says
//! which field is what. Groups (wire types 3 and 4), which nobody writes any more, end the reading.

/// Fields that are read of one message; blobs of phones have dozens.
const MAX_FIELDS: usize = 50_000;
/// Bytes of the longest varint.
const VARINT_BYTES: usize = 10;

/// The value of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2: bytes, text or a message in it.
    Bytes(&'a [u8]),
    /// Wire type 5.
    Fixed32(u32),
}

/// The fields of one message, in their order.
#[derive(Clone, Debug, Default)]
pub struct Fields<'a> {
    fields: Vec<(u64, Value<'a>)>,
    whole: bool,
}

impl<'a> Fields<'a> {
    /// Reads as many fields as there are.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Self {
        let (mut rest, mut fields) = (bytes, Vec::new());
        while !rest.is_empty() && fields.len() < MAX_FIELDS {
            match field(rest) {
                Some((number, value, after)) => {
                    fields.push((number, value));
                    rest = after;
                }
                None => break,
            }
        }
        Self { fields, whole: rest.is_empty() }
    }

    /// Whether all bytes were understood as fields.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Every field with this number.
    pub fn all(&self, number: u64) -> impl Iterator<Item = Value<'a>> + '_ {
        self.fields.iter().filter(move |(n, _)| *n == number).map(|(_, value)| *value)
    }

    /// The bytes of every field with this number that has bytes.
    pub fn bytes(&self, number: u64) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.all(number).filter_map(|value| match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        })
    }

    /// The first field with this number that is text.
    #[must_use]
    pub fn text(&self, number: u64) -> Option<&'a str> {
        self.bytes(number).find_map(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The first field with this number that is a number.
    #[must_use]
    pub fn number(&self, number: u64) -> Option<u64> {
        self.all(number).find_map(|value| match value {
            Value::Varint(n) | Value::Fixed64(n) => Some(n),
            Value::Fixed32(n) => Some(n.into()),
            Value::Bytes(_) => None,
        })
    }

    /// All numbers of a repeated field, packed or not.
    #[must_use]
    pub fn numbers(&self, number: u64) -> Vec<u64> {
        let mut all = Vec::new();
        for value in self.all(number) {
            match value {
                Value::Varint(n) | Value::Fixed64(n) => all.push(n),
                Value::Fixed32(n) => all.push(n.into()),
                Value::Bytes(mut packed) => {
                    while let Some((n, rest)) = varint(packed) {
                        all.push(n);
                        packed = rest;
                    }
                }
            }
        }
        all
    }
}

/// The first field of `bytes`, and what comes after it.
fn field(bytes: &[u8]) -> Option<(u64, Value<'_>, &[u8])> {
    let (tag, rest) = varint(bytes)?;
    let number = tag >> 3;
    if number == 0 {
        return None;
    }
    let (value, rest) = match tag & 7 {
        0 => varint(rest).map(|(n, rest)| (Value::Varint(n), rest))?,
        1 => rest.split_first_chunk::<8>().map(|(n, rest)| (Value::Fixed64(u64::from_le_bytes(*n)), rest))?,
        2 => {
            let (length, rest) = varint(rest)?;
            let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            (Value::Bytes(bytes), rest)
        }
        5 => rest.split_first_chunk::<4>().map(|(n, rest)| (Value::Fixed32(u32::from_le_bytes(*n)), rest))?,
        _ => return None,
    };
    Some((number, value, rest))
}

/// The varint at the start of `bytes`, and what comes after it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(VARINT_BYTES).enumerate() {
        // The tenth byte has one bit of 64; what is above is lost, as everywhere.
        value |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(at).ok()?).unwrap_or(0);
        if byte & 0x80 == 0 {
            return bytes.get(at + 1..).map(|rest| (value, rest));
        }
    }
    None
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A varint field.
    pub fn number(field: u64, value: u64) -> Vec<u8> {
        [write_varint(field << 3), write_varint(value)].concat()
    }

    /// A field of bytes, text or a message.
    pub fn bytes(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
        let value = value.as_ref();
        [write_varint(field << 3 | 2), write_varint(value.len() as u64), value.to_vec()].concat()
    }

    fn write_varint(mut n: u64) -> Vec<u8> {
        let mut out = Vec::new();
        while n >= 0x80 {
            out.push((n & 0x7f) as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
        out
    }

    #[test]
    fn fields_are_found_by_their_numbers_in_their_order() {
        let message = [bytes(5, "3AAA"), number(17, 4), bytes(5, "later"), bytes(3, [1, 2, 0x80, 1])].concat();
        let fields = Fields::read(&message);
        assert!(fields.is_whole());
        assert_eq!((fields.text(5), fields.number(17), fields.text(6)), (Some("3AAA"), Some(4), None));
        assert_eq!(fields.numbers(3), [1, 2, 128]);
        assert_eq!(fields.bytes(5).count(), 2);
    }

    #[test]
    fn a_truncated_message_gives_what_was_before_the_cut() {
        let message = [bytes(5, "3AAA"), bytes(6, "447700900101@s.whatsapp.net")].concat();
        for cut in 0..message.len() {
            let fields = Fields::read(&message[..cut]);
            assert_eq!(fields.text(5).is_some(), cut >= 6, "{cut}");
            assert_eq!(fields.is_whole(), cut == 0 || cut == 6, "{cut}");
        }
    }

    #[test]
    fn lengths_that_lie_and_unknown_wire_types_end_the_reading() {
        for bad in
            [&[0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f][..], &[0x2b], &[0x02, 0x00], &[0xff; 12]]
        {
            let fields = Fields::read(bad);
            assert!(!fields.is_whole() && fields.fields.is_empty(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(data in proptest::collection::vec(any::<u8>(), 0..600), field in 0_u64..40) {
            let fields = Fields::read(&data);
            let _ = (fields.text(field), fields.number(field), fields.numbers(field), fields.is_whole());
        }

        #[test]
        fn what_was_written_is_read(n in any::<u64>(), text in ".*", field in 1_u64..1000) {
            let message = [number(field, n), bytes(field + 1, &text)].concat();
            let fields = Fields::read(&message);
            prop_assert!(fields.is_whole());
            prop_assert_eq!(fields.number(field), Some(n));
            prop_assert_eq!(fields.text(field + 1), Some(text.as_str()));
        }
    }
}
