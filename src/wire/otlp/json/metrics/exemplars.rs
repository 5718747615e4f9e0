//! Exemplars.

use crate::columns::{Attributes, Exemplar, PointsBuilder};
use crate::model::{SpanId, Time, TraceId};
use crate::wire::WireError;
use crate::wire::otlp::json::leaf::Integer;
use crate::wire::otlp::json::read::{self, Array, Object};
use crate::wire::otlp::json::text::{Json, Syntax};
use crate::wire::otlp::json::values::Values;
use crate::wire::otlp::point::Number;

/// Writes the exemplars of the next point into its batch.
pub(super) struct Exemplars<'r> {
    pub builder: &'r mut PointsBuilder,
    pub values: &'r mut Values,
}

impl<'a> Array<'a> for Exemplars<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        let limits = self.values.limits;
        if self.builder.dictionary.word_count() + self.builder.parts() >= limits.parts {
            self.values.problem.note(WireError::TooMany(limits.parts, "attributes, exemplars and buckets"));
            return json.skip();
        }
        if json.wrote(size_of::<Exemplar>()) {
            // If this is too much, it is noted below.
            _ = json.look(self.builder.written(), self.builder.dictionary.written());
        }
        if let Err(over) = json.check() {
            self.values.problem.note(over.into());
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

/// An exemplar being read.
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
