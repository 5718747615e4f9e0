//! Facts about an item beside its attributes.

use super::entry::{Entry, EntryKind, shown_text};
use super::{Term, distribution};
use crate::columns::{Dictionary, EventItem, Item, LogItem, OriginId, PointItem, PointValue, SpanItem};
use crate::model::{Row, Severity, SpanId, StatusCode, Temporality, Time, TraceId, human_duration, visible};
use crate::present::{clock, number};
use jiff::tz::TimeZone;

/// How otail received an item, and the time zone for its times.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Its arrival number.
    pub row: Row,
    /// When it was received.
    pub received: Time,
    /// The name of its source; empty if unknown.
    pub source: &'a str,
    /// Whether the source is a file.
    pub from_file: bool,
    /// The displayed time zone.
    pub zone: &'a TimeZone,
}

impl About<'_> {
    /// The signed difference between the sender's clock and ours, if it is more than a minute. Items of a file are old, so
    /// their clock is never judged.
    pub fn skew(&self, item: Item<'_>) -> Option<i64> {
        let told = match item {
            Item::Span(span) => span.end().max(span.start()),
            item => item.time(),
        };
        let differs = told.since(self.received).max(self.received.since(told)) > clock::SKEW;
        (differs && !self.from_file && !told.is_unknown() && !self.received.is_unknown())
            .then(|| (i128::from(told.0) - i128::from(self.received.0)).clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }
}

/// The facts, the most wanted first.
pub fn facts(item: Item<'_>, about: &About<'_>) -> Vec<Entry> {
    let mut list = List { entries: Vec::new(), zone: about.zone };
    match item {
        Item::Span(span) => list.span(span),
        Item::Log(log) => list.log(log),
        Item::Point(point) => list.point(point),
        Item::Event(event) => list.event(event),
    }
    list.time("received", about.received);
    if let Some(skew) = about.skew(item) {
        let (by, way) = (human_duration(skew.unsigned_abs()), if skew < 0 { "behind" } else { "ahead of" });
        list.push(Entry::of(EntryKind::Warning, "clock", format!("{by} {way} ours")));
    }
    list.text("source", about.source, Some("source"));
    list.entries
}

struct List<'a> {
    entries: Vec<Entry>,
    zone: &'a TimeZone,
}

impl List<'_> {
    fn span(&mut self, span: SpanItem<'_>) {
        let rare = span.rare();
        let text = |id| span.dictionary.text(id);
        self.text("name", span.name(), Some("name"));
        self.text("service", Item::Span(span).service(), Some("service"));
        self.word("kind", span.kind().word());
        self.status(span.status(), text(rare.status_message));
        self.push(Entry::fact("duration", human_duration(span.duration()), None));
        self.time("start", span.start());
        self.time("end", span.end());
        if span.end() < span.start() {
            let early = human_duration(span.start().since(span.end()));
            self.push(Entry::of(EntryKind::Warning, "", format!("ends {early} before it starts")));
        }
        self.trace(span.trace());
        self.span_id("span", span.id());
        self.span_id("parent", span.parent());
        self.text("trace state", text(rare.trace_state), None);
        self.flags(span.flags());
        self.origin(span.dictionary, span.origin());
        self.lost("attributes", rare.dropped_attributes);
        self.lost("events", rare.dropped_events);
        self.lost("links", rare.dropped_links);
    }

    fn log(&mut self, log: LogItem<'_>) {
        let (severity, text) = (log.severity(), log.severity_text());
        let shown = match (severity.0, text) {
            (0, "") => String::new(),
            (0, text) => visible(text),
            (number, "") if !severity.is_known() => format!("{number}, which OTLP does not define"),
            (number, text) if !severity.is_known() => format!("{} ({number})", visible(text)),
            (number, text) if text.is_empty() || text.eq_ignore_ascii_case(severity.word()) => {
                format!("{} ({number})", severity.word())
            }
            (number, text) => format!("{} ({number}), in its words {}", severity.word(), visible(text)),
        };
        if !shown.is_empty() {
            let term = match severity.is_known() {
                true => Term::text("severity", severity.word()),
                false => Term::text("severity", &log.severity_shown()),
            };
            self.push(Entry { kind: severity_kind(log.rank()), ..Entry::fact("severity", shown, term) });
        }
        self.text("event", log.event_name(), None);
        self.text("service", Item::Log(log).service(), Some("service"));
        self.time("time", log.time());
        if log.observed() != log.time() {
            self.time("observed", log.observed());
        }
        self.trace(log.trace());
        self.span_id("span", log.span());
        self.flags(log.flags());
        self.origin(log.dictionary, log.origin());
        self.lost("attributes", log.dropped());
    }

    fn point(&mut self, point: PointItem<'_>) {
        let metric = point.metric();
        self.text("metric", point.name(), Some("name"));
        match point.value() {
            PointValue::None => self.push(Entry::fact("value", "none recorded", None)),
            PointValue::Int(value) => self.number("value", value as f64, value.to_string(), point.unit()),
            PointValue::Double(value) => self.number("value", value, format!("{value:?}"), point.unit()),
            PointValue::Distribution(distribution) => {
                self.push(Entry::fact("count", number::count(distribution.count), None));
                for (key, value) in [("sum", distribution.sum), ("min", distribution.min), ("max", distribution.max)] {
                    if let Some(value) = value {
                        self.number(key, value, format!("{value:?}"), point.unit());
                    }
                }
            }
        }
        self.entries.extend(distribution::warning(point));
        let monotonic = if metric.monotonic { "monotonic " } else { "" };
        let temporality = match metric.temporality {
            Temporality::Unspecified => String::new(),
            temporality => format!(", {temporality}"),
        };
        let kind = metric.kind.word();
        self.push(Entry::fact(
            "type",
            format!("{monotonic}{}{temporality}", kind.replace('_', " ")),
            Term::text("type", kind),
        ));
        self.text("unit", point.unit(), Some("unit"));
        self.text("about", point.dictionary.text(metric.description), None);
        self.text("service", Item::Point(point).service(), Some("service"));
        self.time("time", point.time());
        self.time("start", point.start());
        self.flags(point.flags());
        self.origin(point.dictionary, point.origin());
    }

    fn event(&mut self, event: EventItem<'_>) {
        if let Some(gap) = event.gap() {
            self.text("reason", event.kind(), None);
            let lost = format!("{} items are missing here", number::count(gap.dropped));
            self.push(Entry::of(EntryKind::Warning, "dropped", lost));
        } else {
            self.text("type", event.kind(), Some("type"));
            self.text("id", event.id(), None);
            self.text("session", event.session(), Some("session"));
        }
        self.time("time", event.time());
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    fn text(&mut self, key: &str, text: &str, field: Option<&str>) {
        if !text.is_empty() {
            self.push(Entry::fact(key, shown_text(text), field.and_then(|field| Term::text(field, text))));
        }
    }

    fn word(&mut self, field: &str, word: &str) {
        self.push(Entry::fact(field, word, Term::text(field, word)));
    }

    fn status(&mut self, status: StatusCode, message: &str) {
        let kind = if status == StatusCode::Error { EntryKind::Error } else { EntryKind::Plain };
        let shown = match message {
            "" => status.word().to_owned(),
            message => format!("{status}: {}", shown_text(message)),
        };
        self.push(Entry { kind, ..Entry::fact("status", shown, Term::text("status", status.word())) });
    }

    fn number(&mut self, key: &str, value: f64, exact: String, unit: &str) {
        let short = number::with_unit(value, unit);
        let shown = if short == exact { short } else { format!("{short} ({exact})") };
        self.push(Entry::fact(key, shown, None));
    }

    fn time(&mut self, key: &str, time: Time) {
        if !time.is_unknown() {
            self.push(Entry::fact(key, clock::long(time, self.zone), None));
        }
    }

    fn trace(&mut self, trace: TraceId) {
        if !trace.is_none() {
            self.push(Entry::fact("trace", trace.to_string(), Term::text("trace", &trace.to_string())));
        }
    }

    fn span_id(&mut self, key: &str, span: SpanId) {
        if !span.is_none() {
            self.push(Entry::fact(key, span.to_string(), Term::text(key, &span.to_string())));
        }
    }

    fn flags(&mut self, flags: u32) {
        if flags != 0 {
            self.push(Entry::fact("flags", format!("{flags:#x}"), None));
        }
    }

    fn origin(&mut self, dictionary: &Dictionary, origin: OriginId) {
        let scope = dictionary.scope(origin);
        let (name, version) = (dictionary.text(scope.name), dictionary.text(scope.version));
        if !name.is_empty() {
            let shown = format!("{} {}", shown_text(name), shown_text(version));
            self.push(Entry::fact("scope", shown.trim_end(), Term::text("scope", name)));
        }
    }

    fn lost(&mut self, what: &str, count: u32) {
        if count > 0 {
            let text = format!("{} {what}", number::count(count.into()));
            self.push(Entry::of(EntryKind::Warning, "left out", format!("{text}, by the sender")));
        }
    }
}

fn severity_kind(rank: Severity) -> EntryKind {
    match rank {
        rank if rank >= Severity::ERROR => EntryKind::Error,
        rank if rank >= Severity::WARN => EntryKind::Warning,
        _ => EntryKind::Plain,
    }
}
