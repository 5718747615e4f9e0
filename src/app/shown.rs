//! The view that all screens show.

use crate::model::{Signal, Time};
use crate::store::View;

/// The live view, or a frozen one while the buffer continues to fill.
#[derive(Clone, Debug, Default)]
pub enum Shown {
    /// The newest view.
    #[default]
    Live,
    /// The view at the time of freezing.
    Frozen {
        /// The time of freezing.
        at: Time,
        /// The frozen view.
        view: Box<View>,
    },
}

impl Shown {
    /// The view to show.
    pub fn view<'a>(&'a self, live: &'a View) -> &'a View {
        match self {
            Shown::Live => live,
            Shown::Frozen { view, .. } => view,
        }
    }

    /// The time of freezing; `None` for a live view.
    pub fn frozen_at(&self) -> Option<Time> {
        match self {
            Shown::Live => None,
            Shown::Frozen { at, .. } => Some(*at),
        }
    }

    /// Bytes that only the frozen view still holds in memory.
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
