//! Turns JSON objects that loggers write, one per line, into log records.
//!
//! An object is a log record if it has a message and a severity or a time, each under a key that a known logger uses. These
//! fill the fields of the record; everything else becomes an attribute, nested values too.

use super::container;
use super::level;
use super::roles::{Group, Role, Scale, Unit, role, role_in, role_of_text};
use super::time;
use crate::columns::{
    Attributes, Batch, DictionaryBuilder, ListBuilder, LogRow, LogsBuilder, OriginId, Raw, Resource, Scope, Word,
};
use crate::model::{Severity, SpanId, Time, TraceId};
use crate::wire::json::{Entry, JsonValue, View};
use crate::wire::json_values::Values;
use std::collections::HashMap;

/// How many services are remembered by their names.
const REMEMBERED: usize = 256;

/// What a container runtime adds to a line.
#[derive(Clone, Copy, Default, Debug)]
pub(in crate::wire) struct Around<'a> {
    /// When the line was written.
    pub time: Time,
    /// `stdout`, `stderr`.
    pub stream: &'a str,
    /// The JSON object around the line. Its entries become attributes, except those of the line itself.
    pub rest: Option<JsonValue<'a>>,
}

/// Writes log lines into a batch.
#[derive(Default)]
pub(in crate::wire) struct LogLines {
    pub builder: LogsBuilder,
    values: Values,
    last: Attributes,
    origins: HashMap<String, OriginId>,
}

/// Whether an object is a log record.
pub(in crate::wire) fn is_log(root: JsonValue<'_>) -> bool {
    Line::of(root).is_log()
}

impl LogLines {
    /// Adds the log record of an object; returns whether it is one.
    pub fn push_json(&mut self, root: JsonValue<'_>, around: Option<&Around<'_>>) -> bool {
        let line = Line::of(root);
        let is_log = line.is_log();
        if is_log {
            self.push_line(root, &line, around);
        }
        is_log
    }

    /// Adds a container's line that no known logger wrote: its value is the body.
    pub fn push_value(&mut self, value: JsonValue<'_>, text: &str, around: &Around<'_>) {
        let body = match self.values.raw(value) {
            Ok(Raw::Empty) | Err(_) => self.builder.dictionary.make_word(Raw::Text(text.as_bytes())),
            Ok(raw) => self.builder.dictionary.make_word(raw),
        };
        self.push_body(body, around);
    }

    /// Adds a container's line of text.
    pub fn push_text(&mut self, text: &str, around: &Around<'_>) {
        let body = self.builder.dictionary.make_word(Raw::Text(text.as_bytes()));
        self.push_body(body, around);
    }

    fn push_body(&mut self, body: Word, around: &Around<'_>) {
        let mut list = self.builder.dictionary.begin_list(self.last);
        self.add_around(&mut list, around);
        let attributes = self.builder.dictionary.end_list(list);
        self.last = attributes;
        let origin = self.origin("");
        self.builder.push(LogRow { time: around.time, body, origin, attributes, ..LogRow::default() });
    }

    fn push_line(&mut self, root: JsonValue<'_>, line: &Line<'_>, around: Option<&Around<'_>>) {
        let mut row = LogRow { origin: self.origin(line.service.best().unwrap_or_default()), ..LogRow::default() };
        row.time = line.time.best().or(around.map(|around| around.time)).unwrap_or_default();
        row.observed = around.map(|around| around.time).unwrap_or_default();
        let severity = line.severity();
        row.severity = severity.number;
        row.severity_text = self.builder.dictionary.text(severity.text.as_bytes());
        row.trace = line.trace.best().unwrap_or_default();
        row.span = line.span.best().unwrap_or_default();
        row.flags = line.flags.best().unwrap_or_default();
        if let Some(message) = line.message.best() {
            row.body = self.word(message);
        }
        let mut list = self.builder.dictionary.begin_list(self.last);
        // If two keys claim one field, the losing key is also among these.
        let rest = root.entries().enumerate().filter(|(at, _)| !line.is_used(*at));
        rest.for_each(|(_, entry)| self.add(&mut list, entry));
        if let Some(around) = around {
            self.add_around(&mut list, around);
        }
        row.attributes = self.builder.dictionary.end_list(list);
        self.last = row.attributes;
        self.builder.push(row);
    }

    fn word(&mut self, value: JsonValue<'_>) -> Word {
        let LogLines { builder, values, .. } = self;
        match values.raw(value) {
            Ok(raw) => builder.dictionary.make_word(raw),
            Err(_) => builder.dictionary.make_word(Raw::Text(json_text(value).as_bytes())),
        }
    }

    fn add(&mut self, list: &mut ListBuilder, entry: Entry<'_>) {
        let LogLines { builder, values, .. } = self;
        // A value nested too deeply is kept as its JSON text.
        if values.add_entry(&mut builder.dictionary, list, entry).is_err() {
            let text = json_text(entry.value());
            builder.dictionary.add(list, entry.key().as_bytes(), Raw::Text(text.as_bytes()));
        }
    }

    fn add_around(&mut self, list: &mut ListBuilder, around: &Around<'_>) {
        if !around.stream.is_empty() {
            self.builder.dictionary.add(list, b"stream", Raw::Text(around.stream.as_bytes()));
        }
        let rest = around.rest.into_iter().flat_map(JsonValue::entries);
        rest.filter(|entry| !container::is_of_line(entry.key())).for_each(|entry| self.add(list, entry));
    }

    fn origin(&mut self, service: &str) -> OriginId {
        if let Some(origin) = self.origins.get(service) {
            return *origin;
        }
        let dictionary: &mut DictionaryBuilder = &mut self.builder.dictionary;
        let mut list = dictionary.begin_list(Attributes::default());
        if !service.is_empty() {
            dictionary.add(&mut list, b"service.name", Raw::Text(service.as_bytes()));
        }
        let attributes = dictionary.end_list(list);
        let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
        let scope = dictionary.scope(Scope::default());
        let origin = dictionary.origin(resource, scope);
        if self.origins.len() == REMEMBERED {
            self.origins.clear();
        }
        self.origins.insert(service.to_owned(), origin);
        origin
    }

    /// Seals what was pushed and starts over.
    pub fn take(&mut self) -> Batch {
        std::mem::take(self).builder.finish()
    }
}

fn json_text(value: JsonValue<'_>) -> String {
    serde_json::to_string(&value).unwrap_or_default()
}

/// The fields of a log record that an object fills.
#[derive(Default)]
struct Line<'j> {
    message: Chosen<JsonValue<'j>>,
    severity: Chosen<Level<'j>>,
    /// OpenTelemetry's severity number, which may stand beside a text.
    number: Chosen<Severity>,
    time: Chosen<Time>,
    trace: Chosen<TraceId>,
    span: Chosen<SpanId>,
    flags: Chosen<u32>,
    service: Chosen<&'j str>,
    /// Serilog omits the level "information".
    is_compact: bool,
}

#[derive(Clone, Copy, Default)]
struct Level<'j> {
    number: Severity,
    text: &'j str,
}

/// The best value found so far for a field.
struct Chosen<T> {
    best: Option<(u8, T)>,
    /// The index of the entry, if the field holds all of it.
    used: Option<usize>,
}

impl<T> Default for Chosen<T> {
    fn default() -> Chosen<T> {
        Chosen { best: None, used: None }
    }
}

impl<T: Copy> Chosen<T> {
    fn offer(&mut self, rank: u8, value: Option<T>, at: Option<usize>) {
        let Some(value) = value else { return };
        if self.best.as_ref().is_none_or(|(best, _)| rank < *best) {
            (self.best, self.used) = (Some((rank, value)), at);
        }
    }

    fn best(&self) -> Option<T> {
        self.best.as_ref().map(|(_, value)| *value)
    }
}

impl<'j> Line<'j> {
    fn of(root: JsonValue<'j>) -> Line<'j> {
        let mut line = Line::default();
        for (at, entry) in root.entries().enumerate() {
            let value = entry.value();
            match role(entry.key()) {
                Some(Role::Group(group)) => line.group(group, value, at),
                Some(role) => {
                    line.is_compact |= matches!(entry.key(), "@m" | "@mt");
                    line.fill(role, value, Some(at));
                }
                None => {}
            }
        }
        line
    }

    fn is_log(&self) -> bool {
        let has_severity = self.severity.best.is_some() || self.number.best.is_some();
        self.message.best.is_some() && (has_severity || self.time.best.is_some())
    }

    fn severity(&self) -> Level<'j> {
        let usual = if self.is_compact { Severity(9) } else { Severity::default() };
        let level = self.severity.best().unwrap_or(Level { number: usual, text: "" });
        Level { number: self.number.best().unwrap_or(level.number), ..level }
    }

    /// Whether the record's fields hold everything that an entry says.
    fn is_used(&self, at: usize) -> bool {
        let Line { message, severity, number, time, trace, span, flags, service, .. } = self;
        let used =
            [message.used, severity.used, number.used, time.used, trace.used, span.used, flags.used, service.used];
        used.contains(&Some(at))
    }

    fn group(&mut self, group: Group, value: JsonValue<'j>, at: usize) {
        match value.view() {
            View::Text(_) => {
                if let Some(role) = role_of_text(group) {
                    self.fill(role, value, Some(at));
                }
            }
            View::Object => {
                let inner = match group {
                    Group::Resource => value.get(&["attributes"]).unwrap_or(value),
                    _ => value,
                };
                // If the object has more entries than this one, all of it also becomes an attribute.
                let used = (inner.entries().count() == 1 && group != Group::Resource).then_some(at);
                for entry in inner.entries() {
                    if let Some(role) = role_in(group, entry.key()) {
                        self.fill(role, entry.value(), used);
                    }
                }
            }
            _ => {}
        }
    }

    fn fill(&mut self, role: Role, value: JsonValue<'j>, at: Option<usize>) {
        match role {
            Role::Message { rank, text_only } => {
                let fits = !value.is_null() && (!text_only || value.text().is_some());
                self.message.offer(rank, fits.then_some(value), at);
            }
            Role::Severity { scale: Scale::Otel, .. } => {
                let level = level_of(value, Scale::Otel).filter(|level| level.text.is_empty());
                self.number.offer(0, level.map(|level| level.number), at);
            }
            Role::Severity { rank, scale } => {
                let level = level_of(value, scale);
                // The record does not show the original number of another scale, so it also becomes an attribute.
                self.severity.offer(rank, level, at.filter(|_| level.is_some_and(|level| !level.text.is_empty())));
            }
            Role::Time { rank, unit } => {
                let time = match unit {
                    Unit::Guessed => time::time(value),
                    Unit::Nanos => time::nanos(value),
                    Unit::Micros => time::micros(value),
                    Unit::Millis => time::millis(value),
                };
                self.time.offer(rank, time, at);
            }
            Role::TraceId => self.trace.offer(0, trace_id(value), at),
            Role::SpanId => self.span.offer(0, span_id(value), at),
            Role::Flags => self.flags.offer(0, flags(value), at),
            Role::Service { rank } => self.service.offer(rank, value.text().filter(|text| !text.is_empty()), at),
            Role::Group(_) => {}
        }
    }
}

fn level_of(value: JsonValue<'_>, scale: Scale) -> Option<Level<'_>> {
    let numbered = |number: i64| {
        let number = match scale {
            Scale::Otel => i32::try_from(number).ok().map(Severity),
            Scale::Syslog => level::of_syslog(number),
            Scale::Python => level::of_python(number),
            Scale::Guessed => level::of_syslog(number).or_else(|| level::of_pino(number)),
        };
        number.map(|number| Level { number, text: "" })
    };
    match value.view() {
        View::Int(number) => numbered(number),
        View::Double(number) if number.fract() == 0.0 => numbered(number as i64),
        View::Text(text) if text.trim().is_empty() => None,
        View::Text(text) => match text.trim().parse() {
            Ok(number) => numbered(number),
            Err(_) => Some(Level { number: Severity::of_word(text).unwrap_or_default(), text }),
        },
        _ => None,
    }
}

/// A trace id: 32 hex digits; 16 hex digits (the upper half is zero); Datadog's decimal number of those 64 bits; or Google's
/// `projects/…/traces/ID`.
fn trace_id(value: JsonValue<'_>) -> Option<TraceId> {
    let text = match value.view() {
        View::Text(text) => text.trim(),
        View::Int(number) => return low(u64::try_from(number).ok()?),
        View::Unsigned(number) => return low(number),
        _ => return None,
    };
    let hex = text.rsplit('/').next().unwrap_or_default();
    let hex = hex.strip_prefix("0x").unwrap_or(hex);
    let id = match hex.len() {
        32 => TraceId::from_hex(hex.as_bytes()),
        // Sixteen digits may be decimal or hex. They count as hex: hex ids are padded with zeros, and decimal ids of this
        // length are rare.
        16 => TraceId::from_hex(format!("{hex:0>32}").as_bytes()),
        _ => hex.parse().ok().and_then(low),
    };
    id.filter(|id| !id.is_none())
}

fn low(number: u64) -> Option<TraceId> {
    TraceId::from_hex(format!("{number:032x}").as_bytes()).filter(|id| !id.is_none())
}

fn span_id(value: JsonValue<'_>) -> Option<SpanId> {
    let decimal = |number: u64| SpanId::from_hex(format!("{number:016x}").as_bytes());
    let id = match value.view() {
        View::Text(text) => {
            let hex = text.trim();
            let hex = hex.strip_prefix("0x").unwrap_or(hex);
            SpanId::from_hex(hex.as_bytes()).or_else(|| decimal(hex.parse().ok()?))
        }
        View::Int(number) => decimal(u64::try_from(number).ok()?),
        View::Unsigned(number) => decimal(number),
        _ => None,
    };
    id.filter(|id| !id.is_none())
}

/// W3C trace flags: two hex digits, or a number.
fn flags(value: JsonValue<'_>) -> Option<u32> {
    match value.view() {
        View::Int(number) => u32::try_from(number).ok(),
        View::Text(text) => u32::from_str_radix(text.trim(), 16).ok(),
        _ => None,
    }
}
