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
        let mut bytes = [0; 16];
        from_hex(text, &mut bytes).then_some(TraceId(bytes))
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
        let mut bytes = [0; 8];
        from_hex(text, &mut bytes).then_some(SpanId(bytes))
    }
}

impl Row {
    /// The row that is `count` arrivals later.
    pub fn plus(self, count: u64) -> Row {
        Row(self.0 + count)
    }
}

fn from_hex(text: &[u8], bytes: &mut [u8]) -> bool {
    let (pairs, []) = text.as_chunks::<2>() else { return false };
    if pairs.len() != bytes.len() {
        return false;
    }
    let mut all = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (DIGITS[usize::from(*high)], DIGITS[usize::from(*low)]);
        all |= high | low;
        *byte = high << 4 | low & 15;
    }
    all < 16
}

/// The value of each hex digit; 16 for what is none.
const DIGITS: [u8; 256] = {
    let mut values = [16; 256];
    let mut digit = 0;
    while digit < 16 {
        values[b"0123456789abcdef"[digit] as usize] = digit as u8;
        values[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    values
};

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
}
