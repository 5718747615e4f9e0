//! The detail of the selected connection: facts, item counts, and past states.

use super::warnings::warnings;
use super::{Scene, Sources, Warning};
use crate::app::parts::{Contents, Section};
use crate::model::{Connection, ConnectionState, Counts, DropReason, human_duration, visible};
use crate::present::item::{Entry, EntryKind};
use crate::present::{clock, number};

impl Sources {
    /// Reads the selected connection and lays it out in the current panes.
    pub(super) fn read_selected(&mut self, scene: &Scene<'_>) {
        let Some(selected) = self.selected_of(scene.connections).filter(|_| self.parts.panes.detail) else { return };
        let facts = Section::new("source", None, facts(selected, scene));
        let states = Section::new("states", None, states(selected, scene));
        let title = ("source".to_owned(), visible(&selected.label));
        let told = Contents { title, facts, facts_at: 0, sections: vec![states] };
        self.parts.detail.renew(u64::from(selected.id.0), told, scene);
    }
}

fn facts(connection: &Connection, scene: &Scene<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut fact = |key: &str, value: String| entries.push(Entry::of(EntryKind::Plain, key, value));
    fact("url", visible(&connection.url));
    let kind = connection.kind.word();
    fact("kind", connection.format.map_or(kind.to_owned(), |format| format!("{format}, over {kind}")));
    for warning in warnings(connection, scene.traffic, scene.now) {
        entries.push(Entry::of(EntryKind::Warning, "mind", about(warning)));
    }
    if let Some(error) = &connection.error {
        let kind = if connection.state == ConnectionState::Error { EntryKind::Error } else { EntryKind::Warning };
        entries.push(Entry::of(kind, "error", visible(error)));
    }
    if let Some(rejection) = &connection.rejection {
        let mut time = String::new();
        clock::short(rejection.at, scene.now, scene.zone, 12, &mut time);
        let text = format!("{}, last at {time}: {}", rejection.words(), visible(&rejection.reason));
        entries.push(Entry::of(EntryKind::Warning, "turned away", text));
    }
    let mut fact = |key: &str, value: String| entries.push(Entry::of(EntryKind::Plain, key, value));
    if !connection.source.is_empty() && connection.source != connection.url {
        fact("as typed", visible(&connection.source));
    }
    if let Some(group) = &connection.group {
        fact("group", visible(group));
    }
    fact("added", clock::long(connection.since, scene.zone));
    let last = scene.traffic.last_item(connection);
    if !last.is_unknown() {
        fact("last item", clock::long(last, scene.zone));
    }
    let polled = connection.kind.is_polled();
    for (key, value) in connection.options.iter() {
        // The polling options do not apply to a source that turned out to be a stream.
        if polled || !["asked every", "method", "format"].contains(key) {
            fact(key, visible(value));
        }
    }
    if let Some(counts) = scene.traffic.counts_of(connection.id) {
        entries.extend(balance(counts));
    }
    entries
}

/// The item counts. The parts add up to `received`.
fn balance(counts: &Counts) -> Vec<Entry> {
    let mut entries = vec![Entry::of(EntryKind::Heading, "received", number::count(counts.received))];
    let mut part = |key: &str, count: u64, note: &str, wary: bool| {
        let kind = if wary && count > 0 { EntryKind::Warning } else { EntryKind::Plain };
        entries.push(Entry::of(kind, key, format!("{}{note}", number::count(count))));
    };
    let reasons: Vec<String> = DropReason::ALL
        .into_iter()
        .zip(counts.dropped)
        .filter(|(_, count)| *count > 0)
        .map(|(reason, count)| format!("{} {}", reason.word(), number::count(count)))
        .collect();
    let reasons = if counts.dropped() > 0 { format!(" ({})", reasons.join(", ")) } else { String::new() };
    part("= stored", counts.stored, "", false);
    part("+ filtered", counts.filtered, "", false);
    part("+ skipped", counts.skipped, if counts.skipped > 0 { " while paused" } else { "" }, false);
    part("+ duplicate", counts.duplicate, "", false);
    part("+ dropped", counts.dropped(), &reasons, true);
    part("+ rejected", counts.rejected, "", true);
    part("+ waiting", counts.waiting, "", false);
    if counts.refused > 0 {
        part("refused", counts.refused, " told to retry, not part of received", true);
    }
    if counts.inconsistent > 0 {
        part("inconsistent", counts.inconsistent, " points, kept and marked", true);
    }
    if counts.gaps > 0 {
        part("gaps", counts.gaps, " marked in the feed", true);
    }
    let mut fact = |key: &str, value: String| entries.push(Entry::of(EntryKind::Plain, key, value));
    fact("memory", format!("{} for all received items, as stored", number::bytes(counts.bytes as f64)));
    let (told, received) = counts.newest;
    if !told.is_unknown() {
        let way = if told > received { "after" } else { "before" };
        let by = human_duration(received.since(told).max(told.since(received)));
        fact("lag", format!("the newest item happened {by} {way} it came"));
    }
    entries
}

fn about(warning: Warning) -> String {
    match warning {
        Warning::Insecure => "insecure: any certificate is accepted".to_owned(),
        Warning::Credentials => "it needs valid credentials".to_owned(),
        Warning::OtherCredentials => "it refused the typed credentials".to_owned(),
        Warning::Skipping(_) => format!("paused: {}", warning.words()),
        Warning::Quiet(_) => format!("{}: unusually long", warning.words()),
        Warning::Clock(nanos) => {
            let way = if nanos < 0 { "behind" } else { "ahead of" };
            format!("its clock seems {} {way} this computer's", human_duration(nanos.unsigned_abs()))
        }
    }
}

/// The past states, newest first.
fn states(connection: &Connection, scene: &Scene<'_>) -> Vec<Entry> {
    let entry = |change: &crate::model::StateChange| {
        let (kind, word) = match change.state {
            ConnectionState::Error => (EntryKind::Error, "error"),
            ConnectionState::Active => (EntryKind::Plain, "live"),
            ConnectionState::Connecting => (EntryKind::Plain, "connecting"),
            ConnectionState::Paused => (EntryKind::Plain, "paused"),
            ConnectionState::Disconnected => (EntryKind::Plain, "off"),
        };
        let mut time = String::new();
        clock::short(change.at, scene.now, scene.zone, 12, &mut time);
        Entry::of(kind, time, format!("{word:<10}  {}", visible(&change.words)))
    };
    connection.history.changes().iter().rev().map(entry).collect()
}
