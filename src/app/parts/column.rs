//! A column of entries, laid out in lines, with a cursor. A long column lays out only the entries around the screen.

use super::Rows;
use crate::present;
use crate::present::item::{Entry, EntryKind};
use std::collections::BTreeSet;
use std::ops::Range;

/// Entries, one below the other.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// All entries.
    rows: Rows,
    /// The entries around the screen, and the index of the first of them.
    near: Vec<Entry>,
    first: usize,
    /// The lines of those entries.
    pub lines: Vec<PlacedLine>,
    /// Cells of the keys.
    pub key_width: usize,
    /// Cells of the values.
    pub value_width: usize,
    /// The entry under the cursor.
    pub cursor: usize,
    /// The first of the lines on the screen.
    pub top: usize,
    /// Cells of the widest key seen so far.
    widest: usize,
    /// The entries that the user unfolded, and those that the user folded.
    unfolded: BTreeSet<usize>,
    folded: BTreeSet<usize>,
    shape: Option<(u16, u16, bool)>,
}

/// One line: a part of an entry's value. The first line of an entry has its key.
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

/// Cells beside key and value: for the cursor's mark, and between the two.
const MARGIN: usize = 1;
const BETWEEN: usize = 2;
/// The most lines of an unfolded value; copying takes all of it.
const MAX_LINES: usize = 400;
/// When the cursor or the screen comes this close to the edge of the laid-out entries, or within two screens of it, other
/// entries are laid out: four times as many.
const MARGIN_ENTRIES: usize = 150;
/// The lines of a folded value; a third of the pane, if that is more.
const FOLDED_LINES: usize = 3;

impl Column {
    /// Replaces the entries. Cursor, scroll and folds stay, unless the entries describe another thing.
    pub(super) fn renew(&mut self, rows: Rows, another: bool) {
        if another {
            *self = Column { rows, ..Column::default() };
            self.read_near(0);
        } else if rows != self.rows {
            self.cursor = self.cursor.min(rows.len().saturating_sub(1));
            self.rows = rows;
            self.read_near(self.cursor);
        }
    }

    /// Reads the entries around one of them.
    fn read_near(&mut self, entry: usize) {
        let near = 4 * self.margin();
        let last = self.rows.len().saturating_sub(near);
        self.first = entry.saturating_sub(near / 2).min(last);
        self.near = self.rows.entries(self.first..self.first + near);
        self.lines.clear();
    }

    fn margin(&self) -> usize {
        MARGIN_ENTRIES.max(2 * self.height())
    }

    /// Whether an entry is too close to the edge of the laid-out entries, and there are more.
    fn is_at_edge(&self, entry: usize) -> bool {
        let end = self.first + self.near.len();
        let margin = self.margin();
        (self.first > 0 && entry < self.first + margin) || (end < self.rows.len() && entry + margin >= end)
    }

    /// Lays out the entries around this one. The top line stays, if it is among them.
    fn come_near(&mut self, entry: usize) {
        if !self.is_at_edge(entry) {
            return;
        }
        let top = self.lines.get(self.top).cloned();
        self.read_near(entry);
        if let Some((width, height, wrap)) = self.shape {
            self.lay_out(width, height, wrap);
        }
        let same =
            |top: PlacedLine| self.lines.iter().position(|line| (line.entry, &line.part) == (top.entry, &top.part));
        self.top = top.and_then(same).unwrap_or_else(|| self.lines_of(entry).start);
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Entries by their indexes; they may be far from the screen.
    pub(super) fn entries(&self, range: Range<usize>) -> Vec<Entry> {
        self.rows.entries(range)
    }

    /// An entry near the screen.
    pub fn entry(&self, index: usize) -> Option<&Entry> {
        self.near.get(index.checked_sub(self.first)?)
    }

    /// The entry under the cursor.
    pub fn selected(&self) -> Option<Entry> {
        match self.entry(self.cursor) {
            Some(entry) => Some(entry.clone()),
            None => self.entries(self.cursor..self.cursor + 1).pop(),
        }
    }

    /// Lays the entries out for a pane of this size. The cursor stays on its entry.
    pub(super) fn place(&mut self, width: u16, height: u16, wrap: bool) {
        let shape = Some((width, height, wrap));
        if self.shape == shape && !self.lines.is_empty() {
            return;
        }
        let reshaped = self.shape != shape;
        self.shape = shape;
        self.lay_out(width, height, wrap);
        if reshaped { self.reveal() } else { self.scroll(0) }
    }

    fn lay_out(&mut self, width: u16, height: u16, wrap: bool) {
        let inner = usize::from(width).saturating_sub(MARGIN);
        let widest = self.near.iter().map(|entry| present::width(&entry.key)).max().unwrap_or_default();
        // Keys further down may be wider: values only ever move to the right.
        self.widest = self.widest.max(widest);
        self.key_width = self.widest.min(inner * 2 / 5);
        let between = if self.key_width == 0 { 0 } else { BETWEEN };
        self.value_width = inner.saturating_sub(self.key_width + between + 1).max(1);
        let parts: Vec<Vec<Range<usize>>> = self.near.iter().map(|entry| self.parts(entry, wrap)).collect();
        let height = usize::from(height);
        let everything_fits = self.near.len() == self.rows.len() && parts.iter().map(Vec::len).sum::<usize>() <= height;
        let limit = FOLDED_LINES.max(height / 3);
        self.lines.clear();
        for (index, parts) in (self.first..).zip(parts) {
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
    }

    /// The lines of a value; wrapping cuts long ones into several.
    fn parts(&self, entry: &Entry, wrap: bool) -> Vec<Range<usize>> {
        let mut parts = match wrap {
            true => present::wrap(&entry.value, self.value_width),
            false => present::wrap(&entry.value, usize::MAX),
        };
        parts.truncate(MAX_LINES);
        parts
    }

    /// Whether a part of the value under the cursor is folded.
    pub(super) fn is_folded(&self) -> bool {
        self.lines[self.lines_of(self.cursor)].iter().any(|line| line.more > 0)
    }

    /// Unfolds or folds the value under the cursor. Returns whether anything changed.
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

    /// Moves the cursor by `by` entries. In a value higher than the pane it scrolls line by line to the end first.
    pub(super) fn step(&mut self, by: isize) {
        if by != 0 && self.goes_on(by) {
            return self.scroll(by.signum());
        }
        let mut to = self.cursor.saturating_add_signed(by).min(self.len().saturating_sub(1));
        // The cursor skips headings.
        if self.is_heading(to) {
            to = to.saturating_add_signed(by.signum()).min(self.len().saturating_sub(1));
        }
        self.select(to);
    }

    /// Whether the value under the cursor continues beyond the pane in this direction.
    fn goes_on(&self, by: isize) -> bool {
        let (lines, screen) = (self.lines_of(self.cursor), self.top..self.top + self.height());
        let is_seen = lines.start < screen.end && lines.end > screen.start;
        let goes_on = if by > 0 { lines.end > screen.end } else { lines.start < screen.start };
        is_seen && goes_on && lines.len() > self.height()
    }

    pub(super) fn page(&mut self, halves: isize) {
        let by = (self.height() as isize / 2).max(1) * halves;
        if self.goes_on(by) {
            return self.scroll(by);
        }
        self.come_near(self.cursor);
        let line = self.lines_of(self.cursor).start.saturating_add_signed(by);
        let line = line.min(self.lines.len().saturating_sub(1));
        self.scroll(by);
        if let Some(placed) = self.lines.get(line) {
            self.cursor = placed.entry;
        }
        self.step(0);
    }

    pub(super) fn edge(&mut self, last: bool) {
        self.select(if last { self.len().saturating_sub(1) } else { 0 });
    }

    /// Scrolls by `by` lines; the cursor stays.
    pub(super) fn scroll(&mut self, by: isize) {
        let last = self.lines.len().saturating_sub(self.height());
        self.top = self.top.saturating_add_signed(by).min(last);
        if by != 0
            && let Some(line) = self.lines.get(self.top)
        {
            self.come_near(line.entry);
        }
    }

    pub(super) fn select_line(&mut self, line: usize) {
        if let Some(placed) = self.lines.get(self.top + line) {
            self.cursor = placed.entry;
            self.step(0);
        }
    }

    /// Scrolls to the line with the searched text in the value under the cursor, and unfolds the value if needed.
    pub(super) fn show_found(&mut self, found: impl Fn(&str) -> bool) {
        let value = self.selected().map(|entry| entry.value).unwrap_or_default();
        if !found(&value) {
            return;
        }
        let holds = |line: &PlacedLine| value.get(line.part.clone()).is_some_and(&found);
        let place = |column: &Column| column.lines_of(column.cursor).find(|at| holds(&column.lines[*at]));
        if place(self).is_none() {
            self.unfold(true);
        }
        let height = self.height();
        if let Some(line) = place(self).filter(|line| !(self.top..self.top + height).contains(line)) {
            self.top = line.saturating_sub(height / 2);
            self.scroll(0);
        }
    }

    /// Moves the cursor to an entry.
    pub(super) fn select(&mut self, entry: usize) {
        self.cursor = entry;
        self.reveal();
    }

    /// Moves the cursor to an entry and scrolls it to the top, below its heading.
    pub(super) fn show(&mut self, entry: usize) {
        self.cursor = entry;
        self.come_near(entry);
        self.top = self.lines_of(entry).start.saturating_sub(usize::from(entry > 0 && self.is_heading(entry - 1)));
        self.scroll(0);
    }

    fn is_heading(&self, entry: usize) -> bool {
        self.entry(entry).is_some_and(|entry| entry.kind == EntryKind::Section)
    }

    fn height(&self) -> usize {
        self.shape.map_or(1, |(_, height, _)| usize::from(height).max(1))
    }

    fn lines_of(&self, entry: usize) -> Range<usize> {
        let start = self.lines.partition_point(|line| line.entry < entry);
        start..self.lines.partition_point(|line| line.entry <= entry)
    }

    /// Scrolls the cursor's entry into view: all of it, or its beginning; with a heading just above it.
    fn reveal(&mut self) {
        self.come_near(self.cursor);
        let lines = self.lines_of(self.cursor);
        let above = lines.start.checked_sub(1).and_then(|at| self.lines.get(at));
        let heads = |kind| matches!(kind, EntryKind::Heading | EntryKind::Section);
        let heading = above.is_some_and(|line| self.entry(line.entry).is_some_and(|entry| heads(entry.kind)));
        let start = lines.start - usize::from(heading);
        let height = self.height();
        if lines.end > self.top + height && lines.len() <= height {
            self.top = lines.end.saturating_sub(height);
        }
        // Inside a value higher than the pane, the screen stays.
        let is_inside = lines.len() > height && lines.start < self.top && lines.end > self.top;
        if (start < self.top || lines.len() >= height) && !is_inside {
            self.top = start;
        }
        self.top = self.top.min(self.lines.len().saturating_sub(height.min(self.lines.len())));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Entries;
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    /// Numbered entries; every tenth has two lines.
    #[derive(Debug)]
    struct Numbers {
        count: usize,
        most: AtomicUsize,
    }

    impl Entries for Numbers {
        fn count(&self) -> usize {
            self.count
        }

        fn entries(&self, range: Range<usize>) -> Vec<Entry> {
            self.most.fetch_max(range.len(), Relaxed);
            let value = |at: usize| if at.is_multiple_of(10) { format!("{at}\nmore") } else { at.to_string() };
            range.map(|at| Entry::of(EntryKind::Plain, "key", value(at))).collect()
        }
    }

    fn column(count: usize) -> (Column, Arc<Numbers>) {
        let numbers = Arc::new(Numbers { count, most: AtomicUsize::new(0) });
        let made: Arc<dyn Entries> = Arc::clone(&numbers) as Arc<dyn Entries>;
        let mut column = Column::default();
        column.renew(made.into(), true);
        column.place(40, 20, true);
        (column, numbers)
    }

    fn top(column: &Column) -> (usize, usize) {
        let line = &column.lines[column.top];
        (line.entry, line.part.start)
    }

    #[test]
    fn a_long_column_makes_only_entries_near_the_screen() {
        let (mut column, numbers) = column(10_000_000);
        column.edge(true);
        assert_eq!(column.selected().unwrap().value, "9999999");
        assert_eq!(column.lines.last().unwrap().entry, 9_999_999);
        column.select(5_000_000);
        column.page(2);
        column.edge(false);
        assert_eq!(top(&column), (0, 0));
        assert!(numbers.most.load(Relaxed) <= 600, "{} at once", numbers.most.load(Relaxed));
    }

    #[test]
    fn scrolling_a_long_column_leaves_out_no_line() {
        let (mut column, _) = column(3_000);
        let mut seen = vec![top(&column)];
        loop {
            column.scroll(1);
            if seen.last() == Some(&top(&column)) {
                break;
            }
            seen.push(top(&column));
        }
        let lines = |entry: usize| {
            if entry.is_multiple_of(10) {
                vec![(entry, 0), (entry, entry.to_string().len() + 1)]
            } else {
                vec![(entry, 0)]
            }
        };
        let expected: Vec<(usize, usize)> = (0..3_000).flat_map(lines).collect();
        assert_eq!(seen, expected[..expected.len() - 19]);
        for _ in 0..seen.len() {
            column.scroll(-1);
        }
        assert_eq!(top(&column), (0, 0));
    }

    #[test]
    fn the_cursor_far_from_the_screen_keeps_its_entry() {
        let (mut column, _) = column(100_000);
        column.select(50_000);
        for _ in 0..3_000 {
            column.scroll(1);
        }
        assert_eq!(column.selected().unwrap().value, "50000\nmore");
        column.step(1);
        assert_eq!(column.selected().unwrap().value, "50001");
        assert!(column.lines[column.top..column.top + 20].iter().any(|line| line.entry == 50_001));
    }
}
