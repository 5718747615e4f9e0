//! Another configuration than before: what changed is changed, and nothing else is disturbed.

use super::link::Wanted;
use super::provider::{Provider, Settings, Source};
use super::spec::SourceSpec;
use crate::model::{ConnectionState, SourceId};
use std::time::Duration;

/// What another configuration came to.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Changes {
    /// Connections that go on as they were.
    pub kept: usize,
    /// Connections that were begun.
    pub begun: usize,
    /// Connections that were ended.
    pub ended: usize,
    /// Why some were not begun.
    pub refused: Vec<String>,
}

/// How long what is ended may take to give back its ports before its successor wants them.
const FAREWELL: Duration = Duration::from_secs(3);

impl Provider {
    /// Goes over from the sources that were configured to those that are: ends what is not wanted any more, begins what is
    /// new, makes anew what is gone about otherwise, and tries again what was given up. What the user connected by hand stays.
    /// A receiver is made anew where what goes for receivers has changed.
    pub async fn reconfigure(&self, before: &[Source], after: Vec<Source>, settings: Settings) -> Changes {
        let receivers_change = *self.settings().listen != *settings.listen;
        self.configure(settings);
        let stays = |source: &Source| !(receivers_change && matches!(source.spec, SourceSpec::Listen(_)));
        let mut wanted = after;
        let (mut changes, mut ended) = (Changes::default(), Vec::new());
        for (id, source, state) in self.configured(before) {
            let place = wanted.iter().position(|after| *after == source).filter(|_| stays(&source));
            match place {
                Some(place) => {
                    wanted.remove(place);
                    changes.kept += 1;
                    if state == ConnectionState::Error {
                        self.retry(id);
                    }
                }
                None if state == ConnectionState::Error => {
                    self.disconnect(id);
                }
                None => {
                    changes.ended += usize::from(self.disconnect(id));
                    ended.push(id);
                }
            }
        }
        // The ports of the old may be those of the new.
        let _ = tokio::time::timeout(FAREWELL, self.all_ended(&ended)).await;
        for source in wanted {
            match self.connect(source) {
                Ok(_) => changes.begun += 1,
                Err(refusal) => changes.refused.push(refusal),
            }
        }
        changes
    }

    /// The connections that were begun for these sources and were not ended.
    fn configured(&self, sources: &[Source]) -> Vec<(SourceId, Source, ConnectionState)> {
        let entries = self.board.lock();
        let wanted = entries.iter().filter(|entry| *entry.wanted.borrow() != Wanted::Ended);
        let wanted = wanted.filter(|entry| entry.connection.state != ConnectionState::Disconnected);
        let ours = wanted.filter(|entry| sources.contains(&entry.source));
        ours.map(|entry| (entry.connection.id, entry.source.clone(), entry.connection.state)).collect()
    }

    async fn all_ended(&self, ids: &[SourceId]) {
        let mut changed = self.changed();
        let open = |id: &SourceId| self.board.with(*id, |entry| entry.is_open()) == Some(true);
        while ids.iter().any(open) && changed.changed().await.is_ok() {}
    }
}

impl Changes {
    /// `1 source begun, 2 ended, 3 as they were`, or that nothing changed.
    pub fn words(&self) -> String {
        let Changes { kept, begun, ended, refused } = self;
        if *begun == 0 && *ended == 0 && refused.is_empty() {
            return "every source is as it was".to_owned();
        }
        let mut parts = Vec::new();
        for (count, word) in [(*begun, "begun"), (*ended, "ended"), (*kept, "as before")] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        parts.extend(refused.iter().cloned());
        format!("sources: {}", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ListenSpec, Options};
    use super::*;
    use crate::config;
    use crate::intake::{Intake, Limits};
    use std::sync::Arc;

    fn listener(name: &str) -> Source {
        let spec = ListenSpec { grpc: String::new(), http: "127.0.0.1:0".into() };
        let options = Options::of_all(&config::Provider::default());
        Source { spec: SourceSpec::Listen(spec), name: Some(name.into()), group: None, options }
    }

    fn states(provider: &Provider) -> Vec<(String, &'static str)> {
        provider.list().into_iter().map(|connection| (connection.label, connection.state.word())).collect()
    }

    async fn provider(sources: &[Source]) -> Provider {
        let (intake, reader) = Intake::new(Limits::default());
        std::mem::forget(reader);
        let provider = Provider::new(Settings::default(), intake, tokio::runtime::Handle::current());
        for source in sources {
            provider.connect(source.clone()).unwrap();
        }
        let mut changed = provider.changed();
        while states(&provider).iter().any(|(_, state)| *state != "active") {
            changed.changed().await.unwrap();
        }
        provider
    }

    #[tokio::test]
    async fn what_did_not_change_is_not_disturbed() {
        let before = [listener("a"), listener("b")];
        let provider = provider(&before).await;
        provider.connect(listener("by hand")).unwrap();
        let renamed = Source { group: Some("new".into()), ..listener("b") };
        let after = vec![listener("a"), renamed.clone(), listener("c")];
        let changes = provider.reconfigure(&before, after.clone(), Settings::default()).await;
        assert_eq!((changes.kept, changes.begun, changes.ended), (1, 2, 1));
        let open: Vec<String> = states(&provider)
            .into_iter()
            .filter(|(_, state)| *state != "disconnected")
            .map(|(label, _)| label)
            .collect();
        assert_eq!(open, ["a", "by hand", "b", "c"]);
        let again = provider.reconfigure(&after, after.clone(), Settings::default()).await;
        assert_eq!(again.words(), "every source is as it was");
    }

    #[tokio::test]
    async fn receivers_are_made_anew_where_what_goes_for_them_has_changed() {
        let before = [listener("a")];
        let provider = provider(&before).await;
        let listen = config::Listen { hosts: vec!["x".into()], ..config::Listen::default() };
        let settings = Settings { listen: Arc::new(listen), ..Settings::default() };
        let changes = provider.reconfigure(&before, before.to_vec(), settings).await;
        assert_eq!(changes.words(), "sources: 1 begun, 1 ended");
    }

    #[tokio::test]
    async fn what_finds_no_room_is_said() {
        let provider = provider(&[]).await;
        let settings = config::Provider { max_connections: 1, ..config::Provider::default() };
        let settings = Settings { provider: settings, ..Settings::default() };
        let changes = provider.reconfigure(&[], vec![listener("a"), listener("b")], settings).await;
        assert_eq!(changes.begun, 1);
        assert!(changes.words().contains("max_connections"), "{changes:?}");
    }
}
