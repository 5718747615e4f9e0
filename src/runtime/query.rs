//! The query thread: answers what the screens ask, of each slot the newest question only.

use crate::app::Ask;
use crate::app::query::{Answer, Generation, Memo, Slot, answer};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Takes questions. Dropping it ends the thread.
pub(super) struct Queries {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    asked: Condvar,
    /// The newest generation asked in each slot, so that an answer in the making can tell that it is stale.
    newest: [AtomicU64; Slot::ALL.len()],
}

/// Questions that nobody answers yet, one a slot.
#[derive(Default)]
struct Waiting {
    questions: [Option<Ask>; Slot::ALL.len()],
    ended: bool,
}

impl Queries {
    /// Starts the thread; it hands each answer to `emit`, which must not block.
    ///
    /// # Errors
    ///
    /// The system's, when it has no thread to give.
    pub fn start(mut emit: impl FnMut(Generation, Answer) + Send + 'static) -> std::io::Result<Queries> {
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        let run = move || {
            let mut memo = Memo::default();
            while let Some(Ask { generation, slot, view, query }) = theirs.next() {
                let cancelled = || theirs.newest[slot as usize].load(Ordering::Relaxed) != generation.0;
                answer(&view, &query, &mut memo, &cancelled, &mut |answer| emit(generation, answer));
            }
        };
        std::thread::Builder::new().name("query".into()).spawn(run)?;
        Ok(Queries { shared })
    }

    /// Asks. The question before it in its slot is not answered any further.
    pub fn ask(&self, ask: Ask) {
        let slot = ask.slot as usize;
        self.shared.newest[slot].store(ask.generation.0, Ordering::Relaxed);
        self.shared.lock().questions[slot] = Some(ask);
        self.shared.asked.notify_one();
    }
}

impl Drop for Queries {
    fn drop(&mut self) {
        self.shared.newest.iter().for_each(|newest| newest.store(u64::MAX, Ordering::Relaxed));
        self.shared.lock().ended = true;
        self.shared.asked.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Ask> {
        let idle = |waiting: &mut Waiting| waiting.questions.iter().all(Option::is_none) && !waiting.ended;
        let mut waiting = self.asked.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        if waiting.ended { None } else { waiting.questions.iter_mut().find_map(Option::take) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::query::Query;
    use crate::app::screens::feed;
    use crate::store::{Anchor, View};

    fn ask(generation: u64, slot: Slot) -> Ask {
        let query = feed::Query { filter: None, anchor: Anchor::Newest, before: 1, after: 1, since: None, find: None };
        let (generation, query) = (Generation(generation), Query::Feed(query));
        Ask { generation, slot, view: View::default(), query }
    }

    #[test]
    fn a_question_replaces_the_one_in_its_slot_only() {
        let queries = Queries { shared: Arc::default() };
        for asked in [ask(1, Slot::List), ask(2, Slot::Background), ask(3, Slot::List)] {
            queries.ask(asked);
        }
        let newest = |slot: Slot| queries.shared.newest[slot as usize].load(Ordering::Relaxed);
        assert_eq!([newest(Slot::List), newest(Slot::Background)], [3, 2], "the background goes on");
        let next = || queries.shared.next().map(|ask| ask.generation.0);
        assert_eq!([next(), next()], [Some(3), Some(2)], "the list first");
    }
}
