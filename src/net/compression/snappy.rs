//! Snappy's two formats: the raw block, which announces its length, and the framed stream.

use crate::budget::Hold;
use crate::net::body_error::BodyError;

/// A decoder reads a chunk of the framed format, up to 64 KiB, before it produces output.
pub(super) const AHEAD: usize = 256 << 10;

/// The chunk that every framed stream begins with.
const BEGIN: &[u8] = b"\xff\x06\x00\x00sNaPpY";

/// The highest ratio of a raw block: three bytes become 64 at most.
const MOST: usize = 22;

/// Whether this is the framed format. A raw block that starts with these bytes would announce 895 bytes and contain none.
pub(super) fn is_framed(packed: &[u8]) -> bool {
    packed.starts_with(BEGIN)
}

/// Unpacks a raw block. Checks the announced length before allocating.
pub(super) fn unpack_block(
    packed: &[u8],
    limit: usize,
    hold: &mut Hold,
    broken: impl Fn(std::io::Error) -> BodyError,
) -> Result<Vec<u8>, BodyError> {
    let failed = |error: snap::Error| broken(std::io::Error::from(error));
    if packed.is_empty() {
        return Err(failed(snap::Error::Empty));
    }
    let announced = snap::raw::decompress_len(packed).map_err(failed)?;
    if announced > limit {
        return Err(BodyError::TooLarge(limit));
    }
    if announced > packed.len().saturating_mul(MOST) {
        return Err(broken(std::io::Error::other("it announces more bytes than it can contain")));
    }
    hold.grow(announced)?;
    let mut body = vec![0; announced];
    match snap::raw::Decoder::new().decompress(packed, &mut body) {
        Ok(_) => Ok(body),
        Err(error) => {
            hold.shrink(announced);
            Err(failed(error))
        }
    }
}
