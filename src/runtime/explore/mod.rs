//! The interactive loop: turns input, views and messages into events of the app, and runs the app's effects.
//!
//! [`explore()`] puts the parts together. `explorer` is the loop, `message` lists its messages, `mailbox` queues
//! them, and `pace` decides when it draws.

mod debug_panic;
mod explorer;
mod mailbox;
mod message;
mod pace;
mod publish;
mod shop;

use super::ingest::{Ingest, Outcome, Viewer};
use super::query::Queries;
use super::reload::{Reading, Reload};
use super::run_totals;
use super::self_telemetry::Stored;
use super::sources::SourceControl;
use super::start::Start;
use crate::app::{App, Settings};
use crate::demo;
use crate::engine::Engine;
use crate::keymap::Keymap;
use crate::store::{Retention, View};
use crate::terminal::{Capabilities, Guard, Options, Screen, listen, watch_signals};
use crate::ui::Theme;
use explorer::Explorer;
use mailbox::mailbox;
use message::Message;
use pace::Pace;
use publish::{publisher, watch_connections};
use shop::run_demo;
use std::sync::{Arc, Mutex};

/// The settings of the screen.
pub struct Explore {
    /// The filter at the start. It is valid.
    pub filter: Option<String>,
    /// Show times in UTC.
    pub utc: bool,
    /// The theme.
    pub theme: Theme,
    /// The keymap.
    pub keymap: Keymap,
    /// The demo's seed and scenario. It sends to the first receiver.
    pub demo: Option<(u64, demo::Scenario)>,
    /// Reads the configuration again, for `:reload`.
    pub reload: Reload,
    /// Panic somewhere, for tests of the terminal: `ui`, `draw`, `task`, `blocking` or `double`.
    pub debug_panic: Option<String>,
}

/// Takes the terminal, connects, and runs until the user or a signal ends it.
///
/// # Errors
///
/// A message. The terminal is restored.
pub fn explore(mut start: Start, wanted: Explore) -> Result<Outcome, String> {
    let config = start.config.clone();
    let capabilities = Capabilities::of_environment();
    if capabilities.dumb {
        return Err("this terminal cannot draw a screen (TERM is dumb or not set); `otail tail` writes lines".into());
    }
    let (messages, received) = mailbox();
    let self_telemetry = start.self_telemetry.take();
    let sources = start.sources.clone();
    let (ingest, reader) = Ingest::start(&start.config, start.sources, Viewer::Person)?;
    let stored = Stored::default();
    let slot: Arc<Mutex<Option<View>>> = Arc::default();
    let retention = Retention { max_bytes: config.buffer.max_bytes };
    let engine = Engine::start(
        ingest.intake.clone(),
        reader,
        retention,
        publisher(slot.clone(), stored.clone(), messages.clone()),
    )
    .map_err(|error| format!("the engine's thread cannot be started: {error}"))?;
    watch_connections(&ingest, &messages);
    let self_telemetry = self_telemetry.map(|own| {
        let messages = messages.clone();
        own.start(&ingest, Some(stored), move |trouble| _ = messages.send(Message::Trouble(trouble)))
    });
    if let Some((seed, scenario)) = wanted.demo {
        run_demo(&ingest, seed, scenario, messages.clone());
    }
    let answers = messages.clone();
    let queries = Queries::start(move |generation, answer| _ = answers.send(Message::Answer(generation, answer)))
        .map_err(|error| format!("the query threads cannot be started: {error}"))?;
    let signals = messages.clone();
    watch_signals(true, move |signal| signals.send(Message::Signal(signal)))
        .map_err(|error| format!("signals cannot be watched: {error}"))?;
    let title = Some("otail".to_owned());
    let guard = Guard::enter(Options { mouse: config.ui.mouse, title })
        .map_err(|error| format!("the terminal cannot be used: {error}; `otail tail` works without one"))?;
    let screen = Screen::new(guard).map_err(|error| format!("the terminal cannot be drawn on: {error}"))?;
    let inputs = messages.clone();
    listen(screen.device(), move |input| inputs.send(Message::Input(input)))
        .map_err(|error| format!("the keyboard cannot be read: {error}"))?;
    let zone = if wanted.utc { jiff::tz::TimeZone::UTC } else { jiff::tz::TimeZone::system() };
    let control = SourceControl::new(ingest.provider.clone(), config.clone(), sources, ingest.workers.handle().clone());
    let settings = Settings {
        zone,
        filter: wanted.filter.unwrap_or_default(),
        max_bytes: config.buffer.max_bytes,
        mouse: config.ui.mouse,
        known_sources: control.known_sources(),
        sender: control.sender(),
    };
    let mut explorer = Explorer {
        app: App::new(settings),
        keymap: wanted.keymap,
        theme: wanted.theme,
        screen,
        queries,
        engine,
        intake: ingest.intake.clone(),
        control,
        reading: Reading::new(wanted.reload, ingest.workers.handle().clone()),
        messages: messages.clone(),
        slot,
        pace: Pace::new(),
        outcome: None,
        debug_panic: wanted.debug_panic,
    };
    let provider = ingest.provider.clone();
    let outcome = explorer.run(&received, &|| provider.list().into(), &ingest.workers);
    // Restore the terminal first, so that the user gets the shell back before the slow parts end.
    let Explorer { screen, engine, .. } = explorer;
    drop(screen);
    if let Some(running) = self_telemetry {
        running.finish(&ingest.workers);
    }
    let stored = engine.stop();
    let intake = ingest.intake.clone();
    ingest.stop();
    run_totals::log(&intake.counts().total, stored.as_ref());
    outcome.map_err(|error| format!("the terminal is gone: {error}"))
}
