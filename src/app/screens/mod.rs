//! The screens, one a tab. What is not built is not here and not shown.
//!
//! A screen has its state and its actions in a folder of its own; what all of them share lies beside: `scene` (what an
//! action sees of the rest), `column` (entries with a cursor, for details). `ui::screens` draws them under the same names.

mod column;
pub mod feed;
mod scene;
pub mod sources;

pub use column::{Column, PlacedLine};
pub(in crate::app) use scene::{Outcome, Scene};

/// The screens in the order of their tabs.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Screen {
    /// Everything as it arrives.
    #[default]
    Feed,
    /// The connections.
    Sources,
}

impl Screen {
    /// Every screen that is built, in the order of its tab.
    pub const ALL: [Screen; 2] = [Screen::Feed, Screen::Sources];

    /// The tab's title.
    pub fn title(self) -> &'static str {
        match self {
            Screen::Feed => "Feed",
            Screen::Sources => "Sources",
        }
    }

    /// The digit of its tab; it stays when other tabs are built.
    pub fn number(self) -> u8 {
        match self {
            Screen::Feed => 1,
            Screen::Sources => 7,
        }
    }

    /// The screen of a digit.
    pub fn of_number(number: u8) -> Option<Screen> {
        Screen::ALL.into_iter().find(|screen| screen.number() == number)
    }
}
