//! Compressed input: detected by its first bytes and unpacked while it is read, with little memory.

use crate::net::Guarded;
use std::cell::Cell;
use std::io::{BufReader, Cursor, Read};
use std::rc::Rc;

/// The compression of a file or of standard input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Packed {
    /// gzip, one or more members.
    Gzip,
    /// Zstandard, one or more frames.
    Zstd,
}

/// A window of 128 MiB, the most that `zstd` unpacks by default.
const ZSTD_WINDOW_LOG: u32 = 27;

impl Packed {
    /// Detects the compression from the first bytes; no text begins with these.
    pub fn of(begin: &[u8]) -> Option<Packed> {
        match begin {
            [0x1f, 0x8b, ..] => Some(Packed::Gzip),
            // A frame, or a skippable frame.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packed::Zstd),
            _ => None,
        }
    }

    /// Returns a reader of the unpacked data; `begin` is the part of the input already read.
    ///
    /// # Errors
    ///
    /// If there is no memory for the decoder.
    pub fn unpack<'r>(self, begin: &[u8], rest: impl Read + 'r) -> std::io::Result<Box<dyn Read + 'r>> {
        let packed = Guarded::of(BufReader::new(Cursor::new(begin.to_vec()).chain(rest)));
        let made = packed.made();
        Ok(match self {
            Packed::Gzip => Box::new(Counted { reader: flate2::bufread::MultiGzDecoder::new(packed), made }),
            Packed::Zstd => {
                let mut reader = zstd::stream::read::Decoder::with_buffer(packed)?;
                reader.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(Counted { reader, made })
            }
        })
    }
}

/// Counts the output of a decoder for the guard of its input.
struct Counted<R> {
    reader: R,
    made: Rc<Cell<usize>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(into)?;
        self.made.set(self.made.get().saturating_add(read));
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_empty_members_is_refused() {
        let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default()).finish().unwrap();
        let skippable = vec![0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
        for (packed, empty) in [(Packed::Gzip, gzip), (Packed::Zstd, skippable)] {
            assert_eq!(Packed::of(&empty), Some(packed));
            let unpack = |input: &[u8]| packed.unpack(&[], input).and_then(|mut out| out.read_to_end(&mut Vec::new()));
            assert_eq!(unpack(&empty.repeat(100)).unwrap(), 0, "a few empty members are allowed");
            let error = unpack(&empty.repeat((1 << 20) / empty.len())).unwrap_err();
            assert!(error.to_string().contains("mostly empty"), "{error}");
        }
    }
}
