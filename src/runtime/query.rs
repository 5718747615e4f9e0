//! The query threads answer the questions of the screens: in each slot only the newest one. The background slot has its own
//! thread, so a slow question never delays a list or a detail.

use crate::app::Ask;
use crate::app::query::{Answer, Generation, Memo, Slot, answer};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Takes questions. Dropping it ends the threads.
pub(super) struct Queries {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    asked: Condvar,
    /// The newest generation asked in each slot. A running answer compares it with its own and stops if it is stale.
    newest: [AtomicU64; Slot::ALL.len()],
}

/// Questions that no thread has taken yet, one for each slot.
#[derive(Default)]
struct Waiting {
    questions: [Option<Ask>; Slot::ALL.len()],
    ended: bool,
}

/// The threads, and the slots that each answers, the most urgent first.
const THREADS: [(&str, &[Slot]); 2] =
    [("query", &[Slot::List, Slot::Detail]), ("query background", &[Slot::Background])];

impl Queries {
    /// Starts the threads; they hand each answer to `emit`, which must not block.
    ///
    /// # Errors
    ///
    /// The system cannot start a thread.
    pub fn start(emit: impl FnMut(Generation, Answer) + Clone + Send + 'static) -> std::io::Result<Queries> {
        let queries = Queries { shared: Arc::default() };
        let memo = Memo::default();
        for (name, slots) in THREADS {
            let (shared, memo, mut emit) = (queries.shared.clone(), memo.clone(), emit.clone());
            let run = move || {
                while let Some(Ask { generation, slot, view, query }) = shared.next(slots) {
                    let cancelled = || shared.newest[slot as usize].load(Ordering::Relaxed) != generation.0;
                    answer(&view, &query, &memo, &cancelled, &mut |answer| emit(generation, answer));
                }
            };
            std::thread::Builder::new().name(name.into()).spawn(run)?;
        }
        Ok(queries)
    }

    /// Asks, and cancels the earlier question of the same slot.
    pub fn ask(&self, ask: Ask) {
        let slot = ask.slot as usize;
        self.shared.newest[slot].store(ask.generation.0, Ordering::Relaxed);
        self.shared.lock().questions[slot] = Some(ask);
        self.shared.asked.notify_all();
    }
}

impl Drop for Queries {
    fn drop(&mut self) {
        self.shared.newest.iter().for_each(|newest| newest.store(u64::MAX, Ordering::Relaxed));
        self.shared.lock().ended = true;
        self.shared.asked.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a question in one of these slots. `None`: the program ends.
    fn next(&self, slots: &[Slot]) -> Option<Ask> {
        let mut waiting = self.lock();
        loop {
            if waiting.ended {
                return None;
            }
            if let Some(ask) = slots.iter().find_map(|slot| waiting.questions[*slot as usize].take()) {
                return Some(ask);
            }
            waiting = self.asked.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::parts::Sort;
    use crate::app::query::Query;
    use crate::app::screens::feed;
    use crate::columns::{Batch, EventsBuilder, Word};
    use crate::model::{SourceId, Time};
    use crate::store::{Anchor, Arrival, Retention, Store, View};
    use std::sync::mpsc;
    use std::time::Duration;

    fn view() -> View {
        let mut store = Store::new(Retention { max_bytes: 1 << 30 });
        let mut events = EventsBuilder::default();
        events.push("tick", "", Time(1), "", Word::EMPTY);
        let batch: Batch = events.finish();
        store.push(batch, Arrival::one(SourceId(1), Time(1)));
        store.view()
    }

    fn ask(generation: u64, slot: Slot) -> Ask {
        let query = feed::Query {
            filter: None,
            anchor: Anchor::Newest,
            before: 1,
            after: 1,
            since: None,
            find: None,
            trace: None,
            sort: Sort::default(),
        };
        Ask { generation: Generation(generation), slot, view: view(), query: Query::Feed(query) }
    }

    /// Holds the background thread in its first answer until the list and a second background question have been asked.
    #[test]
    fn a_list_is_answered_beside_the_background() {
        let (sender, answers) = mpsc::channel();
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let queries = Queries::start(move |generation: Generation, _| {
            sender.send(generation.0).unwrap();
            if generation.0 == 1 {
                held.lock().unwrap().recv().unwrap();
            }
        })
        .unwrap();
        let next = || answers.recv_timeout(Duration::from_secs(60)).unwrap();
        queries.ask(ask(1, Slot::Background));
        assert_eq!(next(), 1);
        queries.ask(ask(2, Slot::List));
        assert_eq!(next(), 2);
        queries.ask(ask(3, Slot::Background));
        queries.ask(ask(4, Slot::Background));
        queries.ask(ask(5, Slot::Detail));
        assert_eq!(next(), 5);
        release.send(()).unwrap();
        assert_eq!(next(), 4, "the third was replaced in its slot");
    }
}
