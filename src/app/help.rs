//! Scrolling and closing the help.

use super::{Action, App};

impl App {
    /// Performs an action while the help is open.
    pub(super) fn act_help(&mut self, action: Action) {
        let page = usize::from(self.size.1).saturating_sub(4).max(1);
        let Some(top) = self.help else { return };
        self.help = match action {
            Action::Back | Action::Leave => None,
            Action::Up => Some(top.saturating_sub(1)),
            Action::Down => Some((top + 1).min(self.help_end)),
            Action::PageUp | Action::HalfPageUp => Some(top.saturating_sub(page)),
            Action::PageDown | Action::HalfPageDown => Some((top + page).min(self.help_end)),
            Action::Oldest => Some(0),
            Action::Follow => Some(self.help_end),
            _ => Some(top),
        };
    }

    /// Sets the last scroll position. Returns whether the help moved.
    pub(super) fn help_ends(&mut self, end: usize) -> bool {
        self.help_end = end;
        let before = self.help;
        self.help = before.map(|top| top.min(end));
        self.help != before
    }
}
