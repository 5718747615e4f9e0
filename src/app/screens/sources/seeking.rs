//! Going to the next source that holds a text, or that is in trouble.

use super::{Scene, Sources};
use crate::model::{Connection, ConnectionState, visible};

impl Sources {
    /// Goes to the next connection that something is wrong with, or the one before. Whether there is one.
    pub(super) fn seek_error(&mut self, forward: bool, scene: &Scene<'_>) -> bool {
        self.seek(forward, scene, |connection| {
            connection.state == ConnectionState::Error
                || connection.error.is_some() && connection.state != ConnectionState::Disconnected
        })
    }

    /// Goes to the next connection that holds what is searched for, or the one before. Whether there is one.
    pub(super) fn seek_match(&mut self, forward: bool, scene: &Scene<'_>) -> bool {
        let search = self.parts.search.clone();
        // As in the Feed: a text with a capital is found as it is written.
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
