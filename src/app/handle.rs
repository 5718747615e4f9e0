//! The app's state, and its change by each event.

use super::asking::Asking;
use super::hues::Hues;
use super::known_fields::KnownFields;
use super::notice::{Notice, NoticeKind, Subject, trouble};
use super::parts::{Outcome, acting};
use super::query::{KnownSource, SourceNames};
use super::screens::{Screen, Screens};
use super::shown::Shown;
use super::traffic::Traffic;
use super::typing::{Histories, Typing};
use super::{Action, Effect, Event, Pointer, Settings, Target, Totals, is_open};
use crate::model::{Connection, ConnectionState, SourceId, Time};
use crate::store::View;
use std::sync::Arc;

/// Minimum time in nanoseconds since the last rejection before a new one is reported again.
const REJECTION_IS_NEWS_AFTER: u64 = 60 * SECOND;

/// The whole state of the terminal UI.
///
/// The runtime passes events to [`App::handle`] and carries out the returned effects. It draws when [`App::revision`] has
/// risen, and sends [`Event::Tick`] at [`App::wake_at`].
#[derive(Clone, Debug)]
pub struct App {
    /// Settings of this run.
    pub settings: Settings,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The time of the last event.
    pub now: Time,
    /// The current screen.
    pub screen: Screen,
    /// The newest view.
    pub live: View,
    /// The view that the screens show: live or frozen.
    pub shown: Shown,
    /// The sources.
    pub connections: Arc<[Connection]>,
    /// Item counts of all sources together.
    pub totals: Totals,
    /// Item counts and rates of each source.
    pub traffic: Traffic,
    /// The open text line.
    pub typing: Option<Typing>,
    /// The help's scroll position, while it is open.
    pub help: Option<usize>,
    /// The help's last scroll position.
    pub(super) help_end: usize,
    /// The message in the status line.
    pub notice: Option<Notice>,
    /// Whether mouse support is on.
    pub mouse: bool,
    /// The state of the screens.
    pub screens: Screens,
    /// The hues of the services, the same on every screen.
    pub hues: Hues,
    pub(super) histories: Histories,
    pub(super) outcome: Outcome,
    pub(super) names: SourceNames,
    revision: u64,
    pub(super) asking: Asking,
    pub(super) fields: KnownFields,
    /// The connection whose end the user must confirm with the next key.
    pub(super) ending: Option<SourceId>,
}

const SECOND: u64 = 1_000_000_000;
/// Duration in nanoseconds for which new rows are tinted.
pub const FRESH: u64 = SECOND;
/// Rows per wheel step.
const WHEEL: isize = 3;

impl App {
    /// An app without data. Send it [`Event::Resize`] first.
    pub fn new(settings: Settings) -> App {
        let mut app = App {
            size: (80, 24),
            now: Time(0),
            screen: Screen::default(),
            live: View::default(),
            shown: Shown::default(),
            connections: Arc::default(),
            totals: Totals::default(),
            traffic: Traffic::default(),
            typing: None,
            help: None,
            help_end: usize::MAX,
            notice: None,
            mouse: settings.mouse,
            screens: Screens::default(),
            hues: Hues::default(),
            histories: Histories::default(),
            outcome: Outcome::default(),
            names: SourceNames::default(),
            revision: 1,
            asking: Asking::default(),
            fields: KnownFields::default(),
            ending: None,
            settings,
        };
        app.filter_feed(&app.settings.filter.clone());
        app
    }

    /// Handles an event at this time and returns the effects to carry out.
    pub fn handle(&mut self, event: Event, now: Time) -> Vec<Effect> {
        let due = self.changes_at().is_some_and(|at| at <= now);
        self.now = now;
        self.ending = self.notice.as_ref().and_then(Notice::ending);
        if matches!(event, Event::Action(_) | Event::Text(_) | Event::Paste(_) | Event::Pointer(..)) {
            self.notice.take_if(|notice| notice.ends_with_a_key());
        }
        let changed = self.change(event) | due;
        self.settle_filter();
        self.do_requests();
        let prompted = match &self.typing {
            Some(Typing::Credentials { of, .. }) => Some(Subject::Credentials(*of)),
            _ => None,
        };
        self.notice.take_if(|notice| {
            notice.until <= now || !notice.is_so(&self.connections) || Some(&notice.about) == prompted.as_ref()
        });
        self.with_screen(self.screen, |screen, scene, outcome| screen.settle(scene, outcome));
        if let Some((kind, about, text)) = self.outcome.notice.take() {
            self.notify(kind, about, &text);
        }
        self.revision += u64::from(changed);
        self.ask();
        std::mem::take(&mut self.outcome.effects)
    }

    /// Rises whenever the display may have changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether the screen shows frozen rows; new data then changes only counts.
    pub fn is_frozen(&self) -> bool {
        self.has_filter() && self.shown.frozen_at().is_some()
    }

    /// The time for the next [`Event::Tick`]: a change of the display without an event, or the next look at the counts.
    pub fn wake_at(&self) -> Option<Time> {
        let looked = self.screens.get(self.screen).shows_counts() && self.connections.iter().any(is_open);
        let look = looked.then(|| self.traffic.look_at(self.now));
        [self.changes_at(), look].into_iter().flatten().min()
    }

    /// The time of the next change of the display without an event: a row's tint, a countdown, a rate, a notice.
    fn changes_at(&self) -> Option<Time> {
        let screen = self.screens.get(self.screen).wake_at(&self.scene(self.layout()));
        let rate = self.traffic.activity.moves_at(self.now);
        let countdown = self.connections.iter().filter_map(|connection| next_count(connection, self.now)).min();
        let notice = self.notice.as_ref().map(|notice| notice.until);
        let filter = self.typing.as_ref().and_then(Typing::settles_at);
        let search = self.parts().detail.is_searching().then_some(self.now);
        [screen, rate, countdown, notice, filter, search].into_iter().flatten().min()
    }

    /// Goes on with the search in the detail. Whether there is one.
    fn search_on(&mut self) -> bool {
        let goes_on = self.parts().detail.is_searching();
        if goes_on {
            self.notice.take_if(|notice| notice.about == Subject::LastKey);
            self.with_screen(self.screen, |screen, _, outcome| {
                screen.parts_mut().detail.search_on().into_iter().for_each(|said| outcome.say(said));
            });
        }
        goes_on
    }

    /// Ends the search in the detail. Whether that is all that the key does.
    fn stop_search(&mut self, action: Action) -> bool {
        let stopped = self.with_screen(self.screen, |screen, _, outcome| {
            let said = screen.parts_mut().detail.stop_search();
            said.map(|said| outcome.say(said)).is_some()
        });
        stopped && matches!(action, Action::Back | Action::Leave)
    }

    /// The current rate of all sources in items per second: the sum of the rates on the Sources screen.
    pub fn per_second(&self) -> f64 {
        self.connections.iter().map(|connection| self.traffic.per_second(connection, self.now)).sum()
    }

    /// A source's name and kind, also after it was disconnected.
    pub fn source(&self, id: SourceId) -> Option<&KnownSource> {
        self.names.get(id)
    }

    fn change(&mut self, event: Event) -> bool {
        match event {
            Event::Action(action) if self.stop_search(action) => {}
            Event::Action(action) => match self.typing.take() {
                Some(typing) => self.act_typing(typing, action),
                None => self.act(action),
            },
            Event::Text(c) => self.type_text(c.encode_utf8(&mut [0; 4])),
            Event::Paste(text) => self.type_text(&text),
            Event::Pointer(pointer, target) => self.point(pointer, target),
            Event::Resize(width, height) => self.size = (width, height),
            Event::View(view) => return self.see(view),
            Event::Connections(connections) => return self.connected(connections),
            Event::Totals(totals) => return std::mem::replace(&mut self.totals, totals) != totals,
            Event::SourceCounts(counts) => {
                return self.traffic.count(counts, self.now) && self.screens.get(self.screen).shows_counts();
            }
            Event::NotConnected { typed, instead_of, problem } => self.not_connected(&typed, instead_of, problem),
            Event::Configured { known_sources, sender } => {
                (self.settings.known_sources, self.settings.sender) = (known_sources, sender);
            }
            Event::Answer(generation, answer) => return self.answered(generation, answer),
            Event::Notice(kind, text) => self.notify(kind, Subject::Event, &text),
            Event::Connecting(id, label) => self.making(id, &label),
            Event::HelpEnds(end) => return self.help_ends(end),
            Event::Palette(hues) => self.hues.repaint(hues),
            Event::Tick => return self.search_on(),
        }
        true
    }

    /// Performs an action while no text line is open.
    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Quit => self.outcome.effects.push(Effect::Quit),
            Action::Suspend => self.outcome.effects.push(Effect::Suspend),
            Action::Redraw => self.outcome.effects.push(Effect::Redraw),
            Action::Mouse => {
                self.mouse = !self.mouse;
                self.outcome.effects.push(Effect::Mouse(self.mouse));
                let text = if self.mouse { "mouse support is on" } else { "mouse support is off" };
                self.outcome.say(text);
            }
            Action::Help => self.help = if self.help.is_some() { None } else { Some(0) },
            Action::Command => self.begin_command(),
            Action::Tab(number) => self.screen = Screen::of_number(number),
            action if self.help.is_some() => self.act_help(action),
            Action::Leave => {
                if !self.back() {
                    self.outcome.effects.push(Effect::Quit);
                }
            }
            Action::Back => {
                if !self.back() {
                    self.search_for("");
                }
            }
            Action::Reload => self.outcome.effects.push(Effect::Reload),
            Action::Freeze => self.freeze(),
            Action::Clear => self.ask_to_clear(),
            Action::Search => self.begin_search(),
            action => {
                self.with_screen(self.screen, |screen, scene, outcome| acting::act(screen, action, scene, outcome));
            }
        }
    }

    /// Closes the view opened last. Returns whether there was one.
    fn back(&mut self) -> bool {
        self.with_screen(self.screen, acting::back)
    }

    fn point(&mut self, pointer: Pointer, target: Target) {
        let by = match pointer {
            Pointer::Press => 0,
            Pointer::WheelUp => -WHEEL,
            Pointer::WheelDown => WHEEL,
        };
        match (pointer, target) {
            (Pointer::Press, Target::Action(action)) => match (self.typing.take(), action) {
                // The footer also shows the keys of the open text line.
                (Some(typing), Action::Accept | Action::Cancel | Action::Complete | Action::CompleteBack) => {
                    self.act_typing(typing, action)
                }
                (_, action) => self.act(action),
            },
            (Pointer::Press, Target::Bar) if self.typing.is_some() => {}
            (Pointer::Press, Target::Help) => self.help = None,
            (_, Target::Help) => self.help = self.help.map(|top| top.saturating_add_signed(by).min(self.help_end)),
            (_, target) if self.help.is_none() => self.with_screen(self.screen, |screen, scene, outcome| {
                acting::point(screen, (pointer, by), target, scene, outcome);
            }),
            _ => {}
        }
    }

    fn connected(&mut self, connections: Arc<[Connection]>) -> bool {
        if connections == self.connections {
            return false;
        }
        let before = std::mem::replace(&mut self.connections, connections);
        self.names = self.names.with(&self.connections);
        self.live = std::mem::take(&mut self.live).with_sources(self.names.clone());
        if let Shown::Frozen { view, .. } = &mut self.shown {
            **view = std::mem::take(&mut **view).with_sources(self.names.clone());
        }
        self.traffic.expect(&self.connections);
        if self.wants_credentials(&before) {
            return true;
        }
        let was = |id| before.iter().find(|known| known.id == id).and_then(trouble);
        let failed = self.connections.iter().find_map(|known| {
            let error = trouble(known).filter(|error| was(known.id) != Some(error))?;
            Some((Subject::Trouble(known.id, error.to_owned()), format!("{}: {error}", known.label)))
        });
        if let Some((about, text)) = failed {
            self.notify(NoticeKind::Error, about, &text);
        } else if self.notice.is_none()
            && let Some(text) = self.connections.iter().find_map(|known| newly_rejected(&before, known))
        {
            self.notify(NoticeKind::Error, Subject::Event, &text);
        }
        true
    }

    /// A source that the user asked for is connecting: select it once it appears.
    fn making(&mut self, id: SourceId, label: &str) {
        self.notify(NoticeKind::Info, Subject::Making(id), &format!("connecting to {label}"));
        self.screens.sources.select_when_known(id);
    }

    pub(super) fn notify(&mut self, kind: NoticeKind, about: Subject, text: &str) {
        self.notice = Some(Notice::new(kind, about, text, self.now));
    }
}

/// The time at which the countdown to the next attempt, in whole seconds, falls by one.
fn next_count(connection: &Connection, now: Time) -> Option<Time> {
    let at = connection.retry_at.filter(|at| connection.state == ConnectionState::Connecting && *at > now)?;
    Some(Time(now.0 + (at.since(now) - 1) % SECOND + 1))
}

/// The message for a source's latest rejection, unless the previous one was recent. The status line counts all of them.
fn newly_rejected(before: &[Connection], known: &Connection) -> Option<String> {
    let rejection = known.rejection.as_ref()?;
    let last = before.iter().find(|before| before.id == known.id).and_then(|before| before.rejection.as_ref());
    let is_new = last.is_none_or(|last| rejection.at.since(last.at) > REJECTION_IS_NEWS_AFTER);
    is_new.then(|| format!("{}: {}: {}", known.label, rejection.words(), rejection.reason))
}
