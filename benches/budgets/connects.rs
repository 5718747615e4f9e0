//! Makes and ends a thousand connections by typed commands, and measures what remains in the process.

use crate::program::{Explorer, Failure};
use crate::table::{Limit, Spread, Table};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 1_000;
/// After this many connections the program has all its buffers, and its list of ended connections is full.
const WARM: u32 = 100;
const DEADLINE: Duration = Duration::from_secs(20);

/// A server of streams with one event each, which stay open until the client closes them.
struct Streams {
    url: String,
    made: Arc<AtomicU32>,
    ended: Arc<AtomicU32>,
}

/// Each connection has its own URL, so that none is known from before.
pub fn run(table: &mut Table) -> Result<(), Failure> {
    let streams = Streams::serve()?;
    let (mut explorer, _) = Explorer::of(&format!("{}/first", streams.url), &[], &[])?;
    let mut warm = None;
    for number in 1..=CONNECTIONS {
        explorer.types(&format!(":connect {}/{number}\r", streams.url))?;
        streams.wait(&mut explorer, &streams.made, number + 1)?;
        explorer.types(":disconnect all\r")?;
        streams.wait(&mut explorer, &streams.ended, number + 1)?;
        if number == WARM {
            explorer.settle(Duration::from_secs(1));
            warm = Some((explorer.descriptors()?, explorer.threads()?, explorer.resident()?));
        }
    }
    explorer.settle(Duration::from_secs(1));
    let (descriptors, threads, resident) = warm.ok_or("no connection was made")?;
    let what = format!("{CONNECTIONS} connections made and ended, after as before the last {}", CONNECTIONS - WARM);
    table.law(&format!("{what}: open files"), explorer.descriptors()?, &[descriptors]);
    table.law("  threads", explorer.threads()?, &[threads]);
    let more = (explorer.resident()? - resident) * 1e3;
    let note = "includes their rows and names";
    let what = format!("memory that {} connections leave behind", CONNECTIONS - WARM);
    table.row(&what, Limit::Most(1_000.0, "kB"), Spread::exactly(more), note);
    explorer.quit()
}

impl Streams {
    fn serve() -> Result<Streams, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("sse+http://{}", listener.local_addr()?);
        let (made, ended) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let streams = Streams { url, made: made.clone(), ended: ended.clone() };
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (made, ended) = (made.clone(), ended.clone());
                thread::spawn(move || {
                    // A broken connection has ended like any other.
                    _ = stand(stream, &made);
                    ended.fetch_add(1, Ordering::Relaxed);
                });
            }
        });
        Ok(streams)
    }

    fn wait(&self, explorer: &mut Explorer, counter: &AtomicU32, count: u32) -> Result<(), Failure> {
        let begun = Instant::now();
        while counter.load(Ordering::Relaxed) < count {
            if begun.elapsed() > DEADLINE {
                return Err(format!("fewer than {count} connections arrived at {}", self.url).into());
            }
            explorer.settle(Duration::from_millis(1));
        }
        Ok(())
    }
}

fn stand(mut stream: TcpStream, made: &AtomicU32) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n")?;
    made.fetch_add(1, Ordering::Relaxed);
    while stream.read(&mut [0; 100])? > 0 {}
    Ok(())
}
