//! The time from a server's write of an event to the terminal bytes that show it.

use crate::program::{Explorer, Failure};
use crate::table::{Limit, Spread, Table};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const EVENTS: u64 = 200;
const EVENTS_BESIDE: u64 = 100;
/// The pauses between two events, in milliseconds; random, so that they do not coincide with frames.
const PAUSES: std::ops::Range<u64> = 20..120;

/// A hostile source: what it does with each connection.
type Harm = fn(TcpStream) -> std::io::Result<()>;

/// The hostile sources. Each one in turn is connected beside the good source.
const HARM: [(&str, Harm); 4] = [
    ("a flood of comments", |mut stream| {
        stream.write_all(STREAM)?;
        let piece = ":\n".repeat(32 << 10);
        loop {
            stream.write_all(piece.as_bytes())?;
        }
    }),
    ("an endless line", |mut stream| {
        stream.write_all(STREAM)?;
        stream.write_all(b"data: ")?;
        let piece = [b'x'; 64 << 10];
        loop {
            stream.write_all(&piece)?;
        }
    }),
    ("one that hangs up", |stream| stream.shutdown(std::net::Shutdown::Both)),
    ("one that never speaks", |mut stream| std::io::copy(&mut stream, &mut std::io::sink()).map(drop)),
];
const STREAM: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n\r\n";

pub fn run(table: &mut Table) -> Result<(), Failure> {
    let delays = delays(&[], EVENTS)?;
    let p99 = delays[delays.len() * 99 / 100];
    let note = format!("{EVENTS} events, by the clock");
    table.row("SSE event written → bytes that show it: p50", Limit::Most(50.0, "ms"), Spread::of(delays), &note);
    table.row("SSE event written → bytes that show it: p99", Limit::Most(50.0, "ms"), Spread::exactly(p99), "");
    for (what, harm) in HARM {
        let source = harmful(harm)?;
        let delays = self::delays(&[&source], EVENTS_BESIDE)?;
        let p99 = delays[delays.len() * 99 / 100];
        let note = format!("{EVENTS_BESIDE} events, by the clock; p50 {:.1} ms", delays[delays.len() / 2]);
        let name = format!("the same beside {what}: p99");
        table.row(&name, Limit::Most(50.0, "ms"), Spread::exactly(p99), &note);
    }
    Ok(())
}

/// Milliseconds from each event of a good stream to the bytes that show it, sorted; `beside` are further sources.
fn delays(beside: &[&str], events: u64) -> Result<Vec<f64>, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let source = format!("sse+http://{}/spans", listener.local_addr()?);
    let server = thread::spawn(move || answered(&listener));
    let (mut explorer, _) = Explorer::of(&source, beside, &[("OTAIL_PROVIDER_AUTO_RECONNECT_MAX_ATTEMPTS", "0")])?;
    let mut stream = server.join().map_err(|_| "the server panicked")??;
    let mut delays = Vec::new();
    for number in 0..events {
        explorer.settle(Duration::from_millis(fastrand::u64(PAUSES)));
        let name = format!("marker-{number:04}");
        let event = event(number, &name);
        let written = Instant::now();
        stream.write_all(event.as_bytes())?;
        let shown = explorer.until(&name, |screen| screen.contents().contains(&name))?;
        delays.push((shown - written).as_secs_f64() * 1e3);
    }
    explorer.quit()?;
    delays.sort_by(f64::total_cmp);
    Ok(delays)
}

/// Starts a hostile server, and returns its URL.
fn harmful(harm: Harm) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let source = format!("sse+http://{}/harm", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // It ends when the client closes the connection.
            let _ = read_head(&stream).and_then(|()| harm(stream));
        }
    });
    Ok(source)
}

/// Waits for the first client, and answers it with a stream.
fn answered(listener: &TcpListener) -> std::io::Result<TcpStream> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    read_head(&stream)?;
    stream.write_all(STREAM)?;
    Ok(stream)
}

/// Reads a request's head, which ends with an empty line.
fn read_head(stream: &TcpStream) -> std::io::Result<()> {
    for line in BufReader::new(stream.try_clone()?).lines() {
        if line?.is_empty() {
            break;
        }
    }
    Ok(())
}

fn event(number: u64, name: &str) -> String {
    let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64;
    let record = serde_json::json!({
        "traceId": format!("{:032x}", number + 1), "spanId": format!("{:016x}", number + 1), "name": name, "kind": 2,
        "serviceName": "bench", "startTimeUnixNano": end - 5_000_000, "endTimeUnixNano": end,
        "attributes": { "http.request.method": "GET", "url.path": "/" },
    });
    format!("id: {number}\nevent: span\ndata: {record}\n\n")
}
