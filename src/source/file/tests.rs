//! Files and what happens to them, through the provider.

use crate::columns::Item;
use crate::intake::{Intake, Limits, Reader};
use crate::model::ConnectionState;
use crate::source::{Provider, Settings, SourceSpec};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Following {
    folder: tempfile::TempDir,
    path: PathBuf,
    provider: Provider,
    reader: Reader,
    came: Vec<String>,
    runtime: Option<tokio::runtime::Runtime>,
}

fn following(begin: Option<&str>) -> Following {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spans.jsonl");
    if let Some(text) = begin {
        std::fs::write(&path, text).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (intake, reader) = Intake::new(Limits::default());
    let provider = Provider::new(Settings::default(), intake, runtime.handle().clone());
    provider.connect(SourceSpec::parse(path.to_str().unwrap()).unwrap(), None).unwrap();
    Following { folder, path, provider, reader, came: Vec::new(), runtime: Some(runtime) }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.provider.disconnect_all();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Following {
    /// Waits until so many items have come in all; their names in order: a span's, an event's text, `-` for a gap.
    fn came(&mut self, count: usize) -> Vec<String> {
        let begun = Instant::now();
        while self.came.len() < count {
            assert!(begun.elapsed() < Duration::from_secs(20), "only {:?}; {:?}", self.came, self.provider.list());
            let parcels = self.reader.drain(Duration::from_millis(500));
            for item in parcels.iter().flat_map(|parcel| parcel.batches.iter().flat_map(|batch| batch.items())) {
                self.came.push(match item {
                    Item::Span(span) => span.name().to_owned(),
                    Item::Event(event) if event.gap().is_some() => "-".into(),
                    Item::Event(event) => event.payload().display(),
                    other => other.signal().word().into(),
                });
            }
        }
        self.came.clone()
    }

    fn append(&self, text: &str) {
        append(&self.path, text);
    }

    fn error(&self) -> String {
        let begun = Instant::now();
        loop {
            if let Some(error) = self.provider.list().remove(0).error {
                return error;
            }
            assert!(begun.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn document(name: &str) -> String {
    let id = format!("{:016x}", fastrand::u64(1..));
    format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{id}{id}","spanId":"{id}","name":"{name}","startTimeUnixNano":"1","endTimeUnixNano":"2"}}]}}]}}]}}"#
    )
}

fn line(name: &str) -> String {
    document(name) + "\n"
}

#[test]
fn every_way_of_writing_documents_is_read() {
    let pretty = document("pretty").replace(",", ",\n  ").replace('{', "{\n");
    let text = [
        line("line"),
        document("one") + &document("behind another") + "\n",
        pretty + "\n",
        format!("[\n{},\n{}\n]\n", document("in an array"), document("too")),
        "\n\r\n".to_owned() + &document("windows") + "\r\n",
    ];
    let mut following = following(Some(&format!("\u{feff}{}", text.concat())));
    let names = ["line", "one", "behind another", "pretty", "in an array", "too", "windows"];
    assert_eq!(following.came(names.len()), names);
    assert_eq!(following.reader.counts().total.rejected, 0);
}

#[test]
fn span_records_json_and_plain_lines_are_read_in_their_order() {
    let record = r#"{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"record"}"#;
    let text = format!("plain words\n{record}\n{{\"level\":\"info\"}}\n{}", line("otlp"));
    let mut following = following(Some(&text));
    assert_eq!(following.came(4), ["plain words", "record", r#"{level: "info"}"#, "otlp"]);
}

#[test]
fn a_line_that_is_not_ended_waits_for_its_end() {
    let whole = line("whole");
    let (begin, end) = whole.split_at(40);
    let mut following = following(Some(&(line("first") + begin)));
    assert_eq!(following.came(1), ["first"]);
    std::thread::sleep(Duration::from_millis(250));
    following.append(end);
    assert_eq!(following.came(2), ["first", "whole"]);
    following.append("half a ");
    std::thread::sleep(Duration::from_millis(250));
    following.append("line\n");
    assert_eq!(following.came(3)[2], "half a line");
    assert_eq!(following.reader.counts().total.rejected, 0);
}

#[test]
fn a_document_without_a_lines_end_is_read_when_it_is_whole() {
    let mut following = following(Some(&document("no end")));
    assert_eq!(following.came(1), ["no end"]);
}

#[test]
fn a_file_that_grows_is_followed() {
    let mut following = following(Some(""));
    for n in 1..=3 {
        following.append(&line(&n.to_string()));
        assert_eq!(following.came(n).len(), n);
    }
}

#[test]
fn a_file_that_is_renamed_is_read_to_its_end_and_its_successor_from_its_beginning() {
    let mut following = following(Some(&line("1")));
    following.came(1);
    let old = following.folder.path().join("spans.jsonl.1");
    std::fs::rename(&following.path, &old).unwrap();
    append(&old, &line("2"));
    assert_eq!(following.came(2), ["1", "2"]);
    following.append(&line("3"));
    assert_eq!(following.came(3), ["1", "2", "3"]);
    following.append(&line("4"));
    assert_eq!(following.came(4), ["1", "2", "3", "4"]);
}

#[test]
fn a_file_that_is_cut_is_read_from_its_beginning() {
    let mut following = following(Some(&(line("1") + &line("2"))));
    following.came(2);
    File::create(&following.path).unwrap();
    std::thread::sleep(Duration::from_millis(250));
    following.append(&line("3"));
    assert_eq!(following.came(3), ["1", "2", "3"]);
}

#[test]
fn a_file_that_is_copied_cut_and_filled_beyond_its_old_length_at_once_is_read_from_its_beginning() {
    let mut following = following(Some(&line("1")));
    following.came(1);
    std::fs::copy(&following.path, following.folder.path().join("copy")).unwrap();
    std::fs::write(&following.path, line("2") + &line("3") + &line("4")).unwrap();
    assert_eq!(following.came(4), ["1", "2", "3", "4"]);
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for_and_said_so() {
    let mut following = following(None);
    assert!(following.error().contains("waiting for it"));
    assert_eq!(following.provider.list()[0].state, ConnectionState::Connecting);
    following.append(&line("1"));
    assert_eq!(following.came(1), ["1"]);
    let connection = following.provider.list().remove(0);
    assert_eq!((connection.state, connection.error), (ConnectionState::Active, None));
}

#[test]
fn a_file_that_is_removed_is_said_so_and_its_successor_followed() {
    let mut following = following(Some(&line("1")));
    following.came(1);
    std::fs::remove_file(&following.path).unwrap();
    assert!(following.error().contains("removed"));
    following.append(&line("2"));
    assert_eq!(following.came(2), ["1", "2"]);
}

#[test]
fn while_it_is_held_nothing_is_read_and_nothing_lost() {
    let mut following = following(Some(&line("1")));
    following.came(1);
    let id = following.provider.list()[0].id;
    assert!(following.provider.pause(id));
    following.append(&line("2"));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(following.reader.counts().total.received, 1);
    assert!(following.provider.resume(id));
    assert_eq!(following.came(2), ["1", "2"]);
    assert_eq!(following.reader.counts().total.skipped, 0);
}

#[test]
fn a_line_over_the_limit_is_a_gap_and_the_next_one_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long");
    let mut file = File::create(&path).unwrap();
    let piece = vec![b'x'; 1 << 20];
    (0..66).for_each(|_| file.write_all(&piece).unwrap());
    file.write_all(format!("\n{}", line("after")).as_bytes()).unwrap();
    let mut following = following(None);
    std::fs::rename(&path, &following.path).unwrap();
    assert_eq!(following.came(2), ["-", "after"]);
    assert_eq!(following.reader.counts().total.rejected, 1);
}

#[test]
fn a_folder_is_an_error() {
    let following = following(None);
    std::fs::create_dir(&following.path).unwrap();
    let begun = Instant::now();
    while following.provider.list()[0].state != ConnectionState::Error {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(following.error().contains("directory"));
}

#[test]
fn a_torn_line_is_an_event_and_the_next_document_is_read_at_once() {
    let torn = "{\"resourceSpans\":[";
    let mut following = following(Some(&format!("{torn}\n{}", line("next"))));
    assert_eq!(following.came(2), [torn, "next"]);
    following.append(&format!("{torn}{}", line("on the same line")));
    assert_eq!(following.came(4)[2..], [torn, "on the same line"]);
    assert_eq!(following.reader.counts().total.rejected, 2);
}

#[test]
fn a_document_on_many_lines_without_a_last_lines_end_is_read_when_it_is_whole() {
    let pretty = document("pretty").replace(",", ",\n  ").replace('{', "{\n");
    let mut following = following(Some(&pretty));
    assert_eq!(following.came(1), ["pretty"]);
}

#[test]
fn documents_on_one_endless_line_are_read() {
    let text = document("endless").repeat(4_000);
    let mut following = following(Some(&text));
    assert_eq!(following.came(4_000).len(), 4_000);
}
