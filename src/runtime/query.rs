//! The query thread: answers what the screen asks, the newest question only.

use crate::app::Ask;
use crate::app::query::{Answer, Generation, Memo, answer};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Takes questions. Dropping it ends the thread.
pub(super) struct Queries {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    asked: Condvar,
    /// The newest generation asked, so that an answer in the making can tell that it is stale.
    newest: AtomicU64,
}

#[derive(Default)]
struct Slot {
    question: Option<Ask>,
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
            while let Some(Ask { generation, view, query }) = theirs.next() {
                let cancelled = || theirs.newest.load(Ordering::Relaxed) != generation.0;
                answer(&view, &query, &mut memo, &cancelled, &mut |answer| emit(generation, answer));
            }
        };
        std::thread::Builder::new().name("query".into()).spawn(run)?;
        Ok(Queries { shared })
    }

    /// Asks; what was asked before is not answered any further.
    pub fn ask(&self, ask: Ask) {
        self.shared.newest.store(ask.generation.0, Ordering::Relaxed);
        self.shared.lock().question = Some(ask);
        self.shared.asked.notify_one();
    }
}

impl Drop for Queries {
    fn drop(&mut self) {
        self.shared.newest.store(u64::MAX, Ordering::Relaxed);
        self.shared.lock().ended = true;
        self.shared.asked.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Ask> {
        let idle = |slot: &mut Slot| slot.question.is_none() && !slot.ended;
        let mut slot = self.asked.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        if slot.ended { None } else { slot.question.take() }
    }
}
