//! Moving the selection and the screen.

use super::{Scene, Sources};
use crate::app::layout::Pane;
use crate::model::{Connection, ConnectionState, SourceId, visible};

impl Sources {
    /// Moves the selection by so many rows.
    pub(super) fn step(&mut self, by: isize, scene: &Scene<'_>) {
        let rows = self.rows(scene.connections);
        let at = rows.iter().position(|row| Some(scene.connections[*row].id) == self.selected).unwrap_or_default();
        self.select_row(at.saturating_add_signed(by), scene);
    }

    /// Selects a row by its place in the order; the last one where there are not so many.
    pub(super) fn select_row(&mut self, at: usize, scene: &Scene<'_>) {
        let rows = self.rows(scene.connections);
        if let Some(row) = rows.get(at.min(rows.len().saturating_sub(1))) {
            self.select(scene.connections[*row].id);
        }
    }

    pub(super) fn select(&mut self, id: SourceId) {
        self.selected = Some(id);
        self.strayed = false;
    }

    /// Selects what stands at a line of the list; whether it was selected before. None where nothing stands there.
    pub(super) fn select_line(&mut self, line: usize, scene: &Scene<'_>) -> Option<bool> {
        let rows = self.rows(scene.connections);
        let id = rows.get(self.top + line).map(|row| scene.connections[*row].id)?;
        let again = self.selected == Some(id);
        self.focus = Pane::List;
        self.select(id);
        Some(again)
    }

    /// Moves the screen by so many rows; the selection stays.
    pub(super) fn scroll(&mut self, by: isize, scene: &Scene<'_>) {
        let lines = usize::from(scene.layout.list.height).max(1);
        let last = scene.connections.len().saturating_sub(lines);
        self.top = self.top.saturating_add_signed(by).min(last);
        self.strayed = true;
    }

    /// Keeps the selected row on the screen, unless the wheel has left it.
    pub(super) fn keep_in_sight(&mut self, count: usize, selected: Option<usize>, scene: &Scene<'_>) {
        let lines = usize::from(scene.layout.list.height).max(1);
        if let Some(at) = selected.filter(|_| !self.strayed) {
            self.top = self.top.min(at).max((at + 1).saturating_sub(lines));
        }
        self.top = self.top.min(count.saturating_sub(lines));
    }

    /// Goes to the next row, or the one before, that is wanted; round the end. Whether there is one.
    fn seek(&mut self, forward: bool, scene: &Scene<'_>, wanted: impl Fn(&Connection) -> bool) -> bool {
        let rows = self.rows(scene.connections);
        let at = rows.iter().position(|row| Some(scene.connections[*row].id) == self.selected).unwrap_or_default();
        let count = rows.len();
        let mut places = (1..=count).map(|step| if forward { at + step } else { at + count - step } % count);
        let found = places.find(|place| wanted(&scene.connections[rows[*place]]));
        if let Some(place) = found {
            self.select(scene.connections[rows[place]].id);
        }
        found.is_some()
    }

    /// Goes to the next connection that something is wrong with, or the one before. Whether there is one.
    pub(super) fn next_error(&mut self, forward: bool, scene: &Scene<'_>) -> bool {
        let is_wrong = |connection: &Connection| {
            connection.state == ConnectionState::Error
                || connection.error.is_some() && connection.state != ConnectionState::Disconnected
        };
        self.seek(forward, scene, is_wrong)
    }

    /// Goes to the next connection that holds what is searched for, or the one before. Whether there is one.
    pub(in crate::app) fn next_match(&mut self, forward: bool, scene: &Scene<'_>) -> bool {
        let search = self.search.clone();
        // As in the Feed: a text with a capital is found as it is written.
        let exact = search.chars().any(char::is_uppercase);
        let holds = |text: &str| {
            let text = visible(text);
            if exact { text.contains(&search) } else { text.to_lowercase().contains(&search) }
        };
        let of = |connection: &Connection| {
            let group = connection.group.as_deref().unwrap_or_default();
            let error = connection.error.as_deref().unwrap_or_default();
            [&connection.label, &connection.url, group, error, connection.kind.word(), connection.recognised()]
                .into_iter()
                .any(holds)
        };
        !search.is_empty() && self.seek(forward, scene, of)
    }
}
