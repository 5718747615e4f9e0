//! Bytes → sealed chunk: OTLP protobuf against prost, OTLP JSON against serde_json into borrowed types.
//!
//! Both sides free their results outside of the measured time: freeing prost's messages costs more than freeing a batch. Each
//! side reads all bodies before the other's turn, since the next allocation pays for the heap that the earlier side leaves.

use crate::body::Templates;
use crate::borrowed;
use crate::table::{Limit, Spread, Table, ratio, timed};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use otail::model::{Row, Signal, SourceId, Time};
use otail::store::{Chunk, Run};
use otail::wire::{Decoded, Encoding, Limits, otlp};
use prost::Message;
use std::time::Duration;

/// Spans per body, as the SDKs' batch processors send.
pub const BATCH: usize = 512;
/// Nanoseconds since 1970, somewhere in 2026.
pub const NOW: u64 = 1_780_000_000_000_000_000;

const BODIES: u64 = 64;
const ROUNDS: usize = 15;

pub fn run(table: &mut Table) {
    let templates = Templates::new(BATCH, 1);
    let bodies: Vec<Vec<u8>> = (0..BODIES).map(|number| templates.fresh(number, NOW)).collect();
    let (measured, seconds) = ratio(
        ROUNDS,
        || bodies.iter().map(|body| sealed(Encoding::Protobuf, body)).sum(),
        || bodies.iter().map(|body| timed(|| ExportTraceServiceRequest::decode(&body[..])).0).sum(),
    );
    table.row("OTLP protobuf → sealed chunk / owned prost decode", Limit::Times(0.35), measured, &rate(seconds));

    let bodies: Vec<String> = bodies.iter().map(|body| borrowed::json_of(body)).collect();
    let borrowed = |body: &String| {
        let (took, read) = timed(|| serde_json::from_str::<borrowed::Request<'_>>(body));
        assert_eq!(read.map(|request| request.spans()).ok(), Some(BATCH));
        took
    };
    let (measured, seconds) = ratio(
        ROUNDS,
        || bodies.iter().map(|body| sealed(Encoding::Json, body.as_bytes())).sum(),
        || bodies.iter().map(borrowed).sum(),
    );
    table.row("OTLP JSON → sealed chunk / from_str, borrowed types", Limit::Times(1.2), measured, &rate(seconds));
}

/// The time to make a chunk of a body.
fn sealed(encoding: Encoding, body: &[u8]) -> Duration {
    let (took, chunk) = timed(|| {
        let decoded = otlp::decode(Signal::Spans, encoding, body, &Limits::default());
        decoded.map(|Decoded { batch, .. }| {
            let run = Run { first: 0, row: Row(1), received: Time(NOW), source: SourceId(1) };
            Chunk::seal(batch, vec![run])
        })
    });
    assert_eq!(chunk.map(|chunk| chunk.len()), Ok(BATCH));
    took
}

fn rate(seconds: Spread) -> String {
    format!("{:.2} M spans/s", BATCH as f64 * BODIES as f64 / seconds.median / 1e6)
}
