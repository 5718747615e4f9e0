//! Follows a file by its name, through log rotation.

use super::super::beginning::{Gate, WantedItems};
use super::super::error::SourceError;
use super::super::link::Link;
use super::super::position::Position;
use super::back::{self, Begin};
use super::form::Form;
use super::packed::Packed;
use super::text::TextDecoder;
use super::{CHECK_EVERY, PIECE, prepare_forward_read, read_packed, wait_while_paused};
use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many bytes at the beginning of a file show its format.
const HEAD: usize = 4 << 10;

/// Reads from a file; tests replace it to inject errors.
pub(super) type ReadFile = Box<dyn FnMut(&mut File, &mut [u8]) -> std::io::Result<usize> + Send>;

pub(super) struct Follower {
    path: PathBuf,
    read: ReadFile,
    /// Which items of the existing content are wanted; `None` after the first file was opened.
    wanted: Option<WantedItems>,
    /// Positions at which to deliver before reading on; after the last one every item is wanted.
    stops: VecDeque<u64>,
    place: Position,
    /// A read failed; the next file may be the same one, to continue from the position.
    is_interrupted: bool,
    has_opened: bool,
    /// The file has size 0 but content: the system generates it on read (`/proc`, some of `/sys`). Such a file is read to its
    /// end once; only content that it gets after that is new.
    is_generated: bool,
}

/// Why the reading of one file ended without an error.
enum FileEnd {
    /// The name now leads to another file, or the source must stop.
    Left,
    /// The file was compressed and has been read to its end.
    Unpacked,
}

/// What happened to the name of an open file.
enum NameFate {
    Same,
    Cut,
    Another,
    Missing,
}

impl Follower {
    pub fn new(path: PathBuf, wanted: WantedItems) -> Follower {
        Follower::reading_with(path, wanted, Box::new(|file, piece| file.read(piece)))
    }

    /// Continues from an earlier position, if the file is still the same.
    pub fn continuing_from(self, left: Option<Position>) -> Follower {
        match left {
            Some(place) => Follower { place, is_interrupted: true, wanted: None, ..self },
            None => self,
        }
    }

    pub fn reading_with(path: PathBuf, wanted: WantedItems, read: ReadFile) -> Follower {
        Follower {
            path,
            read,
            wanted: Some(wanted),
            stops: VecDeque::new(),
            place: Position::default(),
            is_interrupted: false,
            has_opened: false,
            is_generated: false,
        }
    }

    /// Follows the file until told to stop. A compressed file ends at its end.
    pub fn run(mut self, link: &Link, reading: TextDecoder, stop: &AtomicBool) -> Result<(), SourceError> {
        let outcome = self.follow(link, reading, stop);
        link.left_at(self.place);
        outcome
    }

    fn follow(&mut self, link: &Link, mut reading: TextDecoder, stop: &AtomicBool) -> Result<(), SourceError> {
        let mut piece = vec![0; PIECE];
        let mut waiting = false;
        while !stop.load(Ordering::Relaxed) {
            let opened = File::open(&self.path).and_then(|file| file.metadata().map(|about| (file, about)));
            let (file, about) = match opened {
                Ok(opened) => opened,
                // A file that was open before must not be read twice, so wait for it here.
                Err(error) if error.kind() == ErrorKind::NotFound || self.has_opened => {
                    // A file that appears later has no existing content.
                    self.wanted = None;
                    if !std::mem::replace(&mut waiting, true) {
                        link.trouble(match error.kind() {
                            ErrorKind::NotFound => {
                                format!("{} does not exist yet; waiting for it", self.path.display())
                            }
                            _ => format!("{} cannot be read: {error}; waiting for it", self.path.display()),
                        });
                    }
                    std::thread::sleep(CHECK_EVERY);
                    continue;
                }
                Err(error) => return Err(self.unreadable(&error)),
            };
            if about.is_dir() {
                return Err(SourceError::Final(format!("{} is a directory; give a file", self.path.display())));
            }
            waiting = false;
            self.has_opened = true;
            match self.read_file(file, &about, link, &mut reading, &mut piece, stop) {
                Ok(FileEnd::Left) => {}
                Ok(FileEnd::Unpacked) => return Ok(()),
                // Open it again and continue from the position; starting over would repeat items.
                Err(error) if error.is_passing() && about.is_file() && !self.is_generated => {
                    if !std::mem::replace(&mut self.is_interrupted, true) {
                        link.trouble(format!("{error}; retrying from the same position"));
                    }
                    std::thread::sleep(CHECK_EVERY);
                }
                Err(error) => {
                    reading.end();
                    return Err(error);
                }
            }
        }
        reading.end();
        Ok(())
    }

    /// Reads one file and waits for more of it, until the name leads to another file.
    fn read_file(
        &mut self,
        mut file: File,
        about: &Metadata,
        link: &Link,
        reading: &mut TextDecoder,
        piece: &mut [u8],
        stop: &AtomicBool,
    ) -> Result<FileEnd, SourceError> {
        // The end of a pipe or device is final, and there is no position to return to.
        let is_file = about.is_file();
        if self.is_interrupted && is_file && about.len() >= self.place.at && !self.place.was_refilled(&file) {
            file.seek(SeekFrom::Start(self.place.at)).map_err(|error| self.unreadable(&error))?;
        } else {
            if self.is_interrupted {
                reading.end();
            }
            self.begin();
        }
        self.is_generated = false;
        let mut wanted = self.wanted.take().filter(|_| is_file);
        if let Some(wanted) = wanted {
            self.begin_with(wanted, &mut file, reading, stop).map_err(|error| self.unreadable(&error))?;
        }
        if self.place.at > 0 {
            let mut head = [0; HEAD];
            let length = file.read_at(&mut head, 0).unwrap_or_default();
            reading.continue_in(&head[..length]);
        }
        // After an error, the connection counts as established only once a read succeeds.
        if !self.is_interrupted {
            link.established();
        }
        let (mut is_missing, mut is_replaced, mut is_exhausted) = (false, false, false);
        while !stop.load(Ordering::Relaxed) {
            wait_while_paused(link, stop);
            let read = (self.read)(&mut file, piece);
            if read.is_ok() && std::mem::take(&mut self.is_interrupted) {
                link.established();
            }
            // Check after reading: the read may have returned bytes from the middle of a rewritten file.
            self.is_generated =
                is_file && is_generated(&file, read.as_ref().map_or(0, |count| *count), self.is_generated);
            if is_file && !self.is_generated && read.is_ok() && self.place.was_refilled(&file) {
                self.restart(&mut file, reading)?;
                // A file that changes with every read would keep this loop busy.
                std::thread::sleep(CHECK_EVERY);
                continue;
            }
            if let Some(wanted) = wanted.take_if(|_| self.is_generated) {
                prepare_forward_read(wanted, reading);
            }
            match read {
                Ok(0) => {
                    reading.pause();
                    self.is_readable(reading)?;
                    if self.is_generated {
                        reading.open();
                    }
                    let fate = self.fate(&file, about);
                    let was_missing = std::mem::replace(&mut is_missing, matches!(fate, NameFate::Missing));
                    if was_missing && matches!(fate, NameFate::Same | NameFate::Cut) {
                        link.established();
                    }
                    if is_missing && !was_missing {
                        link.trouble(format!("{} was removed; waiting for it to come back", self.path.display()));
                    }
                    match fate {
                        NameFate::Cut if is_file => self.restart(&mut file, reading)?,
                        // The old file grew since the last read: read once more, but not for ever, since some files have less
                        // than their size says.
                        NameFate::Missing | NameFate::Another if !is_exhausted && self.has_more(&file) => {
                            is_exhausted = true
                        }
                        // The writer may still be finishing a line in the old file: look once more.
                        NameFate::Another if std::mem::replace(&mut is_replaced, true) => {
                            reading.end_file();
                            return Ok(FileEnd::Left);
                        }
                        NameFate::Same | NameFate::Cut | NameFate::Missing | NameFate::Another => {
                            std::thread::sleep(CHECK_EVERY)
                        }
                    }
                }
                Ok(count) => {
                    (is_exhausted, wanted) = (false, None);
                    if self.place.at == 0
                        && let Some(packed) = Packed::of(&piece[..count])
                    {
                        read_packed(packed, &piece[..count], file, link, reading, stop).map_err(|error| {
                            SourceError::Final(format!("{} cannot be unpacked: {error}", self.path.display()))
                        })?;
                        return self.is_readable(reading).map(|()| FileEnd::Unpacked);
                    }
                    self.take(&piece[..count], reading);
                    self.is_readable(reading)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
        Ok(FileEnd::Left)
    }

    /// Moves to the position where the wanted items begin.
    fn begin_with(
        &mut self,
        wanted: WantedItems,
        file: &mut File,
        reading: &mut TextDecoder,
        stop: &AtomicBool,
    ) -> std::io::Result<()> {
        if wanted.tail.is_none() && wanted.since.is_none() {
            return Ok(());
        }
        let mut head = [0; HEAD];
        let head_length = file.read_at(&mut head, 0)?;
        let head = &head[..head_length];
        if Packed::of(head).is_some() {
            prepare_forward_read(wanted, reading);
            return Ok(());
        }
        let length = file.metadata()?.len();
        if Form::of(head) != Form::Text {
            // The format is not plain text, so only a decoder finds the items.
            prepare_forward_read(wanted, reading);
            self.stops.push_back(length);
            return Ok(());
        }
        let (place, skip, until) = match back::begin(file, length, &wanted, stop) {
            Ok(Begin::At { place, skip, until }) => (place, skip, until),
            Ok(Begin::Forward { from }) => {
                self.place = Position::of(file, from)?;
                file.seek(SeekFrom::Start(from))?;
                prepare_forward_read(wanted, reading);
                self.stops.push_back(length);
                self.pass_stops(reading);
                return Ok(());
            }
            // The file was truncated meanwhile, so all of its content is new.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        tracing::info!(file = %self.path.display(), place, length, "--tail, --since: earlier content is not read");
        self.place = Position::of(file, place)?;
        file.seek(SeekFrom::Start(place))?;
        reading.leave_out(Gate { skip, since: wanted.since });
        if skip > 0 {
            self.stops.push_back(until);
        }
        self.stops.push_back(length);
        self.pass_stops(reading);
        Ok(())
    }

    fn take(&mut self, mut bytes: &[u8], reading: &mut TextDecoder) {
        while let Some(stop) = self.stops.front() {
            let before = usize::try_from(stop - self.place.at).unwrap_or(usize::MAX);
            let Some((now, later)) = bytes.split_at_checked(before) else { break };
            self.place.remember(now);
            reading.push(now);
            self.pass_stops(reading);
            bytes = later;
        }
        self.place.remember(bytes);
        reading.push(bytes);
    }

    /// Delivers when a stop is reached.
    fn pass_stops(&mut self, reading: &mut TextDecoder) {
        while self.stops.front().is_some_and(|stop| *stop <= self.place.at) {
            self.stops.pop_front();
            reading.pause();
            if self.stops.is_empty() {
                reading.open();
            }
        }
    }

    fn begin(&mut self) {
        self.stops.clear();
        self.place = Position::default();
    }

    /// The file was truncated: an unfinished line will not be completed.
    fn restart(&mut self, file: &mut File, reading: &mut TextDecoder) -> Result<(), SourceError> {
        reading.end_file();
        self.begin();
        file.seek(SeekFrom::Start(0)).map(drop).map_err(|error| self.unreadable(&error))
    }

    /// Returns an error if the content has an unreadable format.
    fn is_readable(&self, reading: &TextDecoder) -> Result<(), SourceError> {
        match reading.fault() {
            Some(what) => Err(SourceError::Final(format!("{} {what}", self.path.display()))),
            None => Ok(()),
        }
    }

    fn has_more(&self, file: &File) -> bool {
        file.metadata().is_ok_and(|now| now.len() > self.place.at)
    }

    fn fate(&self, file: &File, about: &Metadata) -> NameFate {
        if about.is_file() && !self.is_generated && file.metadata().is_ok_and(|now| now.len() < self.place.at) {
            return NameFate::Cut;
        }
        match std::fs::metadata(&self.path) {
            Ok(now) if (now.dev(), now.ino()) == (about.dev(), about.ino()) => NameFate::Same,
            Ok(_) => NameFate::Another,
            Err(_) => NameFate::Missing,
        }
    }

    fn unreadable(&self, error: &std::io::Error) -> SourceError {
        let message = format!("{} cannot be read: {error}", self.path.display());
        match error.kind() {
            ErrorKind::PermissionDenied => SourceError::Final(message),
            _ => SourceError::passing(message),
        }
    }
}

/// Whether the system generates the content of a file: `count` bytes were read although its size is 0. This stays true until
/// the file has a size.
fn is_generated(file: &File, count: usize, was_generated: bool) -> bool {
    (was_generated || count > 0) && file.metadata().is_ok_and(|now| now.len() == 0)
}
