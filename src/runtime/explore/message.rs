//! The messages of the loop.

use crate::app::Event;
use crate::app::query::{Answer, Generation};
use crate::runtime::reload::Read;
use crate::terminal::{Input, Signal};

/// A message to the loop.
pub(super) enum Message {
    Input(Input),
    Signal(Signal),
    /// Input that was dropped since the start, because it came faster than otail handles it.
    Lost(Lost),
    /// A view waits in the slot.
    View,
    Connections,
    Answer(Generation, Answer),
    /// The demo failed, or self-telemetry cannot be sent.
    Trouble(String),
    /// The configuration has been read again.
    Read(Read),
    /// The summary of a reconfiguration.
    Reloaded(String),
    /// The result of a slow command to the connections.
    Done(Event),
}

/// The amount of dropped input.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Lost {
    /// Keys and mouse events.
    pub keys: u64,
    /// Whole pastes.
    pub pastes: u64,
}
