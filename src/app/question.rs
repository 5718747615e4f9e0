//! Any question about a view, and its answer: of a screen, or about the filter that is typed.

use super::query::Memo;
use super::query::seen::{self, SeenAnswer, SeenQuery};
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
