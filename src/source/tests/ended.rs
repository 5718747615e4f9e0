//! Connections that have ended.

use super::*;

#[tokio::test]
async fn a_thousand_ended_connections_leave_nothing_open() {
    let (provider, _reader) = provider(config::Provider::default());
    let (url, port) = stream_that_closes();
    let listed = |id: SourceId| provider.list().into_iter().find(|connection| connection.id == id);
    let metrics = tokio::runtime::Handle::current().metrics();
    let mut rest = None;
    for round in 0..1_000 {
        let id = provider.connect_to(spec(&format!("{url}?{round}")), None).unwrap();
        // Some end before they are established, some after.
        if round % 10 == 0 {
            let mut changed = provider.changed();
            let made = async {
                while listed(id).unwrap().state != ConnectionState::Active {
                    changed.changed().await.unwrap();
                }
            };
            tokio::time::timeout(Duration::from_secs(20), made).await.unwrap();
            assert!(!cfg!(target_os = "linux") || open_to(port) > 0, "one is open but was not counted");
        }
        provider.disconnect(id);
        if round == 100 {
            rest = Some(ended(&provider, &metrics).await);
        }
    }
    assert!(ended(&provider, &metrics).await <= rest.unwrap());
    assert_eq!(open_to(port), 0, "sockets still open");
    assert_eq!(provider.list().len(), 64, "ended connections stay listed");
}

/// A stream that answers and stays open until its client closes it; returns its URL and port.
fn stream_that_closes() -> (String, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 2_000]);
                let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n");
                while stream.read(&mut [0; 2_000]).is_ok_and(|read| read > 0) {}
            });
        }
    });
    (format!("sse+http://127.0.0.1:{port}/live"), port)
}

/// Counts the open client sockets to a local port, as Linux lists them. A closed socket that only the kernel knows has no
/// inode. Sockets of other tests are not counted.
fn open_to(port: u16) -> usize {
    let remote = format!("0100007F:{port:04X}");
    let is_open = |line: &&str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        columns.get(2) == Some(&remote.as_str()) && columns.get(9).is_some_and(|inode| *inode != "0")
    };
    std::fs::read_to_string("/proc/self/net/tcp").map_or(0, |table| table.lines().filter(is_open).count())
}

/// Waits until all connections have ended; returns how many tasks are left.
async fn ended(provider: &Provider, metrics: &tokio::runtime::RuntimeMetrics) -> usize {
    let mut changed = provider.changed();
    let over = async { while !provider.is_over() && changed.changed().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(20), over).await.unwrap();
    // A task ends shortly after its last event; one that reports sums waits for the next report first.
    let mut left = usize::MAX;
    loop {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let now = metrics.num_alive_tasks();
        if now == left {
            return left;
        }
        left = now;
    }
}

#[tokio::test]
async fn a_restarted_connection_keeps_its_number() {
    let (provider, _reader) = provider(config::Provider::default());
    let stream = spec(&standing_stream("data: 1\n\n"));
    let id = provider.connect_to(stream.clone(), None).unwrap();
    for again in [true, false] {
        settled(&provider, |connection| connection.state == ConnectionState::Active).await;
        assert!(provider.disconnect(id));
        settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
        match again {
            true => assert!(provider.retry(id)),
            false => assert_eq!(provider.connect_to(stream.clone(), None), Ok(id)),
        }
    }
    let connection = settled(&provider, |connection| connection.state == ConnectionState::Active).await;
    assert_eq!((provider.list().len(), connection.retries), (1, 2));
    let words: Vec<&str> = connection.history.changes().iter().map(|change| change.words.as_str()).collect();
    let url = connection.url.as_str();
    let once = [url, "ended by the user", "started again"];
    assert_eq!(words, [&["first attempt"], &once[..], &once[..], &[url]].concat());
}

#[tokio::test]
async fn connecting_to_a_failed_source_retries_it() {
    let (provider, _reader) = provider(config::Provider { auto_reconnect: false, ..config::Provider::default() });
    let nowhere = spec(&nowhere());
    let id = provider.connect_to(nowhere.clone(), None).unwrap();
    settled(&provider, |connection| connection.state == ConnectionState::Error).await;
    assert_eq!(provider.connect_to(nowhere, None), Ok(id));
    settled(&provider, |connection| connection.retries == 1).await;
}

#[tokio::test]
async fn an_ended_connection_yields_its_name() {
    let (provider, _reader) = provider(config::Provider::default());
    let named = |options: Options| Source { name: Some("a".into()), group: None, options, spec: spec(&nowhere()) };
    let options = Options::of_all(&config::Provider::default());
    let first = provider.connect(named(options.clone())).unwrap();
    provider.disconnect(first);
    settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    let second = provider.connect(named(options)).unwrap();
    assert_eq!(provider.list().iter().map(|connection| connection.id).collect::<Vec<_>>(), [second]);
}

#[tokio::test]
async fn only_connections_that_are_over_are_forgotten() {
    let (provider, mut reader) = provider(config::Provider::default());
    let id = provider.connect_to(spec(&standing_stream("data: 1\n\n")), None).unwrap();
    settled(&provider, |connection| connection.last_data != Time::default()).await;
    assert!(!provider.forget(id), "it is open");
    let label = provider.label(id);
    provider.disconnect(id);
    settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    assert!(provider.forget(id) && provider.list().is_empty());
    assert_eq!(provider.label(id), label);
    // Waiting items count under its number until they are settled.
    assert_eq!((reader.counts().of(id).waiting, reader.counts().total.received), (1, 1));
    reader.drain(Duration::ZERO).iter().for_each(|parcel| reader.settle(parcel.source, parcel.items, 0));
    let counts = reader.counts();
    assert_eq!((counts.sources.len(), counts.total.stored, counts.total.waiting), (0, 1, 0));
}

#[tokio::test]
async fn the_limit_of_listed_ended_connections_holds() {
    let (provider, _reader) = provider(config::Provider { max_connections: 1_000, ..config::Provider::default() });
    let nowhere = || spec(&nowhere());
    let first = provider.connect_to(nowhere(), None).unwrap();
    (0..150).for_each(|_| _ = provider.connect_to(nowhere(), None).unwrap());
    provider.disconnect_all();
    let over = async || {
        let mut changed = provider.changed();
        while !provider.is_over() && changed.changed().await.is_ok() {}
    };
    over().await;
    assert_eq!(provider.list().len(), 151);
    provider.configure(Settings::default());
    let last = provider.connect_to(nowhere(), None).unwrap();
    provider.disconnect(last);
    over().await;
    let left: Vec<SourceId> = provider.list().iter().map(|connection| connection.id).collect();
    assert_eq!(left.len(), 64);
    assert!(!left.contains(&first) && left.contains(&last));
}

#[tokio::test]
async fn a_retried_connection_asks_for_no_credentials() {
    let (provider, _reader) = provider(config::Provider::default());
    let id = provider.connect_to(spec(&standing_stream("data: 1\n\n")), None).unwrap();
    settled(&provider, |connection| connection.state == ConnectionState::Active).await;
    provider.board.with(id, |entry| entry.connection.wants_credentials = true);
    provider.disconnect(id);
    settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    assert!(provider.retry(id));
    let live = settled(&provider, |connection| connection.state == ConnectionState::Active).await;
    assert!(!live.wants_credentials);
}

#[tokio::test]
async fn a_retried_file_continues_at_its_position() {
    let (provider, reader) = provider(config::Provider::default());
    let file = tempfile::NamedTempFile::new().unwrap();
    let append = |text: &str| {
        let mut file = std::fs::File::options().append(true).open(file.path()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    append("one\ntwo\n");
    let spec = SourceSpec::file(file.path().to_owned());
    let id = provider.connect_to(spec, None).unwrap();
    let came = async |items: u64| {
        received(&reader, items).await;
        reader.counts().total.received
    };
    assert_eq!(came(2).await, 2);
    provider.disconnect(id);
    settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    append("three\n");
    assert!(provider.retry(id));
    assert_eq!(came(3).await, 3, "no item twice and none lost");
    provider.disconnect(id);
    settled(&provider, |connection| connection.state == ConnectionState::Disconnected).await;
    std::fs::write(file.path(), "others\nthan before\n").unwrap();
    assert!(provider.retry(id));
    assert_eq!(came(5).await, 5, "another file is read from its beginning");
}
