//! A panic anywhere ends the program with the terminal restored, unless it happens under supervision.
//!
//! A panic is a defect of ours, and a program that goes on with half its threads shows wrong things calmly. So the
//! hook ends it, from whichever thread: the terminal first, the report on the main screen, exit code 101. No unwinding
//! follows, so a panic in a destructor cannot turn it into an abort.
//!
//! What may die alone (the task of one connection) runs under [`supervision`](crate::supervision): the panic comes back
//! as an error to show, and the rest goes on.

use std::panic::{self, PanicHookInfo};

use super::guard;
use crate::supervision::comes_back_as_an_error;

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

const EXIT_CODE: i32 = 101;

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
    fn a_report_cannot_move_the_terminal() {
        assert_eq!(harmless("a\x1b[2J\u{9b}\u{202e}\r\n\t\"é\""), "a\\u{1b}[2J\\u{9b}\\u{202e}\\r\n\t\"é\"");
    }
}
