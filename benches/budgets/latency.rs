//! From a server that writes an event to the bytes on the terminal that show it.

use crate::program::{Explorer, Failure};
use crate::table::{Limit, Spread, Table};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const EVENTS: u64 = 200;
/// Between two events, in milliseconds: not in step with the frames.
const PAUSES: std::ops::Range<u64> = 20..120;

pub fn run(table: &mut Table) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let source = format!("sse+http://{}/spans", listener.local_addr()?);
    let server = thread::spawn(move || answered(&listener));
    let (mut explorer, _) = Explorer::of(&source, &[], &[])?;
    let mut stream = server.join().map_err(|_| "the server panicked")??;
    let mut delays = Vec::new();
    for number in 0..EVENTS {
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
    let p99 = delays[delays.len() * 99 / 100];
    let note = format!("{EVENTS} events, by the clock");
    table.row("SSE event written → bytes that show it: p50", Limit::Most(50.0, "ms"), Spread::of(delays), &note);
    table.row("SSE event written → bytes that show it: p99", Limit::Most(50.0, "ms"), Spread::exactly(p99), "");
    Ok(())
}

/// The stream that the first client is answered with.
fn answered(listener: &TcpListener) -> std::io::Result<TcpStream> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    let request = BufReader::new(stream.try_clone()?);
    // Its head ends with an empty line.
    for line in request.lines() {
        if line?.is_empty() {
            break;
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n\r\n")?;
    Ok(stream)
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
