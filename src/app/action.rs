//! What a user can ask for: one word each, the same in the keymap file, in the help and on the `:` command line.

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// Something to do, whatever key or click asked for it.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Action {
            $($(#[$doc])* $variant,)*
            /// Shows a tab, counted from 1: `tab-1` … `tab-9`.
            Tab(u8),
        }

        impl Action {
            /// Every action but the tabs.
            pub const ALL: &[Action] = &[$(Action::$variant,)*];

            /// Its name: lower case, words joined by `-`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Action::$variant => $name,)*
                    Action::Tab(number) => TABS[usize::from(number.clamp(1, 9)) - 1],
                }
            }

            /// From its name.
            pub fn from_name(name: &str) -> Option<Action> {
                $(if name == $name { return Some(Action::$variant); })*
                TABS.iter().zip(1..).find_map(|(tab, number)| (*tab == name).then_some(Action::Tab(number)))
            }
        }
    };
}

const TABS: [&str; 9] = ["tab-1", "tab-2", "tab-3", "tab-4", "tab-5", "tab-6", "tab-7", "tab-8", "tab-9"];

actions! {
    /// Ends the program.
    Quit "quit",
    /// One level up; from the uppermost level ends the program.
    Leave "leave",
    /// Gives the terminal back to the shell until `fg`.
    Suspend "suspend",
    /// Paints every cell anew.
    Redraw "redraw",
    /// Shows or hides the keys.
    Help "help",
    /// Opens the command line.
    Command "command",
    /// One level up: closes what was opened last.
    Back "back",
    /// Back to what was shown before.
    Return "return",
    /// Shows the trace of the selected row.
    Trace "trace",
    /// Shows the logs of the trace of the selected row.
    Logs "logs",
    /// Gives the keys to the next pane, or to the next section of the detail.
    NextPane "next-pane",
    /// Gives the keys to the pane before, or to the section before.
    PreviousPane "previous-pane",
    /// Gives the focused pane the whole screen, or takes it back.
    Zoom "zoom",
    /// Wraps long values, or cuts them.
    Wrap "wrap",
    /// Takes the mouse, or leaves it to the terminal.
    Mouse "mouse",
    /// Reads the configuration again, and changes what has changed.
    Reload "reload",
    /// Deletes every row.
    Clear "clear",
    /// One row up.
    Up "up",
    /// One row down.
    Down "down",
    /// To the left; in the detail folds the value, or goes to the facts.
    Left "left",
    /// To the right; in the detail unfolds the value, or goes to the sections.
    Right "right",
    /// One page up.
    PageUp "page-up",
    /// One page down.
    PageDown "page-down",
    /// Half a page up.
    HalfPageUp "half-page-up",
    /// Half a page down.
    HalfPageDown "half-page-down",
    /// The oldest row.
    Oldest "oldest",
    /// The newest row, and the ones that follow.
    Follow "follow",
    /// Opens what is selected.
    Open "open",
    /// Freezes the view, or lets it go on.
    Freeze "freeze",
    /// Pauses the selected source, or resumes it.
    Pause "pause",
    /// Edits the filter.
    EditFilter "edit-filter",
    /// Shows everything again.
    ClearFilter "clear-filter",
    /// Adds the selected value to the filter.
    Include "include",
    /// Excludes the selected value by the filter.
    Exclude "exclude",
    /// Searches in what is shown.
    Search "search",
    /// The next match, towards the newest.
    NextMatch "next-match",
    /// The match before, towards the oldest.
    PreviousMatch "previous-match",
    /// The next error, towards the newest.
    NextError "next-error",
    /// The error before, towards the oldest.
    PreviousError "previous-error",
    /// Copies what is selected.
    Copy "copy",
    /// Copies what went wrong with it last.
    CopyError "copy-error",
    /// Asks for the URL of a source to connect to.
    Add "add",
    /// Asks for another URL for the selected source.
    Edit "edit",
    /// Tries the selected source again now.
    Retry "retry",
    /// Ends the selected connection, asked twice.
    Disconnect "disconnect",
    /// Asks for credentials for the selected source.
    Credentials "credentials",
    /// Sorts by the next column.
    Sort "sort",
    /// Turns the order round.
    Invert "invert",
    /// Takes what was typed.
    Accept "accept",
    /// Leaves the line as it was before typing.
    Cancel "cancel",
    /// Completes the word.
    Complete "complete",
    /// Goes back to the candidate before.
    CompleteBack "complete-back",
    /// The line typed before this one.
    Earlier "earlier",
    /// The line typed after this one.
    Later "later",
    /// Deletes the character before the cursor.
    DeleteBack "delete-back",
    /// Deletes the character under the cursor.
    DeleteForward "delete-forward",
    /// Deletes the word before the cursor.
    DeleteWord "delete-word",
    /// Deletes what stands before the cursor.
    DeleteToStart "delete-to-start",
    /// Deletes what stands after the cursor.
    DeleteToEnd "delete-to-end",
    /// The word before.
    WordLeft "word-left",
    /// The next word.
    WordRight "word-right",
    /// To the start of the line.
    LineStart "line-start",
    /// To the end of the line.
    LineEnd "line-end",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found_by_its_name() {
        for action in Action::ALL.iter().copied().chain((1..=9).map(Action::Tab)) {
            assert_eq!(Action::from_name(action.name()), Some(action));
        }
        assert_eq!(Action::from_name("tab-0"), None);
        assert_eq!(Action::from_name("Quit"), None);
    }
}
