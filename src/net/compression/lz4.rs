//! LZ4 frames. The library's decoder accepts a frame that is cut between two blocks, and its memory depends on what a frame
//! announces. So this module checks each frame before and after decoding.

use super::guard::{AHEAD, Guarded, mostly_empty};
use lz4_flex::frame::FrameDecoder;
use std::cell::Cell;
use std::io::{BufRead, Error, ErrorKind, Read, Result};
use std::rc::Rc;

const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
/// How far back linked blocks may refer.
const WINDOW: usize = 64 << 10;
/// Allowed frames, plus one for each KiB of output: each frame costs a decoder, even if it is empty.
const FRAMES: usize = 64;

/// A reader that unpacks consecutive frames.
pub(super) struct Lz4<'p> {
    frame: FrameDecoder<Watched<'p>>,
    /// Bytes that the decoder needs; the same for all frames.
    memory: usize,
    frames: usize,
    made: Rc<Cell<usize>>,
}

/// Input that records whether its end was reached.
struct Watched<'p> {
    input: Guarded<&'p [u8]>,
    is_over: bool,
}

impl<'p> Lz4<'p> {
    pub fn new(packed: &'p [u8]) -> Result<Lz4<'p>> {
        let memory = memory(packed)?;
        let input = Guarded::new(packed, AHEAD + memory);
        let made = input.made();
        Ok(Lz4 { frame: FrameDecoder::new(Watched { input, is_over: false }), memory, frames: 1, made })
    }

    /// The number of bytes produced so far; the reader must set it.
    pub fn made(&self) -> Rc<Cell<usize>> {
        self.made.clone()
    }

    /// Bytes that the decoder needs beside its output.
    pub fn memory(&self) -> usize {
        self.memory
    }
}

impl Read for Lz4<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        loop {
            let read = self.frame.read(into)?;
            if read > 0 {
                return Ok(read);
            }
            // An empty block or the end of a frame; the next frame may follow. Reaching the end of the input means a frame is
            // cut.
            let watched = self.frame.get_mut();
            if watched.is_over {
                return Err(Error::new(ErrorKind::UnexpectedEof, "it is cut off"));
            }
            let rest = watched.input.fill_buf()?;
            if rest.is_empty() {
                return Ok(0);
            }
            if rest.starts_with(&MAGIC) {
                self.frames += 1;
                if self.frames > FRAMES + self.made.get() / 1024 {
                    return Err(mostly_empty());
                }
                if memory(rest)? != self.memory {
                    return Err(Error::other("its frames have blocks of different sizes"));
                }
            }
        }
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.input.read(into)?;
        self.is_over |= read == 0 && !into.is_empty();
        Ok(read)
    }
}

/// Bytes that the decoder needs for a frame that starts with these bytes (LZ4 Frame Format, "Frame Descriptor").
fn memory(frame: &[u8]) -> Result<usize> {
    let Some([flags, size]) = frame.strip_prefix(&MAGIC).and_then(|rest| rest.first_chunk()) else {
        return Err(Error::new(ErrorKind::InvalidData, "it does not begin with a frame"));
    };
    let block = match size >> 4 & 7 {
        4 => 64 << 10,
        5 => 256 << 10,
        6 => 1 << 20,
        7 => 4 << 20,
        _ => return Err(Error::new(ErrorKind::InvalidData, "a frame announces blocks of an unknown size")),
    };
    let is_linked = flags & 0x20 == 0;
    Ok(if is_linked { 3 * block + WINDOW } else { 2 * block })
}
