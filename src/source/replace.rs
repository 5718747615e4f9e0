//! Connecting again to what was connected before: typed a second time, or with another URL.

use super::credentials::{Auth, Headers};
use super::options::Options;
use super::provider::Provider;
use super::spec::{Source, SourceSpec};
use crate::model::{ConnectionState, CredentialsOrigin, SourceId};
use crate::net::Trust;

impl Provider {
    /// What was last asked for by this URL in this run, with its name and options.
    pub fn known(&self, spec: &SourceSpec) -> Option<Source> {
        let entries = self.board.lock();
        let sources = || entries.iter().rev().map(|entry| &entry.source);
        let same = sources().find(|source| source.spec == *spec);
        same.or_else(|| sources().find(|source| spec.is_as_shown(&source.spec))).cloned()
    }

    /// Begins a connection in another's place, with its name, group and options; credentials, headers and what is
    /// trusted go with it where the server is the same. The other stays until [`Provider::succeed`], and its place counts
    /// as free; a receiver that has an address which this one wants is ended for it.
    ///
    /// # Errors
    ///
    /// As [`Provider::connect`].
    pub fn replace(&self, id: SourceId, spec: SourceSpec) -> Result<SourceId, String> {
        let before = self.board.with(id, |entry| (entry.source.clone(), entry.configured.clone()));
        let Some((before, configured)) = before else { return self.connect_to(spec, None) };
        let spec = if spec.is_as_shown(&before.spec) { before.spec.clone() } else { spec };
        whole(&spec, &before.spec)?;
        let options = match same_server(&before.spec, &spec) {
            true => before.options,
            false => {
                let (auth, credentials) = (Auth::None, CredentialsOrigin::None);
                Options { auth, credentials, headers: Headers::default(), trust: Trust::default(), ..before.options }
            }
        };
        if want_one_address(&before.spec, &spec) {
            self.disconnect(id);
        }
        self.begin(Source { spec, name: before.name, group: before.group, options }, configured, Some(id))
    }

    /// Ends a connection once its successor is made, and forgets it, however long that takes: one that was given up may be
    /// retried, or given credentials. Whether it came to that: a successor that has ended ends nothing.
    pub async fn succeed(&self, before: SourceId, successor: SourceId) -> bool {
        if before == successor {
            return true;
        }
        let mut changed = self.changed();
        loop {
            let state = self.board.with(successor, |entry| entry.connection.state);
            match state {
                Some(ConnectionState::Active) => {
                    self.disconnect(before);
                    self.forget(before);
                    return true;
                }
                None | Some(ConnectionState::Disconnected) => return false,
                _ if changed.changed().await.is_err() => return false,
                _ => {}
            }
        }
    }
}

/// That nothing in it stands for a secret that is not shown; what it replaces has its own.
fn whole(spec: &SourceSpec, before: &SourceSpec) -> Result<(), String> {
    match spec != before && spec.has_hidden_secret() {
        true => Err("`…` stands for a hidden secret; type the secret instead".into()),
        false => Ok(()),
    }
}

/// Whether two receivers cannot be there at once.
fn want_one_address(a: &SourceSpec, b: &SourceSpec) -> bool {
    let others = b.addresses();
    a.addresses().iter().any(|address| others.contains(address))
}

/// Whether both are asked of the same scheme, host and port: credentials are sent nowhere else.
fn same_server(a: &SourceSpec, b: &SourceSpec) -> bool {
    let server = a.describe().server;
    server.is_some() && server == b.describe().server
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;
    use crate::config;
    use crate::intake::{Intake, Limits};

    #[test]
    fn what_is_typed_as_it_is_shown_is_what_it_was() {
        let spec = |text| SourceSpec::parse(text).unwrap();
        let before = spec("sse+https://me:secret@h/x?token=secret");
        assert!(spec("sse+https://h/x?token=…").is_as_shown(&before));
        for other in ["sse+https://h/x?token=other", "sse+https://me:other@h/x?token=…", "https://h/x?token=…"] {
            assert!(!spec(other).is_as_shown(&before), "{other}");
        }
        assert!(whole(&spec("https://h/y?token=…"), &before).is_err());
        assert!(whole(&before, &before).is_ok());
    }

    #[test]
    fn credentials_go_to_the_same_server_alone() {
        let same = |a: &str, b: &str| same_server(&SourceSpec::parse(a).unwrap(), &SourceSpec::parse(b).unwrap());
        assert!(same("https://h/a", "sse+https://h/b?c=d"));
        assert!(same("https://h/a", "https://h:443/a"));
        for other in ["http://h/a", "https://h:444/a", "https://i/a", "file:h", "listen://127.0.0.1"] {
            assert!(!same("https://h/a", other), "{other}");
        }
        assert!(!same("file:h", "file:h"));
    }

    fn provider(max_connections: usize) -> Provider {
        crate::net::install_tls();
        let (intake, reader) = Intake::new(Limits::default());
        std::mem::forget(reader);
        let settings = config::Provider { max_connections, ..config::Provider::default() };
        let settings = Settings { provider: settings, ..Settings::default() };
        Provider::new(settings, intake, tokio::runtime::Handle::current())
    }

    #[tokio::test]
    async fn trust_and_the_clients_certificate_go_to_the_same_server_alone() {
        let spec = |text| SourceSpec::parse(text).unwrap();
        let provider = provider(9);
        let trust = Trust { insecure: true, cert: Some("client.pem".into()), ..Trust::default() };
        let options = Options { trust: trust.clone(), ..Options::of_all(&config::Provider::default()) };
        let source = Source { spec: spec("https://127.0.0.1:1/a"), name: None, group: None, options };
        let first = provider.connect(source).unwrap();
        for (url, expected) in [("https://127.0.0.1:1/b", trust), ("https://127.0.0.1:2/a", Trust::default())] {
            let id = provider.replace(first, spec(url)).unwrap();
            let got = provider.board.with(id, |entry| entry.source.options.trust.clone());
            assert_eq!(got, Some(expected), "{url}");
        }
    }

    #[tokio::test]
    async fn where_there_is_no_room_there_is_room_for_one_in_anothers_place() {
        let spec = |text| SourceSpec::parse(text).unwrap();
        let provider = provider(1);
        let first = provider.connect_to(spec("listen://127.0.0.1:0"), None).unwrap();
        provider.replace(first, spec("listen://127.0.0.1:0")).unwrap();
        let error = provider.replace(first, spec("listen://127.0.0.1:0")).unwrap_err();
        assert!(error.contains("max_connections"), "two in the place of one: {error}");
    }

    #[tokio::test]
    async fn a_successor_that_was_given_up_ends_the_other_once_it_is_made_after_all() {
        let provider = std::sync::Arc::new(provider(9));
        let options = Options { auto_reconnect: false, ..Options::of_all(&config::Provider::default()) };
        let first = SourceSpec::parse("listen://127.0.0.1:0").unwrap();
        let first = provider.connect(Source { spec: first, name: None, group: None, options }).unwrap();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("listen://{}", taken.local_addr().unwrap());
        let second = provider.replace(first, SourceSpec::parse(&place).unwrap()).unwrap();
        let state = |id| provider.board.with(id, |entry| entry.connection.state);
        let mut changed = provider.changed();
        let succeeding = tokio::spawn({
            let provider = provider.clone();
            async move { provider.succeed(first, second).await }
        });
        while state(second) != Some(ConnectionState::Error) {
            changed.changed().await.unwrap();
        }
        assert!(state(first) != Some(ConnectionState::Disconnected) && !succeeding.is_finished());
        drop(taken);
        assert!(provider.retry(second));
        let succeeded = tokio::time::timeout(std::time::Duration::from_secs(20), succeeding).await;
        assert!(succeeded.unwrap().unwrap(), "{:?}", provider.list());
    }

    #[tokio::test]
    async fn a_receiver_gives_its_address_to_the_one_in_its_place() {
        let provider = provider(9);
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = |rest: &str| SourceSpec::parse(&format!("listen://127.0.0.1{rest}")).unwrap();
        let first = provider.connect_to(listen(&format!(":{port}")), None).unwrap();
        let mut changed = provider.changed();
        while provider.list()[0].connected.is_unknown() {
            changed.changed().await.unwrap();
        }
        let second = provider.replace(first, listen(&format!("?grpc=0&http={port}"))).unwrap();
        let succeeds = provider.succeed(first, second);
        assert!(
            tokio::time::timeout(std::time::Duration::from_secs(20), succeeds).await.unwrap(),
            "{:?}",
            provider.list()
        );
    }
}
