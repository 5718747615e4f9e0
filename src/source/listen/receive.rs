//! Handles the body of a request, for both protocols.

use super::super::Link;
use super::admission::Admission;
use super::misdirected::{misdirected, name};
use super::problem::Problem;
use super::request_info::RequestInfo;
use crate::budget::{Budget, Hold, Meter};
use crate::columns::EventsBuilder;
use crate::intake::PushError;
use crate::model::Signal;
use crate::net::{BodyError, BodyReaders, Compression, ConnectionEnds, Guard};
use crate::supervision::supervised;
use crate::wire::otlp::decode_within;
use crate::wire::{self, Decoded, Encoding, Rejected};
use bytes::Bytes;
use hyper::StatusCode;
use std::sync::Arc;

/// Bodies up to this size, unpacked, are decoded on the async worker: half a millisecond of work. Larger ones go to a
/// blocking thread, which costs a tenth more but keeps the workers free.
const INLINE: usize = 512 << 10;

/// The usual compression ratio of telemetry.
const PACKED: usize = 8;

/// Accepts requests; clones share everything.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub link: Link,
    pub guard: Arc<Guard>,
    pub admission: Arc<Admission>,
    /// The memory budget of all bodies.
    pub budget: Budget,
    /// The bodies that are being read.
    pub readers: BodyReaders,
    /// Maximum size of one body in bytes, unpacked.
    pub max_body: usize,
}

/// A request's body with its declared signal, encoding and compression.
#[derive(Debug)]
pub(super) struct Request {
    pub signal: Signal,
    pub encoding: Encoding,
    pub compression: Compression,
    pub body: Bytes,
    /// The body's share of the memory budget.
    pub hold: Hold,
}

impl Receiver {
    /// Refuses a plain request if the port requires TLS, with a message that the sender can read.
    pub fn is_as_secure_as_asked(&self, ends: ConnectionEnds) -> Result<(), Problem> {
        let message = "this port requires TLS; use https:// instead of http://";
        if ends.lacks_tls { Err(Problem::new(StatusCode::BAD_REQUEST, 9, message)) } else { Ok(()) }
    }

    /// Unpacks, decodes and delivers a request. Returns the rejected items; all others are in the queue.
    pub async fn take(&self, info: &RequestInfo, request: Request) -> Result<Rejected, Problem> {
        let (limit, path_for) = (self.max_body, info.path_for);
        let (decoded, hold) = match caught(|| unpack_here(request, limit, &self.budget))? {
            DecodeOn::Worker(request) => caught(|| decode(request, limit, path_for))?,
            DecodeOn::Thread(request) => {
                let beside = tokio::task::spawn_blocking(move || caught(|| decode(request, limit, path_for)));
                beside.await.map_err(|error| fault(&error))??
            }
        };
        let Decoded { batch, rejected } = decoded;
        let items = batch.len() as u64;
        let reported =
            Rejected { count: rejected.count, reason: rejected.reason.as_deref().map(|why| info.reason(why)) };
        if let Err(error) = self.link.deliver_held(vec![batch], reported, Some(hold)).await {
            let problem = Problem::from(error);
            if error == PushError::Full {
                self.link.report_refused(items, info.reason_of(&problem));
            }
            return Err(problem);
        }
        Ok(rejected)
    }

    /// Counts and reports a refused request, as one item since the real number is unknown.
    pub fn report_problem(&self, info: &RequestInfo, problem: &Problem) {
        match info.carried {
            Some(_) if problem.counted => {}
            Some(items) if problem.is_temporary() => self.link.refuse(items, info.reason_of(problem)),
            Some(items) => self.link.reject(items, info.reason_of(problem)),
            None => {}
        }
    }
}

/// Where a request is decoded.
#[derive(Debug)]
enum DecodeOn {
    /// On the async worker that received it: it is unpacked and small.
    Worker(Request),
    /// On a blocking thread.
    Thread(Request),
}

/// Unpacks a small body and decides where to decode it. If it turns out to be large, it stays compressed.
fn unpack_here(mut request: Request, limit: usize, budget: &Budget) -> Result<DecodeOn, Problem> {
    let is_packed = request.compression != Compression::Identity;
    if request.body.len() * if is_packed { PACKED } else { 1 } > INLINE {
        return Ok(DecodeOn::Thread(request));
    }
    if !is_packed {
        return Ok(DecodeOn::Worker(request));
    }
    let mut hold = budget.hold();
    match request.compression.unpack(&request.body, INLINE.min(limit), &mut hold) {
        Ok(body) => {
            (request.body, request.compression, request.hold) = (body.into(), Compression::Identity, hold);
            Ok(DecodeOn::Worker(request))
        }
        Err(BodyError::TooLarge(_)) if limit > INLINE => Ok(DecodeOn::Thread(request)),
        Err(error) => Err(error.into()),
    }
}

/// Decodes a body. The returned hold covers only the batch.
fn decode(request: Request, limit: usize, path_for: fn(Signal) -> &'static str) -> Result<(Decoded, Hold), Problem> {
    let Request { signal, encoding, compression, mut body, mut hold } = request;
    if compression != Compression::Identity {
        let unpacked = compression.unpack(&body, limit, &mut hold)?;
        hold.shrink(body.len());
        body = unpacked.into();
    }
    let meter = Meter::new(body.len(), hold);
    let decoded = read(signal, encoding, &body, &meter, path_for)?;
    drop(body);
    let hold = meter.finish(decoded.batch.bytes());
    Ok((decoded, hold))
}

/// Decodes a body as its declared signal. If that gives no items, checks whether it is another signal.
fn read(
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
    meter: &Meter,
    path_for: fn(Signal) -> &'static str,
) -> Result<Decoded, Problem> {
    let decoded = decode_within(signal, encoding, body, &wire::Limits::default(), meter);
    if meter.check().is_err() || decoded.as_ref().is_ok_and(|decoded| !decoded.batch.is_empty()) {
        return Ok(decoded?);
    }
    let Some((found, count)) = misdirected(signal, encoding, body) else {
        return Ok(noted(decoded?, signal, encoding, body));
    };
    let (is, is_not) = (name(found), name(signal));
    let reason = Some(format!("these are {is}, not {is_not}; send {is} to {}", path_for(found)));
    Ok(Decoded { batch: EventsBuilder::default().finish(), rejected: Rejected { count, reason } })
}

/// Counts a request without any known content as one rejected item, with the reason.
fn noted(mut decoded: Decoded, signal: Signal, encoding: Encoding, body: &[u8]) -> Decoded {
    if decoded.batch.is_empty()
        && decoded.rejected.count == 0
        && let Some(reason) = wire::otlp::unknown(signal, encoding, body)
    {
        decoded.rejected.one(reason);
    }
    decoded
}

/// Turns a panic of a decoder into an error of its request.
fn caught<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    supervised(work).unwrap_or_else(|panicked| Err(fault(&panicked)))
}

fn fault(what: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%what, "decoding a request panicked; this is a defect of otail");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, 13, "internal error in otail; please report it")
}

#[cfg(test)]
mod tests {
    use super::super::tests::gzip;
    use super::*;

    const MAX: usize = 64 << 20;

    /// Where a body is decoded, and its length after `unpack_here`.
    fn place(compression: Compression, body: Vec<u8>) -> (&'static str, usize) {
        let budget = Budget::new(MAX * 2);
        let mut hold = budget.hold();
        hold.grow(body.len()).unwrap();
        let (signal, encoding) = (Signal::Spans, Encoding::Json);
        let request = Request { signal, encoding, compression, body: body.into(), hold };
        let (place, request) = match unpack_here(request, MAX, &budget).unwrap() {
            DecodeOn::Worker(request) => ("here", request),
            DecodeOn::Thread(request) => ("beside", request),
        };
        let held = MAX * 2 - budget.left();
        assert!(held >= request.body.len() && held <= 2 * INLINE, "it holds {held} bytes");
        (place, request.body.len())
    }

    #[test]
    fn only_small_bodies_are_decoded_on_the_worker() {
        assert_eq!(place(Compression::Identity, vec![b' '; INLINE]), ("here", INLINE));
        assert_eq!(place(Compression::Identity, vec![b' '; INLINE + 1]), ("beside", INLINE + 1));
        assert_eq!(place(Compression::Gzip, gzip(&[b' '; 9_000])), ("here", 9_000));
    }

    #[test]
    fn a_bomb_is_not_unpacked_on_the_worker() {
        let bomb = vec![0; 10 << 20];
        for (compression, packed) in
            [(Compression::Gzip, gzip(&bomb)), (Compression::Zstd, zstd::encode_all(&bomb[..], 1).unwrap())]
        {
            let size = packed.len();
            assert!(size * PACKED <= INLINE, "{size} bytes are not small");
            assert_eq!(place(compression, packed), ("beside", size), "{compression:?}");
        }
    }
}
