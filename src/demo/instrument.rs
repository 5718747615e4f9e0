//! The shop's instruments, named by the semantic conventions where these have a name.

use super::language::Library;

/// An instrument; [`Instrument::definition`] describes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Instrument {
    HttpServerDuration,
    HttpServerActive,
    HttpClientDuration,
    RpcServerDuration,
    PostgresDuration,
    RedisDuration,
    MessagesSent,
    MessagesConsumed,
    ConsumerLag,
    TokenUsage,
    GenAiDuration,
    Orders,
    Revenue,
    BasketValue,
    CartItems,
    CacheLookups,
    CpuUtilization,
    CpuTime,
    MemoryUsage,
    DbConnections,
    GcDuration,
}

/// Name, description, unit and aggregation of a metric.
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) description: &'static str,
    pub(super) library: Library,
    pub(super) shape: Shape,
}

/// The aggregation of an instrument.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A monotonic sum of whole numbers.
    Counter,
    /// A monotonic sum of doubles.
    DoubleCounter,
    /// A non-monotonic sum of whole numbers; always cumulative, as in the SDKs.
    UpDown,
    /// A non-monotonic sum of whole numbers whose current value is observed.
    ObservedUpDown,
    /// The last value.
    Gauge,
    /// Explicit buckets with these bounds.
    Histogram(&'static [f64]),
    /// Base-2 exponential buckets.
    Exponential,
    /// Quantiles over the last observations.
    Summary,
}

impl Instrument {
    #[rustfmt::skip]
    pub(super) fn definition(self) -> Definition {
        use {Instrument::*, Library::*, Shape::*};
        let (name, unit, library, shape, description) = match self {
            HttpServerDuration => ("http.server.request.duration", "s", HttpServer, Histogram(SECONDS), "Duration of HTTP server requests."),
            HttpServerActive => ("http.server.active_requests", "{request}", HttpServer, UpDown, "Number of active HTTP server requests."),
            HttpClientDuration => ("http.client.request.duration", "s", HttpClient, Exponential, "Duration of HTTP client requests."),
            RpcServerDuration => ("rpc.server.call.duration", "s", Rpc, Histogram(SECONDS), "Measures the duration of an incoming Remote Procedure Call (RPC)."),
            PostgresDuration => ("db.client.operation.duration", "s", Postgres, Exponential, "Duration of database client operations."),
            RedisDuration => ("db.client.operation.duration", "s", Redis, Exponential, "Duration of database client operations."),
            MessagesSent => ("messaging.client.sent.messages", "{message}", Kafka, Counter, "Number of messages producer attempted to send to the broker."),
            MessagesConsumed => ("messaging.client.consumed.messages", "{message}", Kafka, Counter, "Number of messages that were delivered to the application."),
            ConsumerLag => ("messaging.consumer.lag", "{message}", App, Gauge, "Messages of the consumer group's topics that wait."),
            TokenUsage => ("gen_ai.client.token.usage", "{token}", GenAi, Histogram(TOKENS), "Number of input and output tokens used."),
            GenAiDuration => ("gen_ai.client.operation.duration", "s", GenAi, Exponential, "GenAI operation duration."),
            Orders => ("shop.orders", "{order}", App, Counter, "Orders placed, by outcome."),
            Revenue => ("shop.revenue", "EUR", App, DoubleCounter, "What paid orders are worth."),
            BasketValue => ("shop.basket.value", "EUR", App, Histogram(EUROS), "Value of a basket at checkout."),
            CartItems => ("shop.cart.items", "{item}", App, UpDown, "Items that lie in carts."),
            CacheLookups => ("shop.cache.lookups", "{lookup}", App, Counter, "Lookups in the shop's caches, by result."),
            CpuUtilization => ("process.cpu.utilization", "1", Runtime, Gauge, "CPU time of the process over wall time, by mode."),
            CpuTime => ("process.cpu.time", "s", Runtime, DoubleCounter, "Total CPU seconds by mode."),
            MemoryUsage => ("process.memory.usage", "By", Runtime, ObservedUpDown, "The amount of physical memory in use."),
            DbConnections => ("db.client.connection.count", "{connection}", Postgres, ObservedUpDown, "Connections of the pool, by state."),
            GcDuration => ("go_gc_duration_seconds", "s", PrometheusBridge, Summary, "A summary of the wall-time pause duration in garbage collection cycles."),
        };
        Definition { name, unit, description, library, shape }
    }
}

/// The bucket bounds that the semantic conventions recommend for `http.server.request.duration`.
const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// The bucket bounds that the semantic conventions recommend for `gen_ai.client.token.usage`.
const TOKENS: &[f64] = &[1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0, 4_096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0];
const EUROS: &[f64] = &[5.0, 10.0, 20.0, 40.0, 60.0, 80.0, 120.0, 200.0, 400.0];
