//! Moves the selection and the screen.

use super::{Edge, Feed, Hit, Row, Scene, Selected, Viewport};
use crate::app::parts::List;

/// Where on the screen a newly selected row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// On its line; at the nearest edge if it is off the screen.
    Stay,
    /// On this line.
    Line(usize),
}

impl List for Feed {
    fn step(&mut self, by: isize, scene: &Scene<'_>) {
        self.go(by, scene, false);
    }

    /// Selection and screen move together, so the selection keeps its line. Down at the newest row follows.
    fn page(&mut self, by: isize, scene: &Scene<'_>) {
        let at_end = self.selected_row() == self.page.hits.last().map(|hit| hit.row);
        if by > 0 && at_end && !self.page.newer && self.sort.is_arrival() {
            self.follow();
        } else {
            self.go(by, scene, true);
        }
    }

    /// Goes to the first row, or to the last. In the order of arrival the last row means following.
    fn edge(&mut self, last: bool, scene: &Scene<'_>) {
        let edge = if last { Edge::Last } else { Edge::First };
        let more = if last { self.page.newer } else { self.page.older };
        match self.page.hits.len().checked_sub(1) {
            _ if last && (self.sort.is_arrival() || self.trace.is_some()) => self.follow(),
            Some(end) if !more => match edge {
                Edge::First => self.select(0, Place::Line(0), scene),
                Edge::Last => self.select(end, Place::Line(lines(scene) - 1), scene),
            },
            _ => self.go_to_edge(edge, scene),
        }
    }

    fn select_line(&mut self, line: usize, scene: &Scene<'_>) -> Option<bool> {
        let window = self.window(lines(scene));
        let index = window.start + line;
        if !window.contains(&index) {
            return None;
        }
        let again = self.selected_row() == self.page.hits.get(index).map(|hit| hit.row);
        self.select(index, Place::Stay, scene);
        Some(again)
    }

    /// Scrolls by this many rows; the selection stays on its row. Down at the end follows.
    fn scroll(&mut self, by: isize, scene: &Scene<'_>) {
        let count = lines(scene);
        let window = self.window(count);
        let last_top = self.page.hits.len().saturating_sub(count);
        let top = window.start.saturating_add_signed(by);
        if by > 0 && top >= last_top && !self.page.newer {
            if !self.follows() && self.selected.is_none() && self.sort.is_arrival() {
                self.follow();
            } else if let Some(hit) = self.page.hits.get(last_top) {
                self.hold(hit.row, 0, scene);
            }
            return;
        }
        let Some(row) = self.page.hits.get(top.min(last_top)).map(|hit| hit.row) else { return };
        if top == window.start && self.follows() {
            return;
        }
        self.hold(row, 0, scene);
        // While the selected row is visible, hold that one: it then stays visible when the panes change.
        if let Some(selected) = self.selected_row()
            && let Some(index) = self.index_of(selected)
            && (top..top + count).contains(&index)
        {
            self.hold(selected, index - top, scene);
        }
    }

    fn select_any(&mut self, scene: &Scene<'_>) -> bool {
        if self.selected.is_none() {
            self.step(0, scene);
        }
        self.selected.is_some()
    }
}

impl Feed {
    fn go(&mut self, by: isize, scene: &Scene<'_>, keep_line: bool) {
        let window = self.window(lines(scene));
        if window.is_empty() {
            return;
        }
        let Some(current) = self.current(scene) else { return };
        let Some(current) = current else {
            let edge = if self.follows() || by < 0 { window.end - 1 } else { window.start };
            let edge = if keep_line { self.clamped(edge, by) } else { edge };
            return self.select(edge, Place::Stay, scene);
        };
        let place = if keep_line { Place::Line(current - window.start) } else { Place::Stay };
        self.select(self.clamped(current, by), place, scene);
    }

    /// The index of the selected row, if it is on the screen. The inner `None` means that no row is selected, or that the
    /// selected one is gone.
    /// A selected row off the screen is brought back to it instead.
    fn current(&mut self, scene: &Scene<'_>) -> Option<Option<usize>> {
        let Some(row) = self.selected_row() else { return Some(None) };
        let window = self.window(lines(scene));
        match self.index_of(row) {
            Some(index) if window.contains(&index) => Some(Some(index)),
            // The filter hides it: its neighbours stand in its place.
            None if self.viewport == (Viewport::Hold { row, line: self.line() }) => {
                let next = self.place_of(row);
                Some(window.contains(&next).then_some(next))
            }
            _ if self.follows() => Some(None),
            _ => {
                self.hold(row, lines(scene) / 2, scene);
                None
            }
        }
    }

    fn line(&self) -> usize {
        match self.viewport {
            Viewport::Hold { line, .. } => line,
            Viewport::Follow => 0,
        }
    }

    fn clamped(&self, index: usize, by: isize) -> usize {
        index.saturating_add_signed(by).min(self.page.hits.len().saturating_sub(1))
    }

    /// Selects a row of the page.
    pub(super) fn select(&mut self, index: usize, place: Place, scene: &Scene<'_>) {
        let Some(hit) = self.page.hits.get(index).cloned() else { return };
        let window = self.window(lines(scene));
        let line = match place {
            Place::Line(line) => line,
            Place::Stay if index < window.start => 0,
            Place::Stay => (index - window.start).min(lines(scene) - 1),
        };
        self.hold(hit.row, line, scene);
        self.seeking = None;
        self.selected = Some(Selected { hit, gone: false });
    }

    /// Selects any row. If it is off the screen, it goes to the middle.
    pub(super) fn show(&mut self, hit: Hit, scene: &Scene<'_>) {
        let window = self.window(lines(scene));
        let line = match self.index_of(hit.row) {
            Some(index) if window.contains(&index) => index - window.start,
            _ => lines(scene) / 2,
        };
        self.hold(hit.row, line, scene);
        self.selected = Some(Selected { hit, gone: false });
    }

    /// Follows the newest rows.
    pub(super) fn follow(&mut self) {
        self.viewport = Viewport::Follow;
        self.seeking = None;
        self.select_edge = None;
        if !self.parts.panes.detail {
            self.selected = None;
        }
    }

    /// Holds the selected row on its line, because the rows around it change.
    pub(super) fn stand_by_selected(&mut self, scene: &Scene<'_>) {
        let Viewport::Hold { row: held, .. } = self.viewport else { return };
        let Some(row) = self.selected_row().filter(|row| *row != held) else { return };
        let window = self.window(lines(scene));
        let line = match self.index_of(row) {
            Some(index) if window.contains(&index) => index - window.start,
            _ => lines(scene) / 2,
        };
        self.hold(row, line, scene);
    }

    /// Holds this row on this line.
    pub(super) fn hold(&mut self, row: Row, line: usize, scene: &Scene<'_>) {
        if self.follows() {
            self.held_at = scene.view.end();
        }
        self.select_edge = None;
        self.held = match self.order().is_arrival() {
            true => None,
            false => self.page.hits.iter().find(|hit| hit.row == row).cloned(),
        };
        self.viewport = Viewport::Hold { row, line };
    }
}

fn lines(scene: &Scene<'_>) -> usize {
    usize::from(scene.layout.list.height).max(1)
}
