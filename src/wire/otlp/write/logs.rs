//! Log records.

use super::sink::{Field, Sink};
use super::spans::{span_id, trace_id};
use super::{any, attributes};
use crate::columns::LogItem;
use crate::model::Value;

pub(super) fn log(log: LogItem<'_>, o: &mut impl Sink) {
    o.fixed64(Field("timeUnixNano", 1), log.columns.time[log.row].0);
    o.fixed64(Field("observedTimeUnixNano", 11), log.observed().0);
    o.small(Field("severityNumber", 2), log.severity().0);
    o.text(Field("severityText", 3), log.severity_text());
    if log.body() != Value::Empty {
        o.message(Field("body", 5), |o| any(log.body(), o));
    }
    attributes(Field("attributes", 6), log.dictionary, log.columns.attributes[log.row], o);
    o.small(Field("droppedAttributesCount", 7), log.dropped());
    o.fixed32(Field("flags", 8), log.flags());
    trace_id(Field("traceId", 9), log.trace(), o);
    span_id(Field("spanId", 10), log.span(), o);
    o.text(Field("eventName", 12), log.event_name());
}
