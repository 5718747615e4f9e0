//! Small files, read whole: configuration, keys, certificates, tokens, themes.
//!
//! Every file that is read whole is read here, since any path may lead to `/dev/zero`, to a pipe without a writer, or to a
//! disk image. Every file has a size limit; pipes and devices also have a time limit. Start with [`read`]. Imports nothing of
//! otail. Deliberately not here: telemetry files (`source`), which have no size limit.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use std::fs::{File, FileType};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// The longest configuration, theme or keymap, in bytes.
pub const TEXT: u64 = 1 << 20;
/// The longest file of certificates, in bytes; a system's bundle has a few hundred kB.
pub const CERTIFICATES: u64 = 8 << 20;
/// The longest file of a secret (a token, headers, a private key), in bytes.
pub const SECRET: u64 = 64 << 10;

/// The time limit for reading a pipe or a device to its end. A regular file needs none: reading it never waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a file was not read. The message names the cause, then the remedy, but not the file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system refuses to read it, or it is a directory or a socket.
    #[error("{0}")]
    Refused(#[from] io::Error),
    /// It is longer than the limit.
    #[error("it is longer than {}, the limit for such files; give a shorter one", size(*limit))]
    TooLong {
        /// In bytes.
        limit: u64,
    },
    /// A pipe or a device that did not end in time.
    #[error(
        "it is a {what} that did not end within {} s; start the program that writes to it (a pipe can be read once), or \
         give a regular file",
        within.as_secs_f64()
    )]
    Unfinished {
        /// Its type, such as "pipe".
        what: &'static str,
        /// The time limit.
        within: Duration,
    },
    /// The bytes are not UTF-8.
    #[error("it is not UTF-8 text; save it as UTF-8")]
    NoText,
}

/// The bytes of a whole file. Blocks, up to ten seconds for a pipe or a device: do not call it on an async worker.
///
/// # Errors
///
/// If the file cannot be read, is longer than `limit` bytes, or is a pipe or a device that does not end.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    read_within(path, limit, PATIENCE)
}

/// The text of a whole file; otherwise like [`read`].
///
/// # Errors
///
/// As [`read`], and if the file is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileError> {
    String::from_utf8(read(path, limit)?).map_err(|_| FileError::NoText)
}

/// Checks that a file exists and may be read. It reads nothing, since a pipe's content can be read only once.
///
/// # Errors
///
/// If it does not exist or may not be read.
pub fn is_readable(path: &Path) -> Result<(), FileError> {
    rustix::fs::access(path, rustix::fs::Access::READ_OK).map_err(io::Error::from)?;
    kind(std::fs::metadata(path)?.file_type()).map(drop)
}

/// Checks a file that a library will read whole: it must be a regular file within the limit, or missing.
///
/// # Errors
///
/// If it is not a regular file, or is longer.
pub fn is_short(path: &Path, limit: u64) -> Result<(), FileError> {
    let Ok(about) = std::fs::metadata(path) else { return Ok(()) };
    match kind(about.file_type()) {
        Ok(None) if about.len() > limit => Err(FileError::TooLong { limit }),
        Ok(Some(what)) => Err(no_file(&format!("it is a {what}; give a regular file"))),
        _ => Ok(()),
    }
}

fn read_within(path: &Path, limit: u64, patience: Duration) -> Result<Vec<u8>, FileError> {
    // Without O_NONBLOCK, opening a pipe waits until another process opens its other end.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from)?);
    let waits = kind(file.metadata()?.file_type())?;
    let until = Instant::now() + patience;
    let mut bytes = Vec::new();
    loop {
        if let Some(what) = waits
            && !is_ready(&file, until)?
        {
            return Err(FileError::Unfinished { what, within: patience });
        }
        // One byte past the limit shows that the file is longer.
        let left = limit + 1 - bytes.len() as u64;
        let is_end = match (&mut file).take(left.min(PIECE)).read_to_end(&mut bytes) {
            Ok(count) => count == 0,
            // The pipe has less than a piece for now, and `bytes` has all of it.
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => return Err(error.into()),
        };
        if bytes.len() as u64 > limit {
            return Err(FileError::TooLong { limit });
        }
        if is_end {
            return Ok(bytes);
        }
    }
}

/// How many bytes are read before the clock is checked again.
const PIECE: u64 = 64 << 10;

/// The type of a file that must be waited for; `None` for a regular file.
fn kind(kind: FileType) -> Result<Option<&'static str>, FileError> {
    match kind {
        kind if kind.is_file() => Ok(None),
        kind if kind.is_fifo() => Ok(Some("pipe")),
        kind if kind.is_char_device() || kind.is_block_device() => Ok(Some("device")),
        kind if kind.is_dir() => Err(no_file("it is a directory; give a file")),
        _ => Err(no_file("it is a socket; give a file")),
    }
}

fn no_file(words: &str) -> FileError {
    FileError::Refused(io::Error::new(ErrorKind::InvalidInput, words))
}

/// Waits until a read does not block, or until `until`; returns whether it does not block.
fn is_ready(file: &File, until: Instant) -> io::Result<bool> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let time = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&time)) {
            // At the time limit, a file that always has more data counts as one that does not end.
            Ok(count) => return Ok(count > 0 && !left.is_zero()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        bytes if bytes >= 1 << 10 => format!("{} KiB", bytes >> 10),
        bytes => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests;
