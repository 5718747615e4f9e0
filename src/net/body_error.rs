//! Why a body is refused, and how fast it must come.

use crate::budget::NoRoom;
use std::time::Duration;

/// A body must bring [`LEAST`] bytes in each of these spans of time.
pub const IDLE: Duration = Duration::from_secs(30);

/// 512 bytes a second: a phone on a bad line is faster.
pub const LEAST: usize = 15 << 10;

/// How long a body may take in all: the largest one at 1.7 Mbit/s.
pub const WHOLE: Duration = Duration::from_secs(300);

/// Why a body could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BodyError {
    /// Longer than this many bytes, as sent or unpacked.
    #[error("the body is larger than {0} bytes after decompression")]
    TooLarge(usize),
    /// All requests together take as much as they may.
    #[error("too much is being received at once")]
    Overloaded,
    /// It takes more than all requests together may, which is this many bytes.
    #[error(
        "the body takes more than {0} bytes of memory (listen.max_in_flight); send less at once, or raise the setting"
    )]
    NeverFits(usize),
    /// It brought less than [`LEAST`] in [`IDLE`], or took longer than [`WHOLE`].
    #[error("the body came too slowly; at least {} bytes must come in {} s, and all of it in {} s", LEAST, IDLE.as_secs(), WHOLE.as_secs())]
    Stalled,
    /// It came slowly, or its peer held more than its share, and another body needed the memory.
    #[error("the body gave way to others, since it came slowly or its sender held too much; send it again later")]
    GaveWay,
    /// The connection broke, or the compression did.
    #[error("{0}")]
    Broken(String),
}

impl From<NoRoom> for BodyError {
    fn from(no_room: NoRoom) -> BodyError {
        match no_room {
            NoRoom::Now => BodyError::Overloaded,
            NoRoom::Ever(most) => BodyError::NeverFits(most),
        }
    }
}
