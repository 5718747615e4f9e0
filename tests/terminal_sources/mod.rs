//! The Sources screen in a pseudo-terminal, with servers that need credentials or do not exist.

use crate::pty::{self, PtyChild, eventually, find};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const METRICS: &str = r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"till"}}]},"scopeMetrics":[{"metrics":[{"name":"orders.paid","gauge":{"dataPoints":[{"timeUnixNano":"1795176271500000000","asInt":"7"}]}}]}]}]}"#;
/// `me:canary` as an `Authorization: Basic` header.
const WANTED: &str = "Basic bWU6Y2FuYXJ5";

/// Answers with metrics, or with 401 if `closed` is set and the credentials are wrong.
fn serve(listener: TcpListener, closed: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let address = listener.local_addr().unwrap();
    let refused: Arc<AtomicUsize> = Arc::default();
    let count = refused.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let count = count.clone();
            thread::spawn(move || answer(&stream, closed, &count));
        }
    });
    (address, refused)
}

fn answer(mut stream: &TcpStream, closed: bool, refused: &AtomicUsize) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    loop {
        let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        if head.is_empty() {
            return;
        }
        let known = head.iter().any(|line| line.ends_with(WANTED));
        let answer = match closed && !known {
            true => {
                refused.fetch_add(1, Ordering::Relaxed);
                "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic\r\ncontent-length: 0\r\n\r\n".to_owned()
            }
            false => format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{METRICS}",
                METRICS.len()
            ),
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn start(directory: &Path, config: &str) -> PtyChild {
    let file = directory.join("otail.toml");
    std::fs::write(&file, config).unwrap();
    let mut command = pty::command(env!("CARGO_BIN_EXE_otail"));
    command.env("HOME", directory);
    command.arg("--config");
    command.arg(file);
    PtyChild::spawn(command)
}

#[test]
fn credentials_can_be_typed() {
    let directory = tempfile::tempdir().unwrap();
    let (address, refused) = serve(TcpListener::bind("127.0.0.1:0").unwrap(), true);
    let mut child = start(directory.path(), &format!("[[source]]\nurl = \"http://{address}/\"\nname = \"till\"\n"));
    child.wait_for("till wants credentials: 2 then p");
    child.type_in("7");
    child.wait_for("wants credentials");
    child.type_in("p");
    child.wait_for("credentials for till");
    child.type_in("me:wrong\r");
    assert!(eventually(|| refused.load(Ordering::Relaxed) == 2));
    child.wait_for("till refused the credentials: p");
    child.type_in("p");
    child.wait_for("credentials for till");
    child.type_in("me:canary");
    child.wait_for("•••••••••");
    child.type_in("\r");
    child.wait_for("● live");
    child.type_in("=");
    child.wait_for("source=till");
    child.wait_for("orders.paid");
    assert_eq!(find(&child.bytes(), b"canary"), None);
    child.quit();
}

#[test]
fn a_key_retries_an_abandoned_source() {
    let directory = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let config =
        format!("[provider]\nauto_reconnect = false\n[[source]]\nurl = \"http://{address}/\"\nname = \"till\"\n");
    let mut child = start(directory.path(), &config);
    child.type_in("7");
    child.wait_for("✕ error");
    child.wait_for("cannot be reached");
    serve(TcpListener::bind(address).unwrap(), false);
    child.type_in("r");
    child.wait_for("● live");
    child.type_in("dd");
    child.wait_for("○ off");
    child.type_in("r");
    child.wait_until("it is live in its row", |screen| {
        let screen = screen.contents();
        screen.contains("● live") && screen.contains("1 open")
    });
    child.type_in("dd");
    child.wait_for("○ off");
    child.type_in("dd");
    child.wait_until("it is off the list", |screen| !screen.contents().contains("till"));
    child.type_in("1");
    child.wait_for("orders.paid");
    child.quit();
}

#[test]
fn a_bad_url_shows_its_error_below() {
    let directory = tempfile::tempdir().unwrap();
    let (address, _) = serve(TcpListener::bind("127.0.0.1:0").unwrap(), false);
    let mut child = start(
        directory.path(),
        "[provider]\nmax_connections = 1\n[listen]\ngrpc = \"127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\n",
    );
    child.wait_for("● live");
    child.type_in("7a");
    child.wait_for("connect to");
    child.type_in("gopher://x\r");
    child.wait_for("unknown scheme");
    child.type_in("\x15");
    child.type_in(format!("http://{address}/\r"));
    child.wait_for("provider.max_connections allows 1");
    child.type_in("\x1b");
    child.wait_until("the line is left", |screen| !screen.contents().contains("max_connections"));
    child.type_in(":disconnect all\r");
    child.wait_for("○ off");
    child.type_in(format!(":connect http://{address}/\r"));
    child.wait_for("1 of 2 open");
    child.type_in("1");
    child.wait_for("orders.paid");
    child.quit();
}

#[test]
fn keys_work_while_a_configured_file_hangs() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let directory = tempfile::tempdir().unwrap();
    let (address, _) = serve(TcpListener::bind("127.0.0.1:0").unwrap(), false);
    let keymap = directory.path().join("keys.toml");
    std::fs::write(&keymap, "").unwrap();
    let config = format!("[ui]\nkeymap = \"keys.toml\"\n[[source]]\nurl = \"http://{address}/\"\nname = \"till\"\n");
    let mut child = start(directory.path(), &config);
    child.wait_for("● live");
    // The pipe has no writer, so reading it hangs, as on a disk that does not respond.
    let pipe = directory.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
    std::fs::remove_file(&keymap).unwrap();
    std::fs::hard_link(&pipe, &keymap).unwrap();
    child.type_in(":reload\r");
    child.type_in("7");
    child.wait_for("1 open");
    child.type_in(":reload\r");
    child.wait_for("still being read");
    std::fs::remove_file(&keymap).unwrap();
    std::fs::write(&keymap, "").unwrap();
    std::fs::write(&pipe, "").unwrap();
    child.wait_for("no source has changed");
    child.type_in("q");
    assert_eq!(child.finish().exit, Ok(0));
}
