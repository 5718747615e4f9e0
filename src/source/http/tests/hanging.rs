//! Files on a disk that hangs, simulated by a pipe without a writer.

use super::*;
use crate::source::{Auth, Headers};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::path::{Path, PathBuf};

struct Pipe(PathBuf);

impl Pipe {
    fn new(folder: &Path) -> Pipe {
        let path = folder.join("hangs");
        mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
        Pipe(path)
    }

    /// Lets all readers of the pipe continue; its content is `text`.
    fn let_go(&self, text: &str) {
        std::fs::write(&self.0, text).unwrap();
    }
}

#[test]
fn a_hanging_token_file_does_not_delay_other_sources() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = Pipe::new(folder.path());
    let (port, _asked) = server(vec![stream(&span(1))]);
    // The runtime has a single worker.
    let mut run = connect_with("sse+http://127.0.0.1:9/x", |options| {
        options.auth = Auth::BearerFile(pipe.0.clone());
        options.connection_timeout = Duration::from_millis(100);
        options.auto_reconnect_max_attempts = 1;
    });
    let options = Options::of_all(&crate::config::Provider::default());
    let spec = SourceSpec::parse(&format!("sse+http://127.0.0.1:{port}/x")).unwrap();
    run.provider.connect(Source { spec, name: None, group: None, options }).unwrap();
    assert_eq!(run.names(1), ["s1"]);
    let connection = run.given_up();
    let error = connection.error.unwrap();
    assert!(error.starts_with("token_file ") && error.contains("hangs: not read within 0.1 s"), "{error}");
    assert_eq!(connection.attempts, 1);
    pipe.let_go("token");
}

#[test]
fn headers_are_sent_once_their_file_responds() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, path) = (Pipe::new(folder.path()), folder.path().join("headers"));
    std::fs::write(&path, "X-Scope: a\n").unwrap();
    let headers = Headers::new([], Some(path.clone())).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::hard_link(&pipe.0, &path).unwrap();
    let (port, asked) = server(vec![stream(&span(1))]);
    let mut run = connect_with(&format!("sse+http://127.0.0.1:{port}/x"), |options| {
        options.headers = headers;
        options.connection_timeout = Duration::from_millis(100);
        options.auto_reconnect_max_attempts = 0;
    });
    let has_failed = |run: &Run| run.provider.list().remove(0).error.is_some_and(|error| error.contains("header_file"));
    while !has_failed(&run) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let next = folder.path().join("next");
    std::fs::write(&next, "X-Scope: b\n").unwrap();
    std::fs::rename(next, path).unwrap();
    pipe.let_go("X-Scope: b\n");
    assert_eq!(run.names(1), ["s1"]);
    assert!(asked.recv().unwrap().contains("x-scope: b"));
}
