//! Files and changes to them, tested through the provider.

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
    provider.connect_to(SourceSpec::parse(path.to_str().unwrap()).unwrap(), None).unwrap();
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
    /// Waits until this many items have arrived in total; returns their names in order: a span's name, an event's text, `-`
    /// for a gap.
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

    fn ends_as(&self, state: ConnectionState) {
        let begun = Instant::now();
        while self.provider.list()[0].state != state {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", self.provider.list());
            std::thread::sleep(Duration::from_millis(10));
        }
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
fn documents_are_read_in_every_layout() {
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
fn mixed_lines_are_read_in_order() {
    let record = r#"{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"record"}"#;
    let text = format!("plain words\n{record}\n{{\"level\":\"info\"}}\n{}", line("otlp"));
    let mut following = following(Some(&text));
    assert_eq!(following.came(4), ["plain words", "record", r#"{level: "info"}"#, "otlp"]);
}

#[test]
fn an_unfinished_line_waits_for_its_end() {
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
fn a_complete_document_needs_no_newline() {
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
fn a_renamed_file_is_read_out_before_its_successor() {
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
fn a_truncated_file_is_read_from_its_beginning() {
    let mut following = following(Some(&(line("1") + &line("2"))));
    following.came(2);
    File::create(&following.path).unwrap();
    std::thread::sleep(Duration::from_millis(250));
    following.append(&line("3"));
    assert_eq!(following.came(3), ["1", "2", "3"]);
}

#[test]
fn a_file_refilled_beyond_its_length_is_reread() {
    let mut following = following(Some(&line("1")));
    following.came(1);
    std::fs::copy(&following.path, following.folder.path().join("copy")).unwrap();
    std::fs::write(&following.path, line("2") + &line("3") + &line("4")).unwrap();
    assert_eq!(following.came(4), ["1", "2", "3", "4"]);
}

#[test]
fn a_missing_file_is_awaited_with_a_message() {
    let mut following = following(None);
    assert!(following.error().contains("waiting for it"));
    assert_eq!(following.provider.list()[0].state, ConnectionState::Connecting);
    following.append(&line("1"));
    assert_eq!(following.came(1), ["1"]);
    let connection = following.provider.list().remove(0);
    assert_eq!((connection.state, connection.error), (ConnectionState::Active, None));
}

#[test]
fn a_removed_file_is_reported_and_its_successor_followed() {
    let mut following = following(Some(&line("1")));
    following.came(1);
    std::fs::remove_file(&following.path).unwrap();
    assert!(following.error().contains("removed"));
    following.append(&line("2"));
    assert_eq!(following.came(2), ["1", "2"]);
}

#[test]
fn a_paused_file_loses_nothing() {
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
fn a_line_over_the_limit_becomes_a_gap() {
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
fn a_torn_line_does_not_delay_the_next_document() {
    let torn = "{\"resourceSpans\":[";
    let mut following = following(Some(&format!("{torn}\n{}", line("next"))));
    assert_eq!(following.came(2), [torn, "next"]);
    following.append(&format!("{torn}{}", line("on the same line")));
    assert_eq!(following.came(4)[2..], [torn, "on the same line"]);
    // The text is kept and counted as an event, not as a rejection too.
    assert_eq!((following.reader.counts().total.received, following.reader.counts().total.rejected), (4, 0));
    assert!(following.provider.list()[0].rejection.is_some(), "but it is reported");
}

#[test]
fn a_multiline_document_needs_no_last_newline() {
    let pretty = document("pretty").replace(",", ",\n  ").replace('{', "{\n");
    let mut following = following(Some(&pretty));
    assert_eq!(following.came(1), ["pretty"]);
}

#[test]
fn documents_on_one_endless_line_are_read() {
    let text: String = (0..4_000).map(|_| document("endless")).collect();
    let mut following = following(Some(&text));
    assert_eq!(following.came(4_000).len(), 4_000);
}

/// The text as gzip with two members, and as zstd.
fn packed(text: &str) -> [Vec<u8>; 2] {
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let (head, rest) = text.split_at(text.len() / 2);
    [[gzip(head), gzip(rest)].concat(), zstd::encode_all(text.as_bytes(), 0).unwrap()]
}

#[test]
fn a_compressed_file_is_unpacked_but_not_followed() {
    for packed in packed(&(line("1") + &line("2"))) {
        let mut following = following(None);
        let other = following.folder.path().join("other");
        std::fs::write(&other, packed).unwrap();
        std::fs::rename(&other, &following.path).unwrap();
        assert_eq!(following.came(2), ["1", "2"]);
        following.ends_as(ConnectionState::Disconnected);
    }
}

#[test]
fn a_cut_compressed_file_gives_items_and_an_error() {
    let text: String = (0..2_000).map(|n| line(&n.to_string())).collect();
    let [gzip, _] = packed(&text);
    let mut following = following(None);
    let other = following.folder.path().join("other");
    std::fs::write(&other, &gzip[..gzip.len() - 20]).unwrap();
    std::fs::rename(&other, &following.path).unwrap();
    assert_eq!(following.came(100)[0], "0");
    following.ends_as(ConnectionState::Error);
    assert!(following.error().contains("cannot be unpacked"));
}

#[test]
fn a_file_refilled_to_its_length_is_reread() {
    // The ends are equal for much more than the closing brackets of a line.
    let text = |name: &str| line(name) + &(" ".repeat(100) + "\n").repeat(30);
    let (old, new) = (text("1"), text("2"));
    assert_eq!(old.len(), new.len());
    let mut following = following(Some(&old));
    following.came(1);
    std::fs::OpenOptions::new().write(true).open(&following.path).unwrap().write_all(new.as_bytes()).unwrap();
    assert_eq!(following.came(2), ["1", "2"]);
}

#[test]
fn reading_continues_after_a_passing_error() {
    use super::super::board::Board;
    use super::super::{link::Link, wanted::Wanted};
    use super::{follow::Follower, text::TextDecoder};
    use std::io::{Error, ErrorKind, Read};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (intake, mut reader) = Intake::new(Limits::default());
    let board = Arc::new(Board::new(1, intake.clone(), runtime.handle().clone()));
    let (_wanted, wants) = tokio::sync::watch::channel(Wanted::Running);
    let link = Link::new(crate::model::SourceId(1), intake, board, wants);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines");
    std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
    let mut turn = 0;
    let read = move |file: &mut File, piece: &mut [u8]| {
        turn += 1;
        // A few bytes at a time with an error after each, so that errors split lines.
        if turn % 2 == 0 { Err(Error::from(ErrorKind::StaleNetworkFileHandle)) } else { file.read(&mut piece[..5]) }
    };
    let stop = Arc::new(AtomicBool::new(false));
    let reading = TextDecoder::new(link.clone(), runtime.handle().clone());
    let follower = Follower::reading_with(path, Default::default(), Box::new(read));
    let thread = std::thread::spawn({
        let stop = stop.clone();
        move || follower.run(&link, reading, &stop)
    });
    let (begun, mut came) = (Instant::now(), Vec::new());
    while came.len() < 3 && begun.elapsed() < Duration::from_secs(20) {
        for parcel in reader.drain(Duration::from_millis(200)) {
            for item in parcel.batches.iter().flat_map(|batch| batch.items()) {
                let Item::Event(event) = item else { unreachable!() };
                came.push(event.payload().display());
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    thread.join().unwrap().unwrap();
    assert_eq!(came, ["one", "two", "three"]);
}

/// The items read from a text that arrives in these pieces.
fn read_in(pieces: &[&[u8]]) -> Vec<String> {
    use super::super::board::Board;
    use super::super::{link::Link, wanted::Wanted};
    use std::sync::Arc;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (intake, mut reader) = Intake::new(Limits::default());
    let board = Arc::new(Board::new(1, intake.clone(), runtime.handle().clone()));
    let (_wanted, wants) = tokio::sync::watch::channel(Wanted::Running);
    let link = Link::new(crate::model::SourceId(1), intake.clone(), board, wants);
    let mut reading = super::text::TextDecoder::new(link, runtime.handle().clone());
    pieces.iter().for_each(|piece| reading.push(piece));
    reading.end();
    intake.close();
    let mut names = Vec::new();
    while !reader.is_closed() {
        for item in
            reader.drain(Duration::ZERO).iter().flat_map(|parcel| &parcel.batches).flat_map(|batch| batch.items())
        {
            names.push(match item {
                Item::Span(span) => span.name().to_owned(),
                Item::Event(event) => event.payload().display(),
                other => other.signal().word().into(),
            });
        }
    }
    names
}

#[test]
fn a_document_after_torn_text_is_read() {
    let pretty = document("pretty").replace('{', "{\n");
    for torn in [
        "{{\n",
        "{{",
        "{\n{",
        "{\"a\":{\n",
        "words {\n",
        "[{",
        "{\"a\n",
        "{{\n  \"",
        "{\"a\":[1,\n",
        "{\"resourceSpans\":[\n",
    ] {
        let text = format!("{torn}{pretty}\n{}", line("next"));
        let whole = read_in(&[text.as_bytes()]);
        assert_eq!(whole[whole.len() - 2..], ["pretty", "next"], "{torn:?}");
        for at in 1..torn.len() + 24 {
            let (head, rest) = text.as_bytes().split_at(at);
            assert_eq!(read_in(&[head, rest]), whole, "{torn:?} at {at}");
            let pieces = [b"begun ".as_slice(), &[b"before\n", head].concat(), rest];
            assert_eq!(read_in(&pieces)[1..], whole, "{torn:?} at {at}, behind a line");
        }
    }
}

#[test]
fn a_document_inside_a_text_line_is_read() {
    let pretty = document("pretty").replace('{', "{\n");
    let text = format!("shop-1  | {}[01:02] INFO {} sent\n2026 got {pretty}\nwords {{}}\n", line("a"), document("b"));
    for at in 1..text.len() {
        let (head, rest) = text.as_bytes().split_at(at);
        assert_eq!(read_in(&[head, rest]), ["a", "b", "pretty", "words {}"], "at {at}");
    }
}

#[test]
fn a_line_ending_with_a_brace_is_not_delayed() {
    let mut following = following(Some("fn main() {\n"));
    assert_eq!(following.came(1), ["fn main() {"]);
    following.append("half ");
    std::thread::sleep(Duration::from_millis(250));
    following.append("a line {\n");
    assert_eq!(following.came(2)[1], "half a line {");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_without_a_size_is_read_once() {
    let mut following = following(None);
    std::os::unix::fs::symlink("/proc/self/limits", &following.path).unwrap();
    let lines = std::fs::read_to_string("/proc/self/limits").unwrap().lines().count();
    assert_eq!(following.came(lines).len(), lines);
    // Long enough for several checks of the file.
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(following.reader.drain(Duration::ZERO).len(), 0);
    assert_eq!(following.reader.counts().total.received, lines as u64);
}

#[test]
#[cfg(target_os = "linux")]
fn a_link_from_proc_to_a_log_is_followed() {
    let mut following = following(None);
    std::os::unix::fs::symlink("/proc/self/limits", &following.path).unwrap();
    let lines = std::fs::read_to_string("/proc/self/limits").unwrap().lines().count();
    following.came(lines);
    std::fs::remove_file(&following.path).unwrap();
    following.append(&line("log"));
    assert_eq!(following.came(lines + 1).last().map(String::as_str), Some("log"));
}
