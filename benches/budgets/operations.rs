//! Operations of a million spans: compared with DuckDB for the same question, and again after 1 % new spans.

use crate::body::Templates;
use crate::decode::{BATCH, NOW};
use crate::store::{SPANS, batch};
use crate::table::{Limit, Spread, Table, ratio, timed};
use otail::analyze::{Memo, OperationTable, Operations, Question};
use otail::columns::Item;
use otail::model::{Row, Signal, SourceId, StatusCode, Time};
use otail::store::{Arrival, Store, View};
use std::io::{BufRead, BufReader, BufWriter, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 9;
/// Python programs that may have DuckDB: first that of the interop tests, then the system's.
const PYTHONS: [&str; 2] = ["target/interop/venv/bin/python", "python3"];

pub fn run(table: &mut Table, store: &mut Store) -> Result<(), Failure> {
    let view = store.view();
    let what = "operations of 1 M spans (count, errors, 3 quantiles) / DuckDB";
    let cold = || timed(|| operations(&Memo::default(), &view)).0;
    let found = operations(&Memo::default(), &view).operations.len();
    match Duck::start(&view)? {
        Some(mut duck) => {
            assert_eq!(duck.operations, found, "DuckDB and the fold find the same operations");
            let mut failure = None;
            let theirs = || {
                duck.round().unwrap_or_else(|error| {
                    failure = Some(error);
                    Duration::ZERO
                })
            };
            let (measured, seconds) = ratio(ROUNDS, cold, theirs);
            if let Some(error) = failure {
                return Err(error);
            }
            let note = format!("{found} operations in {:.1} ms, one thread each", seconds.median * 1e3);
            table.row(what, Limit::Times(0.5), measured, &note);
        }
        None => table.remark(what, "not measured: no Python here has DuckDB (`.ci/run interop` installs it)"),
    }
    let cold = Spread::of((0..ROUNDS).map(|_| cold().as_secs_f64()).collect()).median;
    let templates = Templates::new(BATCH, 2);
    let memo = Memo::default();
    operations(&memo, &view);
    let mut numbers = (SPANS / BATCH) as u64..;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        for number in numbers.by_ref().take(SPANS / 100 / BATCH) {
            let arrival = Time(NOW + number);
            let body = templates.fresh(number, NOW + number * 1_000_000);
            store.push(batch(Signal::Spans, &body), Arrival::one(SourceId(1), arrival));
        }
        let view = store.view();
        let (again, _) = timed(|| operations(&memo, &view));
        ratios.push(again.as_secs_f64() / cold);
    }
    let note = format!("cold: {:.1} ms", cold * 1e3);
    table.row("operations once 1 % of the spans are new / cold", Limit::Times(0.05), Spread::of(ratios), &note);
    Ok(())
}

fn operations(memo: &Memo, view: &View) -> OperationTable {
    let mut table = OperationTable::default();
    let question = Question { views: &[view], filter: None, near: Row(0) };
    memo.fold(question, &Operations, &|| false, &mut |answers| {
        // Like a screen, copy only the complete answer and compute its quantiles.
        if let Some(answer) = answers.first().filter(|answer| answer.left == 0) {
            table = answer.part.clone();
        }
    });
    for spans in table.operations.values() {
        std::hint::black_box([0.5, 0.95, 0.99].map(|quantile| spans.durations.quantile(quantile)));
    }
    table
}

/// DuckDB in its own process, with the same columns.
struct Duck {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    operations: usize,
}

impl Duck {
    /// Starts it. `None`: no Python has DuckDB.
    fn start(view: &View) -> Result<Option<Duck>, Failure> {
        let has_duckdb = |python: &&&str| {
            let tried = Command::new(python).args(["-c", "import duckdb"]).stderr(Stdio::null()).status();
            tried.is_ok_and(|status| status.success())
        };
        let Some(python) = PYTHONS.iter().find(has_duckdb) else { return Ok(None) };
        let file = tempfile::NamedTempFile::new()?;
        write_columns(view, file.as_file())?;
        let mut process = Command::new(python)
            .arg("benches/budgets/operations.py")
            .arg(file.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { return Err("no pipes".into()) };
        let mut output = BufReader::new(output).lines();
        let operations = output.next().ok_or("DuckDB ended")??.parse()?;
        Ok(Some(Duck { process, input, output, operations }))
    }

    fn round(&mut self) -> Result<Duration, Failure> {
        self.input.write_all(b"\n")?;
        Ok(Duration::from_secs_f64(self.output.next().ok_or("DuckDB ended")??.parse()?))
    }
}

impl Drop for Duck {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn write_columns(view: &View, file: &std::fs::File) -> Result<(), Failure> {
    let mut file = BufWriter::new(file);
    for chunk in view.ring(Signal::Spans) {
        for item in chunk.batch.items() {
            let Item::Span(span) = item else { continue };
            let status = if span.status() == StatusCode::Error { 2 } else { 0 };
            writeln!(file, "\"{}\",\"{}\",{status},{}", quoted(item.service()), quoted(span.name()), span.duration())?;
        }
    }
    Ok(file.flush()?)
}

fn quoted(text: &str) -> String {
    text.replace('"', "\"\"")
}
