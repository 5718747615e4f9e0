//! The view that every screen works on.

use crate::model::{Signal, Time};
use crate::store::View;

/// Which view is shown: the newest one, or one that is kept while the buffer goes on filling.
#[derive(Clone, Debug, Default)]
pub enum Shown {
    /// The newest.
    #[default]
    Live,
    /// The one of this moment.
    Frozen {
        /// When the user froze it.
        at: Time,
        /// What is kept.
        view: Box<View>,
    },
}

impl Shown {
    /// The view to work on.
    pub fn view<'a>(&'a self, live: &'a View) -> &'a View {
        match self {
            Shown::Live => live,
            Shown::Frozen { view, .. } => view,
        }
    }

    /// Since when the view is frozen.
    pub fn frozen_at(&self) -> Option<Time> {
        match self {
            Shown::Live => None,
            Shown::Frozen { at, .. } => Some(*at),
        }
    }

    /// Bytes that the buffer has given up and the shown view still holds.
    pub fn pinned(&self, live: &View) -> usize {
        let Shown::Frozen { view, .. } = self else { return 0 };
        let of_ring = |signal: Signal| {
            let oldest = live.ring(signal).first().map_or(live.end(), |chunk| chunk.first_row());
            let ring = view.ring(signal).iter();
            ring.take_while(|chunk| chunk.last_row() < oldest).map(|chunk| chunk.bytes).sum::<usize>()
        };
        Signal::ALL.into_iter().map(of_ring).sum()
    }
}
