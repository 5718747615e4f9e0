//! Scripted servers, and helpers that wait for results.

mod hanging;
mod lines;
mod poll;
mod refusals;
mod stream;

use crate::columns::Item;
use crate::intake::{Intake, Limits, Reader};
use crate::model::{Connection, ConnectionState};
use crate::source::{Options, Provider, Settings, Source, SourceSpec};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A server that sends each connection the next answer and closes it. The channel returns the requests.
fn server(answers: Vec<String>) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, asked) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut request = String::new();
            while let Some(Ok(line)) = lines.next()
                && !line.is_empty()
            {
                request.push_str(&line.to_ascii_lowercase());
                request.push('\n');
            }
            let _ = heard.send(request);
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    (port, asked)
}

fn stream(events: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{events}")
}

fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn span(n: u8) -> String {
    let id = format!("{n:02x}").repeat(8);
    format!("id: {n}\nevent: span\ndata: {{\"traceId\":\"{id}{id}\",\"spanId\":\"{id}\",\"name\":\"s{n}\"}}\n\n")
}

struct Run {
    provider: Provider,
    reader: Reader,
    _runtime: tokio::runtime::Runtime,
}

fn connect(url: &str, attempts: u32) -> Run {
    connect_with(url, |options| options.auto_reconnect_max_attempts = attempts)
}

/// Connects with changed options; also gives up a source that has delivered.
fn connect_with(url: &str, change: impl FnOnce(&mut Options)) -> Run {
    crate::net::install_tls();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (intake, reader) = Intake::new(Limits::default());
    let provider = Provider::new(Settings::default(), intake, runtime.handle().clone());
    let mut options = Options::of_all(&crate::config::Provider::default());
    options.auto_reconnect_forever = false;
    options.interval = Duration::from_millis(100);
    change(&mut options);
    let spec = SourceSpec::parse(url).unwrap();
    provider.connect(Source { spec, name: None, group: None, options }).unwrap();
    Run { provider, reader, _runtime: runtime }
}

impl Run {
    /// Waits for `count` spans and returns their names.
    fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        while names.len() < count {
            let parcels = self.reader.drain(Duration::from_secs(20));
            assert!(!parcels.is_empty(), "only {names:?} came; {:?}", self.provider.list());
            for item in parcels.iter().flat_map(|parcel| parcel.batches.iter().flat_map(|batch| batch.items())) {
                match item {
                    Item::Span(span) => names.push(span.name().to_owned()),
                    other => panic!("{other:?}"),
                }
            }
        }
        names
    }

    /// Waits until the connection has failed.
    fn given_up(&self) -> Connection {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            let connection = self.provider.list().remove(0);
            if connection.state == ConnectionState::Error {
                return connection;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("not failed: {:?}", self.provider.list());
    }
}
