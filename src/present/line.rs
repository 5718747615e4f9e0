//! `tail -o text`: one line per item for people and grep. Text from outside is made safe and visible.

use super::Receipt;
use super::fields::{Group, Node};
use super::json::write_node;
use crate::columns::Item;
use crate::model::{Severity, Time, Value, human_duration, visible_into};
use jiff::tz::TimeZone;
use std::fmt::Write;
use std::ops::ControlFlow;

/// The style of the lines.
#[derive(Clone, Debug)]
pub struct Style {
    /// Whether to use colours (the 16 colours of the terminal's own palette).
    pub color: bool,
    /// The time zone of the displayed times.
    pub zone: TimeZone,
    /// Whether otail's own text is ASCII only: escapes as `\x1b`, microseconds as `us`. The telemetry's text is kept.
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
    let fields = Fields::of(item, receipt);
    match item {
        Item::Span(_) => write_span(&fields, &mut line),
        Item::Log(log) => write_log(&fields, log.rank(), &mut line),
        Item::Point(_) => write_point(&fields, &mut line),
        Item::Event(_) if fields.text("signal") == "gap" => write_gap(&fields, &mut line),
        Item::Event(_) => write_event(&fields, &mut line),
    }
    if style.ascii {
        keep_to_ascii(line.out, start);
    }
    line.out.push('\n');
}

/// Replaces the pictures of control characters (U+2400 to U+2421) by `\x1b` and the like, from an offset on. Pictures that
/// the telemetry itself contains are replaced too, because such a locale cannot show them.
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

/// The fields of an item by key, since a line has its own order.
struct Fields<'a>(Vec<(&'a str, Node<'a>)>);

impl<'a> Fields<'a> {
    fn of(item: Item<'a>, receipt: Receipt<'a>) -> Fields<'a> {
        let mut fields = Vec::with_capacity(24);
        let _ = Group::Item(item, receipt).each(0, &mut |_, key, node| {
            fields.push((key, node));
            ControlFlow::Continue(())
        });
        Fields(fields)
    }

    fn get(&self, key: &str) -> Option<Node<'a>> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, node)| *node)
    }

    /// A text; empty if there is no such field.
    fn text(&self, key: &str) -> &'a str {
        match self.get(key) {
            Some(Node::Leaf(Value::Text(text))) => text,
            _ => "",
        }
    }
}

fn write_span(fields: &Fields<'_>, line: &mut Line<'_>) {
    line.word(Role::Dim, "span   ");
    line.service(fields.text("service"));
    line.outside(Role::Strong, fields.text("name"));
    line.word(Role::Dim, fields.text("kind"));
    if let Some(Node::Count(nanos)) = fields.get("duration_ns") {
        let duration = human_duration(nanos);
        line.part(None, &if line.style.ascii { duration.replace('µ', "u") } else { duration });
    }
    match fields.text("status") {
        "ok" => line.part(None, "ok"),
        "error" => line.part(Some(Role::Bad), "error"),
        _ => {}
    }
    if !fields.text("status_message").is_empty() {
        line.outside(Role::Bad, fields.text("status_message"));
    }
    line.attributes(fields.get("attributes"));
    line.trace(fields.get("trace_id"));
}

fn write_log(fields: &Fields<'_>, rank: Severity, line: &mut Line<'_>) {
    line.word(Role::Dim, "log    ");
    line.service(fields.text("service"));
    let role = match rank {
        rank if rank >= Severity::ERROR => Role::Bad,
        rank if rank >= Severity::WARN => Role::Warning,
        _ => Role::Dim,
    };
    match fields.get("severity") {
        Some(severity) => line.node(role, severity),
        None => line.word(role, Severity(0).word()),
    }
    if !fields.text("event_name").is_empty() {
        line.outside(Role::Strong, fields.text("event_name"));
    }
    line.space();
    line.free(fields.get("body"));
    line.attributes(fields.get("attributes"));
    line.trace(fields.get("trace_id"));
}

fn write_point(fields: &Fields<'_>, line: &mut Line<'_>) {
    line.word(Role::Dim, "metric ");
    line.service(fields.text("service"));
    line.outside(Role::Strong, fields.text("name"));
    line.space();
    match (fields.get("value"), fields.get("count")) {
        (Some(value), _) => line.free(Some(value)),
        (None, None) => line.out.push_str("no value"),
        (None, Some(_)) => {
            let mut separator = "";
            for key in ["count", "sum", "min", "max"] {
                if let Some(number) = fields.get(key) {
                    let _ = write!(line.out, "{separator}{key}=");
                    line.free(Some(number));
                    separator = " ";
                }
            }
            if let Some(Node::Group(quantiles)) = fields.get("quantiles") {
                let _ = quantiles.each(0, &mut |_, _, node| {
                    if let Node::Group(Group::Quantile(quantile, value)) = node {
                        let _ = write!(line.out, " p{}={value}", quantile * 100.0);
                    }
                    ControlFlow::Continue(())
                });
            }
        }
    }
    if !fields.text("unit").is_empty() {
        line.outside(Role::Dim, fields.text("unit"));
    }
    if let Some(Node::Inconsistent(reason)) = fields.get("inconsistent") {
        line.part(Some(Role::Warning), &format!("inconsistent ({reason})"));
    }
    line.word(Role::Dim, fields.text("type"));
    if let Some(Node::Leaf(Value::Bool(true))) = fields.get("monotonic") {
        line.word(Role::Dim, "monotonic");
    }
    line.attributes(fields.get("attributes"));
}

fn write_gap(fields: &Fields<'_>, line: &mut Line<'_>) {
    line.word(Role::Warning, "gap    ");
    line.free(fields.get("dropped"));
    line.out.push_str(" dropped: ");
    visible_into(fields.text("reason"), line.out);
}

fn write_event(fields: &Fields<'_>, line: &mut Line<'_>) {
    line.word(Role::Dim, "event  ");
    line.outside(Role::Strong, fields.text("type"));
    line.space();
    match fields.get("payload") {
        Some(Node::Leaf(Value::Empty)) => line.out.push_str("null"),
        payload => line.free(payload),
    }
}

struct Line<'a> {
    out: &'a mut String,
    style: &'a Style,
}

impl Line<'_> {
    /// The time of day, after its date if it is not the day of receipt.
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

    /// `key=value` for each attribute. Ambiguous texts are quoted; arrays and maps are JSON.
    fn attributes(&mut self, attributes: Option<Node<'_>>) {
        let Some(Node::Group(attributes)) = attributes else { return };
        let _ = attributes.each(0, &mut |_, key, node| {
            self.space();
            self.paint(Role::Dim, |out| {
                quoted_into(key, out);
                out.push('=');
            });
            match node {
                Node::Leaf(Value::Empty) => self.out.push_str("null"),
                Node::Leaf(Value::Text(text)) => quoted_into(text, self.out),
                Node::Leaf(value) => value.display_into(self.out),
                node => {
                    let mut json = Vec::new();
                    write_node(node, &mut json);
                    self.out.push_str(&String::from_utf8_lossy(&json));
                }
            }
            ControlFlow::Continue(())
        });
    }

    /// `trace=` and the id, if the item has one.
    fn trace(&mut self, trace: Option<Node<'_>>) {
        if let Some(Node::Trace(trace)) = trace {
            self.word(Role::Dim, "trace=");
            let _ = write!(self.out, "{trace}");
        }
    }

    fn node(&mut self, role: Role, node: Node<'_>) {
        self.space();
        let mut text = String::new();
        free_into(node, &mut text);
        self.paint(role, |out| out.push_str(&text));
    }

    /// A value that needs no quotes.
    fn free(&mut self, node: Option<Node<'_>>) {
        if let Some(node) = node {
            free_into(node, self.out);
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

fn free_into(node: Node<'_>, out: &mut String) {
    match node {
        Node::Leaf(value) => value.display_into(out),
        Node::Group(Group::Nested(nested)) => nested.display_into(out),
        Node::Count(number) => _ = write!(out, "{number}"),
        Node::Digits(number) => _ = write!(out, "{number}"),
        Node::Inconsistent(reason) => _ = write!(out, "{reason}"),
        Node::Time(_) | Node::Trace(_) | Node::Span(_) | Node::Group(_) => {}
    }
}

/// A key or a text of an attribute: unchanged, or in quotes with `\"` and `\\` if it would be ambiguous.
fn quoted_into(text: &str, out: &mut String) {
    let ambiguous = |c: char| c.is_whitespace() || matches!(c, '=' | '"');
    if !text.is_empty() && !text.starts_with(['{', '[']) && !text.contains(ambiguous) {
        return visible_into(text, out);
    }
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        visible_into(&rest[..at], out);
        out.push('\\');
        out.push_str(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    visible_into(rest, out);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Attributes, Batch, Raw, SpanRare, SpanRow, SpansBuilder};
    use crate::model::StatusCode;

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
                        k␛[2J=\"a\\u{9b}b größe\"\n";
        assert_eq!(line(&hostile(), Time(9), &PLAIN), expected);
    }

    #[test]
    fn ambiguous_keys_and_values_are_quoted() {
        let quoted = |text: &str| {
            let mut out = String::new();
            quoted_into(text, &mut out);
            out
        };
        let plain = ["GET", "a.b", "C:\\x", "größe", "a,b", "x{}"];
        assert_eq!(plain.map(quoted), plain);
        let texts = ["", "a b", "a=b", "say \"x\"", "C:\\a b", "{}", "[1]", "a\nb", "a\u{9b} b"];
        let shown = [
            r#""""#,
            r#""a b""#,
            r#""a=b""#,
            r#""say \"x\"""#,
            r#""C:\\a b""#,
            r#""{}""#,
            r#""[1]""#,
            r#""a␊b""#,
            r#""a\u{9b} b""#,
        ];
        assert_eq!(texts.map(quoted), shown);
    }

    #[test]
    fn without_utf_8_what_is_ours_is_ascii_and_what_came_is_as_it_came() {
        let expected = "00:00:00.000 span   - \\x1b]52;c;aGk=\\x07\\u{202e}x unspecified 1.50us error two\\x0alines\\x7f \
                        k\\x1b[2J=\"a\\u{9b}b größe\"\n";
        assert_eq!(line(&hostile(), Time(9), &Style { ascii: true, ..PLAIN }), expected);
    }

    #[test]
    fn a_time_of_another_day_than_that_of_its_receipt_has_its_date() {
        let style = Style { zone: TimeZone::fixed(jiff::tz::offset(-2)), ..PLAIN };
        let day = 86_400_000_000_000;
        // 22:00 on the previous day in this zone.
        assert!(line(&hostile(), Time(day / 24), &style).starts_with("22:00:00.000 span"));
        for received in [Time(day / 12), Time(day * 366)] {
            assert!(line(&hostile(), received, &style).starts_with("1969-12-31 22:00:00.000 span"));
        }
    }
}
