//! `tail -o text`: one line an item for people and grep; everything from outside is made harmless and visible.

use super::Receipt;
use crate::columns::{Buckets, EventItem, Item, LogItem, PointItem, PointValue, SpanItem};
use crate::model::{MetricType, Severity, StatusCode, Time, Value, human_duration, visible_into};
use jiff::tz::TimeZone;
use std::fmt::Write;

/// How lines look.
#[derive(Clone, Debug)]
pub struct Style {
    /// Whether to colour (16 colours, so that the terminal's own palette decides).
    pub color: bool,
    /// The zone of the times of day.
    pub zone: TimeZone,
    /// Whether what is otail's own keeps to ASCII: escapes as `\x1b`, `us`. The text of the telemetry stays as it came.
    pub ascii: bool,
}

#[derive(Clone, Copy)]
enum Role {
    Dim,
    Strong,
    Bad,
    Warning,
    Service,
}

/// Appends one item and a line feed.
pub fn write_item(item: Item<'_>, receipt: Receipt<'_>, style: &Style, out: &mut String) {
    let mut line = Line { out, style };
    let start = line.out.len();
    let time = if item.time().is_unknown() { receipt.received } else { item.time() };
    line.time(time, receipt.received);
    line.out.push(' ');
    match item {
        Item::Span(span) => write_span(span, &mut line),
        Item::Log(log) => write_log(log, &mut line),
        Item::Point(point) => write_point(point, &mut line),
        Item::Event(event) => write_event(event, &mut line),
    }
    if style.ascii {
        keep_to_ascii(line.out, start);
    }
    line.out.push('\n');
}

/// Puts `\x1b` in the place of the pictures of control characters (U+2400 to U+2421), from a place on. One that the
/// telemetry itself has goes too: in such a locale it would show as nothing that can be read.
fn keep_to_ascii(out: &mut String, from: usize) {
    let is_picture = |c: char| matches!(c, '\u{2400}'..='\u{2421}');
    if !out[from..].contains(is_picture) {
        return;
    }
    let line = out.split_off(from);
    for c in line.chars() {
        match u32::from(c) {
            0x2421 => out.push_str("\\x7f"),
            code if is_picture(c) => _ = write!(out, "\\x{:02x}", code - 0x2400),
            _ => out.push(c),
        }
    }
}

fn write_span(span: SpanItem<'_>, line: &mut Line<'_>) {
    line.word(Role::Dim, "span   ");
    line.service(Item::Span(span).service());
    line.outside(Role::Strong, span.name());
    line.word(Role::Dim, span.kind().word());
    let duration = human_duration(span.duration());
    line.part(None, &if line.style.ascii { duration.replace('µ', "u") } else { duration });
    let message = span.dictionary.text(span.rare().status_message);
    match span.status() {
        StatusCode::Unset => {}
        StatusCode::Ok => line.part(None, "ok"),
        StatusCode::Error => line.part(Some(Role::Bad), "error"),
    }
    if !message.is_empty() {
        line.outside(Role::Bad, message);
    }
    line.attributes(span.attributes());
    line.word(Role::Dim, "trace=");
    let _ = write!(line.out, "{}", span.trace());
}

fn write_log(log: LogItem<'_>, line: &mut Line<'_>) {
    line.word(Role::Dim, "log    ");
    line.service(Item::Log(log).service());
    let severity = log.severity_shown();
    let role = match log.rank() {
        rank if rank >= Severity::ERROR => Role::Bad,
        rank if rank >= Severity::WARN => Role::Warning,
        _ => Role::Dim,
    };
    line.outside(role, if severity.is_empty() { log.severity().word() } else { &severity });
    if !log.event_name().is_empty() {
        line.outside(Role::Strong, log.event_name());
    }
    line.space();
    log.body().display_into(line.out);
    line.attributes(log.attributes());
    if !log.trace().is_none() {
        line.word(Role::Dim, "trace=");
        let _ = write!(line.out, "{}", log.trace());
    }
}

fn write_point(point: PointItem<'_>, line: &mut Line<'_>) {
    line.word(Role::Dim, "metric ");
    line.service(Item::Point(point).service());
    line.outside(Role::Strong, point.name());
    line.space();
    match point.value() {
        PointValue::None => line.out.push_str("no value"),
        PointValue::Int(value) => Value::Int(value).display_into(line.out),
        PointValue::Double(value) => Value::Double(value).display_into(line.out),
        PointValue::Distribution(distribution) => {
            let _ = write!(line.out, "count={}", distribution.count);
            for (key, value) in [("sum", distribution.sum), ("min", distribution.min), ("max", distribution.max)] {
                if let Some(value) = value {
                    let _ = write!(line.out, " {key}={value}");
                }
            }
            if let Buckets::Quantiles(pairs) = distribution.buckets {
                let doubles: Vec<f64> = point.doubles(pairs).collect();
                doubles.chunks_exact(2).for_each(|pair| _ = write!(line.out, " p{}={}", pair[0] * 100.0, pair[1]));
            }
        }
    }
    if !point.unit().is_empty() {
        line.outside(Role::Dim, point.unit());
    }
    if let Some(reason) = point.inconsistency() {
        line.part(Some(Role::Warning), &format!("inconsistent ({reason})"));
    }
    let metric = point.metric();
    line.word(Role::Dim, metric.kind.word());
    if metric.kind == MetricType::Sum && metric.monotonic {
        line.word(Role::Dim, "monotonic");
    }
    line.attributes(point.attributes());
}

fn write_event(event: EventItem<'_>, line: &mut Line<'_>) {
    match event.gap() {
        Some(gap) => {
            line.word(Role::Warning, "gap    ");
            let _ = write!(line.out, "{} dropped: ", gap.dropped);
            visible_into(event.kind(), line.out);
        }
        None => {
            line.word(Role::Dim, "event  ");
            line.outside(Role::Strong, event.kind());
            line.space();
            event.payload().display_into(line.out);
        }
    }
}

struct Line<'a> {
    out: &'a mut String,
    style: &'a Style,
}

impl Line<'_> {
    /// The time of day, behind its date where it is not of the day that it came on.
    fn time(&mut self, time: Time, received: Time) {
        let zone = &self.style.zone;
        let local = |time: Time| {
            let time = jiff::Timestamp::from_nanosecond(i128::from(time.0)).ok()?;
            Some(zone.to_offset(time).to_datetime(time))
        };
        let Some(at) = local(time) else { return self.paint(Role::Dim, |out| out.push_str("--:--:--.---")) };
        let other_day = local(received).is_some_and(|came| came.date() != at.date());
        self.paint(Role::Dim, |out| {
            if other_day {
                let _ = write!(out, "{} ", at.date());
            }
            let millis = at.subsec_nanosecond() / 1_000_000;
            let _ = write!(out, "{:02}:{:02}:{:02}.{millis:03}", at.hour(), at.minute(), at.second());
        });
    }

    fn service(&mut self, service: &str) {
        self.outside(Role::Service, if service.is_empty() { "-" } else { service });
    }

    fn word(&mut self, role: Role, word: &str) {
        self.part(Some(role), word);
    }

    fn part(&mut self, role: Option<Role>, text: &str) {
        self.space();
        match role {
            Some(role) => self.paint(role, |out| out.push_str(text)),
            None => self.out.push_str(text),
        }
    }

    fn outside(&mut self, role: Role, text: &str) {
        self.space();
        self.paint(role, |out| visible_into(text, out));
    }

    fn attributes<'a>(&mut self, attributes: impl Iterator<Item = (&'a str, Value<'a>)>) {
        for (key, value) in attributes {
            self.space();
            self.paint(Role::Dim, |out| {
                visible_into(key, out);
                out.push('=');
            });
            let start = self.out.len();
            value.display_into(self.out);
            if self.out[start..].contains([' ', '"']) && matches!(value, Value::Text(_)) {
                let quoted = format!("\"{}\"", self.out[start..].replace('"', "\\\""));
                self.out.truncate(start);
                self.out.push_str(&quoted);
            }
        }
    }

    fn space(&mut self) {
        if !self.out.ends_with([' ', '\n', '=']) {
            self.out.push(' ');
        }
    }

    fn paint(&mut self, role: Role, write: impl FnOnce(&mut String)) {
        if !self.style.color {
            write(self.out);
            return;
        }
        self.out.push_str(match role {
            Role::Dim => "\x1b[2m",
            Role::Strong => "\x1b[1m",
            Role::Bad => "\x1b[31m",
            Role::Warning => "\x1b[33m",
            Role::Service => "\x1b[36m",
        });
        write(self.out);
        self.out.push_str("\x1b[0m");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Attributes, Batch, Raw, SpanRare, SpanRow, SpansBuilder};

    fn hostile() -> Batch {
        let mut builder = SpansBuilder::default();
        let mut list = builder.dictionary.begin_list(Attributes::default());
        builder.dictionary.add(&mut list, b"k\x1b[2J", Raw::Text("a\u{9b}b größe".as_bytes()));
        let attributes = builder.dictionary.end_list(list);
        let name = builder.dictionary.text("\x1b]52;c;aGk=\x07\u{202e}x".as_bytes());
        let status_message = builder.dictionary.text(b"two\nlines\x7f");
        let rare = SpanRare { status_message, ..SpanRare::default() };
        let (start, end, status) = (Time(1), Time(1_501), StatusCode::Error);
        builder.push(SpanRow { name, start, end, status, attributes, rare, ..SpanRow::default() });
        builder.finish()
    }

    fn line(batch: &Batch, received: Time, style: &Style) -> String {
        let mut out = String::new();
        write_item(batch.item(0), Receipt { source: "x", received }, style, &mut out);
        out
    }

    const PLAIN: Style = Style { color: false, zone: TimeZone::UTC, ascii: false };

    #[test]
    fn a_line_shows_what_came_and_moves_no_terminal() {
        let expected = "00:00:00.000 span   - ␛]52;c;aGk=␇\\u{202e}x unspecified 1.50µs error two␊lines␡ \
                        k␛[2J=\"a\\u{9b}b größe\" trace=00000000000000000000000000000000\n";
        assert_eq!(line(&hostile(), Time(9), &PLAIN), expected);
    }

    #[test]
    fn without_utf_8_what_is_ours_is_ascii_and_what_came_is_as_it_came() {
        let expected = "00:00:00.000 span   - \\x1b]52;c;aGk=\\x07\\u{202e}x unspecified 1.50us error two\\x0alines\\x7f \
                        k\\x1b[2J=\"a\\u{9b}b größe\" trace=00000000000000000000000000000000\n";
        assert_eq!(line(&hostile(), Time(9), &Style { ascii: true, ..PLAIN }), expected);
    }

    #[test]
    fn a_time_of_another_day_than_that_of_its_receipt_has_its_date() {
        let style = Style { zone: TimeZone::fixed(jiff::tz::offset(-2)), ..PLAIN };
        let day = 86_400_000_000_000;
        // 22:00 the day before, in this zone.
        assert!(line(&hostile(), Time(day / 24), &style).starts_with("22:00:00.000 span"));
        for received in [Time(day / 12), Time(day * 366)] {
            assert!(line(&hostile(), received, &style).starts_with("1969-12-31 22:00:00.000 span"));
        }
    }
}
