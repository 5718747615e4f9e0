//! A million spans in the store: the cost of storing them in addition to decoding, their memory, and the cost of queries over
//! all of them.

use crate::body::Templates;
use crate::decode::{BATCH, NOW};
use crate::table::{Limit, Spread, Table, ratio, timed};
use memchr::memmem;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric::Data, number_data_point,
};
use otail::columns::{Batch, Columns, Dictionary, Spans};
use otail::filter::Filter;
use otail::intake::{DUPLICATE_WINDOW, Duplicates, Parcel};
use otail::model::{Signal, SourceId, Time, TraceId};
use otail::store::{Arrival, Chunk, Retention, Store, View};
use otail::wire::{Encoding, Limits, otlp};
use prost::Message;
use std::sync::Arc;
use std::time::Duration;

/// A plain sum over the columns that an expression reads.
type Sum = fn(&Spans, &Dictionary) -> u64;

/// The number of spans, in whole bodies.
pub const SPANS: usize = 1_000_000_usize.next_multiple_of(BATCH);
/// Bodies per round: enough that each round has merges of every size.
const ROUND: usize = 128;
const SERIES: u32 = 100_000;

/// Fills the store, and measures meanwhile.
pub fn fill(table: &mut Table) -> Store {
    let templates = Templates::new(BATCH, 2);
    // The limit is so high that nothing is evicted.
    let mut store = Store::new(Retention { max_bytes: 1 << 30 });
    let mut duplicates = Duplicates::new(DUPLICATE_WINDOW);
    let mut ratios = Vec::new();
    let mut numbers = 0..(SPANS / BATCH) as u64;
    loop {
        let bodies: Vec<(u64, Vec<u8>)> = numbers
            .by_ref()
            .take(ROUND)
            .map(|number| (number, templates.fresh(number, NOW + number * 1_000_000)))
            .collect();
        if bodies.is_empty() {
            break;
        }
        let decode = |(_, body): &(u64, Vec<u8>)| timed(|| ExportTraceServiceRequest::decode(&body[..])).0;
        let decoded: Duration = bodies.iter().map(decode).sum();
        let mut push = |(number, body): &(u64, Vec<u8>)| {
            let (batch, arrival) = (batch(Signal::Spans, body), Time(NOW + number));
            let store = || {
                let mut parcel = Parcel::new(SourceId(1), arrival, vec![batch], 0);
                duplicates.remove_from(&mut parcel);
                for batch in parcel.batches {
                    store.push(batch, Arrival::one(SourceId(1), arrival));
                }
            };
            timed(store).0
        };
        let stored: Duration = bodies.iter().map(&mut push).sum();
        if bodies.len() == ROUND {
            ratios.push(stored.as_secs_f64() / decoded.as_secs_f64());
        }
    }
    let what = "stamped, de-duplicated, stored, merged / prost decode";
    table.row(what, Limit::Times(0.15), Spread::of(ratios), "on top of the decoding");
    let counters = store.counters();
    let ring = Signal::Spans as usize;
    assert_eq!((counters.resident[ring], counters.evicted[ring]), (SPANS as u64, 0));
    let bytes = counters.bytes[ring] as f64 / SPANS as f64;
    table.row("memory of a span with 10 attributes", Limit::Most(165.0, "bytes"), Spread::exactly(bytes), "as counted");
    store
}

/// Measures predicates and words over all spans.
pub fn filter(table: &mut Table, view: &View) {
    let sums: [(&str, &str, Sum); 5] = [
        ("duration>30ms", "sum of durations", |spans, _| {
            spans
                .start
                .iter()
                .zip(&spans.end)
                .map(|(start, end)| end.0.wrapping_sub(start.0))
                .fold(0, u64::wrapping_add)
        }),
        ("status:error", "sum of statuses", |spans, _| {
            spans.kind_status().iter().map(|status| u64::from(*status)).sum()
        }),
        ("name:\"SELECT products\"", "sum of name ids", |spans, _| {
            spans.name.iter().map(|name| u64::from(name.0)).sum()
        }),
        ("service:checkout", "sum of origin ids", |spans, _| spans.origin.iter().map(|at| u64::from(at.0)).sum()),
        ("http.response.status_code>=500", "sum of values", |spans, dictionary| {
            // The column of an attribute consists of the starts of its lists and of their values.
            let words = dictionary.all_words();
            let first =
                |at: u32| words.get(at as usize).and_then(|word| word.text()).map_or(0, |text| u64::from(text.0));
            spans.attributes.iter().map(|list| u64::from(list.shape.0) + first(list.start)).sum()
        }),
    ];
    for (text, column, sum) in sums {
        let filter = parsed(text);
        let mut taken = 0;
        let (measured, seconds) = ratio(
            15,
            || timed(|| taken = selected(&filter, view)).0,
            || {
                let all = || spans(view).map(|(spans, dictionary)| sum(spans, dictionary)).fold(0, u64::wrapping_add);
                timed(all).0
            },
        );
        table.row(
            &format!("{text} / {column}"),
            Limit::Times(2.0),
            measured,
            &format!("{taken} matches in {:.2} ms", seconds.median * 1e3),
        );
    }
    // For a word that occurs nowhere, the dictionaries are enough. For a word that occurs, they only say which texts contain it;
    // the columns say which rows refer to these texts, and most texts are values of attributes. So any solution has to read the
    // values of all rows once, and the limit covers both passes. The ratio to the dictionaries alone is printed beside it.
    for (word, marking) in [("nowhere-to-be-found", false), ("ASM-100", true)] {
        let filter = parsed(word);
        let mut taken = 0;
        let (measured, seconds) = ratio(
            15,
            || timed(|| taken = selected(&filter, view)).0,
            || {
                let values = |(_, dictionary): (&Spans, &Dictionary)| {
                    let values = if marking { dictionary.all_words() } else { &[] };
                    values.iter().filter_map(|word| word.text()).map(|text| u64::from(text.0)).sum::<u64>()
                };
                timed(|| found_in_texts(word, view) + spans(view).map(values).sum::<u64>()).0
            },
        );
        let what = if marking { "memmem and sum of values" } else { "memmem over dictionaries" };
        let note = format!("{taken} matches in {:.2} ms", seconds.median * 1e3);
        table.row(&format!("{word} anywhere / {what}"), Limit::Times(2.0), measured, &note);
        if marking {
            let (alone, _) =
                ratio(15, || timed(|| selected(&filter, view)).0, || timed(|| found_in_texts(word, view)).0);
            let note = format!("{:.1} ×: only the values say which rows refer to a text", alone.median);
            table.remark(&format!("  {word} anywhere / memmem over dictionaries alone"), &note);
        }
    }
}

/// Measures finding all rows of a trace: the first time, which sorts each chunk by trace, and afterwards.
pub fn traces(table: &mut Table, view: &View) {
    let all: Vec<TraceId> = spans(view).flat_map(|(spans, _)| spans.trace.iter().step_by(997).copied()).collect();
    let find = |trace: &TraceId| timed(|| view.rows_of_trace(*trace).count());
    let cold = all.first().map(find).unwrap_or_default();
    let mut rows = 0;
    let times = all.iter().map(find).map(|(took, found)| {
        rows += found;
        took.as_secs_f64() * 1e3
    });
    let times = Spread::of(times.collect());
    let note = format!("{} traces of {} rows; the first took {:.1} ms", all.len(), rows, cold.0.as_secs_f64() * 1e3);
    table.row("the rows of a trace, of 1 M spans", Limit::Most(1.0, "ms"), times, &note);
}

/// The number of texts with a word in all dictionaries.
fn found_in_texts(word: &str, view: &View) -> u64 {
    let finder = memmem::Finder::new(word);
    spans(view).map(|(_, dictionary)| finder.find_iter(dictionary.texts.arena().as_bytes()).count() as u64).sum()
}

/// Measures the cost of a view of everything, and of keeping it as a snapshot does.
pub fn view(table: &mut Table, store: &mut Store) {
    let (mut all, mut kept) = (Vec::new(), Vec::new());
    store.push(series(), Arrival::one(SourceId(1), Time(NOW)));
    let keys = timed(|| count_keys(&store.view())).0.as_secs_f64() * 1e3;
    table.remark("  the keys of those series, computed once a chunk", &format!("{keys:.1} ms for {SERIES} series"));
    let small = Templates::new(8, 3);
    let mut before = store.view();
    for number in 0..50 {
        // One more request, so that there is something to publish.
        store.push(batch(Signal::Spans, &small.fresh(number, NOW)), Arrival::one(SourceId(1), Time(NOW)));
        let (took, view) = timed(|| store.view());
        all.push(took.as_secs_f64() * 1e3);
        kept.push(timed(|| view.clone()).0.as_secs_f64() * 1e3);
        let shared = view.chunks().filter(|chunk| before.chunks().any(|other| Arc::ptr_eq(chunk, other))).count();
        assert!(shared + 2 >= view.chunks().count(), "sealed chunks are shared, not copied");
        before = view;
    }
    let note = format!("{} spans, {SERIES} series, {} chunks, all shared", SPANS, before.chunks().count());
    table.row("a view of everything", Limit::Most(1.0, "ms"), Spread::of(all), &note);
    table.row("keeping it (pause, snapshot)", Limit::Most(1.0, "ms"), Spread::of(kept), "");
}

/// The number of series keys in a view.
fn count_keys(view: &View) -> usize {
    let of = |chunk: &Arc<Chunk>| match &chunk.batch.columns {
        Columns::Points(points) => points.series_keys(&chunk.batch.dictionary).len(),
        _ => 0,
    };
    view.ring(Signal::Metrics).iter().map(of).sum()
}

fn selected(filter: &Filter, view: &View) -> usize {
    view.ring(Signal::Spans).iter().map(|chunk| filter.select(&chunk.batch, ()).count()).sum()
}

fn spans(view: &View) -> impl Iterator<Item = (&Spans, &Dictionary)> {
    view.ring(Signal::Spans).iter().filter_map(|chunk| match &chunk.batch {
        Batch { columns: Columns::Spans(spans), dictionary } => Some((spans, dictionary)),
        _ => None,
    })
}

#[expect(clippy::expect_used, reason = "a bench that asks nonsense should end")]
fn parsed(text: &str) -> Filter {
    Filter::parse(text).expect("a good filter")
}

#[expect(clippy::expect_used, reason = "as above")]
pub fn batch(signal: Signal, body: &[u8]) -> Batch {
    otlp::decode(signal, Encoding::Protobuf, body, &Limits::default()).expect("a good body").batch
}

/// A request with one point for each of many series.
fn series() -> Batch {
    let text = |key: &str, value: String| KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(any_value::Value::StringValue(value)) }),
        ..KeyValue::default()
    };
    let point = |number: u32| NumberDataPoint {
        attributes: vec![text("pod", format!("pod-{}", number / 100)), text("route", format!("/r/{}", number % 100))],
        time_unix_nano: NOW,
        value: Some(number_data_point::Value::AsDouble(f64::from(number))),
        ..NumberDataPoint::default()
    };
    let data = Data::Gauge(Gauge { data_points: (0..SERIES).map(point).collect() });
    let metric = Metric { name: "shop.load".into(), data: Some(data), ..Metric::default() };
    let scope_metrics = vec![ScopeMetrics { metrics: vec![metric], ..ScopeMetrics::default() }];
    let resource_metrics = vec![ResourceMetrics { scope_metrics, ..ResourceMetrics::default() }];
    batch(Signal::Metrics, &ExportMetricsServiceRequest { resource_metrics }.encode_to_vec())
}
