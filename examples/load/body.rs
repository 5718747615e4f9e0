//! Realistic request bodies at little cost: encoded once; each request then gets fresh ids and times in place.
//!
//! Ids, times and one text per trace are encoded as unique placeholders, whose positions are then found in the bytes. A fresh
//! body is a copy with these positions overwritten; nothing is encoded while the load runs.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;

/// Spans per trace.
pub const TRACE: usize = 8;

/// Encoded requests, each from one service.
pub struct Templates {
    all: Vec<Template>,
    batch: usize,
    seed: u64,
}

struct Template {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// A position to overwrite: what, where, and for which span of the body.
struct Place {
    at: usize,
    span: usize,
    what: What,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    TraceId,
    SpanId,
    ParentId,
    Start,
    End,
    Session,
}

/// How the value of an attribute varies between spans.
enum Varies {
    /// One of these texts.
    Word(&'static [&'static str]),
    /// One of these numbers.
    Number(&'static [i64]),
    /// From 0 to below this number.
    Below(i64),
    /// A new text for every trace of every body.
    Session,
}

const SERVICES: [&str; 8] =
    ["frontend", "gateway", "catalog", "cart", "checkout", "payments", "inventory", "recommendations"];
/// Bytes that never occur in UTF-8 text, before every binary placeholder.
const MARK: [u8; 4] = [0xF5, 0xA7, 0x0D, 0xFE];
const SESSION_MARK: &str = "~session";

type Shape = (&'static str, &'static str, i32, [(&'static str, Varies); 10]);

#[rustfmt::skip]
const SHAPES: [Shape; 5] = {
    use Varies::{Below, Number, Session, Word};
    const SERVERS: &[&str] = &["gateway", "catalog", "cart", "checkout", "payments", "inventory"];
    const PEERS: &[&str] = &["10.42.0.11", "10.42.1.12", "10.42.2.13", "10.42.3.14", "10.42.0.15", "10.42.1.16"];
    const ROUTES: &[&str] = &["/", "/api/home", "/api/products/{sku}", "/api/search", "/api/cart/items", "/api/orders", "/recommendations", "/quotes"];
    const PATHS: &[&str] = &["/", "/api/home", "/api/products/ASM-100", "/api/products/EGR-100", "/api/products/SEN-050", "/api/products/DAR-100", "/api/products/KET-001", "/api/search", "/api/cart/items", "/api/orders", "/recommendations", "/quotes"];
    const URLS: &[&str] = &["http://catalog:8080/products/ASM-100", "http://catalog:8080/products/EGR-100", "http://catalog:8080/products/SEN-050", "http://catalog:8080/featured", "http://catalog:8080/search?q=green+tea", "http://recommendations:8080/recommendations", "http://checkout:5050/orders", "http://shipping:8080/quotes"];
    const AGENTS: &[&str] = &["Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"];
    const TABLES: &[&str] = &["products", "stock", "orders", "reviews", "purchases", "users"];
    const SQL: &[&str] = &["SELECT sku, name, price, stock FROM products WHERE sku = $1", "UPDATE stock SET free = free - $2, reserved = reserved + $2 WHERE sku = $1 AND free >= $2", "INSERT INTO orders (id, user_id, total, state) VALUES ($1, $2, $3, 'paid')", "SELECT avg(stars), count(*) FROM reviews WHERE sku = $1"];
    const METHODS: &[&str] = &["shop.cart.v1.Cart/AddItem", "shop.cart.v1.Cart/GetCart", "shop.inventory.v1.Inventory/GetStock", "shop.inventory.v1.Inventory/Reserve", "shop.payments.v1.Payments/Charge"];
    const THREADS: &[&str] = &["http-nio-8080-exec-1", "http-nio-8080-exec-2", "http-nio-8080-exec-3", "grpc-default-executor-0", "grpc-default-executor-1", "pool-2-thread-1"];
    const SKUS: &[&str] = &["ASM-100", "EGR-100", "SEN-050", "DAR-100", "CHA-200", "OOL-050", "MAT-030", "ROO-100", "KET-001", "POT-002"];
    [
        ("http-server", "GET /api/products/{sku}", 2, [("http.request.method", Word(&["GET", "GET", "POST"])), ("http.route", Word(ROUTES)), ("url.path", Word(PATHS)), ("url.scheme", Word(&["http"])), ("http.response.status_code", Number(&[200, 200, 200, 201, 404, 500])), ("server.address", Word(SERVERS)), ("server.port", Number(&[8080])), ("client.address", Word(PEERS)), ("user_agent.original", Word(AGENTS)), ("session.id", Session)]),
        ("http-client", "GET /products/{sku}", 3, [("http.request.method", Word(&["GET", "POST"])), ("url.full", Word(URLS)), ("url.template", Word(ROUTES)), ("server.address", Word(SERVERS)), ("server.port", Number(&[8080, 5050])), ("http.response.status_code", Number(&[200, 200, 201, 503])), ("network.protocol.version", Word(&["1.1"])), ("network.peer.address", Word(PEERS)), ("http.response.body.size", Below(4_096)), ("session.id", Session)]),
        ("postgres", "SELECT products", 3, [("db.system.name", Word(&["postgresql"])), ("db.namespace", Word(&["shop"])), ("db.collection.name", Word(TABLES)), ("db.operation.name", Word(&["SELECT", "UPDATE", "INSERT"])), ("db.query.summary", Word(TABLES)), ("db.query.text", Word(SQL)), ("server.address", Word(&["postgres-primary"])), ("server.port", Number(&[5432])), ("db.response.returned_rows", Below(40)), ("session.id", Session)]),
        ("grpc", "shop.cart.v1.Cart/GetCart", 2, [("rpc.system.name", Word(&["grpc"])), ("rpc.method", Word(METHODS)), ("rpc.response.status_code", Word(&["OK", "OK", "OK", "UNAVAILABLE"])), ("server.address", Word(SERVERS)), ("server.port", Number(&[5000, 5051, 5052])), ("network.peer.address", Word(PEERS)), ("network.protocol.version", Word(&["2"])), ("thread.id", Below(16)), ("thread.name", Word(THREADS)), ("session.id", Session)]),
        ("shop", "calculate parcels", 1, [("code.function.name", Word(&["calculate_parcels", "rank_candidates", "render", "verify_password"])), ("code.file.path", Word(&["src/parcels.py", "src/ranker.py", "src/render.ts", "src/login.go"])), ("code.line.number", Below(400)), ("thread.id", Below(16)), ("thread.name", Word(THREADS)), ("shop.product.sku", Word(SKUS)), ("shop.order.item.count", Below(5)), ("shop.payment.scheme", Word(&["visa", "mastercard", "girocard"])), ("shop.order.total.cents", Below(20_000)), ("session.id", Session)]),
    ]
};

impl Templates {
    /// Templates with `batch` spans each; different seeds give different ids.
    pub fn new(batch: usize, seed: u64) -> Templates {
        let all = SERVICES.iter().enumerate().map(|(number, service)| Template::new(number, service, batch)).collect();
        // Hashed, so that loads with neighbouring seeds do not use the same numbers.
        Templates { all, batch, seed: mix(seed) }
    }

    /// The body with this number. No other number gives the same ids. Its spans end at `now`, in nanoseconds since 1970.
    pub fn fresh(&self, number: u64, now: u64) -> Vec<u8> {
        let template = &self.all[number as usize % self.all.len()];
        let mut bytes = template.bytes.clone();
        // Ids start at 1 and every body has its own range, so no id is zero or repeated.
        let first = number * self.batch as u64 + 1;
        for place in &template.places {
            let (span, trace) = (first + place.span as u64, first + (place.span / TRACE * TRACE) as u64);
            let id = |of: u64| mix(of.wrapping_add(self.seed)).to_be_bytes();
            let duration = 50_000 + mix(place.span as u64) % 40_000_000;
            match place.what {
                What::TraceId => {
                    put(&mut bytes, place.at, &id(trace));
                    put(&mut bytes, place.at + 8, &mix(!trace).to_be_bytes());
                }
                What::SpanId => put(&mut bytes, place.at, &id(span)),
                What::ParentId => put(&mut bytes, place.at, &id(trace + parent(place.span % TRACE) as u64)),
                What::Start => put(&mut bytes, place.at, &now.saturating_sub(duration).to_le_bytes()),
                What::End => put(&mut bytes, place.at, &now.to_le_bytes()),
                What::Session => put(&mut bytes, place.at, format!("{:016x}", mix(trace ^ self.seed)).as_bytes()),
            }
        }
        bytes
    }
}

impl Template {
    fn new(number: usize, service: &str, batch: usize) -> Template {
        let mut dice = number as u64 + 1;
        let mut scopes = SHAPES.map(|(library, ..)| ScopeSpans {
            scope: Some(InstrumentationScope { name: library.into(), version: "1.4.2".into(), ..Default::default() }),
            ..Default::default()
        });
        for span in 0..batch {
            let shape = span % TRACE % SHAPES.len();
            scopes[shape].spans.push(encoded(span, &SHAPES[shape], &mut dice));
        }
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(Resource { attributes: resource(number, service), ..Default::default() }),
                scope_spans: scopes.into_iter().filter(|scope| !scope.spans.is_empty()).collect(),
                schema_url: "https://opentelemetry.io/schemas/1.44.0".into(),
            }],
        };
        let bytes = request.encode_to_vec();
        let places = places(&bytes);
        Template { bytes, places }
    }
}

/// The index in the trace of the span's parent; the first span has none.
pub fn parent(place: usize) -> usize {
    place.saturating_sub(1) / 2
}

fn encoded(span: usize, shape: &Shape, dice: &mut u64) -> Span {
    let (_, name, kind, attributes) = shape;
    let root = span.is_multiple_of(TRACE);
    let failed = roll(dice).is_multiple_of(50);
    let mut trace_id = mark(What::TraceId, span).to_vec();
    trace_id.extend([0; 8]);
    Span {
        trace_id,
        span_id: mark(What::SpanId, span).to_vec(),
        parent_span_id: if root { Vec::new() } else { mark(What::ParentId, span).to_vec() },
        flags: 0x101,
        name: (*name).to_owned(),
        kind: *kind,
        start_time_unix_nano: u64::from_le_bytes(mark(What::Start, span)),
        end_time_unix_nano: u64::from_le_bytes(mark(What::End, span)),
        attributes: attributes.iter().map(|(key, varies)| pair(key, varies.value(span, dice))).collect(),
        status: failed.then(|| Status { code: 2, message: "upstream did not answer in time".into() }),
        ..Default::default()
    }
}

fn resource(number: usize, service: &str) -> Vec<KeyValue> {
    let text = |key: &str, value: &str| pair(key, Value::StringValue(value.to_owned()));
    vec![
        text("service.name", service),
        text("service.version", "2.8.1"),
        text(
            "service.instance.id",
            &format!("{:08x}-5f1c-4c9a-9d6e-0c2b7a41d3e{number}", mix(number as u64 + 9) as u32),
        ),
        text("deployment.environment.name", "production"),
        text("host.name", &format!("node-{}", number % 4)),
        text("k8s.pod.name", &format!("{service}-6c9f7d5b8-x{number}2lq")),
        text("telemetry.sdk.language", "go"),
        text("telemetry.sdk.version", "1.38.0"),
    ]
}

impl Varies {
    fn value(&self, span: usize, dice: &mut u64) -> Value {
        match self {
            Varies::Word(words) => Value::StringValue(words[roll(dice) as usize % words.len()].to_owned()),
            Varies::Number(numbers) => Value::IntValue(numbers[roll(dice) as usize % numbers.len()]),
            Varies::Below(limit) => Value::IntValue((roll(dice) % *limit as u64) as i64),
            Varies::Session => Value::StringValue(format!("{SESSION_MARK}{span:08x}")),
        }
    }
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..Default::default() }
}

fn mark(what: What, span: usize) -> [u8; 8] {
    let [a, b, c, _] = (span as u32).to_le_bytes();
    [MARK[0], MARK[1], MARK[2], MARK[3], what as u8, a, b, c]
}

fn places(bytes: &[u8]) -> Vec<Place> {
    let binary = memchr::memmem::find_iter(bytes, &MARK).map(|at| {
        let what = [What::TraceId, What::SpanId, What::ParentId, What::Start, What::End][usize::from(bytes[at + 4])];
        let span = u32::from_le_bytes([bytes[at + 5], bytes[at + 6], bytes[at + 7], 0]) as usize;
        Place { at, span, what }
    });
    let text = memchr::memmem::find_iter(bytes, SESSION_MARK).map(|at| {
        let digits = std::str::from_utf8(&bytes[at + 8..at + 16]).unwrap_or_default();
        Place { at, span: usize::from_str_radix(digits, 16).unwrap_or_default(), what: What::Session }
    });
    binary.chain(text).collect()
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn roll(dice: &mut u64) -> u64 {
    *dice = dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mix(*dice) >> 8
}

/// SplitMix64's finalizer. It is one-to-one, so different numbers give different ids.
fn mix(number: u64) -> u64 {
    let a = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    b ^ (b >> 31)
}
