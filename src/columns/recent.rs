//! A cache of recent short strings that needs no hash.

use super::texts::TextId;

/// A string of 1 to 16 bytes: its length and its two ends, which overlap or touch.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Short {
    first: u64,
    last: u64,
    length: u32,
}

impl Short {
    #[inline]
    pub fn of(bytes: &[u8]) -> Option<Short> {
        let (first, last) = match bytes.len() {
            8..=16 => (u64::from_le_bytes(*bytes.first_chunk()?), u64::from_le_bytes(*bytes.last_chunk()?)),
            4..8 => {
                let half = |half: &[u8; 4]| u64::from(u32::from_le_bytes(*half));
                (half(bytes.first_chunk()?), half(bytes.last_chunk()?))
            }
            length @ 1..4 => (u64::from(bytes[0]), u64::from(bytes[length / 2]) << 8 | u64::from(bytes[length - 1])),
            _ => return None,
        };
        Some(Short { first, last, length: bytes.len() as u32 })
    }
}

/// The ids of recent short strings. Most values repeat, and are found here without hashing and without reading the arena.
#[derive(Default, Debug)]
pub(super) struct Recent {
    places: Vec<(Short, TextId)>,
    /// The number of strings added before the table existed.
    unplaced: u32,
}

impl Recent {
    /// The number of entries, a power of two; the table takes about 16 KiB.
    const PLACES: usize = 512;
    /// The table is created after this many strings; for fewer, it would cost more than it saves.
    const WORTH: u32 = 64;

    #[inline]
    fn place(short: Short) -> usize {
        let mixed = (short.first ^ short.last.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 55) as usize
    }

    #[inline]
    pub fn get(&self, short: Short) -> Option<TextId> {
        self.places.get(Recent::place(short)).filter(|(there, _)| *there == short).map(|(_, id)| *id)
    }

    pub fn put(&mut self, short: Short, id: TextId) {
        if self.places.is_empty() {
            self.unplaced += 1;
            if self.unplaced < Recent::WORTH {
                return;
            }
            self.places.resize(Recent::PLACES, <(Short, TextId)>::default());
        }
        self.places[Recent::place(short)] = (short, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_strings_once_there_were_some() {
        let mut recent = Recent::default();
        let short = Short::of(b"checkout").unwrap();
        for _ in 1..Recent::WORTH {
            recent.put(short, TextId::EMPTY);
            assert_eq!((recent.get(short), recent.places.capacity()), (None, 0));
        }
        recent.put(short, TextId::EMPTY);
        assert_eq!(recent.get(short), Some(TextId::EMPTY));
        assert_eq!(recent.get(Short::of(b"payments").unwrap()), None);
    }
}
