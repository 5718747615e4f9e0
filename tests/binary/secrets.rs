//! A secret appears only in the requests that it is meant for.

use crate::documents::spans;
use crate::http::post;
use crate::otail::Otail;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

const CANARY: &str = "canary7f3a9";

/// A server that answers every request with 401, and sends the requests to the channel.
fn refusing() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, asked) = channel();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let _ = (&stream).write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            if heard.send(request.join("\n")).is_err() {
                return;
            }
        }
    });
    (port, asked)
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// All texts that others may read: both outputs, the most detailed log, the process list, `config check`.
fn everything(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let log = folder.join("log");
    let log = log.to_str().unwrap();
    let arguments = [arguments, &["--log-file", log, "--no-reconnect"]].concat();
    let otail = Otail::tail_with(&arguments, &[variables, &[("OTAIL_LOG_LEVEL", "trace")]].concat());
    let of_process = |file: &str| {
        std::fs::read(format!("/proc/{}/{file}", otail.child.id()))
            .map(|text| String::from_utf8_lossy(&text).into_owned())
    };
    let line = of_process("cmdline").unwrap_or_default();
    let ended = otail.end();
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    vec![
        ("stdout", ended.out.join("\n")),
        ("stderr", ended.err),
        ("the process list", line),
        ("the log", std::fs::read_to_string(log).unwrap()),
    ]
}

fn assert_clean(told: &[(&'static str, String)]) {
    for (place, text) in told {
        assert!(!text.contains(CANARY), "{place} shows the secret:\n{text}");
    }
}

#[test]
fn a_flags_secret_is_sent_but_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let headers = written(folder.path(), "headers", &format!("X-Api-Key: {CANARY}\n"));
    let pair = format!("me:{CANARY}");
    for (flags, variables, sent) in [
        (vec!["--token-env", "SECRET"], vec![("SECRET", CANARY)], format!("Bearer {CANARY}")),
        (vec!["--basic-env", "SECRET"], vec![("SECRET", pair.as_str())], "Basic bWU6Y2FuYXJ5N2YzYTk=".to_owned()),
        (vec!["--header-file", headers.to_str().unwrap()], vec![], format!("x-api-key: {CANARY}")),
    ] {
        let (port, asked) = refusing();
        let url = format!("http://127.0.0.1:{port}/x");
        let told = everything(folder.path(), &[&[url.as_str()][..], &flags].concat(), &variables);
        let request = asked.recv().unwrap();
        assert!(request.to_lowercase().contains(&sent.to_lowercase()), "{request}");
        assert_clean(&told);
    }
}

#[test]
fn proxy_credentials_go_to_the_proxy_only() {
    let folder = tempfile::tempdir().unwrap();
    let (port, asked) = refusing();
    let proxy = format!("http://me:{CANARY}@127.0.0.1:{port}");
    let told = everything(folder.path(), &["http://h.invalid/x"], &[("HTTP_PROXY", &proxy), ("NO_PROXY", "")]);
    let request = asked.recv().unwrap().to_lowercase();
    assert!(request.starts_with("get http://h.invalid/x "), "{request}");
    assert!(request.contains("proxy-authorization: basic bwu6y2fuyxj5n2yzytk="), "{request}");
    assert_clean(&told);
}

#[test]
fn a_configured_secret_is_sent_but_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let token = written(folder.path(), "token", CANARY);
    let token_file = format!("token_file = {token:?}");
    for (entry, sent) in [
        (format!("token = \"{CANARY}\""), format!("Bearer {CANARY}")),
        (format!("basic = \"me:{CANARY}\""), "Basic bWU6Y2FuYXJ5N2YzYTk=".to_owned()),
        (format!("headers = {{ X-Api-Key = \"{CANARY}\" }}"), format!("x-api-key: {CANARY}")),
        (token_file, format!("Bearer {CANARY}")),
    ] {
        let (port, asked) = refusing();
        let text = format!("[[source]]\nurl = \"http://127.0.0.1:{port}/x\"\n{entry}\n");
        let config = written(folder.path(), "config.toml", &text);
        let config = config.to_str().unwrap();
        let mut told = everything(folder.path(), &["--config", config], &[]);
        let check = Command::new(env!("CARGO_BIN_EXE_otail")).args(["config", "check", "--config", config]).output();
        let check = check.unwrap();
        assert!(check.status.success(), "{check:?}");
        told.push(("config check", String::from_utf8(check.stdout).unwrap()));
        let request = asked.recv().unwrap();
        assert!(request.to_lowercase().contains(&sent.to_lowercase()), "{request}");
        assert_clean(&told);
    }
}

#[test]
fn a_receivers_token_is_required_and_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let token = CANARY.repeat(2);
    let file = written(folder.path(), "token", &token);
    let log = folder.path().join("log");
    for (listen, variables) in [
        (format!("token = \"{token}\""), vec![]),
        ("token_env = \"SECRET\"".to_owned(), vec![("SECRET", token.as_str())]),
        (format!("token_file = {file:?}"), vec![]),
        (String::new(), vec![("OTAIL_LISTEN_TOKEN", token.as_str())]),
    ] {
        let config = written(folder.path(), "config.toml", &format!("[listen]\n{listen}\n"));
        let arguments = ["-o", "json", "--log-file", log.to_str().unwrap(), "--config", config.to_str().unwrap()];
        let arguments = [&arguments[..], &["listen://127.0.0.1?grpc=0&http=0"]].concat();
        let otail = Otail::tail_with(&arguments, &[&variables[..], &[("OTAIL_LOG_LEVEL", "trace")]].concat());
        let (_, http) = otail.addresses();
        let send = |authorization: &str| {
            let headers = [("content-type", "application/json"), ("authorization", authorization)];
            post(http, "/v1/traces", &headers, spans(&["a"]).as_bytes())
        };
        let (status, refusal) = send(&format!("Bearer {CANARY}-but-another"));
        assert_eq!(status, 401);
        assert_eq!(send(&format!("Bearer {token}")).0, 200);
        otail.wait_for(1);
        let line = std::fs::read(format!("/proc/{}/cmdline", otail.child.id())).unwrap_or_default();
        let ended = otail.stop();
        assert!(ended.err.contains("the token is wrong"), "{}", ended.err);
        let mut check = Command::new(env!("CARGO_BIN_EXE_otail"));
        let check = check.args(["config", "check", "--config"]).arg(&config).envs(variables).output().unwrap();
        assert!(check.status.success(), "{check:?}");
        assert_clean(&[
            ("the answer", String::from_utf8_lossy(&refusal).into_owned()),
            ("stdout", ended.out.join("\n")),
            ("stderr", ended.err),
            ("the process list", String::from_utf8_lossy(&line).into_owned()),
            ("config check", String::from_utf8(check.stdout).unwrap()),
            ("the log", std::fs::read_to_string(&log).unwrap()),
        ]);
    }
}

#[test]
fn a_secret_in_a_url_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (user, query) in [(format!("me:{CANARY}@"), String::new()), (String::new(), format!("?a=1&api_key={CANARY}"))] {
        let (port, asked) = refusing();
        let text = format!("[[source]]\nurl = \"sse+http://{user}127.0.0.1:{port}/x{query}\"\n");
        let config = written(folder.path(), "config.toml", &text);
        let config = config.to_str().unwrap();
        let mut told = everything(folder.path(), &["--config", config], &[]);
        let check = Command::new(env!("CARGO_BIN_EXE_otail")).args(["config", "check", "--config", config]).output();
        let check = check.unwrap();
        assert!(check.status.success(), "{check:?}");
        told.push(("config check", String::from_utf8(check.stdout).unwrap()));
        asked.recv().unwrap();
        assert_clean(&told);
    }
}

#[test]
fn errors_about_a_secret_do_not_show_it() {
    let folder = tempfile::tempdir().unwrap();
    for text in [
        format!("[[source]]\nurl = \"http://h/\"\ntoken = \"{CANARY}\"\nbasic = \"me:{CANARY}\"\n"),
        format!("[[source]]\nurl = \"http://h/\"\ntoken = \"{CANARY}\\n\"\ninterval = \"0s\"\n"),
        format!("[[source]]\nurl = \"http://h/\"\ntokn = \"{CANARY}\"\n"),
        format!("[[source]]\nurl = \"http://h/\"\ninsecure = \"{CANARY}\"\n"),
        format!("[[source]]\nurl = \"http://h/\"\nheaders = {{ a = {{ b = \"{CANARY}\" }} }}\n"),
        format!("[[source]]\nurl = \"http://h/\"\ntoken = \"{CANARY}\n"),
        format!("[[source]]\nurl = \"http://h/\"\ntoken = {CANARY}\n"),
        format!("[[source]]\nurl = \"http://h/\"\ntoken = \"\"\"\n{CANARY}\\q\n\"\"\"\n"),
        format!("[[source]]\nurl = \"http://h/\"\ntoken = \"\"\"\n{CANARY}==\\q\n\"\"\"\n"),
        format!("[[source]]\nurl = \"http://h/\"\ninsecure = \"\"\"\n{CANARY}\n\"\"\"\n"),
        format!("[[source]]\nurl = \"http://h:99999/x?token={CANARY}\"\n"),
        format!("[[source]]\nurl = \"me:{CANARY}@h:4318\"\n"),
        format!("[[source]]\nurl = \"listen://me:{CANARY}@h\"\n"),
        format!("[listen]\ngrpc = \"me:{CANARY}@h:4317\"\n"),
        format!("[listen]\norigins = [\"https://me:{CANARY}@h\"]\n"),
        format!("[self_telemetry]\nurl = \"http://h:99999/x?token={CANARY}\"\n"),
        format!("[[source]]\nurl = \"http://h/\"\ntoken = [\"{CANARY}\"]\n"),
        format!("[[source]]\nurl = \"http://h/\"\nheaders = {{ \"bad name\" = \"{CANARY}\" }}\n"),
    ] {
        let config = written(folder.path(), "config.toml", &text);
        let check = Command::new(env!("CARGO_BIN_EXE_otail"))
            .args(["config", "check", "--config", config.to_str().unwrap()])
            .output()
            .unwrap();
        assert_eq!(check.status.code(), Some(2), "{check:?}");
        let told = String::from_utf8(check.stderr).unwrap() + &String::from_utf8(check.stdout).unwrap();
        assert!(!told.contains(CANARY), "{told}");
    }
}
