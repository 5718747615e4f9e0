//! The loop: turns messages into events of the app, runs its effects, and draws the changes.

use super::debug_panic::{panic_at, panic_if};
use super::mailbox::{Receiver, Sender};
use super::message::{Lost, Message};
use super::pace::{BATCH, Pace};
use crate::app::{App, Effect, Event, NoticeKind, Totals};
use crate::clock::now;
use crate::engine::Engine;
use crate::intake::{CountsSnapshot, Intake};
use crate::keymap::Keymap;
use crate::model::{Connection, Counts};
use crate::runtime::ingest::Outcome;
use crate::runtime::query::Queries;
use crate::runtime::reload::{Read, Reading, Reloaded};
use crate::runtime::sources::SourceControl;
use crate::store::View;
use crate::terminal::{Drawn, Input, Screen, Signal};
use crate::ui::{self, Theme};
use crossterm::event::MouseEvent;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The app, and the parts that run its effects.
pub(super) struct Explorer {
    pub app: App,
    pub keymap: Keymap,
    pub theme: Theme,
    pub screen: Screen,
    pub queries: Queries,
    pub engine: Engine,
    pub intake: Intake,
    pub control: SourceControl,
    pub reading: Reading,
    pub messages: Sender,
    pub slot: Arc<Mutex<Option<View>>>,
    pub pace: Pace,
    pub outcome: Option<Outcome>,
    pub debug_panic: Option<String>,
}

impl Explorer {
    /// Runs until the user, a signal or the end of the terminal ends it.
    pub fn run(
        &mut self,
        messages: &Receiver,
        connections: &dyn Fn() -> Arc<[Connection]>,
        workers: &tokio::runtime::Runtime,
    ) -> std::io::Result<Outcome> {
        let size = self.screen.size();
        self.handle(Event::Resize(size.width, size.height))?;
        self.handle(Event::Palette(self.theme.hues()))?;
        self.handle(Event::Connections(connections()))?;
        self.count()?;
        self.draw()?;
        panic_at(self.debug_panic.as_deref(), workers);
        while self.outcome.is_none() {
            match messages.wait(self.patience()) {
                Some(message) => {
                    let end = Instant::now() + BATCH;
                    self.take(message, connections)?;
                    // One frame shows all waiting messages, but a flood must not delay the frame.
                    while self.outcome.is_none()
                        && Instant::now() < end
                        && let Some(message) = messages.next()
                    {
                        self.take(message, connections)?;
                    }
                }
                None => {
                    if self.app.wake_at().is_some_and(|at| at <= now()) {
                        self.count()?;
                        self.handle(Event::Tick)?;
                    }
                }
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
                self.pace.hurry();
                self.bound_help()?;
                if let Some(event) = self.keymap.event(&self.app.contexts(), key) {
                    self.handle(event)?;
                }
                Ok(())
            }
            Message::Input(Input::Paste(text)) => {
                self.pace.hurry();
                self.handle(Event::Paste(text))
            }
            Message::Input(Input::Mouse(mouse)) => self.mouse(mouse),
            Message::Input(Input::Resize) => {
                self.pace.hurry();
                self.pace.outdated();
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
            Message::Lost(lost) => self.handle(Event::Notice(NoticeKind::Error, words(lost))),
            Message::Signal(Signal::Suspend) => self.suspend(),
            Message::Signal(Signal::Continued) => {
                self.screen.resume()?;
                self.pace.outdated();
                self.pace.hurry();
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
                self.pace.answered();
                // While the rows are frozen, only the user causes questions.
                if self.app.is_frozen() {
                    self.pace.hurry();
                }
                self.handle(Event::Answer(generation, answer))
            }
            Message::Trouble(text) => self.handle(Event::Notice(NoticeKind::Error, text)),
            Message::Read(read) => self.read(read),
            Message::Done(event) => self.handle(event),
            Message::Reloaded(text) => self.handle(Event::Notice(NoticeKind::Info, text)),
        }
    }

    /// Gives the app the scroll limit of the help, which depends on the drawing.
    fn bound_help(&mut self) -> std::io::Result<()> {
        match ui::help_end(&self.app, &self.keymap) {
            Some(event) => self.handle(event),
            None => Ok(()),
        }
    }

    /// Gives the app the current counts.
    fn count(&mut self) -> std::io::Result<()> {
        let CountsSnapshot { total, sources, .. } = self.intake.counts();
        self.handle(Event::Totals(totals(&total)))?;
        self.handle(Event::SourceCounts(sources.into()))
    }

    fn handle(&mut self, event: Event) -> std::io::Result<()> {
        for effect in self.app.handle(event, now()) {
            match effect {
                Effect::Ask(ask) => {
                    self.pace.asked();
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
                    self.pace.outdated();
                }
                Effect::Suspend => self.suspend()?,
                Effect::Quit => self.outcome = Some(Outcome::Done),
            }
        }
        Ok(())
    }

    /// Reads the configuration again. Keys work meanwhile.
    fn reload(&mut self) -> std::io::Result<()> {
        let messages = self.messages.clone();
        match self.reading.begin(move |read| _ = messages.send(Message::Read(read))) {
            true => Ok(()),
            false => {
                let text = "the configuration is still being read; otail will read it again afterwards".to_owned();
                self.handle(Event::Notice(NoticeKind::Info, text))
            }
        }
    }

    /// Applies the configuration that was read. An invalid one changes nothing.
    fn read(&mut self, read: Read) -> std::io::Result<()> {
        if !self.reading.end() {
            return self.reload();
        }
        match read {
            Err(problem) => self.handle(Event::Notice(NoticeKind::Error, problem)),
            Ok(reloaded) => {
                let Reloaded { config, sources, theme, keymap } = *reloaded;
                (self.theme, self.keymap) = (theme, keymap);
                self.handle(Event::Palette(self.theme.hues()))?;
                self.pace.outdated();
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
        self.pace.hurry();
        self.handle(event)
    }

    fn suspend(&mut self) -> std::io::Result<()> {
        self.screen.suspend()?;
        self.pace.outdated();
        self.pace.hurry();
        let size = self.screen.device().size()?;
        self.handle(Event::Resize(size.width, size.height))
    }

    fn patience(&self) -> Duration {
        let wake = self.app.wake_at().map(|at| Duration::from_nanos(at.since(now())));
        self.pace.patience(self.app.revision(), self.screen.is_behind(), wake)
    }

    fn is_due(&self) -> bool {
        self.pace.is_due(self.app.revision(), self.screen.is_behind())
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let (revision, begun) = (self.app.revision(), Instant::now());
        let (app, keymap, theme) = (&self.app, &self.keymap, &self.theme);
        let panics = self.debug_panic.as_deref() == Some("draw");
        let drawn = self.screen.draw(|frame| {
            ui::draw(frame, app, keymap, theme);
            panic_if(panics);
        })?;
        if drawn == Drawn::Yes {
            self.pace.freeze(self.app.is_frozen());
            self.pace.drew(revision, begun.elapsed());
        }
        Ok(())
    }
}

/// The notice about input that was dropped.
fn words(lost: Lost) -> String {
    let parts = [(lost.keys, "key"), (lost.pastes, "paste")].into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> =
        parts.map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" })).collect();
    format!("input came too fast: {} dropped so far; paste less at once", parts.join(" and "))
}

fn totals(counts: &Counts) -> Totals {
    Totals {
        received: counts.received,
        duplicate: counts.duplicate,
        skipped: counts.skipped,
        dropped: counts.dropped(),
        rejected: counts.rejected,
        refused: counts.refused,
    }
}
