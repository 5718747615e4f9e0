//! Telemetry that was sent to the place of another signal.
//!
//! Unknown fields must be ignored, so metrics that are posted to the place for traces are a good request for nothing; in
//! protobuf, where the three requests have one outer shape, they are spans that make no sense. Neither says what is wrong.

use crate::columns::Columns;
use crate::model::{Signal, Time};
use crate::wire::otlp::decode;
use crate::wire::{Encoding, Limits};

/// What a body, of which nothing could be taken as its own signal, is instead, and how many items of it. Only what is
/// certain: in JSON by the name of its one field; in protobuf where it is whole, and without a fault, as one other signal
/// and as no third.
pub(super) fn misdirected(signal: Signal, encoding: Encoding, body: &[u8]) -> Option<(Signal, u64)> {
    let limits = Limits::default();
    let others = [Signal::Spans, Signal::Metrics, Signal::Logs].into_iter().filter(|other| *other != signal);
    let mut found = others.filter_map(|other| {
        let decoded = decode(other, encoding, body, &limits).ok()?;
        let (good, bad) = (decoded.batch.len() as u64, decoded.rejected.count);
        let items = match encoding {
            Encoding::Json => good + bad,
            Encoding::Protobuf if bad > 0 || !is_telling(&decoded.batch.columns) => 0,
            Encoding::Protobuf => good,
        };
        (items > 0).then_some((other, items))
    });
    match (found.next(), found.next()) {
        (Some(found), None) => Some(found),
        _ => None,
    }
}

/// Whether the items have what those of no other signal have in its place. Spans have ids and points have times, or they would
/// be rejected; a log record may be empty, and then it is anything.
fn is_telling(columns: &Columns) -> bool {
    match columns {
        Columns::Logs(logs) => logs.time.iter().zip(&logs.observed).all(|times| times != (&Time(0), &Time(0))),
        _ => true,
    }
}

/// As people call them.
pub(super) fn name(signal: Signal) -> &'static str {
    match signal {
        Signal::Spans => "traces",
        Signal::Metrics => "metrics",
        Signal::Logs => "logs",
        Signal::Events => "events",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{bodies, request, span};
    use super::*;
    use opentelemetry_proto::tonic::trace::v1::Span;
    use prost::Message;

    #[test]
    fn each_signal_is_known_at_the_place_of_each_other() {
        let all = bodies();
        for (sent, encoding, body) in &all {
            for at in [Signal::Spans, Signal::Metrics, Signal::Logs] {
                let expected = (at != *sent).then_some((*sent, 1));
                assert_eq!(misdirected(at, *encoding, body), expected, "{sent:?} as {encoding:?} at {at:?}");
            }
        }
    }

    #[test]
    fn bad_and_empty_requests_of_the_own_signal_are_not_taken_for_another() {
        let bad = |bad: Span| request(vec![bad]).encode_to_vec();
        for body in [
            bad(Span { trace_id: vec![1], ..span("bad") }),
            bad(Span { trace_id: Vec::new(), span_id: Vec::new(), ..span("bad") }),
            bad(Span { name: "only a name".into(), ..Span::default() }),
            bad(Span::default()),
            request(Vec::new()).encode_to_vec(),
            Vec::new(),
            vec![0xff; 64],
        ] {
            assert_eq!(misdirected(Signal::Spans, Encoding::Protobuf, &body), None, "{body:?}");
        }
        for body in
            [&b"{}"[..], br#"{"resourceMetrics":[]}"#, br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}"#, b"["]
        {
            assert_eq!(misdirected(Signal::Spans, Encoding::Json, body), None);
        }
    }
}
