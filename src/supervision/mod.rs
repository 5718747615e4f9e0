//! Panics that cost their task and no more.
//!
//! What may die alone (a connection's task, a request being decoded) runs under [`supervised`] or [`supervised_task`]: the
//! panic comes back as an error to show, and the rest goes on. Any other panic ends the program, which is the hook's
//! affair: it asks [`comes_back_as_an_error`]. Imports nothing of otail. Deliberately not here: the hook (`terminal`).

use std::any::Any;
use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::pin::pin;
use std::task::Poll;

/// What is left of something that panicked under supervision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("panicked at {place}: {message}")]
pub struct Panicked {
    /// The panic's own words. They may hold text from outside.
    pub message: String,
    /// File, line and column.
    pub place: String,
}

/// Runs `work`; a panic in it becomes an error and does not end the program. Code inside that catches panics by itself
/// is not seen, so a second panic in it would end the program.
///
/// # Errors
/// If `work` panicked.
pub fn supervised<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    let outer = SUPERVISION.replace(Supervision::Calm);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let inner = SUPERVISION.replace(outer);
    result.map_err(|payload| Panicked {
        message: message(payload.as_ref()),
        place: match inner {
            Supervision::Panicked(place) => place,
            Supervision::Off | Supervision::Calm => "an unknown place".into(),
        },
    })
}

/// [`supervised`] for a future, whichever threads poll it. What it spawns is on its own.
///
/// # Errors
/// If `future` panicked.
pub async fn supervised_task<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| match supervised(|| future.as_mut().poll(context)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

enum Supervision {
    Off,
    Calm,
    /// At this place, and not caught yet.
    Panicked(String),
}

thread_local! {
    static SUPERVISION: RefCell<Supervision> = const { RefCell::new(Supervision::Off) };
}

/// For a panic hook: whether this thread is supervised; notes the place. Not so for a second panic while the first still unwinds: after
/// that one the process would abort, with the terminal left as it is.
pub fn comes_back_as_an_error(info: &PanicHookInfo<'_>) -> bool {
    let note = |supervision: &RefCell<Supervision>| {
        let calm = matches!(*supervision.borrow(), Supervision::Calm);
        if calm {
            let place = info.location().map_or_else(|| "an unknown place".into(), ToString::to_string);
            supervision.replace(Supervision::Panicked(place));
        }
        calm
    };
    // It fails while the thread's own data is being destroyed.
    SUPERVISION.try_with(note).unwrap_or(false)
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supervised_panic_comes_back_as_an_error() {
        assert_eq!(supervised(|| 1), Ok(1));
        assert_eq!(supervised(|| -> () { panic!("no {}", 2) }).unwrap_err().message, "no 2");
        assert_eq!(supervised(|| -> () { panic!("plain") }).unwrap_err().message, "plain");
        assert_eq!(supervised(|| -> () { panic::panic_any(7) }).unwrap_err().message, "no message");
    }
}
