//! Identifiers of traces, spans and arrivals.

use std::fmt;

/// A trace id: 16 bytes, written as 32 lower-case hex digits. All zero means "none".
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(pub [u8; 16]);

/// A span id: 8 bytes, written as 16 lower-case hex digits. All zero means "none".
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(pub [u8; 8]);

/// One arrival number for all signals, events and gaps; given once, kept for life, from 1 upwards.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Row(pub u64);

impl TraceId {
    /// Whether the id is missing (all zero).
    pub fn is_none(self) -> bool {
        self.0 == [0; 16]
    }

    /// Reads exactly 32 hex digits of either case; anything else is `None`.
    #[inline]
    pub fn from_hex(text: &[u8]) -> Option<TraceId> {
        from_hex(text).map(TraceId)
    }
}

impl SpanId {
    /// Whether the id is missing (all zero).
    pub fn is_none(self) -> bool {
        self.0 == [0; 8]
    }

    /// Reads exactly 16 hex digits of either case; anything else is `None`.
    #[inline]
    pub fn from_hex(text: &[u8]) -> Option<SpanId> {
        from_hex(text).map(SpanId)
    }
}

impl Row {
    /// The row that is `count` arrivals later.
    pub fn plus(self, count: u64) -> Row {
        Row(self.0 + count)
    }
}

/// Without a branch or a table for each digit, so that the compiler can vectorize it.
#[inline]
fn from_hex<const BYTES: usize>(text: &[u8]) -> Option<[u8; BYTES]> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let pairs: &[[u8; 2]; BYTES] = pairs.try_into().ok()?;
    let are_digits = pairs.as_flattened().iter().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
    // The low bits of a letter are its position in the alphabet.
    let digit = |byte: u8| (byte & 15) + (byte >> 6) * 9;
    are_digits.then(|| pairs.map(|[high, low]| digit(high) << 4 | digit(low)))
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0u8; 32];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    f.pad(std::str::from_utf8(&text[..bytes.len() * 2]).unwrap_or_default())
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_either_case_and_write_lower_case() {
        let id = TraceId::from_hex(b"4BF92F3577B34DA6A3CE929D0E0E4736").unwrap();
        assert_eq!(id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(SpanId::from_hex(b"00f067aa0ba902b7").unwrap().to_string(), "00f067aa0ba902b7");
    }

    #[test]
    fn ids_of_another_length_or_alphabet_are_none() {
        for bad in ["", "4bf92f", "zzf067aa0ba902b7", "00f067aa0ba902b"] {
            assert!(SpanId::from_hex(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_byte_is_its_digit_or_makes_no_id() {
        for (byte, place) in (0..=u8::MAX).flat_map(|byte| (0..16).map(move |place| (byte, place))) {
            let mut text = *b"0123456789abcdef";
            text[place] = byte;
            let expected = std::str::from_utf8(&text).ok().filter(|text| !text.contains('+'));
            let expected = expected.and_then(|text| u64::from_str_radix(text, 16).ok());
            assert_eq!(SpanId::from_hex(&text).map(|id| u64::from_be_bytes(id.0)), expected, "{byte} at {place}");
        }
    }
}
