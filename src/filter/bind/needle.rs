//! Finds a bare word in a number, or at the beginning of an id.

use crate::model::{SpanId, TraceId};

/// Decimal digits, found in a number without formatting it.
pub(super) struct Digits {
    value: u64,
    /// 10 to the power of the number of digits.
    width: u64,
}

impl Digits {
    /// 1 to 18 decimal digits.
    pub fn new(text: &str) -> Digits {
        Digits { value: text.parse().unwrap_or_default(), width: 10_u64.pow(text.len().min(18) as u32) }
    }

    /// Removes the number's last digit until the remaining number ends in these digits or is too short.
    pub fn are_in(&self, number: u64) -> bool {
        if number == 0 {
            return self.width == 10 && self.value == 0;
        }
        let mut left = number;
        // A number below a tenth of the width has fewer digits.
        while left >= self.width / 10 {
            if left % self.width == self.value {
                return true;
            }
            left /= 10;
        }
        false
    }
}

/// The first hex digits of an id, as bytes.
#[derive(Clone, Copy)]
pub(super) struct IdPrefix {
    mask: u128,
    wanted: u128,
    short: bool,
}

impl IdPrefix {
    /// 1 to 32 hex digits. More than 16 cannot be the beginning of a span id.
    pub fn new(text: &str) -> IdPrefix {
        let shift = 128_u32.saturating_sub(4 * text.len() as u32);
        let wanted = u128::from_str_radix(text, 16).unwrap_or_default().checked_shl(shift).unwrap_or_default();
        let mask = u128::MAX.checked_shl(shift).unwrap_or_default();
        IdPrefix { mask: mask.to_be(), wanted: wanted.to_be(), short: text.len() <= 16 }
    }

    pub fn begins_trace(self, id: TraceId) -> bool {
        !id.is_none() & (u128::from_ne_bytes(id.0) & self.mask == self.wanted)
    }

    pub fn begins_span(self, id: SpanId) -> bool {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&id.0);
        self.short & !id.is_none() & (u128::from_ne_bytes(bytes) & self.mask == self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_in_a_number_where_they_are_in_its_text(
            digits in "[0-9]{1,4}",
            number in prop_oneof![any::<u64>(), 0..20_000_u64],
        ) {
            prop_assert_eq!(Digits::new(&digits).are_in(number), number.to_string().contains(&digits));
        }
    }

    #[test]
    fn more_digits_than_an_id_has_begin_none() {
        let trace = TraceId([0x11; 16]);
        assert!(IdPrefix::new(&"1".repeat(32)).begins_trace(trace));
        assert!(IdPrefix::new(&"1".repeat(8)).begins_trace(trace));
        assert!(!IdPrefix::new("11111112").begins_trace(trace));
        assert!(IdPrefix::new(&"1".repeat(16)).begins_span(SpanId([0x11; 8])));
        assert!(!IdPrefix::new("11111111111111110").begins_span(SpanId([0x11; 8])));
        assert!(!IdPrefix::new(&"1".repeat(17)).begins_span(SpanId([0x11; 8])));
    }
}
