//! Draws the README's picture of the screen: `cargo run --example picture` writes `assets/feed.svg`.
//!
//! The built-in shop runs on its own clock, its requests are decoded and stored, the user jumps to an error and opens it, and
//! the screen becomes an SVG, cell by cell. The same seed gives the same picture.

use otail::app::query::{Memo, answer};
use otail::app::{App, Effect, Event, Settings};
use otail::demo::{Request, Scenario, Shop};
use otail::keymap::{Keymap, read_key};
use otail::model::{Connection, ConnectionState, Signal, SourceId, SourceKind, Time};
use otail::store::{Arrival, Retention, Store};
use otail::ui::{self, Depth, Scheme, Theme};
use otail::wire::{Encoding, Limits, otlp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::error::Error;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

const COLUMNS: u16 = 132;
const ROWS: u16 = 36;
const SEED: u64 = 4;
/// 2026-11-20T09:30:00Z.
const START: Time = Time(1_795_167_000_000_000_000);
const SECOND: u64 = 1_000_000_000;
const SHOWN: u64 = 61;

fn main() -> Result<(), Box<dyn Error>> {
    let mut user = User::new()?;
    let mut store = Store::new(Retention::default());
    let mut shop = Shop::new(SEED, Scenario::Shop, START);
    for second in 1..=SHOWN {
        let now = Time(START.0 + second * SECOND);
        for export in shop.advance(now) {
            let signal = match export.request {
                Request::Traces(_) => Signal::Spans,
                Request::Metrics(_) => Signal::Metrics,
                Request::Logs(_) => Signal::Logs,
            };
            let decoded = otlp::decode(signal, Encoding::Protobuf, &export.request.encode(), &Limits::default())?;
            store.push(decoded.batch, Arrival::one(SourceId(1), export.at));
        }
        user.event(Event::View(store.view()), now);
    }
    let now = Time(START.0 + SHOWN * SECOND + SECOND / 2);
    for key in ["E", "E", "enter"] {
        let key = read_key(key).ok_or("a key")?;
        if let Some(event) = user.keymap.event(&user.app.contexts(), key.into()) {
            user.event(event, now);
        }
    }
    let mut terminal = Terminal::new(TestBackend::new(COLUMNS, ROWS))?;
    terminal.draw(|frame| ui::draw(frame, &user.app, &user.keymap, &user.theme))?;
    std::fs::write("assets/feed.svg", svg(terminal.backend().buffer()))?;
    Ok(())
}

struct User {
    app: App,
    keymap: Keymap,
    theme: Theme,
    memo: Memo,
}

impl User {
    fn new() -> Result<User, Box<dyn Error>> {
        let theme = Theme::with("", Depth::True, Scheme::Dark, false)?;
        let mut user =
            User { app: App::new(Settings::default()), keymap: Keymap::with("")?, theme, memo: Memo::default() };
        user.event(Event::Resize(COLUMNS, ROWS), START);
        let url = "grpc://127.0.0.1:4317 and http://127.0.0.1:4318".into();
        let connection = Connection {
            state: ConnectionState::Active,
            last_data: START,
            ..Connection::new(SourceId(1), SourceKind::received("listen"), "otlp".into(), url, START)
        };
        user.event(Event::Connections([connection].into()), START);
        Ok(user)
    }

    /// Does the work of the runtime, on one thread.
    fn event(&mut self, event: Event, now: Time) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in self.app.handle(event, now) {
                if let Effect::Ask(ask) = effect {
                    let mut emit = |answer| events.insert(0, Event::Answer(ask.generation, answer));
                    answer(&ask.view, &ask.query, &self.memo, &|| false, &mut emit);
                }
            }
        }
    }
}

const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;
const INK: &str = "#d4d4d4";
const PAPER: &str = "#121212";

/// A run of cells with the same style becomes one text, stretched to its width on a terminal.
fn svg(buffer: &Buffer) -> String {
    let (width, height) = (f32::from(COLUMNS) * WIDTH + 24.0, f32::from(ROWS) * HEIGHT + 24.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-size=\"14\" \
         font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    for y in 0..ROWS {
        let mut x = 0;
        while x < COLUMNS {
            let first = &buffer[(x, y)];
            let mut text = String::new();
            let start = x;
            while x < COLUMNS && alike(first, &buffer[(x, y)]) {
                text.push_str(buffer[(x, y)].symbol());
                x += u16::try_from(buffer[(x, y)].symbol().width().max(1)).unwrap_or(1);
            }
            draw(&mut out, first, &text, (start, x - start), y);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn alike(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

fn draw(out: &mut String, cell: &Cell, text: &str, (column, columns): (u16, u16), row: u16) {
    let (left, top) = (12.0 + f32::from(column) * WIDTH, 12.0 + f32::from(row) * HEIGHT);
    let wide = f32::from(columns) * WIDTH;
    if let Some(paper) = hex(cell.bg) {
        let _ = writeln!(out, "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{HEIGHT}\" fill=\"{paper}\"/>");
    }
    if text.trim().is_empty() {
        return;
    }
    let mut look = format!("fill=\"{}\"", hex(cell.fg).unwrap_or_else(|| INK.to_owned()));
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::DIM, " opacity=\"0.6\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if cell.modifier.contains(modifier) {
            look.push_str(attribute);
        }
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let baseline = top + 14.0;
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{baseline}\" textLength=\"{wide}\" xml:space=\"preserve\" {look}>{text}</text>"
    );
}

fn hex(color: Color) -> Option<String> {
    match color {
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        _ => None,
    }
}
