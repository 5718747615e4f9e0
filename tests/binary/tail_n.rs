//! `--tail` and `--since`: the items of a file at the start, and the items that follow.

use crate::documents::{names, spans};
use crate::otail::{Otail, json};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A file with this content in its own directory.
fn file(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn tail(path: &Path, flags: &[&str]) -> Otail {
    Otail::tail(&[&["-o", "json", path.to_str().unwrap()], flags].concat())
}

/// The texts of events, and the names of spans.
#[track_caller]
fn told(lines: &[String]) -> Vec<String> {
    let text = |line: &serde_json::Value| line["payload"].as_str().or(line["name"].as_str()).unwrap().to_owned();
    json(lines).iter().map(text).collect()
}

/// The items that are printed at the start. Checks that added items follow and nothing comes between.
#[track_caller]
fn gives(text: impl AsRef<[u8]>, flags: &[&str], expected: &[&str]) {
    let (folder, path) = file(text);
    let log = folder.path().join("log");
    let otail = tail(&path, &[flags, &["--log-file", log.to_str().unwrap()]].concat());
    otail.wait_for(expected.len());
    // If no item is expected, otail may not have started reading yet.
    let begun = Instant::now();
    while !fs::read_to_string(&log).is_ok_and(|log| log.contains("connection.established")) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", fs::read_to_string(&log));
        std::thread::sleep(Duration::from_millis(5));
    }
    append(&path, "new\n");
    otail.wait_for(expected.len() + 1);
    let ended = otail.stop();
    assert_eq!(told(&ended.out), [expected, &["new"]].concat(), "{flags:?}: {}", ended.err);
}

fn since_epoch() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()
}

/// A line with a span that ended this many minutes ago.
fn span_of(minutes: u128) -> String {
    let end = since_epoch() - minutes * 60_000_000_000;
    let line = spans(&[&format!("{minutes} min")]);
    line.replace("1755000000001000000", &end.to_string())
}

#[test]
fn the_last_items_and_new_ones_are_printed() {
    gives("a\nb\nc\nd\n", &["--tail", "2"], &["c", "d"]);
}

#[test]
fn tail_0_prints_new_items_only() {
    gives("a\nb\n", &["--tail", "0"], &[]);
}

#[test]
fn a_large_count_prints_all_items() {
    gives("a\nb\n", &["--tail", "5"], &["a", "b"]);
}

#[test]
fn items_are_counted_and_not_lines_or_documents() {
    let text = spans(&["a", "b", "c"]) + "\n\n" + &spans(&["d"]);
    gives(text, &["--tail", "2"], &["c", "d"]);
}

#[test]
fn items_of_several_signals_keep_their_order() {
    let log = crate::documents::log("log");
    let text = spans(&["a"]) + &log + &spans(&["b", "c"]) + &log + &spans(&["d"]) + "word\n";
    let (_folder, path) = file(text);
    let otail = tail(&path, &["--tail", "4"]);
    otail.wait_for(4);
    let signals: Vec<_> =
        json(&otail.stop().out).iter().map(|line| line["signal"].as_str().unwrap().to_owned()).collect();
    // The items of documents that are read together are printed signal by signal.
    assert_eq!(signals, ["span", "span", "log", "event"]);
}

#[test]
fn a_document_on_many_lines_stays_whole() {
    let pretty = |name: &str| {
        let document: serde_json::Value = serde_json::from_str(&spans(&[name])).unwrap();
        serde_json::to_string_pretty(&document).unwrap() + "\n"
    };
    gives(["a", "b", "c"].map(pretty).concat(), &["--tail", "2"], &["b", "c"]);
}

#[test]
fn documents_of_an_array_count_too() {
    let documents = ["a", "b", "c"].map(|name| spans(&[name]).trim_end().to_owned());
    gives(format!("[{}]\n", documents.join(",")), &["--tail", "2"], &["b", "c"]);
}

#[test]
fn lines_may_end_with_crlf() {
    gives("a\r\nb\r\nc\r\n", &["--tail", "2"], &["b", "c"]);
}

#[test]
fn an_unfinished_last_line_is_new() {
    let (_folder, path) = file("a\nb\nhalf");
    let otail = tail(&path, &["--tail", "1"]);
    otail.wait_for(1);
    append(&path, " a line\n");
    otail.wait_for(2);
    assert_eq!(told(&otail.stop().out), ["b", "half a line"]);
}

#[test]
fn a_last_document_without_newline_counts() {
    let text = spans(&["a"]) + spans(&["b"]).trim_end();
    gives(text, &["--tail", "1"], &["b"]);
}

#[test]
fn characters_at_block_ends_stay_whole() {
    // Lines of 7 bytes, so that blocks end at every position within a line.
    let text = "é漢x\n".repeat(60_000);
    let (_folder, path) = file(text);
    let otail = tail(&path, &["--tail", "50000"]);
    otail.wait_for(50_000);
    assert!(told(&otail.stop().out).iter().all(|line| line == "é漢x"));
}

#[test]
fn a_later_rotated_file_is_read_whole() {
    let (_folder, path) = file("a\nb\nc\n");
    let otail = tail(&path, &["--tail", "1"]);
    otail.wait_for(1);
    let old = path.with_extension("1");
    fs::rename(&path, &old).unwrap();
    append(&old, "late\n");
    otail.wait_for(2);
    append(&path, "d\ne\n");
    otail.wait_for(4);
    assert_eq!(told(&otail.stop().out), ["c", "late", "d", "e"]);
}

#[test]
fn a_truncated_file_is_read_from_its_start() {
    let (_folder, path) = file("a\nb\nc\n");
    let otail = tail(&path, &["--tail", "1"]);
    otail.wait_for(1);
    fs::write(&path, "d\ne\n").unwrap();
    otail.wait_for(3);
    assert_eq!(told(&otail.stop().out), ["c", "d", "e"]);
}

#[test]
fn a_new_file_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later");
    let otail = tail(&path, &["--tail", "1", "--since", "1s"]);
    otail.err.wait("that it waits", |lines| lines.iter().any(|line| line.contains("waiting")).then_some(()));
    let other = folder.path().join("other");
    fs::write(&other, "a\n".to_owned() + &span_of(60)).unwrap();
    fs::rename(&other, &path).unwrap();
    otail.wait_for(2);
    assert_eq!(told(&otail.stop().out), ["a", "60 min"]);
}

#[test]
fn a_growing_file_loses_nothing() {
    let (_folder, path) = file("old\n".repeat(1_000));
    let otail = tail(&path, &["--tail", "1"]);
    for n in 0..200 {
        append(&path, &format!("{n}\n"));
    }
    append(&path, "end\n");
    otail.out.wait("the end", |lines| lines.iter().any(|line| line.contains("\"end\"")).then_some(()));
    let printed = told(&otail.stop().out);
    // The number of lines at the start is unknown; the numbers must be consecutive to the end.
    let numbers: Vec<u64> = printed.iter().filter_map(|line| line.parse().ok()).collect();
    let first = numbers.first().copied().unwrap_or(200);
    assert_eq!(numbers, (first..200).collect::<Vec<_>>());
    assert_eq!(printed.iter().filter(|line| *line == "old").count(), usize::from(first == 0 && printed[0] == "old"));
}

#[test]
fn compressed_files_have_last_items_too() {
    let text = "a\nb\n".to_owned() + &spans(&["c", "d"]) + "e\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    for packed in [gzip.finish().unwrap(), zstd::encode_all(text.as_bytes(), 0).unwrap()] {
        let (_folder, path) = file(packed);
        let ended = tail(&path, &["--tail", "2"]).end();
        assert_eq!((told(&ended.out), ended.code), (vec!["d".into(), "e".into()], Some(0)), "{}", ended.err);
    }
}

#[test]
fn of_standard_input_the_final_items_are_printed() {
    let mut otail = Otail::tail(&["-o", "json", "-", "--tail", "2"]);
    otail.stdin.as_mut().unwrap().write_all(b"a\nb\nc\nwithout an end").unwrap();
    let ended = otail.end();
    assert_eq!((told(&ended.out), ended.code), (vec!["c".into(), "without an end".into()], Some(0)));
}

#[test]
fn last_items_are_counted_before_the_filter() {
    let (_folder, path) = file("yes 1\nno 2\nyes 3\nno 4\n");
    let ended = tail(&path, &["--tail", "2", "--filter", "yes", "--limit", "1"]).end();
    assert_eq!(told(&ended.out), ["yes 3"]);
}

#[test]
fn last_items_are_counted_for_each_file() {
    let (folder, path) = file("a\nb\n");
    let other = folder.path().join("other");
    fs::write(&other, "c\nd\n").unwrap();
    let otail = tail(&path, &[other.to_str().unwrap(), "--tail", "1"]);
    otail.wait_for(2);
    let mut told = told(&otail.stop().out);
    told.sort();
    assert_eq!(told, ["b", "d"]);
}

#[test]
fn old_items_are_left_out() {
    let text = span_of(60) + "words\n" + &span_of(30) + &span_of(5) + &span_of(1);
    gives(text, &["--since", "10m"], &["words", "5 min", "1 min"]);
}

#[test]
fn tail_and_since_both_apply() {
    gives(span_of(5) + &span_of(60) + &span_of(1), &["--since", "10m", "--tail", "2"], &["1 min"]);
}

#[test]
fn later_items_may_be_old() {
    let (_folder, path) = file(span_of(60) + &span_of(1));
    let otail = tail(&path, &["--since", "10m"]);
    otail.wait_for(1);
    append(&path, &span_of(90));
    otail.wait_for(2);
    assert_eq!(names(&otail.stop().out), ["1 min", "90 min"]);
}

#[test]
fn old_items_of_standard_input_are_left_out() {
    let mut otail = Otail::tail(&["-o", "json", "-", "--since", "10m"]);
    otail.stdin.as_mut().unwrap().write_all((span_of(60) + &span_of(1)).as_bytes()).unwrap();
    assert_eq!(names(&otail.end().out), ["1 min"]);
}

#[test]
fn omitted_items_are_counted_as_filtered() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let (_folder, path) = file(spans(&["a", "b", "c"]) + &span_of(60) + &span_of(1));
    let otail = tail(&path, &["--tail", "4", "--since", "10m", "--log-file", log.to_str().unwrap()]);
    otail.wait_for(1);
    otail.stop();
    let log = fs::read_to_string(log).unwrap();
    // --tail 4 leaves out one of the five lines; of the other four, three are old.
    let last = log.lines().last().unwrap();
    for part in ["received=5", "stored=1", "filtered=4"] {
        assert!(last.contains(part), "{part}: {last}");
    }
}

#[test]
fn impossible_values_are_usage_errors() {
    let (_folder, path) = file("a\n");
    let path = path.to_str().unwrap();
    for (arguments, words) in [
        (vec![path, "--tail", "-1"], "a whole number"),
        (vec![path, "--tail", "+5"], "a whole number"),
        (vec![path, "--tail", "ten"], "a whole number"),
        (vec![path, "--since", "banana"], "unit of time"),
        (vec![path, "--since", "0s"], "--tail 0"),
        (vec!["listen://127.0.0.1:0", "--tail", "1"], "--tail applies to files"),
        (vec!["http://127.0.0.1:9/", "--since", "1m"], "--since applies to files"),
        (vec!["--since", "1m"], "--since applies to files"),
        (vec!["-", "--tail", "0"], "standard input"),
    ] {
        let ended = Otail::tail(&arguments).end();
        assert!(ended.err.contains(words), "{arguments:?}: {}", ended.err);
        assert_eq!((ended.code, ended.out.len()), (Some(2), 0), "{arguments:?}");
    }
}
