//! Metrics and their points.
//!
//! A metric's name may follow its points, so the points' streams are made with the number of the metric in the place of
//! its id; see [`PointsBuilder::finish_groups`].

use super::super::super::WireError;
use super::super::point::{Number, Point};
use super::groups::{Items, Sink};
use super::leaf::Integer;
use super::read::{self, Array, Object, Problem};
use super::text::{Json, Syntax};
use super::values::{Values, text};
use crate::columns::{
    Attributes, Batch, DictionaryBuilder, Exemplar, Metric, MetricId, OriginId, PointsBuilder, Series,
};
use crate::model::{MetricType, SpanId, Time, TraceId};

#[derive(Default)]
pub(super) struct Metrics {
    builder: PointsBuilder,
    point: Point,
    /// What each number of a metric stands for: its id, and the number of the group that it is in.
    known: Vec<(MetricId, OriginId)>,
}

impl Items for Metrics {
    const SCOPES: [&'static str; 2] = ["scopeMetrics", "scope_metrics"];
    const ITEMS: [&'static str; 2] = ["metrics", "metrics"];

    fn dictionary(&mut self) -> &mut DictionaryBuilder {
        &mut self.builder.dictionary
    }

    fn rows(&self) -> usize {
        self.builder.len()
    }

    fn item(&mut self, json: &mut Json<'_>, group: OriginId, to: &mut Sink) -> Result<(), Syntax> {
        let first_row = self.builder.len();
        let mut reader = MetricReader {
            metrics: self,
            to,
            metric: Metric::default(),
            data: Vec::new(),
            problem: Problem::default(),
        };
        let found = read::object(json, &mut reader)?;
        let MetricReader { mut metric, data, mut problem, .. } = reader;
        found.or_default(&mut problem, "metrics");
        if let Err(error) = problem.take() {
            to.reject_rows(first_row..self.builder.len(), error);
        }
        // One, in what the specification allows.
        for data in data {
            let Metric { kind, temporality, monotonic, .. } = data;
            let id = self.builder.metric(Metric { kind, temporality, monotonic, ..metric });
            metric.metadata = Attributes::default();
            self.known.push((id, group));
        }
        Ok(())
    }

    fn finish(mut self, origins: &[OriginId]) -> Batch {
        for (_, origin) in &mut self.known {
            *origin = origins.get(origin.0 as usize).copied().unwrap_or_default();
        }
        self.builder.finish_groups(&self.known)
    }
}

/// A metric being read.
struct MetricReader<'r> {
    metrics: &'r mut Metrics,
    to: &'r mut Sink,
    /// What it is called.
    metric: Metric,
    /// Each of gauge, sum, … that it has: kind, temporality and monotonicity.
    data: Vec<Metric>,
    problem: Problem,
}

impl<'a> Object<'a> for MetricReader<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let MetricReader { metrics, to, metric, data, problem } = self;
        let dictionary = &mut metrics.builder.dictionary;
        let kind = match key {
            "name" => {
                metric.name = text(json, dictionary, problem, "name")?;
                return Ok(());
            }
            "description" => {
                metric.description = text(json, dictionary, problem, "description")?;
                return Ok(());
            }
            "unit" => {
                metric.unit = text(json, dictionary, problem, "unit")?;
                return Ok(());
            }
            "metadata" => {
                metric.metadata = to.values.list(json, dictionary, Attributes::default(), 0, "metadata")?;
                if let Err(error) = to.values.problem.take() {
                    problem.note(error);
                }
                return Ok(());
            }
            "gauge" => MetricType::Gauge,
            "sum" => MetricType::Sum,
            "histogram" => MetricType::Histogram,
            "exponentialHistogram" | "exponential_histogram" => MetricType::ExponentialHistogram,
            "summary" => MetricType::Summary,
            _ => return json.skip(),
        };
        let id = MetricId((metrics.known.len() + data.len()) as u32);
        let about = Metric { kind, ..Metric::default() };
        let mut reader = Data { metrics, to, id, about, like: Attributes::default(), problem };
        let found = read::object(json, &mut reader)?;
        let about = reader.about;
        found.or_default(problem, "data");
        data.push(about);
        Ok(())
    }
}

/// A Gauge, Sum, Histogram, ExponentialHistogram or Summary being read.
struct Data<'r> {
    metrics: &'r mut Metrics,
    to: &'r mut Sink,
    id: MetricId,
    about: Metric,
    like: Attributes,
    problem: &'r mut Problem,
}

impl<'a> Object<'a> for Data<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        match key {
            "dataPoints" | "data_points" => {
                let found = read::array(json, self)?;
                found.or_default(self.problem, "dataPoints");
            }
            "aggregationTemporality" | "aggregation_temporality" => {
                self.about.temporality = read::leaf(json)?.or_default(self.problem, "aggregationTemporality");
            }
            "isMonotonic" | "is_monotonic" => {
                self.about.monotonic = read::leaf(json)?.or_default(self.problem, "isMonotonic");
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

/// The data points.
impl<'a> Array<'a> for Data<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        let Data { metrics: Metrics { builder, point, .. }, to, id, about, like, .. } = self;
        let values = &mut to.values;
        if builder.len() >= values.limits.items {
            to.rejected.one(WireError::TooMany(values.limits.items, "data points"));
            return json.skip();
        }
        let mark = builder.dictionary.mark();
        point.clear();
        let mut reader = PointReader { builder, values, point, like: *like, attributes: Attributes::default() };
        let found = read::object(json, &mut reader)?;
        let attributes = reader.attributes;
        found.or_default(&mut values.problem, "dataPoints");
        let room = builder.dictionary.word_count() + builder.parts() + point.parts() <= values.limits.parts;
        if !room {
            values.problem.note(WireError::TooMany(values.limits.parts, "attributes, exemplars and buckets"));
        }
        match values.problem.take().and_then(|()| point.check(about.kind)) {
            Ok(()) => {
                let series = builder.series(Series { metric: *id, origin: OriginId::default(), attributes });
                point.push(about.kind, series, builder);
                if builder.dictionary.holds(attributes) {
                    *like = attributes;
                }
            }
            Err(error) => {
                builder.discard(mark);
                to.rejected.one(error);
            }
        }
        Ok(())
    }
}

/// A data point of any kind being read.
struct PointReader<'r> {
    builder: &'r mut PointsBuilder,
    values: &'r mut Values,
    point: &'r mut Point,
    like: Attributes,
    attributes: Attributes,
}

impl<'a> Object<'a> for PointReader<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let PointReader { builder, values, point, like, attributes } = self;
        let problem = &mut values.problem;
        match key {
            "attributes" => {
                let parts = builder.parts();
                *attributes = values.list(json, &mut builder.dictionary, *like, parts, "attributes")?;
            }
            "startTimeUnixNano" | "start_time_unix_nano" => {
                point.start = read::leaf(json)?.or_default(problem, "startTimeUnixNano");
            }
            "timeUnixNano" | "time_unix_nano" => point.time = read::leaf(json)?.or_default(problem, "timeUnixNano"),
            "asDouble" | "as_double" => {
                if let Some(value) = read::leaf(json)?.or_note(problem, "asDouble") {
                    point.number = Number::Double(value);
                }
            }
            "asInt" | "as_int" => {
                if let Some(value) = read::leaf::<Integer>(json)?.or_note(problem, "asInt") {
                    point.number = value.into();
                }
            }
            "flags" => point.flags = read::leaf(json)?.or_default(problem, "flags"),
            "count" => point.distribution.count = read::leaf(json)?.or_default(problem, "count"),
            "sum" => point.distribution.sum = read::leaf(json)?.or_note(problem, "sum"),
            "min" => point.distribution.min = read::leaf(json)?.or_note(problem, "min"),
            "max" => point.distribution.max = read::leaf(json)?.or_note(problem, "max"),
            "bucketCounts" | "bucket_counts" => {
                counts(json, &mut point.counts[0], problem)?;
            }
            "explicitBounds" | "explicit_bounds" => {
                let mut bounds = Doubles { into: &mut point.doubles, problem };
                let found = read::array(json, &mut bounds)?;
                found.or_default(problem, "explicitBounds");
            }
            "exemplars" => {
                let found = read::array(json, &mut Exemplars { builder, values })?;
                found.or_default(&mut values.problem, "exemplars");
            }
            "scale" => point.scale = read::leaf(json)?.or_default(problem, "scale"),
            "zeroCount" | "zero_count" => point.zero_count = read::leaf(json)?.or_default(problem, "zeroCount"),
            "zeroThreshold" | "zero_threshold" => {
                point.zero_threshold = read::leaf(json)?.or_default(problem, "zeroThreshold");
            }
            "positive" | "negative" => {
                let side = usize::from(key == "negative");
                let mut side = Side { offset: &mut point.offsets[side], counts: &mut point.counts[side], problem };
                let found = read::object(json, &mut side)?;
                found.or_default(problem, "positive or negative");
            }
            "quantileValues" | "quantile_values" => {
                let found = read::array(json, &mut Quantiles { into: &mut point.doubles, problem })?;
                found.or_default(problem, "quantileValues");
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

fn counts(json: &mut Json<'_>, into: &mut Vec<u64>, problem: &mut Problem) -> Result<(), Syntax> {
    let found = read::array(json, &mut Counts { into, problem })?;
    found.or_default(problem, "bucketCounts");
    Ok(())
}

struct Counts<'r> {
    into: &'r mut Vec<u64>,
    problem: &'r mut Problem,
}

impl<'a> Array<'a> for Counts<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        self.into.push(read::leaf(json)?.or_default(self.problem, "bucketCounts"));
        Ok(())
    }
}

/// Bounds, as bits.
struct Doubles<'r> {
    into: &'r mut Vec<u64>,
    problem: &'r mut Problem,
}

impl<'a> Array<'a> for Doubles<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        let bound: f64 = read::leaf(json)?.or_default(self.problem, "explicitBounds");
        self.into.push(bound.to_bits());
        Ok(())
    }
}

/// The positive or the negative buckets of an exponential histogram.
struct Side<'r> {
    offset: &'r mut i32,
    counts: &'r mut Vec<u64>,
    problem: &'r mut Problem,
}

impl<'a> Object<'a> for Side<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        match key {
            "offset" => *self.offset = read::leaf(json)?.or_default(self.problem, "offset"),
            "bucketCounts" | "bucket_counts" => counts(json, self.counts, self.problem)?,
            _ => json.skip()?,
        }
        Ok(())
    }
}

/// Quantile and value in turn, as bits.
struct Quantiles<'r> {
    into: &'r mut Vec<u64>,
    problem: &'r mut Problem,
}

impl<'a> Array<'a> for Quantiles<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        self.into.extend([0; 2]);
        let found = read::object(json, self)?;
        found.or_default(self.problem, "quantileValues");
        Ok(())
    }
}

impl<'a> Object<'a> for Quantiles<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let back = match key {
            "quantile" => 2,
            "value" => 1,
            _ => return json.skip(),
        };
        let at = self.into.len() - back;
        let double: f64 = read::leaf(json)?.or_default(self.problem, "quantileValues");
        self.into[at] = double.to_bits();
        Ok(())
    }
}

struct Exemplars<'r> {
    builder: &'r mut PointsBuilder,
    values: &'r mut Values,
}

impl<'a> Array<'a> for Exemplars<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        let limits = self.values.limits;
        if self.builder.dictionary.word_count() + self.builder.parts() >= limits.parts {
            self.values.problem.note(WireError::TooMany(limits.parts, "attributes, exemplars and buckets"));
            return json.skip();
        }
        let mut exemplar = ExemplarReader {
            builder: self.builder,
            values: self.values,
            time: Time::default(),
            number: Number::default(),
            trace: TraceId::default(),
            span: SpanId::default(),
            attributes: Attributes::default(),
        };
        let found = read::object(json, &mut exemplar)?;
        let ExemplarReader { time, number, trace, span, attributes, .. } = exemplar;
        found.or_default(&mut self.values.problem, "exemplars");
        self.builder.push_exemplar(Exemplar::new(time, number.value(), trace, span, attributes));
        Ok(())
    }
}

struct ExemplarReader<'r> {
    builder: &'r mut PointsBuilder,
    values: &'r mut Values,
    time: Time,
    number: Number,
    trace: TraceId,
    span: SpanId,
    attributes: Attributes,
}

impl<'a> Object<'a> for ExemplarReader<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let problem = &mut self.values.problem;
        match key {
            "timeUnixNano" | "time_unix_nano" => self.time = read::leaf(json)?.or_default(problem, "timeUnixNano"),
            "asDouble" | "as_double" => {
                if let Some(value) = read::leaf(json)?.or_note(problem, "asDouble") {
                    self.number = Number::Double(value);
                }
            }
            "asInt" | "as_int" => {
                if let Some(value) = read::leaf::<Integer>(json)?.or_note(problem, "asInt") {
                    self.number = value.into();
                }
            }
            "traceId" | "trace_id" => self.trace = read::leaf(json)?.or_default(problem, "traceId"),
            "spanId" | "span_id" => self.span = read::leaf(json)?.or_default(problem, "spanId"),
            "filteredAttributes" | "filtered_attributes" => {
                let (parts, like) = (self.builder.parts(), Attributes::default());
                let dictionary = &mut self.builder.dictionary;
                self.attributes = self.values.list(json, dictionary, like, parts, "filteredAttributes")?;
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

impl From<Integer> for Number {
    fn from(integer: Integer) -> Number {
        match integer {
            Integer::Int(value) => Number::Int(value),
            Integer::Beyond(value) => Number::Double(value),
        }
    }
}
