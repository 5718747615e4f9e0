//! The protobuf wire format, read in place.
//!
//! Much of a request's decoding time is spent here. So errors stay small until they are returned, and a field whose tag and
//! length take one byte each, as in nearly all cases, is read without a call.

use super::WireError;

/// A field's payload, by wire type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// Why bytes are not protobuf, or not the expected message. [`WireError`] has the same cases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Malformed {
    Truncated,
    Varint,
    Tag,
    WireType(u32),
}

impl From<Malformed> for WireError {
    fn from(malformed: Malformed) -> WireError {
        match malformed {
            Malformed::Truncated => WireError::Truncated,
            Malformed::Varint => WireError::Varint,
            Malformed::Tag => WireError::Tag,
            Malformed::WireType(number) => WireError::WireType(number),
        }
    }
}

const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const BYTES: u8 = 2;

/// The fields of a message, in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    #[inline]
    pub fn new(message: &'a [u8]) -> Fields<'a> {
        Fields(message)
    }

    /// The next field's number and payload; `None` at the end. Skips groups without recursion, since no OTLP message has any.
    #[inline(always)]
    pub fn next(&mut self) -> Result<Option<(u32, Field<'a>)>, Malformed> {
        let (field, number, rest) = match self.0 {
            [] => return Ok(None),
            [tag @ 8..0x80, length @ 0..0x80, rest @ ..] if tag & 7 == BYTES => {
                let (run, rest) = rest.split_at_checked(usize::from(*length)).ok_or(Malformed::Truncated)?;
                (Field::Bytes(run), tag >> 3, rest)
            }
            [tag @ 8..0x80, value @ 0..0x80, rest @ ..] if tag & 7 == VARINT => {
                (Field::Varint(u64::from(*value)), tag >> 3, rest)
            }
            [tag @ 8..0x80, rest @ ..] if tag & 7 == FIXED64 && rest.len() >= 8 => {
                let (bytes, rest) = rest.split_first_chunk().ok_or(Malformed::Truncated)?;
                (Field::Fixed64(u64::from_le_bytes(*bytes)), tag >> 3, rest)
            }
            _ => return self.any_next(),
        };
        self.0 = rest;
        Ok(Some((u32::from(number), field)))
    }

    /// The next field if it repeats this one: this number (below 16) and a length below 128 bytes.
    #[inline(always)]
    pub fn another(&mut self, number: u8) -> Option<&'a [u8]> {
        let [tag, length @ 0..0x80, rest @ ..] = self.0 else { return None };
        let (run, rest) = rest.split_at_checked(usize::from(*length)).filter(|_| *tag == number << 3 | BYTES)?;
        self.0 = rest;
        Some(run)
    }

    /// Skips the empty messages of this field (a number below 16) that follow; returns how many.
    pub fn skip_empty(&mut self, number: u8) -> u64 {
        /// This many messages are compared at once.
        const AT_ONCE: usize = 64;
        let empty = [number << 3 | BYTES, 0];
        let many = [empty; AT_ONCE];
        let before = self.0.len();
        while let Some(rest) = self.0.strip_prefix(many.as_flattened()) {
            self.0 = rest;
        }
        while let Some(rest) = self.0.strip_prefix(&empty) {
            self.0 = rest;
        }
        ((before - self.0.len()) / 2) as u64
    }

    fn any_next(&mut self) -> Result<Option<(u32, Field<'a>)>, Malformed> {
        while !self.0.is_empty() {
            let (number, wire_type) = self.tag()?;
            let field = match wire_type {
                0 => Field::Varint(self.varint()?),
                1 => Field::Fixed64(u64::from_le_bytes(self.array()?)),
                2 => Field::Bytes(self.run()?),
                5 => Field::Fixed32(u32::from_le_bytes(self.array()?)),
                3 => {
                    self.skip_group()?;
                    continue;
                }
                _ => return Err(Malformed::Tag),
            };
            return Ok(Some((number, field)));
        }
        Ok(None)
    }

    #[inline]
    fn tag(&mut self) -> Result<(u32, u32), Malformed> {
        let tag = u32::try_from(self.varint()?).map_err(|_| Malformed::Tag)?;
        if tag < 8 { Err(Malformed::Tag) } else { Ok((tag >> 3, tag & 7)) }
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        match self.0 {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.0 = rest;
                Ok(u64::from(*byte))
            }
            [low, high, rest @ ..] if *high < 0x80 => {
                self.0 = rest;
                Ok(u64::from(low & 0x7f) | u64::from(*high) << 7)
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for (index, byte) in self.0.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                if index == 9 && *byte > 1 {
                    return Err(Malformed::Varint);
                }
                self.0 = &self.0[index + 1..];
                return Ok(value);
            }
        }
        Err(if self.0.len() < 10 { Malformed::Truncated } else { Malformed::Varint })
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self.0.split_first_chunk::<N>().ok_or(Malformed::Truncated)?;
        self.0 = rest;
        Ok(*bytes)
    }

    #[inline]
    fn run(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.varint()?).map_err(|_| Malformed::Truncated)?;
        let (run, rest) = self.0.split_at_checked(length).ok_or(Malformed::Truncated)?;
        self.0 = rest;
        Ok(run)
    }

    fn skip_group(&mut self) -> Result<(), Malformed> {
        let mut depth = 1u32;
        while depth > 0 {
            match self.tag()?.1 {
                0 => drop(self.varint()?),
                1 => drop(self.array::<8>()?),
                2 => drop(self.run()?),
                3 => depth += 1,
                4 => depth -= 1,
                5 => drop(self.array::<4>()?),
                _ => return Err(Malformed::Tag),
            }
        }
        Ok(())
    }
}

impl<'a> Field<'a> {
    #[inline]
    pub fn bytes(self, number: u32) -> Result<&'a [u8], Malformed> {
        match self {
            Field::Bytes(bytes) => Ok(bytes),
            _ => Err(Malformed::WireType(number)),
        }
    }

    #[inline]
    pub fn varint(self, number: u32) -> Result<u64, Malformed> {
        match self {
            Field::Varint(value) => Ok(value),
            _ => Err(Malformed::WireType(number)),
        }
    }

    #[inline]
    pub fn fixed64(self, number: u32) -> Result<u64, Malformed> {
        match self {
            Field::Fixed64(value) => Ok(value),
            _ => Err(Malformed::WireType(number)),
        }
    }

    pub fn double(self, number: u32) -> Result<f64, Malformed> {
        self.fixed64(number).map(f64::from_bits)
    }

    #[inline]
    pub fn fixed32(self, number: u32) -> Result<u32, Malformed> {
        match self {
            Field::Fixed32(value) => Ok(value),
            _ => Err(Malformed::WireType(number)),
        }
    }

    /// A uint32. Larger values are truncated, as protobuf demands.
    pub fn uint32(self, number: u32) -> Result<u32, Malformed> {
        self.varint(number).map(|value| value as u32)
    }

    /// A zigzag-encoded sint32.
    pub fn sint32(self, number: u32) -> Result<i32, Malformed> {
        let value = self.varint(number)? as u32;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    /// Appends repeated fixed64 values, packed (one run) or not (one field each).
    pub fn fixed64s(self, number: u32, into: &mut Vec<u64>) -> Result<(), Malformed> {
        match self {
            Field::Fixed64(value) => into.push(value),
            Field::Bytes(run) => {
                let (values, []) = run.as_chunks::<8>() else { return Err(Malformed::Truncated) };
                into.extend(values.iter().map(|value| u64::from_le_bytes(*value)));
            }
            _ => return Err(Malformed::WireType(number)),
        }
        Ok(())
    }

    /// Appends repeated varints, packed or not.
    pub fn varints(self, number: u32, into: &mut Vec<u64>) -> Result<(), Malformed> {
        match self {
            Field::Varint(value) => into.push(value),
            Field::Bytes(run) => {
                let mut run = Fields(run);
                while !run.0.is_empty() {
                    into.push(run.varint()?);
                }
            }
            _ => return Err(Malformed::WireType(number)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<u32>, Malformed> {
        let mut fields = Fields::new(bytes);
        let mut numbers = Vec::new();
        while let Some((number, _)) = fields.next()? {
            numbers.push(number);
        }
        Ok(numbers)
    }

    #[test]
    fn groups_are_skipped_however_deep() {
        let mut bytes = vec![0x0b; 100_000];
        bytes.extend(vec![0x0c; 100_000]);
        bytes.extend([0x10, 1]);
        assert_eq!(all(&bytes), Ok(vec![2]));
        assert_eq!(all(&[0x0b]), Err(Malformed::Truncated));
    }

    #[test]
    fn empty_messages_are_skipped_at_once() {
        for count in [0, 1, 63, 64, 65, 1_000] {
            let bytes = [[0x12, 0].repeat(count), vec![0x1a, 0, 0x12, 0]].concat();
            let mut fields = Fields::new(&bytes);
            assert_eq!(fields.skip_empty(2), count as u64);
            assert_eq!(fields.0.len(), 4);
        }
    }

    #[test]
    fn nonsense_is_only_an_error() {
        assert_eq!(all(&[0x00]), Err(Malformed::Tag), "field number zero");
        assert_eq!(all(&[0x0e]), Err(Malformed::Tag), "wire type six");
        assert_eq!(all(&[0x08, 0x80]), Err(Malformed::Truncated));
        assert_eq!(all(&[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]), Err(Malformed::Varint));
        assert_eq!(all(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), Err(Malformed::Truncated));
        assert_eq!(all(&[0x09, 1, 2]), Err(Malformed::Truncated));
    }
}
