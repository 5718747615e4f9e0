//! One row of the list.

use crate::app::App;
use crate::app::screens::sources::{Column, What, warnings};
use crate::app::traffic::SECONDS;
use crate::keymap::Keymap;
use crate::model::{Connection, ConnectionState, human_duration, visible};
use crate::present::{number, width};
use crate::ui::canvas::Canvas;
use crate::ui::spark;
use crate::ui::state::{remedy_of, state_of};
use crate::ui::theme::Role;

const MILLISECOND: u64 = 1_000_000;
/// Minimum readable length of a reason, in cells.
const LEAST_REASON: u16 = 20;

/// Draws connections into the columns of a list.
pub(super) struct RowPainter<'a, 'c, 'b> {
    pub canvas: &'c mut Canvas<'b>,
    pub columns: &'a [Column],
    pub app: &'a App,
    pub keymap: &'a Keymap,
}

impl RowPainter<'_, '_, '_> {
    /// Draws a connection at a row of the screen.
    pub fn row(&mut self, connection: &Connection, y: u16) {
        let off = connection.state == ConnectionState::Disconnected;
        let hue = self.canvas.theme.source(connection.id);
        if !off {
            self.canvas.text(0, y, 1, "▎", hue);
        }
        let plain = if off { Role::Dim } else { Role::Text };
        let counts = self.app.traffic.counts_of(connection.id);
        let exact = |count: u64| if count < 1_000_000 { number::count(count) } else { number::short(count as f64) };
        for column in self.columns {
            match column.what {
                What::State => self.state(connection, *column, y),
                What::Source => {
                    let label = visible(&connection.label);
                    match off {
                        true => _ = self.canvas.name(column.x, y, column.width, &label, Role::Dim),
                        false => _ = self.canvas.name(column.x, y, column.width, &label, hue),
                    }
                }
                What::Group => {
                    let group = visible(connection.group.as_deref().unwrap_or_default());
                    self.canvas.cut(column.x, y, column.width, &group, Role::Dim);
                }
                What::Kind => {
                    self.canvas.cut(column.x, y, column.width, &visible(connection.recognised()), Role::Dim);
                }
                What::Rate => self.rate(connection, *column, y),
                What::Minute => self.minute(connection, *column, y),
                What::Items => {
                    let items = counts.map_or(0, |counts| counts.received);
                    self.number(*column, y, items, exact(items), plain);
                }
                What::Bytes => {
                    let bytes = counts.map_or(0, |counts| counts.bytes);
                    self.number(*column, y, bytes, number::bytes(bytes as f64), plain);
                }
                What::Lag => {
                    let newest = counts.map(|counts| counts.newest).filter(|(told, _)| !told.is_unknown());
                    if let Some((told, received)) = newest {
                        let sign = if told > received { "-" } else { "" };
                        let lag = received.since(told).max(told.since(received));
                        // Smaller lags are noise.
                        let text = match lag {
                            ..MILLISECOND => "<1ms".to_owned(),
                            lag => format!("{sign}{}", human_duration(lag)),
                        };
                        self.canvas.right(column.x, y, column.width, &text, plain);
                    }
                }
                What::Tries => {
                    let tries = if connection.state == ConnectionState::Active { 0 } else { connection.attempts };
                    self.number(*column, y, tries.into(), tries.to_string(), plain);
                }
                What::Lost => {
                    let lost = counts.map_or(0, |counts| counts.lost());
                    self.number(*column, y, lost, exact(lost), Role::Warning);
                }
                What::Notes => self.notes(connection, *column, y),
            }
        }
    }

    fn state(&mut self, connection: &Connection, column: Column, y: u16) {
        let state = state_of(connection, self.app.now);
        let x = self.canvas.text(column.x, y, 1, state.sign, state.role);
        let room = (column.x + column.width).saturating_sub(x + 1);
        let words = state.words();
        // A countdown is never cut: it becomes `retry 300s` or `300s`.
        let words = match state.retry {
            Some(seconds) if words.len() > room.into() => format!("{seconds}s"),
            // The part after the comma is also in the notes.
            _ if words.len() > room.into() => words.split(',').next().unwrap_or_default().to_owned(),
            _ => words,
        };
        self.canvas.cut(x + 1, y, room, &words, state.role);
    }

    /// A zero is drawn as a dash.
    fn number(&mut self, column: Column, y: u16, number: u64, text: String, role: Role) {
        let (text, role) = if number == 0 { ("–".to_owned(), Role::Dim) } else { (text, role) };
        self.canvas.right(column.x, y, column.width, &text, role);
    }

    fn rate(&mut self, connection: &Connection, column: Column, y: u16) {
        let rate = self.app.traffic.per_second(connection, self.app.now);
        if rate == 0.0 {
            self.canvas.right(column.x, y, column.width, "–", Role::Dim);
            return;
        }
        let text = number::rate(rate);
        self.canvas.right(column.x, y, column.width.saturating_sub(2), &text, Role::Text);
        self.canvas.text((column.x + column.width).saturating_sub(2), y, 2, "/s", Role::Dim);
    }

    fn minute(&mut self, connection: &Connection, column: Column, y: u16) {
        let seconds = self.app.traffic.activity.seconds(connection.id, self.app.now).unwrap_or([0.0; SECONDS]);
        for (cell, x) in spark::of(&seconds, column.width).chars().zip(column.x..) {
            let (text, role) = if cell == ' ' { ('▁', Role::Rule) } else { (cell, Role::Bar) };
            self.canvas.text(x, y, 1, text.encode_utf8(&mut [0; 4]), role);
        }
    }

    /// The warnings, then the last error.
    fn notes(&mut self, connection: &Connection, column: Column, y: u16) {
        let end = column.x + column.width;
        let mut x = column.x;
        for warning in warnings(connection, &self.app.traffic, self.app.now) {
            x = self.canvas.cut(x, y, end.saturating_sub(x), &warning.words(), Role::Warning) + 2;
        }
        let role = match connection.state {
            ConnectionState::Error => Role::Error,
            ConnectionState::Disconnected => Role::Dim,
            _ => Role::Warning,
        };
        let text = match (&connection.error, &connection.rejection) {
            (Some(_), _) if connection.wants_credentials => return,
            (Some(error), _) => without_url(error, connection).to_owned(),
            (None, Some(rejection)) => {
                format!("{}: {}", rejection.words(), without_url(&rejection.reason, connection))
            }
            (None, None) => return,
        };
        // A long reason is shortened in favour of the key hints, unless too little of it would remain.
        let remedy = remedy_of(connection, self.keymap);
        let all = end.saturating_sub(x);
        let first = remedy.split_once(", ").map_or(&*remedy, |(first, _)| first);
        // All hints if they fit, else the first.
        let fitting = [&*remedy, first].into_iter().find_map(|remedy| {
            let room = all.saturating_sub(width(remedy).try_into().unwrap_or(u16::MAX));
            (room >= LEAST_REASON).then_some((room, remedy))
        });
        let (room, remedy) = fitting.unwrap_or((all, ""));
        if room > 3 {
            let x = self.canvas.cut(x, y, room, &visible(&text), role);
            self.canvas.text(x, y, end - x, remedy, Role::Dim);
        }
    }
}

/// The error text without the connection's URL, which the row shows already.
fn without_url<'a>(words: &'a str, connection: &Connection) -> &'a str {
    words.strip_prefix(connection.url.as_str()).unwrap_or(words).trim_start_matches([':', ' '])
}
