//! Small batches of one drain as one, so that a trickle of single items is not a chunk an item.

use crate::columns::{Batch, merge};
use crate::model::{SourceId, Time};
use crate::store::Arrival;

/// A batch, and where its rows came from.
#[derive(Debug)]
pub(super) struct Piece {
    pub batch: Batch,
    pub runs: Vec<Arrival>,
}

/// A batch of this many rows is left alone.
const SMALL: usize = 256;
/// So many rows, or bytes, are one piece: a flood of small requests is no chunk that fills its ring.
const ENOUGH: usize = 4_096;
const ENOUGH_BYTES: usize = 1 << 20;

/// Neighbouring small batches of one signal become one. The order of arrival inside a signal stays; rows of different
/// signals that came in one drain, within milliseconds, may change places.
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
