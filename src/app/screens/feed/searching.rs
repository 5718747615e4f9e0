//! Searching in what is shown, and going from error to error.

use super::{Feed, Scene};
use crate::app::query::{Find, Wanted};
use crate::filter::{Filter, FilterError};
use crate::model::{Row, visible};
use std::sync::Arc;

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Search {
    /// The text, as it was typed.
    pub text: String,
    /// Whether it was just typed: then it looks in both directions.
    pub(super) fresh: bool,
    filter: Arc<Filter>,
}

impl Search {
    /// A search for this text, anywhere in an item; none for an empty one.
    pub(in crate::app) fn new(text: &str) -> Result<Option<Search>, FilterError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let filter = Arc::new(Filter::parse(&quoted(text))?);
        Ok(Some(Search { text: text.to_owned(), fresh: true, filter }))
    }

    /// The text for reading.
    pub fn shown(&self) -> String {
        visible(&self.text)
    }
}

impl Feed {
    /// Looks for the next match, or the one before.
    pub(in crate::app) fn next_match(&mut self, forward: bool, scene: &Scene<'_>) -> bool {
        let Some(search) = &mut self.search else { return false };
        search.fresh = false;
        let wanted = Wanted::Match(Arc::clone(&search.filter));
        self.seek(wanted, forward, scene);
        true
    }

    /// Goes to the match nearest to what is on the screen: ahead first, then back.
    pub(in crate::app) fn first_match(&mut self, scene: &Scene<'_>) {
        let Some(search) = &self.search else { return };
        let wanted = Wanted::Match(Arc::clone(&search.filter));
        let from = match self.selected_row() {
            Some(row) => Row(row.0.saturating_sub(1)),
            None if self.follows() => return self.seek(wanted, false, scene),
            None => Row(self.edge(true, scene).0.saturating_sub(1)),
        };
        self.begin(Find { wanted, from, forward: true });
    }

    /// Looks for the next error, or the one before.
    pub(in crate::app) fn next_error(&mut self, forward: bool, scene: &Scene<'_>) {
        self.seek(Wanted::Error, forward, scene);
    }

    fn seek(&mut self, wanted: Wanted, forward: bool, scene: &Scene<'_>) {
        let from = match self.selected_row() {
            Some(row) if !self.follows() => row,
            _ if self.follows() => self.shown(scene.live).end(),
            _ => self.edge(!forward, scene),
        };
        self.begin(Find { wanted, from, forward });
    }

    fn begin(&mut self, find: Find) {
        self.wrapped = false;
        self.seeking = Some(find);
    }

    /// Looks from the other end for what was not found before this one, unless it began at that.
    pub(super) fn wrap_round(&mut self, find: &Find, scene: &Scene<'_>) -> bool {
        let from = if find.forward { Row(0) } else { self.shown(scene.live).end() };
        let wraps = !self.wrapped && find.from != from;
        if wraps {
            self.begin(Find { from, ..find.clone() });
            self.wrapped = true;
        }
        wraps
    }

    /// The first or the last row on the screen.
    fn edge(&self, first: bool, scene: &Scene<'_>) -> Row {
        let window = self.window(scene.layout.list.height.into());
        let index = if first { window.start } else { window.end.saturating_sub(1) };
        self.page.hits.get(index).map(|hit| hit.row).unwrap_or_default()
    }
}

/// The text as one bare word of the filter language, which is found anywhere; no star in it stands for more.
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
