//! Metric families, and the family that a line belongs to.

use super::line::{Cursor, Expected};
use crate::columns::{DictionaryBuilder, TextId};
use crate::model::{MetricType, Temporality};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::borrow::Cow;

/// The type of a family, from `# TYPE`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub(super) enum Kind {
    #[default]
    Unknown,
    Counter,
    Gauge,
    Histogram,
    Summary,
    Info,
    StateSet,
    GaugeHistogram,
}

/// The role of a line in its family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// The value of a number.
    Value,
    /// The time when counting began.
    Created,
    /// A bucket or quantile of a histogram or summary, or its sum or count.
    Bucket,
    Quantile,
    Sum,
    Count,
    /// `target_info`: about the resource.
    Target,
    /// `otel_scope_info`: about a scope.
    Scope,
    /// Part of a gauge histogram, which OpenTelemetry does not have.
    GaugeHistogram,
    /// A line without a suffix in a histogram, which has none.
    Stray,
}

/// A metric of a scrape: a family, and the metric's name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Metric {
    pub name: TextId,
    pub family: u32,
}

/// The metric and the role of lines with a given name.
#[derive(Clone, Copy, Debug)]
pub(super) struct MetricRole {
    pub metric: u32,
    pub role: Role,
}

/// The metadata of a family.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Family<'a> {
    /// As written, escapes included.
    pub help: &'a str,
    /// In OpenMetrics's words (`seconds`).
    pub unit: &'a str,
    /// `None` until a `# TYPE` line.
    pub kind: Option<Kind>,
    /// Whether a sample was read.
    used: bool,
}

/// The families of one scrape.
#[derive(Debug, Default)]
pub(super) struct Families<'a> {
    families: Vec<Family<'a>>,
    metrics: Vec<Metric>,
    /// Indexes: families by their name in the metadata, metrics by family and name, places by a line's name.
    declared: HashMap<String, u32, RandomState>,
    known: HashMap<Metric, u32, RandomState>,
    places: HashMap<String, MetricRole, RandomState>,
    last: Option<(String, MetricRole)>,
}

impl Kind {
    fn from_word(word: &str) -> Option<Kind> {
        const WORDS: [(&str, Kind); 9] = [
            ("counter", Kind::Counter),
            ("gauge", Kind::Gauge),
            ("histogram", Kind::Histogram),
            ("summary", Kind::Summary),
            ("unknown", Kind::Unknown),
            ("untyped", Kind::Unknown),
            ("info", Kind::Info),
            ("stateset", Kind::StateSet),
            ("gaugehistogram", Kind::GaugeHistogram),
        ];
        WORDS.iter().find(|(other, _)| word.eq_ignore_ascii_case(other)).map(|(_, kind)| *kind)
    }

    /// OpenMetrics's word for it, for `prometheus.type` in a metric's metadata.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Unknown => "unknown",
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
            Kind::Info => "info",
            Kind::StateSet => "stateset",
            Kind::GaugeHistogram => "gaugehistogram",
        }
    }

    /// OpenTelemetry's type, temporality and monotonicity. Info and state sets are sums, so that aggregating labels away
    /// counts their ones.
    pub fn in_otlp(self) -> (MetricType, Temporality, bool) {
        match self {
            Kind::Unknown | Kind::Gauge => (MetricType::Gauge, Temporality::Unspecified, false),
            Kind::Counter => (MetricType::Sum, Temporality::Cumulative, true),
            Kind::Info | Kind::StateSet => (MetricType::Sum, Temporality::Cumulative, false),
            Kind::Histogram | Kind::GaugeHistogram => (MetricType::Histogram, Temporality::Cumulative, false),
            Kind::Summary => (MetricType::Summary, Temporality::Unspecified, false),
        }
    }
}

impl<'a> Families<'a> {
    /// Bytes written, indexes included.
    pub fn written(&self) -> usize {
        let found = self.declared.len() + self.known.len();
        self.families.len() * size_of::<Family<'_>>() + found * 64
    }

    /// A metric by its number.
    pub fn metric(&self, metric: u32) -> Metric {
        self.metrics[metric as usize]
    }

    /// The family of a metric.
    pub fn family(&self, metric: u32) -> Family<'a> {
        self.families[self.metrics[metric as usize].family as usize]
    }

    /// Reads `TYPE name type`, `HELP name text` or `UNIT name unit` and ignores any other comment. The last help and unit
    /// win, and the first type.
    pub fn describe(&mut self, comment: &'a str) -> Result<(), Expected<'a>> {
        let mut cursor = Cursor(comment);
        cursor.blanks();
        let keyword = cursor.word();
        if !matches!(keyword, "TYPE" | "HELP" | "UNIT") {
            return Ok(());
        }
        cursor.blanks();
        let start = cursor;
        let name = match cursor.name() {
            Ok(name) => name,
            // In the format 0.0.4 this is an ordinary comment.
            Err(_) if keyword == "UNIT" => return Ok(()),
            Err(expected) => return Err(expected),
        };
        cursor.blanks();
        let text = cursor.0;
        let kind = match keyword {
            "TYPE" => Some(Kind::from_word(text).ok_or_else(|| cursor.expected("a metric type"))?),
            _ => None,
        };
        let id = self.declare(&name);
        let family = &mut self.families[id as usize];
        match keyword {
            "HELP" => family.help = text,
            "UNIT" => family.unit = text,
            _ if family.kind.is_some() && family.kind != kind => return Err(start.expected("one type for each metric")),
            _ if family.kind.is_none() && family.used => return Err(start.expected("a type before the samples")),
            _ => family.kind = kind,
        }
        Ok(())
    }

    /// The metric and the role of lines with this name.
    pub fn place(&mut self, name: &str, dictionary: &mut DictionaryBuilder) -> MetricRole {
        if let Some((last, place)) = &self.last
            && last == name
        {
            return *place;
        }
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                let place = self.find_place(name, dictionary);
                self.places.insert(name.to_owned(), place);
                place
            }
        };
        let (last, at) = self.last.get_or_insert_with(|| (String::new(), place));
        name.clone_into(last);
        *at = place;
        place
    }

    fn find_place(&mut self, name: &str, dictionary: &mut DictionaryBuilder) -> MetricRole {
        let (metric, family, role) = self.find(name);
        self.families[family as usize].used = true;
        let metric = Metric { name: dictionary.text(metric.as_bytes()), family };
        let metric = *self.known.entry(metric).or_insert_with(|| {
            self.metrics.push(metric);
            self.metrics.len() as u32 - 1
        });
        MetricRole { metric, role }
    }

    /// The metric's name, its family, and the role of a line with this name.
    fn find<'n>(&mut self, name: &'n str) -> (Cow<'n, str>, u32, Role) {
        match name {
            "target_info" => return (name.into(), self.declare(name), Role::Target),
            "otel_scope_info" => return (name.into(), self.declare(name), Role::Scope),
            _ => {}
        }
        if let Some((family, kind)) = self.typed(name) {
            let role = match kind {
                Kind::Histogram => Role::Stray,
                Kind::GaugeHistogram => Role::GaugeHistogram,
                Kind::Summary => Role::Quantile,
                _ => Role::Value,
            };
            return (name.into(), family, role);
        }
        let suffix = name.rfind('_').unwrap_or(name.len());
        let (base, suffix) = name.split_at(suffix);
        if let Some((family, kind)) = self.typed(base) {
            match (suffix, kind) {
                ("_total", Kind::Counter) | ("_info", Kind::Info) => return (name.into(), family, Role::Value),
                ("_created", Kind::Counter) => return (format!("{base}_total").into(), family, Role::Created),
                ("_created", Kind::Histogram | Kind::Summary) => return (base.into(), family, Role::Created),
                ("_bucket", Kind::Histogram) => return (base.into(), family, Role::Bucket),
                ("_sum", Kind::Histogram | Kind::Summary) => return (base.into(), family, Role::Sum),
                ("_count", Kind::Histogram | Kind::Summary) => return (base.into(), family, Role::Count),
                ("_bucket" | "_gsum" | "_gcount" | "_sum" | "_count" | "_created", Kind::GaugeHistogram) => {
                    return (base.into(), family, Role::GaugeHistogram);
                }
                _ => {}
            }
        }
        // `# TYPE a_total counter` with `a_created`: the family is named as in 0.0.4, the line as in OpenMetrics.
        if suffix == "_created" {
            let total = format!("{base}_total");
            if let Some((family, Kind::Counter)) = self.typed(&total) {
                return (total.into(), family, Role::Created);
            }
        }
        (name.into(), self.declare(name), Role::Value)
    }

    fn typed(&self, name: &str) -> Option<(u32, Kind)> {
        let id = *self.declared.get(name)?;
        self.families[id as usize].kind.map(|kind| (id, kind))
    }

    fn declare(&mut self, name: &str) -> u32 {
        if let Some(id) = self.declared.get(name) {
            return *id;
        }
        let id = self.families.len() as u32;
        self.families.push(Family::default());
        self.declared.insert(name.to_owned(), id);
        id
    }
}
