//! The position up to which a file was read, and the bytes around it.

use std::fs::File;
use std::os::unix::fs::FileExt;

/// How many bytes to remember, at the beginning of a file and before the position. If they change, the file was rewritten.
/// Undetected: a file rewritten to at least the same length with the same bytes in both places.
const REMEMBERED: usize = 1 << 10;

/// A position in a file; the default is its beginning.
#[derive(Clone, Default, Debug)]
pub(super) struct Position {
    pub at: u64,
    /// The first bytes of the file, and the last bytes before the position.
    first: Vec<u8>,
    last: Vec<u8>,
}

impl Position {
    /// A position as if everything before had been read.
    pub fn of(file: &File, at: u64) -> std::io::Result<Position> {
        let length = usize::try_from(at).unwrap_or(usize::MAX).min(REMEMBERED);
        let (mut first, mut last) = (vec![0; length], vec![0; length]);
        file.read_exact_at(&mut first, 0)?;
        file.read_exact_at(&mut last, at - length as u64)?;
        Ok(Position { at, first, last })
    }

    /// Advances over bytes that were read.
    pub fn remember(&mut self, bytes: &[u8]) {
        self.at += bytes.len() as u64;
        self.first.extend_from_slice(&bytes[..bytes.len().min(REMEMBERED - self.first.len())]);
        self.last.extend_from_slice(&bytes[bytes.len().saturating_sub(REMEMBERED)..]);
        let surplus = self.last.len().saturating_sub(REMEMBERED);
        self.last.drain(..surplus);
    }

    /// Whether the remembered bytes changed: the file was rewritten, in place or after truncation, to at least the same
    /// length.
    pub fn was_refilled(&self, file: &File) -> bool {
        [(0, &self.first), (self.at - self.last.len() as u64, &self.last)].into_iter().any(|(start, remembered)| {
            let mut now = vec![0; remembered.len()];
            // If the file is shorter now, the next check of its length shows that.
            file.read_exact_at(&mut now, start).is_ok() && now != *remembered
        })
    }
}
