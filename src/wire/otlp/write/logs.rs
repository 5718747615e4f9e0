//! Log records.

use super::object::Object;
use super::spans::{span_id, trace_id};
use super::{any, attributes};
use crate::columns::LogItem;
use crate::model::Value;

pub(super) fn log(log: LogItem<'_>, o: &mut Object<'_>) {
    o.uint("timeUnixNano", log.columns.time[log.row].0);
    o.uint("observedTimeUnixNano", log.observed().0);
    o.small("severityNumber", log.severity().0);
    o.text("severityText", log.severity_text());
    if log.body() != Value::Empty {
        o.object("body", |o| any(log.body(), o));
    }
    attributes("attributes", log.dictionary, log.columns.attributes[log.row], o);
    o.small("droppedAttributesCount", log.dropped());
    o.small("flags", log.flags());
    trace_id(log.trace(), o);
    span_id("spanId", log.span(), o);
    o.text("eventName", log.event_name());
}
