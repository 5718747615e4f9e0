//! Applies a new configuration: changes what differs and leaves everything else undisturbed.

use super::describe;
use super::entries::Entry;
use super::provider::Provider;
use super::settings::Settings;
use super::spec::Source;
use super::wanted::Wanted;
use crate::model::{ConnectionState, SourceId};

/// The result of a new configuration.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Changes {
    /// Connections left as they were.
    pub kept: usize,
    /// Connections with new settings, in the same row.
    pub changed: usize,
    /// New connections.
    pub started: usize,
    /// Ended connections.
    pub ended: usize,
    /// Why some connections were not started.
    pub refused: Vec<String>,
}

/// The state of a connection. If one source has several, those that come first here are matched first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Standing {
    Open,
    GivenUp,
    /// By itself, or because the user ended it.
    Ended,
}

impl Provider {
    /// Replaces the configured sources `before` with `after`. Ends connections that are no longer wanted, starts new ones,
    /// and retries failed ones. A connection whose settings changed restarts in its own row: its number, counts and history
    /// stay. Receivers also restart if the settings of all receivers changed. Connections that the user added stay. An ended
    /// connection stays ended until its own settings change.
    ///
    /// Call it for one configuration at a time.
    pub async fn reconfigure(&self, before: &[Source], after: Vec<Source>, settings: Settings) -> Changes {
        let receivers_change = *self.settings().listen != *settings.listen;
        self.configure(settings);
        let stays = |source: &Source| !(receivers_change && source.spec.kind().is_received());
        let mut wanted = after;
        let mut changes = Changes::default();
        // Match unchanged sources first: two sources may differ only in their settings.
        let mut others = Vec::new();
        for (standing, id, source) in self.configured(before) {
            let place = wanted.iter().position(|after| *after == source);
            let Some(place) = place.filter(|_| standing == Standing::Ended || stays(&source)) else {
                others.push((standing, id, source));
                continue;
            };
            wanted.remove(place);
            changes.kept += 1;
            if standing == Standing::GivenUp {
                self.retry(id);
            }
        }
        // A forgotten connection had ended, and stays ended.
        let both: Vec<Source> = wanted.iter().filter(|source| before.contains(source)).cloned().collect();
        for source in self.board.lock().take_forgotten(&both) {
            if let Some(place) = wanted.iter().position(|wanted| *wanted == source) {
                wanted.remove(place);
                changes.kept += 1;
            }
        }
        let (mut ended, mut changed) = (Vec::new(), Vec::new());
        for (standing, id, source) in others {
            let place = wanted.iter().position(|after| is_same_row(after, &source));
            let after = place.map(|place| wanted.remove(place));
            let was_held = self.board.with(id, |entry| {
                entry.configured = None;
                entry.changes_settings = after.is_some();
                entry.paused
            });
            let was_open = self.disconnect(id) && standing == Standing::Open;
            match after {
                Some(after) => changed.push((id, standing, was_held == Some(true), after)),
                None => changes.ended += usize::from(was_open),
            }
            ended.push(id);
        }
        // New connections may need the ports of the old ones.
        self.board.all_ended(&ended).await;
        for (id, standing, was_held, after) in changed {
            match self.restart_changed(id, after) {
                Ok(_) if standing == Standing::Ended => changes.started += 1,
                Ok(id) => {
                    changes.changed += 1;
                    if was_held {
                        self.pause(id);
                    }
                }
                Err(refusal) => changes.refused.push(refusal),
            }
        }
        for connected in self.connect_all(wanted) {
            match connected {
                Ok(_) => changes.started += 1,
                Err(refusal) => changes.refused.push(refusal),
            }
        }
        changes
    }

    /// Restarts an ended connection with other settings in its own row. If its task has not ended in time, the row stays
    /// ended and a new row starts.
    fn restart_changed(&self, id: SourceId, after: Source) -> Result<SourceId, String> {
        let mut entries = self.board.lock();
        let has_ended = |entry: &&mut Entry| entry.connection.state == ConnectionState::Disconnected;
        let full = self.full(&entries, None);
        let Some(entry) = entries.get_mut(id).filter(has_ended) else {
            drop(entries);
            return self.connect(after);
        };
        if let Some(limit) = full {
            return Err(format!("cannot connect {}: {limit}", after.spec.url()));
        }
        describe::settings(&mut entry.connection, &after);
        (entry.configured, entry.source) = (Some(after.clone()), after);
        entry.auth = None;
        self.restart(entries, id, None);
        Ok(id)
    }

    /// Finds a connection for each of these sources, open ones first: if the user also connected the same source by hand, the
    /// open connection counts.
    fn configured(&self, sources: &[Source]) -> Vec<(Standing, SourceId, Source)> {
        let entries = self.board.lock();
        let mut standing: Vec<(Standing, &Entry)> = entries.iter().map(|entry| (Standing::of(entry), entry)).collect();
        standing.sort_by_key(|(standing, _)| *standing);
        let mut left: Vec<&Source> = sources.iter().collect();
        let ours = standing.into_iter().filter_map(|(standing, entry)| {
            let place = left.iter().position(|source| entry.configured.as_ref() == Some(*source))?;
            Some((standing, entry.connection.id, left.swap_remove(place).clone()))
        });
        ours.collect()
    }
}

/// Whether `after` is `before` with other settings: same source and same name.
fn is_same_row(after: &Source, before: &Source) -> bool {
    after.spec == before.spec && after.name == before.name
}

impl Standing {
    fn of(entry: &Entry) -> Standing {
        match entry.connection.state {
            _ if *entry.wanted.borrow() == Wanted::Ended => Standing::Ended,
            ConnectionState::Disconnected => Standing::Ended,
            ConnectionState::Error => Standing::GivenUp,
            _ => Standing::Open,
        }
    }
}

impl Changes {
    /// `sources: 1 changed, 1 started, 2 ended, 3 unchanged`, or that nothing changed.
    pub fn words(&self) -> String {
        let Changes { kept, changed, started, ended, refused } = self;
        if *changed == 0 && *started == 0 && *ended == 0 && refused.is_empty() {
            return "no source has changed".to_owned();
        }
        let mut parts = Vec::new();
        for (count, word) in [(*changed, "changed"), (*started, "started"), (*ended, "ended"), (*kept, "unchanged")] {
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
    use super::super::link::Journal;
    use super::super::{Auth, Options, SourceSpec};
    use super::*;
    use crate::config;
    use crate::intake::{Intake, Limits};
    use crate::model::Connection;
    use std::sync::Arc;
    use std::time::Duration;

    fn listener(name: &str) -> Source {
        let options = Options::of_all(&config::Provider::default());
        Source { spec: SourceSpec::listen("", "127.0.0.1:0"), name: Some(name.into()), group: None, options }
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
    async fn unchanged_sources_are_not_disturbed() {
        let before = [listener("a"), listener("b")];
        let provider = provider(&before).await;
        provider.connect(listener("by hand")).unwrap();
        let renamed = Source { group: Some("new".into()), ..listener("b") };
        let after = vec![listener("a"), renamed.clone(), listener("c")];
        let changes = provider.reconfigure(&before, after.clone(), Settings::default()).await;
        assert_eq!((changes.kept, changes.changed, changes.started, changes.ended), (1, 1, 1, 0));
        let open: Vec<String> = states(&provider)
            .into_iter()
            .filter(|(_, state)| *state != "disconnected")
            .map(|(label, _)| label)
            .collect();
        assert_eq!(open, ["a", "b", "by hand", "c"]);
        let again = provider.reconfigure(&after, after.clone(), Settings::default()).await;
        assert_eq!(again.words(), "no source has changed");
    }

    #[tokio::test]
    async fn receivers_restart_when_their_common_settings_change() {
        let before = [listener("a")];
        let provider = provider(&before).await;
        let listen = config::Listen { hosts: vec!["x".into()], ..config::Listen::default() };
        let settings = Settings { listen: Arc::new(listen), ..Settings::default() };
        let changes = provider.reconfigure(&before, before.to_vec(), settings).await;
        assert_eq!(changes.words(), "sources: 1 changed");
    }

    #[tokio::test]
    async fn a_row_lives_on_when_its_interval_changes() {
        let every = |seconds| {
            let options = Options { interval: Duration::from_secs(seconds), ..listener("a").options };
            let spec = SourceSpec::parse("poll+http://127.0.0.1:1/x").unwrap();
            Source { spec, options, ..listener("a") }
        };
        let (before, after) = ([every(10)], [every(2)]);
        let provider = provider(&[]).await;
        provider.connect(before[0].clone()).unwrap();
        until(&provider, 0, |connection| connection.retry_at.is_some()).await;
        provider.board.clone().received(SourceId(1), 7, crate::model::Time(7));
        let changes = provider.reconfigure(&before, after.to_vec(), Settings::default()).await;
        assert_eq!(changes.words(), "sources: 1 changed");
        let [connection] = &provider.list()[..] else { panic!("{:?}", provider.list()) };
        assert_eq!((connection.id, connection.interval), (SourceId(1), Some(2_000_000_000)));
        assert_eq!(connection.last_data, crate::model::Time(7), "what was received stays received");
        let words: Vec<&str> = connection.history.changes().iter().map(|change| change.words.as_str()).collect();
        assert!(words.contains(&"ended: its configuration changed"), "{words:?}");
        assert!(words.contains(&"restarted with the new configuration"), "{words:?}");
        assert_eq!(reloaded(&provider, &after).await, "no source has changed");
    }

    #[tokio::test]
    async fn a_paused_source_stays_paused_when_its_settings_change() {
        let before = [listener("a")];
        let provider = provider(&before).await;
        assert!(provider.pause(SourceId(1)));
        let after = vec![Source { group: Some("new".into()), ..listener("a") }];
        provider.reconfigure(&before, after, Settings::default()).await;
        let [connection] = &provider.list()[..] else { panic!("{:?}", provider.list()) };
        assert_eq!((connection.state, connection.group.as_deref()), (ConnectionState::Paused, Some("new")));
    }

    async fn until(provider: &Provider, at: usize, wanted: impl Fn(&Connection) -> bool) {
        let mut changed = provider.changed();
        let comes = async { while !wanted(&provider.list()[at]) && changed.changed().await.is_ok() {} };
        let came = tokio::time::timeout(Duration::from_secs(20), comes).await;
        came.unwrap_or_else(|_| panic!("it stays so: {:?}", provider.list()));
    }

    async fn reloaded(provider: &Provider, sources: &[Source]) -> String {
        provider.reconfigure(sources, sources.to_vec(), Settings::default()).await.words()
    }

    #[tokio::test]
    async fn typed_credentials_do_not_change_the_configured_source() {
        let configured = [listener("a")];
        let provider = provider(&configured).await;
        provider.board.with(SourceId(1), |entry| entry.connection.wants_credentials = true);
        provider.authenticate(SourceId(1), Auth::typed("canary"));
        assert_ne!(provider.board.with(SourceId(1), |entry| entry.source.clone()), Some(configured[0].clone()));
        assert_eq!(reloaded(&provider, &configured).await, "no source has changed");
        assert_eq!(provider.list().len(), 1);
    }

    #[tokio::test]
    async fn an_ended_source_restarts_when_its_entry_changes() {
        let place = tempfile::NamedTempFile::with_suffix(".gz").unwrap();
        std::fs::write(place.path(), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        let spec = SourceSpec::file(place.path());
        let configured = [Source { spec, ..listener("packed") }, listener("by hand")];
        let provider = provider(&[]).await;
        configured.iter().for_each(|source| _ = provider.connect(source.clone()).unwrap());
        assert!(provider.disconnect(SourceId(2)));
        for at in 0..2 {
            until(&provider, at, |connection| connection.state == ConnectionState::Disconnected).await;
        }
        assert_eq!(reloaded(&provider, &configured).await, "no source has changed");
        let after = configured.clone().map(|source| Source { group: Some("new".into()), ..source });
        let changes = provider.reconfigure(&configured, after.to_vec(), Settings::default()).await;
        assert_eq!(changes.words(), "sources: 2 started");
    }

    #[tokio::test]
    async fn a_source_added_back_to_the_configuration_is_started() {
        let configured = [listener("a")];
        let provider = provider(&configured).await;
        provider.reconfigure(&configured, Vec::new(), Settings::default()).await;
        for before in [&[][..], &configured[..]] {
            let changes = provider.reconfigure(before, configured.to_vec(), Settings::default()).await;
            assert_eq!(states(&provider).len(), 1, "under its number: {changes:?}");
            until(&provider, 0, |connection| connection.state == ConnectionState::Active).await;
        }
    }

    #[tokio::test]
    async fn a_forgotten_source_restarts_when_its_entry_changes() {
        let configured = [listener("a"), listener("b")];
        let provider = provider(&configured).await;
        provider.disconnect(SourceId(1));
        until(&provider, 0, |connection| connection.state == ConnectionState::Disconnected).await;
        assert!(provider.forget(SourceId(1)));
        for _ in 0..2 {
            assert_eq!(reloaded(&provider, &configured).await, "no source has changed");
        }
        let after = configured.clone().map(|source| Source { group: Some("new".into()), ..source });
        let changes = provider.reconfigure(&configured, after.to_vec(), Settings::default()).await;
        assert_eq!(changes.words(), "sources: 1 changed, 1 started");
        let changes = provider.reconfigure(&after, configured.to_vec(), Settings::default()).await;
        assert_eq!(changes.words(), "sources: 2 changed", "the old entry differs from the current one");
    }

    #[tokio::test]
    async fn reconnecting_with_typed_credentials_keeps_the_configured_source() {
        let configured = [listener("a")];
        let provider = provider(&configured).await;
        provider.board.with(SourceId(1), |entry| entry.source.options.auth = Auth::typed("canary"));
        provider.disconnect(SourceId(1));
        until(&provider, 0, |connection| connection.state == ConnectionState::Disconnected).await;
        let known = provider.known(&configured[0].spec).unwrap();
        assert_eq!(provider.connect(known), Ok(SourceId(1)));
        assert_eq!(reloaded(&provider, &configured).await, "no source has changed");
    }

    #[tokio::test]
    async fn a_replacement_inherits_the_configured_source() {
        let configured = [listener("a")];
        let provider = provider(&configured).await;
        let place = tempfile::NamedTempFile::new().unwrap();
        let spec = SourceSpec::file(place.path());
        let second = provider.replace(SourceId(1), spec).unwrap();
        assert!(provider.succeed(SourceId(1), second).await);
        assert_eq!(reloaded(&provider, &configured).await, "no source has changed");
        let changes = provider.reconfigure(&configured, vec![listener("b")], Settings::default()).await;
        assert_eq!(changes.words(), "sources: 1 started, 1 ended");
    }

    #[tokio::test]
    async fn a_refused_source_is_reported() {
        let provider = provider(&[]).await;
        let settings = config::Provider { max_connections: 1, ..config::Provider::default() };
        let settings = Settings { provider: settings, ..Settings::default() };
        let changes = provider.reconfigure(&[], vec![listener("a"), listener("b")], settings).await;
        assert_eq!(changes.started, 1);
        assert!(changes.words().contains("max_connections"), "{changes:?}");
    }
}
