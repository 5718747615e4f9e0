//! User actions. Each has one name, used in the keymap file, the help and the `:` command line.

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// An action, from a key, a click or a command.
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
    /// Quits otail.
    Quit "quit",
    /// Closes the view opened last. At the top level it quits otail.
    Leave "leave",
    /// Suspends otail and gives the terminal to the shell until `fg`.
    Suspend "suspend",
    /// Redraws the whole screen.
    Redraw "redraw",
    /// Shows or hides the key help.
    Help "help",
    /// Opens the `:` command line.
    Command "command",
    /// Closes the view opened last.
    Back "back",
    /// Returns to the previous filter and selection.
    Return "return",
    /// Shows the trace of the selected row.
    Trace "trace",
    /// Shows the logs of the trace of the selected row.
    Logs "logs",
    /// Moves the focus to the next pane, or to the next section of the detail.
    NextPane "next-pane",
    /// Moves the focus to the previous pane, or to the previous section.
    PreviousPane "previous-pane",
    /// Shows the focused pane full screen, or restores the layout.
    Zoom "zoom",
    /// Wraps long values, or cuts them.
    Wrap "wrap",
    /// Turns mouse support on or off. While it is off, the terminal handles the mouse.
    Mouse "mouse",
    /// Reads the configuration again and applies the changes.
    Reload "reload",
    /// Deletes all rows.
    Clear "clear",
    /// One row up.
    Up "up",
    /// One row down.
    Down "down",
    /// Moves left. In the detail: folds the value, or goes to the facts.
    Left "left",
    /// Moves right. In the detail: unfolds the value, or goes to the sections.
    Right "right",
    /// One page up.
    PageUp "page-up",
    /// One page down.
    PageDown "page-down",
    /// Half a page up.
    HalfPageUp "half-page-up",
    /// Half a page down.
    HalfPageDown "half-page-down",
    /// Goes to the oldest row.
    Oldest "oldest",
    /// Goes to the newest row and follows new ones.
    Follow "follow",
    /// Opens the selected row or value.
    Open "open",
    /// Freezes the view, or unfreezes it.
    Freeze "freeze",
    /// Pauses the selected source, or resumes it.
    Pause "pause",
    /// Edits the filter.
    EditFilter "edit-filter",
    /// Clears the filter.
    ClearFilter "clear-filter",
    /// Adds the selected value to the filter.
    Include "include",
    /// Excludes the selected value with the filter.
    Exclude "exclude",
    /// Searches the focused pane.
    Search "search",
    /// Goes to the next match, towards the newest row.
    NextMatch "next-match",
    /// Goes to the previous match, towards the oldest row.
    PreviousMatch "previous-match",
    /// Goes to the next error, towards the newest row.
    NextError "next-error",
    /// Goes to the previous error, towards the oldest row.
    PreviousError "previous-error",
    /// Copies the selected row, value or URL.
    Copy "copy",
    /// Copies the last error of the selected source.
    CopyError "copy-error",
    /// Opens the prompt for a new source's URL.
    Add "add",
    /// Opens the prompt to change the selected source's URL.
    Edit "edit",
    /// Retries the selected source now.
    Retry "retry",
    /// Disconnects the selected source; asks first.
    Disconnect "disconnect",
    /// Opens the prompt for the selected source's credentials.
    Credentials "credentials",
    /// Sorts by the next column.
    Sort "sort",
    /// Reverses the sort order.
    Invert "invert",
    /// Accepts the typed line.
    Accept "accept",
    /// Closes the line without effect and restores the earlier filter.
    Cancel "cancel",
    /// Completes the typed line.
    Complete "complete",
    /// Recalls the previous line of the history.
    Earlier "earlier",
    /// Recalls the next line of the history.
    Later "later",
    /// Deletes the character before the cursor.
    DeleteBack "delete-back",
    /// Deletes the character under the cursor.
    DeleteForward "delete-forward",
    /// Deletes the word before the cursor.
    DeleteWord "delete-word",
    /// Deletes from the start of the line to the cursor.
    DeleteToStart "delete-to-start",
    /// Deletes from the cursor to the end of the line.
    DeleteToEnd "delete-to-end",
    /// Moves one word left.
    WordLeft "word-left",
    /// Moves one word right.
    WordRight "word-right",
    /// Moves to the start of the line.
    LineStart "line-start",
    /// Moves to the end of the line.
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
