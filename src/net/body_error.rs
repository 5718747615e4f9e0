//! Why a body is refused, and the minimum speed.

use crate::budget::NoRoom;
use std::time::Duration;

/// The span in which a body must bring at least [`LEAST`] bytes.
pub const IDLE: Duration = Duration::from_secs(30);

/// Minimum bytes per [`IDLE`]: 512 bytes a second, less than a phone on a bad line sends.
pub const LEAST: usize = 15 << 10;

/// Time limit for a whole body: enough for the largest at 1.7 Mbit/s.
pub const WHOLE: Duration = Duration::from_secs(300);

/// Why a body could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BodyError {
    /// It is longer than this many bytes, before or after decompression.
    #[error("the body is larger than {0} bytes after decompression")]
    TooLarge(usize),
    /// The bodies of all requests together use the whole memory budget now.
    #[error("other requests use all the memory for requests (listen.max_in_flight); send it again later")]
    Overloaded,
    /// It needs more than the whole memory budget, which has this many bytes.
    #[error(
        "the body needs more than {0} bytes of memory (listen.max_in_flight); send smaller requests or raise the setting"
    )]
    NeverFits(usize),
    /// It brought less than [`LEAST`] in [`IDLE`], or took longer than [`WHOLE`].
    #[error("the body arrived too slowly; send at least {} bytes every {} s, and all of it within {} s", LEAST, IDLE.as_secs(), WHOLE.as_secs())]
    Stalled,
    /// Another body needed its memory, and it was slow or its sender held more than its share.
    #[error(
        "the body was dropped in favour of others, since it arrived slowly or its sender used too much memory; send it again later"
    )]
    GaveWay,
    /// The connection broke, or the compressed data is invalid.
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
