//! The ends of `otail tail`: end of input, limits, signals and errors, with their exit codes.

use crate::documents::{names, spans};
use crate::http::serve;
use crate::otail::{Ended, Otail};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const LISTEN: &str = "listen://127.0.0.1?grpc=0&http=0";

#[track_caller]
fn refused(arguments: &[&str], code: i32, said: &str) -> Ended {
    let ended = Otail::tail(arguments).end();
    assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.err);
    assert!(ended.err.contains(said), "{arguments:?} does not say {said:?}: {}", ended.err);
    assert!(ended.out.is_empty(), "{arguments:?} prints data: {:?}", ended.out);
    ended
}

#[test]
fn a_limit_ends_the_run_with_success() {
    let mut otail = Otail::tail(&["-o", "json", "--limit", "3", "-"]);
    let mut stdin = otail.stdin.take().unwrap();
    stdin.write_all((spans(&["a", "b"]) + &spans(&["c", "d"])).as_bytes()).unwrap();
    // The input stays open, so only the limit can end the run.
    let ended = otail.end();
    assert_eq!(names(&ended.out), ["a", "b", "c"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    drop(stdin);
}

#[test]
fn the_log_ends_with_all_counts() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let arguments = ["-o", "json", "--filter", "name=a", "--log-file", log.path().to_str().unwrap(), "-"];
    let mut otail = Otail::tail_with(&arguments, &[("OTAIL_LOG_FORMAT", "json")]);
    let mut stdin = otail.stdin.take().unwrap();
    stdin.write_all((spans(&["a", "b"]) + &spans(&["c", "d"])).as_bytes()).unwrap();
    drop(stdin);
    assert_eq!(otail.end().code, Some(0));
    let text = std::fs::read_to_string(log.path()).unwrap();
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let fields = ["received", "stored", "filtered", "waiting"].map(|name| last["fields"][name].as_u64());
    assert_eq!(fields, [Some(4), Some(1), Some(3), Some(0)], "{last}");
}

#[test]
fn a_duration_ends_the_run_with_success() {
    let ended = Otail::tail(&["-o", "json", "--for", "300ms", LISTEN]).end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.is_empty());
}

#[test]
fn signals_end_it_with_their_codes() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131), (Signal::TERM, 143)] {
        let otail = Otail::tail(&["-o", "json", LISTEN]);
        otail.addresses();
        otail.signal(signal);
        assert_eq!(otail.end().code, Some(code), "{signal:?}");
    }
}

#[test]
fn usage_errors_name_the_place_and_remedy() {
    refused(&["--filter", "duration>", LISTEN], 2, "^");
    refused(&["--no-such-flag", LISTEN], 2, "--no-such-flag");
    refused(&["-o", "yaml", LISTEN], 2, "json");
    refused(&["--for", "soon", LISTEN], 2, "--for");
    refused(&["gopher://127.0.0.1/x"], 2, "gopher");
}

#[test]
fn wrong_sources_are_refused_before_the_start() {
    let many: Vec<String> = (0..6).map(|number| format!("listen://127.0.0.1?grpc=0&http=0&http={number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let ended = refused(&many, 2, "OTAIL_PROVIDER_MAX_CONNECTIONS=6");
    assert!(!ended.err.contains("listening"), "{}", ended.err);
    refused(&["-", "-"], 2, "named twice");
    refused(&["--limit", "0", LISTEN], 2, "no limit");
    refused(&["--for", "0s", LISTEN], 2, "no end");
}

#[test]
fn an_empty_filter_passes_everything() {
    let mut otail = Otail::tail(&["-o", "json", "--filter", "", "-"]);
    otail.stdin.take().unwrap().write_all(spans(&["a"]).as_bytes()).unwrap();
    assert_eq!(names(&otail.end().out), ["a"]);
}

#[test]
fn an_invalid_receiver_is_refused_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    for (listen, said) in [
        ("cert = \"/nowhere/cert\"\nkey = \"/nowhere/key\"", "listen.cert: /nowhere/cert cannot be read"),
        ("cert = \"/nowhere/cert\"", "listen.cert: key is missing"),
        ("token = \"short\"", "listen.token: a token of 5 characters can be guessed"),
        ("token_env = \"NOT_SET_ANYWHERE\"", "listen.token_env: the environment has no variable NOT_SET_ANYWHERE"),
    ] {
        std::fs::write(&config, format!("[listen]\n{listen}\n")).unwrap();
        refused(&["--config", config.to_str().unwrap(), LISTEN], 2, said);
        let check =
            Command::new(env!("CARGO_BIN_EXE_otail")).args(["config", "check", "--config"]).arg(&config).output();
        assert_eq!(check.unwrap().status.code(), Some(2), "{listen}");
    }
}

#[test]
fn impossible_settings_are_refused_at_every_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("otail.toml");
    let path = path.to_str().unwrap();
    for (text, said) in [
        ("[listen]\nhttp = \"nonsense:99999\"\n", "listen.http: `nonsense:99999` is no address"),
        ("[buffer]\nmax_bytes = \"10B\"\n", "buffer.max_bytes: 10B is too small; the minimum is 1MiB"),
        ("[listen]\norigins = [\"app.example\"]\n", "listen.origins: `app.example` is no origin"),
    ] {
        std::fs::write(path, text).unwrap();
        refused(&["--config", path, LISTEN], 2, said);
        let check =
            Command::new(env!("CARGO_BIN_EXE_otail")).args(["config", "check", "--config", path]).output().unwrap();
        let err = String::from_utf8_lossy(&check.stderr).into_owned();
        assert!(check.status.code() == Some(2) && err.contains(said) && err.contains("otail.toml"), "{err}");
    }
}

#[test]
fn keymap_errors_name_file_and_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("otail.toml");
    std::fs::write(&path, "[ui]\nkeymap = \"keys.toml\"\n").unwrap();
    let config = |what: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_otail"));
        let output = command.args(["config", what, "--config", path.to_str().unwrap()]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, err) = config("check");
    assert!(code == Some(2) && err.contains("ui.keymap") && err.contains("keys.toml"), "{err}");
    std::fs::write(directory.path().join("keys.toml"), "[[feed]]\non = [\"p\"]\nrun = \"pase\"\n").unwrap();
    let (code, _, err) = config("check");
    assert!(code == Some(2) && err.contains("keys.toml: line 3: `pase` is not an action"), "{err}");
    assert!(err.contains("did you mean `pause`?"), "{err}");
    std::fs::write(directory.path().join("keys.toml"), "[[feed]]\non = [\"p\"]\nrun = \"pause\"\n").unwrap();
    assert_eq!(config("check").0, Some(0));
    let (_, keys, _) = config("keys");
    assert!(keys.lines().any(|line| line.contains("[\"p\"]") && line.contains("\"freeze\"")), "{keys}");
}

#[test]
fn a_misspelt_variable_causes_only_a_warning() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otail"));
    command.args(["config", "check"]).env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR"));
    let output = command.env("OTAIL_BUFFER_MAX_BYTE", "1MiB").env("OTAIL_SERVICE_HOST", "10.0.0.1").output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && err.contains("did you mean OTAIL_BUFFER_MAX_BYTES?"), "{err}");
    assert!(!err.contains("SERVICE_HOST"), "{err}");
}

#[test]
fn an_unreadable_configuration_is_a_usage_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("otail.toml");
    std::fs::write(&path, "[buffer]\nmax_bytes = = 3\n").unwrap();
    refused(&["--config", path.to_str().unwrap(), LISTEN], 2, "otail.toml");
}

#[test]
fn no_free_port_is_a_failure() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    refused(&[&format!("listen://127.0.0.1?grpc={port}&http={port}")], 1, &port.to_string());
}

#[test]
fn one_listener_of_two_is_enough() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let otail = Otail::tail(&["--for", "500ms", &format!("listen://127.0.0.1?grpc={port}&http=0")]);
    let ended = otail.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains(&port.to_string()), "{}", ended.err);
}

#[test]
fn a_taken_explicit_port_is_a_failure() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ended = refused(&[&format!("listen://127.0.0.1:{port}")], 1, &format!("127.0.0.1:{port} is taken"));
    assert!(ended.err.contains("free ports: otail 'listen://127.0.0.1?grpc=0&http=0'"), "{}", ended.err);
    assert!(!ended.err.contains("gave up"), "{}", ended.err);
    let holder = format!("(pid {})", std::process::id());
    assert!(!cfg!(target_os = "linux") || ended.err.contains(&holder), "{}", ended.err);
}

#[test]
fn a_timeout_without_any_connection_fails() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    refused(&["--for", "300ms", &format!("sse+http://{address}/spans")], 1, "not connected when the time was up");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ended = refused(&["--for", "300ms", &format!("sse+http://{free}/spans")], 1, "trying again in");
    assert!(ended.err.contains("(retry 1 of 5)"), "{}", ended.err);
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("later.jsonl");
    refused(&["--for", "300ms", missing.to_str().unwrap()], 1, "does not exist yet");
}

#[test]
fn a_timeout_after_any_connection_succeeds() {
    let server = serve(|mut stream| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        if stream.write_all(head).is_ok() {
            std::mem::forget(stream);
        }
    });
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sources = [format!("sse+http://{free}/spans"), format!("sse+http://{server}/spans")];
    let ended = Otail::tail(&["--for", "2s", &sources[0], &sources[1]]).end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
}

#[test]
fn a_timeout_with_missing_credentials_is_code_3() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let waiting = format!("sse+http://{}/spans", silent.local_addr().unwrap());
    let server = serve(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n");
    });
    refused(&["--for", "2s", &waiting, &format!("sse+http://{server}/spans")], 3, "no credentials were sent");
}

#[test]
fn giving_up_names_the_number_of_retries() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("c.toml");
    std::fs::write(&config, "[provider]\nauto_reconnect_max_attempts = 2\n").unwrap();
    let url = format!("sse+http://{free}/spans");
    let ended = refused(&["--config", config.to_str().unwrap(), &url], 1, "gave up after 2 retries");
    assert_eq!(ended.err.lines().count(), 2, "the outage and its end: {}", ended.err);
}

#[test]
fn missing_credentials_are_an_authentication_failure() {
    let server = serve(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer\r\ncontent-length: 0\r\n\r\n");
    });
    refused(&[&format!("sse+http://{server}/spans")], 3, &server.to_string());
}

#[test]
fn an_unreachable_source_fails_after_its_retries() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(&["--no-reconnect", &format!("sse+http://{free}/spans")], 1, &free.to_string());
}

#[test]
fn a_missing_file_is_awaited() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("later.jsonl");
    let otail = Otail::tail(&["-o", "json", "--limit", "1", path.to_str().unwrap()]);
    std::thread::sleep(Duration::from_millis(300));
    std::fs::write(&path, spans(&["here"])).unwrap();
    assert_eq!(names(&otail.end().out), ["here"]);
}

/// Starts `otail tail -o json -` with pipes that the test handles itself.
fn piped() -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otail"));
    command.args(["tail", "-o", "json", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for the end; returns the exit code and standard error.
#[track_caller]
fn end(mut otail: Child) -> (Option<i32>, String) {
    let begun = Instant::now();
    while otail.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            otail.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = otail.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_closed_stdout_ends_it_quietly() {
    let mut otail = piped();
    let mut stdin = otail.stdin.take().unwrap();
    stdin.write_all(spans(&["first"]).as_bytes()).unwrap();
    let mut first = String::new();
    BufReader::new(otail.stdout.take().unwrap()).read_line(&mut first).unwrap();
    // Its standard output is closed now. Feed it until it notices.
    for number in 0..1_000_000 {
        if stdin.write_all(spans(&[&format!("more {number}")]).as_bytes()).is_err() {
            break;
        }
    }
    let (code, complaint) = end(otail);
    assert_eq!(names(&[first]), ["first"]);
    assert_eq!((code, complaint.as_str()), (Some(0), ""));
}

#[test]
fn a_blocked_stdout_does_not_prevent_the_end() {
    let mut otail = piped();
    let mut unread = otail.stdout.take().unwrap();
    let names: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut stdin = otail.stdin.take().unwrap();
    stdin.write_all(spans(&names).as_bytes()).unwrap();
    // Its input stays open, and its output is larger than a pipe. After the first byte it writes the rest.
    unread.read_exact(&mut [0]).unwrap();
    kill_process(Pid::from_child(&otail), Signal::TERM).unwrap();
    let (code, complaint) = end(otail);
    assert_eq!(code, Some(143));
    assert!(complaint.contains("stdout is blocked"), "{complaint}");
    drop((stdin, unread));
}
