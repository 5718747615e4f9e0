//! A thousand connections, made and ended by a user who types: is anything of them left?

use crate::program::{Explorer, Failure};
use crate::table::{Limit, Spread, Table};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 1_000;
/// After so many the program has all that it will ever have: its buffers, its list of those that have ended.
const WARM: u32 = 100;
const DEADLINE: Duration = Duration::from_secs(20);

/// Streams that stand open, each with one event, for as long as their client wants them.
struct Streams {
    url: String,
    made: Arc<AtomicU32>,
    ended: Arc<AtomicU32>,
}

/// Each to a place of its own, so that none is one that was known before.
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
    let (descriptors, threads, resident) = warm.ok_or("none was made")?;
    let what = format!("{CONNECTIONS} connections made and ended, after as before the last {}", CONNECTIONS - WARM);
    table.law(&format!("{what}: open files"), explorer.descriptors()?, &[descriptors]);
    table.law("  threads", explorer.threads()?, &[threads]);
    let more = (explorer.resident()? - resident) * 1e3;
    let note = "their rows and their names among it";
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
                    // One that breaks off has ended like any other.
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
                return Err(format!("{count} connections were awaited at {}", self.url).into());
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
