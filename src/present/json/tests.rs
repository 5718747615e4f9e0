use super::*;
use crate::columns::{
    Attributes, EventsBuilder, Raw, Resource, Scope, SpanEventRow, SpanRare, SpanRow, SpansBuilder, Word,
};
use crate::model::{SpanId, SpanKind, StatusCode, Time, TraceId};

const RECEIPT: Receipt<'static> = Receipt { source: "listen", received: Time(1_000_000_000) };

fn line(item: Item<'_>) -> String {
    let mut out = Vec::new();
    write_item(item, RECEIPT, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_span_has_its_keys_in_the_order_of_the_contract() {
    let mut builder = SpansBuilder::default();
    let dictionary = &mut builder.dictionary;
    let mut list = dictionary.begin_list(Attributes::default());
    dictionary.add(&mut list, b"service.name", Raw::Text(b"shop"));
    let attributes = dictionary.end_list(list);
    let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
    let name = dictionary.text(b"lib");
    let scope = dictionary.scope(Scope { name, ..Scope::default() });
    let origin = dictionary.origin(resource, scope);
    let mut list = dictionary.begin_list(Attributes::default());
    dictionary.add(&mut list, b"big", Raw::Int(i64::MAX));
    dictionary.add(&mut list, b"nan", Raw::Double(f64::NAN));
    dictionary.add(&mut list, b"whole", Raw::Double(1.0));
    dictionary.add(&mut list, b"bytes", Raw::Bytes(&[0, 255]));
    dictionary.add(&mut list, b"none", Raw::Empty);
    let attributes = dictionary.end_list(list);
    let name = dictionary.text(b"GET /");
    let event = dictionary.text(b"retry");
    let status_message = dictionary.text("a\u{9b}b\u{202e}\x1b\"".as_bytes());
    builder.push_event(SpanEventRow { name: event, time: Time(5), ..SpanEventRow::default() });
    builder.push(SpanRow {
        trace: TraceId([1; 16]),
        id: SpanId([2; 8]),
        name,
        kind: SpanKind::Server,
        status: StatusCode::Error,
        start: Time(10),
        end: Time(30),
        origin,
        attributes,
        rare: SpanRare { status_message, ..SpanRare::default() },
        ..SpanRow::default()
    });
    let batch = builder.finish();
    let expected = concat!(
        r#"{"signal":"span","source":"listen","received":"1970-01-01T00:00:01.000000000Z","#,
        r#""trace_id":"01010101010101010101010101010101","span_id":"0202020202020202","name":"GET /","service":"shop","#,
        r#""kind":"server","start":"1970-01-01T00:00:00.000000010Z","end":"1970-01-01T00:00:00.000000030Z","#,
        r#""duration_ns":20,"status":"error","status_message":"a\u009bb\u202e\u001b\"","#,
        r#""attributes":{"big":9223372036854775807,"nan":"NaN","whole":1.0,"bytes":"AP8=","none":null},"#,
        r#""resource":{"service.name":"shop"},"scope":{"name":"lib"},"#,
        r#""events":[{"name":"retry","time":"1970-01-01T00:00:00.000000005Z","attributes":{}}]}"#,
        "\n"
    );
    assert_eq!(line(batch.item(0)), expected);
}

#[test]
fn a_gap_says_why_and_how_many() {
    let mut events = EventsBuilder::default();
    events.push_gap("overflow", 12, Time(1));
    events.push("message", "7", Time(0), "", Word::EMPTY);
    let batch = events.finish();
    let head = r#""source":"listen","received":"1970-01-01T00:00:01.000000000Z""#;
    assert_eq!(line(batch.item(0)), format!("{{\"signal\":\"gap\",{head},\"reason\":\"overflow\",\"dropped\":12}}\n"));
    let event = format!("{{\"signal\":\"event\",{head},\"type\":\"message\",\"id\":\"7\",\"payload\":null}}\n");
    assert_eq!(line(batch.item(1)), event);
}
