//! Telemetry that was sent to the place of another signal.
//!
//! Unknown fields must be ignored, so metrics that are posted to the place for traces are a good request for nothing; in
//! protobuf, where the three requests have one outer shape, they are spans that make no sense. Neither says what is wrong.

use crate::model::Signal;
pub(super) use crate::wire::otlp::misdirected;

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
    use crate::wire::Encoding;
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
