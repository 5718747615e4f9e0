//! What the app wants of a screen. A method without a body is one that every screen needs; the others have one that fits a
//! screen without that feature.

use crate::app::Action;
use crate::app::parts::{List, Outcome, Parts, Scene};
use crate::app::query::{Memo, Slot};
use crate::model::Time;
use crate::store::View;

/// What a screen does with the keys, the mouse and the shown view. The shared keys (moving, panes, details, filter, copying)
/// are done by `parts::acting` with the parts that this trait hands out.
pub(in crate::app) trait ScreenState {
    /// Its panes, detail, filter and search.
    fn parts(&self) -> &Parts;

    /// The same, to change them.
    fn parts_mut(&mut self) -> &mut Parts;

    /// Its list. A `Table` does it for every list whose rows are all at hand.
    fn list(&mut self) -> &mut dyn List;

    /// Brings the state up to date with the scene after every event: rows, selection, detail.
    fn settle(&mut self, scene: &Scene<'_>, outcome: &mut Outcome);

    /// Does what an action means on this screen alone. False leaves the action to the shared parts.
    fn act(&mut self, _: Action, _: &Scene<'_>, _: &mut Outcome) -> bool {
        false
    }

    /// Goes back to what was shown before, in the history of the screen. Whether there was something.
    fn go_back(&mut self, _: &Scene<'_>, _: &mut Outcome) -> bool {
        false
    }

    /// How many rows the list has; a detail may take the lines that it does not need.
    fn rows(&self, _: &Scene<'_>) -> usize {
        usize::MAX
    }

    /// Whether the columns of the list have titles.
    fn is_titled(&self) -> bool {
        false
    }

    /// The title of a column was clicked, counted from 0.
    fn press_title(&mut self, _: usize, _: &Scene<'_>, _: &mut Outcome) {}

    /// Whether it has a filter, which then stands in its bar.
    fn has_filter(&self) -> bool {
        false
    }

    /// Another filter is in force.
    fn filtered(&mut self, _: &Scene<'_>) {}

    /// What a click on the bar means.
    fn bar_action(&self) -> Action {
        Action::EditFilter
    }

    /// Looks in the list for the text that is searched for (`parts().search`): the nearest match where it was just typed, else
    /// the next one, or the one before.
    fn search(&mut self, _: Toward, _: &Scene<'_>, outcome: &mut Outcome) {
        outcome.say("there is nothing to search here");
    }

    /// Goes to the next error, or to the one before.
    fn next_error(&mut self, _forward: bool, _: &Scene<'_>, outcome: &mut Outcome) {
        outcome.say("nothing here can fail");
    }

    /// What `y` copies of the selected row, or why it copies nothing.
    fn copied(&self, _: &Scene<'_>) -> Result<String, &'static str> {
        Err("there is nothing to copy")
    }

    /// Another view is shown: a newer one, a frozen one, the live one again.
    fn viewed(&mut self, _: &Scene<'_>, _: &mut Outcome) {}

    /// The user deleted every row.
    fn cleared(&mut self, _: &Scene<'_>) {}

    /// When something on it changes by itself.
    fn wake_at(&self, _: &Scene<'_>) -> Option<Time> {
        None
    }

    /// Whether it shows the counts of the sources, which nobody announces.
    fn shows_counts(&self) -> bool {
        false
    }

    /// The services of the rows at hand, in their order; a service may come more than once.
    fn services(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The word in the footer for an action, where it is another one than the keymap has: what the key does now.
    fn footer(&self, _: Action, _: &Scene<'_>) -> Option<&'static str> {
        None
    }
}

/// Which way a search goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::app) enum Toward {
    /// To the match nearest to the selected row.
    Nearest,
    /// To the next one.
    Next,
    /// To the one before.
    Previous,
}

/// The questions of a screen. They run on the query thread; nothing is scanned in `handle`.
pub(in crate::app) trait Asks {
    /// What it asks.
    type Query: Clone + PartialEq + std::fmt::Debug;
    /// What it learns.
    type Answer: Clone + std::fmt::Debug;

    /// What it wants to know now, in a slot. Nothing leaves the last question of that slot as it is.
    fn query(&mut self, slot: Slot, scene: &Scene<'_>) -> Option<Self::Query>;

    /// Takes an answer; whether anything that is shown changed.
    fn take(&mut self, slot: Slot, answer: Self::Answer, scene: &Scene<'_>, outcome: &mut Outcome) -> bool;

    /// Answers one of its queries, as [`answer`](super::answer) says.
    fn answer(
        view: &View,
        query: &Self::Query,
        memo: &Memo,
        cancelled: &dyn Fn() -> bool,
        emit: &mut dyn FnMut(Self::Answer),
    );
}

/// The query and the answer of a screen that asks nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nothing {}

/// Implements [`Asks`] for a screen that asks nothing.
macro_rules! asks_nothing {
    ($State:ty) => {
        /// What it asks: nothing.
        pub type Query = $crate::app::screens::Nothing;
        /// What it learns: nothing.
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
