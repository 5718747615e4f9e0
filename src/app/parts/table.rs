//! A list that holds all its rows.

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
    /// The last index of the selected row.
    place: usize,
    /// Whether the wheel moved the screen away from the selected row.
    strayed: bool,
}

impl<K> Default for Table<K> {
    fn default() -> Table<K> {
        Table { rows: Vec::new(), selected: None, top: 0, place: 0, strayed: false }
    }
}

impl<K: Clone + PartialEq> Table<K> {
    /// Replaces the rows. If the selected row is gone, the row in its place is selected, or the last one.
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

    /// The index of the selected row.
    pub fn at(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        self.rows.iter().position(|row| row == selected)
    }

    /// Selects a row.
    pub(in crate::app) fn select(&mut self, key: K) {
        self.selected = Some(key);
        self.strayed = false;
    }

    /// Scrolls back to the selected row.
    pub(in crate::app) fn reveal(&mut self) {
        self.strayed = false;
    }

    /// Selects the next or the previous wanted row, wrapping at the ends. Returns whether there is one.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::layout::{Area, Layout};
    use crate::app::query::SourceNames;
    use crate::app::traffic::Traffic;
    use crate::model::Time;
    use crate::store::View;
    use jiff::tz::TimeZone;

    /// Works with a scene whose list has three lines.
    fn with_scene<T>(work: impl FnOnce(&Scene<'_>) -> T) -> T {
        let (live, names, traffic) = (View::default(), SourceNames::default(), Traffic::default());
        let list = Area { width: 80, height: 3, ..Area::default() };
        let scene = Scene {
            live: &live,
            view: &live,
            frozen: false,
            layout: Layout { list, ..Layout::default() },
            screen_rows: 10,
            connections: &[],
            names: &names,
            traffic: &traffic,
            ending: None,
            zone: &TimeZone::UTC,
            now: Time(1),
        };
        work(&scene)
    }

    #[test]
    fn the_selection_stays_with_its_row() {
        with_scene(|scene| {
            let mut table = Table::default();
            table.settle(vec!["a", "b", "c", "d", "e"], scene);
            table.edge(true, scene);
            table.settle(vec!["e", "a", "b", "c", "d"], scene);
            assert_eq!((table.selected, table.top), (Some("e"), 0), "it moved");
            table.step(2, scene);
            table.settle(vec!["e", "a", "b", "c", "d"], scene);
            table.settle(vec!["e", "a", "c", "d"], scene);
            assert_eq!(table.selected, Some("c"), "what stands in its place now");
            table.settle(vec![], scene);
            assert_eq!((table.selected, table.select_any(scene)), (None, false));
        });
    }

    #[test]
    fn the_wheel_leaves_the_selection_and_keys_come_back() {
        with_scene(|scene| {
            let mut table = Table::default();
            let rows: Vec<u8> = (0..9).collect();
            table.settle(rows.clone(), scene);
            table.scroll(100, scene);
            table.settle(rows.clone(), scene);
            assert_eq!((table.selected, table.top), (Some(0), 6));
            assert_eq!(table.select_line(1, scene), Some(false));
            assert_eq!((table.selected, table.select_line(1, scene)), (Some(7), Some(true)));
            assert_eq!(table.select_line(3, scene), None);
            table.step(-7, scene);
            table.settle(rows, scene);
            assert_eq!((table.selected, table.top), (Some(0), 0));
        });
    }

    #[test]
    fn seeking_goes_round_the_end() {
        with_scene(|scene| {
            let mut table = Table::default();
            table.settle(vec![1, 2, 3, 4], scene);
            assert!(table.seek(true, |row| row % 2 == 0) && table.selected == Some(2));
            assert!(table.seek(false, |row| row % 2 == 0) && table.selected == Some(4));
            assert!(!table.seek(true, |row| *row > 4));
        });
    }
}
