//! What both doors do with a body.

use super::super::Link;
use super::problem::Problem;
use crate::intake::Overflow;
use crate::model::Signal;
use crate::net::{Budget, Compression, Guard, Hold};
use crate::supervision::supervised;
use crate::wire::{self, Decoded, Encoding, Rejected};
use bytes::Bytes;
use hyper::StatusCode;
use std::sync::Arc;

/// Bodies up to this are decoded where they were received: half a millisecond of work. Larger ones go beside the async
/// workers, which costs a tenth more and leaves the workers to others.
const INLINE: usize = 512 << 10;

/// Telemetry shrinks to about an eighth.
const PACKED: usize = 8;

/// What takes in requests; clones are the same receiver.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub link: Link,
    pub guard: Arc<Guard>,
    /// For all bodies that are held at the same time.
    pub budget: Budget,
    /// Bytes of one body, unpacked.
    pub max_body: usize,
}

/// A request's body and what it is said to be.
#[derive(Debug)]
pub(super) struct Request {
    pub signal: Signal,
    pub encoding: Encoding,
    pub compression: Compression,
    pub body: Bytes,
    /// What the body holds of the budget.
    pub hold: Hold,
}

impl Receiver {
    /// Unpacks, decodes, delivers. What is returned was rejected; all the rest is in the queue.
    pub async fn take(&self, request: Request) -> Result<Rejected, Problem> {
        let taken = self.try_take(request).await;
        if let Err(problem) = &taken {
            self.count(problem);
        }
        taken
    }

    /// Counts a request that came to nothing as one item, unless its sender will come back with it.
    pub fn count(&self, problem: &Problem) {
        if !problem.is_temporary() {
            self.link.reject(1);
        }
    }

    async fn try_take(&self, request: Request) -> Result<Rejected, Problem> {
        let packed = if request.compression == Compression::Identity { 1 } else { PACKED };
        let limit = self.max_body;
        let (decoded, hold) = if request.body.len() * packed <= INLINE {
            caught(|| decode(request, limit))?
        } else {
            let beside = tokio::task::spawn_blocking(move || caught(|| decode(request, limit)));
            beside.await.map_err(|error| fault(&error))??
        };
        let Decoded { batch, rejected } = decoded;
        self.link.deliver(vec![batch], rejected.count, Overflow::Refuse).await?;
        drop(hold);
        Ok(rejected)
    }
}

fn decode(mut request: Request, limit: usize) -> Result<(Decoded, Hold), Problem> {
    let limits = wire::Limits::default();
    let decoded = match request.compression {
        Compression::Identity => wire::otlp::decode(request.signal, request.encoding, &request.body, &limits)?,
        compression => {
            let body = compression.unpack(&request.body, limit, &mut request.hold)?;
            wire::otlp::decode(request.signal, request.encoding, &body, &limits)?
        }
    };
    Ok((decoded, request.hold))
}

/// A decoder that panics costs its request and no more.
fn caught<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    supervised(work).unwrap_or_else(|panicked| Err(fault(&panicked)))
}

fn fault(what: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%what, "a fault in otail while decoding a request");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, 13, "a fault in otail; please report it")
}
