use super::super::super::{Decoded, Encoding, Limits, Rejected, WireError};
use super::super::{Document, decode, documents};
use crate::columns::{Buckets, Columns, Item, PointValue, SpanItem};
use crate::model::{MAX_NESTING, Signal, SpanKind, StatusCode, Temporality, Time, Value};
use std::fmt::Write;

fn read(signal: Signal, text: &str) -> Result<Decoded, WireError> {
    decode(signal, Encoding::Json, text.as_bytes(), &Limits::default())
}

fn spans(text: &str) -> Decoded {
    read(Signal::Spans, text).unwrap()
}

/// A request with one span that has its ids and these fields.
fn span(fields: &str) -> Decoded {
    let ids = r#""traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00F067AA0BA902B7""#;
    spans(&format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{ids}{fields}}}]}}]}}]}}"#))
}

fn value(any: &str) -> Decoded {
    span(&format!(r#","attributes":[{{"key":"k","value":{any}}}]"#))
}

fn points(metric: &str) -> Decoded {
    let text = format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{metric}]}}]}}]}}"#);
    read(Signal::Metrics, &text).unwrap()
}

fn first(decoded: &Decoded) -> SpanItem<'_> {
    assert_eq!(decoded.rejected.reason, None);
    match decoded.batch.item(0) {
        Item::Span(span) => span,
        _ => unreachable!(),
    }
}

fn reason(decoded: &Decoded) -> &str {
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (0, 1));
    decoded.rejected.reason.as_deref().unwrap()
}

fn shown(decoded: &Decoded) -> String {
    format!("{:?}", first(decoded).attributes().next().unwrap().1)
}

#[test]
fn either_spelling_of_a_key_is_read() {
    for text in [
        r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
            "scopeSpans":[{"scope":{"name":"s","version":"1"},"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736",
            "spanId":"00f067aa0ba902b7","parentSpanId":"00f067aa0ba902b8","startTimeUnixNano":"5","endTimeUnixNano":"7",
            "name":"n","kind":2,"status":{"code":2}}],"schemaUrl":"a"}],"schemaUrl":"b"}]}"#,
        r#"{"resource_spans":[{"schema_url":"b","scope_spans":[{"schema_url":"a","spans":[{"status":
            {"code":"STATUS_CODE_ERROR"},"kind":"SPAN_KIND_SERVER","name":"n","end_time_unix_nano":7,"start_time_unix_nano":5,
            "parent_span_id":"00F067AA0BA902B8","span_id":"00F067AA0BA902B7","trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736"}],
            "scope":{"version":"1","name":"s"}}],
            "resource":{"attributes":[{"value":{"string_value":"shop"},"key":"service.name"}]}}]}"#,
    ] {
        let decoded = spans(text);
        let span = first(&decoded);
        assert_eq!(span.trace().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(
            (span.id().to_string(), span.parent().to_string()),
            ("00f067aa0ba902b7".into(), "00f067aa0ba902b8".into())
        );
        assert_eq!((span.start(), span.end(), span.name()), (Time(5), Time(7), "n"));
        assert_eq!((span.kind(), span.status()), (SpanKind::Server, StatusCode::Error));
        assert_eq!(Item::Span(span).service(), "shop");
        let (resource, scope) = (span.dictionary.resource(span.origin()), span.dictionary.scope(span.origin()));
        assert_eq!((span.dictionary.text(scope.name), span.dictionary.text(scope.version)), ("s", "1"));
        assert_eq!((span.dictionary.text(scope.schema_url), span.dictionary.text(resource.schema_url)), ("a", "b"));
    }
}

#[test]
fn every_spelling_of_a_value_is_read() {
    for (any, expected) in [
        (r#"{"stringValue":"a\"\u00e9"}"#, r#"Text("a\"é")"#),
        (r#"{"intValue":"-9223372036854775808"}"#, "Int(-9223372036854775808)"),
        (r#"{"intValue":7}"#, "Int(7)"),
        (r#"{"int_value":7.0}"#, "Int(7)"),
        (r#"{"intValue":9223372036854775808}"#, "Double(9.223372036854776e18)"),
        (r#"{"intValue":-1e300}"#, "Double(-1e300)"),
        (r#"{"doubleValue":1}"#, "Double(1.0)"),
        (r#"{"doubleValue":"0.25"}"#, "Double(0.25)"),
        (r#"{"doubleValue":"NaN"}"#, "Double(NaN)"),
        (r#"{"doubleValue":"-Infinity"}"#, "Double(-inf)"),
        (r#"{"boolValue":false}"#, "Bool(false)"),
        (r#"{"bytesValue":"+/8="}"#, "Bytes([251, 255])"),
        (r#"{"bytesValue":"-_8"}"#, "Bytes([251, 255])"),
        (r#"{"bytesValue":""}"#, "Bytes([])"),
        ("{}", "Empty"),
        ("null", "Empty"),
        (r#"{"intValue":null}"#, "Empty"),
        (r#"{"intValue":1,"stringValue":null}"#, "Int(1)"),
        (r#"{"arrayValue":{}}"#, "Nested([])"),
        (
            r#"{"arrayValue":{"values":[{"intValue":1},{},{"kvlistValue":{"values":[{"value":{"boolValue":true},"key":"b"}]}}]}}"#,
            "Nested([1, null, {b: true}])",
        ),
    ] {
        assert_eq!(shown(&value(any)), expected, "{any}");
    }
}

#[test]
fn a_wrongly_typed_value_costs_its_span() {
    for (any, field) in [
        (r#"{"intValue":"x"}"#, "intValue"),
        (r#"{"intValue":1.5}"#, "intValue"),
        (r#"{"intValue":"9223372036854775808"}"#, "intValue"),
        (r#"{"stringValue":5}"#, "stringValue"),
        (r#"{"bytesValue":"%"}"#, "bytesValue"),
        (r#"{"boolValue":[{"a":[]}]}"#, "boolValue"),
        (r#"{"arrayValue":{"values":[{"intValue":"x"}]}}"#, "intValue"),
        (r#"{"kvlistValue":{"values":[{"key":1}]}}"#, "key"),
        ("5", "value"),
    ] {
        let decoded = value(any);
        assert!(reason(&decoded).contains(field), "{any}: {}", reason(&decoded));
    }
    for bad in
        [r#","startTimeUnixNano":{}"#, r#","flags":-1"#, r#","events":[5]"#, r#","name":["n"]"#, r#","status":2"#]
    {
        assert_eq!(span(bad).rejected.count, 1, "{bad}");
    }
}

#[test]
fn only_spans_without_an_id_are_rejected() {
    let decoded = spans(
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","spanId":""},null,7,
            {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","events":[{"name":"kept"}]},
            {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f0","events":[{"name":"lost"}]}]}]}]}"#,
    );
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (1, 4));
    assert_eq!(decoded.rejected.reason, Some(WireError::TraceId.to_string()));
    let Columns::Spans(columns) = &decoded.batch.columns else { unreachable!() };
    assert_eq!(columns.events().len(), 1);
}

#[test]
fn null_is_the_default_everywhere() {
    let decoded =
        span(r#","kind":null,"name":null,"events":null,"attributes":null,"status":null,"flags":null,"links":null"#);
    assert_eq!((first(&decoded).name(), first(&decoded).kind()), ("", SpanKind::Unspecified));
    let decoded = spans(r#"{"resourceSpans":[null,{"resource":null,"scopeSpans":null,"schemaUrl":null}]}"#);
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (0, 0));
}

#[test]
fn the_last_of_repeated_keys_wins() {
    let decoded = span(r#","name":"a","name":"b","attributes":[],"attributes":[{"key":"k"},{"key":"k"}]"#);
    assert_eq!((first(&decoded).name(), first(&decoded).attributes().count()), ("b", 2));
}

#[test]
fn unknown_fields_and_enum_numbers_are_skipped() {
    let decoded = span(r#","kind":77,"more":{"a":[1,{"b":null}]},"status":{"code":"STATUS_CODE_NEW","x":1}"#);
    assert_eq!((first(&decoded).kind(), first(&decoded).status()), (SpanKind::Unspecified, StatusCode::Unset));
}

#[test]
fn a_bad_resource_costs_its_own_items_alone() {
    let good = r#"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"good"}"#;
    let bad = good.replace("good", "bad");
    let decoded = spans(&format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{good}]}},{{"spans":[{bad},{bad}],"scope":{{"name":1}}}}]}},
            {{"scopeSpans":[{{"spans":[{bad}]}}],"resource":{{"attributes":[{{"key":1}}]}}}}]}}"#
    ));
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (1, 3));
    let Item::Span(span) = decoded.batch.item(0) else { unreachable!() };
    assert_eq!(span.name(), "good");
}

#[test]
fn an_invalid_group_counts_as_one_item() {
    for text in [r#"[7]"#, r#"[{"scopeSpans":7}]"#, r#"[{"scopeSpans":[7]}]"#, r#"[{"scopeSpans":[{"spans":{}}]}]"#] {
        reason(&spans(&format!(r#"{{"resourceSpans":{text}}}"#)));
    }
}

#[test]
fn lone_surrogates_become_replacements() {
    assert_eq!(shown(&value(r#"{"stringValue":"a\ud83d"}"#)), "Text(\"a\u{fffd}\")");
}

#[test]
fn invalid_json_is_an_error() {
    for text in ["", "[]", "5", "{", r#"{"resourceSpans":[}"#, r#"{"resourceSpans":7}"#, "{} x", "{\"a\":\"\u{1}\"}"] {
        assert!(read(Signal::Spans, text).is_err(), "{text}");
    }
    assert!(decode(Signal::Spans, Encoding::Json, b"{\"a\":\"\xff\"}", &Limits::default()).is_err());
    assert!(read(Signal::Events, "{}").is_err());
    assert!(read(Signal::Spans, "\u{feff}{}").unwrap().batch.is_empty());
}

#[test]
fn depth_of_values_and_text_is_bounded() {
    let nested = |levels: usize| {
        let mut text = String::from("{}");
        (0..levels).for_each(|_| text = format!(r#"{{"arrayValue":{{"values":[{text}]}}}}"#));
        text
    };
    let maps = |levels: usize| {
        let mut text = String::from("{}");
        (0..levels).for_each(|_| text = format!(r#"{{"kvlistValue":{{"values":[{{"key":"k","value":{text}}}]}}}}"#));
        text
    };
    for nested in [&nested as &dyn Fn(usize) -> String, &maps] {
        assert_eq!(value(&nested(MAX_NESTING)).rejected.count, 0);
        for levels in [MAX_NESTING + 1, 200, 20_000] {
            assert!(reason(&value(&nested(levels))).contains("nested deeper"));
        }
    }
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"{"arrayValue":{"values":["#, "]}}")] {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        assert!(read(Signal::Spans, &open).is_err());
        assert!(read(Signal::Spans, &format!("[{open}0{close}]")).is_err());
        assert!(read(Signal::Spans, &format!(r#"{{"resourceSpans":[{open}"#)).is_err());
    }
    let deep = format!(r#","unknown":{}0{}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(span(&deep).batch.len(), 1, "skipped values may have any depth");
}

#[test]
fn items_over_the_limits_are_rejected() {
    let one = r#"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","attributes":[{"key":"a"},{"key":"b"}]}"#;
    let text = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{one},{one},{one}]}}]}}]}}"#);
    for (limits, kept) in [
        (Limits { items: 2, ..Limits::default() }, 2),
        (Limits { parts: 5, ..Limits::default() }, 2),
        (Limits { parts: 6, ..Limits::default() }, 3),
    ] {
        let decoded = decode(Signal::Spans, Encoding::Json, text.as_bytes(), &limits).unwrap();
        assert_eq!((decoded.batch.len() as u64, decoded.rejected.count), (kept, 3 - kept), "{limits:?}");
    }
}

#[test]
fn metric_fields_may_follow_the_points() {
    let decoded = points(
        r#"{"sum":{"dataPoints":[{"timeUnixNano":"9","asInt":"-3"},{"timeUnixNano":9,"asDouble":0.5},{"asInt":1}],
            "isMonotonic":true,"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"},"unit":"s","name":"late"}"#,
    );
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (2, 1));
    assert_eq!(decoded.rejected.reason, Some(WireError::PointTime.to_string()));
    let values: Vec<PointValue<'_>> = decoded
        .batch
        .items()
        .map(|item| match item {
            Item::Point(point) => {
                let metric = point.metric();
                assert_eq!((point.name(), point.unit(), metric.monotonic), ("late", "s", true));
                assert_eq!(metric.temporality, Temporality::Cumulative);
                point.value()
            }
            _ => unreachable!(),
        })
        .collect();
    assert_eq!(values, [PointValue::Int(-3), PointValue::Double(0.5)]);
}

#[test]
fn one_stream_in_two_groups_is_one_stream() {
    let metric = r#"{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":1,"asInt":1,"attributes":[{"key":"a"}]}]}}"#;
    let decoded = points(&format!("{metric},{metric}"));
    let Columns::Points(columns) = &decoded.batch.columns else { unreachable!() };
    assert_eq!((columns.len(), columns.streams.len(), columns.metrics.len()), (2, 1, 1));
}

#[test]
fn a_histogram_keeps_its_buckets() {
    let decoded = points(
        r#"{"name":"h","histogram":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"9","count":"3","sum":1.5,
            "bucketCounts":["1",2],"explicitBounds":["Infinity"],"exemplars":[{"asInt":"4","filteredAttributes":[{"key":"f"}]}],
            "attributes":[{"key":"a"}]},{"timeUnixNano":"9","count":"x","bucketCounts":[1],"explicitBounds":[1]}]}}"#,
    );
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (1, 1));
    let Item::Point(point) = decoded.batch.item(0) else { unreachable!() };
    let PointValue::Distribution(distribution) = point.value() else { unreachable!() };
    let Buckets::Explicit { bounds, counts } = &distribution.buckets else { unreachable!() };
    assert_eq!((distribution.count, distribution.sum, distribution.min), (3, Some(1.5), None));
    assert_eq!(point.columns.counts(counts), [1, 2]);
    assert_eq!(point.doubles(*bounds).collect::<Vec<_>>(), [f64::INFINITY]);
    let exemplar = point.exemplars().next().unwrap();
    assert_eq!(exemplar.value(), PointValue::Int(4));
    assert_eq!(point.dictionary.attributes(exemplar.attributes).collect::<Vec<_>>(), [("f", Value::Empty)]);
    assert_eq!(point.attributes().collect::<Vec<_>>(), [("a", Value::Empty)]);
}

#[test]
fn a_point_without_a_value_must_say_so() {
    let of = |data: &str| points(&format!(r#"{{"name":"m",{data}}}"#));
    for kind in ["gauge", "sum"] {
        let decoded =
            of(&format!(r#""{kind}":{{"dataPoints":[{{"timeUnixNano":"9"}},{{"timeUnixNano":"9","asInt":null}}]}}"#));
        let rejected = Rejected { count: 2, reason: Some(WireError::NoValue.to_string()) };
        assert_eq!((decoded.batch.len(), decoded.rejected), (0, rejected), "{kind}");
    }
    for kind in ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] {
        let value = r#""asInt":"4","count":"3","sum":2,"bucketCounts":["1","1"],"explicitBounds":[1,1],"zeroCount":4,"quantileValues":[{}]"#;
        let decoded = of(&format!(r#""{kind}":{{"dataPoints":[{{"timeUnixNano":"9","flags":3,{value}}}]}}"#));
        assert_eq!((decoded.batch.len(), decoded.rejected.count), (1, 0), "{kind}");
        let Item::Point(point) = decoded.batch.item(0) else { unreachable!() };
        assert_eq!((point.value(), point.flags(), point.inconsistency()), (PointValue::None, 3, None), "{kind}");
    }
}

#[test]
fn numbers_that_contradict_themselves_are_kept_and_marked() {
    let decoded = points(
        r#"{"histogram":{"dataPoints":[{"timeUnixNano":"9","count":"3","bucketCounts":["1"],"explicitBounds":[1]},
            {"timeUnixNano":"9","count":"3","bucketCounts":["1","2"],"explicitBounds":[1]},
            {"timeUnixNano":"9","count":"4","bucketCounts":["1","2"],"explicitBounds":[1]}]},"name":"h"}"#,
    );
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (3, 0));
    let marks = decoded.batch.items().map(|item| match item {
        Item::Point(point) => point.inconsistency().map(|reason| reason.to_string()).unwrap_or_default(),
        _ => unreachable!(),
    });
    let expected = ["1 buckets do not fit 1 bounds", "", "the buckets hold 3 values, the count is 4"];
    assert_eq!(marks.collect::<Vec<_>>(), expected);
    // Whether a sum is monotonic may follow its points.
    let decoded = points(r#"{"name":"s","sum":{"dataPoints":[{"timeUnixNano":"9","asInt":"-4"}],"isMonotonic":true}}"#);
    let Item::Point(point) = decoded.batch.item(0) else { unreachable!() };
    assert_eq!(point.inconsistency().unwrap().to_string(), "a counter that only grows is -4");
}

#[test]
fn an_invalid_metric_name_costs_the_points() {
    let decoded = points(r#"{"gauge":{"dataPoints":[{"timeUnixNano":1,"asInt":1}]},"name":7}"#);
    assert_eq!(reason(&decoded), WireError::Field("name").to_string());
}

#[test]
fn a_log_record_keeps_body_severity_and_ids() {
    let decoded = read(
        Signal::Logs,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"2026-11-20T10:00:15Z","severityNumber":
            "SEVERITY_NUMBER_WARN2","severityText":"W","body":{"stringValue":"b"},"traceId":"00","eventName":"e",
            "droppedAttributesCount":4,"flags":1},{"body":{"intValue":{}}}]}]}]}"#,
    )
    .unwrap();
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (1, 1));
    let Item::Log(log) = decoded.batch.item(0) else { unreachable!() };
    assert_eq!((log.time().rfc3339(), log.severity().0), ("2026-11-20T10:00:15.000000000Z".into(), 14));
    assert_eq!((log.severity_text(), log.body(), log.event_name()), ("W", Value::Text("b"), "e"));
    assert!(log.trace().is_none());
    assert_eq!((log.dropped(), log.flags()), (4, 1));
}

/// The elements of a text: rows per signal, or text that is not OTLP.
fn told(text: &str) -> String {
    let mut told = String::new();
    for document in documents(text, &Limits::default()) {
        _ = match document {
            Document::Items(decoded) => write!(told, "{} {}; ", decoded.batch.len(), decoded.batch.signal().word()),
            Document::Unknown(text) => write!(told, "unknown {text}; "),
            Document::Broken(text, _) => write!(told, "broken {text}; "),
            Document::Unfinished(text) => write!(told, "unfinished {text}; "),
        };
    }
    told
}

const SPAN: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}]}]}]}"#;
const LOG: &str = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#;

#[test]
fn documents_are_read_in_every_arrangement() {
    assert_eq!(told(SPAN), "1 spans; ");
    assert_eq!(told(&format!("{SPAN}{SPAN} {SPAN}")), "3 spans; ");
    assert_eq!(told(&format!("\u{feff}{SPAN}\r\n\n{LOG}\n{SPAN}\n")), "2 spans; 1 logs; ");
    assert_eq!(told(&format!(" [ {SPAN} , {LOG} ] ")), "1 spans; 1 logs; ");
    let both = format!("{},{}", &SPAN[..SPAN.len() - 1], &LOG[1..]);
    assert_eq!(told(&both), "1 spans; 1 logs; ");
    for nothing in ["", "  \n", "[]", r#"{"resourceSpans":[]}"#] {
        assert_eq!(told(nothing), "");
    }
}

#[test]
fn other_json_is_returned_in_order() {
    assert_eq!(
        told(&format!(r#"{SPAN}{{"a":1}}{SPAN} [1,{{}}] "x" 7 null {{"resourceSpans":1}}{LOG}"#)),
        r#"1 spans; unknown {"a":1}; 1 spans; broken [1,{}] "x" 7 null {"resourceSpans":1}; 1 logs; "#
    );
}

#[test]
fn a_broken_line_costs_that_line_alone() {
    assert_eq!(
        told(&format!("{SPAN}\n{{\"resourceSpans\":[}}\n{SPAN}")),
        "1 spans; broken {\"resourceSpans\":[}; 1 spans; "
    );
    let half = &SPAN[..SPAN.len() - 3];
    assert_eq!(told(&format!("{LOG}{half}")), format!("1 logs; unfinished {half}; "));
    assert_eq!(told(&format!("{SPAN}}}\n{LOG}")), "1 spans; broken }; 1 logs; ");
}

#[test]
fn lone_surrogates_are_repaired_only_in_their_document() {
    let text = format!(r#"{SPAN}{}{{"a":"\ud83d"}}"#, LOG.replace("{}", r#"{"severityText":"\ud83d"}"#));
    assert_eq!(told(&text), r#"1 spans; 1 logs; unknown {"a":"\ud83d"}; "#);
}

#[test]
fn many_documents_become_few_batches() {
    let text = format!("{SPAN}\n").repeat(10_000);
    let rows: Vec<usize> = documents(&text, &Limits::default())
        .map(|document| match document {
            Document::Items(decoded) => decoded.batch.len(),
            _ => unreachable!(),
        })
        .collect();
    assert_eq!((rows.len(), rows.iter().sum()), (3, 10_000));
}
