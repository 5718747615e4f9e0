//! Telemetry that was sent to the path of another signal.
//!
//! Decoders ignore unknown fields, so metrics sent to the path for traces look like a valid empty request. In protobuf, where
//! the three requests have the same outer structure, they look like invalid spans. Neither shows the real mistake.

use crate::model::Signal;
pub(super) use crate::wire::otlp::misdirected;

/// The usual name of a signal, in the plural.
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
    fn each_signal_is_recognised_at_every_other_path() {
        let all = bodies();
        for (sent, encoding, body) in &all {
            for at in [Signal::Spans, Signal::Metrics, Signal::Logs] {
                let expected = (at != *sent).then_some((*sent, 1));
                assert_eq!(misdirected(at, *encoding, body), expected, "{sent:?} as {encoding:?} at {at:?}");
            }
        }
    }

    #[test]
    fn bad_and_empty_requests_are_not_misdirected() {
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
