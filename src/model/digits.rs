//! Parses decimal digits, eight at a time.

/// Parses eight ASCII digits; `None` if a byte is not a digit. (Daniel Lemire, "Quickly parsing eight digits":
/// joins neighbours into pairs, pairs into fours, and the fours into the number.)
#[inline]
pub fn eight_digits(text: [u8; 8]) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let text = u64::from_le_bytes(text);
    // Adding six to a byte from ':' to '?' carries into its high half, which shows that it is not a digit.
    if text & HIGH != ZEROS || text.wrapping_add(0x0606_0606_0606_0606) & HIGH != ZEROS {
        return None;
    }
    let ones = text - ZEROS;
    let pairs = (ones.wrapping_mul((10 << 8) + 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul((100 << 16) + 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul((10_000 << 32) + 1) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn eight_digits_are_their_number() {
        for (text, number) in [(b"00000000", 0), (b"12345678", 12_345_678), (b"99999999", 99_999_999)] {
            assert_eq!(eight_digits(*text), Some(number));
        }
    }

    proptest! {
        #[test]
        fn any_number_is_read_and_what_is_none_is_not(number in 0..100_000_000_u64, at in 0..8usize, byte in any::<u8>()) {
            let mut text: [u8; 8] = format!("{number:08}").into_bytes().try_into().unwrap();
            prop_assert_eq!(eight_digits(text), Some(number));
            text[at] = byte;
            let expected = byte.is_ascii_digit().then(|| std::str::from_utf8(&text).unwrap().parse().unwrap());
            prop_assert_eq!(eight_digits(text), expected);
        }
    }
}
