//! The filter: the last good one stays in force while another is typed.

use super::{Count, Feed, Scene, Viewport};
use crate::filter::{Filter, FilterError};
use std::sync::Arc;

/// The filter in force.
#[derive(Clone, Debug, Default)]
pub struct Filtering {
    /// Its text; empty where everything is shown.
    pub text: String,
    filter: Option<Arc<Filter>>,
}

impl Filtering {
    /// What chunks are asked with; none where everything is shown.
    pub fn in_force(&self) -> Option<&Arc<Filter>> {
        self.filter.as_ref()
    }
}

impl Feed {
    /// Puts an expression in force, or says what is wrong with it and leaves the one before.
    pub(in crate::app) fn set_filter(&mut self, text: &str, scene: &Scene<'_>) -> Result<(), FilterError> {
        let text = text.trim();
        if text == self.filter.text {
            return Ok(());
        }
        let filter = if text.is_empty() { None } else { Some(Arc::new(Filter::parse(text)?)) };
        self.filter = Filtering { text: text.to_owned(), filter };
        self.count_anew(scene);
        Ok(())
    }

    /// Goes back to a filter that was in force before.
    pub(in crate::app) fn restore_filter(&mut self, filter: Filtering, scene: &Scene<'_>) {
        if filter.text != self.filter.text {
            self.filter = filter;
            self.count_anew(scene);
        }
    }

    fn count_anew(&mut self, scene: &Scene<'_>) {
        self.count = Count { matched: 0, newer: 0, left: self.count.total, ..self.count };
        self.stand_by_selected(scene);
    }

    /// The rows around the selected one are about to change: it keeps its line.
    fn stand_by_selected(&mut self, scene: &Scene<'_>) {
        let Viewport::Hold { row: held, .. } = self.viewport else { return };
        let Some(row) = self.selected_row().filter(|row| *row != held) else { return };
        let lines = usize::from(scene.layout.list.height);
        let window = self.window(lines);
        let line = match self.index_of(row) {
            Some(index) if window.contains(&index) => index - window.start,
            _ => lines / 2,
        };
        self.hold(row, line, scene);
    }

    /// The expression in force with a term added, or excluded; none where the selected value makes no term.
    pub(in crate::app) fn narrowed(&self, exclude: bool) -> Option<String> {
        let term = self.detail.selected_entry()?.term.as_ref()?;
        let before = &self.filter.text;
        Some(if exclude { term.excluded_from(before) } else { term.added_to(before) })
    }
}
