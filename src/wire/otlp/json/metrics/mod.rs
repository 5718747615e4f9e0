//! Metrics and their points.
//!
//! A metric's name may follow its points, so a point's stream first has the number of the metric instead of its id; see
//! [`PointsBuilder::finish_groups`].

mod exemplars;
mod points;

use super::groups::{Items, Sink};
use super::read::{self, Array, Object, Problem};
use super::text::{Json, Syntax};
use super::values::text;
use crate::columns::{Attributes, Batch, DictionaryBuilder, Metric, MetricId, OriginId, PointsBuilder, Series};
use crate::model::MetricType;
use crate::wire::WireError;
use crate::wire::otlp::point::Point;
use points::PointReader;

#[derive(Default)]
pub(super) struct Metrics {
    builder: PointsBuilder,
    point: Point,
    /// The id and the group number of each metric, by its number.
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

    fn written(&self) -> [usize; 2] {
        [self.builder.written(), self.builder.dictionary.written()]
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
        // The specification allows only one.
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
    /// Name, description and unit.
    metric: Metric,
    /// Kind, temporality and monotonicity of each `gauge`, `sum`, … that is present.
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
        if !to.has_room(json, builder.len(), "data points") {
            return json.skip();
        }
        let begin = json.at();
        let values = &mut to.values;
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
        if json.wrote(json.at() - begin + size_of::<Metric>()) {
            // If this is too much, the next point is rejected.
            _ = json.look(builder.written(), builder.dictionary.written());
        }
        Ok(())
    }
}
