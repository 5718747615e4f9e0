//! A column of entries, laid out in lines, with a cursor.

use crate::present;
use crate::present::item::{Entry, EntryKind};
use std::ops::Range;

/// Entries, one below the other.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// What is listed.
    pub entries: Vec<Entry>,
    /// The lines that they take.
    pub lines: Vec<PlacedLine>,
    /// Cells of the keys.
    pub key_width: usize,
    /// Cells of the values.
    pub value_width: usize,
    /// The entry under the cursor.
    pub cursor: usize,
    /// The first line on the screen.
    pub top: usize,
    of: u64,
    shape: Option<(u16, u16, bool)>,
}

/// One line: a part of an entry's value, the key before the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedLine {
    /// Which entry.
    pub entry: usize,
    /// Which part of its value.
    pub part: Range<usize>,
    /// Whether it is the entry's first line.
    pub first: bool,
}

/// Cells beside key and value: the cursor's mark, and what separates them.
const MARGIN: usize = 1;
const BETWEEN: usize = 2;
/// A value goes on for so many lines at most; the whole is in what is copied.
const MAX_LINES: usize = 400;

impl Column {
    /// A column about something that has this number.
    pub(super) fn new(of: u64, entries: Vec<Entry>) -> Column {
        Column { entries, of, ..Column::default() }
    }

    pub(super) fn is_of(&self, of: u64) -> bool {
        self.of == of && !self.entries.is_empty()
    }

    /// What there is now to be said about it: where it is the same thing as before, cursor and scroll stay.
    pub(super) fn renew(&mut self, of: u64, entries: Vec<Entry>) {
        if !self.is_of(of) {
            *self = Column::new(of, entries);
        } else if entries != self.entries {
            self.cursor = self.cursor.min(entries.len().saturating_sub(1));
            self.entries = entries;
            self.lines.clear();
        }
    }

    /// The entry under the cursor.
    pub fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.cursor)
    }

    /// Lays the entries out for a pane of this size. The cursor stays on its entry.
    pub(super) fn place(&mut self, width: u16, height: u16, wrap: bool) {
        let shape = Some((width, height, wrap));
        if self.shape == shape && !self.lines.is_empty() {
            return;
        }
        let reshaped = self.shape != shape;
        self.shape = shape;
        let inner = usize::from(width).saturating_sub(MARGIN);
        let widest = self.entries.iter().map(|entry| present::width(&entry.key)).max().unwrap_or_default();
        self.key_width = widest.min(inner * 2 / 5);
        let between = if self.key_width == 0 { 0 } else { BETWEEN };
        self.value_width = inner.saturating_sub(self.key_width + between + 1).max(1);
        self.lines.clear();
        for (index, entry) in self.entries.iter().enumerate() {
            let first_line = 0..entry.value.find('\n').unwrap_or(entry.value.len());
            let parts = if wrap { present::wrap(&entry.value, self.value_width) } else { Vec::from([first_line]) };
            let lines = parts.into_iter().take(MAX_LINES).enumerate();
            self.lines.extend(lines.map(|(line, part)| PlacedLine { entry: index, part, first: line == 0 }));
        }
        if reshaped { self.reveal() } else { self.scroll(0) }
    }

    pub(super) fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.entries.len().saturating_sub(1));
        self.reveal();
    }

    pub(super) fn page(&mut self, halves: isize) {
        let by = (self.height() as isize / 2).max(1) * halves;
        let line = self.lines_of(self.cursor).start.saturating_add_signed(by);
        let line = line.min(self.lines.len().saturating_sub(1));
        self.scroll(by);
        if let Some(placed) = self.lines.get(line) {
            self.cursor = placed.entry;
        }
        self.reveal();
    }

    pub(super) fn edge(&mut self, last: bool) {
        self.cursor = if last { self.entries.len().saturating_sub(1) } else { 0 };
        self.reveal();
    }

    /// Scrolls by so many lines; the cursor stays.
    pub(super) fn scroll(&mut self, by: isize) {
        let last = self.lines.len().saturating_sub(self.height());
        self.top = self.top.saturating_add_signed(by).min(last);
    }

    pub(super) fn select_line(&mut self, line: usize) {
        if let Some(placed) = self.lines.get(self.top + line) {
            self.cursor = placed.entry;
        }
    }

    fn height(&self) -> usize {
        self.shape.map_or(1, |(_, height, _)| usize::from(height).max(1))
    }

    fn lines_of(&self, entry: usize) -> Range<usize> {
        let start = self.lines.partition_point(|line| line.entry < entry);
        start..self.lines.partition_point(|line| line.entry <= entry)
    }

    /// Brings the cursor's entry on the screen: all of it, or its beginning; with its heading where that is just above.
    fn reveal(&mut self) {
        let lines = self.lines_of(self.cursor);
        let above = lines.start.checked_sub(1).and_then(|at| self.lines.get(at));
        let heading = above.is_some_and(|line| self.entries[line.entry].kind == EntryKind::Heading);
        let start = lines.start - usize::from(heading);
        let height = self.height();
        if lines.end > self.top + height {
            self.top = lines.end.saturating_sub(height);
        }
        if start < self.top || lines.len() >= height {
            self.top = start;
        }
        self.top = self.top.min(self.lines.len().saturating_sub(height.min(self.lines.len())));
    }
}
