//! Keeps a panic from ending the program.
//!
//! Work that may fail alone (a connection's task, decoding a request) runs under [`supervised`] or [`supervised_task`]: its
//! panic becomes an error to show, and everything else continues. Any other panic ends the program; the panic hook decides
//! with [`comes_back_as_an_error`]. Imports nothing of otail. Deliberately not here: the hook (`terminal`).

use std::any::Any;
use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::pin::pin;
use std::task::Poll;

/// A caught panic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("panicked at {place}: {message}")]
pub struct Panicked {
    /// The panic's message. It may contain text from outside.
    pub message: String,
    /// File, line and column.
    pub place: String,
}

/// Runs `work` and turns a panic in it into an error. If `work` catches a panic itself, a later panic in it still ends the
/// program.
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

/// [`supervised`] for a future, whichever threads poll it. Tasks that it spawns are not supervised.
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
    /// It panicked at this place and is still unwinding.
    Panicked(String),
}

thread_local! {
    static SUPERVISION: RefCell<Supervision> = const { RefCell::new(Supervision::Off) };
}

/// For a panic hook: whether this thread is supervised. It remembers the place of the panic. False for a second panic during
/// unwinding: that one aborts the process, so the hook must restore the terminal.
pub fn comes_back_as_an_error(info: &PanicHookInfo<'_>) -> bool {
    let note = |supervision: &RefCell<Supervision>| {
        let calm = matches!(*supervision.borrow(), Supervision::Calm);
        if calm {
            let place = info.location().map_or_else(|| "an unknown place".into(), ToString::to_string);
            supervision.replace(Supervision::Panicked(place));
        }
        calm
    };
    // This fails while the thread's local data is being destroyed.
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
