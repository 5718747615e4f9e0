//! Prometheus text 0.0.4 and OpenMetrics 1.0 → batches of points, after OpenTelemetry's "Prometheus and OpenMetrics
//! Compatibility".
//!
//! ```text
//! lines ─► line: name, labels, value ─► family: metric, role of the line ─► scrape: rows
//!                             rows ─► points: histograms joined, starts, ends ─► batch
//!                                        ▲ memory: the last scrape of this target
//! ```
//!
//! May import the same layers as `wire`. Start with [`Scraper::read`], then `scrape`. Deliberately not here: the HTTP request
//! (`source`), Prometheus's protobuf format, native histograms, relabelling.
//!
//! Choices where the specification leaves room:
//!
//! - **Names stay as they are exposed** (the specification's default): `http_requests_total`, also in OpenMetrics, where the
//!   family is `http_requests`. Histograms and summaries use the family's name. Units come only from `# UNIT`, never from the
//!   end of a name.
//! - All numbers are doubles, as in Prometheus; counts are exact.
//! - `# TYPE x info` and `stateset` become non-monotonic sums, untyped metrics become gauges. Gauge histograms are rejected,
//!   and reported once per metric.
//! - `otel_scope_…` labels and `otel_scope_info` define scopes; `target_info` defines resource attributes and is not a
//!   metric.
//! - A type after samples, and the second of two different types, are rejected. The last help and unit win.
//! - Exemplars are read in both dialects, except on summaries: OpenTelemetry has no field for them there.
//! - Histograms whose lines contradict each other are kept and marked. A time of 0 means the time of the scrape.
//! - Text cannot express Prometheus's stale NaN; a NaN is an ordinary value.

mod dialect;
mod family;
mod fault;
mod line;
mod memory;
mod number;
mod origin;
mod points;
mod rows;
mod scrape;
mod unit;
mod write;

#[cfg(test)]
mod tests;

pub use dialect::{Dialect, looks_like_prometheus};

use super::{Decoded, Limits};
use crate::budget::Meter;
use crate::columns::{Batch, Raw};
use crate::model::Time;
use memory::Memory;
use scrape::Scrape;
use std::borrow::Cow;
use write::Writer;

/// A polled target: the resource of its points.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Target {
    /// `service.name`: the user's name for the target.
    pub service: String,
    /// `service.instance.id`, and `server.address` and `server.port`: `host:port` of the URL, IPv6 in brackets.
    pub instance: String,
    /// `url.scheme`: `http` or `https`.
    pub scheme: String,
}

/// Reads the scrapes of one target, and remembers between them what it needs to find starts and ends of series.
#[derive(Debug)]
pub struct Scraper {
    target: Target,
    memory: Memory,
}

impl Scraper {
    /// A scraper of a target that was not scraped yet.
    pub fn new(target: Target) -> Scraper {
        Scraper { target, memory: Memory::default() }
    }

    /// Reads one scrape. `now`, when it was received, is the time of all points without their own. A bad line costs that
    /// line, or the one point that it belongs to; the reason names it. A series that was in the last scrape and is not in
    /// this one gets a point without a value (flag "no recorded value"), unless OpenMetrics text was cut short. Bytes that
    /// are not UTF-8 become U+FFFD. [`Limits::items`] bounds the series, and the memory about them.
    pub fn read(&mut self, body: &[u8], dialect: Dialect, now: Time, limits: &Limits) -> Decoded {
        self.read_within(body, dialect, now, limits, &Meter::of_body(body.len()))
    }

    /// [`Scraper::read`] with a memory limit: lines that would exceed it are rejected.
    pub fn read_within(&mut self, body: &[u8], dialect: Dialect, now: Time, limits: &Limits, meter: &Meter) -> Decoded {
        let text = match simdutf8::basic::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(body),
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut scrape = Scrape::new(dialect.corrected(text), now, limits, meter, self.memory.hasher.clone());
        let whole = scrape.read(text);
        points::finish(scrape, &mut self.memory, &self.target, (now, limits, whole))
    }

    /// Records that the target could not be scraped: a point without a value for every series that has not ended yet, or
    /// `None` if there are no such series. Starts are kept: a counter that did not decrease in the meantime has not
    /// restarted.
    pub fn lost(&mut self, now: Time) -> Option<Batch> {
        let mut writer = Writer::default();
        self.memory.end_all(now, &self.target, &mut writer);
        (!writer.builder.is_empty()).then(|| writer.finish())
    }

    /// How many series are remembered.
    pub fn series(&self) -> usize {
        self.memory.len()
    }
}

impl Target {
    fn attributes(&self, mut each: impl FnMut(&'static str, Raw<'_>)) {
        let (address, port) = match self.instance.rsplit_once(':') {
            Some((address, port)) => (address, port.parse::<u16>().ok()),
            None => (&self.instance[..], None),
        };
        let (address, port) = if port.is_some() { (address, port) } else { (&self.instance[..], None) };
        let address = address.strip_prefix('[').and_then(|address| address.strip_suffix(']')).unwrap_or(address);
        let texts = [
            ("service.name", &self.service[..]),
            ("service.instance.id", &self.instance),
            ("server.address", address),
            ("url.scheme", &self.scheme),
        ];
        for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            each(name, Raw::Text(text.as_bytes()));
        }
        if let Some(port) = port {
            each("server.port", Raw::Int(i64::from(port)));
        }
    }
}
