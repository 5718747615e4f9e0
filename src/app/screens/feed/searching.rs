//! Searches in the list, and steps from error to error.

use super::{Feed, Find, Scene, Wanted};
use crate::filter::{Filter, FilterError};
use crate::model::Row;
use std::sync::Arc;

/// The searched text.
#[derive(Clone, Debug)]
pub struct Search {
    /// The text as typed.
    pub(super) text: String,
    /// Whether it was just typed: a new search looks in both directions.
    pub(super) fresh: bool,
    filter: Arc<Filter>,
}

impl Feed {
    /// Compiles the searched text to a filter that matches anywhere in an item.
    pub(super) fn compiled_search(&mut self) -> Result<Wanted, FilterError> {
        let text = &self.parts.search;
        let filter = match self.search.take().filter(|search| search.text == *text) {
            Some(search) => search.filter,
            None => Arc::new(Filter::parse(&quoted(text))?),
        };
        self.search = Some(Search { text: text.clone(), fresh: false, filter: Arc::clone(&filter) });
        Ok(Wanted::Match(filter))
    }

    /// Looks for the next or the previous match.
    pub(super) fn next_match(&mut self, wanted: Wanted, forward: bool, scene: &Scene<'_>) {
        self.seek(wanted, forward, scene);
    }

    /// Goes to the match nearest to the screen: first ahead, then back.
    pub(super) fn first_match(&mut self, wanted: Wanted, scene: &Scene<'_>) {
        self.search.iter_mut().for_each(|search| search.fresh = true);
        let from = match self.selected_row() {
            Some(row) => row,
            None if self.follows() => return self.seek(wanted, false, scene),
            None => self.edge_of_screen(true, scene),
        };
        self.begin(Find { wanted, from, forward: true, including: true });
    }

    /// Looks for the next or the previous error.
    pub(super) fn seek_error(&mut self, forward: bool, scene: &Scene<'_>) {
        self.seek(Wanted::Error, forward, scene);
    }

    fn seek(&mut self, wanted: Wanted, forward: bool, scene: &Scene<'_>) {
        let from = match self.selected_row() {
            Some(row) if !self.follows() => row,
            _ if self.follows() => scene.view.end(),
            _ => self.edge_of_screen(!forward, scene),
        };
        self.begin(Find { wanted, from, forward, including: false });
    }

    pub(super) fn begin(&mut self, find: Find) {
        self.wrapped = false;
        self.seeking = Some(find);
    }

    /// Continues from the other end of the list, unless the search began there. Returns whether it continues.
    pub(super) fn wrap_round(&mut self, find: &Find, scene: &Scene<'_>) -> bool {
        let from = if find.forward { Row(0) } else { scene.view.end() };
        let wraps = !self.wrapped && find.from != from;
        if wraps {
            self.begin(Find { from, including: false, ..find.clone() });
            self.wrapped = true;
        }
        wraps
    }

    /// The first or the last row on the screen.
    fn edge_of_screen(&self, first: bool, scene: &Scene<'_>) -> Row {
        let window = self.window(scene.layout.list.height.into());
        let index = if first { window.start } else { window.end.saturating_sub(1) };
        self.page.hits.get(index).map(|hit| hit.row).unwrap_or_default()
    }
}

/// The text as one bare word of the filter language, which matches anywhere. A star in it is only a star.
fn quoted(text: &str) -> String {
    let mut word = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '*' => word.extend(['\\', c]),
            c if c.is_control() => word.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => word.push(c),
        }
    }
    word.push('"');
    word
}
