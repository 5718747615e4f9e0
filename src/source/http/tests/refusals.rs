//! Error statuses, redirects and certificates.

use super::*;
use crate::net::Trust;
use crate::source::Headers;

#[test]
fn credentials_do_not_follow_a_redirect_to_another_origin() {
    let (other, asked) = server(vec![stream(&span(1)), stream(&span(1))]);
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{other}/live\r\ncontent-length: 0\r\n\r\n"
    );
    let (port, _asked) = server(vec![redirect.clone()]);
    let error = connect(&format!("sse+http://me:secret@127.0.0.1:{port}/live"), 5).given_up().error.unwrap();
    assert!(error.contains(&format!("redirects to http://127.0.0.1:{other}")) && !error.contains("secret"), "{error}");
    assert_eq!(asked.try_iter().count(), 0);
    let (port, _asked) = server(vec![redirect]);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
    assert_eq!(run.names(1), ["s1"], "without credentials it is followed");
}

#[test]
fn a_redirect_loop_ends() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: /live\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let (port, asked) = server(vec![redirect.to_owned(); 20]);
    let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
    assert!(run.given_up().error.unwrap().contains("10 times"));
    assert_eq!(asked.try_iter().count(), 11);
}

/// A server with a self-signed certificate, which answers each trusting client with a stream of one span. Returns its port
/// and its certificate as PEM.
fn self_signed() -> (u16, String) {
    crate::net::install_tls();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let tls = rustls::ServerConfig::builder().with_no_client_auth();
    let tls = std::sync::Arc::new(tls.with_single_cert(vec![own.cert.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            let mut server = rustls::ServerConnection::new(tls.clone()).unwrap();
            let mut secured = rustls::Stream::new(&mut server, &mut socket);
            // A client that does not trust it sends no request.
            let _ = std::io::Read::read(&mut secured, &mut [0; 2_000]);
            let _ = secured.write_all(stream(&span(1)).as_bytes());
            secured.conn.send_close_notify();
            let _ = secured.flush();
        }
    });
    (port, own.cert.pem())
}

#[test]
fn an_untrusted_certificate_is_not_retried() {
    let (port, _) = self_signed();
    let connection = connect(&format!("sse+https://localhost:{port}/live"), 5).given_up();
    assert_eq!(connection.attempts, 0, "{connection:?}");
    assert!(connection.error.unwrap().contains("is not trusted"));
}

#[test]
fn a_corrected_certificate_file_is_read_again() {
    let ((port, right), (_, wrong)) = (self_signed(), self_signed());
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("ca.pem");
    std::fs::write(&pem, wrong).unwrap();
    let trust = Trust { cacert: Some(pem.clone()), ..Trust::default() };
    let mut run = connect_with(&format!("sse+https://localhost:{port}/live"), |options| options.trust = trust);
    let id = run.given_up().id;
    std::fs::write(&pem, right).unwrap();
    assert!(run.provider.retry(id));
    assert_eq!(run.names(1), ["s1"]);
}

#[test]
fn final_errors_are_not_retried() {
    for (answer, word) in [
        (status("204 No Content"), "not to reconnect"),
        (status("401 Unauthorized"), "credentials"),
        (status("403 Forbidden"), "no credentials were sent"),
        (status("404 Not Found"), "check the URL"),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n".into(), "text/html"),
    ] {
        let (port, asked) = server(vec![answer.clone(), answer]);
        let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
        let connection = run.given_up();
        let error = connection.error.unwrap();
        assert!(error.contains(word) && error.contains("127.0.0.1"), "{error}");
        assert_eq!((connection.attempts, asked.try_iter().count()), (0, 1), "{error}");
    }
}

#[test]
fn a_refusal_shows_the_servers_reason() {
    let body = r#"{"error":{"message":"tenant \u001b[2J is locked"}}"#;
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (port, _asked) = server(vec![answer]);
    let error = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5).given_up().error.unwrap();
    assert!(error.contains("403") && error.contains("is locked") && !error.contains('\u{1b}'), "{error}");
}

#[test]
fn a_custom_header_does_not_follow_a_redirect_to_another_origin() {
    let (other, asked) = server(vec![stream(&span(1))]);
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{other}/live\r\ncontent-length: 0\r\n\r\n"
    );
    let (port, first) = server(vec![redirect]);
    let run = connect_with(&format!("http://127.0.0.1:{port}/live"), |options| {
        options.headers = Headers::new([(&"X-Scope".to_owned(), &"canary".to_owned().into())], None).unwrap();
    });
    let error = run.given_up().error.unwrap();
    assert!(error.contains("another origin") || error.contains("redirects to"), "{error}");
    assert!(first.iter().next().unwrap().contains("x-scope: canary"));
    assert_eq!(asked.try_iter().count(), 0, "the second server gets no request");
}

#[test]
fn a_redirect_within_the_origin_keeps_the_headers() {
    let redirect =
        "HTTP/1.1 308 Permanent Redirect\r\nlocation: /new\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let (port, asked) = server(vec![redirect.to_owned(), stream(&span(1))]);
    let mut run = connect_with(&format!("http://127.0.0.1:{port}/live"), |options| {
        options.headers = Headers::new([(&"X-Scope".to_owned(), &"canary".to_owned().into())], None).unwrap();
    });
    assert_eq!(run.names(1), ["s1"]);
    let second = asked.iter().nth(1).unwrap();
    assert!(second.starts_with("get /new ") && second.contains("x-scope: canary"), "{second}");
}

#[test]
fn a_retry_waits_as_long_as_the_server_asks() {
    let date = (jiff::Timestamp::now() + jiff::Span::new().seconds(200)).strftime("%a, %d %b %Y %H:%M:%S GMT");
    for (status, retry_after) in [("429 Too Many Requests", "200".to_owned()), ("503 Busy", date.to_string())] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nretry-after: {retry_after}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let (port, _asked) = server(vec![answer]);
        let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
        let begun = Instant::now();
        let connection = loop {
            let connection = run.provider.list().remove(0);
            if connection.retry_at.is_some() {
                break connection;
            }
            assert!(begun.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(5));
        };
        let wait = connection.retry_at.unwrap().since(connection.since) / 1_000_000_000;
        assert!((150..=230).contains(&wait), "{wait} s after {retry_after}");
        assert_eq!(connection.state, ConnectionState::Connecting);
        assert!(connection.error.unwrap().contains(&status[..3]));
    }
}

#[test]
fn a_hanging_body_is_polled_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, asked) = channel();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            // An answer before the request would be ignored.
            let _ = std::io::Read::read(&mut stream, &mut [0; 2_000]);
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{");
            let _ = heard.send(());
            open.push(stream);
        }
    });
    let run = connect_with(&format!("poll+http://127.0.0.1:{port}/x"), |options| {
        options.connection_timeout = Duration::from_secs(3);
        options.auto_reconnect_max_attempts = 1;
    });
    let connection = run.given_up();
    let error = connection.error.unwrap();
    assert!(error.contains("sent nothing for 3s in the middle of its answer"), "{error}");
    assert_eq!(asked.try_iter().count(), 2);
}

#[test]
fn an_unknown_host_is_reported_and_retried() {
    let run = connect("sse+http://no-such-host.invalid/live", 1);
    let connection = run.given_up();
    let error = connection.error.unwrap();
    assert!(error.contains("no-such-host.invalid") && error.contains("cannot be reached"), "{error}");
    assert_eq!(connection.attempts, 1);
}

#[test]
fn a_self_signed_certificate_needs_cacert_or_insecure() {
    let (port, certificate) = self_signed();
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("ca.pem");
    std::fs::write(&pem, certificate).unwrap();
    let url = format!("sse+https://localhost:{port}/live");
    let refused = connect(&url, 5).given_up();
    let error = refused.error.unwrap();
    assert!(error.contains("cacert") && error.contains("insecure"), "{error}");
    for trust in [Trust { cacert: Some(pem), ..Trust::default() }, Trust { insecure: true, ..Trust::default() }] {
        let insecure = trust.insecure;
        let mut run = connect_with(&url, |options| options.trust = trust);
        assert_eq!(run.names(1), ["s1"]);
        assert_eq!(run.provider.list()[0].insecure, insecure, "insecure is visible");
    }
}
