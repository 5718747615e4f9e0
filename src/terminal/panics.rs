//! A panic on any thread restores the terminal and ends the program, except under supervision.
//!
//! A panic is a defect of otail, and a program that goes on without one of its threads could show wrong data. So the hook ends
//! the program: it restores the terminal, prints the report on the main screen, and exits with code 101. No unwinding follows,
//! so a panic in a destructor cannot turn it into an abort.
//!
//! A part that may fail alone (the task of a connection) runs under [`supervision`](crate::supervision): its panic becomes an
//! error to show, and the rest goes on.

use std::panic::{self, PanicHookInfo};

use super::guard;
use crate::supervision::comes_back_as_an_error;

/// From now on a panic outside supervision ends the program: it restores the terminal, writes the text of `report` to standard
/// error, and exits with code 101. Control characters other than line feed and tab appear as escapes, so `report` must return
/// plain text without colours.
///
/// It replaces the panic hook. So do not install a reporting library, but call it in `report`; with color-eyre:
/// `HookBuilder::blank().theme(Theme::new()).into_hooks()` and `move |info| panics.panic_report(info).to_string()`.
pub fn end_on_panic(report: impl Fn(&PanicHookInfo<'_>) -> String + Send + Sync + 'static) {
    panic::set_hook(Box::new(move |info| {
        if !comes_back_as_an_error(info) {
            guard::end(EXIT_CODE, || harmless(&report(info)) + "\n");
        }
    }));
}

const EXIT_CODE: i32 = 101;

/// Replaces control and invisible characters by escapes (`\u{1b}`), except line ends.
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
