//! Tests of otail's own metrics: allowed destinations, contents, and the handling of responses.

use super::*;
use crate::intake::CountsSnapshot;
use crate::model::{Connection, ConnectionState, Counts, SourceId, SourceKind, Time};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsPartialSuccess, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

fn own(url: &str, listeners: &[&str]) -> Result<Option<SelfTelemetry>, String> {
    net::install_tls();
    let settings = config::SelfTelemetry { url: url.into(), interval: Duration::from_millis(100) };
    let listeners: Vec<String> = listeners.iter().map(|address| (*address).to_owned()).collect();
    SelfTelemetry::new(&settings, &Exporter::default(), &listeners)
}

#[test]
fn a_base_url_gets_the_metrics_path() {
    for (url, expected) in [
        ("http://h:4318", "http://h:4318/v1/metrics"),
        ("http://h:4318/", "http://h:4318/v1/metrics"),
        ("https://h/otlp", "https://h/otlp/v1/metrics"),
        ("https://h/otlp/v1/metrics", "https://h/otlp/v1/metrics"),
        ("https://h/v1/metrics/?a=1", "https://h/v1/metrics?a=1"),
    ] {
        assert_eq!(own(url, &[]).unwrap().unwrap().sender.url.as_str(), expected, "{url}");
    }
    assert!(own("", &[]).unwrap().is_none());
}

#[test]
fn an_invalid_url_is_refused_without_its_secrets() {
    for (url, word) in [
        ("127.0.0.1:4318", "http://127.0.0.1:4318"),
        ("grpc://h:4317", "not an http or https URL"),
        ("http://me:canary@h", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("http://h/?token=canary", "OTEL_EXPORTER_OTLP_HEADERS"),
    ] {
        let error = own(url, &[]).unwrap_err();
        assert!(error.contains(word) && !error.contains("canary"), "{url}: {error}");
    }
}

#[test]
fn otails_own_address_is_refused_in_any_form() {
    for (url, listener, is_own) in [
        ("http://127.0.0.1:4318", "127.0.0.1:4318", true),
        ("http://localhost:4318", "127.0.0.1:4318", true),
        ("http://127.0.0.1:4318", "localhost:4318", true),
        ("http://[::1]:4318", "[::1]:4318", true),
        ("http://127.0.0.1:4318", "0.0.0.0:4318", true),
        ("http://10.0.0.7", "10.0.0.7:80", true),
        ("http://127.0.0.1:4319", "127.0.0.1:4318", false),
        ("http://10.0.0.7:4318", "127.0.0.1:4318", false),
        ("http://127.0.0.2:4318", "127.0.0.1:4318", false),
        ("http://127.0.0.1:4318", "127.0.0.1:0", false),
        ("http://127.0.0.1:4318", "", false),
    ] {
        assert_eq!(own(url, &[listener]).is_err(), is_own, "{url} {listener}");
    }
}

#[test]
fn every_source_has_every_count_once() {
    let connection = |id: u16, label: &str, state| Connection {
        state,
        retries: u64::from(id),
        ..Connection::new(SourceId(id), SourceKind::received("listen"), label.into(), "grpc://h".into(), Time(1))
    };
    let connections = [connection(1, "a", ConnectionState::Active), connection(2, "b", ConnectionState::Active)];
    let mut counts = CountsSnapshot::default();
    let of_a = Counts { received: 7, stored: 5, bytes: 640, dropped: [0, 2, 0], ..Default::default() };
    counts.sources.push((SourceId(1), of_a));
    let stored = StoreCounters { stored: [5, 0, 0, 0], bytes: [900, 0, 0, 0], ..StoreCounters::default() };
    let usage = Usage { memory: Some(1_024), cpu: Some((1.5, 0.5)) };
    let numbers = Numbers { counts: &counts, connections: &connections, stored: Some(stored), usage };
    let request = numbers.request(&Identity::new(Time(10)), Time(20));
    let metrics = &request.resource_metrics[0].scope_metrics[0].metrics;
    let value = |name: &str, attributes: &[&str]| -> f64 {
        let metric = metrics.iter().find(|metric| metric.name == name).unwrap_or_else(|| panic!("no {name}"));
        let Some(Data::Sum(sum)) = &metric.data else { panic!("{name} is no sum") };
        let fits = |point: &&_| attributes.iter().all(|attribute| format!("{point:?}").contains(attribute));
        let points: Vec<_> = sum.data_points.iter().filter(fits).collect();
        assert_eq!(points.len(), 1, "{name} {attributes:?}");
        assert_eq!((points[0].start_time_unix_nano, points[0].time_unix_nano), (10, 20));
        match points[0].value {
            Some(Value::AsInt(value)) => value as f64,
            Some(Value::AsDouble(value)) => value,
            None => f64::NAN,
        }
    };
    for (name, attributes, expected) in [
        ("otail.source.received", &["\"a\""][..], 7.0),
        ("otail.source.received", &["\"b\""], 0.0),
        ("otail.source.stored", &["\"a\""], 5.0),
        ("otail.source.size", &["\"a\""], 640.0),
        ("otail.source.dropped", &["\"a\"", "closed"], 2.0),
        ("otail.source.dropped", &["\"a\"", "overflow"], 0.0),
        ("otail.source.retries", &["\"b\""], 2.0),
        ("otail.connection.count", &["active"], 2.0),
        ("otail.connection.count", &["error"], 0.0),
        ("otail.intake.items", &[], 0.0),
        ("otail.store.stored", &["spans"], 5.0),
        ("otail.store.size", &["spans"], 900.0),
        ("process.memory.usage", &[], 1_024.0),
        ("process.cpu.time", &["user"], 1.5),
    ] {
        assert_eq!(value(name, attributes), expected, "{name} {attributes:?}");
    }
    let mut names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), metrics.len());
}

#[test]
fn an_instance_is_a_uuid_of_version_4() {
    let instance = Identity::new(Time(1)).instance;
    let parts: Vec<&str> = instance.split('-').collect();
    assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{instance}");
    assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{instance}");
    assert_ne!(instance, Identity::new(Time(1)).instance);
}

/// A server that answers each request with the next of these answers, and sends the requests to the channel.
fn answering(answers: Vec<String>) -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (heard, asked) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((stream, _)) = listener.accept() else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            let _ = (&stream).write_all(answer.as_bytes());
            if heard.send((head, body)).is_err() {
                return;
            }
        }
    });
    (url, asked)
}

fn answer(status: &str, more: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{more}\r\n{body}", body.len())
}

async fn sent(status: &str, more: &str, body: &str) -> Answer {
    let (url, _asked) = answering(vec![answer(status, more, body)]);
    own(&url, &[]).unwrap().unwrap().sender.send(b"numbers".to_vec()).await
}

#[tokio::test]
async fn only_temporary_errors_are_retried_with_the_hint() {
    for status in ["429 Too Many", "502 Bad", "503 Not Now", "504 Slow"] {
        let answer = sent(status, "retry-after: 7\r\n", "").await;
        assert!(matches!(answer, Answer::Later(_, Some(hint)) if hint == Duration::from_secs(7)), "{answer:?}");
    }
    for status in ["400 Bad", "401 Who", "404 Where", "500 Oh", "501 No"] {
        let answer = sent(status, "retry-after: 7\r\n", "").await;
        assert!(matches!(answer, Answer::Never(_)), "{status}: {answer:?}");
    }
    let nobody = own("http://127.0.0.1:1", &[]).unwrap().unwrap().sender.send(Vec::new()).await;
    assert!(matches!(nobody, Answer::Later(_, None)), "{nobody:?}");
}

#[tokio::test]
async fn partial_success_refusal_and_redirect_are_reported() {
    let partial = ExportMetricsPartialSuccess { rejected_data_points: 3, error_message: "too old".into() };
    let partial = ExportMetricsServiceResponse { partial_success: Some(partial) }.encode_to_vec();
    let got = sent("200 OK", "", std::str::from_utf8(&partial).unwrap()).await;
    assert!(matches!(&got, Answer::Accepted(Some(why)) if why.contains("rejected 3 data points: too old")), "{got:?}");
    assert!(matches!(sent("200 OK", "", "").await, Answer::Accepted(None)));
    let got = sent("401 Unauthorized", "", "\u{12}\u{4}none").await;
    assert!(
        matches!(&got, Answer::Never(why) if why.contains("none") && why.contains("OTEL_EXPORTER_OTLP_HEADERS")),
        "{got:?}"
    );
    let got = sent("302 Found", "location: http://127.0.0.1:1/\r\n", "").await;
    assert!(matches!(&got, Answer::Never(why) if why.contains("redirects to")), "{got:?}");
}

#[tokio::test]
async fn the_environment_sets_headers_and_compression() {
    let (url, asked) = answering(vec![answer("200 OK", "", "")]);
    net::install_tls();
    let exporter = Exporter {
        headers: vec![("authorization".into(), "Bearer canary".to_owned().into())],
        gzip: true,
        ..Exporter::default()
    };
    let settings = config::SelfTelemetry { url, interval: Duration::from_secs(10) };
    let own = SelfTelemetry::new(&settings, &exporter, &[]).unwrap().unwrap();
    assert!(!format!("{own:?}").contains("canary"), "{own:?}");
    own.sender.send(b"numbers".to_vec()).await;
    let (head, body) = asked.recv().unwrap();
    for part in
        ["POST /v1/metrics ", "authorization: Bearer canary", "content-encoding: gzip", "application/x-protobuf"]
    {
        assert!(head.contains(part), "{part}: {head}");
    }
    let mut plain = String::new();
    flate2::read::GzDecoder::new(&body[..]).read_to_string(&mut plain).unwrap();
    assert_eq!(plain, "numbers");
}

#[tokio::test]
async fn an_outage_is_reported_once() {
    let down = || answer("503 Not Now", "", "");
    let up = || answer("200 OK", "", "");
    let (url, asked) = answering(vec![down(), down(), up(), down(), up(), up()]);
    let own = own(&url, &[]).unwrap().unwrap();
    let (reports, heard) = channel();
    let (stop, stopped) = watch::channel(false);
    let gather = || b"numbers".to_vec();
    let task = tokio::spawn(run(own, gather, move |why| reports.send(why).unwrap(), stopped));
    let asked = tokio::task::spawn_blocking(move || (0..5).for_each(|_| drop(asked.recv().unwrap())));
    asked.await.unwrap();
    stop.send_replace(true);
    task.await.unwrap();
    let messages: Vec<String> = heard.iter().collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(
        messages[0].starts_with("self-telemetry: http://127.0.0.1:") && messages[0].contains("503"),
        "{messages:?}"
    );
}
