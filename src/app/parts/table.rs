//! A list whose rows are all at hand.

use super::{List, Scene};

/// Rows by their keys. The selection stays with its key while rows come, go and change places.
#[derive(Clone, Debug)]
pub struct Table<K> {
    /// The keys of the rows, in their order.
    pub rows: Vec<K>,
    /// The key of the selected row.
    pub selected: Option<K>,
    /// The first row on the screen.
    pub top: usize,
    /// Where the selected row stood last.
    place: usize,
    /// The wheel has moved the screen away from the selected row.
    strayed: bool,
}

impl<K> Default for Table<K> {
    fn default() -> Table<K> {
        Table { rows: Vec::new(), selected: None, top: 0, place: 0, strayed: false }
    }
}

impl<K: Clone + PartialEq> Table<K> {
    /// Takes the rows as they are now. If the selected one is gone, the row that stands in its place is selected, or the last.
    pub(in crate::app) fn settle(&mut self, rows: Vec<K>, scene: &Scene<'_>) {
        self.rows = rows;
        if self.at().is_none() {
            self.selected = self.rows.get(self.place.min(self.rows.len().saturating_sub(1))).cloned();
        }
        let lines = lines(scene);
        self.place = self.at().unwrap_or_default();
        if self.selected.is_some() && !self.strayed {
            self.top = self.top.min(self.place).max((self.place + 1).saturating_sub(lines));
        }
        self.top = self.top.min(self.rows.len().saturating_sub(lines));
    }

    /// The place of the selected row.
    pub fn at(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        self.rows.iter().position(|row| row == selected)
    }

    /// Selects a row.
    pub(in crate::app) fn select(&mut self, key: K) {
        self.selected = Some(key);
        self.strayed = false;
    }

    /// Brings the selected row back on the screen.
    pub(in crate::app) fn reveal(&mut self) {
        self.strayed = false;
    }

    /// Selects the next row that is wanted, or the one before, and goes on from the other end. Whether there is one.
    pub(in crate::app) fn seek(&mut self, forward: bool, wanted: impl Fn(&K) -> bool) -> bool {
        let (at, count) = (self.at().unwrap_or_default(), self.rows.len());
        let mut places = (1..=count).map(|step| if forward { at + step } else { at + count - step } % count);
        let found = places.find(|place| wanted(&self.rows[*place])).map(|place| self.rows[place].clone());
        found.map(|key| self.select(key)).is_some()
    }

    fn go_to(&mut self, place: usize) {
        if let Some(key) = self.rows.get(place.min(self.rows.len().saturating_sub(1))).cloned() {
            self.select(key);
        }
    }
}

impl<K: Clone + PartialEq> List for Table<K> {
    fn step(&mut self, by: isize, _: &Scene<'_>) {
        self.go_to(self.at().unwrap_or_default().saturating_add_signed(by));
    }

    fn edge(&mut self, last: bool, _: &Scene<'_>) {
        self.go_to(if last { usize::MAX } else { 0 });
    }

    fn select_line(&mut self, line: usize, _: &Scene<'_>) -> Option<bool> {
        let key = self.rows.get(self.top + line).cloned()?;
        let again = self.selected.as_ref() == Some(&key);
        self.select(key);
        Some(again)
    }

    fn scroll(&mut self, by: isize, scene: &Scene<'_>) {
        let last = self.rows.len().saturating_sub(lines(scene));
        self.top = self.top.saturating_add_signed(by).min(last);
        self.strayed = true;
    }

    fn select_any(&mut self, _: &Scene<'_>) -> bool {
        self.selected.is_some()
    }
}

fn lines(scene: &Scene<'_>) -> usize {
    usize::from(scene.layout.list.height).max(1)
}
