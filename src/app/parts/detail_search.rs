//! A search through the entries of a detail. It runs in steps, since a detail may have millions of entries.

use crate::app::screens::Toward;
use crate::model::visible;
use crate::present::item::Entry;
use crate::present::number;
use std::collections::VecDeque;
use std::ops::Range;

/// The searched text, and the entries not examined yet.
#[derive(Clone, Debug)]
pub(super) struct DetailSearch {
    /// The text, made harmless.
    pub text: String,
    pub toward: Toward,
    /// The entry that the search began at.
    pub here: usize,
    wanted: String,
    /// A text with a capital matches only its own case.
    exact: bool,
    /// In the order of the search.
    left: VecDeque<Range<usize>>,
    all: usize,
}

impl DetailSearch {
    /// Searches from the entry `here` of `all` to the end, then from the other end to `here`.
    pub fn new(text: &str, toward: Toward, here: usize, all: usize) -> DetailSearch {
        let after = (here + 1).min(all);
        let left = match toward {
            Toward::Nearest => [here.min(all)..all, 0..here.min(all)],
            Toward::Next => [after..all, 0..after],
            Toward::Previous => [0..here.min(all), here.min(all)..all],
        };
        let exact = text.chars().any(char::is_uppercase);
        let left = left.into_iter().filter(|range| !range.is_empty()).collect();
        DetailSearch { text: visible(text), toward, here, wanted: text.to_owned(), exact, left, all }
    }

    /// The next entries to examine, at most this many; `None` at the end.
    pub fn next(&mut self, at_most: usize) -> Option<Range<usize>> {
        let is_forward = self.is_forward();
        let range = self.left.front_mut()?;
        let size = range.len().min(at_most);
        let block = if is_forward { range.start..range.start + size } else { range.end - size..range.end };
        if is_forward {
            range.start = block.end;
        } else {
            range.end = block.start;
        }
        if range.start == range.end {
            self.left.pop_front();
        }
        Some(block)
    }

    /// The first of these entries that holds the text, in the direction of the search.
    pub fn find_in(&self, entries: &[Entry]) -> Option<usize> {
        let holds = |entry: &Entry| self.holds(&entry.key) || self.holds(&entry.value);
        if self.is_forward() { entries.iter().position(holds) } else { entries.iter().rposition(holds) }
    }

    /// Whether a text contains the searched one.
    pub fn holds(&self, part: &str) -> bool {
        if self.exact { part.contains(&self.wanted) } else { part.to_lowercase().contains(&self.wanted) }
    }

    /// Whether all entries were examined.
    pub fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// The progress, or that nothing was found.
    pub fn words(&self) -> String {
        if self.is_over() {
            return format!("no {} in the detail", self.text);
        }
        format!("searching {}: {} of {} lines; any key stops", self.text, self.looked(), number::count(self.all as u64))
    }

    /// That the user stopped it.
    pub fn stopped(&self) -> String {
        format!("stopped: no {} in {} lines", self.text, self.looked())
    }

    fn looked(&self) -> String {
        let left: usize = self.left.iter().map(Range::len).sum();
        number::count((self.all - left) as u64)
    }

    fn is_forward(&self) -> bool {
        self.toward != Toward::Previous
    }
}
