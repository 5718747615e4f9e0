//! The interactive loop: whatever happens becomes an event of the app, and its effects are done here.
//!
//! Keys are drawn at once. Data is drawn at most 30 times a second, and nothing is drawn when nothing changed.

use super::accounts;
use super::plant::{Outcome, Plant, Start};
use super::query::Queries;
use super::reload::{Read, Reading, Reload};
use super::self_telemetry::Stored;
use super::sources::{SourceControl, source_counts};
use crate::app::query::{Answer, Generation};
use crate::app::{App, Counts, Effect, Event, NoticeKind, Settings};
use crate::config;
use crate::demo;
use crate::engine::Engine;
use crate::intake::Intake;
use crate::keymap::Keymap;
use crate::model::{Connection, ConnectionState, SourceKind, Time};
use crate::source::Source;
use crate::store::{Retention, View};
use crate::terminal::{Capabilities, ColorDepth, Drawn, Guard, Input, Options, Screen, Signal, listen, watch_signals};
use crate::ui::{self, Depth, Scheme, Theme};
use crossterm::event::MouseEvent;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What to explore beside the sources.
pub struct Explore {
    /// The filter at the start, which is good.
    pub filter: Option<String>,
    /// Times of day in UTC.
    pub utc: bool,
    /// The looks.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
    /// Run the built-in shop against the first receiver: its seed and scenario.
    pub demo: Option<(u64, demo::Scenario)>,
    /// Reads everything again that the configuration says; an error in words.
    pub reload: Reload,
    /// Panic somewhere, for tests of the terminal: `ui`, `draw`, `task`, `blocking` or `double`.
    pub debug_panic: Option<String>,
}

/// What the configuration says now.
pub struct Reloaded {
    /// Settings.
    pub config: config::Config,
    /// The sources that it, or the command line, names.
    pub sources: Vec<Source>,
    /// The looks.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
}

/// Whatever happens.
enum Message {
    Input(Input),
    Signal(Signal),
    /// A view waits in the slot.
    View,
    Connections,
    Answer(Generation, Answer),
    /// The demo could not go on, or self-telemetry does not get through.
    Trouble(String),
    /// The configuration has been read again.
    Read(Read),
    /// What another configuration came to.
    Reloaded(String),
    /// What a command to the connections came to that took its time.
    Done(Event),
}

/// The time between two frames that only data asked for.
const FRAME: Duration = Duration::from_millis(33);
/// How long a frame that only data asked for waits for the answer to what it will show: else a new row would be seen a
/// frame later than the counts that tell of it.
const ANSWER: Duration = Duration::from_millis(8);
/// A terminal that is behind is tried again after this.
const BEHIND: Duration = Duration::from_millis(16);

/// Takes the terminal, connects, and runs until the user or a signal ends it.
///
/// # Errors
///
/// In words; the terminal is as it was.
pub fn explore(mut start: Start, wanted: Explore) -> Result<Outcome, String> {
    let config = start.config.clone();
    let capabilities = Capabilities::of_environment();
    if capabilities.dumb {
        return Err("this terminal cannot draw a screen (TERM is dumb or not set); `otail tail` writes lines".into());
    }
    let (messages, received) = channel();
    let self_telemetry = start.self_telemetry.take();
    let sources = start.sources.clone();
    let (plant, reader) = Plant::start(start)?;
    let stored = Stored::default();
    let slot: Arc<Mutex<Option<View>>> = Arc::default();
    let retention = Retention { max_bytes: config.buffer.max_bytes };
    let engine = Engine::start(
        plant.intake.clone(),
        reader,
        retention,
        publisher(slot.clone(), stored.clone(), messages.clone()),
    )
    .map_err(|error| format!("no thread for the engine: {error}"))?;
    watch_connections(&plant, &messages);
    let self_telemetry = self_telemetry.map(|own| {
        let messages = messages.clone();
        own.start(&plant, Some(stored), move |trouble| _ = messages.send(Message::Trouble(trouble)))
    });
    if let Some((seed, scenario)) = wanted.demo {
        run_demo(&plant, seed, scenario, messages.clone());
    }
    let answers = messages.clone();
    let queries = Queries::start(move |generation, answer| _ = answers.send(Message::Answer(generation, answer)))
        .map_err(|error| format!("no thread for queries: {error}"))?;
    let signals = messages.clone();
    watch_signals(true, move |signal| signals.send(Message::Signal(signal)).is_ok())
        .map_err(|error| format!("signals cannot be watched: {error}"))?;
    let title = Some("otail".to_owned());
    let guard = Guard::enter(Options { mouse: config.ui.mouse, title })
        .map_err(|error| format!("the terminal cannot be used: {error}; `otail tail` needs none"))?;
    let screen = Screen::new(guard).map_err(|error| format!("the terminal cannot be drawn on: {error}"))?;
    let inputs = messages.clone();
    listen(screen.device(), move |input| inputs.send(Message::Input(input)).is_ok())
        .map_err(|error| format!("the keyboard cannot be read: {error}"))?;
    let zone = if wanted.utc { jiff::tz::TimeZone::UTC } else { jiff::tz::TimeZone::system() };
    let control = SourceControl::new(plant.provider.clone(), config.clone(), sources, plant.workers.handle().clone());
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
        intake: plant.intake.clone(),
        control,
        reading: Reading::new(wanted.reload, plant.workers.handle().clone()),
        messages: messages.clone(),
        slot,
        drawn: None,
        urgent: true,
        last_frame: None,
        asked: None,
        outcome: None,
        debug_panic: wanted.debug_panic,
    };
    let provider = plant.provider.clone();
    let outcome = explorer.run(&received, &|| provider.list().into(), &plant.workers);
    // The terminal first: whatever takes its time at the end must not keep the user from the shell.
    let Explorer { screen, engine, .. } = explorer;
    drop(screen);
    if let Some(running) = self_telemetry {
        running.finish(&plant.workers);
    }
    let stored = engine.stop();
    let intake = plant.intake.clone();
    plant.stop();
    accounts::log(&intake.counts().total, stored.as_ref());
    outcome.map_err(|error| format!("the terminal is gone: {error}"))
}

struct Explorer {
    app: App,
    keymap: Keymap,
    theme: Theme,
    screen: Screen,
    queries: Queries,
    engine: Engine,
    intake: Intake,
    control: SourceControl,
    reading: Reading,
    messages: Sender<Message>,
    slot: Arc<Mutex<Option<View>>>,
    /// The revision of the app that is on the screen.
    drawn: Option<u64>,
    /// A key waits to be seen.
    urgent: bool,
    last_frame: Option<Instant>,
    /// When the question was asked that has no answer yet.
    asked: Option<Instant>,
    outcome: Option<Outcome>,
    debug_panic: Option<String>,
}

impl Explorer {
    fn run(
        &mut self,
        messages: &Receiver<Message>,
        connections: &dyn Fn() -> Arc<[Connection]>,
        workers: &tokio::runtime::Runtime,
    ) -> std::io::Result<Outcome> {
        let size = self.screen.size();
        self.handle(Event::Resize(size.width, size.height))?;
        self.handle(Event::Connections(connections()))?;
        self.count()?;
        self.draw()?;
        self.panic_for_tests(workers);
        while self.outcome.is_none() {
            match messages.recv_timeout(self.patience()) {
                Ok(message) => {
                    self.take(message, connections)?;
                    // What waits is taken at once: a frame shows all of it. A flood must not keep a key from being seen.
                    for message in messages.try_iter().take(1_024) {
                        self.take(message, connections)?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    if self.app.wake_at().is_some_and(|at| at <= now()) {
                        self.count()?;
                        self.handle(Event::Tick)?;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.outcome.is_none() && self.is_due() {
                self.draw()?;
            }
        }
        Ok(self.outcome.unwrap_or(Outcome::Done))
    }

    fn take(&mut self, message: Message, connections: &dyn Fn() -> Arc<[Connection]>) -> std::io::Result<()> {
        match message {
            Message::Input(Input::Key(key)) => {
                self.urgent = true;
                self.bound_help()?;
                if let Some(event) = self.keymap.event(&self.app.contexts(), key) {
                    self.handle(event)?;
                }
                Ok(())
            }
            Message::Input(Input::Paste(text)) => {
                self.urgent = true;
                self.handle(Event::Paste(text))
            }
            Message::Input(Input::Mouse(mouse)) => self.mouse(mouse),
            Message::Input(Input::Resize) => {
                self.urgent = true;
                self.drawn = None;
                let size = self.screen.device().size()?;
                self.handle(Event::Resize(size.width, size.height))
            }
            Message::Input(Input::Closed) => {
                self.outcome = Some(Outcome::Signal(1));
                Ok(())
            }
            Message::Signal(Signal::Quit(number)) => {
                self.outcome = Some(Outcome::Signal(u8::try_from(number).unwrap_or(u8::MAX)));
                Ok(())
            }
            Message::Signal(Signal::Suspend) => self.suspend(),
            Message::Signal(Signal::Continued) => {
                self.screen.resume()?;
                self.drawn = None;
                self.urgent = true;
                Ok(())
            }
            Message::View => {
                let view = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some(view) = view else { return Ok(()) };
                self.count()?;
                self.handle(Event::View(view))
            }
            Message::Connections => {
                self.count()?;
                self.handle(Event::Connections(connections()))
            }
            Message::Answer(generation, answer) => {
                self.asked = None;
                self.handle(Event::Answer(generation, answer))
            }
            Message::Trouble(text) => self.handle(Event::Notice(NoticeKind::Error, text)),
            Message::Read(read) => self.read(read),
            Message::Done(event) => self.handle(event),
            Message::Reloaded(text) => self.handle(Event::Notice(NoticeKind::Info, text)),
        }
    }

    /// Tells how far the help can be scrolled: that depends on how it is drawn.
    fn bound_help(&mut self) -> std::io::Result<()> {
        match ui::help_end(&self.app, &self.keymap) {
            Some(event) => self.handle(event),
            None => Ok(()),
        }
    }

    /// Tells what became of what came.
    fn count(&mut self) -> std::io::Result<()> {
        self.handle(Event::Counts(counts(&self.intake)))?;
        self.handle(Event::SourceCounts(source_counts(&self.intake)))
    }

    fn handle(&mut self, event: Event) -> std::io::Result<()> {
        for effect in self.app.handle(event, now()) {
            match effect {
                Effect::Ask(ask) => {
                    self.asked.get_or_insert_with(Instant::now);
                    self.queries.ask(*ask);
                }
                Effect::Copy(text) => {
                    if let Err(error) = self.screen.copy(&text) {
                        self.handle(Event::Notice(NoticeKind::Error, error.to_string()))?;
                    }
                }
                Effect::Source(command) => {
                    let messages = self.messages.clone();
                    let tell = move |event| _ = messages.send(Message::Done(event));
                    if let Some(event) = self.control.run(command, tell) {
                        self.handle(event)?;
                    }
                }
                Effect::Reload => self.reload()?,
                Effect::Clear => self.engine.clear(),
                Effect::Mouse(taken) => self.screen.mouse(taken)?,
                Effect::Redraw => {
                    self.screen.redraw();
                    self.drawn = None;
                }
                Effect::Suspend => self.suspend()?,
                Effect::Quit => self.outcome = Some(Outcome::Done),
            }
        }
        Ok(())
    }

    /// Keys are taken while it is read.
    fn reload(&mut self) -> std::io::Result<()> {
        let messages = self.messages.clone();
        match self.reading.begin(move |read| _ = messages.send(Message::Read(read))) {
            true => Ok(()),
            false => {
                let text = "the configuration is still being read; it will be once more".to_owned();
                self.handle(Event::Notice(NoticeKind::Info, text))
            }
        }
    }

    /// What is wrong with the configuration changes nothing.
    fn read(&mut self, read: Read) -> std::io::Result<()> {
        if !self.reading.end() {
            return self.reload();
        }
        match read {
            Err(problem) => self.handle(Event::Notice(NoticeKind::Error, problem)),
            Ok(reloaded) => {
                let Reloaded { config, sources, theme, keymap } = *reloaded;
                (self.theme, self.keymap) = (theme, keymap);
                self.drawn = None;
                let messages = self.messages.clone();
                let done = move |text| _ = messages.send(Message::Reloaded(text));
                let event = self.control.reconfigure(config, sources, done);
                self.handle(event)
            }
        }
    }

    fn mouse(&mut self, mouse: MouseEvent) -> std::io::Result<()> {
        self.bound_help()?;
        let Some(event) = ui::pointer(&self.app, &self.keymap, mouse) else { return Ok(()) };
        self.urgent = true;
        self.handle(event)
    }

    fn suspend(&mut self) -> std::io::Result<()> {
        self.screen.suspend()?;
        self.drawn = None;
        self.urgent = true;
        let size = self.screen.device().size()?;
        self.handle(Event::Resize(size.width, size.height))
    }

    /// How long nothing can change by itself.
    fn patience(&self) -> Duration {
        let frame = self.last_frame.map_or(Duration::ZERO, |last| FRAME.saturating_sub(last.elapsed()));
        let frame = frame.max(self.asked.map_or(Duration::ZERO, |asked| ANSWER.saturating_sub(asked.elapsed())));
        let dirty = self.drawn != Some(self.app.revision());
        let pending = match (self.screen.is_behind(), dirty) {
            (true, _) => BEHIND,
            (_, true) => frame,
            _ => Duration::from_secs(3_600),
        };
        let wake = self.app.wake_at().map_or(pending, |at| Duration::from_nanos(at.since(now())).max(frame));
        pending.min(wake)
    }

    fn is_due(&self) -> bool {
        let dirty = self.drawn != Some(self.app.revision());
        let paced = self.last_frame.is_none_or(|last| last.elapsed() >= FRAME);
        let answered = self.asked.is_none_or(|asked| asked.elapsed() >= ANSWER);
        self.screen.is_behind() || dirty && (self.urgent || paced && answered)
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let revision = self.app.revision();
        let (app, keymap, theme) = (&self.app, &self.keymap, &self.theme);
        let panics = self.debug_panic.as_deref() == Some("draw");
        let drawn = self.screen.draw(|frame| {
            ui::draw(frame, app, keymap, theme);
            panic_if(panics);
        })?;
        if drawn == Drawn::Yes {
            self.drawn = Some(revision);
            self.urgent = false;
            self.last_frame = Some(Instant::now());
        }
        Ok(())
    }

    fn panic_for_tests(&self, workers: &tokio::runtime::Runtime) {
        match self.debug_panic.as_deref() {
            Some("ui") => panic_if(true),
            Some("task") => _ = workers.spawn(async { panic_if(true) }),
            Some("blocking") => _ = workers.spawn_blocking(|| panic_if(true)),
            Some("double") => {
                let _second = PanicsOnDrop;
                panic_if(true);
            }
            _ => {}
        }
    }
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic_if(true);
    }
}

#[expect(clippy::panic, reason = "asked for by --debug-panic, to test that the terminal is given back")]
fn panic_if(wanted: bool) {
    if wanted {
        panic!("asked for by --debug-panic");
    }
}

/// Keeps the newest view in the slot and says so once, however many come before it is taken.
fn publisher(
    slot: Arc<Mutex<Option<View>>>,
    stored: Stored,
    messages: Sender<Message>,
) -> impl FnMut(View) + Send + 'static {
    move |view| {
        *stored.lock().unwrap_or_else(PoisonError::into_inner) = *view.counters();
        let before = slot.lock().unwrap_or_else(PoisonError::into_inner).replace(view);
        if before.is_none() {
            // The loop has ended: nobody looks any more.
            let _ = messages.send(Message::View);
        }
    }
}

fn watch_connections(plant: &Plant, messages: &Sender<Message>) {
    let (mut changed, messages) = (plant.provider.changed(), messages.clone());
    plant.workers.spawn(async move {
        while changed.changed().await.is_ok() {
            if messages.send(Message::Connections).is_err() {
                return;
            }
            // A flapping source must not flood the screen.
            tokio::time::sleep(FRAME).await;
        }
    });
}

/// Starts the shop once the receiver has its ports.
fn run_demo(plant: &Plant, seed: u64, scenario: demo::Scenario, messages: Sender<Message>) {
    let (provider, mut changed) = (plant.provider.clone(), plant.provider.changed());
    plant.workers.spawn(async move {
        let target = loop {
            if let Some(target) = provider.list().iter().find_map(otlp_target) {
                break target;
            }
            if changed.changed().await.is_err() {
                return;
            }
        };
        if let Err(error) = demo::run(target, seed, scenario, std::future::pending()).await {
            let _ = messages.send(Message::Trouble(error.to_string()));
        }
    });
}

/// Where a receiver takes OTLP, once it does; its URL reads `grpc://HOST:PORT and http://HOST:PORT`.
fn otlp_target(connection: &Connection) -> Option<demo::Target> {
    let receives = connection.kind == SourceKind::Listen && connection.state == ConnectionState::Active;
    let address = |scheme| connection.url.split(" and ").find_map(|url| url.strip_prefix(scheme));
    let http = address("http://").filter(|_| receives)?;
    Some(demo::Target { http: format!("http://{http}"), grpc: address("grpc://").map(|grpc| format!("http://{grpc}")) })
}

fn counts(intake: &Intake) -> Counts {
    let total = intake.counts().total;
    Counts {
        received: total.received,
        duplicate: total.duplicate,
        skipped: total.skipped,
        dropped: total.dropped(),
        rejected: total.rejected,
        refused: total.refused,
    }
}

/// The built-in looks, or a user's file on top of them.
///
/// # Errors
///
/// In words: no such file, or a theme that is not understood.
pub fn theme(settings: &config::Ui) -> Result<Theme, String> {
    let capabilities = Capabilities::of_environment();
    let depth = match capabilities.colors {
        ColorDepth::Mono => Depth::Mono,
        ColorDepth::Ansi16 => Depth::Ansi,
        ColorDepth::Indexed256 => Depth::Indexed,
        ColorDepth::TrueColor => Depth::True,
    };
    let (scheme, user) = match settings.theme.as_str() {
        "default" | "dark" => (Scheme::Dark, String::new()),
        "light" => (Scheme::Light, String::new()),
        path => {
            let read = std::fs::read_to_string(path);
            (Scheme::Dark, read.map_err(|error| format!("{path} is no theme and no file: {error}"))?)
        }
    };
    Theme::with(&user, depth, scheme, capabilities.ascii || settings.ascii).map_err(|error| error.to_string())
}

fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
