//! A column of entries, laid out in lines, with a cursor.

use crate::present;
use crate::present::item::{Entry, EntryKind};
use std::collections::BTreeSet;
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
    /// The entries that the user unfolded, and those that the user folded.
    unfolded: BTreeSet<usize>,
    folded: BTreeSet<usize>,
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
    /// How many lines of the value are folded away behind this one.
    pub more: usize,
}

/// Cells beside key and value: the cursor's mark, and what separates them.
const MARGIN: usize = 1;
const BETWEEN: usize = 2;
/// An unfolded value has at most so many lines; copying takes all of it.
const MAX_LINES: usize = 400;
/// A folded value has so many lines, or a third of the pane where that is more.
const FOLDED_LINES: usize = 3;

impl Column {
    /// Takes the entries as they are now. Cursor, scroll and folds stay, unless these are about another thing.
    pub(super) fn renew(&mut self, entries: Vec<Entry>, another: bool) {
        if another {
            *self = Column { entries, ..Column::default() };
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
        let parts: Vec<Vec<Range<usize>>> = self.entries.iter().map(|entry| self.parts(entry, wrap)).collect();
        let height = usize::from(height);
        let everything_fits = parts.iter().map(Vec::len).sum::<usize>() <= height;
        let limit = FOLDED_LINES.max(height / 3);
        self.lines.clear();
        for (index, parts) in parts.into_iter().enumerate() {
            let unfolds = !self.folded.contains(&index)
                && (everything_fits || self.unfolded.contains(&index) || parts.len() <= limit + 1);
            let shown = if unfolds { parts.len() } else { limit.min(parts.len()) };
            let more = parts.len() - shown;
            let lines = parts.into_iter().take(shown).enumerate();
            self.lines.extend(lines.map(|(line, part)| {
                let more = if line + 1 == shown { more } else { 0 };
                PlacedLine { entry: index, part, first: line == 0, more }
            }));
        }
        if reshaped { self.reveal() } else { self.scroll(0) }
    }

    /// The lines of a value: those that it has itself, each cut in several where they wrap.
    fn parts(&self, entry: &Entry, wrap: bool) -> Vec<Range<usize>> {
        let mut parts = match wrap {
            true => present::wrap(&entry.value, self.value_width),
            false => present::wrap(&entry.value, usize::MAX),
        };
        parts.truncate(MAX_LINES);
        parts
    }

    /// Whether a part of the value under the cursor is folded away.
    pub(super) fn is_folded(&self) -> bool {
        self.lines[self.lines_of(self.cursor)].iter().any(|line| line.more > 0)
    }

    /// Unfolds the value under the cursor, or folds it. Whether that changed anything.
    pub(super) fn unfold(&mut self, unfold: bool) -> bool {
        let lines = self.lines_of(self.cursor);
        let can_change = if unfold { self.is_folded() } else { !self.is_folded() && lines.len() > FOLDED_LINES };
        if can_change {
            let (to, from) = match unfold {
                true => (&mut self.unfolded, &mut self.folded),
                false => (&mut self.folded, &mut self.unfolded),
            };
            from.remove(&self.cursor);
            to.insert(self.cursor);
            self.place_again();
        }
        can_change
    }

    fn place_again(&mut self) {
        if let Some((width, height, wrap)) = self.shape {
            self.lines.clear();
            self.place(width, height, wrap);
            self.reveal();
        }
    }

    pub(super) fn step(&mut self, by: isize) {
        let mut to = self.cursor.saturating_add_signed(by).min(self.entries.len().saturating_sub(1));
        // A heading holds nothing.
        if self.is_heading(to) {
            to = to.saturating_add_signed(by.signum()).min(self.entries.len().saturating_sub(1));
        }
        self.select(to);
    }

    pub(super) fn page(&mut self, halves: isize) {
        let by = (self.height() as isize / 2).max(1) * halves;
        let line = self.lines_of(self.cursor).start.saturating_add_signed(by);
        let line = line.min(self.lines.len().saturating_sub(1));
        self.scroll(by);
        if let Some(placed) = self.lines.get(line) {
            self.cursor = placed.entry;
        }
        self.step(0);
    }

    pub(super) fn edge(&mut self, last: bool) {
        self.select(if last { self.entries.len().saturating_sub(1) } else { 0 });
    }

    /// Scrolls by so many lines; the cursor stays.
    pub(super) fn scroll(&mut self, by: isize) {
        let last = self.lines.len().saturating_sub(self.height());
        self.top = self.top.saturating_add_signed(by).min(last);
    }

    pub(super) fn select_line(&mut self, line: usize) {
        if let Some(placed) = self.lines.get(self.top + line) {
            self.cursor = placed.entry;
            self.step(0);
        }
    }

    /// Moves the cursor to an entry.
    pub(super) fn select(&mut self, entry: usize) {
        self.cursor = entry;
        self.reveal();
    }

    /// Moves the cursor to an entry and scrolls until it stands on top, below its heading.
    pub(super) fn show(&mut self, entry: usize) {
        self.cursor = entry;
        self.top = self.lines_of(entry).start.saturating_sub(usize::from(entry > 0 && self.is_heading(entry - 1)));
        self.scroll(0);
    }

    fn is_heading(&self, entry: usize) -> bool {
        self.entries.get(entry).is_some_and(|entry| entry.kind == EntryKind::Section)
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
        let heads = |kind| matches!(kind, EntryKind::Heading | EntryKind::Section);
        let heading = above.is_some_and(|line| heads(self.entries[line.entry].kind));
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
