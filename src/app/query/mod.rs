//! What screens share of their questions: slots, generations, and what the query thread keeps from one answer to the next.
//!
//! A question and its answer belong to a screen, which implements [`Asks`](super::screens). [`answer`] answers any of them on
//! the query thread.

pub use super::screens::{Answer, Query, answer};
pub use crate::analyze::Memo;
pub use crate::store::{KnownSource, SourceNames};

/// Names a question; rises with every one. An answer to another question than the last of its slot is stale.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Generation(pub u64);

/// Where a question stands. A new one replaces the one in its own slot, which is then cancelled, and leaves the others alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Slot {
    /// The rows of the list.
    List,
    /// The selected row.
    Detail,
    /// What takes long, such as a comparison. It goes on while the user looks at another screen.
    Background,
}

impl Slot {
    /// All of them, the most urgent first.
    pub const ALL: [Slot; 3] = [Slot::List, Slot::Detail, Slot::Background];
}
