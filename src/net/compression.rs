//! Compressed bodies, unpacked no further than the limit: a bomb costs at most one byte over it.

use super::body::BodyError;
use super::budget::Hold;
use std::io::Read;

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
    /// does not allow it, [`BodyError::Broken`] where it is not of this compression or ends early.
    pub fn unpack(self, packed: &[u8], limit: usize, hold: &mut Hold) -> Result<Vec<u8>, BodyError> {
        let broken =
            |error: std::io::Error| BodyError::Broken(format!("the body is no whole {}: {error}", self.word()));
        match self {
            Compression::Identity => bounded(packed, packed.len(), limit, hold, broken),
            Compression::Gzip => {
                bounded(flate2::bufread::MultiGzDecoder::new(packed), packed.len(), limit, hold, broken)
            }
            Compression::Zstd => {
                let mut reader = zstd::stream::read::Decoder::with_buffer(packed).map_err(broken)?;
                reader.window_log_max(ZSTD_WINDOW_LOG).map_err(broken)?;
                bounded(reader, packed.len(), limit, hold, broken)
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

fn bounded(
    mut reader: impl Read,
    packed: usize,
    limit: usize,
    hold: &mut Hold,
    broken: impl Fn(std::io::Error) -> BodyError,
) -> Result<Vec<u8>, BodyError> {
    let mut body: Vec<u8> = Vec::new();
    loop {
        if body.len() == body.capacity() {
            // Telemetry shrinks to a quarter or less; then by half again, as far as one byte over the limit.
            let more = (packed * 3).max(body.len() / 2).max(STEP).min(limit + 1 - body.len());
            if !hold.grow(more) {
                return Err(BodyError::Overloaded);
            }
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
        if body.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Budget;
    use super::*;
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
            let budget = Budget::new(limit + 1);
            let mut hold = budget.hold();
            assert_eq!(compression.unpack(&packed, limit, &mut hold), Err(BodyError::TooLarge(limit)));
            drop(hold);
            assert_eq!(budget.left(), limit + 1);
        }
    }

    #[test]
    fn without_budget_it_is_overloaded() {
        let packed = gzip(&vec![7; 1 << 20]);
        let mut hold = Budget::new(1 << 19).hold();
        assert_eq!(Compression::Gzip.unpack(&packed, 64 << 20, &mut hold), Err(BodyError::Overloaded));
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
