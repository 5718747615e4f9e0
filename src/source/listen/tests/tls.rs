//! The receiver over TLS: HTTP/1 and HTTP/2, gRPC, senders with and without certificates, and senders that use the wrong
//! scheme.

use super::grpc::{Raw, TRACES};
use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use reqwest::{Certificate, Identity, Version};
use std::path::PathBuf;
use tempfile::TempDir;
use tonic::transport::{Channel, ClientTlsConfig};

/// A certificate authority, and PEM files that it signed.
struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Authority { folder, issuer }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A certificate for names and its key, both PEM.
    fn sign(&self, names: &[&str]) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let cert = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        (cert.pem(), key.serialize_pem())
    }

    /// Settings of a receiver with a certificate for this machine.
    fn settings(&self) -> config::Listen {
        let (cert, key) = self.sign(&["localhost", "127.0.0.1"]);
        let (cert_path, key_path) = (self.path("cert.pem"), self.path("key.pem"));
        std::fs::write(&cert_path, cert).unwrap();
        std::fs::write(&key_path, key).unwrap();
        config::Listen { cert: cert_path, key: key_path, ..config::Listen::default() }
    }

    fn trusting(&self) -> reqwest::ClientBuilder {
        let root = Certificate::from_pem(self.issuer.pem().as_bytes()).unwrap();
        reqwest::Client::builder().no_proxy().tls_certs_only([root])
    }
}

async fn send(client: reqwest::ClientBuilder, to: &str) -> reqwest::Result<reqwest::Response> {
    let post = client.build().unwrap().post(format!("{to}/v1/traces")).header("content-type", PROTOBUF);
    post.body(traces(&["a"])).send().await
}

/// Waits for a rejection and returns its reason.
async fn rejection_reason(listening: &Listening) -> String {
    let mut changed = listening.provider.changed();
    loop {
        if let Some(rejection) = listening.connection().rejection {
            return rejection.reason;
        }
        changed.changed().await.unwrap();
    }
}

#[tokio::test]
async fn both_http_versions_work_over_tls() {
    let authority = Authority::new("of otail");
    let mut listening = listening_with(authority.settings(), Limits::default()).await;
    assert!(listening.http.starts_with("https://127.0.0.1:"), "{}", listening.http);
    assert!(listening.grpc.starts_with("grpcs://127.0.0.1:"), "{}", listening.grpc);
    let response = send(authority.trusting(), &listening.http).await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, Version::HTTP_2));
    let response = send(authority.trusting().http1_only(), &listening.http).await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, Version::HTTP_11));
    assert_eq!(listening.came(), ["a", "a"]);
}

#[tokio::test]
async fn grpc_works_over_tls_on_either_port() {
    let authority = Authority::new("of otail");
    let mut listening = listening_with(authority.settings(), Limits::default()).await;
    for place in [listening.grpc.replacen("grpcs:", "https:", 1), listening.http.clone()] {
        let root = tonic::transport::Certificate::from_pem(authority.issuer.pem());
        let tls = ClientTlsConfig::new().ca_certificate(root).domain_name("localhost");
        let channel = Channel::from_shared(place).unwrap().tls_config(tls).unwrap().connect().await.unwrap();
        let mut client = tonic::client::Grpc::new(channel);
        client.ready().await.unwrap();
        client.unary(tonic::Request::new(traces(&["g"])), TRACES.parse().unwrap(), Raw).await.unwrap();
    }
    assert_eq!(listening.came(), ["g", "g"]);
}

#[tokio::test]
async fn client_ca_requires_a_client_certificate() {
    let (authority, other) = (Authority::new("of otail"), Authority::new("another"));
    let settings = config::Listen { client_ca: authority.path("ca.pem"), ..authority.settings() };
    let mut listening = listening_with(settings.clone(), Limits::default()).await;
    let shown = |by: &Authority| {
        let (cert, key) = by.sign(&["sender"]);
        Identity::from_pem((cert + &key).as_bytes()).unwrap()
    };
    let response = send(authority.trusting().identity(shown(&authority)), &listening.http).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(listening.came(), ["a"]);
    for (client, why) in [
        (authority.trusting(), "it sent no client certificate"),
        (authority.trusting().identity(shown(&other)), "not signed by `client_ca` under [listen]"),
    ] {
        let listening = listening_with(settings.clone(), Limits::default()).await;
        assert!(send(client, &listening.http).await.is_err());
        let reason = rejection_reason(&listening).await;
        assert!(reason.starts_with("a connection from 127.0.0.1:") && reason.contains(why), "{reason}");
        assert_eq!(listening.counts(), Counts::default());
    }
}

#[tokio::test]
async fn an_untrusted_certificate_is_reported_with_the_remedy() {
    let authority = Authority::new("of otail");
    for other in ["of otail", "another"] {
        let listening = listening_with(authority.settings(), Limits::default()).await;
        assert!(send(Authority::new(other).trusting(), &listening.http).await.is_err());
        let reason = rejection_reason(&listening).await;
        assert!(reason.contains("does not trust") && reason.contains("OTEL_EXPORTER_OTLP_CERTIFICATE"), "{reason}");
    }
}

#[tokio::test]
async fn a_plain_request_to_a_tls_port_is_refused() {
    let authority = Authority::new("of otail");
    let mut listening = listening_with(authority.settings(), Limits::default()).await;
    let plain = listening.http.replacen("https:", "http:", 1);
    for client in [client_builder().http1_only(), client_builder().http2_prior_knowledge()] {
        let response = send(client, &plain).await.unwrap();
        assert_eq!(response.status(), 400);
        let body = response.bytes().await.unwrap();
        assert!(String::from_utf8_lossy(&body).contains("this port requires TLS"), "{body:?}");
    }
    let status = grpc::call(&plain, TRACES, None, traces(&["g"])).await.unwrap_err();
    assert!(status.message().contains("this port requires TLS"), "{status:?}");
    assert!(listening.came().is_empty());
    assert_eq!((listening.rejection().count, listening.counts().rejected), (3, 3));
}

fn client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

#[tokio::test]
async fn tls_to_a_plain_port_is_reported() {
    let listening = listening().await;
    let secure = listening.http.replacen("http:", "https:", 1);
    assert!(send(client_builder(), &secure).await.is_err());
    let reason = rejection_reason(&listening).await;
    assert!(reason.contains("it uses TLS, but this port has no TLS"), "{reason}");
    assert_eq!(listening.counts(), Counts::default());
}

#[tokio::test]
async fn guard_and_token_apply_under_tls_too() {
    let authority = Authority::new("of otail");
    let token = "canary7f3a9canary7f3a9";
    let settings = config::Listen { token: token.to_owned().into(), ..authority.settings() };
    let listening = listening_with(settings, Limits::default()).await;
    let client = authority.trusting().build().unwrap();
    let post = |name: &str, value: &str| {
        let post = client.post(format!("{}/v1/traces", listening.http)).header("content-type", PROTOBUF);
        post.header(name, value).body(traces(&["a"])).send()
    };
    assert_eq!(post("authorization", &format!("Bearer {token}")).await.unwrap().status(), 200);
    assert_eq!(post("authorization", "Bearer other").await.unwrap().status(), 401);
    assert_eq!(post("origin", "https://evil.example").await.unwrap().status(), 403);
}

/// Waits until the connection's error meets a condition.
async fn error(listening: &Listening, is_wanted: impl Fn(Option<&str>) -> bool) -> Option<String> {
    let mut changed = listening.provider.changed();
    loop {
        let error = listening.connection().error;
        if is_wanted(error.as_deref()) {
            return error;
        }
        changed.changed().await.unwrap();
    }
}

#[tokio::test]
async fn a_reloaded_certificate_applies_to_new_connections() {
    let (authority, next) = (Authority::new("of otail"), Authority::new("of otail"));
    let settings = authority.settings();
    let listening = listening_with(settings.clone(), Limits::default()).await;
    let open = authority.trusting().build().unwrap();
    let ask = || open.get(format!("{}/v1/traces", listening.http)).send();
    ask().await.unwrap();
    let (cert, key) = next.sign(&["localhost", "127.0.0.1"]);
    std::fs::write(&settings.cert, cert).unwrap();
    // A certificate without its key is reported, and the old pair stays in use.
    let reason = error(&listening, |error| error.is_some()).await.unwrap();
    assert!(reason.starts_with("listen.key: ") && reason.contains("is not the key of the certificate"), "{reason}");
    send(authority.trusting(), &listening.http).await.unwrap();
    std::fs::write(&settings.key, key).unwrap();
    error(&listening, |error| error.is_none()).await;
    send(next.trusting(), &listening.http).await.unwrap();
    assert!(send(authority.trusting(), &listening.http).await.is_err());
    ask().await.unwrap();
}

#[tokio::test]
async fn a_reloaded_client_ca_applies_to_new_connections() {
    let (authority, next) = (Authority::new("of otail"), Authority::new("another"));
    let settings = config::Listen { client_ca: authority.path("ca.pem"), ..authority.settings() };
    let listening = listening_with(settings.clone(), Limits::default()).await;
    let (cert, key) = next.sign(&["sender"]);
    let sender = || authority.trusting().identity(Identity::from_pem((cert.clone() + &key).as_bytes()).unwrap());
    assert!(send(sender(), &listening.http).await.is_err());
    std::fs::write(settings.client_ca, next.issuer.pem()).unwrap();
    while send(sender(), &listening.http).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_reloaded_token_applies_and_a_bad_one_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let (first, second) = ("canary7f3a9canary7f3a9", "CANARY7F3A9CANARY7F3A9");
    std::fs::write(&path, first).unwrap();
    let settings = config::Listen { token_file: path.clone(), ..config::Listen::default() };
    let listening = listening_with(settings, Limits::default()).await;
    let status = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", PROTOBUF), ("authorization", bearer.as_str())];
        listening.post_with("/v1/traces", &headers, traces(&["a"])).await.status().as_u16()
    };
    assert_eq!(status(first).await, 200);
    std::fs::write(&path, "canary").unwrap();
    let reason = error(&listening, |error| error.is_some()).await.unwrap();
    assert!(reason.starts_with("listen.token_file: ") && !reason.contains("canary"), "{reason}");
    assert_eq!(status(first).await, 200, "the last good token");
    std::fs::write(&path, second).unwrap();
    error(&listening, |error| error.is_none()).await;
    assert_eq!((status(first).await, status(second).await), (401, 200));
}

#[tokio::test]
async fn invalid_settings_end_the_connection_with_their_key() {
    let (provider, _reader) = {
        crate::net::install_tls();
        let (intake, reader) = Intake::new(Limits::default());
        let listen = config::Listen { cert: "/nowhere/cert".into(), key: "/nowhere/key".into(), ..Default::default() };
        let settings = Settings { listen: Arc::new(listen), ..Settings::default() };
        (Provider::new(settings, intake, tokio::runtime::Handle::current()), reader)
    };
    let any = || "127.0.0.1:0".to_owned();
    provider.connect_to(SourceSpec::listen(any(), any()), None).unwrap();
    settled(&provider, ConnectionState::Error).await;
    let mut changed = provider.changed();
    while provider.list()[0].error.is_none() {
        changed.changed().await.unwrap();
    }
    let error = provider.list().remove(0).error.unwrap();
    assert!(error.starts_with("listen.cert: /nowhere/cert"), "{error}");
}
