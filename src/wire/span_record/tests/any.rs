//! Any input is kept or counted, and nothing panics.

use super::{SPAN, TRACE, json_of, span_json};
use crate::columns::{Batch, Item};
use crate::wire::span_record::{Decoded, Decoder};
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
    fn every_record_is_kept_or_counted(records in prop::collection::vec((any_json(), any::<bool>()), 1..5)) {
        let mut decoder = Decoder::default();
        let mut kept = 0;
        for (record, named) in &records {
            kept += match decoder.read(if *named { "span" } else { "message" }, "1", &record.to_string()) {
                Decoded::Items(count) => count,
                Decoded::Event | Decoded::Gap { .. } => 1,
                Decoded::Connected | Decoded::Heartbeat { .. } => 0,
            };
            prop_assert_eq!(decoder.len(), kept);
        }
        let batches = decoder.take().batches;
        // Reading every value proves that every index is in bounds.
        batches.iter().flat_map(Batch::items).for_each(|item| match item {
            Item::Span(span) => _ = span_json(span),
            Item::Event(event) => _ = json_of(event.payload()),
            _ => {}
        });
        prop_assert_eq!(batches.iter().map(Batch::len).sum::<usize>(), kept);
        prop_assert!(batches.iter().all(|batch| !batch.is_empty()));
    }

    /// Keys learned from earlier records do not change how one is read.
    #[test]
    fn earlier_records_do_not_change_the_next(records in prop::collection::vec(any_json(), 1..6), again in 1..3usize) {
        let mut learned = Decoder::default();
        for record in std::iter::repeat_n(&records, again).flatten() {
            let text = record.to_string();
            let read = |decoder: &mut Decoder| {
                let found = decoder.read("span", "1", &text);
                let taken = decoder.take();
                let items = taken.batches.iter().flat_map(Batch::items).map(|item| match item {
                    Item::Span(span) => span_json(span),
                    Item::Event(event) => json_of(event.payload()),
                    _ => Json::Null,
                });
                (found, items.collect::<Vec<_>>(), taken.rejected)
            };
            prop_assert_eq!(read(&mut learned), read(&mut Decoder::default()), "{}", text);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(name in ".{0,8}", data in r#"[\{\}\[\]":,a-d0-9\\ue]{0,60}"#) {
        let mut decoder = Decoder::default();
        decoder.read(&name, "", &data);
        decoder.take();
    }
}
