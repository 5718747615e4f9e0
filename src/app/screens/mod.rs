//! The screens, one a tab.
//!
//! A screen is a folder here (state, keys, questions), a folder of the same name in `ui::screens` (drawing), a line in
//! [`registry`], and a section in `keymap.toml`. Its state implements [`ScreenState`] and [`Asks`]. Lists, details, panes,
//! filters and sorting come from `app::parts`.

mod registry;
mod state;

pub(crate) use registry::for_each_screen;
pub use state::Nothing;
pub(in crate::app) use state::{Asks, ScreenState, Toward, asks_nothing};

use super::parts::{Outcome, Scene};
use super::query::{Memo, Slot};
use crate::store::View;

macro_rules! define {
    ($($folder:ident: $State:ident = $about:literal,)*) => {
        $(
            #[doc = concat!("Shows ", $about, ".")]
            pub mod $folder;
        )*

        /// The screens in tab order.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Screen {
            $(#[doc = concat!("Shows ", $about, ".")] $State,)*
        }

        impl Screen {
            /// All screens in tab order.
            pub const ALL: &[Screen] = &[$(Screen::$State,)*];

            /// The tab's title.
            pub fn title(self) -> &'static str {
                match self { $(Screen::$State => stringify!($State),)* }
            }

            /// The name of its section in the keymap file.
            pub fn name(self) -> &'static str {
                match self { $(Screen::$State => stringify!($folder),)* }
            }

            /// A short description.
            pub fn about(self) -> &'static str {
                match self { $(Screen::$State => $about,)* }
            }
        }

        /// The state of every screen. Only the app changes it.
        #[derive(Clone, Debug, Default)]
        pub struct Screens {
            $(#[doc = concat!("Shows ", $about, ".")] pub $folder: $folder::$State,)*
        }

        impl Screens {
            pub(in crate::app) fn get(&self, screen: Screen) -> &dyn ScreenState {
                match screen { $(Screen::$State => &self.$folder,)* }
            }

            pub(in crate::app) fn get_mut(&mut self, screen: Screen) -> &mut dyn ScreenState {
                match screen { $(Screen::$State => &mut self.$folder,)* }
            }

            /// The question of a screen for a slot.
            pub(in crate::app) fn query(&mut self, screen: Screen, slot: Slot, scene: &Scene<'_>) -> Option<Query> {
                match screen { $(Screen::$State => self.$folder.query(slot, scene).map(Query::$State),)* }
            }

            /// Passes an answer to its screen. Returns whether the display changed.
            pub(in crate::app) fn take(
                &mut self, answer: Answer, slot: Slot, scene: &Scene<'_>, outcome: &mut Outcome,
            ) -> bool {
                match answer { $(Answer::$State(answer) => self.$folder.take(slot, answer, scene, outcome),)* }
            }
        }

        /// A question about a view.
        #[derive(Clone, PartialEq, Debug)]
        pub enum Query {
            $(#[doc = concat!("Of the screen that shows ", $about, ".")] $State($folder::Query),)*
        }

        /// An answer to a question.
        #[derive(Clone, Debug)]
        pub enum Answer {
            $(#[doc = concat!("To the screen that shows ", $about, ".")] $State($folder::Answer),)*
        }

        impl Answer {
            /// The screen that asked.
            pub(in crate::app) fn screen(&self) -> Screen {
                match self { $(Answer::$State(_) => Screen::$State,)* }
            }
        }

        /// Answers a question. Calls `emit` once, or several times for long work; each answer replaces the one before. Calls
        /// `cancelled` once for each chunk and stops without a further answer when it returns true.
        pub fn answer(
            view: &View, query: &Query, memo: &Memo, cancelled: &dyn Fn() -> bool, emit: &mut dyn FnMut(Answer),
        ) {
            match query {
                $(Query::$State(query) => {
                    <$folder::$State as Asks>::answer(view, query, memo, cancelled, &mut |answer| {
                        emit(Answer::$State(answer));
                    });
                })*
            }
        }
    };
}

for_each_screen!(define);

impl Default for Screen {
    fn default() -> Screen {
        Screen::ALL[0]
    }
}

impl Screen {
    /// The digit of its tab key.
    pub fn number(self) -> u8 {
        (1..).zip(Screen::ALL).find_map(|(number, screen)| (*screen == self).then_some(number)).unwrap_or_default()
    }

    /// The screen for a digit. Digits beyond the last tab select the last one.
    pub fn of_number(number: u8) -> Screen {
        let last = Screen::ALL.len() - 1;
        Screen::ALL[usize::from(number.saturating_sub(1)).min(last)]
    }

    /// From its name in the keymap file.
    pub fn from_name(name: &str) -> Option<Screen> {
        Screen::ALL.iter().copied().find(|screen| screen.name() == name)
    }
}
