//! Files, followed like `tail -F`, and standard input.
//!
//! Reading blocks, so each file has its own thread, which reads, decodes and delivers, and sleeps while there is nothing new.
//! If the name leads to another file (rotation by rename), or the file became shorter than what was read (truncation,
//! copy-truncate), otail reads from its beginning. Compressed files (gzip, zstd) are unpacked to their end and not followed.
//!
//! The user may want only the last items of the existing content (`beginning`). They are found backwards from the end of the
//! file (`back`) or, where that is impossible, by reading all of it (`last`).

mod back;
mod back_parts;
mod follow;
mod form;
mod frames;
mod input;
mod item_count;
mod kind;
mod last;
mod packed;
#[cfg(test)]
mod tests;
mod text;

use super::beginning::{Gate, WantedItems};
use super::error::SourceError;
use super::link::Link;
use crate::supervision::supervised;
use follow::Follower;
pub(super) use input::FileInput;
use packed::Packed;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
pub(super) use text::TextDecoder;
use tokio::sync::oneshot;

/// The wait between checks of a file that has nothing new.
const CHECK_EVERY: Duration = Duration::from_millis(100);
/// How long the thread may take to deliver the rest when the source must end.
const GRACE: Duration = Duration::from_secs(1);
/// The size of a read, in bytes.
const PIECE: usize = 256 << 10;

/// Reads standard input to its end, or follows a file until the connection must end.
async fn run(place: &FileInput, link: &Link) -> Result<(), SourceError> {
    let stop = Stop(Arc::new(AtomicBool::new(false)));
    let (ended, end) = oneshot::channel();
    let reading = TextDecoder::new(link.clone(), tokio::runtime::Handle::current());
    let work = {
        let (place, link, stop) = (place.clone(), link.clone(), stop.0.clone());
        let wanted = link.beginning().at(link.now());
        move || {
            let work = || match place {
                FileInput::Stdin => read_stdin(&link, reading, wanted, &stop),
                FileInput::Path(path) => {
                    Follower::new(path, wanted).continuing_from(link.position()).run(&link, reading, &stop)
                }
            };
            let outcome = supervised(work).unwrap_or_else(|panicked| {
                Err(SourceError::Final(format!("the reading thread {panicked}; this is a defect of otail")))
            });
            // An error means that the connection has ended meanwhile.
            let _ = ended.send(outcome);
        }
    };
    std::thread::Builder::new()
        .name("file".into())
        .spawn(work)
        .map_err(|error| SourceError::passing(format!("cannot start a thread to read with: {error}")))?;
    let mut end = end;
    let outcome = tokio::select! {
        outcome = &mut end => outcome,
        () = link.closed() => {
            // Items already read are delivered first.
            stop.0.store(true, Ordering::Relaxed);
            tokio::time::timeout(GRACE, end).await.unwrap_or(Ok(Ok(())))
        }
    };
    outcome.unwrap_or_else(|_| Err(SourceError::Final("the reading thread failed; this is a defect of otail".into())))
}

/// Stops the thread when the connection's task is dropped.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// While the connection is paused, the file is not read, so nothing is lost.
fn wait_while_paused(link: &Link, stop: &AtomicBool) {
    while link.is_paused() && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(CHECK_EVERY);
    }
}

/// Whether a read would return at once with data or the end; false if unknown.
fn has_more(input: &impl AsFd) -> bool {
    let mut ready = [PollFd::new(input, PollFlags::IN)];
    poll(&mut ready, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|count| count > 0)
}

/// Reads compressed input to its end; `begin` is the part already read.
fn read_packed(
    packed: Packed,
    begin: &[u8],
    rest_of_it: impl Read,
    link: &Link,
    reading: &mut TextDecoder,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let mut input = packed.unpack(begin, rest_of_it)?;
    let mut piece = vec![0; PIECE];
    let outcome = loop {
        wait_while_paused(link, stop);
        if stop.load(Ordering::Relaxed) {
            break Ok(());
        }
        match input.read(&mut piece) {
            Ok(0) => break Ok(()),
            Ok(count) => {
                reading.push(&piece[..count]);
                reading.pause();
                if reading.fault().is_some() {
                    break Ok(());
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    // The items before the damage are valid.
    reading.end();
    outcome
}

/// Prepares to read the whole input, since only its end shows which items are the last.
fn prepare_forward_read(wanted: WantedItems, reading: &mut TextDecoder) {
    reading.leave_out(Gate { skip: 0, since: wanted.since });
    if let Some(count) = wanted.tail {
        reading.keep_last(count);
    }
}

fn read_stdin(
    link: &Link,
    mut reading: TextDecoder,
    wanted: WantedItems,
    stop: &AtomicBool,
) -> Result<(), SourceError> {
    prepare_forward_read(wanted, &mut reading);
    link.established();
    let mut input = std::io::stdin().lock();
    let mut piece = vec![0; PIECE];
    let mut is_begun = false;
    while !stop.load(Ordering::Relaxed) {
        wait_while_paused(link, stop);
        if !is_ready(&input) {
            continue;
        }
        match input.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => {
                if !std::mem::replace(&mut is_begun, true)
                    && let Some(packed) = Packed::of(&piece[..count])
                {
                    read_packed(packed, &piece[..count], &mut input, link, &mut reading, stop)
                        .map_err(|error| SourceError::Final(format!("standard input cannot be unpacked: {error}")))?;
                    return unreadable_stdin(&reading);
                }
                reading.push(&piece[..count]);
            }
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(error) => {
                reading.end();
                return Err(SourceError::Final(format!("standard input cannot be read: {error}")));
            }
        }
        // Do not parse a long document again for each piece; wait until there is no more input for now.
        if !has_more(&input) {
            reading.pause();
        }
        unreadable_stdin(&reading)?;
    }
    reading.end();
    unreadable_stdin(&reading)
}

/// Returns an error if standard input has an unreadable format.
fn unreadable_stdin(reading: &TextDecoder) -> Result<(), SourceError> {
    match reading.fault() {
        Some(what) => Err(SourceError::Final(format!("standard input {what}"))),
        None => Ok(()),
    }
}

/// Waits a short time for input, so that the caller can check whether to stop. Returns true if waiting is impossible.
fn is_ready(input: &impl AsFd) -> bool {
    let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(CHECK_EVERY.subsec_nanos()) };
    poll(&mut [PollFd::new(input, PollFlags::IN)], Some(&wait)) != Ok(0)
}
