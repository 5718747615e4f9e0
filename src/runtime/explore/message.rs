//! What the loop handles.

use crate::app::Event;
use crate::app::query::{Answer, Generation};
use crate::runtime::reload::Read;
use crate::terminal::{Input, Signal};

/// Whatever happens.
pub(super) enum Message {
    Input(Input),
    Signal(Signal),
    /// Input came faster than it could be handled; all of it that was dropped since the start.
    Lost(Lost),
    /// A view waits in the slot.
    View,
    Connections,
    Answer(Generation, Answer),
    /// The demo could not go on, or self-telemetry does not get through.
    Trouble(String),
    /// The configuration has been read again.
    Read(Read),
    /// What another configuration came to.
    Reloaded(String),
    /// What a command to the connections came to that took its time.
    Done(Event),
}

/// Input that found no room.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Lost {
    /// Keys and movements of the mouse.
    pub keys: u64,
    /// Whole pastes.
    pub pastes: u64,
}
