//! Sign, word and style for a connection's state. Colour alone never carries meaning.

use super::theme::Role;
use crate::app::screens::Screen;
use crate::app::{Action, Context};
use crate::keymap::Keymap;
use crate::model::{Connection, ConnectionState, Rejection, Time};

/// The display of a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct StateLabel {
    pub sign: &'static str,
    pub word: &'static str,
    /// Seconds until the next attempt.
    pub retry: Option<u64>,
    pub role: Role,
}

impl StateLabel {
    /// The word or the countdown.
    pub fn words(&self) -> String {
        match self.retry {
            Some(seconds) => format!("retry {seconds}s"),
            None => self.word.to_owned(),
        }
    }
}

/// Duration in nanoseconds for which a rejection marks the state. Its counts stay visible.
const LATELY: u64 = 60_000_000_000;

/// The display of a connection's state at this time.
pub(super) fn state_of(connection: &Connection, now: Time) -> StateLabel {
    let (sign, word, role) = match connection.state {
        ConnectionState::Active if connection.error.is_some() => ("▲", "partly live", Role::Warning),
        ConnectionState::Active => match connection.rejection.as_ref().filter(|last| now.since(last.at) < LATELY) {
            Some(rejection) => ("▲", turned_away(rejection), Role::Warning),
            None => ("●", "live", Role::Good),
        },
        ConnectionState::Connecting => ("◌", "connecting", Role::Warning),
        ConnectionState::Paused => ("‖", "paused", Role::Warning),
        ConnectionState::Error => ("✕", "error", Role::Error),
        ConnectionState::Disconnected => ("○", "off", Role::Dim),
    };
    let retry = match (connection.state, connection.retry_at) {
        (ConnectionState::Connecting, Some(at)) if at > now => Some(at.since(now).div_ceil(1_000_000_000)),
        _ => None,
    };
    StateLabel { sign, word, retry, role }
}

/// The keys that help a connection that is down, as a suffix of the reason: ` · r tries again, u another URL`.
pub(super) fn remedy_of(connection: &Connection, keymap: &Keymap) -> String {
    let first = match (connection.state, connection.retry_at) {
        (ConnectionState::Error, _) if connection.wants_credentials => Some((Action::Credentials, "gives credentials")),
        (ConnectionState::Error, _) => Some((Action::Retry, "tries again")),
        (ConnectionState::Connecting, _) if connection.error.is_none() => return String::new(),
        (ConnectionState::Connecting, Some(_)) => Some((Action::Retry, "tries now")),
        (ConnectionState::Connecting, None) => None,
        _ => return String::new(),
    };
    let named = first.into_iter().chain([(Action::Edit, "another URL")]).filter_map(|(action, words)| {
        let key = keymap.key_of(&[Context::Screen(Screen::Sources)], action)?;
        Some(format!("{key} {words}"))
    });
    let keys = named.collect::<Vec<_>>().join(", ");
    if keys.is_empty() { keys } else { format!(" · {keys}") }
}

/// The state of a live connection that recently rejected or refused something.
fn turned_away(rejection: &Rejection) -> &'static str {
    match (rejection.count, rejection.refused) {
        (0, 0) => "live, turning away",
        (0, _) => "live, refusing",
        _ => "live, rejecting",
    }
}

/// The distinct states with the number of connections in each: live ones first, then those with problems.
pub(super) fn states(connections: &[Connection], now: Time) -> Vec<(StateLabel, usize)> {
    let mut states: Vec<(StateLabel, usize)> = Vec::new();
    for connection in connections {
        let state = state_of(connection, now);
        match states.iter_mut().find(|(known, _)| (known.sign, known.word) == (state.sign, state.word)) {
            Some((known, count)) => {
                *count += 1;
                known.retry = [known.retry, state.retry].into_iter().flatten().min();
            }
            None => states.push((state, 1)),
        }
    }
    let order = ["●", "▲", "✕", "◌", "‖", "○"];
    states.sort_by_key(|(state, _)| order.iter().position(|sign| *sign == state.sign));
    states
}
