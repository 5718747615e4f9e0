//! The test harness: types keys and reads the screen. It joins app, keymap, store and queries without a clock or a terminal.

use crate::app::query::{Memo, answer};
use crate::app::{App, Effect, Event, Pointer, Settings};
use crate::columns::Batch;
use crate::keymap::{Keymap, read_key};
use crate::model::{Connection, ConnectionState, Counts, Endpoint, Protocol, SourceId, SourceKind, Time};
use crate::store::{Arrival, Retention, Store};
use crate::ui::theme::{Role, Theme};
use crate::ui::{draw, help_end, target};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

/// 2026-11-20 12:04:31.500 UTC.
pub(super) const NOON: Time = Time(1_795_176_271_500_000_000);
pub(super) const MILLISECOND: u64 = 1_000_000;
pub(super) const SECOND: u64 = 1_000 * MILLISECOND;

pub(super) struct Screen {
    pub app: App,
    pub keymap: Keymap,
    pub theme: Theme,
    pub store: Store,
    pub now: Time,
    /// The app's effects except questions, which are answered.
    pub effects: Vec<Effect>,
    memo: Memo,
}

impl Screen {
    pub fn new(width: u16, height: u16) -> Screen {
        Screen::with(width, height, Settings::default(), 256 << 20)
    }

    pub fn with(width: u16, height: u16, settings: Settings, max_bytes: usize) -> Screen {
        let mut screen = Screen {
            app: App::new(settings),
            keymap: Keymap::with("").unwrap(),
            theme: Theme::legend(),
            store: Store::new(Retention { max_bytes }),
            now: NOON,
            effects: Vec::new(),
            memo: Memo::default(),
        };
        screen.event(Event::Connections(vec![listener()].into()));
        screen.event(Event::SourceCounts(Default::default()));
        screen.event(Event::Resize(width, height));
        screen
    }

    /// Stores and counts a batch, then publishes a view.
    pub fn push(&mut self, batch: Batch) {
        self.push_from(SourceId(1), batch);
    }

    /// The same, from another source.
    pub fn push_from(&mut self, source: SourceId, batch: Batch) {
        self.store.push(batch, Arrival::one(source, self.now));
        let view = self.store.view();
        let stored = view.counters().stored.iter().sum();
        let counts = Counts { received: stored, stored, ..Counts::default() };
        self.event(Event::SourceCounts([(SourceId(1), counts)].into()));
        self.event(Event::View(view));
    }

    pub fn wait(&mut self, nanos: u64) {
        self.now = Time(self.now.0 + nanos);
        self.event(Event::Tick);
    }

    /// Presses keys, by their names, with spaces between them.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.bound_help();
            let key = read_key(key).unwrap_or_else(|| panic!("no key {key}")).into();
            if let Some(event) = self.keymap.event(&self.app.contexts(), key) {
                self.event(event);
            }
        }
    }

    /// Types text, character by character.
    pub fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.event(Event::Text(c));
        }
    }

    pub fn click(&mut self, column: u16, row: u16) {
        self.point(Pointer::Press, column, row);
    }

    fn bound_help(&mut self) {
        if let Some(event) = help_end(&self.app, &self.keymap) {
            self.event(event);
        }
    }

    pub fn point(&mut self, pointer: Pointer, column: u16, row: u16) {
        self.bound_help();
        let target = target(&self.app, &self.keymap, column, row);
        self.event(Event::Pointer(pointer, target));
    }

    /// Applies mouse actions (column, row, kind of action by number), and draws after each.
    pub fn clicks_drawn(&mut self, clicks: Vec<(u16, u16, u8)>) {
        for (column, row, pointer) in clicks {
            let pointer = [Pointer::Press, Pointer::WheelUp, Pointer::WheelDown][usize::from(pointer)];
            self.point(pointer, column, row);
            self.buffer();
        }
    }

    pub fn event(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in self.app.handle(event, self.now) {
                match effect {
                    Effect::Ask(ask) => answer(&ask.view, &ask.query, &self.memo, &|| false, &mut |answer| {
                        events.insert(0, Event::Answer(ask.generation, answer));
                    }),
                    Effect::Clear => {
                        self.store.clear();
                        events.insert(0, Event::View(self.store.view()));
                        self.effects.push(Effect::Clear);
                    }
                    effect => self.effects.push(effect),
                }
            }
        }
    }

    pub fn copied(&self) -> Option<&str> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text.as_str()),
            _ => None,
        })
    }

    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.app.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, &self.app, &self.keymap, &self.theme)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen as text, one line for each row.
    pub fn text(&self) -> String {
        let lines = lines(&self.buffer());
        lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
    }

    pub fn line(&self, row: usize) -> String {
        self.text().lines().nth(row).unwrap_or_default().to_owned()
    }

    /// The first line that contains this text.
    pub fn line_with(&self, wanted: &str) -> Option<String> {
        self.text().lines().find(|line| line.contains(wanted)).map(str::to_owned)
    }

    /// The screen with the roles of each row's cells, for snapshots.
    pub fn picture(&self) -> String {
        let buffer = self.buffer();
        let mut out = String::new();
        for (y, line) in lines(&buffer).iter().enumerate() {
            out.push_str(&format!("{:>3} {}\n", y, line.trim_end()));
        }
        out.push_str("\nroles\n");
        for y in 0..buffer.area.height {
            let roles = roles(&buffer, y);
            if !roles.is_empty() {
                out.push_str(&format!("{y:>3} {roles}\n"));
            }
        }
        out
    }

    /// The screen row of the selection.
    pub fn selected_line(&self) -> Option<usize> {
        self.text().lines().position(|line| line.starts_with('▌'))
    }
}

pub(super) fn lines(buffer: &Buffer) -> Vec<String> {
    let row = |y: u16| {
        let mut skip = 0;
        let mut line = String::new();
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
                skip = crate::present::width(symbol).saturating_sub(1);
            } else {
                skip -= 1;
            }
        }
        line
    };
    (0..buffer.area.height).map(row).collect()
}

/// The runs of styled cells in a row and the background of the row: `0-12 dim, 14-20 service`.
fn roles(buffer: &Buffer, y: u16) -> String {
    let name = |color: Color| match color {
        Color::Indexed(99) => "service",
        Color::Indexed(index @ 100..) => Role::ALL.get(usize::from(index - 100)).map_or("?", |role| role.name()),
        _ => "",
    };
    let mut runs: Vec<(u16, u16, String)> = Vec::new();
    for x in 0..buffer.area.width {
        let cell = &buffer[(x, y)];
        let blank = cell.symbol().trim().is_empty();
        let front = if blank { "" } else { name(cell.fg) };
        let role = match (front, name(cell.bg)) {
            ("text", back) | ("", back) => back.to_owned(),
            (front, "") => front.to_owned(),
            (front, back) => format!("{front}/{back}"),
        };
        match runs.last_mut() {
            Some((_, end, last)) if *last == role && (*end == x || *end + 1 == x && !role.is_empty()) => *end = x + 1,
            // A single space between two words of the same role.
            Some(_) if blank && role.is_empty() => {}
            _ => runs.push((x, x + 1, role)),
        }
    }
    let shown = runs.iter().filter(|(_, _, role)| !role.is_empty());
    shown.map(|(start, end, role)| format!("{start}-{} {role}", end - 1)).collect::<Vec<_>>().join(", ")
}

pub(super) fn listener() -> Connection {
    let url = "grpc://127.0.0.1:4317 and http://127.0.0.1:4318".into();
    let endpoint = |protocol, address: &str| Endpoint { protocol, is_secure: false, address: address.into() };
    Connection {
        state: ConnectionState::Active,
        endpoints: [endpoint(Protocol::Grpc, "127.0.0.1:4317"), endpoint(Protocol::Http, "127.0.0.1:4318")].into(),
        ..Connection::new(SourceId(1), SourceKind::received("listen"), "otlp".into(), url, NOON)
    }
}
