//! UTF-16 with a byte order mark → UTF-8.

/// Decodes UTF-16 text. Half a surrogate pair becomes U+FFFD.
#[derive(Debug)]
pub struct Utf16 {
    is_big_endian: bool,
    /// The first byte of a unit that was cut.
    odd: Option<u8>,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

impl Utf16 {
    /// A decoder if the text begins with UTF-16's byte order mark.
    pub fn of(begin: &[u8]) -> Option<Utf16> {
        let is_big_endian = match begin {
            // The mark followed by two NULs is UTF-32's.
            [0xff, 0xfe, 0, 0, ..] => return None,
            [0xff, 0xfe, ..] => false,
            [0xfe, 0xff, ..] => true,
            _ => return None,
        };
        Some(Utf16 { is_big_endian, odd: None, high: None })
    }

    /// Decodes the next bytes, cut anywhere. Leaves the byte order mark out.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        let first = self.odd.take();
        let mut all = first.into_iter().chain(bytes.iter().copied());
        let mut units = Vec::with_capacity(bytes.len() / 2 + 2);
        units.extend(self.high.take());
        while let Some(first) = all.next() {
            let Some(second) = all.next() else {
                self.odd = Some(first);
                break;
            };
            let unit = if self.is_big_endian { [first, second] } else { [second, first] };
            units.push(u16::from_be_bytes(unit));
        }
        if units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            self.high = units.pop();
        }
        let decoded = char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER));
        decoded.filter(|character| *character != '\u{feff}').collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_are_decoded_however_they_are_cut() {
        let text = "{\"a\":\"é漢😀\"}\r\n";
        for is_big_endian in [false, true] {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            let bytes: Vec<u8> = units
                .flat_map(|unit: u16| if is_big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect();
            for cut in [1, 3, 1_000] {
                let mut decoder = Utf16::of(&bytes).unwrap();
                assert_eq!(bytes.chunks(cut).map(|bytes| decoder.push(bytes)).collect::<String>(), text);
            }
        }
    }

    #[test]
    fn half_characters_are_replaced_and_utf32_is_refused() {
        let mut decoder = Utf16::of(b"\xfe\xff").unwrap();
        assert_eq!(decoder.push(b"\xd8\x00\x00a"), "\u{fffd}a");
        assert!(Utf16::of(b"\xff\xfe\0\0a\0\0\0").is_none() && Utf16::of(b"{}").is_none());
    }
}
