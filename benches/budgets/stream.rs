//! Span records of an SSE stream → sealed chunk, including the framing, compared with `serde_json::from_str` of the records
//! alone into a borrowed type for their shape, which is dropped.

use crate::decode::NOW;
use crate::records::{SHAPES, read, records};
use crate::table::{Limit, Table, ratio, timed};
use otail::model::{Row, SourceId, Time};
use otail::store::{Chunk, Run};
use otail::wire::span_record::Decoder;
use otail::wire::sse::{Frame, Framer};
use std::time::Duration;

/// Records per chunk, as a busy stream delivers them between two drains.
const RECORDS: u64 = 1_000;
const CHUNKS: u64 = 20;
const ROUNDS: usize = 15;
/// The maximum bytes of a read from a connection.
const READ: usize = 16_384;

pub fn run(table: &mut Table) {
    for shape in SHAPES {
        let records = records(shape, RECORDS);
        let stream: String = records.iter().map(|record| format!("id: 1\nevent: span\ndata: {record}\n\n")).collect();
        let read_all = || records.iter().all(|record| read(shape, record));
        let (measured, seconds) = ratio(
            ROUNDS,
            || (0..CHUNKS).map(|_| sealed(&stream)).sum(),
            || {
                let (took, all) = timed(|| (0..CHUNKS).all(|_| read_all()));
                assert!(all, "the reference reads every record");
                took
            },
        );
        let what = format!("SSE span records, {shape} → sealed chunk / from_str, borrowed");
        let note = format!("{:.2} M spans/s", (RECORDS * CHUNKS) as f64 / seconds.median / 1e6);
        table.row(&what, Limit::Times(2.0), measured, &note);
    }
}

/// The time to make a chunk of a stream's bytes.
fn sealed(stream: &str) -> Duration {
    let (took, (chunks, rejected)) = timed(|| {
        let (mut framer, mut decoder) = (Framer::default(), Decoder::default());
        for bytes in stream.as_bytes().chunks(READ) {
            framer.push(bytes);
            while let Some(frame) = framer.next() {
                if let Frame::Event { kind, data, id } = frame {
                    decoder.read(kind, id, data);
                }
            }
        }
        let taken = decoder.take();
        let run = Run { first: 0, row: Row(1), received: Time(NOW), source: SourceId(1) };
        let seal = |batch| Chunk::seal(batch, vec![run]);
        (taken.batches.into_iter().map(seal).collect::<Vec<_>>(), taken.rejected)
    });
    let spans: usize = chunks.iter().map(|chunk| chunk.len()).sum();
    assert_eq!((spans as u64, rejected.count), (RECORDS, 0));
    took
}
