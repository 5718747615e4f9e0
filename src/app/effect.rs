//! Effects: requests from the app that the runtime carries out.

use super::SourceCommand;
use super::query::{Generation, Query, Slot};
use crate::store::View;

/// A request to the runtime.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Answer this on the query thread. It replaces the question before it in its slot, which may be cancelled.
    Ask(Box<Ask>),
    /// Do something to the connections; what cannot be done is told by a notice, or
    /// [`Event::NotConnected`](super::Event::NotConnected).
    Source(SourceCommand),
    /// Read the configuration again and change what has changed.
    Reload,
    /// Put this text, which is harmless, on the user's clipboard.
    Copy(String),
    /// Delete all rows from the engine.
    Clear,
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Paint every cell anew.
    Redraw,
    /// Give the terminal back to the shell and stop.
    Suspend,
    /// End the program.
    Quit,
}

/// A question for the query thread: [`answer`](super::query::answer) it and hand each answer back as
/// [`Event::Answer`](super::Event::Answer) with this generation.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Names the question.
    pub generation: Generation,
    /// Where it stands: it replaces the question before it there.
    pub slot: Slot,
    /// What is asked.
    pub view: View,
    /// What is to be known.
    pub query: Query,
}
