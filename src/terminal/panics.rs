//! A panic anywhere ends the program with the terminal restored, unless it happens under supervision.
//!
//! A panic is a defect of ours, and a program that goes on with half its threads shows wrong things calmly. So the
//! hook ends it, from whichever thread: the terminal first, the report on the main screen, exit code 101. No unwinding
//! follows, so a panic in a destructor cannot turn it into an abort.
//!
//! What may die alone (the task of one connection) runs under [`supervised_task`] or [`supervised`]: the panic comes
//! back as an error to show, and the rest goes on.

use std::any::Any;
use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::pin::pin;
use std::task::Poll;

use super::guard;

/// From here on a panic outside supervision ends the program: the terminal is restored, what `report` makes of the
/// panic goes to standard error, and the exit code is 101. The text is made safe first: other control characters than
/// line feed and tab are shown as escapes, so `report` gives plain text, without colours.
///
/// It replaces the hook that was set, so a reporting library is not installed but asked, in `report`: with color-eyre,
/// `HookBuilder::blank().theme(Theme::new()).into_hooks()` and `move |info| panics.panic_report(info).to_string()`.
pub fn end_on_panic(report: impl Fn(&PanicHookInfo<'_>) -> String + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        if !comes_back_as_an_error(info) {
            guard::end(EXIT_CODE, || harmless(&report(info)) + "\n");
        }
    }));
}

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

const EXIT_CODE: i32 = 101;

enum Supervision {
    Off,
    Calm,
    /// At this place, and not caught yet.
    Panicked(String),
}

thread_local! {
    static SUPERVISION: RefCell<Supervision> = const { RefCell::new(Supervision::Off) };
}

/// Whether this thread is supervised; notes the place. Not so for a second panic while the first still unwinds: after
/// that one the process would abort, with the terminal left as it is.
fn comes_back_as_an_error(info: &PanicHookInfo<'_>) -> bool {
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

/// Lines of plain text: what a terminal would act on, or not show, as an escape (`\u{1b}`).
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\'' | '"' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
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

    #[test]
    fn a_report_cannot_move_the_terminal() {
        assert_eq!(harmless("a\x1b[2J\u{9b}\u{202e}\r\n\t\"é\""), "a\\u{1b}[2J\\u{9b}\\u{202e}\\r\n\t\"é\"");
    }
}
