//! Changes of the view: a newer one arrives, the user freezes it or deletes all rows.

use super::{App, Effect, Shown};
use crate::store::View;

impl App {
    /// Freezes the view, or returns to the live one.
    pub(super) fn freeze(&mut self) {
        self.shown = match self.shown {
            Shown::Live => Shown::Frozen { at: self.now, view: Box::new(self.live.clone()) },
            Shown::Frozen { .. } => Shown::Live,
        };
        self.with_every_screen(|screen, scene, outcome| screen.viewed(scene, outcome));
    }

    /// Deletes all rows. A frozen view stays frozen, but empty.
    pub(super) fn clear(&mut self) {
        self.outcome.effects.push(Effect::Clear);
        if let Shown::Frozen { view, .. } = &mut self.shown {
            **view = self.live.emptied();
        }
        self.with_every_screen(|screen, scene, outcome| {
            screen.cleared(scene);
            screen.viewed(scene, outcome);
        });
    }

    /// Takes a newer view. Returns whether the display changed.
    pub(super) fn see(&mut self, view: View) -> bool {
        if view.id() == self.live.id() {
            return false;
        }
        self.live = view.with_sources(self.names.clone());
        self.with_every_screen(|screen, scene, outcome| screen.viewed(scene, outcome));
        true
    }
}
