//! Loads that are far larger than the buffer.

use crate::explorer::{MILLION, accepted, client, key_rows};
use crate::load::load;
use crate::program::{Explorer, Failure};
use crate::table::Table;
use serde_json::Value;
use std::time::Duration;

/// The signals, as the log names them.
const SIGNALS: [&str; 4] = ["spans", "metrics", "logs", "events"];

/// Sends ten million spans at full speed over HTTP and gRPC into the default buffer, while a user types.
pub fn run(table: &mut Table) -> Result<(), Failure> {
    let client = client()?;
    let (mut explorer, _) = Explorer::start()?;
    explorer.settle(Duration::from_secs(1));
    let before = explorer.resident()?;
    for millions in [1, 9] {
        let loading = client.spawn(load(explorer.plan(millions * MILLION)));
        let mut keys = Vec::new();
        while !loading.is_finished() {
            keys.push(explorer.answer_to_a_key()?);
        }
        let report = client.block_on(loading)?;
        let (sent, rate) = accepted(&report)?;
        explorer.settle(Duration::from_secs(5));
        table.remark(
            &format!("{sent} spans more, over HTTP and gRPC at once"),
            &format!("{:.0} k spans/s accepted", rate / 1e3),
        );
        table.remark("  resident memory over the start", &format!("{:.0} MB", explorer.resident()? - before));
        table.remark("  on the screen", &explorer.status());
        key_rows(table, &format!("key → bytes, {millions} M spans at full speed"), keys);
    }
    explorer.quit()
}

/// Sends spans at full speed into a buffer that is far too small, and checks the counts in the last line of the program's log:
/// every span must be accounted for.
pub fn conservation(table: &mut Table) -> Result<(), Failure> {
    let log = tempfile::NamedTempFile::new()?;
    let path = log.path().to_str().ok_or("a path")?;
    let variables = [("OTAIL_BUFFER_MAX_BYTES", "16MiB"), ("OTAIL_LOG_FORMAT", "json")];
    let (mut explorer, _) = Explorer::receiver(&["--log-file", path], &variables)?;
    let client = client()?;
    let loading = client.spawn(load(explorer.plan(2 * MILLION)));
    while !loading.is_finished() {
        explorer.settle(Duration::from_millis(50));
    }
    let report = client.block_on(loading)?;
    let (accepted, rate) = accepted(&report)?;
    explorer.settle(Duration::from_millis(500));
    explorer.quit()?;
    let text = std::fs::read_to_string(path)?;
    let last: Value = serde_json::from_str(text.lines().last().ok_or("the log is empty")?)?;
    let of = |name: &str| last["fields"][name].as_u64().ok_or_else(|| format!("no `{name}` in {last}"));
    let sum = |name: &str| SIGNALS.iter().map(|signal| of(&format!("{name}.{signal}"))).sum::<Result<u64, _>>();
    let refusals = report.http.refusals + report.grpc.refusals;
    let note = format!("{:.0} k spans/s accepted, {refusals} requests refused temporarily", rate / 1e3);
    table.remark("2 M spans at full speed over HTTP and gRPC into 16 MiB", &note);
    table.remark("  the last line of its log", &last["fields"].to_string());
    table.law("  accepted by the generator = received", accepted, &[of("received")?]);
    let rest =
        ["stored", "filtered", "skipped", "duplicate", "dropped.overflow", "dropped.closed", "rejected", "waiting"];
    let rest = rest.into_iter().map(of).collect::<Result<Vec<u64>, _>>()?;
    let law = "  received = stored + filtered + skipped + duplicate + dropped + rejected";
    table.law(law, of("received")?, &rest);
    table.law(
        "  stored + gaps = resident + evicted",
        of("stored")? + of("gaps")?,
        &[sum("resident")?, sum("evicted")?],
    );
    Ok(())
}
