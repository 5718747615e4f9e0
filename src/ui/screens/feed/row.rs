//! One row of the list.

use super::columns::{Columns, STATE};
use super::summary::{Pairs, beginning, summary, telling};
use crate::app::App;
use crate::app::screens::feed::SortBy;
use crate::columns::{EventItem, Item, LogItem, PointItem, PointValue, SpanItem};
use crate::model::{StatusCode, Value, human_duration, visible};
use crate::present::item::{self, About};
use crate::present::{number, short_time, width};
use crate::store::Hit;
use crate::ui::bars;
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;
use std::borrow::Cow;

/// Draws rows into columns.
pub(super) struct RowPainter<'a, 'c, 'b> {
    pub canvas: &'c mut Canvas<'b>,
    pub columns: Columns,
    pub app: &'a App,
    /// The searched text; empty for none.
    pub wanted: &'a str,
}

/// The name keeps this many cells when values stand beside it.
const LEAST_NAME: u16 = 12;

impl RowPainter<'_, '_, '_> {
    /// Draws a row at a line of the screen.
    pub fn row(&mut self, hit: &Hit, y: u16) {
        let item = hit.chunk.batch.item(hit.index);
        let run = hit.chunk.run(hit.index);
        let source = self.app.source(run.source);
        let from_file = source.is_some_and(|source| source.kind.is_read());
        let source = source.map(|source| source.label.as_str()).unwrap_or_default();
        let about = About { row: hit.row, received: run.received, source, from_file, zone: &self.app.settings.zone };
        self.time(item, &about, y);
        let columns = self.columns;
        if columns.source.is_shown() {
            let hue = self.canvas.theme.source(run.source);
            self.canvas.name(columns.source.x, y, columns.source.width, &shown(source), hue);
        }
        let service = item.service();
        if service.is_empty() && columns.source.is_shown() {
            // The source has a column of its own.
        } else if service.is_empty() {
            self.canvas.name(columns.service.x, y, columns.service.width, &shown(source), Role::Dim);
        } else {
            let hue = self.canvas.theme.service(self.app.hues.of(service));
            self.canvas.name(columns.service.x, y, columns.service.width, &shown(service), hue);
        }
        match item {
            Item::Span(span) => self.span(span, y),
            Item::Log(log) => self.log(log, y),
            Item::Point(point) => self.point(point, y),
            Item::Event(event) => self.event(event, y),
        }
    }

    /// The time of the event. An item without one shows its time of receipt, dim, with a `?` behind it if the rows are
    /// sorted by time. A `~` marks a sender's clock that is far off.
    fn time(&mut self, item: Item<'_>, about: &About<'_>, y: u16) {
        let column = self.columns.time;
        if !column.is_shown() {
            return;
        }
        let told = !item.time().is_unknown();
        let mut text = String::with_capacity(12);
        let time = if told { item.time() } else { about.received };
        short_time(time, self.app.now, about.zone, column.width, &mut text);
        let role = if told { Role::Text } else { Role::Dim };
        self.canvas.text(column.x, y, column.width, &text, role);
        let is_guess = !told && self.app.screens.feed.order().by == SortBy::Time;
        let sign = if is_guess { "?" } else { "~" };
        if is_guess || about.skew(item).is_some() {
            self.canvas.text(column.end(), y, 1, sign, Role::Warning);
        }
    }

    fn span(&mut self, span: SpanItem<'_>, y: u16) {
        let columns = self.columns;
        let message = span.dictionary.text(span.rare().status_message);
        let x = self.named(span.name(), message, Role::Text, y);
        self.cell(columns.kind, y, span.kind().word(), Role::Dim);
        let duration = human_duration(span.duration());
        self.canvas.right(columns.value.x, y, columns.value.width, &duration, Role::Text);
        let bar = bars::duration(span.duration(), columns.bar.width, self.canvas.theme.ascii);
        let bar_end = self.canvas.text(columns.bar.x, y, columns.bar.width, &bar, Role::Bar);
        let track = "▁".repeat(columns.bar.end().saturating_sub(bar_end).into());
        self.canvas.text(bar_end, y, columns.bar.width, &track, Role::Rule);
        match span.status() {
            StatusCode::Error => self.state("✕", "ERR", Role::Error, y),
            StatusCode::Ok => self.state(" ", "OK", Role::Dim, y),
            StatusCode::Unset => {}
        }
        if !message.is_empty() {
            self.cell(columns.message, y, message, Role::Text);
        } else if columns.message.is_shown() {
            let summary =
                self.summary(&mut span.attributes(), (span.name(), Item::Span(span).service()), columns.message.width);
            self.cell(columns.message, y, &summary, Role::Dim);
        } else {
            let left = columns.name.end().saturating_sub(x);
            let telling = telling(&mut span.attributes(), (span.name(), Item::Span(span).service()), left);
            self.canvas.text(x, y, left, &telling, Role::Dim);
        }
    }

    /// Draws a name, and the message behind it if that has no column. Returns the next free cell.
    fn named(&mut self, name: &str, message: &str, role: Role, y: u16) -> u16 {
        let column = self.columns.name;
        let message = if self.columns.message.is_shown() { "" } else { message };
        let x = self.canvas.name(column.x, y, column.width, &shown(name), Role::Strong) + 2;
        let left = column.end().saturating_sub(x);
        if message.is_empty() || left <= 4 {
            return x;
        }
        self.canvas.cut(x, y, left, &shown(message), role) + 2
    }

    /// A log's text goes from the name to the end of the line, behind its severity.
    fn log(&mut self, log: LogItem<'_>, y: u16) {
        let (sign, word, role) = severity(log);
        let from = self.columns.name.x.min(self.columns.state.x);
        let narrow = self.columns.state.width < STATE;
        let mut x = from;
        if narrow {
            x = self.canvas.text(x, y, 1, sign, role) + 1;
        } else if !word.is_empty() {
            self.canvas.text(x, y, 1, sign, role);
            self.canvas.cut(x + 2, y, 5, &word, role);
            x += 8;
        }
        let body = match log.body() {
            Value::Text(text) => first_line(text),
            Value::Empty => Cow::Owned(item::name(Item::Log(log))),
            body => Cow::Owned(body.display()),
        };
        let x = self.canvas.cut(x, y, self.left(x), &body, Role::Text) + 2;
        let summary = self.summary(&mut log.attributes(), (&body, Item::Log(log).service()), self.left(x));
        if self.left(x) > 3 {
            self.canvas.cut(x, y, self.left(x), &summary, Role::Dim);
        }
    }

    fn point(&mut self, point: PointItem<'_>, y: u16) {
        let columns = self.columns;
        let contradiction = point.inconsistency();
        let kind = match point.metric().kind.word() {
            "exponential_histogram" => "exp hist",
            "histogram" => "hist",
            word => word,
        };
        self.cell(columns.kind, y, kind, Role::Dim);
        let unit = point.unit();
        let (value, beside) = match point.value() {
            PointValue::None => (Cow::Borrowed("none"), Cow::Borrowed("")),
            PointValue::Int(value) => amount(value as f64, unit),
            PointValue::Double(value) => amount(value, unit),
            PointValue::Distribution(distribution) => match (distribution.sum, distribution.count) {
                (_, 0) => (Cow::Borrowed("empty"), Cow::Borrowed("")),
                (Some(sum), count) => (amount(sum / count as f64, unit).0, Cow::Borrowed("mean")),
                (None, count) => (Cow::Owned(number::short(count as f64)), Cow::Borrowed("times")),
            },
        };
        self.canvas.right(columns.value.x, y, columns.value.width, &value, Role::Text);
        if columns.bar.is_shown() {
            // A point has no state, so its unit may use those cells.
            let end = if contradiction.is_some() { columns.bar.end() } else { columns.state.end() };
            self.canvas.cut(columns.bar.x, y, end - columns.bar.x, &shown(&beside), Role::Dim);
        }
        if contradiction.is_some() {
            self.named(point.name(), "inconsistent", Role::Warning, y);
        } else {
            // Kind and unit stand beside the name if they have no column.
            let kind = if columns.kind.is_shown() { "" } else { kind };
            let beside = if columns.bar.is_shown() { "" } else { &*beside };
            let beside = shown(&format!("{kind} {beside}")).trim().to_owned();
            let room = (width(&beside) as u16 + 2).min(columns.name.width.saturating_sub(LEAST_NAME));
            let room = if beside.is_empty() { 0 } else { room };
            let name = columns.name.width - room;
            let x = self.canvas.name(columns.name.x, y, name, &shown(point.name()), Role::Strong) + 2;
            self.canvas.cut(x, y, columns.name.end().saturating_sub(x), &beside, Role::Dim);
        }
        let mut summary = String::new();
        if let Some(reason) = contradiction {
            self.state("▲", "ODD", Role::Warning, y);
            return self.cell(columns.message, y, &format!("inconsistent: {reason}"), Role::Warning);
        }
        if let PointValue::Distribution(distribution) = point.value() {
            summary.push_str(&format!("count {}", number::count(distribution.count)));
            for (key, value) in [("min", distribution.min), ("max", distribution.max)] {
                if let Some(value) = value {
                    summary.push_str(&format!("  {key} {}", number::with_unit(value, unit)));
                }
            }
            summary.push_str("  ");
        }
        let left = columns.message.width.saturating_sub(summary.len() as u16);
        summary.push_str(&self.summary(&mut point.attributes(), (point.name(), Item::Point(point).service()), left));
        self.cell(columns.message, y, &summary, Role::Dim);
    }

    /// An event's payload goes from the kind to the end of the line.
    fn event(&mut self, event: EventItem<'_>, y: u16) {
        let columns = self.columns;
        if let Some(gap) = event.gap() {
            let many = number::count(gap.dropped);
            let text = format!("▲ gap: {many} items are missing here: {}", visible(event.kind()));
            let x = columns.name.x.min(columns.state.x);
            self.canvas.cut(x, y, self.left(x), &text, Role::Warning);
            return;
        }
        let name_end = self.canvas.cut(columns.name.x, y, columns.name.width, &shown(event.kind()), Role::Strong);
        self.cell(columns.kind, y, "event", Role::Dim);
        let x = if columns.kind.is_shown() { columns.value.x } else { name_end + 2 };
        let payload = match event.payload() {
            Value::Empty => Cow::Borrowed("null"),
            Value::Text(text) => first_line(text),
            Value::Nested(nested) if nested.is_map() => {
                Cow::Owned(self.summary(&mut nested.entries(), ("", ""), u16::MAX))
            }
            payload => Cow::Owned(payload.display()),
        };
        self.canvas.cut(x, y, self.left(x), &payload, Role::Text);
    }

    fn cell(&mut self, column: super::columns::Column, y: u16, text: &str, role: Role) {
        if column.is_shown() {
            self.canvas.cut(column.x, y, column.width, &shown(text), role);
        }
    }

    fn state(&mut self, sign: &str, word: &str, role: Role, y: u16) {
        let column = self.columns.state;
        self.canvas.text(column.x, y, 1, sign, role);
        if column.width >= STATE {
            self.canvas.text(column.x + 2, y, column.width - 2, word, role);
        }
    }

    fn summary<'a>(&self, attributes: Pairs<'_, 'a>, said: (&str, &str), cells: u16) -> String {
        summary(attributes, said, self.wanted, cells)
    }

    fn left(&self, x: u16) -> u16 {
        self.columns.end.saturating_sub(x)
    }
}

/// Text from outside, made harmless and cut to what a line may hold.
fn shown(text: &str) -> Cow<'_, str> {
    let text = beginning(text);
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) { Cow::Borrowed(text) } else { Cow::Owned(visible(text)) }
}

fn first_line(text: &str) -> Cow<'_, str> {
    let line = text.trim_start().lines().next().unwrap_or_default();
    shown(line)
}

/// A number, and its unit unless the number includes it.
fn amount(value: f64, unit: &str) -> (Cow<'static, str>, Cow<'_, str>) {
    match unit {
        "" | "1" | "ns" | "us" | "ms" | "s" | "By" | "KiBy" | "MiBy" | "%" => {
            (Cow::Owned(number::with_unit(value, unit)), Cow::Borrowed(""))
        }
        unit => {
            let unit = unit.strip_prefix('{').and_then(|unit| unit.strip_suffix('}')).unwrap_or(unit);
            (Cow::Owned(number::short(value)), Cow::Borrowed(unit))
        }
    }
}

/// The sign, the word and the role of a log's severity.
fn severity(log: LogItem<'_>) -> (&'static str, String, Role) {
    let (sign, role) = match log.rank().0 {
        17.. => ("✕", Role::Error),
        13..=16 => ("▲", Role::Warning),
        9..=12 => (" ", Role::Text),
        _ => (" ", Role::Dim),
    };
    let word = match log.severity() {
        number if number.is_known() => number.word().trim_end_matches(['2', '3', '4']).to_uppercase(),
        _ => shown(&log.severity_shown().to_uppercase()).into_owned(),
    };
    (sign, word, role)
}
