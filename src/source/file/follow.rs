//! A file by its name, through everything that log rotation does to it.

use super::super::beginning::{Gate, WantedItems};
use super::super::error::SourceError;
use super::super::link::Link;
use super::super::position::Position;
use super::back::{self, Begin};
use super::form::Form;
use super::packed::Packed;
use super::text::Reading;
use super::{LOOK, PIECE, read_all_for, read_packed, rest};
use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many bytes of a file tell what it is.
const HEAD: usize = 4 << 10;

/// How a file is read; a test has others.
pub(super) type ReadFile = Box<dyn FnMut(&mut File, &mut [u8]) -> std::io::Result<usize> + Send>;

pub(super) struct Follower {
    path: PathBuf,
    read: ReadFile,
    /// What is wanted of what is there at the start, until the file was begun with.
    wanted: Option<WantedItems>,
    /// Places up to which what was read is handed over before more is read; behind the last of them everything is wanted.
    stops: VecDeque<u64>,
    place: Position,
    /// Something could not be read; what comes next may be the same file, to go on with.
    is_interrupted: bool,
    has_opened: bool,
    /// The system claims that the file is empty, and makes up its content as it is read (`/proc`, some of `/sys`). It is
    /// read to its end once: only what it has after that end is news.
    is_made_up: bool,
}

/// How the reading of one file ended, but for errors.
enum End {
    /// The name leads elsewhere, or it is to stop.
    Left,
    /// It was compressed, and has been read.
    Unpacked,
}

/// What became of the name while the file that it led to was read to its end.
enum Fate {
    Same,
    Cut,
    Another,
    Missing,
}

impl Follower {
    pub fn new(path: PathBuf, wanted: WantedItems) -> Follower {
        Follower::reading_with(path, wanted, Box::new(|file, piece| file.read(piece)))
    }

    /// Goes on from where it was left before, if it is the same file still.
    pub fn going_on(self, left: Option<Position>) -> Follower {
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
            is_made_up: false,
        }
    }

    /// Follows until told to stop, or to the end of what is compressed.
    pub fn run(mut self, link: &Link, reading: Reading, stop: &AtomicBool) -> Result<(), SourceError> {
        let outcome = self.follow(link, reading, stop);
        link.left_at(self.place);
        outcome
    }

    fn follow(&mut self, link: &Link, mut reading: Reading, stop: &AtomicBool) -> Result<(), SourceError> {
        let mut piece = vec![0; PIECE];
        let mut waiting = false;
        while !stop.load(Ordering::Relaxed) {
            let opened = File::open(&self.path).and_then(|file| file.metadata().map(|about| (file, about)));
            let (file, about) = match opened {
                Ok(opened) => opened,
                // What has been read is not to be read again, so a file that was open once is waited for here.
                Err(error) if error.kind() == ErrorKind::NotFound || self.has_opened => {
                    // What is there when it comes was not there at the start.
                    self.wanted = None;
                    if !std::mem::replace(&mut waiting, true) {
                        link.trouble(match error.kind() {
                            ErrorKind::NotFound => {
                                format!("{} is not there yet; waiting for it", self.path.display())
                            }
                            _ => format!("{} cannot be read: {error}; waiting for it", self.path.display()),
                        });
                    }
                    std::thread::sleep(LOOK);
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
                Ok(End::Left) => {}
                Ok(End::Unpacked) => return Ok(()),
                // It is opened again, and read on from its place: what has been read would come twice.
                Err(error) if error.is_passing() && about.is_file() && !self.is_made_up => {
                    if !std::mem::replace(&mut self.is_interrupted, true) {
                        link.trouble(format!("{error}; it is tried again from there"));
                    }
                    std::thread::sleep(LOOK);
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

    /// Reads one file to its end and waits for more of it, until the name leads elsewhere.
    fn read_file(
        &mut self,
        mut file: File,
        about: &Metadata,
        link: &Link,
        reading: &mut Reading,
        piece: &mut [u8],
        stop: &AtomicBool,
    ) -> Result<End, SourceError> {
        // A pipe or a device has an end that is final, and no place to go back to.
        let is_file = about.is_file();
        if self.is_interrupted && is_file && about.len() >= self.place.at && !self.place.was_refilled(&file) {
            file.seek(SeekFrom::Start(self.place.at)).map_err(|error| self.unreadable(&error))?;
        } else {
            if self.is_interrupted {
                reading.end();
            }
            self.begin();
        }
        self.is_made_up = false;
        let mut wanted = self.wanted.take().filter(|_| is_file);
        if let Some(wanted) = wanted {
            self.begin_with(wanted, &mut file, reading, stop).map_err(|error| self.unreadable(&error))?;
        }
        if self.place.at > 0 {
            let mut head = [0; HEAD];
            let length = file.read_at(&mut head, 0).unwrap_or_default();
            reading.goes_on_in(&head[..length]);
        }
        // After an error it stands only when something was read.
        if !self.is_interrupted {
            link.established();
        }
        let (mut is_missing, mut is_replaced, mut is_exhausted) = (false, false, false);
        while !stop.load(Ordering::Relaxed) {
            rest(link, stop);
            let read = (self.read)(&mut file, piece);
            if read.is_ok() && std::mem::take(&mut self.is_interrupted) {
                link.established();
            }
            // After reading: what was read after the file was filled anew is from its middle.
            self.is_made_up = is_file && is_made_up(&file, read.as_ref().map_or(0, |count| *count), self.is_made_up);
            if is_file && !self.is_made_up && read.is_ok() && self.place.was_refilled(&file) {
                self.restart(&mut file, reading)?;
                // What changes whenever it is read would keep this loop busy for ever.
                std::thread::sleep(LOOK);
                continue;
            }
            if let Some(wanted) = wanted.take_if(|_| self.is_made_up) {
                read_all_for(wanted, reading);
            }
            match read {
                Ok(0) => {
                    reading.pause();
                    self.is_readable(reading)?;
                    if self.is_made_up {
                        reading.open();
                    }
                    let fate = self.fate(&file, about);
                    let was_missing = std::mem::replace(&mut is_missing, matches!(fate, Fate::Missing));
                    if was_missing && matches!(fate, Fate::Same | Fate::Cut) {
                        link.established();
                    }
                    if is_missing && !was_missing {
                        link.trouble(format!("{} was removed; waiting for it to come back", self.path.display()));
                    }
                    match fate {
                        Fate::Cut if is_file => self.restart(&mut file, reading)?,
                        // It has grown since it was read: once more, but not for ever, for some have less than they claim.
                        Fate::Missing | Fate::Another if !is_exhausted && self.has_more(&file) => is_exhausted = true,
                        // Its writer may still be finishing a line in the old one: one more look.
                        Fate::Another if std::mem::replace(&mut is_replaced, true) => {
                            reading.end_file();
                            return Ok(End::Left);
                        }
                        Fate::Same | Fate::Cut | Fate::Missing | Fate::Another => std::thread::sleep(LOOK),
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
                        return self.is_readable(reading).map(|()| End::Unpacked);
                    }
                    self.take(&piece[..count], reading);
                    self.is_readable(reading)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
        Ok(End::Left)
    }

    /// Goes to where what is wanted of a file begins.
    fn begin_with(
        &mut self,
        wanted: WantedItems,
        file: &mut File,
        reading: &mut Reading,
        stop: &AtomicBool,
    ) -> std::io::Result<()> {
        if wanted.tail.is_none() && wanted.since.is_none() {
            return Ok(());
        }
        let mut head = [0; HEAD];
        let head_length = file.read_at(&mut head, 0)?;
        let head = &head[..head_length];
        if Packed::of(head).is_some() {
            read_all_for(wanted, reading);
            return Ok(());
        }
        let length = file.metadata()?.len();
        if Form::of(head) != Form::Text {
            // Only its own reader tells where its items begin.
            read_all_for(wanted, reading);
            self.stops.push_back(length);
            return Ok(());
        }
        let (place, skip, until) = match back::begin(file, length, &wanted, stop) {
            Ok(Begin::At { place, skip, until }) => (place, skip, until),
            Ok(Begin::Forward { from }) => {
                self.place = Position::of(file, from)?;
                file.seek(SeekFrom::Start(from))?;
                read_all_for(wanted, reading);
                self.stops.push_back(length);
                self.pass_stops(reading);
                return Ok(());
            }
            // What is there now was not there at the start.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        tracing::info!(file = %self.path.display(), place, length, "--tail, --since: what lies before is not read");
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

    fn take(&mut self, mut bytes: &[u8], reading: &mut Reading) {
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

    /// Hands over what was read up to a stop.
    fn pass_stops(&mut self, reading: &mut Reading) {
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

    /// The file was cut: what was read of an unfinished line is all there will be of it.
    fn restart(&mut self, file: &mut File, reading: &mut Reading) -> Result<(), SourceError> {
        reading.end_file();
        self.begin();
        file.seek(SeekFrom::Start(0)).map(drop).map_err(|error| self.unreadable(&error))
    }

    /// An error where it turned out to be nothing that can be read.
    fn is_readable(&self, reading: &Reading) -> Result<(), SourceError> {
        match reading.fault() {
            Some(what) => Err(SourceError::Final(format!("{} {what}", self.path.display()))),
            None => Ok(()),
        }
    }

    fn has_more(&self, file: &File) -> bool {
        file.metadata().is_ok_and(|now| now.len() > self.place.at)
    }

    fn fate(&self, file: &File, about: &Metadata) -> Fate {
        if about.is_file() && !self.is_made_up && file.metadata().is_ok_and(|now| now.len() < self.place.at) {
            return Fate::Cut;
        }
        match std::fs::metadata(&self.path) {
            Ok(now) if (now.dev(), now.ino()) == (about.dev(), about.ino()) => Fate::Same,
            Ok(_) => Fate::Another,
            Err(_) => Fate::Missing,
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

/// Whether a file's content is made up as it is read: `count` bytes came of it, and still it claims to be empty. Once it is
/// so, it is so until it has a size.
fn is_made_up(file: &File, count: usize, was_made_up: bool) -> bool {
    (was_made_up || count > 0) && file.metadata().is_ok_and(|now| now.len() == 0)
}
