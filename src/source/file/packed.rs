//! Compressed input, told by its first bytes and unpacked as it is read, in little memory.

use std::io::{BufReader, Cursor, Read};

/// What a file or standard input is packed with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Packed {
    /// gzip, of one member or several.
    Gzip,
    /// Zstandard, of one frame or several.
    Zstd,
}

/// A window of 128 MiB: what `zstd` unpacks without being told to use more.
const ZSTD_WINDOW_LOG: u32 = 27;

impl Packed {
    /// From the first bytes, of which no text can begin with either.
    pub fn of(begin: &[u8]) -> Option<Packed> {
        match begin {
            [0x1f, 0x8b, ..] => Some(Packed::Gzip),
            // A frame, or one that is to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packed::Zstd),
            _ => None,
        }
    }

    /// What comes out: `begin` was read of the input already.
    ///
    /// # Errors
    ///
    /// Where there is no memory to unpack in.
    pub fn unpack<'r>(self, begin: &[u8], rest: impl Read + 'r) -> std::io::Result<Box<dyn Read + 'r>> {
        let packed = BufReader::new(Cursor::new(begin.to_vec()).chain(rest));
        Ok(match self {
            Packed::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Packed::Zstd => {
                let mut reader = zstd::stream::read::Decoder::with_buffer(packed)?;
                reader.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(reader)
            }
        })
    }
}
