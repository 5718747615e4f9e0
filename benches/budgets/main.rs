//! Measures the budgets: as a ratio to a minimal program for the same work, in this process, in turns; or as a limit for the
//! program itself.
//!
//! `cargo bench --bench budgets` prints the table; `-- decode filter` prints only these parts ([`PARTS`]); `-- --markdown`
//! prints the table of `docs/performance.md`. The last line has the number of rows over their limit; the bench fails if there
//! are any. Work on one thread is measured in processor time, so a busy machine matters little.

#[path = "../../examples/load/body.rs"]
mod body;
mod borrowed;
mod connects;
mod decode;
mod explorer;
mod latency;
#[path = "../../examples/load/load.rs"]
mod load;
mod operations;
mod processor;
mod program;
mod receiver;
mod records;
mod screen;
mod soak;
mod store;
mod stream;
mod table;

use std::process::ExitCode;
use table::Table;

/// The parts, which can be measured alone. All of them take about four minutes.
const PARTS: [&str; 13] = [
    "decode",
    "stream",
    "receiver",
    "store",
    "filter",
    "view",
    "draw",
    "operations",
    "explorer",
    "idle",
    "processor",
    "connects",
    "soak",
];

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (flags, wanted): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|argument| argument.starts_with('-'));
    if let Some(unknown) = wanted.iter().find(|wanted| !PARTS.contains(&wanted.as_str())) {
        return Err(format!("{unknown} is not a part; the parts are {}", PARTS.join(", ")).into());
    }
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == part);
    let mut table = Table::new(flags.iter().any(|flag| flag == "--markdown"));
    if is_wanted("decode") {
        decode::run(&mut table);
    }
    if is_wanted("stream") {
        stream::run(&mut table);
        latency::run(&mut table)?;
    }
    if is_wanted("receiver") {
        receiver::run(&mut table)?;
    }
    if ["store", "filter", "view", "draw", "operations"].into_iter().any(is_wanted) {
        let mut store = store::fill(&mut table);
        if is_wanted("filter") {
            let view = store.view();
            store::filter(&mut table, &view);
            store::traces(&mut table, &view);
        }
        if is_wanted("view") {
            store::view(&mut table, &mut store);
        }
        if is_wanted("draw") {
            screen::run(&mut table, &store.view())?;
        }
        if is_wanted("operations") {
            operations::run(&mut table, &mut store)?;
        }
    }
    if is_wanted("explorer") {
        explorer::run(&mut table)?;
    }
    if is_wanted("idle") {
        explorer::idle(&mut table)?;
    }
    if is_wanted("processor") {
        processor::run(&mut table)?;
    }
    if is_wanted("connects") {
        connects::run(&mut table)?;
    }
    if is_wanted("soak") {
        soak::run(&mut table)?;
        soak::conservation(&mut table)?;
    }
    Ok(if table.finish() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
