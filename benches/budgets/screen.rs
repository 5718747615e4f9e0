//! The cost of drawing a frame over a million spans.

use crate::decode::NOW;
use crate::table::{Limit, Spread, Table, timed};
use otail::app::query::{Memo, answer};
use otail::app::{App, Effect, Event, Settings};
use otail::keymap::{Keymap, read_key};
use otail::model::Time;
use otail::store::View;
use otail::ui::{self, Depth, Scheme, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const COLUMNS: u16 = 200;
const ROWS: u16 = 60;
const FRAMES: u64 = 200;

pub fn run(table: &mut Table, view: &View) -> Result<(), Box<dyn std::error::Error>> {
    let keymap = Keymap::with("")?;
    let theme = Theme::with("", Depth::True, Scheme::Dark, false)?;
    let mut user = User { app: App::new(Settings::default()), memo: Memo::default(), now: NOW };
    user.event(Event::Resize(COLUMNS, ROWS));
    user.event(Event::View(view.clone()));
    for (what, keys) in
        [("a draw at 200 × 60, the list moving", ""), ("a draw at 200 × 60, the detail pane open", "enter")]
    {
        if let Some(event) = read_key(keys).and_then(|key| keymap.event(&user.app.contexts(), key.into())) {
            user.event(event);
        }
        let mut terminal = Terminal::new(TestBackend::new(COLUMNS, ROWS))?;
        let (mut draws, mut frames) = (Vec::new(), Vec::new());
        for frame in 0..FRAMES {
            let key = if frame % 40 < 20 { "k" } else { "j" };
            let key = read_key(key).ok_or("a key")?;
            let (handled, ()) = timed(|| {
                if let Some(event) = keymap.event(&user.app.contexts(), key.into()) {
                    user.event(event);
                }
                // As after new data: everything that depends on the view is computed again.
                user.event(Event::View(view.clone()));
            });
            let (drawn, result) = timed(|| {
                _ = terminal.draw(|frame| ui::draw(frame, &user.app, &keymap, &theme));
            });
            std::hint::black_box(result);
            draws.push(drawn.as_secs_f64() * 1e3);
            frames.push((drawn + handled).as_secs_f64() * 1e3);
        }
        table.row(what, Limit::Most(2.0, "ms"), Spread::of(draws), "processor time");
        table.row(&format!("{what}; and key, view, answer"), Limit::Most(2.0, "ms"), Spread::of(frames), "");
    }
    Ok(())
}

/// The app with its query thread, on one thread.
struct User {
    app: App,
    memo: Memo,
    now: u64,
}

impl User {
    fn event(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            self.now += 1_000_000;
            for effect in self.app.handle(event, Time(self.now)) {
                if let Effect::Ask(ask) = effect {
                    answer(&ask.view, &ask.query, &self.memo, &|| false, &mut |answer| {
                        events.insert(0, Event::Answer(ask.generation, answer));
                    });
                }
            }
        }
    }
}
