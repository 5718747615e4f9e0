//! What screens share of their questions: slots, generations, and what the query thread keeps from one answer to the next.
//!
//! A question and its answer belong to a screen, which implements [`Asks`](super::screens), or to the filter that is typed.
//! [`answer`] answers any of them on the query thread.

mod seen;

pub use crate::analyze::Memo;
pub use crate::store::{KnownSource, SourceNames};
pub use seen::{SeenAnswer, SeenQuery};

use super::screens;
use crate::store::View;

/// A question about a view.
#[derive(Clone, PartialEq, Debug)]
pub enum Query {
    /// What a screen shows.
    Screen(screens::Query),
    /// What is offered while a filter is typed.
    Seen(SeenQuery),
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub enum Answer {
    /// What a screen shows.
    Screen(screens::Answer),
    /// What is offered while a filter is typed.
    Seen(SeenAnswer),
}

/// Answers a query: calls `emit` once or, where the work is long, several times, each answer better than the one before. The
/// last has nothing left to do. Once `cancelled` returns true (it is called once a chunk), this returns without another
/// answer.
pub fn answer(view: &View, query: &Query, memo: &Memo, cancelled: &dyn Fn() -> bool, emit: &mut dyn FnMut(Answer)) {
    match query {
        Query::Screen(query) => {
            screens::answer(view, query, memo, cancelled, &mut |answer| emit(Answer::Screen(answer)));
        }
        Query::Seen(query) => seen::answer(view, query, memo, cancelled, &mut |answer| emit(Answer::Seen(answer))),
    }
}

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
    /// What is offered while a filter is typed.
    Completion,
    /// What takes long, such as a comparison. It goes on while the user looks at another screen.
    Background,
}

impl Slot {
    /// All of them, the most urgent first.
    pub const ALL: [Slot; 4] = [Slot::List, Slot::Detail, Slot::Completion, Slot::Background];
}
