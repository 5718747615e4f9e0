//! `ExportLogsServiceRequest` in protobuf.

use super::super::protobuf::Fields;
use super::super::{Decoded, Limits, Rejected, WireError};
use super::messages::Messages;
use super::origin::{Items, walk};
use super::traces::{span_id, trace_id};
use super::values::Values;
use crate::budget::Meter;
use crate::columns::{Attributes, DictionaryBuilder, LogRow, LogsBuilder, OriginId};
use crate::model::{Severity, Time};

pub(super) fn decode(body: &[u8], limits: &Limits, meter: &Meter) -> Result<Decoded, WireError> {
    let mut logs = Logs {
        builder: LogsBuilder::default(),
        values: Values::new(meter),
        limits: *limits,
        meter,
        last: Attributes::default(),
        attributes: Messages::default(),
    };
    let rejected = walk(body, &mut logs)?;
    _ = logs.look();
    Ok(Decoded { batch: logs.builder.finish(), rejected })
}

struct Logs<'a> {
    builder: LogsBuilder,
    values: Values<'a>,
    limits: Limits,
    meter: &'a Meter,
    last: Attributes,
    /// The attributes of the current record.
    attributes: Messages<'a>,
}

impl<'a> Items<'a> for Logs<'a> {
    fn dictionary(&mut self) -> (&mut DictionaryBuilder, &mut Values<'a>) {
        (&mut self.builder.dictionary, &mut self.values)
    }

    fn item(&mut self, message: &'a [u8], origin: OriginId, rejected: &mut Rejected) {
        let mark = self.builder.dictionary.mark();
        if let Err(error) = self.record(message, origin) {
            self.builder.dictionary.rollback(mark);
            rejected.one(error);
        }
    }

    /// An empty record is valid, as long as it fits.
    fn empty_items(&mut self, count: u64, origin: OriginId, rejected: &mut Rejected) {
        for taken in 0..count {
            if self.meter.check().is_err() || self.is_full() {
                let error = self.record(&[], origin).err();
                return rejected.some(count - taken, &error.unwrap_or(WireError::Truncated));
            }
            self.item(&[], origin, rejected);
        }
    }
}

impl<'a> Logs<'a> {
    fn record(&mut self, message: &'a [u8], origin: OriginId) -> Result<(), WireError> {
        let (Limits { items, parts }, meter) = (self.limits, self.meter);
        meter.check()?;
        if self.is_full() {
            return Err(WireError::TooMany(items, "log records"));
        }
        self.attributes.clear();
        let mut log = LogRow { origin, ..LogRow::default() };
        let dictionary = &mut self.builder.dictionary;
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            match number {
                1 => log.time = Time(field.fixed64(number)?),
                2 => log.severity = Severity(field.varint(number)? as i32),
                3 => log.severity_text = dictionary.text(field.bytes(number)?),
                5 => log.body = self.values.word(dictionary, field.bytes(number)?)?,
                6 => self.attributes.push(field.bytes(number)?, meter)?,
                7 => log.dropped = field.uint32(number)?,
                8 => log.flags = field.fixed32(number)?,
                9 => log.trace = trace_id(field.bytes(number)?).unwrap_or_default(),
                10 => log.span = span_id(field.bytes(number)?).unwrap_or_default(),
                11 => log.observed = Time(field.fixed64(number)?),
                12 => log.event_name = dictionary.text(field.bytes(number)?),
                _ => {}
            }
        }
        if dictionary.word_count() + self.attributes.len() > parts {
            return Err(WireError::TooMany(parts, "attributes"));
        }
        log.attributes = self.values.list(dictionary, self.last, &self.attributes)?;
        self.last = log.attributes;
        self.builder.push(log);
        if meter.wrote(message.len() + size_of::<LogRow>()) {
            // The record is stored; if it was too large, the next one is rejected.
            _ = self.look();
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.builder.len() >= self.limits.items
    }

    #[cold]
    fn look(&self) -> Result<(), WireError> {
        Ok(self.meter.look(self.builder.written(), self.builder.dictionary.written())?)
    }
}
