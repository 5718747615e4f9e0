//! Which screen and which pane the user is in: whose keys, which layout, and the state lent to what changes it.

use super::layout::{Layout, Pane, Shape};
use super::screens::feed::Feed;
use super::screens::sources::Sources;
use super::screens::{Outcome, Scene, Screen};
use super::{App, Context, Typing};
use crate::model::visible;

impl App {
    /// The parts of the keymap that keys are looked up in, in this order.
    pub fn contexts(&self) -> Vec<Context> {
        match (&self.typing, self.help, self.screen, self.focus()) {
            (Some(typing), ..) => vec![typing.context(), Context::Line],
            (_, Some(_), ..) => vec![Context::Help, Context::Global],
            (_, _, Screen::Feed, Pane::Detail) => {
                vec![Context::Detail, Context::Feed, Context::List, Context::Global]
            }
            (_, _, Screen::Feed, Pane::List) => vec![Context::Feed, Context::List, Context::Global],
            (_, _, Screen::Sources, _) => vec![Context::Sources, Context::List, Context::Global],
        }
    }

    /// Which pane of the screen has the keys.
    pub fn focus(&self) -> Pane {
        match self.screen {
            Screen::Feed => self.feed.panes.focus,
            Screen::Sources => self.sources.panes.focus,
        }
    }

    /// Where the panes lie.
    pub fn layout(&self) -> Layout {
        self.layout_of(self.screen)
    }

    /// Where the panes of a screen lie, whichever is shown.
    fn layout_of(&self, screen: Screen) -> Layout {
        let panes = match screen {
            Screen::Feed => self.feed.panes,
            Screen::Sources => self.sources.panes,
        };
        let in_bar = self.typing.as_ref().map(Typing::is_in_bar);
        let shape = Shape {
            panes,
            list_rows: if screen == Screen::Sources { self.connections.len() } else { usize::MAX },
            bar_edited: in_bar == Some(true),
            titled: screen == Screen::Sources,
            bottom_typed: in_bar == Some(false),
        };
        Layout::build(self.size.0, self.size.1, shape)
    }

    /// What is marked where it stands on the screen: what is searched for, or typed to be; harmless.
    pub fn marked(&self) -> String {
        match (&self.typing, self.screen, &self.feed.search) {
            (Some(Typing::Search { line }), ..) => visible(line.text()),
            (_, Screen::Sources, _) => visible(&self.sources.search),
            (_, Screen::Feed, Some(search)) => search.shown(),
            (_, Screen::Feed, None) => String::new(),
        }
    }

    /// Lends the Feed to `work`, with what it sees of the rest.
    pub(super) fn with_feed<T>(&mut self, work: impl FnOnce(&mut Feed, &Scene<'_>, &mut Outcome) -> T) -> T {
        let layout = self.layout_of(Screen::Feed);
        let scene = Scene {
            live: &self.live,
            layout,
            screen_rows: self.size.1.into(),
            connections: &self.connections,
            names: &self.names,
            zone: &self.settings.zone,
            now: self.now,
        };
        work(&mut self.feed, &scene, &mut self.outcome)
    }

    /// Lends the Sources screen to `work`, with what it sees of the rest.
    pub(super) fn with_sources<T>(&mut self, work: impl FnOnce(&mut Sources, &Scene<'_>, &mut Outcome) -> T) -> T {
        let scene = Scene {
            live: &self.live,
            layout: self.layout_of(Screen::Sources),
            screen_rows: self.size.1.into(),
            connections: &self.connections,
            names: &self.names,
            zone: &self.settings.zone,
            now: self.now,
        };
        work(&mut self.sources, &scene, &mut self.outcome)
    }
}
