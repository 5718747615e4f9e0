//! Limits input that decompresses to nothing: empty members, frames and blocks cost time and produce no output.

use std::cell::Cell;
use std::io::{BufRead, Read};
use std::rc::Rc;

/// Input allowed before any output, plus a quarter of the output so far.
pub(super) const AHEAD: usize = 64 << 10;
/// The same for Zstandard, whose decoder reads blocks of up to 128 KiB whole.
pub(in crate::net) const AHEAD_OF_ZSTD: usize = 256 << 10;
/// The decoder gets at most this many bytes at once.
const PIECE: usize = 16 << 10;

/// Compressed input for a decoder. Fails if it is mostly empty.
#[derive(Debug)]
pub struct Guarded<R> {
    rest: R,
    ahead: usize,
    taken: usize,
    made: Rc<Cell<usize>>,
}

impl<R: BufRead> Guarded<R> {
    /// Allows the decoder to read `ahead` bytes before it produces output.
    pub(super) fn new(rest: R, ahead: usize) -> Guarded<R> {
        Guarded { rest, ahead, taken: 0, made: Rc::default() }
    }

    /// Suits every format.
    pub fn of(rest: R) -> Guarded<R> {
        Guarded::new(rest, AHEAD_OF_ZSTD)
    }

    /// The number of bytes that the decoder produced so far; its reader must set it.
    pub fn made(&self) -> Rc<Cell<usize>> {
        self.made.clone()
    }
}

/// The error for input that is mostly empty.
pub(in crate::net) fn mostly_empty() -> std::io::Error {
    std::io::Error::other("it is mostly empty members, frames or blocks; send it as one")
}

impl<R: BufRead> BufRead for Guarded<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let made = self.made.get();
        if self.taken > made.saturating_add(made / 4).saturating_add(self.ahead) {
            return Err(mostly_empty());
        }
        let rest = self.rest.fill_buf()?;
        Ok(&rest[..rest.len().min(PIECE)])
    }

    fn consume(&mut self, amount: usize) {
        self.rest.consume(amount);
        self.taken += amount;
    }
}

impl<R: BufRead> Read for Guarded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}
