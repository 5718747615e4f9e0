//! The waiting times of a user, and the costs while nothing happens.

use crate::body::Templates;
use crate::load::{Report, load};
use crate::program::{Explorer, Failure};
use crate::table::{Limit, Spread, Table};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const STARTS: usize = 15;
const KEYS: usize = 200;
/// A million spans.
pub const MILLION: u64 = 1_000_000;
/// The rate covers the last five seconds, so the screen changes for that long after the last span.
const SETTLED: Duration = Duration::from_secs(6);
const IDLE: Duration = Duration::from_secs(60);

/// Measures the start, keys, and the memory of a million spans.
pub fn run(table: &mut Table) -> Result<(), Failure> {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let (explorer, took) = Explorer::start()?;
        starts.push(took.as_secs_f64() * 1e3);
        explorer.quit()?;
    }
    table.row("start → first frame", Limit::Most(50.0, "ms"), Spread::of(starts), "by the clock");

    let client = client()?;
    let (mut explorer, _) = Explorer::start()?;
    let stop = Arc::new(AtomicBool::new(false));
    let trickle = client.spawn(trickle(explorer.http(), stop.clone()));
    explorer.until("spans", |screen| screen.contents().contains("spans "))?;
    let mut keys = Vec::new();
    for _ in 0..KEYS {
        keys.push(explorer.answer_to_a_key()?);
    }
    stop.store(true, Ordering::Relaxed);
    client.block_on(trickle)??;
    explorer.quit()?;
    key_rows(table, "key → bytes, while 10 000 spans/s arrive", keys);

    let (mut explorer, _) = Explorer::start()?;
    explorer.settle(Duration::from_secs(1));
    let before = explorer.resident()?;
    let report = client.block_on(client.spawn(load(explorer.plan(MILLION))))?;
    explorer.settle(Duration::from_secs(5));
    let over = explorer.resident()? - before;
    let note = format!("{before:.0} MB at the start; on the screen: {}", explorer.status());
    table.row("1 M spans, 5 s after the load: over the start", Limit::Most(220.0, "MB"), Spread::exactly(over), &note);
    accepted(&report)?;
    explorer.quit()
}

/// Measures a minute without data after a million spans.
pub fn idle(table: &mut Table) -> Result<(), Failure> {
    let (mut explorer, _) = Explorer::start()?;
    {
        // Its connections end when it is dropped.
        let client = client()?;
        accepted(&client.block_on(client.spawn(load(explorer.plan(MILLION))))?)?;
    }
    explorer.settle(SETTLED);
    let before = explorer.processor_time()?;
    let written = explorer.settle(IDLE);
    let spent = explorer.processor_time()?.into_iter().map(|(thread, after)| {
        let before = before.get(&thread).copied().unwrap_or_default();
        (after - before).as_secs_f64() * 1e3
    });
    let spent: Vec<f64> = spent.collect();
    let note = format!("1 M spans, {} threads; on the screen: {}", spent.len(), explorer.status());
    table.row("60 s without data: bytes written", Limit::Most(0.0, "bytes"), Spread::exactly(written as f64), &note);
    let spent = Spread::exactly(spent.iter().sum());
    table.row("60 s without data: processor time", Limit::Most(10.0, "ms"), spent, "all threads");
    explorer.quit()
}

/// Rows for the median and the 99th percentile.
pub fn key_rows(table: &mut Table, what: &str, mut keys: Vec<f64>) {
    keys.sort_by(f64::total_cmp);
    let at = |part: usize| keys.get(keys.len() * part / 100).copied().unwrap_or(f64::NAN);
    let p99 = at(99);
    let note = format!("{} keys, by the clock", keys.len());
    table.row(&format!("{what}: p50"), Limit::Most(5.0, "ms"), Spread::of(keys), &note);
    table.row(&format!("{what}: p99"), Limit::Most(16.0, "ms"), Spread::exactly(p99), "");
}

/// The number of accepted spans, in total and per second.
pub fn accepted(report: &Report) -> Result<(u64, f64), Failure> {
    let accepted = report.http.accepted + report.grpc.accepted;
    match &report.failure {
        Some(failure) => Err(failure.clone().into()),
        None => Ok((accepted, accepted as f64 / report.took.as_secs_f64())),
    }
}

/// A client with one thread, so that the program has the other core.
pub fn client() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// Sends 10 000 spans a second, a hundred at a time.
async fn trickle(http: String, stop: Arc<AtomicBool>) -> Result<(), reqwest::Error> {
    _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let templates = Templates::new(100, 11);
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        ticks.tick().await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
        let post = client.post(format!("{http}/v1/traces")).header("content-type", "application/x-protobuf");
        post.body(templates.fresh(number, now)).send().await?.error_for_status()?;
    }
    Ok(())
}
