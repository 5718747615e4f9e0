//! Whatever comes is kept, counted or handed back, and nothing panics.

use super::{SPAN, TRACE, json_of, span_json};
use crate::columns::{Batch, Item};
use crate::wire::span_record::{Decoder, Found};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn any_json() -> impl Strategy<Value = Json> {
    let keys = prop::sample::select(vec![
        "traceId",
        "spanId",
        "parentSpanId",
        "name",
        "kind",
        "startTimeUnixNano",
        "startTime",
        "durationMs",
        "status",
        "statusCode",
        "attributes",
        "attributesJson",
        "resource",
        "events",
        "links",
        "genAi",
        "genAiTopP",
        "sessionId",
        "data",
        "type",
        "eventType",
        "spans",
        "resourceSpans",
        "serviceName",
        "value",
        "timestamp",
        "dropped",
        "x",
    ]);
    let leaf = prop_oneof![
        prop::sample::select(vec![
            json!(TRACE),
            json!(SPAN),
            json!(null),
            json!(true),
            json!(-1),
            json!(2),
            json!(1.5),
            json!(u64::MAX)
        ]),
        prop::sample::select(vec![
            json!("{\"a\":1}"),
            json!("[{\"name\":\"e\"}]"),
            json!("[]"),
            json!("span"),
            json!(""),
            json!("5")
        ]),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((keys.clone(), inner), 0..10).prop_map(|entries| entries
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_stream_says_is_kept_counted_or_handed_back(records in prop::collection::vec((any_json(), any::<bool>()), 1..5)) {
        let mut decoder = Decoder::default();
        let (mut spans, mut events) = (0, 0);
        for (record, named) in &records {
            match decoder.read(if *named { "span" } else { "message" }, "1", &record.to_string()) {
                Found::Spans(count) => spans += count,
                Found::Event | Found::Gap { .. } => events += 1,
                Found::Otlp(text) => {
                    // Spans beside OTLP documents are counted by the decoder alone.
                    prop_assert!(!text.is_empty());
                    spans = decoder.len() - events;
                }
                Found::Connected | Found::Heartbeat { .. } => {}
            }
            prop_assert_eq!(decoder.len(), spans + events);
        }
        let decoded = decoder.take();
        let batches = [decoded.spans, decoded.events];
        for batch in batches.iter().flatten() {
            // Reading every value proves that every index is in bounds.
            batch.items().for_each(|item| match item {
                Item::Span(span) => _ = span_json(span),
                Item::Event(event) => _ = json_of(event.payload()),
                _ => unreachable!(),
            });
        }
        prop_assert_eq!(batches.iter().flatten().map(Batch::len).sum::<usize>(), spans + events);
    }

    #[test]
    fn any_text_is_survived(name in ".{0,8}", data in r#"[\{\}\[\]":,a-d0-9\\ue]{0,60}"#) {
        let mut decoder = Decoder::default();
        decoder.read(&name, "", &data);
        decoder.take();
    }
}
