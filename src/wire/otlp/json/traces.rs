//! Reads spans, events and links.

use super::super::super::WireError;
use super::super::traces::{LastOfName, check};
use super::groups::{Items, Sink};
use super::read::{self, Array, Object};
use super::text::{Json, Syntax};
use super::values::{Values, text};
use crate::columns::{Attributes, Batch, DictionaryBuilder, LinkRow, OriginId, SpanEventRow, SpanRow, SpansBuilder};

#[derive(Default)]
pub(super) struct Traces {
    builder: SpansBuilder,
    last_of_name: LastOfName,
    last: Attributes,
}

impl Items for Traces {
    const SCOPES: [&'static str; 2] = ["scopeSpans", "scope_spans"];
    const ITEMS: [&'static str; 2] = ["spans", "spans"];

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
        if !to.has_room(json, self.builder.len(), "spans") {
            return json.skip();
        }
        let mark = self.builder.dictionary.mark();
        let row = SpanRow { origin: group, ..SpanRow::default() };
        let mut span = Span { traces: self, values: &mut to.values, row };
        let found = read::object(json, &mut span)?;
        let row = span.row;
        found.or_default(&mut to.values.problem, "spans");
        match to.values.problem.take().and_then(|()| check(&row)) {
            Ok(()) => {
                self.last_of_name.set(row.name, row.attributes);
                self.last = row.attributes;
                self.builder.push(row);
            }
            Err(error) => {
                self.builder.discard(mark);
                to.rejected.one(error);
            }
        }
        Ok(())
    }

    fn finish(self, origins: &[OriginId]) -> Batch {
        self.builder.finish_groups(origins)
    }
}

/// A span being read. Its attributes, events and links go straight into the batch.
struct Span<'r> {
    traces: &'r mut Traces,
    values: &'r mut Values,
    row: SpanRow,
}

impl<'a> Object<'a> for Span<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let Span { traces, values, row } = self;
        let parts = traces.builder.parts();
        let dictionary = &mut traces.builder.dictionary;
        let problem = &mut values.problem;
        match key {
            "traceId" | "trace_id" => row.trace = read::leaf(json)?.or_default(problem, "traceId"),
            "spanId" | "span_id" => row.id = read::leaf(json)?.or_default(problem, "spanId"),
            "parentSpanId" | "parent_span_id" => row.parent = read::leaf(json)?.or_default(problem, "parentSpanId"),
            "flags" => row.flags = read::leaf(json)?.or_default(problem, "flags"),
            "name" => row.name = text(json, dictionary, problem, "name")?,
            "kind" => row.kind = read::leaf(json)?.or_default(problem, "kind"),
            "startTimeUnixNano" | "start_time_unix_nano" => {
                row.start = read::leaf(json)?.or_default(problem, "startTimeUnixNano");
            }
            "endTimeUnixNano" | "end_time_unix_nano" => {
                row.end = read::leaf(json)?.or_default(problem, "endTimeUnixNano");
            }
            "attributes" => {
                // The name nearly always comes first; otherwise the last span serves as the pattern.
                let like = traces.last_of_name.get(row.name);
                let like = if like == Attributes::default() { traces.last } else { like };
                row.attributes = values.list(json, dictionary, like, parts, "attributes")?;
            }
            "status" => {
                let mut status = Status { dictionary, values, row };
                let found = read::object(json, &mut status)?;
                found.or_default(&mut values.problem, "status");
            }
            "events" => {
                let found = read::array(json, &mut Events { builder: &mut traces.builder, values })?;
                found.or_default(&mut values.problem, "events");
            }
            "links" => {
                let found = read::array(json, &mut Links { builder: &mut traces.builder, values })?;
                found.or_default(&mut values.problem, "links");
            }
            "traceState" | "trace_state" => row.rare.trace_state = text(json, dictionary, problem, "traceState")?,
            "droppedAttributesCount" | "dropped_attributes_count" => {
                row.rare.dropped_attributes = read::leaf(json)?.or_default(problem, "droppedAttributesCount");
            }
            "droppedEventsCount" | "dropped_events_count" => {
                row.rare.dropped_events = read::leaf(json)?.or_default(problem, "droppedEventsCount");
            }
            "droppedLinksCount" | "dropped_links_count" => {
                row.rare.dropped_links = read::leaf(json)?.or_default(problem, "droppedLinksCount");
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

struct Status<'r> {
    dictionary: &'r mut DictionaryBuilder,
    values: &'r mut Values,
    row: &'r mut SpanRow,
}

impl<'a> Object<'a> for Status<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let problem = &mut self.values.problem;
        match key {
            "code" => self.row.status = read::leaf(json)?.or_default(problem, "status.code"),
            "message" => self.row.rare.status_message = text(json, self.dictionary, problem, "status.message")?,
            _ => json.skip()?,
        }
        Ok(())
    }
}

struct Events<'r> {
    builder: &'r mut SpansBuilder,
    values: &'r mut Values,
}

impl<'a> Array<'a> for Events<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if !room(json, self.builder, self.values) {
            return json.skip();
        }
        let mut event = Event { builder: self.builder, values: self.values, row: SpanEventRow::default() };
        let found = read::object(json, &mut event)?;
        let row = event.row;
        found.or_default(&mut self.values.problem, "events");
        self.builder.push_event(row);
        Ok(())
    }
}

struct Event<'r> {
    builder: &'r mut SpansBuilder,
    values: &'r mut Values,
    row: SpanEventRow,
}

impl<'a> Object<'a> for Event<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let Event { builder, values, row } = self;
        let problem = &mut values.problem;
        match key {
            "timeUnixNano" | "time_unix_nano" => row.time = read::leaf(json)?.or_default(problem, "timeUnixNano"),
            "name" => row.name = text(json, &mut builder.dictionary, problem, "name")?,
            "attributes" => {
                let parts = builder.parts();
                row.attributes = values.list(json, &mut builder.dictionary, row.attributes, parts, "attributes")?;
            }
            "droppedAttributesCount" | "dropped_attributes_count" => {
                row.dropped = read::leaf(json)?.or_default(problem, "droppedAttributesCount");
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

struct Links<'r> {
    builder: &'r mut SpansBuilder,
    values: &'r mut Values,
}

impl<'a> Array<'a> for Links<'_> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        if !room(json, self.builder, self.values) {
            return json.skip();
        }
        let mut link = Link { builder: self.builder, values: self.values, row: LinkRow::default() };
        let found = read::object(json, &mut link)?;
        let row = link.row;
        found.or_default(&mut self.values.problem, "links");
        self.builder.push_link(row);
        Ok(())
    }
}

struct Link<'r> {
    builder: &'r mut SpansBuilder,
    values: &'r mut Values,
    row: LinkRow,
}

impl<'a> Object<'a> for Link<'_> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let Link { builder, values, row } = self;
        let problem = &mut values.problem;
        match key {
            "traceId" | "trace_id" => row.trace = read::leaf(json)?.or_default(problem, "traceId"),
            "spanId" | "span_id" => row.span = read::leaf(json)?.or_default(problem, "spanId"),
            "traceState" | "trace_state" => {
                row.trace_state = text(json, &mut builder.dictionary, problem, "traceState")?;
            }
            "attributes" => {
                let parts = builder.parts();
                row.attributes = values.list(json, &mut builder.dictionary, row.attributes, parts, "attributes")?;
            }
            "droppedAttributesCount" | "dropped_attributes_count" => {
                row.dropped = read::leaf(json)?.or_default(problem, "droppedAttributesCount");
            }
            "flags" => row.flags = read::leaf(json)?.or_default(problem, "flags"),
            _ => json.skip()?,
        }
        Ok(())
    }
}

/// Whether one more event or link fits; notes an error if not.
fn room(json: &Json<'_>, builder: &SpansBuilder, values: &mut Values) -> bool {
    if json.wrote(size_of::<LinkRow>()) {
        // If this is too much, it is noted below.
        _ = json.look(builder.written(), builder.dictionary.written());
    }
    if let Err(over) = json.check() {
        values.problem.note(over.into());
        return false;
    }
    let room = builder.dictionary.word_count() + builder.parts() < values.limits.parts;
    if !room {
        values.problem.note(WireError::TooMany(values.limits.parts, "attributes, events and links"));
    }
    room
}
