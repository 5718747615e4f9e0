//! Connects again to a source used before, or moves a connection to another URL.

use super::credentials::{Auth, Headers};
use super::options::Options;
use super::provider::Provider;
use super::spec::{Source, SourceSpec};
use crate::model::{ConnectionState, CredentialsOrigin, SourceId};
use crate::net::Trust;

impl Provider {
    /// The last source of this run with this URL, with its name and options.
    pub fn known(&self, spec: &SourceSpec) -> Option<Source> {
        let entries = self.board.lock();
        let sources = || entries.iter().rev().map(|entry| &entry.source);
        let same = sources().find(|source| source.spec == *spec);
        same.or_else(|| sources().find(|source| spec.is_as_shown(&source.spec))).cloned()
    }

    /// Starts a connection that replaces another, with its name, group and options. Credentials, headers and TLS trust are
    /// copied only if the server is the same. The old connection stays until [`Provider::succeed`], but does not count
    /// towards the limit. A receiver whose address the new one needs is ended at once.
    ///
    /// # Errors
    ///
    /// As [`Provider::connect`], and if the URL contains `…` in place of a secret.
    pub fn replace(&self, id: SourceId, spec: SourceSpec) -> Result<SourceId, String> {
        let before = self.board.with(id, |entry| (entry.source.clone(), entry.configured.clone()));
        let Some((before, configured)) = before else { return self.connect_to(spec, None) };
        let spec = if spec.is_as_shown(&before.spec) { before.spec.clone() } else { spec };
        check_secret(&spec, &before.spec)?;
        let options = match same_server(&before.spec, &spec) {
            true => before.options,
            false => {
                let (auth, credentials) = (Auth::None, CredentialsOrigin::None);
                Options { auth, credentials, headers: Headers::default(), trust: Trust::default(), ..before.options }
            }
        };
        if share_an_address(&before.spec, &spec) {
            self.disconnect(id);
        }
        self.begin(Source { spec, name: before.name, group: before.group, options }, configured, Some(id))
    }

    /// Waits until the successor is established, then ends and forgets the old connection. A failed successor may still be
    /// retried or given credentials, so this waits without limit. Returns false if the successor ends; the old connection
    /// then stays.
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

/// Refuses a URL in which `…` stands for a secret, unless it is the URL that it replaces.
fn check_secret(spec: &SourceSpec, before: &SourceSpec) -> Result<(), String> {
    match spec != before && spec.has_hidden_secret() {
        true => Err("`…` stands for a hidden secret; type the secret instead".into()),
        false => Ok(()),
    }
}

/// Whether both listen on a common address.
fn share_an_address(a: &SourceSpec, b: &SourceSpec) -> bool {
    let others = b.addresses();
    a.addresses().iter().any(|address| others.contains(address))
}

/// Whether both have the same scheme, host and port; credentials are sent nowhere else.
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
    fn a_source_typed_as_shown_keeps_its_secret() {
        let spec = |text| SourceSpec::parse(text).unwrap();
        let before = spec("sse+https://me:secret@h/x?token=secret");
        assert!(spec("sse+https://h/x?token=…").is_as_shown(&before));
        for other in ["sse+https://h/x?token=other", "sse+https://me:other@h/x?token=…", "https://h/x?token=…"] {
            assert!(!spec(other).is_as_shown(&before), "{other}");
        }
        assert!(check_secret(&spec("https://h/y?token=…"), &before).is_err());
        assert!(check_secret(&before, &before).is_ok());
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
    async fn a_replacement_needs_no_free_place() {
        let spec = |text| SourceSpec::parse(text).unwrap();
        let provider = provider(1);
        let first = provider.connect_to(spec("listen://127.0.0.1:0"), None).unwrap();
        provider.replace(first, spec("listen://127.0.0.1:0")).unwrap();
        let error = provider.replace(first, spec("listen://127.0.0.1:0")).unwrap_err();
        assert!(error.contains("max_connections"), "two in the place of one: {error}");
    }

    #[tokio::test]
    async fn a_failed_successor_may_still_succeed() {
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
    async fn a_receiver_frees_its_address_for_its_successor() {
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
