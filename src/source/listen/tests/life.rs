//! Binding, pausing and ending.

use super::*;

fn provider() -> (Provider, Reader) {
    let (intake, reader) = Intake::new(Limits::default());
    (Provider::new(Settings::default(), intake, tokio::runtime::Handle::current()), reader)
}

fn spec(grpc: &str, http: &str) -> SourceSpec {
    SourceSpec::listen(grpc, http)
}

#[tokio::test]
async fn one_taken_port_leaves_the_other_listening() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (provider, _reader) = provider();
    provider.connect_to(spec(&address, "127.0.0.1:0"), None).unwrap();
    let url = settled(&provider, ConnectionState::Active).await;
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let mut changed = provider.changed();
    let error = loop {
        if let Some(error) = provider.list().remove(0).error {
            break error;
        }
        changed.changed().await.unwrap();
    };
    for part in [&*address, "taken", "?grpc=PORT"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn without_any_port_the_error_names_all() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (provider, _reader) = provider();
    provider.connect_to(spec(&address, &address), None).unwrap();
    settled(&provider, ConnectionState::Error).await;
    let connection = provider.list().remove(0);
    assert!(connection.error.unwrap().contains(&address));
}

#[tokio::test]
async fn a_paused_receiver_answers_and_counts_skipped_items() {
    let mut listening = listening().await;
    let id = listening.provider.list()[0].id;
    assert!(listening.provider.pause(id));
    assert_eq!(listening.post("/v1/traces", PROTOBUF, traces(&["a", "b"])).await.status(), 200);
    assert!(listening.provider.resume(id));
    assert_eq!(listening.post("/v1/traces", PROTOBUF, traces(&["c"])).await.status(), 200);
    assert_eq!(listening.came(), ["events", "c"], "a gap row, then the item after the pause");
    let counts = listening.counts();
    assert_eq!((counts.received, counts.skipped, counts.gaps), (3, 2, 1));
}

#[tokio::test]
async fn a_disconnected_receiver_frees_its_ports() {
    let listening = listening().await;
    let client = client();
    let post = || client.post(format!("{}/v1/traces", listening.http)).header("content-type", PROTOBUF).body("");
    assert_eq!(post().send().await.unwrap().status(), 200);
    assert!(listening.provider.disconnect(listening.provider.list()[0].id));
    settled(&listening.provider, ConnectionState::Disconnected).await;
    // The client still has a connection open, which may accept one more request.
    let mut refused = false;
    for _ in 0..200 {
        refused = post().send().await.is_err();
        if refused {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(refused);
    std::net::TcpListener::bind(listening.http.trim_start_matches("http://")).unwrap();
}

#[tokio::test]
async fn a_receiver_with_a_hanging_token_can_be_disconnected() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("hangs");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let listen = config::Listen { token_file: pipe.clone(), ..config::Listen::default() };
    let settings = Settings { listen: Arc::new(listen), ..Settings::default() };
    let (intake, _reader) = Intake::new(Limits::default());
    let provider = Provider::new(settings, intake, tokio::runtime::Handle::current());
    provider.connect_to(spec("127.0.0.1:0", "127.0.0.1:0"), None).unwrap();
    // Wait until the file is being read.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(provider.disconnect(provider.list()[0].id));
    let settled = settled(&provider, ConnectionState::Disconnected);
    let settled = tokio::time::timeout(Duration::from_secs(10), settled).await;
    // Lets the blocked thread end; a failing test would wait for it.
    let freed = std::fs::OpenOptions::new().read(true).write(true).open(pipe);
    settled.unwrap();
    drop(freed);
}
