//! `ExportMetricsServiceRequest` in protobuf.

use super::super::protobuf::{Field, Fields};
use super::super::{Decoded, Limits, Rejected, WireError};
use super::messages::Messages;
use super::origin::{Items, walk};
use super::point::{Number, Point};
use super::traces::{span_id, trace_id};
use super::values::Values;
use crate::budget::Meter;
use crate::columns::{Attributes, DictionaryBuilder, Exemplar, Metric, MetricId, OriginId, PointsBuilder, Series};
use crate::model::{MetricType, Temporality, Time};

pub(super) fn decode(body: &[u8], limits: &Limits, meter: &Meter) -> Result<Decoded, WireError> {
    let mut metrics = Metrics {
        builder: PointsBuilder::default(),
        values: Values::new(meter),
        limits: *limits,
        meter,
        found: PointParts::default(),
    };
    let rejected = walk(body, &mut metrics)?;
    _ = metrics.look();
    Ok(Decoded { batch: metrics.builder.finish(), rejected })
}

struct Metrics<'a> {
    builder: PointsBuilder,
    values: Values<'a>,
    limits: Limits,
    meter: &'a Meter,
    found: PointParts<'a>,
}

impl<'a> Items<'a> for Metrics<'a> {
    fn dictionary(&mut self) -> (&mut DictionaryBuilder, &mut Values<'a>) {
        (&mut self.builder.dictionary, &mut self.values)
    }

    fn item(&mut self, message: &'a [u8], origin: OriginId, rejected: &mut Rejected) {
        let mark = self.builder.dictionary.mark();
        let described = MetricMessage::read(message).and_then(|read| {
            let metric = self.describe(&read)?;
            Ok((read, metric))
        });
        match described {
            Ok((read, metric)) => self.points(&read, metric, origin, rejected),
            Err(error) => {
                self.builder.dictionary.rollback(mark);
                rejected.some(Self::count(message), &error);
            }
        }
    }

    fn count(message: &[u8]) -> u64 {
        MetricMessage::read(message).map_or(1, |read| read.count)
    }

    /// Ignored: a metric without points has no items.
    fn empty_items(&mut self, _count: u64, _origin: OriginId, _rejected: &mut Rejected) {}
}

/// The fields of one point: its numbers, and the repeated fields, which are written afterwards.
#[derive(Default)]
struct PointParts<'a> {
    point: Point,
    attributes: Messages<'a>,
    exemplars: Messages<'a>,
    /// The attributes of one exemplar.
    inner: Messages<'a>,
}

/// Bytes that a point takes in the batch.
const ROW: usize = 128;

/// A metric message whose points are not read yet.
#[derive(Default)]
struct MetricMessage<'a> {
    texts: [&'a [u8]; 3],
    /// The metric message, if it has metadata.
    with_metadata: &'a [u8],
    kind: MetricType,
    temporality: Temporality,
    monotonic: bool,
    data: &'a [u8],
    /// How many points it has.
    count: u64,
}

impl<'a> MetricMessage<'a> {
    /// If there are several kinds of data, the last one counts.
    fn read(message: &'a [u8]) -> Result<MetricMessage<'a>, WireError> {
        let mut metric = MetricMessage::default();
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            let kind = match number {
                1..=3 => {
                    metric.texts[number as usize - 1] = field.bytes(number)?;
                    continue;
                }
                12 => {
                    field.bytes(number)?;
                    metric.with_metadata = message;
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
            metric.data = field.bytes(number)?;
        }
        let mut fields = Fields::new(metric.data);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => {
                    field.bytes(number)?;
                    metric.count += 1;
                }
                2 => metric.temporality = Temporality::from_code(field.varint(number)? as i64).unwrap_or_default(),
                3 => metric.monotonic = field.varint(number)? != 0,
                _ => {}
            }
        }
        Ok(metric)
    }

    fn points(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut fields = Fields::new(self.data);
        std::iter::from_fn(move || {
            loop {
                match fields.next() {
                    Ok(Some((1, Field::Bytes(point)))) => return Some(point),
                    Ok(Some(_)) => {}
                    // The data was read once before without an error.
                    Ok(None) | Err(_) => return None,
                }
            }
        })
    }
}

impl<'a> Metrics<'a> {
    fn describe(&mut self, message: &MetricMessage<'a>) -> Result<MetricId, WireError> {
        let dictionary = &mut self.builder.dictionary;
        let [name, description, unit] = message.texts.map(|text| dictionary.text(text));
        let list = &mut self.found.inner;
        list.clear();
        let mut fields = Fields::new(message.with_metadata);
        while let Some((number, field)) = fields.next()? {
            if number == 12 {
                list.push(field.bytes(number)?, self.meter)?;
            }
        }
        let metadata = self.values.list(dictionary, Attributes::default(), list)?;
        let MetricMessage { kind, temporality, monotonic, .. } = *message;
        Ok(self.builder.metric(Metric { name, description, unit, kind, temporality, monotonic, metadata }))
    }

    fn points(&mut self, message: &MetricMessage<'a>, metric: MetricId, origin: OriginId, rejected: &mut Rejected) {
        let mut like = Attributes::default();
        let mut found = std::mem::take(&mut self.found);
        for point in message.points() {
            let mark = self.builder.dictionary.mark();
            match self.point(point, message.kind, metric, origin, like, &mut found) {
                Ok(attributes) => like = attributes,
                Err(error) => {
                    self.builder.discard(mark);
                    rejected.one(error);
                }
            }
        }
        self.found = found;
    }

    /// Reads and pushes a point. Returns its attributes if they were new, as a pattern for the next point.
    fn point(
        &mut self,
        message: &'a [u8],
        kind: MetricType,
        metric: MetricId,
        origin: OriginId,
        like: Attributes,
        found: &mut PointParts<'a>,
    ) -> Result<Attributes, WireError> {
        self.meter.check()?;
        if self.builder.len() >= self.limits.items {
            return Err(WireError::TooMany(self.limits.items, "data points"));
        }
        found.read(message, kind, self.meter)?;
        found.point.check(kind)?;
        let count = found.attributes.len() + found.exemplars.len() + found.point.parts();
        if self.builder.dictionary.word_count() + self.builder.parts() + count > self.limits.parts {
            return Err(WireError::TooMany(self.limits.parts, "attributes, exemplars and buckets"));
        }
        // All steps that can fail come before the stream is created: a rollback must not remove the attributes of a stream.
        for message in found.exemplars.iter() {
            let exemplar = self.exemplar(message, &mut found.inner)?;
            self.builder.push_exemplar(exemplar);
        }
        let attributes = self.values.list(&mut self.builder.dictionary, like, &found.attributes)?;
        let series = self.builder.series(Series { metric, origin, attributes });
        found.point.push(kind, series, &mut self.builder);
        // The point is stored; if it was too large, the next one is rejected.
        _ = self.wrote(message.len() + ROW);
        // For a known stream the list is removed again; then only the earlier list remains valid.
        Ok(if self.builder.dictionary.holds(attributes) { attributes } else { like })
    }

    /// Notes that this many bytes were written; from time to time asks the meter whether that is too much.
    #[inline]
    fn wrote(&self, bytes: usize) -> Result<(), WireError> {
        if self.meter.wrote(bytes) { self.look() } else { Ok(()) }
    }

    #[cold]
    fn look(&self) -> Result<(), WireError> {
        Ok(self.meter.look(self.builder.written(), self.builder.dictionary.written())?)
    }

    fn exemplar(&mut self, message: &'a [u8], attributes: &mut Messages<'a>) -> Result<Exemplar, WireError> {
        let (mut time, mut number, mut trace, mut span) = Default::default();
        attributes.clear();
        let mut fields = Fields::new(message);
        while let Some((field_number, field)) = fields.next()? {
            match field_number {
                2 => time = Time(field.fixed64(field_number)?),
                3 => number = Number::Double(field.double(field_number)?),
                4 => span = span_id(field.bytes(field_number)?).unwrap_or_default(),
                5 => trace = trace_id(field.bytes(field_number)?).unwrap_or_default(),
                6 => number = Number::Int(field.fixed64(field_number)? as i64),
                7 => attributes.push(field.bytes(field_number)?, self.meter)?,
                _ => {}
            }
        }
        let attributes = self.values.list(&mut self.builder.dictionary, Attributes::default(), attributes)?;
        self.wrote(message.len() + size_of::<Exemplar>())?;
        Ok(Exemplar::new(time, number.value(), trace, span, attributes))
    }
}

impl<'a> PointParts<'a> {
    fn read(&mut self, message: &'a [u8], kind: MetricType, meter: &Meter) -> Result<(), WireError> {
        self.point.clear();
        self.attributes.clear();
        self.exemplars.clear();
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match (number, kind) {
                (2, _) => self.point.start = Time(field.fixed64(number)?),
                (3, _) => self.point.time = Time(field.fixed64(number)?),
                (_, MetricType::Gauge | MetricType::Sum) => self.number_field(number, field, meter)?,
                (_, MetricType::Histogram) => self.histogram_field(number, field, meter)?,
                (_, MetricType::ExponentialHistogram) => self.exponential_field(number, field, meter)?,
                (_, MetricType::Summary) => self.summary_field(number, field, meter)?,
            }
        }
        Ok(())
    }

    fn number_field(&mut self, number: u32, field: Field<'a>, meter: &Meter) -> Result<(), WireError> {
        match number {
            4 => self.point.number = Number::Double(field.double(number)?),
            5 => self.exemplars.push(field.bytes(number)?, meter)?,
            6 => self.point.number = Number::Int(field.fixed64(number)? as i64),
            7 => self.attributes.push(field.bytes(number)?, meter)?,
            8 => self.point.flags = field.uint32(number)?,
            _ => {}
        }
        Ok(())
    }

    fn histogram_field(&mut self, number: u32, field: Field<'a>, meter: &Meter) -> Result<(), WireError> {
        match number {
            4 => self.point.distribution.count = field.fixed64(number)?,
            5 => self.point.distribution.sum = Some(field.double(number)?),
            6 => {
                self.point.room_for(field, 8, meter)?;
                field.fixed64s(number, &mut self.point.counts[0])?;
            }
            7 => {
                self.point.room_for(field, 8, meter)?;
                field.fixed64s(number, &mut self.point.doubles)?;
            }
            8 => self.exemplars.push(field.bytes(number)?, meter)?,
            9 => self.attributes.push(field.bytes(number)?, meter)?,
            10 => self.point.flags = field.uint32(number)?,
            11 => self.point.distribution.min = Some(field.double(number)?),
            12 => self.point.distribution.max = Some(field.double(number)?),
            _ => {}
        }
        Ok(())
    }

    fn exponential_field(&mut self, number: u32, field: Field<'a>, meter: &Meter) -> Result<(), WireError> {
        match number {
            1 => self.attributes.push(field.bytes(number)?, meter)?,
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
                        2 => {
                            self.point.room_for(field, 1, meter)?;
                            field.varints(number, &mut self.point.counts[side])?;
                        }
                        _ => {}
                    }
                }
            }
            10 => self.point.flags = field.uint32(number)?,
            11 => self.exemplars.push(field.bytes(number)?, meter)?,
            12 => self.point.distribution.min = Some(field.double(number)?),
            13 => self.point.distribution.max = Some(field.double(number)?),
            14 => self.point.zero_threshold = field.double(number)?,
            _ => {}
        }
        Ok(())
    }

    fn summary_field(&mut self, number: u32, field: Field<'a>, meter: &Meter) -> Result<(), WireError> {
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
                self.point.room_for(Field::Varint(0), 1, meter)?;
                self.point.doubles.extend(pair);
            }
            7 => self.attributes.push(field.bytes(number)?, meter)?,
            8 => self.point.flags = field.uint32(number)?,
            _ => {}
        }
        Ok(())
    }
}
