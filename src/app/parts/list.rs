//! How to move in a list, whatever its rows are.

use super::Scene;

/// A list of rows, one of which may be selected.
pub(in crate::app) trait List {
    /// Moves the selection by this many rows.
    fn step(&mut self, by: isize, scene: &Scene<'_>);

    /// Moves the selection by a page or half a page, in rows.
    fn page(&mut self, by: isize, scene: &Scene<'_>) {
        self.step(by, scene);
    }

    /// Goes to the first row, or to the last.
    fn edge(&mut self, last: bool, scene: &Scene<'_>);

    /// Selects the row on a line of the list. Returns whether it was selected before; `None` if the line is empty.
    fn select_line(&mut self, line: usize, scene: &Scene<'_>) -> Option<bool>;

    /// Scrolls by this many rows; the selection stays.
    fn scroll(&mut self, by: isize, scene: &Scene<'_>);

    /// Selects a row if none is selected. Returns whether one is selected now.
    fn select_any(&mut self, scene: &Scene<'_>) -> bool;
}
