//! Shared parts of the screens' questions: slots, generations, and the query thread's memory between answers.
//!
//! A question and its answer belong to a screen, which implements [`Asks`](super::screens), or to the filter that is typed.
//! [`answer`] answers any of them on the query thread.

pub(in crate::app) mod seen;

pub use super::question::{Answer, Query, answer};
pub use crate::analyze::Memo;
pub use crate::store::{KnownSource, SourceNames};
pub use seen::{SeenAnswer, SeenQuery};

/// Identifies a question; rises with each one. An answer is stale unless it belongs to the last question of its slot.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Generation(pub u64);

/// The slot of a question. A new question cancels and replaces the previous one of its slot; other slots are unaffected.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Slot {
    /// The rows of the list.
    List,
    /// The selected row.
    Detail,
    /// The candidates for the typed filter.
    Completion,
    /// A long computation, such as a comparison. It continues while the user looks at another screen.
    Background,
}

impl Slot {
    /// All slots, the most urgent first.
    pub const ALL: [Slot; 4] = [Slot::List, Slot::Detail, Slot::Completion, Slot::Background];
}
