//! A minimal program with a screen, which `tests/terminal.rs` runs in a pseudo-terminal. Each key does one thing.
#![expect(clippy::panic, reason = "its panics are tested")]

use std::fs::File;
use std::io::{self, Read, Write};
use std::process;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use color_eyre::config::{HookBuilder, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use otail::supervision::supervised_task;
use otail::terminal::{Drawn, Guard, Input, Options, Screen, Signal, end_on_panic, listen, watch_signals};
use ratatui::Frame;
use ratatui::text::{Line, Text};
use tokio::runtime::Runtime;

/// The environment variable with the path of a log for facts that the screen does not show.
pub const LOG: &str = "OTAIL_PROBE_LOG";

/// The panic message. An unfiltered terminal would set the title and the clipboard, and clear the screen.
pub const LAST_WORDS: &str = "boom \x1b]2;owned\x07\x1b]52;c;aGk=\x07\x1b[2J\u{202e}end";

/// The message of a panic with a slow report.
pub const SLOW: &str = "slow";

enum Event {
    Input(Input),
    Signal(Signal),
    Died(String),
}

pub fn main() -> ! {
    let (panics, _) = HookBuilder::blank().theme(Theme::new()).into_hooks();
    end_on_panic(move |info| {
        if info.to_string().ends_with(SLOW) {
            thread::sleep(Duration::from_millis(500));
        }
        panics.panic_report(info).to_string()
    });
    let code = run().unwrap_or_else(|e| {
        // The terminal may be gone; a failed message must not cause a panic.
        _ = writeln!(io::stderr(), "probe: {e}");
        1
    });
    process::exit(code)
}

/// Drops the screen before it returns, so the terminal is restored.
fn run() -> io::Result<i32> {
    let mut screen = Screen::new(Guard::enter(Options { mouse: true, title: Some("probe".into()) })?)?;
    let (sender, events) = mpsc::channel();
    listen(screen.device(), forward(&sender, Event::Input))?;
    watch_signals(true, forward(&sender, Event::Signal))?;
    Probe::new(sender)?.run(&mut screen, &events)
}

fn forward<T: Send + 'static>(sender: &Sender<Event>, event: fn(T) -> Event) -> impl FnMut(T) -> bool + Send + 'static {
    let sender = sender.clone();
    move |item| sender.send(event(item)).is_ok()
}

struct Probe {
    sender: Sender<Event>,
    runtime: Runtime,
    log: Option<File>,
    stdin: String,
    ticks: usize,
    behind: usize,
    keys: usize,
    last: String,
    animated: bool,
    panic_in_draw: bool,
}

impl Probe {
    fn new(sender: Sender<Event>) -> io::Result<Self> {
        let mut stdin = String::new();
        if !io::IsTerminal::is_terminal(&io::stdin()) {
            io::stdin().read_to_string(&mut stdin)?;
        }
        Ok(Self {
            sender,
            runtime: Runtime::new()?,
            log: std::env::var_os(LOG).map(File::create).transpose()?,
            stdin,
            ticks: 0,
            behind: 0,
            keys: 0,
            last: String::new(),
            animated: false,
            panic_in_draw: false,
        })
    }

    fn run(mut self, screen: &mut Screen, events: &Receiver<Event>) -> io::Result<i32> {
        let mut dirty = true;
        loop {
            if dirty || screen.is_behind() {
                let drawn = screen.draw(|frame| self.render(frame))?;
                dirty = drawn == Drawn::Behind;
                self.behind += usize::from(drawn == Drawn::Behind);
            }
            let mut next = events.recv_timeout(Duration::from_millis(16));
            self.ticks += 1;
            dirty |= self.animated;
            if let Some(log) = &mut self.log {
                writeln!(log, "ticks {} behind {} keys {} last {:?}", self.ticks, self.behind, self.keys, self.last)?;
            }
            while let Ok(event) = next {
                if let Some(code) = self.handle(event, screen)? {
                    return Ok(code);
                }
                dirty = true;
                next = events.try_recv().map_err(|_| RecvTimeoutError::Timeout);
            }
        }
    }

    fn handle(&mut self, event: Event, screen: &mut Screen) -> io::Result<Option<i32>> {
        match event {
            Event::Input(Input::Key(key)) => return self.key(key, screen),
            Event::Input(Input::Paste(text)) => self.last = format!("paste of {}", text.len()),
            Event::Input(Input::Mouse(mouse)) => self.last = format!("mouse at {},{}", mouse.column, mouse.row),
            Event::Input(Input::Resize) => {}
            Event::Input(Input::Closed) => return Ok(Some(1)),
            Event::Signal(Signal::Suspend) => screen.suspend()?,
            Event::Signal(Signal::Continued) => screen.resume()?,
            Event::Signal(quit @ Signal::Quit(_)) => return Ok(quit.exit_code().map(i32::from)),
            Event::Died(how) => self.last = how,
        }
        Ok(None)
    }

    fn key(&mut self, key: KeyEvent, screen: &mut Screen) -> io::Result<Option<i32>> {
        self.keys += 1;
        self.last = format!("{:?}", key.code);
        match key.code {
            KeyCode::Char('q') => return Ok(Some(0)),
            KeyCode::Char('z') if key.modifiers == KeyModifiers::CONTROL => screen.suspend()?,
            KeyCode::Char('r') => screen.redraw(),
            KeyCode::Char('a') => self.animated = true,
            KeyCode::Char('A') => self.animated = false,
            KeyCode::Char('c') => screen.copy("copied").map_err(io::Error::other)?,
            KeyCode::Char('h') => {
                screen.draw(|frame| self.render(frame))?;
                loop {
                    thread::park();
                }
            }
            KeyCode::Char('u') => panic!("{LAST_WORDS}"),
            KeyCode::Char('w') => self.panic_in_draw = true,
            KeyCode::Char('t') => drop(self.runtime.spawn(async { panic!("{LAST_WORDS}") })),
            KeyCode::Char('T') => drop(thread::spawn(|| panic!("{SLOW}"))),
            KeyCode::Char('b') => drop(self.runtime.spawn_blocking(|| panic!("{LAST_WORDS}"))),
            KeyCode::Char('2') => {
                let _second = PanicsWhenDropped;
                panic!("{LAST_WORDS}")
            }
            KeyCode::Char('s') => self.supervise(async {
                tokio::task::yield_now().await;
                panic!("alone")
            }),
            KeyCode::Char('S') => self.supervise(async {
                let _second = PanicsWhenDropped;
                panic!("{LAST_WORDS}")
            }),
            _ => {}
        }
        Ok(None)
    }

    fn supervise(&self, task: impl Future<Output = ()> + Send + 'static) {
        let sender = self.sender.clone();
        self.runtime.spawn(async move {
            if let Err(panicked) = supervised_task(task).await {
                _ = sender.send(Event::Died(panicked.to_string()));
            }
        });
    }

    fn render(&self, frame: &mut Frame<'_>) {
        assert!(!self.panic_in_draw, "{LAST_WORDS}");
        let size = frame.area();
        let mut text = Text::from(vec![
            Line::raw(format!("size {}x{}", size.width, size.height)),
            Line::raw(format!("keys {}.", self.keys)),
            Line::raw(self.last.clone()),
            Line::raw(format!("stdin {:?}", self.stdin)),
            Line::raw(format!("pid {}.", process::id())),
        ]);
        if self.animated {
            let digit = char::from(b'0' + u8::try_from(self.ticks % 10).unwrap_or(0));
            text.extend((0..size.height).map(|_| Line::raw(digit.to_string().repeat(size.width.into()))));
        }
        frame.render_widget(text, size);
    }
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("once more");
    }
}
