//! Which action does what, by the pane that has the keys.

use super::{Feed, Outcome, Scene};
use crate::app::layout::Pane;
use crate::app::{Action, NoticeKind, Pointer, Target};

impl Feed {
    /// Does what a key asked for.
    pub(in crate::app) fn act(&mut self, action: Action, scene: &Scene<'_>, outcome: &mut Outcome) {
        match (self.panes.focus, action) {
            (Pane::Detail, Action::Up) => self.detail_step(-1),
            (Pane::Detail, Action::Down) => self.detail_step(1),
            (Pane::Detail, Action::Left) => self.turn(-1, scene),
            (Pane::Detail, Action::Right) => self.turn(1, scene),
            (Pane::Detail, Action::PageUp) => self.detail_page(-2),
            (Pane::Detail, Action::PageDown) => self.detail_page(2),
            (Pane::Detail, Action::HalfPageUp) => self.detail_page(-1),
            (Pane::Detail, Action::HalfPageDown) => self.detail_page(1),
            (Pane::Detail, Action::Oldest) => self.detail_edge(false),
            (Pane::Detail, Action::Follow) => self.detail_edge(true),
            (Pane::List, Action::Up) => self.step(-1, scene),
            (Pane::List, Action::Down) => self.step(1, scene),
            (Pane::List, Action::PageUp) => self.page(-page(scene), scene),
            (Pane::List, Action::PageDown) => self.page(page(scene), scene),
            (Pane::List, Action::HalfPageUp) => self.page(-page(scene).div_euclid(2), scene),
            (Pane::List, Action::HalfPageDown) => self.page(page(scene).div_euclid(2), scene),
            (Pane::List, Action::Oldest) => self.oldest(scene),
            (Pane::List, Action::Follow) => self.follow(),
            (Pane::List, Action::Open | Action::Right) => self.open(scene),
            (_, Action::NextPane | Action::PreviousPane) => self.other_pane(scene),
            (_, Action::Back) => self.back(),
            (_, Action::Zoom) => self.panes.zoom = !self.panes.zoom,
            (_, Action::Wrap) => self.wrap(outcome),
            (_, Action::Pause) => self.pause(scene, outcome),
            (_, Action::ClearFilter) => _ = self.set_filter("", scene),
            (_, Action::Include) => self.narrow(false, scene, outcome),
            (_, Action::Exclude) => self.narrow(true, scene, outcome),
            (_, Action::NextMatch) => self.go_to_match(true, scene, outcome),
            (_, Action::PreviousMatch) => self.go_to_match(false, scene, outcome),
            (_, Action::NextError) => self.next_error(true, scene),
            (_, Action::PreviousError) => self.next_error(false, scene),
            (_, Action::Copy) => self.copy(scene, outcome),
            _ => {}
        }
    }

    /// Does what the mouse asked for; the wheel moves by `by` rows.
    pub(in crate::app) fn point(&mut self, pointer: Pointer, by: isize, target: Target, scene: &Scene<'_>) {
        match (pointer, target) {
            (Pointer::Press, Target::List(line)) => {
                let again = self.select_line(line.into(), scene);
                if again && !self.panes.detail {
                    self.open(scene);
                }
            }
            (Pointer::Press, Target::DetailTab(at)) => {
                self.panes.focus = Pane::Detail;
                self.detail_tab(at, scene);
            }
            (Pointer::Press, Target::Detail { line, facts }) => self.detail_line(line.into(), facts, scene),
            (_, Target::List(_)) => self.scroll(by, scene),
            (_, Target::Detail { facts, .. }) => self.detail_scroll(by, facts),
            _ => {}
        }
    }

    /// Every row was let go of. What is paused stays so, with nothing in it.
    pub(in crate::app) fn forget(&mut self, scene: &Scene<'_>) {
        self.frozen = self.frozen.as_ref().map(|_| scene.live.emptied());
        self.selected = None;
        self.close();
        self.follow();
    }

    fn other_pane(&mut self, scene: &Scene<'_>) {
        match self.panes.focus {
            Pane::Detail => self.panes.focus = Pane::List,
            Pane::List => {
                self.open(scene);
                self.panes.focus = if self.panes.detail { Pane::Detail } else { Pane::List };
            }
        }
    }

    /// One level up; from the uppermost the search is forgotten.
    fn back(&mut self) {
        if !self.panes.back() {
            self.search = None;
            self.seeking = None;
        } else if !self.panes.detail {
            self.close();
        }
    }

    /// Where the detail is open it shows what was done.
    fn wrap(&mut self, outcome: &mut Outcome) {
        self.detail.wrap = !self.detail.wrap;
        if !self.panes.detail {
            outcome.say(if self.detail.wrap { "the detail wraps long values" } else { "the detail cuts long values" });
        }
    }

    fn narrow(&mut self, exclude: bool, scene: &Scene<'_>, outcome: &mut Outcome) {
        let Some(expression) = self.narrowed(exclude) else {
            return outcome.say("open a row and select a value first");
        };
        if let Err(error) = self.set_filter(&expression, scene) {
            outcome.notice = Some((NoticeKind::Error, error.explanation()));
        }
    }

    fn go_to_match(&mut self, forward: bool, scene: &Scene<'_>, outcome: &mut Outcome) {
        if !self.next_match(forward, scene) {
            outcome.say("nothing is searched for");
        }
    }
}

fn page(scene: &Scene<'_>) -> isize {
    isize::try_from(scene.layout.list.height).unwrap_or(1).max(1)
}
