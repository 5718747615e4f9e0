//! What a screen wants to know of a view, and the answers. Runs on the query thread; nothing is scanned in `handle`.
//!
//! A query is everything that the screen wants to know at once, so a new one replaces the one before: the runtime
//! cancels that, and the [`Memo`] keeps what it had found out. Start with [`answer`].

mod feed;
mod memo;
#[cfg(test)]
mod tests;

pub use crate::store::{KnownSource, SourceNames};
pub use feed::{FeedAnswer, FeedQuery, Find, Found, Wanted};
pub use memo::Memo;

use crate::store::View;

/// Names an ask; rises, and an answer that carries another one than the last is stale.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Generation(pub u64);

/// What a screen wants to know.
#[derive(Clone, PartialEq, Debug)]
pub enum Query {
    /// The Feed.
    Feed(FeedQuery),
}

/// What it was told.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The Feed.
    Feed(FeedAnswer),
}

/// Answers a query: hands `emit` one answer or, where the work is long, several, each better than the one before. The
/// last has nothing left to do. Once `cancelled` says so (it is asked once a chunk), it returns without another answer.
pub fn answer(view: &View, query: &Query, memo: &mut Memo, cancelled: &dyn Fn() -> bool, emit: &mut dyn FnMut(Answer)) {
    match query {
        Query::Feed(query) => feed::answer(view, query, memo, cancelled, &mut |answer| emit(Answer::Feed(answer))),
    }
}
