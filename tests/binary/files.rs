//! Standard input, and files that grow and are rotated.

use crate::documents::{names, spans};
use crate::otail::{Otail, json};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A followed file in its own directory.
struct Followed {
    _directory: tempfile::TempDir,
    path: PathBuf,
    otail: Otail,
}

impl Followed {
    /// Follows a file until its first span, `first`, has been printed.
    fn begin() -> Followed {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("traces.jsonl");
        fs::write(&path, "").unwrap();
        let otail = Otail::tail(&["-o", "json", &format!("file:{}", path.display())]);
        append(&path, &spans(&["first"]));
        otail.wait_for(1);
        Followed { _directory: directory, path, otail }
    }

    fn rotated(&self) -> PathBuf {
        self.path.with_extension("jsonl.1")
    }

    /// Waits for these spans and checks that nothing else was printed.
    #[track_caller]
    fn owes(self, expected: &[&str]) {
        self.otail.wait_for(expected.len());
        let ended = self.otail.stop();
        assert_eq!(names(&ended.out), expected, "{}", ended.err);
        assert_eq!(ended.code, Some(143));
    }
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn standard_input_is_read_to_its_end() {
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    let text = spans(&["a", "b"]) + &spans(&["c"]);
    otail.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let ended = otail.end();
    assert_eq!(names(&ended.out), ["a", "b", "c"], "{}", ended.err);
    assert_eq!(ended.code, Some(0));
}

#[test]
fn standard_input_is_printed_at_once() {
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    for (index, name) in ["a", "b", "c"].iter().enumerate() {
        otail.stdin.as_mut().unwrap().write_all(spans(&[name]).as_bytes()).unwrap();
        assert_eq!(names(&otail.wait_for(index + 1)).last().unwrap(), name);
    }
    assert_eq!(otail.end().code, Some(0));
}

#[test]
fn documents_may_span_or_share_lines() {
    let document: serde_json::Value = serde_json::from_str(&spans(&["pretty"])).unwrap();
    let pretty = serde_json::to_string_pretty(&document).unwrap();
    let beside = spans(&["beside"]).trim_end().to_owned() + &spans(&["another"]);
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    otail.stdin.take().unwrap().write_all((pretty + &beside).as_bytes()).unwrap();
    assert_eq!(names(&otail.end().out), ["pretty", "beside", "another"]);
}

#[test]
fn a_bad_line_does_not_affect_other_lines() {
    let text = spans(&["before"]) + "}{ no JSON\n" + &spans(&["behind"]);
    let mut otail = Otail::tail(&["-o", "json", "--signal", "spans", "-"]);
    otail.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert_eq!(names(&otail.end().out), ["before", "behind"]);
}

#[test]
fn a_last_line_without_newline_is_read() {
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    otail.stdin.take().unwrap().write_all(spans(&["last"]).trim_end().as_bytes()).unwrap();
    assert_eq!(names(&otail.end().out), ["last"]);
}

#[test]
fn a_growing_file_is_followed() {
    let followed = Followed::begin();
    append(&followed.path, &spans(&["second"]));
    followed.otail.wait_for(2);
    let line = spans(&["third, in two parts"]);
    let (head, rest) = line.split_at(line.len() / 2);
    append(&followed.path, head);
    append(&followed.path, &(rest.to_owned() + &spans(&["fourth"])));
    followed.owes(&["first", "second", "third, in two parts", "fourth"]);
}

#[test]
fn a_rotated_file_loses_and_repeats_nothing() {
    let followed = Followed::begin();
    fs::rename(&followed.path, followed.rotated()).unwrap();
    append(&followed.rotated(), &spans(&["late, in the old file"]));
    followed.otail.wait_for(2);
    append(&followed.path, &spans(&["second", "third"]));
    followed.otail.wait_for(4);
    append(&followed.path, &spans(&["fourth"]));
    followed.owes(&["first", "late, in the old file", "second", "third", "fourth"]);
}

#[test]
fn a_removed_file_is_awaited() {
    let followed = Followed::begin();
    fs::remove_file(&followed.path).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    append(&followed.path, &spans(&["back"]));
    followed.owes(&["first", "back"]);
}

#[test]
fn a_truncated_file_is_read_from_its_start() {
    let followed = Followed::begin();
    append(&followed.path, &spans(&["second"]));
    followed.otail.wait_for(2);
    File::create(&followed.path).unwrap();
    append(&followed.path, &spans(&["third"]));
    followed.otail.wait_for(3);
    append(&followed.path, &spans(&["fourth"]));
    followed.owes(&["first", "second", "third", "fourth"]);
}

#[test]
fn a_copied_and_truncated_file_repeats_nothing() {
    let followed = Followed::begin();
    append(&followed.path, &spans(&["second"]));
    followed.otail.wait_for(2);
    fs::copy(&followed.path, followed.rotated()).unwrap();
    OpenOptions::new().write(true).open(&followed.path).unwrap().set_len(0).unwrap();
    append(&followed.path, &spans(&["third"]));
    followed.otail.wait_for(3);
    append(&followed.path, &spans(&["fourth"]));
    followed.owes(&["first", "second", "third", "fourth"]);
}

#[test]
fn a_plain_path_is_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("traces.jsonl");
    fs::write(&path, spans(&["a", "b"])).unwrap();
    let otail = Otail::tail(&["-o", "json", "--limit", "2", path.to_str().unwrap()]);
    let ended = otail.end();
    assert_eq!(names(&ended.out), ["a", "b"], "{}", ended.err);
    assert_eq!(ended.code, Some(0));
}

#[test]
fn at_the_end_complete_lines_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines");
    std::fs::write(&path, "first\nand one without an end").unwrap();
    let path = path.to_str().unwrap();
    let otail = Otail::tail(&["-o", "json", path]);
    otail.wait_for(1);
    let printed = |lines: &[String]| json(lines).iter().map(|line| line["payload"].clone()).collect::<Vec<_>>();
    assert_eq!(printed(&otail.stop().out), ["first", "and one without an end"]);
    let ended = Otail::tail(&["-o", "json", path, "--for", "1s"]).end();
    assert_eq!((printed(&ended.out), ended.code), (vec!["first".into(), "and one without an end".into()], Some(0)));
}

#[test]
fn an_unfinished_item_is_reported_at_the_end() {
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    otail.stdin.as_mut().unwrap().write_all(b"{\"resourceSpans\":[{\"scopeSpans\":").unwrap();
    let ended = otail.end();
    assert!(ended.err.contains("ended inside an item"), "{}", ended.err);
    assert_eq!(ended.out.len(), 1, "its text is an event: {:?}", ended.out);
}

#[test]
fn compressed_standard_input_is_read() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(b"one\ntwo\n").unwrap();
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    otail.stdin.as_mut().unwrap().write_all(&packed.finish().unwrap()).unwrap();
    let ended = otail.end();
    assert_eq!((ended.out.len(), ended.code), (2, Some(0)), "{:?}", ended.out);
}

#[test]
fn a_line_of_null_is_a_visible_event() {
    let mut otail = Otail::tail(&["-o", "text", "-"]);
    otail.stdin.as_mut().unwrap().write_all(b"null\n").unwrap();
    let ended = otail.end();
    assert!(ended.out.len() == 1 && ended.out[0].contains("null"), "{:?}", ended.out);
}

#[test]
fn a_line_of_null_is_a_json_null() {
    let mut otail = Otail::tail(&["-o", "json", "-"]);
    otail.stdin.as_mut().unwrap().write_all(b"null\n").unwrap();
    let ended = otail.end();
    assert!(ended.out.len() == 1 && ended.out[0].ends_with("\"payload\":null}"), "{:?}", ended.out);
}
