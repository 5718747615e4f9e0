//! `lines`: the syntax of a line, good and bad. `families`: each metric type and what it becomes. `conformance`: the kinds of
//! case that the OpenMetrics project checks parsers with. `origins`: resource and scope. `between`: rules from one scrape to
//! the next. `keys`: one key in every format. `node`: a real scrape. `any`: random input. Here: points as text, to compare
//! them.

mod any;
mod between;
mod conformance;
mod families;
mod keys;
mod lines;
mod node;
mod origins;

use super::{Dialect, Scraper, Target};
use crate::columns::{Batch, Buckets, Item, PointItem, PointValue};
use crate::model::{MetricType, Time, Value};
use crate::wire::{Decoded, Limits};
use std::fmt::Write;

/// The time of every scrape that names no other: 1000 seconds after 1970.
const NOW: Time = Time(1_000_000_000_000);

fn target() -> Target {
    Target { service: "shop".into(), instance: "10.0.0.1:9100".into(), scheme: "http".into() }
}

fn read(dialect: Dialect, text: &str) -> Decoded {
    Scraper::new(target()).read(text.as_bytes(), dialect, NOW, &Limits::default())
}

/// The points of a valid text.
fn good(dialect: Dialect, text: &str) -> Vec<String> {
    let decoded = read(dialect, text);
    assert_eq!(decoded.rejected.reason, None, "{text}");
    assert_eq!(decoded.rejected.count, 0, "{text}");
    shown(&decoded.batch)
}

fn good_text(text: &str) -> Vec<String> {
    good(Dialect::Text, text)
}

/// The points of a valid OpenMetrics text; appends its `# EOF`.
fn good_metrics(text: &str) -> Vec<String> {
    good(Dialect::OpenMetrics, &format!("{text}\n# EOF\n"))
}

/// The points of a text, the number of rejections, and the first reason.
fn bad(dialect: Dialect, text: &str) -> (Vec<String>, u64, String) {
    let decoded = read(dialect, text);
    (shown(&decoded.batch), decoded.rejected.count, decoded.rejected.reason.unwrap_or_default())
}

fn points(batch: &Batch) -> impl Iterator<Item = PointItem<'_>> {
    batch.items().filter_map(|item| match item {
        Item::Point(point) => Some(point),
        _ => None,
    })
}

fn shown(batch: &Batch) -> Vec<String> {
    let marked = |point: PointItem<'_>| {
        let mark = point.inconsistency().map(|reason| format!(" ({reason})"));
        show(point) + &mark.unwrap_or_default()
    };
    points(batch).map(marked).collect()
}

/// `sum+ name{label=value} 3`: the kind (`+` if monotonic), then the value. Times follow as `@start..time`, in seconds,
/// unless the time (and the start, if there is one) is [`NOW`].
fn show(point: PointItem<'_>) -> String {
    let metric = point.metric();
    let mut text = String::from(match metric.kind {
        MetricType::Sum if metric.monotonic => "sum+",
        kind => kind.word(),
    });
    _ = write!(text, " {}", point.name());
    let labels: Vec<String> = point.attributes().map(|(name, value)| format!("{name}={}", plain(value))).collect();
    if !labels.is_empty() {
        _ = write!(text, "{{{}}}", labels.join(","));
    }
    match point.value() {
        PointValue::None => text.push_str(" none"),
        PointValue::Int(value) => _ = write!(text, " {value}i"),
        PointValue::Double(value) => _ = write!(text, " {value}"),
        PointValue::Distribution(value) => {
            _ = write!(text, " count={}", value.count);
            if let Some(sum) = value.sum {
                _ = write!(text, " sum={sum}");
            }
            match &value.buckets {
                Buckets::Explicit { bounds, counts } => {
                    let bounds: Vec<f64> = point.doubles(*bounds).collect();
                    _ = write!(text, " bounds={bounds:?} counts={:?}", point.columns.counts(counts));
                }
                Buckets::Quantiles(pairs) => {
                    _ = write!(text, " quantiles={:?}", point.doubles(*pairs).collect::<Vec<_>>());
                }
                Buckets::Exponential { .. } => unreachable!("Prometheus text has none"),
            }
        }
    }
    let start = if metric.kind == MetricType::Gauge { Time::default() } else { NOW };
    if (point.start(), point.time()) != (start, NOW) {
        let seconds = |time: Time| time.0 as f64 / 1e9;
        _ = write!(text, " @{}..{}", seconds(point.start()), seconds(point.time()));
    }
    if point.flags() != 0 {
        _ = write!(text, " flags={}", point.flags());
    }
    for exemplar in point.exemplars() {
        let labels = point.dictionary.attributes(exemplar.attributes);
        let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={}", plain(value))).collect();
        let PointValue::Double(value) = exemplar.value() else { unreachable!("exemplars are doubles") };
        _ = write!(text, " #{{{}}} {value} @{}", labels.join(","), exemplar.time.0 as f64 / 1e9);
        if !exemplar.trace.is_none() || !exemplar.span.is_none() {
            _ = write!(text, " {}/{}", exemplar.trace, exemplar.span);
        }
    }
    text
}

fn plain(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => text.to_owned(),
        Value::Int(value) => format!("{value}i"),
        other => unreachable!("labels are text: {other:?}"),
    }
}
