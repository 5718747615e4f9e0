//! Prometheus text 0.0.4 and OpenMetrics 1.0 → batches of points, after OpenTelemetry's "Prometheus and OpenMetrics
//! Compatibility".
//!
//! ```text
//! lines ─► line: name, labels, value ─► family: which metric, what of it ─► scrape: rows
//!                             rows ─► points: histograms put together, starts, ends ─► batch
//!                                        ▲ memory: what the last scrape of this target had
//! ```
//!
//! May import what `wire` may. Start with [`Scraper::read`], then `scrape`. Deliberately not here: asking the target
//! (`source`), the protobuf format of Prometheus, native histograms, relabelling.
//!
//! What the specification leaves open, or what is chosen here:
//!
//! - **Names stay as they are exposed** (its default): `http_requests_total`, also in OpenMetrics, where the family is
//!   `http_requests`. Of histograms and summaries the family's name is the metric's. Units come from `# UNIT` alone, never
//!   from a name's end.
//! - Every number is a double, as it is for Prometheus; counts are exact.
//! - Of `# TYPE x info` and `stateset`: sums that are not monotonic. Untyped: gauge. Gauge histograms: rejected, and told once a metric.
//! - `otel_scope_…` labels and `otel_scope_info` make scopes; `target_info` makes resource attributes and is no metric.
//! - A type that is said after samples, and the second of two that differ, are rejected; the last help and unit count.
//! - Exemplars are taken in both dialects; those of summaries are not, for OpenTelemetry has no place for them.
//! - Histograms whose lines contradict each other are kept and marked. A time of 0 is that of the scrape.
//! - Text cannot write Prometheus's stale NaN; a NaN is a value like any other.

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

/// What is polled: what its points' resource says.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Target {
    /// `service.name`: how the user calls it.
    pub service: String,
    /// `service.instance.id`, and `server.address` and `server.port`: `host:port` of the URL, IPv6 in brackets.
    pub instance: String,
    /// `url.scheme`: `http` or `https`.
    pub scheme: String,
}

/// Reads what one target says, scrape after scrape, and remembers between them what starts and ends of series are told by.
#[derive(Debug)]
pub struct Scraper {
    target: Target,
    memory: Memory,
}

impl Scraper {
    /// Of a target of which nothing is known yet.
    pub fn new(target: Target) -> Scraper {
        Scraper { target, memory: Memory::default() }
    }

    /// Reads one scrape, received at `now`: which is the time of all points that do not bring their own. A bad line costs that
    /// line, or the one point that it is part of; the reason names it. Series that were there last time and are not now get
    /// a point without a value (flag "no recorded value"), but not where OpenMetrics was cut short. Bytes that are no UTF-8
    /// become U+FFFD. [`Limits::items`] bounds the series, and what is remembered of them.
    pub fn read(&mut self, body: &[u8], dialect: Dialect, now: Time, limits: &Limits) -> Decoded {
        self.read_within(body, dialect, now, limits, &Meter::of_body(body.len()))
    }

    /// [`Scraper::read`] within what a meter allows: lines that would make the batch too large are rejected.
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

    /// The target could not be scraped: a point without a value for every series that has not ended yet, `None` where there
    /// is none. Starts are remembered over it: a counter that did not fall in between has not started again.
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
