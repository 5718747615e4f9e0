//! Compressed input, told by its first bytes and unpacked as it is read, in little memory.

use crate::net::Guarded;
use std::cell::Cell;
use std::io::{BufReader, Cursor, Read};
use std::rc::Rc;

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

/// Tells the guard of its input how many bytes have come out.
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
    fn a_file_of_empty_members_is_given_up() {
        let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default()).finish().unwrap();
        let skippable = vec![0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
        for (packed, empty) in [(Packed::Gzip, gzip), (Packed::Zstd, skippable)] {
            assert_eq!(Packed::of(&empty), Some(packed));
            let unpack = |input: &[u8]| packed.unpack(&[], input).and_then(|mut out| out.read_to_end(&mut Vec::new()));
            assert_eq!(unpack(&empty.repeat(100)).unwrap(), 0, "a few may be");
            let error = unpack(&empty.repeat((1 << 20) / empty.len())).unwrap_err();
            assert!(error.to_string().contains("mostly empty"), "{error}");
        }
    }
}
