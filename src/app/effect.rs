//! Effects: requests from the app that the runtime carries out.

use super::SourceCommand;
use super::query::{Generation, Query, Slot};
use crate::store::View;

/// A request to the runtime.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Answer this question on the query thread. It replaces the previous question of its slot, which may be cancelled.
    Ask(Box<Ask>),
    /// Run this source command. Failures come back as a notice, or as [`Event::NotConnected`](super::Event::NotConnected).
    Source(SourceCommand),
    /// Read the configuration again and apply the changes.
    Reload,
    /// Copy this text, which is safe to print, to the clipboard.
    Copy(String),
    /// Delete all rows from the engine.
    Clear,
    /// Turn mouse support on or off.
    Mouse(bool),
    /// Redraw the whole screen.
    Redraw,
    /// Suspend the program and give the terminal to the shell.
    Suspend,
    /// Quit the program.
    Quit,
}

/// A question for the query thread: [`answer`](super::query::answer) it and hand each answer back as
/// [`Event::Answer`](super::Event::Answer) with this generation.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Identifies the question.
    pub generation: Generation,
    /// The slot. A question replaces the previous one of its slot.
    pub slot: Slot,
    /// The view to search.
    pub view: View,
    /// The question itself.
    pub query: Query,
}
