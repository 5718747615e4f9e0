//! `ExportMetricsServiceRequest` in protobuf.

use super::super::protobuf::{Field, Fields};
use super::super::{Decoded, Limits, Rejected, WireError};
use super::origin::Group;
use super::point::{Number, Point};
use super::traces::{span_id, trace_id};
use super::values::Values;
use crate::columns::{Attributes, Exemplar, Metric, MetricId, OriginId, PointsBuilder, Series};
use crate::model::{MetricType, Temporality, Time};

pub(super) fn decode(body: &[u8], limits: &Limits) -> Result<Decoded, WireError> {
    let mut metrics = Metrics { builder: PointsBuilder::default(), values: Values::default(), limits: *limits };
    let mut rejected = Rejected::default();
    let mut found = Found::default();
    let mut fields = Fields::new(body);
    while let Some((number, field)) = fields.next()? {
        if number != 1 {
            continue;
        }
        let group = Group::new(field.bytes(number)?)?;
        let resource = group.resource(&mut metrics.builder.dictionary, &mut metrics.values)?;
        group.each_child(|message| {
            let group = Group::new(message)?;
            let scope = group.scope(&mut metrics.builder.dictionary, &mut metrics.values)?;
            let origin = metrics.builder.dictionary.origin(resource, scope);
            group.each_child(|message| metrics.metric(message, origin, &mut found, &mut rejected))
        })?;
    }
    Ok(Decoded { batch: metrics.builder.finish(), rejected })
}

struct Metrics {
    builder: PointsBuilder,
    values: Values,
    limits: Limits,
}

/// One point, found on the way through it: its numbers, and the repeated fields that are written down after them.
#[derive(Default)]
struct Found<'a> {
    point: Point,
    attributes: Vec<&'a [u8]>,
    exemplars: Vec<&'a [u8]>,
}

impl Metrics {
    fn metric<'a>(
        &mut self,
        message: &'a [u8],
        origin: OriginId,
        found: &mut Found<'a>,
        rejected: &mut Rejected,
    ) -> Result<(), WireError> {
        let mut metric = Metric::default();
        let mut data: Option<&[u8]> = None;
        let mut metadata = Vec::new();
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            let kind = match number {
                1 => {
                    metric.name = self.builder.dictionary.text(field.bytes(number)?);
                    continue;
                }
                2 => {
                    metric.description = self.builder.dictionary.text(field.bytes(number)?);
                    continue;
                }
                3 => {
                    metric.unit = self.builder.dictionary.text(field.bytes(number)?);
                    continue;
                }
                12 => {
                    metadata.push(field.bytes(number)?);
                    continue;
                }
                5 => MetricType::Gauge,
                7 => MetricType::Sum,
                9 => MetricType::Histogram,
                10 => MetricType::ExponentialHistogram,
                11 => MetricType::Summary,
                _ => continue,
            };
            metric.kind = kind;
            data = Some(field.bytes(number)?);
        }
        let Some(data) = data else { return Ok(()) };
        let mut fields = Fields::new(data);
        while let Some((number, field)) = fields.next()? {
            match number {
                2 => metric.temporality = Temporality::from_code(field.varint(number)? as i64).unwrap_or_default(),
                3 => metric.monotonic = field.varint(number)? != 0,
                _ => {}
            }
        }
        metric.metadata = self.values.list(&mut self.builder.dictionary, Attributes::default(), metadata)?;
        let id = self.builder.metric(metric);
        let mut like = Attributes::default();
        let mut fields = Fields::new(data);
        while let Some((number, field)) = fields.next()? {
            if number != 1 {
                continue;
            }
            let mark = self.builder.dictionary.mark();
            match self.point(field.bytes(number)?, metric.kind, id, origin, like, found) {
                Ok(attributes) => like = attributes,
                Err(error) => {
                    self.builder.discard(mark);
                    rejected.one(error);
                }
            }
        }
        Ok(())
    }

    /// Reads and pushes a point; returns its attributes where they were new, for the next one to resemble.
    fn point<'a>(
        &mut self,
        message: &'a [u8],
        kind: MetricType,
        metric: MetricId,
        origin: OriginId,
        like: Attributes,
        found: &mut Found<'a>,
    ) -> Result<Attributes, WireError> {
        if self.builder.len() >= self.limits.items {
            return Err(WireError::TooMany(self.limits.items, "data points"));
        }
        found.read(message, kind)?;
        found.point.check(kind)?;
        let count = found.attributes.len() + found.exemplars.len() + found.point.parts();
        if self.builder.dictionary.word_count() + self.builder.parts() + count > self.limits.parts {
            return Err(WireError::TooMany(self.limits.parts, "attributes, exemplars and buckets"));
        }
        // Everything that may fail comes before the stream is made: a stream must not lose its attributes to a rollback.
        for message in &found.exemplars {
            let exemplar = self.exemplar(message)?;
            self.builder.push_exemplar(exemplar);
        }
        let attributes = self.values.list(&mut self.builder.dictionary, like, found.attributes.iter().copied())?;
        let series = self.builder.series(Series { metric, origin, attributes });
        found.point.push(kind, series, &mut self.builder);
        // The list is taken back where the stream is known; then only the earlier one may be looked at again.
        Ok(if self.builder.dictionary.holds(attributes) { attributes } else { like })
    }

    fn exemplar(&mut self, message: &[u8]) -> Result<Exemplar, WireError> {
        let (mut time, mut number, mut trace, mut span) = Default::default();
        let mut attributes = Vec::new();
        let mut fields = Fields::new(message);
        while let Some((field_number, field)) = fields.next()? {
            match field_number {
                2 => time = Time(field.fixed64(field_number)?),
                3 => number = Number::Double(field.double(field_number)?),
                4 => span = span_id(field.bytes(field_number)?).unwrap_or_default(),
                5 => trace = trace_id(field.bytes(field_number)?).unwrap_or_default(),
                6 => number = Number::Int(field.fixed64(field_number)? as i64),
                7 => attributes.push(field.bytes(field_number)?),
                _ => {}
            }
        }
        let attributes = self.values.list(&mut self.builder.dictionary, Attributes::default(), attributes)?;
        Ok(Exemplar::new(time, number.value(), trace, span, attributes))
    }
}

impl<'a> Found<'a> {
    fn read(&mut self, message: &'a [u8], kind: MetricType) -> Result<(), WireError> {
        self.point.clear();
        self.attributes.clear();
        self.exemplars.clear();
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match (number, kind) {
                (2, _) => self.point.start = Time(field.fixed64(number)?),
                (3, _) => self.point.time = Time(field.fixed64(number)?),
                (_, MetricType::Gauge | MetricType::Sum) => self.number_field(number, field)?,
                (_, MetricType::Histogram) => self.histogram_field(number, field)?,
                (_, MetricType::ExponentialHistogram) => self.exponential_field(number, field)?,
                (_, MetricType::Summary) => self.summary_field(number, field)?,
            }
        }
        Ok(())
    }

    fn number_field(&mut self, number: u32, field: Field<'a>) -> Result<(), WireError> {
        match number {
            4 => self.point.number = Number::Double(field.double(number)?),
            5 => self.exemplars.push(field.bytes(number)?),
            6 => self.point.number = Number::Int(field.fixed64(number)? as i64),
            7 => self.attributes.push(field.bytes(number)?),
            8 => self.point.flags = field.uint32(number)?,
            _ => {}
        }
        Ok(())
    }

    fn histogram_field(&mut self, number: u32, field: Field<'a>) -> Result<(), WireError> {
        match number {
            4 => self.point.distribution.count = field.fixed64(number)?,
            5 => self.point.distribution.sum = Some(field.double(number)?),
            6 => field.fixed64s(number, &mut self.point.counts[0])?,
            7 => field.fixed64s(number, &mut self.point.doubles)?,
            8 => self.exemplars.push(field.bytes(number)?),
            9 => self.attributes.push(field.bytes(number)?),
            10 => self.point.flags = field.uint32(number)?,
            11 => self.point.distribution.min = Some(field.double(number)?),
            12 => self.point.distribution.max = Some(field.double(number)?),
            _ => {}
        }
        Ok(())
    }

    fn exponential_field(&mut self, number: u32, field: Field<'a>) -> Result<(), WireError> {
        match number {
            1 => self.attributes.push(field.bytes(number)?),
            4 => self.point.distribution.count = field.fixed64(number)?,
            5 => self.point.distribution.sum = Some(field.double(number)?),
            6 => self.point.scale = field.sint32(number)?,
            7 => self.point.zero_count = field.fixed64(number)?,
            8 | 9 => {
                let side = number as usize - 8;
                let mut fields = Fields::new(field.bytes(number)?);
                while let Some((number, field)) = fields.next()? {
                    match number {
                        1 => self.point.offsets[side] = field.sint32(number)?,
                        2 => field.varints(number, &mut self.point.counts[side])?,
                        _ => {}
                    }
                }
            }
            10 => self.point.flags = field.uint32(number)?,
            11 => self.exemplars.push(field.bytes(number)?),
            12 => self.point.distribution.min = Some(field.double(number)?),
            13 => self.point.distribution.max = Some(field.double(number)?),
            14 => self.point.zero_threshold = field.double(number)?,
            _ => {}
        }
        Ok(())
    }

    fn summary_field(&mut self, number: u32, field: Field<'a>) -> Result<(), WireError> {
        match number {
            4 => self.point.distribution.count = field.fixed64(number)?,
            5 => self.point.distribution.sum = Some(field.double(number)?),
            6 => {
                let mut pair = [0; 2];
                let mut fields = Fields::new(field.bytes(number)?);
                while let Some((number, field)) = fields.next()? {
                    if let 1 | 2 = number {
                        pair[number as usize - 1] = field.fixed64(number)?;
                    }
                }
                self.point.doubles.extend(pair);
            }
            7 => self.attributes.push(field.bytes(number)?),
            8 => self.point.flags = field.uint32(number)?,
            _ => {}
        }
        Ok(())
    }
}
