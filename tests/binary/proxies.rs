//! Proxies of the environment are not used for this machine.

use crate::otail::Otail;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

#[test]
fn local_servers_are_not_reached_through_a_proxy() {
    let (listener, proxy) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = |listener: &TcpListener| format!("http://127.0.0.1:{}/x", listener.local_addr().unwrap().port());
    let (url, proxy_url) = (address(&listener), address(&proxy));
    proxy.set_nonblocking(true).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let first = BufReader::new(stream.try_clone().unwrap()).lines().next().unwrap().unwrap();
        stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        first
    });
    let variables = [("HTTP_PROXY", proxy_url.as_str()), ("ALL_PROXY", &proxy_url), ("NO_PROXY", "")];
    let ended = Otail::tail_with(&[&url, "--no-reconnect"], &variables).end();
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert_eq!(server.join().unwrap(), "GET /x HTTP/1.1", "a request to a server, not to a proxy");
    assert!(proxy.accept().is_err(), "the proxy gets no request");
}
