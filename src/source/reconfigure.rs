//! Another configuration than before: what changed is changed, and nothing else is disturbed.

use super::describe;
use super::entries::Entry;
use super::provider::Provider;
use super::settings::Settings;
use super::spec::Source;
use super::wanted::Wanted;
use crate::model::{ConnectionState, SourceId};

/// What another configuration came to.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Changes {
    /// Connections that go on as they were.
    pub kept: usize,
    /// Connections that go on in their own row, with other settings.
    pub changed: usize,
    /// Connections that were begun.
    pub begun: usize,
    /// Connections that were ended.
    pub ended: usize,
    /// Why some were not begun.
    pub refused: Vec<String>,
}

/// How a connection stands, in the order in which those of one source are taken for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Standing {
    Open,
    GivenUp,
    /// By itself, or because the user wanted it to.
    Ended,
}

impl Provider {
    /// Goes over from the sources that were configured to those that are now. It ends connections that are not wanted any
    /// more, begins new ones, and retries those that were given up. A connection whose settings changed begins again in its
    /// own row: its number, counts and history stay. The same happens to receivers where the settings of all receivers
    /// changed. What the user connected by hand stays. What has ended stays so until its own settings change.
    ///
    /// One at a time: a caller with yet another configuration waits until this one is in force.
    pub async fn reconfigure(&self, before: &[Source], after: Vec<Source>, settings: Settings) -> Changes {
        let receivers_change = *self.settings().listen != *settings.listen;
        self.configure(settings);
        let stays = |source: &Source| !(receivers_change && source.spec.kind().is_received());
        let mut wanted = after;
        let mut changes = Changes::default();
        // What did not change is found first: two sources may differ in their settings alone.
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
        // What was forgotten had ended, and stays so like the rest.
        let both: Vec<Source> = wanted.iter().filter(|source| before.contains(source)).cloned().collect();
        for source in self.board.lock().take_forgotten(&both) {
            if let Some(place) = wanted.iter().position(|wanted| *wanted == source) {
                wanted.remove(place);
                changes.kept += 1;
            }
        }
        let (mut ended, mut changed) = (Vec::new(), Vec::new());
        for (standing, id, source) in others {
            let place = wanted.iter().position(|after| has_one_row(after, &source));
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
        // The ports of the old may be those of the new.
        self.board.all_ended(&ended).await;
        for (id, standing, was_held, after) in changed {
            match self.begin_changed(id, after) {
                Ok(_) if standing == Standing::Ended => changes.begun += 1,
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
                Ok(_) => changes.begun += 1,
                Err(refusal) => changes.refused.push(refusal),
            }
        }
        changes
    }

    /// Begins a connection again that has ended, with other settings and in its own row. One whose task takes too long to
    /// end leaves its row to the past, and a new row begins.
    fn begin_changed(&self, id: SourceId, after: Source) -> Result<SourceId, String> {
        let mut entries = self.board.lock();
        let has_ended = |entry: &&mut Entry| entry.connection.state == ConnectionState::Disconnected;
        let full = self.full(&entries, None);
        let Some(entry) = entries.get_mut(id).filter(has_ended) else {
            drop(entries);
            return self.connect(after);
        };
        if let Some(limit) = full {
            return Err(format!("{} was not connected: {limit}", after.spec.url()));
        }
        describe::settings(&mut entry.connection, &after);
        (entry.configured, entry.source) = (Some(after.clone()), after);
        entry.auth = None;
        self.again(entries, id, None);
        Ok(id)
    }

    /// A connection for each of these sources that one was begun for, the open ones first: that of a source that was connected
    /// by hand as well, or again, is the one that goes on.
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

/// Whether the second is the first with other settings: its rows keep their source and its name.
fn has_one_row(after: &Source, before: &Source) -> bool {
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
    /// `sources: 1 changed, 1 begun, 2 ended, 3 as before`, or that nothing changed.
    pub fn words(&self) -> String {
        let Changes { kept, changed, begun, ended, refused } = self;
        if *changed == 0 && *begun == 0 && *ended == 0 && refused.is_empty() {
            return "every source is as it was".to_owned();
        }
        let mut parts = Vec::new();
        for (count, word) in [(*changed, "changed"), (*begun, "begun"), (*ended, "ended"), (*kept, "as before")] {
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
    async fn what_did_not_change_is_not_disturbed() {
        let before = [listener("a"), listener("b")];
        let provider = provider(&before).await;
        provider.connect(listener("by hand")).unwrap();
        let renamed = Source { group: Some("new".into()), ..listener("b") };
        let after = vec![listener("a"), renamed.clone(), listener("c")];
        let changes = provider.reconfigure(&before, after.clone(), Settings::default()).await;
        assert_eq!((changes.kept, changes.changed, changes.begun, changes.ended), (1, 1, 1, 0));
        let open: Vec<String> = states(&provider)
            .into_iter()
            .filter(|(_, state)| *state != "disconnected")
            .map(|(label, _)| label)
            .collect();
        assert_eq!(open, ["a", "b", "by hand", "c"]);
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
        assert!(words.contains(&"begun again with the new configuration"), "{words:?}");
        assert_eq!(reloaded(&provider, &after).await, "every source is as it was");
    }

    #[tokio::test]
    async fn a_held_source_stays_held_when_its_settings_change() {
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
    async fn a_source_that_was_given_credentials_is_still_the_one_that_is_configured() {
        let configured = [listener("a")];
        let provider = provider(&configured).await;
        provider.board.with(SourceId(1), |entry| entry.connection.wants_credentials = true);
        provider.authenticate(SourceId(1), Auth::typed("canary"));
        assert_ne!(provider.board.with(SourceId(1), |entry| entry.source.clone()), Some(configured[0].clone()));
        assert_eq!(reloaded(&provider, &configured).await, "every source is as it was");
        assert_eq!(provider.list().len(), 1);
    }

    #[tokio::test]
    async fn what_has_ended_comes_back_when_its_entry_changes_and_not_before() {
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
        assert_eq!(reloaded(&provider, &configured).await, "every source is as it was");
        let after = configured.clone().map(|source| Source { group: Some("new".into()), ..source });
        let changes = provider.reconfigure(&configured, after.to_vec(), Settings::default()).await;
        assert_eq!(changes.words(), "sources: 2 begun");
    }

    #[tokio::test]
    async fn what_the_configuration_let_go_of_and_names_again_is_begun() {
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
    async fn what_had_ended_and_was_forgotten_stays_so_until_its_entry_changes() {
        let configured = [listener("a"), listener("b")];
        let provider = provider(&configured).await;
        provider.disconnect(SourceId(1));
        until(&provider, 0, |connection| connection.state == ConnectionState::Disconnected).await;
        assert!(provider.forget(SourceId(1)));
        for _ in 0..2 {
            assert_eq!(reloaded(&provider, &configured).await, "every source is as it was");
        }
        let after = configured.clone().map(|source| Source { group: Some("new".into()), ..source });
        let changes = provider.reconfigure(&configured, after.to_vec(), Settings::default()).await;
        assert_eq!(changes.words(), "sources: 1 changed, 1 begun");
        let changes = provider.reconfigure(&after, configured.to_vec(), Settings::default()).await;
        assert_eq!(changes.words(), "sources: 2 changed", "as it was before, it is another than it is");
    }

    #[tokio::test]
    async fn a_source_with_typed_credentials_that_is_connected_to_again_is_still_the_one_that_is_configured() {
        let configured = [listener("a")];
        let provider = provider(&configured).await;
        provider.board.with(SourceId(1), |entry| entry.source.options.auth = Auth::typed("canary"));
        provider.disconnect(SourceId(1));
        until(&provider, 0, |connection| connection.state == ConnectionState::Disconnected).await;
        let known = provider.known(&configured[0].spec).unwrap();
        assert_eq!(provider.connect(known), Ok(SourceId(1)));
        assert_eq!(reloaded(&provider, &configured).await, "every source is as it was");
    }

    #[tokio::test]
    async fn what_was_put_in_anothers_place_stands_for_it() {
        let configured = [listener("a")];
        let provider = provider(&configured).await;
        let place = tempfile::NamedTempFile::new().unwrap();
        let spec = SourceSpec::file(place.path());
        let second = provider.replace(SourceId(1), spec).unwrap();
        assert!(provider.succeed(SourceId(1), second).await);
        assert_eq!(reloaded(&provider, &configured).await, "every source is as it was");
        let changes = provider.reconfigure(&configured, vec![listener("b")], Settings::default()).await;
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
