//! Reads a data point of any kind. Fields of another kind are found once the whole point is read.

use super::exemplars::Exemplars;
use crate::columns::{Attributes, PointsBuilder};
use crate::wire::otlp::json::leaf::Integer;
use crate::wire::otlp::json::read::{self, Array, Object, Problem};
use crate::wire::otlp::json::text::{Json, Syntax};
use crate::wire::otlp::json::values::Values;
use crate::wire::otlp::point::{Number, Point};

/// A data point of any kind being read.
pub(super) struct PointReader<'r> {
    pub builder: &'r mut PointsBuilder,
    pub values: &'r mut Values,
    pub point: &'r mut Point,
    pub like: Attributes,
    pub attributes: Attributes,
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

/// Whether a list has room for two more numbers: a number of two bytes takes eight here. Notes an error if not.
#[inline]
fn room(json: &Json<'_>, list: &mut Vec<u64>, problem: &mut Problem) -> bool {
    json.room_in(list).map_err(|over| problem.note(over.into())).is_ok()
}

struct Counts<'r> {
    into: &'r mut Vec<u64>,
    problem: &'r mut Problem,
}

impl<'a> Array<'a> for Counts<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if !room(json, self.into, self.problem) {
            return json.skip();
        }
        self.into.push(read::leaf(json)?.or_default(self.problem, "bucketCounts"));
        Ok(())
    }
}

/// Explicit bounds, as bits.
struct Doubles<'r> {
    into: &'r mut Vec<u64>,
    problem: &'r mut Problem,
}

impl<'a> Array<'a> for Doubles<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if !room(json, self.into, self.problem) {
            return json.skip();
        }
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

/// Alternating quantiles and values, as bits.
struct Quantiles<'r> {
    into: &'r mut Vec<u64>,
    problem: &'r mut Problem,
}

impl<'a> Array<'a> for Quantiles<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if !room(json, self.into, self.problem) {
            return json.skip();
        }
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
