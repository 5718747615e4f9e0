//! Calls between services, and to databases and Kafka: the spans and measurements that the semantic conventions (v1.44)
//! define for each kind of call.

use super::attribute::{Attributes, int, text};
use super::cast::Service;
use super::instrument::Instrument;
use super::language::Library;
use super::simulation::Context;
use super::trace::{Opening, Trace};
use crate::model::{SpanKind, Time};
use opentelemetry_proto::tonic::common::v1::KeyValue;

/// An HTTP request. The path is the route with its parameters filled in.
#[derive(Clone)]
pub(super) struct Http {
    pub(super) method: &'static str,
    pub(super) route: &'static str,
    pub(super) path: String,
    pub(super) query: String,
}

/// The answer of a host outside the shop.
pub(super) enum Answer {
    /// A response with this status.
    Status(i64),
    /// No response: the error type and its message.
    None(&'static str, &'static str),
}

/// How an RPC ended: the gRPC status codes that the shop uses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Ok,
    FailedPrecondition,
    Internal,
    Unavailable,
}

/// A statement that is sent to PostgreSQL.
pub(super) struct Query {
    pub(super) operation: &'static str,
    pub(super) table: &'static str,
    pub(super) sql: &'static str,
    /// Median milliseconds.
    pub(super) ms: f64,
    pub(super) rows: i64,
}

impl Http {
    pub(super) fn get(route: &'static str) -> Http {
        Http { method: "GET", route, path: route.to_owned(), query: String::new() }
    }

    pub(super) fn post(route: &'static str) -> Http {
        Http { method: "POST", ..Http::get(route) }
    }

    /// Fills in the route's one parameter.
    pub(super) fn of(mut self, parameter: &str) -> Http {
        if let (Some(from), Some(to)) = (self.route.find('{'), self.route.find('}')) {
            self.path.replace_range(from..=to, parameter);
        }
        self
    }

    pub(super) fn asking(mut self, query: String) -> Http {
        self.query = query;
        self
    }

    fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

impl Code {
    fn word(self) -> &'static str {
        match self {
            Code::Ok => "OK",
            Code::FailedPrecondition => "FAILED_PRECONDITION",
            Code::Internal => "INTERNAL",
            Code::Unavailable => "UNAVAILABLE",
        }
    }

    /// Whether the conventions count this code as an error of a server span. For a client span, every code but `OK` is one.
    fn fails_server(self) -> bool {
        matches!(self, Code::Internal | Code::Unavailable)
    }
}

impl<'s> Trace<'s> {
    /// A request from a browser or a probe, whose own span is not recorded.
    pub(super) fn arrive(&mut self, at: Service, request: &Http, agent: &str, tell: impl FnOnce(&mut Self) -> i64) {
        let address = format!("203.0.113.{}", self.simulation.random.whole(1, 254));
        self.serve(at, request, [text("client.address", address), text("user_agent.original", agent)], tell);
    }

    /// A request from one service to another: a client span, the network, a server span.
    pub(super) fn http(&mut self, to: Service, request: &Http, tell: impl FnOnce(&mut Self) -> i64) -> i64 {
        let role = to.role();
        let url = format!("http://{}:{}{}", role.name, role.port, request.target());
        let caller = self.process().map(|process| process.address.clone()).unwrap_or_default();
        let peer = [text("client.address", caller), text("network.protocol.version", "1.1")];
        self.client(role.name, role.port, url, request, |t| Answer::Status(t.serve(to, request, peer, tell)))
    }

    /// A request to a host outside the shop, which sends no telemetry.
    pub(super) fn fetch(&mut self, host: &str, request: &Http, tell: impl FnOnce(&mut Self) -> Answer) -> i64 {
        self.client(host, 443, format!("https://{host}{}", request.target()), request, tell)
    }

    /// Returns the status of the response; 0 if there was none.
    fn client(
        &mut self,
        host: &str,
        port: i64,
        url: String,
        request: &Http,
        tell: impl FnOnce(&mut Self) -> Answer,
    ) -> i64 {
        let name = format!("{} {}", request.method, request.route);
        self.inside(Library::HttpClient, SpanKind::Client, name, |t| {
            let (began, mut about) = (t.now, vec![text("http.request.method", request.method)]);
            about.extend([text("server.address", host), int("server.port", port)]);
            t.set(about.clone());
            t.set([text("url.full", url), text("url.template", request.route)]);
            t.work(0.35);
            let status = match tell(t) {
                Answer::Status(status) => {
                    t.work(0.3);
                    about.push(int("http.response.status_code", status));
                    t.set([int("http.response.status_code", status)]);
                    if status >= 400 {
                        about.push(text("error.type", status.to_string()));
                        t.fail(&status.to_string(), "");
                    }
                    status
                }
                Answer::None(error, message) => {
                    about.push(text("error.type", error));
                    t.exception(error, message, &["connection.receive (client)", "pool.request (client)"]);
                    0
                }
            };
            t.measure(Instrument::HttpClientDuration, seconds(began, t.now), about);
            status
        })
    }

    fn serve(
        &mut self,
        at: Service,
        request: &Http,
        peer: impl IntoIterator<Item = KeyValue>,
        tell: impl FnOnce(&mut Self) -> i64,
    ) -> i64 {
        let process = self.simulation.process_of(at);
        let name = format!("{} {}", request.method, request.route);
        self.within(Opening { process, library: Library::HttpServer, kind: SpanKind::Server, name }, None, |t| {
            let (began, role) = (t.now, at.role());
            let mut about = vec![text("http.request.method", request.method), text("url.scheme", "http")];
            t.set(about.clone());
            t.set([text("http.route", request.route), text("url.path", request.path.clone())]);
            if !request.query.is_empty() {
                t.set([text("url.query", request.query.clone())]);
            }
            t.set([text("server.address", role.name), int("server.port", role.port)]);
            t.set(peer);
            t.measure(Instrument::HttpServerActive, 1.0, about.clone());
            t.work(0.3);
            let status = tell(t);
            t.work(0.2);
            t.set([int("http.response.status_code", status)]);
            t.measure(Instrument::HttpServerActive, -1.0, about.clone());
            about.extend([text("http.route", request.route), int("http.response.status_code", status)]);
            if status >= 500 {
                t.fail(&status.to_string(), "");
                about.push(text("error.type", status.to_string()));
            }
            t.measure(Instrument::HttpServerDuration, seconds(began, t.now), about);
            status
        })
    }

    /// A gRPC call from one service to another: a client span, the network, a server span. `method` is
    /// `package.Service/Method`. `tell` returns the code and the status message.
    pub(super) fn rpc(
        &mut self,
        to: Service,
        method: &str,
        tell: impl FnOnce(&mut Self) -> (Code, &'static str),
    ) -> Code {
        let role = to.role();
        let about = vec![
            text("rpc.system.name", "grpc"),
            text("rpc.method", method),
            text("server.address", role.name),
            int("server.port", role.port),
        ];
        self.inside(Library::Rpc, SpanKind::Client, method.to_owned(), |t| {
            t.set(about.clone());
            t.work(0.3);
            let process = t.simulation.process_of(to);
            let opening = Opening { process, library: Library::Rpc, kind: SpanKind::Server, name: method.to_owned() };
            let (code, message) = t.within(opening, None, |t| {
                let began = t.now;
                t.set(about.clone());
                t.work(0.2);
                let (code, message) = tell(t);
                t.work(0.1);
                let mut about = about.clone();
                about.push(text("rpc.response.status_code", code.word()));
                t.set([text("rpc.response.status_code", code.word())]);
                if code.fails_server() {
                    t.fail(code.word(), message);
                    about.push(text("error.type", code.word()));
                }
                t.measure(Instrument::RpcServerDuration, seconds(began, t.now), about);
                (code, message)
            });
            t.work(0.25);
            t.set([text("rpc.response.status_code", code.word())]);
            if code != Code::Ok {
                t.fail(code.word(), message);
            }
            code
        })
    }

    /// One statement to PostgreSQL. A fault is an SQLSTATE and a message.
    pub(super) fn postgres(&mut self, query: &Query, fault: Option<(&str, &str)>) {
        let name = format!("{} {}", query.operation, query.table);
        let mut about = vec![
            text("db.system.name", "postgresql"),
            text("db.namespace", "shop"),
            text("db.collection.name", query.table),
            text("db.operation.name", query.operation),
            text("server.address", "postgres-primary"),
        ];
        self.inside(Library::Postgres, SpanKind::Client, name.clone(), |t| {
            let began = t.now;
            t.set(about.clone());
            t.set([text("db.query.summary", name), text("db.query.text", query.sql), int("server.port", 5432)]);
            t.spend(query.ms, 0.5);
            match fault {
                None => t.set([int("db.response.returned_rows", query.rows)]),
                Some((state, message)) => {
                    t.set([text("db.response.status_code", state)]);
                    about.push(text("error.type", state));
                    t.exception("PgError", message, &["Statement::execute (pg)", "Pool::get (pg)"]);
                }
            }
            t.measure(Instrument::PostgresDuration, seconds(began, t.now), about);
        });
    }

    /// One command to Redis, summarized by its operation and the prefix of its key.
    pub(super) fn redis(&mut self, operation: &str, key: &str, ms: f64) {
        let summary = format!("{operation} {}", key.split(':').next().unwrap_or(key));
        let about = vec![
            text("db.system.name", "redis"),
            text("db.namespace", "0"),
            text("db.operation.name", operation),
            text("server.address", "redis-cache"),
        ];
        self.inside(Library::Redis, SpanKind::Client, summary.clone(), |t| {
            let began = t.now;
            t.set(about.clone());
            t.set([text("db.query.summary", summary), text("db.query.text", format!("{operation} {key} ?"))]);
            t.set([int("server.port", 6379)]);
            t.spend(ms, 0.4);
            t.measure(Instrument::RedisDuration, seconds(began, t.now), about);
        });
    }

    /// Sends a message to a Kafka topic; returns the context that a consumer finds in its headers.
    pub(super) fn send(&mut self, topic: &str, key: &str, offset: i64) -> Context {
        let about = vec![
            text("messaging.system", "kafka"),
            text("messaging.destination.name", topic),
            text("messaging.operation.name", "send"),
        ];
        self.inside(Library::Kafka, SpanKind::Producer, format!("send {topic}"), |t| {
            t.set(about.clone());
            t.set([text("messaging.operation.type", "send"), text("server.address", "kafka-0")]);
            t.set(message(key, offset));
            t.work(1.8);
            t.measure(Instrument::MessagesSent, 1.0, about);
            t.context()
        })
    }
}

/// The attributes that identify a message of a topic.
pub(super) fn message(key: &str, offset: i64) -> Attributes {
    vec![
        text("messaging.kafka.message.key", key),
        text("messaging.destination.partition.id", (offset % 3).to_string()),
        int("messaging.kafka.offset", offset),
    ]
}

pub(super) fn seconds(from: Time, to: Time) -> f64 {
    to.since(from) as f64 / 1e9
}
