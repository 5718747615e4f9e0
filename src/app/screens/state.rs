//! The interface between the app and a screen. Methods without a body are required; the others default to a screen without
//! that feature.

use crate::app::Action;
use crate::app::parts::{List, Outcome, Parts, Scene};
use crate::app::query::{Memo, Slot};
use crate::model::Time;
use crate::store::View;

/// A screen's keys, mouse and view. `parts::acting` handles the shared keys (moving, panes, details, filter, copying) with
/// the parts from this trait.
pub(in crate::app) trait ScreenState {
    /// Its panes, detail, filter and search.
    fn parts(&self) -> &Parts;

    /// The same, mutable.
    fn parts_mut(&mut self) -> &mut Parts;

    /// Its list. Use a `Table` if all rows are in memory.
    fn list(&mut self) -> &mut dyn List;

    /// Updates rows, selection and detail after every event.
    fn settle(&mut self, scene: &Scene<'_>, outcome: &mut Outcome);

    /// Performs an action of this screen only. Returns false to leave the action to the shared parts.
    fn act(&mut self, _: Action, _: &Scene<'_>, _: &mut Outcome) -> bool {
        false
    }

    /// Goes back one step in the screen's history. Returns whether there was one.
    fn go_back(&mut self, _: &Scene<'_>, _: &mut Outcome) -> bool {
        false
    }

    /// The number of rows. A detail may use lines that the list does not need.
    fn rows(&self, _: &Scene<'_>) -> usize {
        usize::MAX
    }

    /// Whether the list has column titles.
    fn is_titled(&self) -> bool {
        false
    }

    /// Handles a click on a column title, counted from 0.
    fn press_title(&mut self, _: usize, _: &Scene<'_>, _: &mut Outcome) {}

    /// Whether it has a filter, shown in its bar.
    fn has_filter(&self) -> bool {
        false
    }

    /// Called after a change of the filter.
    fn filtered(&mut self, _: &Scene<'_>) {}

    /// The action of a click on the bar.
    fn bar_action(&self) -> Action {
        Action::EditFilter
    }

    /// Searches the list for `parts().search`, in this direction.
    fn search(&mut self, _: Toward, _: &Scene<'_>, outcome: &mut Outcome) {
        outcome.say("there is nothing to search here");
    }

    /// Goes to the next or previous error.
    fn next_error(&mut self, _forward: bool, _: &Scene<'_>, outcome: &mut Outcome) {
        outcome.say("this screen has no errors to go to");
    }

    /// The text that `y` copies for the selected row, or the reason why there is none.
    fn copied(&self, _: &Scene<'_>) -> Result<String, &'static str> {
        Err("there is nothing to copy")
    }

    /// Called when the view changes: a newer one, a frozen one, or back to the live one.
    fn viewed(&mut self, _: &Scene<'_>, _: &mut Outcome) {}

    /// Called after the user deleted all rows.
    fn cleared(&mut self, _: &Scene<'_>) {}

    /// The time of the next change of the display without an event.
    fn wake_at(&self, _: &Scene<'_>) -> Option<Time> {
        None
    }

    /// Whether it shows item counts, which change without an event.
    fn shows_counts(&self) -> bool {
        false
    }

    /// The services of the rows at hand, in their order; a service may come more than once.
    fn services(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The footer's word for an action, if the keymap's does not fit now.
    fn footer(&self, _: Action, _: &Scene<'_>) -> Option<&'static str> {
        None
    }
}

/// The direction of a search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::app) enum Toward {
    /// To the match nearest to the selection, for a newly typed text.
    Nearest,
    /// To the next match.
    Next,
    /// To the previous match.
    Previous,
}

/// A screen's questions. They run on the query thread; `handle` itself never scans data.
pub(in crate::app) trait Asks {
    /// Its questions.
    type Query: Clone + PartialEq + std::fmt::Debug;
    /// Its answers.
    type Answer: Clone + std::fmt::Debug;

    /// The current question for a slot. `None` leaves the slot's last question in place.
    fn query(&mut self, slot: Slot, scene: &Scene<'_>) -> Option<Self::Query>;

    /// Takes an answer. Returns whether the display changed.
    fn take(&mut self, slot: Slot, answer: Self::Answer, scene: &Scene<'_>, outcome: &mut Outcome) -> bool;

    /// Answers a question; see [`answer`](super::answer) for the protocol.
    fn answer(
        view: &View,
        query: &Self::Query,
        memo: &Memo,
        cancelled: &dyn Fn() -> bool,
        emit: &mut dyn FnMut(Self::Answer),
    );
}

/// The question and the answer of a screen without questions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nothing {}

/// Implements [`Asks`] for a screen without questions.
macro_rules! asks_nothing {
    ($State:ty) => {
        /// No questions.
        pub type Query = $crate::app::screens::Nothing;
        /// No answers.
        pub type Answer = $crate::app::screens::Nothing;

        impl $crate::app::screens::Asks for $State {
            type Query = $crate::app::screens::Nothing;
            type Answer = $crate::app::screens::Nothing;

            fn query(&mut self, _: $crate::app::query::Slot, _: &$crate::app::parts::Scene<'_>) -> Option<Self::Query> {
                None
            }

            fn take(
                &mut self,
                _: $crate::app::query::Slot,
                answer: Self::Answer,
                _: &$crate::app::parts::Scene<'_>,
                _: &mut $crate::app::parts::Outcome,
            ) -> bool {
                match answer {}
            }

            fn answer(
                _: &$crate::store::View,
                query: &Self::Query,
                _: &$crate::app::query::Memo,
                _: &dyn Fn() -> bool,
                _: &mut dyn FnMut(Self::Answer),
            ) {
                match *query {}
            }
        }
    };
}

pub(in crate::app) use asks_nothing;
