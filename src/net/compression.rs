//! Compressed bodies, unpacked no further than the limit: a bomb costs at most one byte over it.

use super::body::BodyError;
use crate::budget::{Hold, NoRoom};
use std::cell::Cell;
use std::io::{BufRead, Read};

/// How a body is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compression {
    /// Not at all.
    Identity,
    /// gzip, of one member or several.
    Gzip,
    /// Zstandard, of one frame or several.
    Zstd,
}

/// A window of 64 MiB: what an encoder without `--ultra` or `--long` never passes.
const ZSTD_WINDOW_LOG: u32 = 26;
const STEP: usize = 64 << 10;
/// So many bytes more than what comes out, and a quarter of that, may go in. What nothing comes out of (members, frames and
/// blocks that are empty) costs time all the same.
const IDLE: usize = 64 << 10;
/// So many bytes go in at a time.
const PIECE: usize = 16 << 10;

impl Compression {
    /// The names of what otail unpacks, for messages and `grpc-accept-encoding`.
    pub const NAMES: [&str; 3] = ["gzip", "zstd", "identity"];

    /// From `Content-Encoding` or `grpc-encoding`; `None` for what otail does not unpack.
    pub fn from_header(value: &str) -> Option<Compression> {
        match value.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Compression::Identity),
            "gzip" | "x-gzip" => Some(Compression::Gzip),
            "zstd" => Some(Compression::Zstd),
            _ => None,
        }
    }

    /// Unpacks a body of at most `limit` bytes, every byte of it taken from the budget before it is held.
    ///
    /// # Errors
    ///
    /// [`BodyError::TooLarge`] as soon as one byte more than the limit comes out, [`BodyError::Overloaded`] where the budget
    /// does not allow it, [`BodyError::NeverFits`] where it never will, [`BodyError::Broken`] where it is not of this compression or ends early.
    pub fn unpack(self, packed: &[u8], limit: usize, hold: &mut Hold) -> Result<Vec<u8>, BodyError> {
        let broken =
            |error: std::io::Error| BodyError::Broken(format!("the body is no whole {}: {error}", self.word()));
        let made = Cell::new(0);
        let input = Input { rest: packed, taken: 0, made: &made };
        let output = Output { made: &made, packed: packed.len(), limit };
        match self {
            Compression::Identity => bounded(packed, &output, hold, broken),
            Compression::Gzip => bounded(flate2::bufread::MultiGzDecoder::new(input), &output, hold, broken),
            Compression::Zstd => {
                let mut reader = zstd::stream::read::Decoder::with_buffer(input).map_err(broken)?;
                reader.window_log_max(ZSTD_WINDOW_LOG).map_err(broken)?;
                // It keeps what it has unpacked a second time, as far as its window reaches.
                let before = hold.held();
                let body = bounded(reader, &Output { limit, ..output }, &mut Twice(hold), broken)?;
                hold.shrink_to(before + body.capacity());
                Ok(body)
            }
        }
    }

    fn word(self) -> &'static str {
        match self {
            Compression::Identity => "body",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }
}

/// A packed body on its way into its decoder.
struct Input<'p> {
    rest: &'p [u8],
    taken: usize,
    /// Bytes that have come out.
    made: &'p Cell<usize>,
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let made = self.made.get();
        if self.taken > made + made / 4 + IDLE {
            return Err(std::io::Error::other("it is mostly empty members, frames or blocks; send it as one"));
        }
        Ok(&self.rest[..self.rest.len().min(PIECE)])
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.rest.len());
        self.rest = &self.rest[amount..];
        self.taken += amount;
    }
}

impl Read for Input<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

/// What may come out.
struct Output<'p> {
    made: &'p Cell<usize>,
    packed: usize,
    limit: usize,
}

/// Where bytes are taken from before they are held.
trait Take {
    fn take(&mut self, bytes: usize) -> Result<(), NoRoom>;
}

impl Take for Hold {
    fn take(&mut self, bytes: usize) -> Result<(), NoRoom> {
        self.grow(bytes)
    }
}

struct Twice<'h>(&'h mut Hold);

impl Take for Twice<'_> {
    fn take(&mut self, bytes: usize) -> Result<(), NoRoom> {
        self.0.grow(bytes * 2)
    }
}

fn bounded(
    mut reader: impl Read,
    output: &Output<'_>,
    hold: &mut impl Take,
    broken: impl Fn(std::io::Error) -> BodyError,
) -> Result<Vec<u8>, BodyError> {
    let Output { made, packed, limit } = *output;
    let mut body: Vec<u8> = Vec::new();
    loop {
        if body.len() == body.capacity() {
            // Telemetry shrinks to a quarter or less; then by half again, as far as one byte over the limit.
            let more = (packed * 3).max(body.len() / 2).max(STEP).min(limit + 1 - body.len());
            hold.take(more)?;
            body.reserve_exact(more);
        }
        let filled = body.len();
        let room = (body.capacity() - filled).min(limit + 1 - filled).min(STEP);
        body.resize(filled + room, 0);
        let read = match reader.read(&mut body[filled..]) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => 0,
            Err(error) => return Err(broken(error)),
            Ok(0) => {
                body.truncate(filled);
                return Ok(body);
            }
            Ok(read) => read,
        };
        body.truncate(filled + read);
        made.set(body.len());
        if body.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(compression: Compression, packed: &[u8], limit: usize) -> Result<Vec<u8>, BodyError> {
        compression.unpack(packed, limit, &mut Budget::new(1 << 30).hold())
    }

    #[test]
    fn what_was_packed_comes_out() {
        let text = b"the same words, the same words, the same words".repeat(5_000);
        for (compression, packed) in [
            (Compression::Identity, text.clone()),
            (Compression::Gzip, gzip(&text)),
            (Compression::Zstd, zstd::encode_all(&text[..], 1).unwrap()),
        ] {
            assert_eq!(unpack(compression, &packed, text.len()).unwrap(), text, "{compression:?}");
            assert_eq!(unpack(compression, &packed, text.len() - 1), Err(BodyError::TooLarge(text.len() - 1)));
        }
    }

    #[test]
    fn several_members_are_one_body_and_count_together() {
        let packed = [gzip(&[1; 700]), gzip(&[2; 700])].concat();
        assert_eq!(unpack(Compression::Gzip, &packed, 1_400).unwrap().len(), 1_400);
        assert_eq!(unpack(Compression::Gzip, &packed, 1_000), Err(BodyError::TooLarge(1_000)));
        let packed =
            [zstd::encode_all(&[1; 700][..], 1).unwrap(), zstd::encode_all(&[2; 700][..], 1).unwrap()].concat();
        assert_eq!(unpack(Compression::Zstd, &packed, 1_400).unwrap().len(), 1_400);
    }

    #[test]
    fn a_bomb_is_stopped_one_byte_over_the_limit() {
        let limit = 1 << 20;
        for packed in [gzip(&vec![0; 64 << 20]), zstd::encode_all(&vec![0; 64 << 20][..], 1).unwrap()] {
            let compression = if packed.starts_with(&[0x1f, 0x8b]) { Compression::Gzip } else { Compression::Zstd };
            let budget = Budget::new(2 * (limit + 1));
            let mut hold = budget.hold();
            assert_eq!(compression.unpack(&packed, limit, &mut hold), Err(BodyError::TooLarge(limit)));
            drop(hold);
            assert_eq!(budget.left(), 2 * (limit + 1));
        }
    }

    #[test]
    fn without_budget_it_is_overloaded() {
        let packed = gzip(&vec![7; 1 << 20]);
        let budget = Budget::new(2 << 20);
        let mut other = budget.hold();
        other.grow(3 << 19).unwrap();
        assert_eq!(Compression::Gzip.unpack(&packed, 64 << 20, &mut budget.hold()), Err(BodyError::Overloaded));
    }

    #[test]
    fn what_can_never_fit_is_no_overload() {
        let packed = gzip(&vec![7; 1 << 20]);
        let mut hold = Budget::new(1 << 19).hold();
        assert_eq!(Compression::Gzip.unpack(&packed, 64 << 20, &mut hold), Err(BodyError::NeverFits(1 << 19)));
    }

    /// Deflate's empty block of fixed codes: ten bits, so that four are five bytes. The last is told by its first bit.
    fn empty_blocks(count: usize) -> Vec<u8> {
        // 0 (not the last) 10 (fixed codes, low bit first) 0000000 (the end of the block)
        let four = [0b0000_0010, 0b0000_1000, 0b0010_0000, 0b1000_0000, 0];
        let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        (0..count / 4).for_each(|_| packed.extend(four));
        // The last block, then the sum and the length of nothing.
        packed.extend([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        packed
    }

    #[test]
    fn what_nothing_comes_out_of_is_given_up() {
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
        for (compression, empty) in [
            (Compression::Gzip, gzip(b"")),
            (Compression::Zstd, zstd::encode_all(&b""[..], 1).unwrap()),
            (Compression::Zstd, skippable.to_vec()),
        ] {
            assert_eq!(unpack(compression, &empty.repeat(100), 1_000), Ok(Vec::new()), "a few may be");
            let many = empty.repeat((1 << 20) / empty.len());
            let Err(BodyError::Broken(why)) = unpack(compression, &many, 1_000) else { panic!("{compression:?}") };
            assert!(why.contains("mostly empty"), "{why}");
        }
        assert_eq!(unpack(Compression::Gzip, &empty_blocks(4), 1_000), Ok(Vec::new()));
        let Err(BodyError::Broken(why)) = unpack(Compression::Gzip, &empty_blocks(1 << 20), 1_000) else { panic!() };
        assert!(why.contains("mostly empty"), "{why}");
    }

    #[test]
    fn what_does_not_shrink_is_unpacked_all_the_same() {
        let mut random = 1u64;
        let mut noise = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 56) as u8
        };
        let text: Vec<u8> = (0..3 << 20).map(|_| noise()).collect();
        for (compression, packed) in
            [(Compression::Gzip, gzip(&text)), (Compression::Zstd, zstd::encode_all(&text[..], 1).unwrap())]
        {
            assert_eq!(unpack(compression, &packed, text.len()).unwrap(), text, "{compression:?}");
        }
    }

    #[test]
    fn what_is_cut_or_no_such_thing_is_broken() {
        let packed = gzip(b"some text that is long enough to be cut");
        for bad in [&packed[..packed.len() - 9], b"plain text", &[packed.clone(), b"more".to_vec()].concat()] {
            assert!(matches!(unpack(Compression::Gzip, bad, 1_000), Err(BodyError::Broken(_))), "{bad:?}");
        }
        assert!(matches!(unpack(Compression::Zstd, b"plain text", 1_000), Err(BodyError::Broken(_))));
    }

    #[test]
    fn a_zstd_window_larger_than_64_mib_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(b"small").unwrap();
        let packed = encoder.finish().unwrap();
        assert!(matches!(unpack(Compression::Zstd, &packed, 1_000), Err(BodyError::Broken(_))));
    }

    #[test]
    fn names_of_encodings() {
        assert_eq!(Compression::from_header("GZIP "), Some(Compression::Gzip));
        assert_eq!(Compression::from_header("identity"), Some(Compression::Identity));
        assert_eq!(Compression::from_header("br"), None);
        assert_eq!(Compression::from_header("gzip, gzip"), None);
    }
}
