//! `ExportTraceServiceRequest` in protobuf.

use super::super::protobuf::Fields;
use super::super::{Decoded, Limits, Rejected, WireError};
use super::messages::Messages;
use super::origin::{Items, walk};
use super::values::Values;
use crate::budget::Meter;
use crate::columns::{Attributes, DictionaryBuilder, LinkRow, OriginId, SpanEventRow, SpanRow, SpansBuilder, TextId};
use crate::model::{SpanId, SpanKind, StatusCode, Time, TraceId};

pub(super) fn decode(body: &[u8], limits: &Limits, meter: &Meter) -> Result<Decoded, WireError> {
    let mut traces = Traces {
        builder: SpansBuilder::for_protobuf(body.len()),
        values: Values::new(meter),
        limits: *limits,
        meter,
        last_of_name: LastOfName::default(),
        parts: Parts::default(),
    };
    let rejected = walk(body, &mut traces)?;
    _ = traces.look();
    Ok(Decoded { batch: traces.builder.finish(), rejected })
}

struct Traces<'a> {
    builder: SpansBuilder,
    values: Values<'a>,
    limits: Limits,
    meter: &'a Meter,
    last_of_name: LastOfName,
    parts: Parts<'a>,
}

impl<'a> Items<'a> for Traces<'a> {
    fn dictionary(&mut self) -> (&mut DictionaryBuilder, &mut Values<'a>) {
        (&mut self.builder.dictionary, &mut self.values)
    }

    fn item(&mut self, message: &'a [u8], origin: OriginId, rejected: &mut Rejected) {
        let mark = self.builder.dictionary.mark();
        let mut parts = std::mem::take(&mut self.parts);
        if let Err(error) = self.span(message, origin, &mut parts) {
            self.builder.discard(mark);
            rejected.one(error);
        }
        self.parts = parts;
    }

    /// An empty span is invalid: it has no ids.
    fn empty_items(&mut self, count: u64, _origin: OriginId, rejected: &mut Rejected) {
        rejected.some(count, &WireError::TraceId);
    }
}

/// The attributes of the last span of each name: the next span of that name probably has the same keys.
#[derive(Default)]
pub(super) struct LastOfName(Vec<Attributes>);

impl LastOfName {
    pub fn get(&self, name: TextId) -> Attributes {
        self.0.get(name.index()).copied().unwrap_or_default()
    }

    pub fn set(&mut self, name: TextId, attributes: Attributes) {
        if self.0.len() <= name.index() {
            self.0.resize(name.index() + 1, Attributes::default());
        }
        self.0[name.index()] = attributes;
    }
}

/// The repeated fields of one span, collected in one pass and then written one kind after the other.
#[derive(Default)]
struct Parts<'a> {
    attributes: Messages<'a>,
    events: Messages<'a>,
    links: Messages<'a>,
    inner: Messages<'a>,
}

/// Bytes that an event or a link takes in the batch.
const PART: usize = size_of::<LinkRow>();

impl<'a> Traces<'a> {
    fn span(&mut self, message: &'a [u8], origin: OriginId, parts: &mut Parts<'a>) -> Result<(), WireError> {
        let (limits, meter) = (self.limits, self.meter);
        meter.check()?;
        if self.builder.len() >= limits.items {
            return Err(WireError::TooMany(limits.items, "spans"));
        }
        parts.attributes.clear();
        parts.events.clear();
        parts.links.clear();
        let mut span = SpanRow { origin, ..SpanRow::default() };
        let dictionary = &mut self.builder.dictionary;
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => span.trace = trace_id(field.bytes(number)?).ok_or(WireError::TraceId)?,
                2 => span.id = span_id(field.bytes(number)?).ok_or(WireError::SpanId)?,
                3 => span.rare.trace_state = dictionary.text(field.bytes(number)?),
                4 => span.parent = span_id(field.bytes(number)?).unwrap_or_default(),
                5 => span.name = dictionary.text(field.bytes(number)?),
                6 => span.kind = SpanKind::from_code(field.varint(number)? as i64).unwrap_or_default(),
                7 => span.start = Time(field.fixed64(number)?),
                8 => span.end = Time(field.fixed64(number)?),
                9 => {
                    parts.attributes.push(field.bytes(number)?, meter)?;
                    while let Some(attribute) = fields.another(9) {
                        parts.attributes.push(attribute, meter)?;
                    }
                }
                10 => span.rare.dropped_attributes = field.uint32(number)?,
                11 => parts.events.push(field.bytes(number)?, meter)?,
                12 => span.rare.dropped_events = field.uint32(number)?,
                13 => parts.links.push(field.bytes(number)?, meter)?,
                14 => span.rare.dropped_links = field.uint32(number)?,
                15 => {
                    let mut fields = Fields::new(field.bytes(number)?);
                    while let Some((number, field)) = fields.next()? {
                        match number {
                            2 => span.rare.status_message = dictionary.text(field.bytes(number)?),
                            3 => span.status = StatusCode::from_code(field.varint(number)? as i64).unwrap_or_default(),
                            _ => {}
                        }
                    }
                }
                16 => span.flags = field.fixed32(number)?,
                _ => {}
            }
        }
        check(&span)?;
        let count = parts.attributes.len() + parts.events.len() + parts.links.len();
        if self.builder.dictionary.word_count() + self.builder.parts() + count > limits.parts {
            return Err(WireError::TooMany(limits.parts, "attributes, events and links"));
        }
        let like = self.last_of_name.get(span.name);
        span.attributes = self.values.list(&mut self.builder.dictionary, like, &parts.attributes)?;
        for event in parts.events.iter() {
            let event = self.event(event, &mut parts.inner)?;
            self.builder.push_event(event);
        }
        for link in parts.links.iter() {
            let link = self.link(link, &mut parts.inner)?;
            self.builder.push_link(link);
        }
        self.last_of_name.set(span.name, span.attributes);
        self.builder.push(span);
        // The span is stored; if it was too large, the next one is rejected.
        _ = self.wrote(message.len() + size_of::<SpanRow>());
        Ok(())
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

    fn event(&mut self, message: &'a [u8], inner: &mut Messages<'a>) -> Result<SpanEventRow, WireError> {
        let mut event = SpanEventRow::default();
        inner.clear();
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => event.time = Time(field.fixed64(number)?),
                2 => event.name = self.builder.dictionary.text(field.bytes(number)?),
                3 => inner.push(field.bytes(number)?, self.meter)?,
                4 => event.dropped = field.uint32(number)?,
                _ => {}
            }
        }
        event.attributes = self.values.list(&mut self.builder.dictionary, Attributes::default(), inner)?;
        self.wrote(message.len() + PART)?;
        Ok(event)
    }

    fn link(&mut self, message: &'a [u8], inner: &mut Messages<'a>) -> Result<LinkRow, WireError> {
        let mut link = LinkRow::default();
        inner.clear();
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => link.trace = trace_id(field.bytes(number)?).unwrap_or_default(),
                2 => link.span = span_id(field.bytes(number)?).unwrap_or_default(),
                3 => link.trace_state = self.builder.dictionary.text(field.bytes(number)?),
                4 => inner.push(field.bytes(number)?, self.meter)?,
                5 => link.dropped = field.uint32(number)?,
                6 => link.flags = field.fixed32(number)?,
                _ => {}
            }
        }
        link.attributes = self.values.list(&mut self.builder.dictionary, Attributes::default(), inner)?;
        self.wrote(message.len() + PART)?;
        Ok(link)
    }
}

/// Checks the required fields of a span.
pub(super) fn check(span: &SpanRow) -> Result<(), WireError> {
    if span.trace.is_none() {
        return Err(WireError::TraceId);
    }
    if span.id.is_none() {
        return Err(WireError::SpanId);
    }
    Ok(())
}

/// `None` if the length is not 16 bytes.
pub(super) fn trace_id(bytes: &[u8]) -> Option<TraceId> {
    bytes.try_into().ok().map(TraceId)
}

/// `None` if the length is not 8 bytes.
pub(super) fn span_id(bytes: &[u8]) -> Option<SpanId> {
    bytes.try_into().ok().map(SpanId)
}
