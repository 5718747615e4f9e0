//! Limits input that decompresses to nothing: empty members, frames and blocks cost time and produce no output.

use std::cell::Cell;
use std::io::{BufRead, Read};
use std::rc::Rc;

/// This many bytes may go in before anything comes out, and a quarter of what has come out.
pub(super) const AHEAD: usize = 64 << 10;
/// Zstandard decodes blocks of up to 128 KiB as a whole.
pub(in crate::net) const AHEAD_OF_ZSTD: usize = 256 << 10;
/// So that a decoder does not take in more than that at once.
const PIECE: usize = 16 << 10;

/// Compressed input on its way into its decoder. An error once it is mostly empty.
#[derive(Debug)]
pub struct Guarded<R> {
    rest: R,
    ahead: usize,
    taken: usize,
    made: Rc<Cell<usize>>,
}

impl<R: BufRead> Guarded<R> {
    /// Guards input that a decoder reads at most `ahead` bytes of before something comes out.
    pub(super) fn new(rest: R, ahead: usize) -> Guarded<R> {
        Guarded { rest, ahead, taken: 0, made: Rc::default() }
    }

    /// Guards input of any of the formats.
    pub fn of(rest: R) -> Guarded<R> {
        Guarded::new(rest, AHEAD_OF_ZSTD)
    }

    /// How many bytes have come out of the decoder: its reader sets it.
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
