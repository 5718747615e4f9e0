//! The Collector's `format: proto`: OTLP protobuf messages, each with a length in front (four bytes, big-endian). Each
//! message may be compressed with Zstandard.

use super::text::MAX_ITEM;
use crate::columns::Batch;
use crate::wire::otlp::{decode, sniff_protobuf};
use crate::wire::{Decoded, Encoding, Limits, Rejected};
use std::collections::VecDeque;
use std::io::Read;

const LENGTH: usize = 4;
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The limit for kept messages, in bytes, while it is not known which are the last.
const MOST: usize = 256 << 20;

/// Decodes messages as they become complete.
#[derive(Default)]
pub(super) struct Frames {
    pending: Vec<u8>,
    /// After an impossible length the next message cannot be found.
    is_lost: bool,
}

impl Frames {
    /// Takes the next bytes, split anywhere; returns the messages that they complete, each with its size in bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<(Decoded, usize)> {
        if self.is_lost {
            return Vec::new();
        }
        self.pending.extend_from_slice(bytes);
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some((length, rest)) = self.pending[at..].split_first_chunk::<LENGTH>() {
            let length = u32::from_be_bytes(*length) as usize;
            if length > MAX_ITEM {
                self.is_lost = true;
                let reason =
                    format!("a message has {length} bytes, more than {MAX_ITEM}; the rest of the file is skipped");
                found.push((rejected(reason), 0));
                break;
            }
            let Some(message) = rest.get(..length) else { break };
            if length > 0 {
                found.push((read(message), length));
            }
            at += LENGTH + length;
        }
        self.pending.drain(..at);
        if self.is_lost {
            self.pending = Vec::new();
        }
        found
    }

    /// The input has ended; returns the number of bytes of an incomplete message.
    pub fn end(&mut self) -> usize {
        self.is_lost = false;
        std::mem::take(&mut self.pending).len()
    }
}

fn read(message: &[u8]) -> Decoded {
    let unpacked;
    let message = match message.starts_with(&ZSTD) {
        true => match unpack(message) {
            Ok(message) => {
                unpacked = message;
                &unpacked
            }
            Err(reason) => return rejected(reason),
        },
        false => message,
    };
    let Some(signal) = sniff_protobuf(message) else {
        return rejected(format!("a message of {} bytes is not valid OTLP protobuf", message.len()));
    };
    decode(signal, Encoding::Protobuf, message, &Limits::default()).unwrap_or_else(rejected)
}

fn unpack(message: &[u8]) -> Result<Vec<u8>, String> {
    let mut unpacked = Vec::new();
    let read = zstd::stream::read::Decoder::with_buffer(message)
        .and_then(|reader| reader.take(MAX_ITEM as u64 + 1).read_to_end(&mut unpacked));
    match read {
        Ok(length) if length > MAX_ITEM => {
            Err(format!("a message is larger than {MAX_ITEM} bytes after decompression"))
        }
        Ok(_) => Ok(unpacked),
        Err(error) => Err(format!("a message cannot be decompressed: {error}")),
    }
}

fn rejected(reason: impl ToString) -> Decoded {
    let mut rejected = Rejected::default();
    rejected.one(reason);
    Decoded { batch: crate::columns::EventsBuilder::default().finish(), rejected }
}

/// The most recent messages, while it is not known which are the last.
#[derive(Default)]
pub(super) struct LastFrames {
    kept: VecDeque<(Batch, usize)>,
    items: u64,
    bytes: usize,
}

impl LastFrames {
    /// Keeps one more item of `bytes` bytes while it is among the last `wanted`. Returns how many older items it forgets.
    pub fn keep(&mut self, batch: Batch, bytes: usize, wanted: u64) -> u64 {
        self.items += batch.len() as u64;
        self.bytes += bytes;
        self.kept.push_back((batch, bytes));
        let mut forgotten = 0;
        while let Some((first, bytes)) = self.kept.front()
            && (self.items - first.len() as u64 >= wanted || self.bytes > MOST)
        {
            forgotten += first.len() as u64;
            self.items -= first.len() as u64;
            self.bytes -= bytes;
            self.kept.pop_front();
        }
        forgotten
    }

    /// Returns all kept messages, and how many items at their beginning are too many.
    pub fn take(&mut self, wanted: u64) -> (u64, Vec<Batch>) {
        let all = std::mem::take(self);
        (all.items.saturating_sub(wanted), all.kept.into_iter().map(|(batch, _)| batch).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
    use prost::Message;

    pub(in crate::source::file) fn message(count: usize) -> Vec<u8> {
        let log = LogRecord { time_unix_nano: 1_780_000_000_000_000_000, severity_number: 9, ..LogRecord::default() };
        let scope_logs = vec![ScopeLogs { log_records: vec![log; count], ..ScopeLogs::default() }];
        let resource_logs = vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }];
        ExportLogsServiceRequest { resource_logs }.encode_to_vec()
    }

    pub(in crate::source::file) fn framed(message: &[u8]) -> Vec<u8> {
        [&(message.len() as u32).to_be_bytes(), message].concat()
    }

    fn items(frames: &mut Frames, bytes: &[u8], cut: usize) -> (usize, u64) {
        let found = bytes.chunks(cut).flat_map(|bytes| frames.push(bytes));
        found.fold((0, 0), |(items, bad), (decoded, _)| (items + decoded.batch.len(), bad + decoded.rejected.count))
    }

    #[test]
    fn plain_and_compressed_messages_are_read_in_pieces() {
        let packed = zstd::encode_all(&message(3)[..], 1).unwrap();
        let bytes = [framed(&message(2)), framed(&packed), framed(b"no otlp"), framed(&message(1))].concat();
        for cut in [1, 7, 100_000] {
            let mut frames = Frames::default();
            assert_eq!(items(&mut frames, &bytes, cut), (6, 1));
            assert_eq!(frames.end(), 0);
        }
    }

    #[test]
    fn an_impossible_length_ends_the_reading() {
        let mut frames = Frames::default();
        let bytes = [framed(&message(1)), vec![0xff; 100], framed(&message(1))].concat();
        assert_eq!(items(&mut frames, &bytes, 50), (1, 1));
        assert!(frames.pending.is_empty());
    }

    #[test]
    fn the_last_items_of_messages_are_kept() {
        let mut last = LastFrames::default();
        let batch = |count| read(&message(count)).batch;
        assert_eq!(last.keep(batch(5), 1, 3), 0);
        assert_eq!(last.keep(batch(2), 1, 3), 0);
        assert_eq!(last.keep(batch(2), 1, 3), 5);
        let (skip, kept) = last.take(3);
        assert_eq!((skip, kept.len()), (1, 2));
    }
}
