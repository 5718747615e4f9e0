//! Synthetic telemetry: a small shop, and hostile text.

use super::harness::{MILLISECOND, NOON, SECOND};
use crate::columns::{
    Attributes, Batch, Buckets, DictionaryBuilder, Distribution, EventsBuilder, Exemplar, LinkRow, LogRow, LogsBuilder,
    Metric, OriginId, PointRow, PointValue, PointsBuilder, Raw, Resource, Scope, Series, SpanEventRow, SpanRare,
    SpanRow, SpansBuilder,
};
use crate::model::{
    MetricType, NestedWriter, Severity, SpanId, SpanKind, StatusCode, Temporality, Time, TraceId, Value,
};

pub(super) fn list(dictionary: &mut DictionaryBuilder, pairs: &[(&str, Raw<'_>)]) -> Attributes {
    let mut list = dictionary.begin_list(Attributes::default());
    for (key, value) in pairs {
        dictionary.add(&mut list, key.as_bytes(), *value);
    }
    dictionary.end_list(list)
}

pub(super) fn origin(dictionary: &mut DictionaryBuilder, service: &str, scope: &str) -> OriginId {
    let attributes = list(
        dictionary,
        &[
            ("service.name", Raw::Text(service.as_bytes())),
            ("service.version", Raw::Text(b"1.4.2")),
            ("host.name", Raw::Text(b"web-3")),
        ],
    );
    let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
    let (name, version) = (dictionary.text(scope.as_bytes()), dictionary.text(b"0.9.1"));
    let scope = dictionary.scope(Scope { name, version, ..Scope::default() });
    dictionary.origin(resource, scope)
}

/// A span, as a table row.
#[derive(Clone, Copy)]
pub(super) struct Shot<'a> {
    pub service: &'a str,
    pub name: &'a str,
    pub kind: SpanKind,
    pub millis: f64,
    pub error: Option<&'a str>,
    pub attributes: &'a [(&'a str, Raw<'a>)],
}

impl Default for Shot<'_> {
    fn default() -> Self {
        Shot {
            service: "checkout",
            name: "POST /orders",
            kind: SpanKind::Server,
            millis: 182.4,
            error: None,
            attributes: &[],
        }
    }
}

/// Spans in a row; `from` is the number of the first.
pub(super) fn spans(from: usize, shots: &[Shot<'_>]) -> Batch {
    let mut builder = SpansBuilder::default();
    for (index, shot) in shots.iter().enumerate() {
        let number = (from + index) as u64;
        let dictionary = &mut builder.dictionary;
        let origin = origin(dictionary, shot.service, "otail.shop");
        let attributes = list(dictionary, shot.attributes);
        let message = dictionary.text(shot.error.unwrap_or_default().as_bytes());
        let name = dictionary.text(shot.name.as_bytes());
        let start = Time(NOON.0 - 2 * SECOND + number * 37 * MILLISECOND);
        if shot.error.is_some() {
            let name = dictionary.text(b"exception");
            let attributes = list(
                dictionary,
                &[
                    ("exception.type", Raw::Text(b"PaymentDeclined")),
                    ("exception.stacktrace", Raw::Text(b"at charge (pay.js:12)\n\tat order (shop.js:40)")),
                ],
            );
            builder.push_event(SpanEventRow { time: Time(start.0 + 12 * MILLISECOND), name, attributes, dropped: 0 });
            builder.push_link(LinkRow { trace: TraceId([7; 16]), span: SpanId([8; 8]), ..LinkRow::default() });
        }
        builder.push(SpanRow {
            trace: TraceId(*b"\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36"),
            id: SpanId((number + 0x00f0_67aa_0ba9_02b7).to_be_bytes()),
            parent: if shot.kind == SpanKind::Server { SpanId::default() } else { SpanId([3; 8]) },
            name,
            kind: shot.kind,
            status: match shot.error {
                Some(_) => StatusCode::Error,
                None if number.is_multiple_of(3) => StatusCode::Ok,
                None => StatusCode::Unset,
            },
            start,
            end: Time(start.0 + (shot.millis * 1e6) as u64),
            flags: 1,
            origin,
            attributes,
            rare: SpanRare { status_message: message, ..SpanRare::default() },
        });
    }
    builder.finish()
}

/// `count` spans, named `span N`.
pub(super) fn numbered(from: usize, count: usize) -> Batch {
    let names: Vec<String> = (from..from + count).map(|number| format!("span {number}")).collect();
    let shots: Vec<Shot<'_>> = names.iter().map(|name| Shot { name, ..Shot::default() }).collect();
    spans(from, &shots)
}

pub(super) fn logs(service: &str, records: &[(i32, &str)]) -> Batch {
    let mut builder = LogsBuilder::default();
    for (index, (severity, body)) in records.iter().enumerate() {
        let dictionary = &mut builder.dictionary;
        let origin = origin(dictionary, service, "otail.shop.log");
        let attributes = list(dictionary, &[("thread.name", Raw::Text(b"worker-2")), ("order.id", Raw::Int(4_711))]);
        let body = dictionary.make_word(Raw::Text(body.as_bytes()));
        let time = Time(NOON.0 - SECOND + index as u64 * 53 * MILLISECOND);
        let severity = Severity(*severity);
        builder.push(LogRow { time, observed: time, severity, body, origin, attributes, ..LogRow::default() });
    }
    builder.finish()
}

pub(super) fn points() -> Batch {
    let mut builder = PointsBuilder::default();
    let metric = |builder: &mut PointsBuilder, name: &str, unit: &str, kind: MetricType, monotonic: bool| {
        let dictionary = &mut builder.dictionary;
        let origin = origin(dictionary, "cart", "otail.shop.meter");
        let (name, unit) = (dictionary.text(name.as_bytes()), dictionary.text(unit.as_bytes()));
        let temporality = if kind == MetricType::Gauge { Temporality::Unspecified } else { Temporality::Cumulative };
        let metric = builder.metric(Metric { name, unit, kind, temporality, monotonic, ..Metric::default() });
        let attributes = list(&mut builder.dictionary, &[("http.route", Raw::Text(b"/cart")), ("pool", Raw::Int(2))]);
        builder.series(Series { metric, origin, attributes })
    };
    let time = Time(NOON.0 - SECOND / 2);
    let row = |series| PointRow { series, start: Time(NOON.0 - 60 * SECOND), time, flags: 0 };
    let series = metric(&mut builder, "process.memory.usage", "By", MetricType::Gauge, false);
    builder.push_number(&row(series), PointValue::Int(125_829_120));
    let series = metric(&mut builder, "http.server.requests", "{request}", MetricType::Sum, true);
    builder.push_number(&row(series), PointValue::Int(98_231));
    let series = metric(&mut builder, "http.server.duration", "s", MetricType::Histogram, false);
    let bounds = builder.doubles([0.005, 0.05, 0.5]);
    let counts = builder.push_counts([3, 412, 90, 2]);
    let exemplar = PointValue::Double(0.31);
    builder.push_exemplar(Exemplar::new(time, exemplar, TraceId([7; 16]), SpanId([8; 8]), Attributes::default()));
    builder.push_distribution(
        &row(series),
        Distribution {
            count: 507,
            sum: Some(31.2),
            min: Some(0.001),
            max: Some(1.93),
            buckets: Buckets::Explicit { bounds, counts },
        },
    );
    builder.finish()
}

/// A histogram whose buckets contradict its count, and one without a recorded value.
pub(super) fn odd_points() -> Batch {
    let mut builder = PointsBuilder::default();
    let dictionary = &mut builder.dictionary;
    let origin = origin(dictionary, "cart", "otail.shop.meter");
    let (name, unit) = (dictionary.text(b"http.client.duration"), dictionary.text(b"s"));
    let metric = builder.metric(Metric { name, unit, kind: MetricType::Histogram, ..Metric::default() });
    let attributes = list(&mut builder.dictionary, &[("http.route", Raw::Text(b"/cart"))]);
    let series = builder.series(Series { metric, origin, attributes });
    for flags in [0, 1] {
        let row = PointRow { series, start: Time(NOON.0 - SECOND), time: NOON, flags };
        let bounds = builder.doubles([0.005, 0.05, 0.5]);
        let counts = builder.push_counts([3, 412, 90, 2]);
        let buckets = Buckets::Explicit { bounds, counts };
        builder
            .push_distribution(&row, Distribution { count: 900, sum: Some(31.2), buckets, ..Distribution::default() });
    }
    builder.finish()
}

pub(super) fn events() -> Batch {
    let mut builder = EventsBuilder::default();
    let mut nested = NestedWriter::default();
    nested.begin_map().unwrap();
    nested.key("version");
    nested.value(Value::Text("1.4.3"));
    nested.key("targets");
    nested.begin_array().unwrap();
    nested.value(Value::Text("web-3"));
    nested.value(Value::Int(4));
    nested.end();
    nested.end();
    let payload = builder.dictionary.make_word(Raw::Nested(nested.bytes()));
    builder.push("deploy.finished", "evt-17", Time(NOON.0 - 400 * MILLISECOND), "session-9", payload);
    builder.push_gap("overflow", 1_204, NOON);
    builder.finish()
}

/// A busy second of the shop.
pub(super) fn busy() -> Vec<Batch> {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};
    let http: &[(&str, Raw<'_>)] = &[
        ("http.request.method", Raw::Text(b"POST")),
        ("http.route", Raw::Text(b"/orders")),
        ("http.response.status_code", Raw::Int(502)),
        ("user.id", Raw::Text(b"u-4711")),
        ("cart.items", Raw::Int(3)),
        ("payment.total", Raw::Double(129.95)),
        ("feature.flags", Raw::Text(b"fast-checkout,new-tax")),
    ];
    let db: &[(&str, Raw<'_>)] = &[
        ("db.system.name", Raw::Text(b"postgresql")),
        ("db.query.text", Raw::Text(b"SELECT * FROM orders WHERE id = $1")),
    ];
    let shot = |service, name, kind, millis, error, attributes| Shot { service, name, kind, millis, error, attributes };
    let declined = Some("payment declined: card issuer said no");
    let first = [
        shot("frontend", "GET /cart", Server, 34.2, None, &http[..2]),
        shot("cart", "cart.get", Server, 8.1, None, &[]),
        shot("cart", "HGETALL cart:4711", Client, 0.84, None, &db[..1]),
        shot("frontend", "POST /orders", Server, 412.9, None, http),
        shot("checkout", "POST /orders", Server, 391.4, declined, http),
        shot("checkout", "SELECT orders", Client, 2.31, None, db),
        shot("payments", "charge", Client, 93.0, declined, &http[..1]),
        shot("shipping", "quote", Internal, 14.7, None, &[]),
        shot("checkout", "order.placed publish", Producer, 1.2, None, &[("messaging.system", Raw::Text(b"kafka"))]),
        shot("email", "order.placed process", Consumer, 2_204.0, None, &[("messaging.system", Raw::Text(b"kafka"))]),
    ];
    let second = [
        shot("recommendation", "GET /recommendations", Server, 61.0, None, &http[..2]),
        shot("catalog", "catalog.list", Internal, 0.093, None, &[]),
        shot("frontend", "GET /", Server, 12.0, None, &http[..2]),
    ];
    let log = [
        (9, "order 4711 accepted, 3 items"),
        (13, "card issuer slow: 2 of 3 tries used"),
        (17, "payment declined for order 4711: issuer said no\n  at charge (pay.js:12)"),
        (5, "cache hit ratio 0.93"),
    ];
    vec![
        spans(0, &first),
        logs("payments", &log),
        points(),
        spans(20, &second),
        events(),
        spans(23, &first[..6]),
        logs("checkout", &log[..2]),
    ]
}

/// Every kind of item, with this text in every text field.
pub(super) fn hostile(text: &str) -> Vec<Batch> {
    let bytes = text.as_bytes();
    let pairs: &[(&str, Raw<'_>)] = &[(text, Raw::Text(bytes)), ("plain", Raw::Bytes(bytes))];
    let mut spans = SpansBuilder::default();
    let dictionary = &mut spans.dictionary;
    let id = dictionary.text(bytes);
    let attributes = list(dictionary, pairs);
    let resource_attributes = list(dictionary, &[("service.name", Raw::Text(bytes)), (text, Raw::Text(bytes))]);
    let resource =
        dictionary.resource(Resource { attributes: resource_attributes, schema_url: id, ..Resource::default() });
    let scope = dictionary.scope(Scope { name: id, version: id, attributes, schema_url: id, dropped: 1 });
    let origin = dictionary.origin(resource, scope);
    spans.push_event(SpanEventRow { time: NOON, name: id, attributes, dropped: 1 });
    spans.push_link(LinkRow { trace_state: id, attributes, ..LinkRow::default() });
    let rare = SpanRare { trace_state: id, status_message: id, dropped_attributes: 1, ..SpanRare::default() };
    spans.push(SpanRow {
        name: id,
        origin,
        attributes,
        rare,
        status: StatusCode::Error,
        start: NOON,
        ..SpanRow::default()
    });

    let mut logs = LogsBuilder::default();
    let dictionary = &mut logs.dictionary;
    let id = dictionary.text(bytes);
    let attributes = list(dictionary, pairs);
    let body = dictionary.make_word(Raw::Text(bytes));
    for severity in [0, 17] {
        logs.push(LogRow {
            severity: Severity(severity),
            severity_text: id,
            body,
            event_name: id,
            attributes,
            ..LogRow::default()
        });
    }

    let mut points = PointsBuilder::default();
    let id = points.dictionary.text(bytes);
    let metric = points.metric(Metric { name: id, description: id, unit: id, ..Metric::default() });
    let attributes = list(&mut points.dictionary, pairs);
    let series = points.series(Series { metric, origin: OriginId::default(), attributes });
    points.push_exemplar(Exemplar::new(NOON, PointValue::Int(1), TraceId([1; 16]), SpanId([1; 8]), attributes));
    points.push_number(&PointRow { series, ..PointRow::default() }, PointValue::Double(f64::NAN));
    points.push_number(&PointRow { series, time: Time(u64::MAX), ..PointRow::default() }, PointValue::Int(i64::MIN));
    let quantiles = points.doubles([0.5, f64::INFINITY, 0.99]);
    let distribution =
        Distribution { count: u64::MAX, buckets: Buckets::Quantiles(quantiles), ..Distribution::default() };
    points.push_distribution(&PointRow { series, ..PointRow::default() }, distribution);
    let exponential = Buckets::Exponential {
        scale: i32::MIN,
        zero_count: u64::MAX,
        zero_threshold: f64::NAN,
        positive: (i32::MAX, points.push_counts([1, u64::MAX])),
        negative: (i32::MIN, points.push_counts([1, 2])),
    };
    let distribution = Distribution { count: 0, sum: Some(f64::MAX), buckets: exponential, ..Distribution::default() };
    points.push_distribution(&PointRow { series, ..PointRow::default() }, distribution);

    let mut events = EventsBuilder::default();
    let payload = events.dictionary.make_word(Raw::Text(bytes));
    events.push(text, text, Time(1), text, payload);
    let mut nested = NestedWriter::default();
    nested.begin_map().unwrap();
    nested.key(text);
    nested.value(Value::Text(text));
    nested.end();
    let payload = events.dictionary.make_word(Raw::Nested(nested.bytes()));
    events.push(text, "", Time(u64::MAX), "", payload);
    events.push_gap(text, u64::MAX, Time(0));
    vec![spans.finish(), logs.finish(), points.finish(), events.finish()]
}
