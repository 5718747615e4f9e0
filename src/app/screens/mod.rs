//! The screens, one a tab. What is not built is not here and not shown.

pub mod feed;

/// The screens in the order of their tabs.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Screen {
    /// Everything as it arrives.
    #[default]
    Feed,
}

impl Screen {
    /// Every screen that is built, in the order of its tab.
    pub const ALL: [Screen; 1] = [Screen::Feed];

    /// The tab's title.
    pub fn title(self) -> &'static str {
        match self {
            Screen::Feed => "Feed",
        }
    }

    /// The digit of its tab; it stays when other tabs are built.
    pub fn number(self) -> u8 {
        match self {
            Screen::Feed => 1,
        }
    }

    /// The screen of a digit.
    pub fn of_number(number: u8) -> Option<Screen> {
        Screen::ALL.into_iter().find(|screen| screen.number() == number)
    }
}
