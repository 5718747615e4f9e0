//! What is typed about sources: where to connect to, credentials; and from a source to its rows.

use super::completion::{Completion, MAX_COMPLETIONS};
use super::line::Line;
use super::screens::Screen;
use super::screens::sources::has_typed_credentials;
use super::typing::{Completing, Typing};
use super::{App, Effect, NoticeKind, SourceCommand, Subject, is_open};
use crate::config::Secret;
use crate::filter::{and_term, exclude_term};
use crate::model::{Connection, SourceId, Value, visible};

impl App {
    /// Connects to what was typed.
    pub(super) fn connect(&mut self, text: &str, instead_of: Option<SourceId>) {
        let typed = Secret::from(text.trim().to_owned());
        self.outcome.effects.push(Effect::Source(SourceCommand::Connect { typed, instead_of }));
    }

    /// What was typed was not connected to: it is put back, with the reason. Whoever types something else goes on with that.
    pub(super) fn not_connected(&mut self, typed: &Secret, instead_of: Option<SourceId>, problem: String) {
        if self.typing.is_some() {
            return self.notify(NoticeKind::Error, Subject::Event, &problem);
        }
        self.screen = Screen::Sources;
        let line = Line::new(typed.expose());
        self.typing = Some(Typing::Add { line, error: Some(problem), instead_of, completing: Completing::default() });
    }

    /// Shows the rows of a source in the Feed; or the rows that stand there, without those.
    pub(super) fn show_source(&mut self, label: &str, exclude: bool) {
        let label = Value::Text(label);
        let expression = match exclude {
            false => and_term("", "source", label),
            true => exclude_term(&self.screens.feed.parts.filter.text, "source", label),
        };
        self.screen = Screen::Feed;
        self.filter_feed(&expression);
    }

    /// Where the line may lead: what was connected to in this run and what is configured, that holds what is typed.
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

    /// The connections that a command may be about, by the beginning of their names.
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

    /// Tells what a source wants, where it begins to want credentials.
    pub(super) fn wants_credentials(&mut self, before: &[Connection]) -> bool {
        let wanted = |connection: &&Connection| {
            let known = before.iter().find(|known| known.id == connection.id);
            // Refused again is wanting anew, however fast it went.
            let as_before = |known: &Connection| known.wants_credentials && known.history == connection.history;
            connection.wants_credentials && !known.is_some_and(as_before)
        };
        let Some(wanting) = self.connections.iter().find(wanted) else { return false };
        let wants = if has_typed_credentials(wanting) { "refused what was typed" } else { "wants credentials" };
        let (about, text) = (Subject::Credentials(wanting.id), format!("{} {wants}", wanting.label));
        self.notify(NoticeKind::Credentials, about, &text);
        true
    }

    /// What is open that takes any certificate: said for as long as it is.
    pub fn is_insecure(&self) -> bool {
        self.connections.iter().any(|connection| connection.insecure && is_open(connection))
    }
}
