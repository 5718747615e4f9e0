//! The languages of the services, and their effects: SDKs, instrumentation scopes, the spelling of severities.

/// A service's language. It decides the SDK, the names of the instrumentation, and how exceptions are recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    Node,
    Go,
    Java,
    Dotnet,
    Python,
    Rust,
}

/// The library that made a span, a log record or a measurement; each is an instrumentation scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Library {
    App,
    HttpServer,
    HttpClient,
    Rpc,
    Postgres,
    Redis,
    Kafka,
    GenAi,
    Runtime,
    PrometheusBridge,
}

impl Language {
    /// The value of `telemetry.sdk.language`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Language::Node => "nodejs",
            Language::Go => "go",
            Language::Java => "java",
            Language::Dotnet => "dotnet",
            Language::Python => "python",
            Language::Rust => "rust",
        }
    }

    pub(super) fn sdk_version(self) -> &'static str {
        match self {
            Language::Node => "2.2.0",
            Language::Go => "1.38.0",
            Language::Java => "1.55.0",
            Language::Dotnet => "1.13.1",
            Language::Python => "1.38.0",
            Language::Rust => "0.31.0",
        }
    }

    pub(super) fn runtime(self) -> (&'static str, &'static str) {
        match self {
            Language::Node => ("nodejs", "24.9.0"),
            Language::Go => ("go", "go1.25.3"),
            Language::Java => ("OpenJDK Runtime Environment", "25.0.1+8"),
            Language::Dotnet => (".NET", "10.0.0"),
            Language::Python => ("cpython", "3.14.0"),
            Language::Rust => ("rustc", "1.91.0"),
        }
    }

    /// The `User-Agent` of its exporter.
    pub(super) fn user_agent(self) -> String {
        let name = match self {
            Language::Node => "JavaScript",
            Language::Go => "Go",
            Language::Java => "Java",
            Language::Dotnet => "Dotnet",
            Language::Python => "Python",
            Language::Rust => "Rust",
        };
        format!("OTel-OTLP-Exporter-{name}/{}", self.sdk_version())
    }

    /// How its loggers spell a severity, given OTLP's severity number.
    pub(super) fn severity_text(self, number: i32) -> &'static str {
        match (self, number) {
            (Language::Dotnet, 9..=12) => "Information",
            (Language::Dotnet, 13..=16) => "Warning",
            (Language::Dotnet, 17..=20) => "Error",
            (Language::Python, 13..=16) => "WARNING",
            (_, 1..=4) => "TRACE",
            (_, 5..=8) => "DEBUG",
            (_, 9..=12) => "INFO",
            (_, 13..=16) => "WARN",
            (_, 17..=20) => "ERROR",
            _ => "FATAL",
        }
    }

    /// Whether its instrumentation records exceptions as log events; otherwise as span events.
    pub(super) fn logs_exceptions(self) -> bool {
        matches!(self, Language::Node | Language::Go | Language::Rust)
    }

    /// Name and version of the instrumentation scope.
    pub(super) fn instrumentation(self, library: Library) -> (&'static str, &'static str) {
        use Library::*;
        let name = match (self, library) {
            (Language::Node, HttpServer | HttpClient) => "@opentelemetry/instrumentation-http",
            (Language::Node, Rpc) => "@opentelemetry/instrumentation-grpc",
            (Language::Node, Kafka) => "@opentelemetry/instrumentation-kafkajs",
            (Language::Node, Runtime) => "@opentelemetry/instrumentation-runtime-node",
            (Language::Node, _) => "@opentelemetry/instrumentation-redis",
            (Language::Go, HttpServer | HttpClient) => "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
            (Language::Go, Rpc) => "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
            (Language::Go, Postgres) => "github.com/exaring/otelpgx",
            (Language::Go, Redis) => "github.com/redis/go-redis/extra/redisotel",
            (Language::Go, Kafka) => "github.com/twmb/franz-go/plugin/kotel",
            (Language::Go, PrometheusBridge) => "go.opentelemetry.io/contrib/bridges/prometheus",
            (Language::Go, _) => "go.opentelemetry.io/contrib/instrumentation/runtime",
            (Language::Java, HttpServer) => "io.opentelemetry.tomcat-10.0",
            (Language::Java, HttpClient) => "io.opentelemetry.java-http-client",
            (Language::Java, Rpc) => "io.opentelemetry.grpc-1.6",
            (Language::Java, Postgres) => "io.opentelemetry.jdbc",
            (Language::Java, Redis) => "io.opentelemetry.lettuce-5.1",
            (Language::Java, Kafka) => "io.opentelemetry.kafka-clients-2.6",
            (Language::Java, _) => "io.opentelemetry.runtime-telemetry-java17",
            (Language::Dotnet, HttpServer) => "Microsoft.AspNetCore",
            (Language::Dotnet, HttpClient) => "System.Net.Http",
            (Language::Dotnet, Rpc) => "OpenTelemetry.Instrumentation.GrpcNetClient",
            (Language::Dotnet, Postgres) => "Npgsql",
            (Language::Dotnet, Redis) => "OpenTelemetry.Instrumentation.StackExchangeRedis",
            (Language::Dotnet, _) => "System.Runtime",
            (Language::Python, HttpServer) => "opentelemetry.instrumentation.fastapi",
            (Language::Python, HttpClient) => "opentelemetry.instrumentation.httpx",
            (Language::Python, Rpc) => "opentelemetry.instrumentation.grpc",
            (Language::Python, Postgres) => "opentelemetry.instrumentation.psycopg",
            (Language::Python, Redis) => "opentelemetry.instrumentation.redis",
            (Language::Python, GenAi) => "opentelemetry.instrumentation.openai_v2",
            (Language::Python, _) => "opentelemetry.instrumentation.system_metrics",
            (Language::Rust, HttpServer | HttpClient) => "opentelemetry-instrumentation-tower",
            (Language::Rust, Rpc) => "tonic-tracing-opentelemetry",
            (Language::Rust, Postgres) => "sqlx-tracing",
            (Language::Rust, _) => "opentelemetry-system-metrics",
        };
        let version = match self {
            Language::Node => "0.207.0",
            Language::Go => "0.63.0",
            Language::Java => "2.21.0-alpha",
            Language::Dotnet => "10.0.0",
            Language::Python => "0.59b0",
            Language::Rust => "0.17.0",
        };
        (name, version)
    }
}
