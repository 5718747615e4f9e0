//! Adds sources, asks for credentials, and opens the Feed with the rows of one source.

use super::line::Line;
use super::offers::{Completion, MAX_COMPLETIONS};
use super::screens::Screen;
use super::screens::sources::has_typed_credentials;
use super::typing::{Completing, Typing};
use super::{App, Effect, NoticeKind, SourceCommand, Subject, is_open};
use crate::config::Secret;
use crate::filter::{and_term, exclude_term};
use crate::model::{Connection, SourceId, Value, visible};

impl App {
    /// Connects to the typed URL, path or address. Replaces `instead_of`, if given.
    pub(super) fn connect(&mut self, text: &str, instead_of: Option<SourceId>) {
        let typed = Secret::from(text.trim().to_owned());
        self.outcome.effects.push(Effect::Source(SourceCommand::Connect { typed, instead_of }));
    }

    /// Shows why a connection failed to start, and puts the typed text back into the line. If the user already types another
    /// line, that line stays and the reason becomes a notice.
    pub(super) fn not_connected(&mut self, typed: &Secret, instead_of: Option<SourceId>, problem: String) {
        if self.typing.is_some() {
            return self.notify(NoticeKind::Error, Subject::Event, &problem);
        }
        self.screen = Screen::Sources;
        let line = Line::new(typed.expose());
        self.typing = Some(Typing::Add { line, error: Some(problem), instead_of, completing: Completing::default() });
    }

    /// Shows only the rows of this source in the Feed, or hides them with `exclude`.
    pub(super) fn show_source(&mut self, label: &str, exclude: bool) {
        let label = Value::Text(label);
        let expression = match exclude {
            false => and_term("", "source", label),
            true => exclude_term(&self.screens.feed.parts.filter.text, "source", label),
        };
        self.screen = Screen::Feed;
        self.filter_feed(&expression);
    }

    /// Sources that contain the typed text: those of this run and those in the configuration.
    pub(super) fn places(&self, typed: &str) -> Vec<Completion> {
        let mut places: Vec<Completion> = Vec::new();
        let session = self.connections.iter().rev().map(|connection| (&connection.source, visible(&connection.label)));
        let configured = self.settings.known_sources.iter().map(|url| (url, "configured".to_owned()));
        for (url, about) in session.chain(configured) {
            let known = places.iter().any(|place| place.line == *url);
            if !url.is_empty() && !known && url.contains(typed.trim()) && url != typed {
                places.push(Completion::whole(visible(url), "", about, url.clone()));
            }
        }
        places.truncate(MAX_COMPLETIONS);
        places
    }

    /// Connections whose names start with `begun` and for which `wanted` holds.
    pub(super) fn named_places(
        &self,
        command: &str,
        begun: &str,
        wanted: impl Fn(&Connection) -> bool,
    ) -> Vec<Completion> {
        let begun = begun.to_lowercase();
        let mut names: Vec<Completion> = Vec::new();
        for connection in self.connections.iter().rev().filter(|connection| wanted(connection)) {
            let label = &connection.label;
            if label.to_lowercase().starts_with(&begun) && names.iter().all(|name| name.name != visible(label)) {
                let line = format!("{command} {label}");
                names.push(Completion::whole(visible(label), "", visible(&connection.url), line));
            }
        }
        names.truncate(MAX_COMPLETIONS);
        names
    }

    /// Notifies the user when a source starts to want credentials. Returns whether it did.
    pub(super) fn wants_credentials(&mut self, before: &[Connection]) -> bool {
        let wanted = |connection: &&Connection| {
            let known = before.iter().find(|known| known.id == connection.id);
            // A second refusal is news too, even without a visible change of state in between.
            let as_before = |known: &Connection| known.wants_credentials && known.history == connection.history;
            connection.wants_credentials && !known.is_some_and(as_before)
        };
        let Some(wanting) = self.connections.iter().find(wanted) else { return false };
        let wants = if has_typed_credentials(wanting) { "refused the credentials" } else { "wants credentials" };
        let (about, text) = (Subject::Credentials(wanting.id), format!("{} {wants}", wanting.label));
        self.notify(NoticeKind::Credentials, about, &text);
        true
    }

    /// Whether any open source accepts every certificate. The tab line shows it.
    pub fn is_insecure(&self) -> bool {
        self.connections.iter().any(|connection| connection.insecure && is_open(connection))
    }
}
