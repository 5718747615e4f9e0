//! `ExportLogsServiceRequest` in protobuf.

use super::super::protobuf::Fields;
use super::super::{Decoded, Limits, Rejected, WireError};
use super::origin::Group;
use super::traces::{span_id, trace_id};
use super::values::Values;
use crate::columns::{Attributes, LogRow, LogsBuilder, OriginId};
use crate::model::{Severity, Time};

pub(super) fn decode(body: &[u8], limits: &Limits) -> Result<Decoded, WireError> {
    let mut logs = Logs { builder: LogsBuilder::default(), values: Values::default(), last: Attributes::default() };
    let mut rejected = Rejected::default();
    let mut attributes = Vec::new();
    let mut fields = Fields::new(body);
    while let Some((number, field)) = fields.next()? {
        if number != 1 {
            continue;
        }
        let group = Group::new(field.bytes(number)?)?;
        let resource = group.resource(&mut logs.builder.dictionary, &mut logs.values)?;
        group.each_child(|message| {
            let group = Group::new(message)?;
            let scope = group.scope(&mut logs.builder.dictionary, &mut logs.values)?;
            let origin = logs.builder.dictionary.origin(resource, scope);
            group.each_child(|record| {
                let mark = logs.builder.dictionary.mark();
                if let Err(error) = logs.record(record, origin, limits, &mut attributes) {
                    logs.builder.dictionary.rollback(mark);
                    rejected.one(error);
                }
                Ok(())
            })
        })?;
    }
    Ok(Decoded { batch: logs.builder.finish(), rejected })
}

struct Logs {
    builder: LogsBuilder,
    values: Values,
    last: Attributes,
}

impl Logs {
    fn record<'a>(
        &mut self,
        message: &'a [u8],
        origin: OriginId,
        limits: &Limits,
        attributes: &mut Vec<&'a [u8]>,
    ) -> Result<(), WireError> {
        if self.builder.len() >= limits.items {
            return Err(WireError::TooMany(limits.items, "log records"));
        }
        attributes.clear();
        let mut log = LogRow { origin, ..LogRow::default() };
        let dictionary = &mut self.builder.dictionary;
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => log.time = Time(field.fixed64(number)?),
                2 => log.severity = severity(field.varint(number)?),
                3 => log.severity_text = dictionary.text(field.bytes(number)?),
                5 => log.body = self.values.word(dictionary, field.bytes(number)?)?,
                6 => attributes.push(field.bytes(number)?),
                7 => log.dropped = field.uint32(number)?,
                8 => log.flags = field.fixed32(number)?,
                9 => log.trace = trace_id(field.bytes(number)?).unwrap_or_default(),
                10 => log.span = span_id(field.bytes(number)?).unwrap_or_default(),
                11 => log.observed = Time(field.fixed64(number)?),
                12 => log.event_name = dictionary.text(field.bytes(number)?),
                _ => {}
            }
        }
        if dictionary.word_count() + attributes.len() > limits.parts {
            return Err(WireError::TooMany(limits.parts, "attributes"));
        }
        log.attributes = self.values.list(dictionary, self.last, attributes.iter().copied())?;
        self.last = log.attributes;
        self.builder.push(log);
        Ok(())
    }
}

/// A number outside of 0–24 says nothing.
fn severity(number: u64) -> Severity {
    u8::try_from(number).ok().filter(|number| *number <= 24).map(Severity).unwrap_or_default()
}
