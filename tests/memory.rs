//! Compares the memory that the store counts with the memory that the process has. Each case fills a buffer in its own process,
//! so that no case reuses the memory of another.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use otail::columns::{
    Attributes, Batch, DictionaryBuilder, EventsBuilder, LogRow, LogsBuilder, Metric, PointRow, PointValue,
    PointsBuilder, Raw, Series, SpanRow, SpansBuilder,
};
use otail::model::{SourceId, SpanId, Time, TraceId};
use otail::store::{Arrival, Retention, Store};
use std::process::Command;

const MAX_BYTES: usize = 12 << 20;
const CASE: &str = "OTAIL_TEST_MEMORY_CASE";
type Load = fn(u64) -> Batch;
const CASES: [(&str, Load); 6] = [
    ("requests of 512 spans", |n| spans(n, 512)),
    ("one span at a time", |n| spans(n, 1)),
    ("log records whose bodies differ", |n| logs(n, 100, 200)),
    ("bodies of 300 kB", |n| logs(n, 2, 300_000)),
    ("a series a point", |n| points(n, 1_000)),
    ("one event at a time", events),
];

fn attributes(dictionary: &mut DictionaryBuilder, n: u64) -> Attributes {
    let mut list = dictionary.begin_list(Attributes::default());
    for key in 0..6 {
        let value = format!("value {}", n % (7 << key));
        dictionary.add(&mut list, format!("attribute.{key}").as_bytes(), Raw::Text(value.as_bytes()));
    }
    dictionary.add(&mut list, b"number", Raw::Int((n as i64) << 33));
    dictionary.end_list(list)
}

fn spans(request: u64, count: u64) -> Batch {
    let mut spans = SpansBuilder::default();
    for n in request * count..(request + 1) * count {
        let attributes = attributes(&mut spans.dictionary, n);
        let (trace, id) = (TraceId(u128::from(n / 8 + 1).to_be_bytes()), SpanId((n + 1).to_be_bytes()));
        spans.push(SpanRow { trace, id, attributes, ..SpanRow::default() });
    }
    spans.finish()
}

fn logs(request: u64, count: u64, size: usize) -> Batch {
    let mut logs = LogsBuilder::default();
    for n in request * count..(request + 1) * count {
        let text = format!("{n} {}", "x".repeat(size));
        let body = logs.dictionary.make_word(Raw::Text(text.as_bytes()));
        logs.push(LogRow { body, ..LogRow::default() });
    }
    logs.finish()
}

fn points(request: u64, count: u64) -> Batch {
    let mut points = PointsBuilder::default();
    let name = points.dictionary.text(b"shop.load");
    let metric = points.metric(Metric { name, ..Metric::default() });
    for n in request * count..(request + 1) * count {
        let attributes = attributes(&mut points.dictionary, n);
        let series = points.series(Series { metric, attributes, ..Series::default() });
        points.push_number(&PointRow { series, time: Time(n), ..PointRow::default() }, PointValue::Int(n as i64));
    }
    points.finish()
}

fn events(n: u64) -> Batch {
    let mut events = EventsBuilder::default();
    let payload = events.dictionary.make_word(Raw::Text(format!("payload {n}").as_bytes()));
    events.push("message", &n.to_string(), Time(n), "", payload);
    events.finish()
}

/// Resident bytes of this process, without mapped files.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

fn fill(make: fn(u64) -> Batch) {
    let mut store = Store::new(Retention { max_bytes: MAX_BYTES });
    let before = resident();
    let mut request = 0;
    // Fill the buffer twice, so that evicted and freed memory counts too.
    let mut full_at = None;
    while full_at.is_none_or(|full| request < 2 * full) {
        let batch = make(request);
        store.push(batch, Arrival::one(SourceId(1), Time(request)));
        request += 1;
        if full_at.is_none() && store.counters().back_to.is_some() {
            full_at = Some(request);
        }
    }
    let view = store.view();
    view.chunks().for_each(|chunk| _ = chunk.by_key());
    println!("\n{} {}", store.counters().total_bytes(), resident() - before);
}

#[test]
fn the_store_counts_its_memory() {
    if let Ok(case) = std::env::var(CASE) {
        let (_, make) = CASES.into_iter().find(|(name, _)| *name == case).unwrap();
        return fill(make);
    }
    for (name, _) in CASES {
        let arguments = ["the_store_counts_its_memory", "--exact", "--nocapture"];
        let output = Command::new(std::env::current_exe().unwrap()).args(arguments).env(CASE, name).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines = text.lines().filter_map(|line| {
            let (counted, resident) = line.split_once(' ')?;
            Some((counted.parse::<usize>().ok()?, resident.parse::<usize>().ok()?))
        });
        let Some((counted, resident)) = lines.next_back() else { panic!("{name}: {text}") };
        println!("{name}: counted {counted}, resident {resident}, {:.2}", resident as f64 / counted as f64);
        assert!(counted <= MAX_BYTES, "{name}: {counted}");
        assert!(resident <= MAX_BYTES + MAX_BYTES / 4, "{name}: {resident} resident of {counted} counted");
        assert!(resident * 5 >= counted * 4, "{name}: {resident} resident of {counted} counted");
    }
}
