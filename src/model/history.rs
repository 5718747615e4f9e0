//! The history of a connection's states, with times and reasons.

use super::{ConnectionState, Time};
use std::sync::Arc;

/// A change of a connection's state, or a further attempt in the same state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateChange {
    /// When the change happened.
    pub at: Time,
    /// The new state.
    pub state: ConnectionState,
    /// The reason as received; not escaped for terminals.
    pub words: String,
}

/// The last states of a connection, oldest first. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct History(Arc<[StateChange]>);

/// Number of changes to keep.
const MAX_CHANGES: usize = 64;

impl History {
    /// Adds a change and drops the oldest above the limit.
    pub fn push(&mut self, change: StateChange) {
        let surplus = (self.0.len() + 1).saturating_sub(MAX_CHANGES);
        self.0 = self.0.iter().skip(surplus).cloned().chain([change]).collect();
    }

    /// The changes, oldest first.
    pub fn changes(&self) -> &[StateChange] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_states_go_when_there_are_too_many() {
        let mut history = History::default();
        for at in 0..1_000 {
            history.push(StateChange { at: Time(at), state: ConnectionState::Active, words: String::new() });
        }
        let times: Vec<u64> = history.changes().iter().map(|change| change.at.0).collect();
        assert_eq!(times, (1_000 - MAX_CHANGES as u64..1_000).collect::<Vec<_>>());
    }
}
