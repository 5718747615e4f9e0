//! How far a file was read, and what stood there.

use std::fs::File;
use std::os::unix::fs::FileExt;

/// How many bytes at the beginning, and before the place that was read, are remembered. Where they are others now, the file was
/// filled anew. What cannot be told: a file filled anew, to at least the place that was read, with the same bytes in both.
const REMEMBERED: usize = 1 << 10;

/// A place in a file; `Default`: its beginning.
#[derive(Clone, Default, Debug)]
pub(super) struct Position {
    pub at: u64,
    /// The first bytes, and the last before the place.
    first: Vec<u8>,
    last: Vec<u8>,
}

impl Position {
    /// As if everything before had been read.
    pub fn of(file: &File, at: u64) -> std::io::Result<Position> {
        let length = usize::try_from(at).unwrap_or(usize::MAX).min(REMEMBERED);
        let (mut first, mut last) = (vec![0; length], vec![0; length]);
        file.read_exact_at(&mut first, 0)?;
        file.read_exact_at(&mut last, at - length as u64)?;
        Ok(Position { at, first, last })
    }

    /// These were read.
    pub fn remember(&mut self, bytes: &[u8]) {
        self.at += bytes.len() as u64;
        self.first.extend_from_slice(&bytes[..bytes.len().min(REMEMBERED - self.first.len())]);
        self.last.extend_from_slice(&bytes[bytes.len().saturating_sub(REMEMBERED)..]);
        let surplus = self.last.len().saturating_sub(REMEMBERED);
        self.last.drain(..surplus);
    }

    /// Whether what was remembered is otherwise now: written anew, in place or after it was cut, to the same length or beyond it.
    pub fn was_refilled(&self, file: &File) -> bool {
        [(0, &self.first), (self.at - self.last.len() as u64, &self.last)].into_iter().any(|(start, remembered)| {
            let mut now = vec![0; remembered.len()];
            // Where it is shorter than that, the next look at its length tells.
            file.read_exact_at(&mut now, start).is_ok() && now != *remembered
        })
    }
}
