//! Unpacks compressed bodies up to a limit: a decompression bomb costs at most one byte more than that.
//!
//! `guard` limits input that produces no output; `snappy` and `lz4` are the formats that need more than their
//! libraries offer.

mod guard;
mod lz4;
mod snappy;

use super::body_error::BodyError;
use crate::budget::{Hold, NoRoom};
pub use guard::Guarded;
pub(super) use guard::{AHEAD_OF_ZSTD, mostly_empty};
use lz4::Lz4;
use std::io::{BufRead, Read};

/// How a body is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compression {
    /// Not compressed.
    Identity,
    /// gzip, one or more members.
    Gzip,
    /// Zstandard, one or more frames.
    Zstd,
    /// Deflate, with zlib header or raw: senders use both under either name.
    Deflate,
    /// Snappy, raw block or framed; the first bytes show which.
    Snappy,
    /// LZ4, one or more frames.
    Lz4,
}

/// A window of 64 MiB, the largest that an encoder uses without `--ultra` or `--long`.
const ZSTD_WINDOW_LOG: u32 = 26;
const STEP: usize = 64 << 10;

impl Compression {
    /// The supported `Content-Encoding` names, for messages.
    pub const NAMES: [&str; 8] = ["gzip", "zstd", "deflate", "zlib", "snappy", "x-snappy-framed", "lz4", "identity"];

    /// The supported `grpc-encoding` names, for messages and for `grpc-accept-encoding`.
    pub const GRPC_NAMES: [&str; 5] = ["gzip", "zstd", "snappy", "deflate", "identity"];

    /// From `Content-Encoding`; `None` if not supported.
    pub fn from_header(value: &str) -> Option<Compression> {
        match value.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Compression::Identity),
            "gzip" | "x-gzip" => Some(Compression::Gzip),
            "zstd" => Some(Compression::Zstd),
            "deflate" | "zlib" => Some(Compression::Deflate),
            "snappy" | "x-snappy-framed" => Some(Compression::Snappy),
            "lz4" => Some(Compression::Lz4),
            _ => None,
        }
    }

    /// From `grpc-encoding`; `None` if not supported.
    pub fn from_grpc(value: &str) -> Option<Compression> {
        let name = value.trim().to_ascii_lowercase();
        let is_known = name.is_empty() || Compression::GRPC_NAMES.contains(&&*name);
        Compression::from_header(&name).filter(|_| is_known)
    }

    /// Unpacks a body to at most `limit` bytes. Takes the bytes from the budget before allocating them.
    ///
    /// # Errors
    ///
    /// [`BodyError::TooLarge`] as soon as the output exceeds the limit; [`BodyError::Overloaded`] if the budget is used up
    /// now; [`BodyError::NeverFits`] if the body exceeds the whole budget; [`BodyError::Broken`] if the data is invalid or
    /// ends early.
    pub fn unpack(self, packed: &[u8], limit: usize, hold: &mut Hold) -> Result<Vec<u8>, BodyError> {
        let broken =
            |error: std::io::Error| BodyError::Broken(format!("the body is not valid {}: {error}", self.word()));
        let input = |ahead: usize| Guarded::new(packed, ahead);
        let sizes = Sizes { packed: packed.len(), limit };
        match self {
            Compression::Identity => bounded(packed, |_| {}, sizes, hold, broken),
            Compression::Gzip => {
                let input = input(guard::AHEAD);
                let made = input.made();
                bounded(flate2::bufread::MultiGzDecoder::new(input), |size| made.set(size), sizes, hold, broken)
            }
            Compression::Zstd => {
                let input = input(guard::AHEAD_OF_ZSTD);
                let made = input.made();
                let mut reader = zstd::stream::read::Decoder::with_buffer(input).map_err(broken)?;
                reader.window_log_max(ZSTD_WINDOW_LOG).map_err(broken)?;
                // The decoder keeps a second copy of its output, as long as its window.
                let before = hold.held();
                let body = bounded(reader, |size| made.set(size), sizes, &mut Twice(hold), broken)?;
                hold.shrink_to(before + body.capacity());
                Ok(body)
            }
            Compression::Deflate => {
                let mut input = input(guard::AHEAD);
                let made = input.made();
                let made = |size| made.set(size);
                let body = match is_zlib(packed) {
                    true => bounded(flate2::bufread::ZlibDecoder::new(&mut input), made, sizes, hold, broken)?,
                    false => bounded(flate2::bufread::DeflateDecoder::new(&mut input), made, sizes, hold, broken)?,
                };
                match input.fill_buf().map_err(broken)?.len() {
                    0 => Ok(body),
                    _ => Err(broken(std::io::Error::other("there is more data after its end"))),
                }
            }
            Compression::Snappy if snappy::is_framed(packed) => {
                let input = input(snappy::AHEAD);
                let made = input.made();
                bounded(snap::read::FrameDecoder::new(input), |size| made.set(size), sizes, hold, broken)
            }
            Compression::Snappy => snappy::unpack_block(packed, limit, hold, broken),
            Compression::Lz4 => {
                let reader = Lz4::new(packed).map_err(broken)?;
                let (made, memory) = (reader.made(), reader.memory());
                hold.grow(memory)?;
                let body = bounded(reader, |size| made.set(size), sizes, hold, broken);
                hold.shrink(memory);
                body
            }
        }
    }

    fn word(self) -> &'static str {
        match self {
            Compression::Identity => "body",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Deflate => "deflate",
            Compression::Snappy => "snappy",
            Compression::Lz4 => "lz4",
        }
    }
}

/// Whether deflate data begins with a zlib header (RFC 1950, 2.2). Raw deflate with these two bytes would be a stored block
/// with bits set that every encoder leaves at 0.
fn is_zlib(packed: &[u8]) -> bool {
    let [method, flags, ..] = *packed else { return false };
    method & 0x0f == 8 && method >> 4 <= 7 && u16::from_be_bytes([method, flags]) % 31 == 0
}

/// The compressed size and the limit for the output, in bytes.
#[derive(Clone, Copy)]
struct Sizes {
    packed: usize,
    limit: usize,
}

/// Takes bytes from the budget before they are allocated.
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

/// Reads to the end, or to one byte above the limit. Calls `made` with the size of the output so far.
fn bounded(
    mut reader: impl Read,
    made: impl Fn(usize),
    sizes: Sizes,
    hold: &mut impl Take,
    broken: impl Fn(std::io::Error) -> BodyError,
) -> Result<Vec<u8>, BodyError> {
    let Sizes { packed, limit } = sizes;
    let mut body: Vec<u8> = Vec::new();
    loop {
        if body.len() == body.capacity() {
            // Telemetry usually compresses to a quarter, so triple the input at first; then grow by half, up to the limit.
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
        made(body.len());
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

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn snappy_framed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = snap::write::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.into_inner().unwrap()
    }

    fn snappy_raw(bytes: &[u8]) -> Vec<u8> {
        snap::raw::Encoder::new().compress_vec(bytes).unwrap()
    }

    fn lz4(bytes: &[u8], is_linked: bool, size: lz4_flex::frame::BlockSize) -> Vec<u8> {
        use lz4_flex::frame::{BlockMode, FrameEncoder, FrameInfo};
        let mode = if is_linked { BlockMode::Linked } else { BlockMode::Independent };
        let info = FrameInfo::new().block_mode(mode).block_size(size).content_checksum(true);
        let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// The same bytes in every supported compression.
    fn packed(bytes: &[u8]) -> Vec<(Compression, Vec<u8>)> {
        use lz4_flex::frame::BlockSize;
        vec![
            (Compression::Gzip, gzip(bytes)),
            (Compression::Zstd, zstd::encode_all(bytes, 1).unwrap()),
            (Compression::Deflate, zlib(bytes)),
            (Compression::Deflate, deflate(bytes)),
            (Compression::Snappy, snappy_framed(bytes)),
            (Compression::Snappy, snappy_raw(bytes)),
            (Compression::Lz4, lz4(bytes, false, BlockSize::Max64KB)),
            (Compression::Lz4, lz4(bytes, true, BlockSize::Max4MB)),
        ]
    }

    fn noise(size: usize) -> Vec<u8> {
        let mut random = 1u64;
        let mut noise = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 56) as u8
        };
        (0..size).map(|_| noise()).collect()
    }

    fn unpack(compression: Compression, packed: &[u8], limit: usize) -> Result<Vec<u8>, BodyError> {
        compression.unpack(packed, limit, &mut Budget::new(1 << 30).hold())
    }

    #[test]
    fn every_compression_is_unpacked() {
        let text = b"the same words, the same words, the same words".repeat(5_000);
        for (compression, packed) in [vec![(Compression::Identity, text.clone())], packed(&text)].concat() {
            assert!(unpack(compression, &packed, text.len()).unwrap() == text, "{compression:?}");
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
        let block = lz4_flex::frame::BlockSize::Max64KB;
        let packed = [lz4(&[1; 700], true, block), lz4(&[2; 700], true, block)].concat();
        assert_eq!(unpack(Compression::Lz4, &packed, 1_400).unwrap().len(), 1_400);
        assert_eq!(unpack(Compression::Lz4, &packed, 1_000), Err(BodyError::TooLarge(1_000)));
        let packed = [snappy_framed(&[1; 700]), snappy_framed(&[2; 700])].concat();
        assert_eq!(unpack(Compression::Snappy, &packed, 1_400).unwrap().len(), 1_400);
    }

    #[test]
    fn a_bomb_is_stopped_one_byte_over_the_limit() {
        let limit = 1 << 20;
        for (compression, packed) in packed(&vec![0; 64 << 20]) {
            // LZ4's decoder with the largest blocks needs 12 MiB by itself.
            let most = 2 * (limit + 1) + if compression == Compression::Lz4 { 13 << 20 } else { 0 };
            let budget = Budget::new(most);
            let mut hold = budget.hold();
            assert_eq!(
                compression.unpack(&packed, limit, &mut hold),
                Err(BodyError::TooLarge(limit)),
                "{compression:?}"
            );
            drop(hold);
            assert_eq!(budget.left(), most);
        }
    }

    #[test]
    fn a_raw_block_that_announces_too_much_is_refused() {
        // A length of 64 MiB as a varint, and hardly any data after it.
        let announced = [&[0x80, 0x80, 0x80, 0x20][..], &[0; 100]].concat();
        let budget = Budget::new(1 << 20);
        let mut hold = budget.hold();
        let result = Compression::Snappy.unpack(&announced, 64 << 20, &mut hold);
        assert!(matches!(result, Err(BodyError::Broken(_))), "{result:?}");
        assert_eq!(Compression::Snappy.unpack(&announced, 1 << 20, &mut hold), Err(BodyError::TooLarge(1 << 20)));
        assert_eq!(hold.held(), 0);
    }

    #[test]
    fn a_decoders_memory_is_returned_to_the_budget() {
        let text = b"the same words ".repeat(1_000);
        for (compression, packed) in packed(&text) {
            let mut hold = Budget::new(1 << 30).hold();
            let body = compression.unpack(&packed, 64 << 20, &mut hold).unwrap();
            assert_eq!(hold.held(), body.capacity(), "{compression:?}");
        }
    }

    #[test]
    fn a_used_up_budget_is_an_overload() {
        let packed = gzip(&vec![7; 1 << 20]);
        let budget = Budget::new(2 << 20);
        let mut other = budget.hold();
        other.grow(3 << 19).unwrap();
        assert_eq!(Compression::Gzip.unpack(&packed, 64 << 20, &mut budget.hold()), Err(BodyError::Overloaded));
    }

    #[test]
    fn a_body_above_the_budget_is_no_overload() {
        let packed = gzip(&vec![7; 1 << 20]);
        let mut hold = Budget::new(1 << 19).hold();
        assert_eq!(Compression::Gzip.unpack(&packed, 64 << 20, &mut hold), Err(BodyError::NeverFits(1 << 19)));
    }

    /// Deflate's empty block with fixed codes has ten bits, so four of them are five bytes. The first bit marks the last
    /// block.
    fn empty_blocks(count: usize) -> Vec<u8> {
        // 0 (not the last) 10 (fixed codes, low bit first) 0000000 (the end of the block)
        let four = [0b0000_0010, 0b0000_1000, 0b0010_0000, 0b1000_0000, 0];
        let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        (0..count / 4).for_each(|_| packed.extend(four));
        // The last block, then checksum and length, both zero.
        packed.extend([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        packed
    }

    #[test]
    fn mostly_empty_input_is_refused() {
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
        for (compression, empty) in [
            (Compression::Gzip, gzip(b"")),
            (Compression::Zstd, zstd::encode_all(&b""[..], 1).unwrap()),
            (Compression::Zstd, skippable.to_vec()),
            (Compression::Snappy, snappy_framed(b"x")[..10].to_vec()),
            (Compression::Lz4, lz4(b"", false, lz4_flex::frame::BlockSize::Max64KB)),
        ] {
            assert_eq!(
                unpack(compression, &empty.repeat(50), 1_000),
                Ok(Vec::new()),
                "a few empty members are allowed"
            );
            let many = empty.repeat((1 << 20) / empty.len());
            let Err(BodyError::Broken(why)) = unpack(compression, &many, 1_000) else { panic!("{compression:?}") };
            assert!(why.contains("mostly empty"), "{why}");
        }
        assert_eq!(unpack(Compression::Gzip, &empty_blocks(4), 1_000), Ok(Vec::new()));
        let Err(BodyError::Broken(why)) = unpack(Compression::Gzip, &empty_blocks(1 << 20), 1_000) else { panic!() };
        assert!(why.contains("mostly empty"), "{why}");
    }

    #[test]
    fn incompressible_data_is_unpacked() {
        // Noise is stored uncompressed. Text of noise shrinks by a quarter, so the decoder reads whole blocks before it
        // produces output.
        let noise = noise(3 << 20);
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &noise);
        for text in [&noise[..], text.as_bytes()] {
            for (compression, packed) in packed(text) {
                assert!(unpack(compression, &packed, text.len()).unwrap() == text, "{compression:?}");
            }
        }
    }

    #[test]
    fn cut_or_invalid_data_is_broken() {
        let short = gzip(b"some text that is long enough to be cut");
        for bad in [&short[..short.len() - 9], b"plain text", &[short.clone(), b"more".to_vec()].concat()] {
            assert!(matches!(unpack(Compression::Gzip, bad, 1_000), Err(BodyError::Broken(_))), "{bad:?}");
        }
        let text = noise(300_000);
        for (compression, whole) in packed(&text) {
            let cut = [1, 4, 5, 9, 100, 65_536, 100_000, whole.len() - 100, whole.len() - 4, whole.len() - 1];
            let cut = cut.map(|length| whole[..length].to_vec());
            let followed = [whole.clone(), b"more".to_vec()].concat();
            for bad in cut.iter().chain([&followed, &b"plain text".to_vec(), &Vec::new()]) {
                let result = unpack(compression, bad, 1 << 20);
                let is_empty_zstd = compression == Compression::Zstd && bad.is_empty();
                assert!(is_empty_zstd || matches!(result, Err(BodyError::Broken(_))), "{compression:?}: {}", bad.len());
            }
        }
    }

    #[test]
    fn changed_bytes_never_panic() {
        let text = [noise(200), b"the same words ".repeat(30)].concat();
        for (compression, whole) in packed(&text) {
            for at in 0..whole.len() {
                let mut bad = whole.clone();
                bad[at] ^= 1 << (at % 8);
                let _ = unpack(compression, &bad, 1 << 20);
            }
        }
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
    fn encoding_names_are_recognized() {
        assert_eq!(Compression::from_header("GZIP "), Some(Compression::Gzip));
        assert_eq!(Compression::from_header("identity"), Some(Compression::Identity));
        assert_eq!(Compression::from_header("br"), None);
        assert!(Compression::NAMES.iter().all(|name| Compression::from_header(name).is_some()));
        assert!(Compression::GRPC_NAMES.iter().all(|name| Compression::from_grpc(name).is_some()));
        assert_eq!(["lz4", "zlib"].map(Compression::from_grpc), [None, None]);
        assert_eq!(Compression::from_header("gzip, gzip"), None);
    }
}
