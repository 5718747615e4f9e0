//! Answers that are none, redirects, certificates.

use super::*;

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
fn a_redirect_that_leads_in_circles_ends() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: /live\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let (port, asked) = server(vec![redirect.to_owned(); 20]);
    let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
    assert!(run.given_up().error.unwrap().contains("10 times"));
    assert_eq!(asked.try_iter().count(), 11);
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_tried_again() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let tls = rustls::ServerConfig::builder().with_no_client_auth();
    let tls = std::sync::Arc::new(tls.with_single_cert(vec![own.cert.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut server = rustls::ServerConnection::new(tls.clone()).unwrap();
            while server.is_handshaking() && server.complete_io(&mut stream).is_ok() {}
        }
    });
    let connection = connect(&format!("sse+https://localhost:{port}/live"), 5).given_up();
    assert_eq!(connection.attempts, 1, "{connection:?}");
    assert!(connection.error.unwrap().contains("not who it says it is"));
}

#[test]
fn what_will_not_work_again_is_not_tried_again() {
    for (answer, word) in [
        (status("204 No Content"), "nobody to come back"),
        (status("401 Unauthorized"), "credentials"),
        (status("403 Forbidden"), "not allowed"),
        (status("404 Not Found"), "check the URL"),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n".into(), "text/html"),
    ] {
        let (port, asked) = server(vec![answer.clone(), answer]);
        let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
        let connection = run.given_up();
        let error = connection.error.unwrap();
        assert!(error.contains(word) && error.contains("127.0.0.1"), "{error}");
        assert_eq!((connection.attempts, asked.try_iter().count()), (1, 1), "{error}");
    }
}

#[test]
fn a_refusal_is_told_in_the_servers_own_words() {
    let body = r#"{"error":{"message":"tenant \u001b[2J is locked"}}"#;
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (port, _asked) = server(vec![answer]);
    let error = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5).given_up().error.unwrap();
    assert!(error.contains("403") && error.contains("is locked") && !error.contains('\u{1b}'), "{error}");
}
