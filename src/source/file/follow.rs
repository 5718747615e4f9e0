//! A file by its name, through everything that log rotation does to it.

use super::super::error::SourceError;
use super::super::link::Link;
use super::text::Reading;
use super::{LOOK, PIECE, rest};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many bytes before the place that was read are remembered, to tell a file that grew from one that was cut and filled
/// again.
const REMEMBERED: usize = 64;

pub(super) struct Follower {
    path: PathBuf,
    place: u64,
    remembered: Vec<u8>,
}

/// What became of the name while the file that it led to was read to its end.
enum Fate {
    Same,
    Cut,
    Another,
    Missing,
}

impl Follower {
    pub fn new(path: PathBuf) -> Follower {
        Follower { path, place: 0, remembered: Vec::new() }
    }

    /// Follows until told to stop.
    pub fn run(mut self, link: &Link, mut reading: Reading, stop: &AtomicBool) -> Result<(), SourceError> {
        let mut piece = vec![0; PIECE];
        let mut waiting = false;
        while !stop.load(Ordering::Relaxed) {
            let file = match File::open(&self.path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    if !waiting {
                        link.trouble(format!("{} is not there yet; waiting for it", self.path.display()));
                        waiting = true;
                    }
                    std::thread::sleep(LOOK);
                    continue;
                }
                Err(error) => return Err(self.unreadable(&error)),
            };
            let about = file.metadata().map_err(|error| self.unreadable(&error))?;
            if about.is_dir() {
                return Err(SourceError::Final(format!("{} is a directory; give a file", self.path.display())));
            }
            waiting = false;
            link.established(None);
            self.read_file(file, &about, link, &mut reading, &mut piece, stop)?;
        }
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
    ) -> Result<(), SourceError> {
        self.begin();
        // A pipe or a device has an end that is final, and no place to go back to.
        let is_file = about.is_file();
        let (mut is_missing, mut is_replaced) = (false, false);
        while !stop.load(Ordering::Relaxed) {
            rest(link, stop);
            let read = file.read(piece);
            // After reading: what was read after the file was filled anew is from its middle.
            if is_file && read.is_ok() && self.was_refilled(&file) {
                self.restart(&mut file, reading)?;
                continue;
            }
            match read {
                Ok(0) => {
                    reading.pause();
                    let fate = self.fate(&file, about);
                    let was_missing = std::mem::replace(&mut is_missing, matches!(fate, Fate::Missing));
                    if was_missing && matches!(fate, Fate::Same | Fate::Cut) {
                        link.established(None);
                    }
                    if is_missing && !was_missing {
                        link.trouble(format!("{} was removed; waiting for it to come back", self.path.display()));
                    }
                    match fate {
                        Fate::Cut if is_file => self.restart(&mut file, reading)?,
                        Fate::Missing | Fate::Another if self.has_more(&file) => {}
                        // Its writer may still be finishing a line in the old one: one more look.
                        Fate::Another if std::mem::replace(&mut is_replaced, true) => {
                            reading.end();
                            return Ok(());
                        }
                        Fate::Same | Fate::Cut | Fate::Missing | Fate::Another => std::thread::sleep(LOOK),
                    }
                }
                Ok(count) => {
                    self.remember(&piece[..count]);
                    reading.push(&piece[..count]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.place = 0;
        self.remembered.clear();
    }

    /// The file was cut: what was read of an unfinished line is all there will be of it.
    fn restart(&mut self, file: &mut File, reading: &mut Reading) -> Result<(), SourceError> {
        reading.end();
        self.begin();
        file.seek(SeekFrom::Start(0)).map(drop).map_err(|error| self.unreadable(&error))
    }

    fn remember(&mut self, bytes: &[u8]) {
        self.place += bytes.len() as u64;
        self.remembered.extend_from_slice(&bytes[bytes.len().saturating_sub(REMEMBERED)..]);
        let surplus = self.remembered.len().saturating_sub(REMEMBERED);
        self.remembered.drain(..surplus);
    }

    /// Whether the bytes before the place that was read are others now: cut, and filled beyond it before we looked.
    fn was_refilled(&self, file: &File) -> bool {
        let mut now = vec![0; self.remembered.len()];
        let start = self.place - self.remembered.len() as u64;
        match file.read_exact_at(&mut now, start) {
            Ok(()) => now != self.remembered,
            // Shorter than that: the next look at its length tells.
            Err(_) => false,
        }
    }

    fn has_more(&self, file: &File) -> bool {
        file.metadata().is_ok_and(|now| now.len() > self.place)
    }

    fn fate(&self, file: &File, about: &Metadata) -> Fate {
        if about.is_file() && file.metadata().is_ok_and(|now| now.len() < self.place) {
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
