//! The focused pane, its contexts and its layout; and access to the current screen.

use super::layout::{Layout, Pane, Shape};
use super::parts::{Outcome, Parts, Scene};
use super::screens::{Screen, ScreenState};
use super::{Action, App, Context, Typing};
use crate::model::visible;

impl App {
    /// The keymap sections to look keys up in, in order.
    pub fn contexts(&self) -> Vec<Context> {
        match (&self.typing, self.help) {
            (Some(typing), _) => vec![typing.context(), Context::Line],
            (_, Some(_)) => vec![Context::Help, Context::Global],
            _ => self.pane_contexts(),
        }
    }

    /// The keymap sections of the focused pane, without those of an open line or help.
    pub fn pane_contexts(&self) -> Vec<Context> {
        let own = Context::Screen(self.screen);
        match self.focus() {
            Pane::Detail => vec![Context::Detail, own, Context::List, Context::Global],
            Pane::List => vec![own, Context::List, Context::Global],
        }
    }

    /// Panes, detail, filter and search of the current screen.
    pub fn parts(&self) -> &Parts {
        self.screens.get(self.screen).parts()
    }

    /// The focused pane of the current screen.
    pub fn focus(&self) -> Pane {
        self.parts().panes.focus
    }

    /// Whether a pane has the focus, with no line or help open.
    pub fn has_keys(&self, pane: Pane) -> bool {
        self.focus() == pane && self.help.is_none()
    }

    /// Whether the current screen has a filter.
    pub fn has_filter(&self) -> bool {
        self.screens.get(self.screen).has_filter()
    }

    /// The layout of the current screen.
    pub fn layout(&self) -> Layout {
        self.layout_of(self.screen)
    }

    /// The layout of a screen, even if another one is current.
    pub(super) fn layout_of(&self, screen: Screen) -> Layout {
        let in_bar = self.typing.as_ref().map(Typing::is_in_bar);
        let screen = self.screens.get(screen);
        let shape = Shape {
            panes: screen.parts().panes,
            list_rows: screen.rows(&self.scene(Layout::default())),
            bar_edited: in_bar == Some(true),
            titled: screen.is_titled(),
            bottom_typed: in_bar == Some(false),
        };
        Layout::build(self.size.0, self.size.1, shape)
    }

    /// The search text to highlight, typed or in force. It is safe to print.
    pub fn marked(&self) -> String {
        match &self.typing {
            Some(Typing::Search { line }) => visible(line.text()),
            _ => visible(&self.parts().search),
        }
    }

    /// The footer's word for an action whose keymap word does not fit now. An empty word hides the key.
    pub fn footer_word(&self, action: Action) -> Option<&'static str> {
        let panes = self.parts().panes;
        let shared = match action {
            Action::Freeze if self.shown.frozen_at().is_some() => Some("go on"),
            Action::Zoom if panes.zoom => Some("unzoom"),
            Action::Open if panes.detail && panes.focus == Pane::List => Some("go in"),
            Action::Open | Action::Right if panes.focus == Pane::Detail && !self.parts().detail.is_folded() => Some(""),
            Action::EditFilter if !self.has_filter() => Some(""),
            Action::Include | Action::Exclude if panes.focus == Pane::Detail => {
                let makes_term = self.parts().detail.selected().is_some_and(|entry| entry.term.is_some());
                (!makes_term || !self.has_filter()).then_some("")
            }
            _ => None,
        };
        shared.or_else(|| self.screens.get(self.screen).footer(action, &self.scene(Layout::default())))
    }

    /// The part of the app's state that a screen with this layout may read.
    pub(super) fn scene(&self, layout: Layout) -> Scene<'_> {
        Scene {
            live: &self.live,
            view: self.shown.view(&self.live),
            frozen: self.shown.frozen_at().is_some(),
            layout,
            screen_rows: self.size.1.into(),
            connections: &self.connections,
            names: &self.names,
            traffic: &self.traffic,
            ending: self.ending,
            zone: &self.settings.zone,
            now: self.now,
        }
    }

    /// Calls `work` with a screen and its scene.
    pub(super) fn with_screen<T>(
        &mut self,
        screen: Screen,
        work: impl FnOnce(&mut dyn ScreenState, &Scene<'_>, &mut Outcome) -> T,
    ) -> T {
        let layout = self.layout_of(screen);
        let (mut screens, mut outcome) = (std::mem::take(&mut self.screens), std::mem::take(&mut self.outcome));
        let done = work(screens.get_mut(screen), &self.scene(layout), &mut outcome);
        (self.screens, self.outcome) = (screens, outcome);
        done
    }

    /// Calls `work` with each screen.
    pub(super) fn with_every_screen(&mut self, work: impl Fn(&mut dyn ScreenState, &Scene<'_>, &mut Outcome)) {
        for screen in Screen::ALL {
            self.with_screen(*screen, &work);
        }
    }
}
