//! Shared parts of the screens' questions: slots, generations, and the query thread's memory between answers.
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
