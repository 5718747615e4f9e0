//! Goes to the next source that contains a text or has an error.

use super::{Scene, Sources};
use crate::model::{Connection, ConnectionState, visible};

impl Sources {
    /// Selects the next or previous connection with an error. Returns whether there is one.
    pub(super) fn seek_error(&mut self, forward: bool, scene: &Scene<'_>) -> bool {
        self.seek(forward, scene, |connection| {
            connection.state == ConnectionState::Error
                || connection.error.is_some() && connection.state != ConnectionState::Disconnected
        })
    }

    /// Selects the next or previous connection that matches the search. Returns whether there is one.
    pub(super) fn seek_match(&mut self, forward: bool, scene: &Scene<'_>) -> bool {
        let search = self.parts.search.clone();
        // As in the Feed: a search text with a capital letter is case-sensitive.
        let exact = search.chars().any(char::is_uppercase);
        let holds = |text: &str| {
            let text = visible(text);
            if exact { text.contains(&search) } else { text.to_lowercase().contains(&search) }
        };
        self.seek(forward, scene, |connection| {
            let group = connection.group.as_deref().unwrap_or_default();
            let error = connection.error.as_deref().unwrap_or_default();
            [&connection.label, &connection.url, group, error, connection.kind.word(), connection.recognised()]
                .into_iter()
                .any(holds)
        })
    }

    fn seek(&mut self, forward: bool, scene: &Scene<'_>, wanted: impl Fn(&Connection) -> bool) -> bool {
        let connection = |id| scene.connections.iter().find(|connection| connection.id == id);
        self.table.seek(forward, |id| connection(*id).is_some_and(&wanted))
    }
}
