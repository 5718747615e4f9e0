//! A load of OTLP traces at full speed: realistic bodies, fresh ids, limited in number and time.
//!
//! ```sh
//! cargo run --release --example load -- --endpoint http://127.0.0.1:4318 --grpc http://127.0.0.1:4317 --spans 1000000
//! ```

mod body;
mod load;

use clap::Parser;
use load::{Plan, Report, Tally, load};
use std::process::ExitCode;
use std::time::Duration;

/// Send OTLP traces as fast as a receiver accepts them, and report the results
#[derive(Parser)]
#[command(name = "load")]
struct Arguments {
    /// Base URL of OTLP/HTTP, such as http://127.0.0.1:4318
    #[arg(long, value_name = "URL", required_unless_present = "grpc")]
    endpoint: Option<String>,
    /// URL of OTLP/gRPC, such as http://127.0.0.1:4317
    #[arg(long, value_name = "URL")]
    grpc: Option<String>,
    /// Number of spans to send, rounded up to whole bodies
    #[arg(long, default_value_t = 1_000_000)]
    spans: u64,
    /// Spans per body
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    batch: u32,
    /// Connections to each of --endpoint and --grpc
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    connections: u32,
    /// Longest duration, such as 30s or 5m
    #[arg(long = "for", default_value = "30s", value_name = "DURATION", value_parser = duration)]
    lasts: Duration,
    /// Abandon bodies that are refused for lack of room; otherwise they are sent again
    #[arg(long)]
    no_retry: bool,
    /// Threads of the generator; with one thread the receiver has the other cores
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: u32,
    /// Print one line of JSON instead of the table
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let plan = Plan {
        http: arguments.endpoint,
        grpc: arguments.grpc,
        spans: arguments.spans,
        batch: arguments.batch as usize,
        connections: arguments.connections as usize,
        lasts: arguments.lasts,
        retry: !arguments.no_retry,
    };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.worker_threads(arguments.threads as usize).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("load: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    // Spawned, so that the work runs on the worker threads and not on this thread beside them.
    let report = runtime.block_on(async { tokio::spawn(load(plan)).await.unwrap_or_default() });
    if arguments.json {
        print_json(&report)
    } else {
        print_table(&report)
    }
    if let Some(failure) = &report.failure {
        eprintln!("load: {failure}");
    }
    if report.failure.is_some() || report.total().accepted == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Report {
    fn total(&self) -> Tally {
        self.http.plus(self.grpc)
    }

    fn a_second(&self, count: u64) -> f64 {
        count as f64 / self.took.as_secs_f64().max(1e-9)
    }
}

/// The count in one row of the report.
type Count = fn(&Tally) -> u64;

const ROWS: [(&str, Count); 8] = [
    ("sent", |tally| tally.sent),
    ("accepted", |tally| tally.accepted),
    ("rejected", |tally| tally.rejected),
    ("given_up", |tally| tally.given_up),
    ("failed", |tally| tally.failed),
    ("requests", |tally| tally.requests),
    ("refusals", |tally| tally.refusals),
    ("bytes", |tally| tally.bytes),
];

fn print_table(report: &Report) {
    let total = report.total();
    println!("{:<10}{:>16}{:>16}{:>16}", "", "http", "grpc", "total");
    for (name, of) in ROWS {
        println!("{name:<10}{:>16}{:>16}{:>16}", of(&report.http), of(&report.grpc), of(&total));
    }
    let rate = |tally: &Tally| report.a_second(tally.accepted);
    println!("{:<10}{:>16.0}{:>16.0}{:>16.0}", "spans/s", rate(&report.http), rate(&report.grpc), rate(&total));
    println!("{:<10}{:>48.3}", "seconds", report.took.as_secs_f64());
}

fn print_json(report: &Report) {
    let tally = |tally: &Tally| {
        let fields = ROWS.iter().map(|(name, of)| ((*name).to_owned(), of(tally).into()));
        serde_json::Value::Object(fields.collect())
    };
    let total = report.total();
    let line = serde_json::json!({
        "http": tally(&report.http),
        "grpc": tally(&report.grpc),
        "total": tally(&total),
        "seconds": report.took.as_secs_f64(),
        "spans_per_second": report.a_second(total.accepted),
    });
    println!("{line}");
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "expected a number with ms, s or m, such as 30s".to_owned())?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        unit => Err(format!("'{unit}' is not a unit of time; use ms, s or m")),
    }
}
