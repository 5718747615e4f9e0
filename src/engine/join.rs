//! Joins the small batches of a drain, so that a trickle of single items does not make a chunk for each.

use crate::columns::{Batch, merge};
use crate::model::{SourceId, Time};
use crate::store::Arrival;

/// A batch and the origin of its rows.
#[derive(Debug)]
pub(super) struct Piece {
    pub batch: Batch,
    pub runs: Vec<Arrival>,
}

/// Batches with at least this many rows are not joined.
const SMALL: usize = 256;
/// A joined batch is complete at this many rows or bytes, so that a flood of small requests does not become one huge chunk.
const ENOUGH: usize = 4_096;
const ENOUGH_BYTES: usize = 1 << 20;

/// Joins neighbouring small batches of the same signal. The order within a signal stays; rows of different signals from the
/// same drain, milliseconds apart, may change places.
pub(super) fn joined(batches: Vec<(Batch, SourceId, Time)>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut small: [Vec<(Batch, SourceId, Time)>; 4] = Default::default();
    for (batch, source, received) in batches {
        let waiting = &mut small[batch.signal() as usize];
        if batch.len() < SMALL {
            waiting.push((batch, source, received));
            if waiting.iter().map(|(batch, ..)| batch.len()).sum::<usize>() >= ENOUGH
                || waiting.iter().map(|(batch, ..)| batch.bytes()).sum::<usize>() >= ENOUGH_BYTES
            {
                pieces.extend(join(std::mem::take(waiting)));
            }
        } else {
            pieces.extend(join(std::mem::take(waiting)));
            pieces.extend(join(vec![(batch, source, received)]));
        }
    }
    pieces.extend(small.into_iter().filter_map(join));
    pieces
}

fn join(mut batches: Vec<(Batch, SourceId, Time)>) -> Option<Piece> {
    let mut first = 0;
    let mut runs = Vec::with_capacity(batches.len());
    for (batch, source, received) in &batches {
        runs.push(Arrival { first, received: *received, source: *source });
        first += batch.len() as u32;
    }
    let batch = if batches.len() == 1 {
        batches.pop()?.0
    } else {
        merge(&batches.iter().map(|(batch, ..)| batch).collect::<Vec<_>>())?
    };
    Some(Piece { batch, runs })
}
