//! The budgets, measured: each as a ratio against the least that the same work can cost, in this process, in turns.
//!
//! `cargo bench --bench budgets` prints the table; `-- decode filter` prints those parts of it. What runs on one thread is
//! measured in processor time, so that a busy machine does not matter much; whoever doubts a number repeats it.

#[path = "../../examples/load/body.rs"]
mod body;
mod borrowed;
mod decode;
mod explorer;
#[path = "../../examples/load/load.rs"]
mod load;
mod receiver;
mod screen;
mod store;
mod table;

use table::Table;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == part);
    let mut table = Table::new();
    if is_wanted("decode") {
        decode::run(&mut table);
    }
    if is_wanted("receiver") {
        receiver::run(&mut table)?;
    }
    if ["store", "filter", "view", "draw"].into_iter().any(is_wanted) {
        let mut store = store::fill(&mut table);
        if is_wanted("filter") {
            let view = store.view();
            store::filter(&mut table, &view);
        }
        if is_wanted("view") {
            store::view(&mut table, &mut store);
        }
        if is_wanted("draw") {
            screen::run(&mut table, &store.view())?;
        }
    }
    if is_wanted("explorer") {
        explorer::run(&mut table)?;
    }
    if is_wanted("soak") {
        explorer::soak(&mut table)?;
        receiver::conservation(&mut table)?;
    }
    Ok(())
}
