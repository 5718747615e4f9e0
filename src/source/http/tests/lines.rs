//! Answers that are endless lines.

use super::*;

#[test]
fn endless_lines_are_items_as_they_arrive() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (next, wanted) = channel::<()>();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // An answer before the request would be ignored.
        let _ = std::io::Read::read(&mut stream, &mut [0; 2_000]);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        for n in 1..=3u8 {
            let id = format!("{n:02x}").repeat(8);
            let span = format!("{{\"traceId\":\"{id}{id}\",\"spanId\":\"{id}\",\"name\":\"s{n}\"}}\n");
            stream.write_all(span.as_bytes()).unwrap();
            // The next line is sent after the last one was read; the answer never ends.
            if wanted.recv().is_err() {
                break;
            }
        }
    });
    let mut run = connect(&format!("http://127.0.0.1:{port}/x"), 5);
    for expected in ["s1", "s2", "s3"] {
        assert_eq!(run.names(1), [expected]);
        next.send(()).unwrap();
    }
}

#[test]
fn lines_that_end_soon_are_a_polled_answer() {
    let line = |n: u8| {
        let id = format!("{n:02x}").repeat(8);
        format!("{{\"traceId\":\"{id}{id}\",\"spanId\":\"{id}\",\"name\":\"s{n}\"}}\n")
    };
    let answer = |lines: &str| format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{lines}");
    let (port, _asked) = server(vec![answer(&(line(1) + &line(2))), answer(&line(3))]);
    let mut run = connect(&format!("http://127.0.0.1:{port}/x"), 5);
    assert_eq!(run.names(3), ["s1", "s2", "s3"]);
}
