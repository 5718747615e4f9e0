//! Which view the screens work on: a newer one came, the user freezes it, the user deletes every row.

use super::{App, Effect, Shown};
use crate::store::View;

impl App {
    /// Keeps the view that is shown, or goes back to the live one.
    pub(super) fn freeze(&mut self) {
        self.shown = match self.shown {
            Shown::Live => Shown::Frozen { at: self.now, view: Box::new(self.live.clone()) },
            Shown::Frozen { .. } => Shown::Live,
        };
        self.with_every_screen(|screen, scene, outcome| screen.viewed(scene, outcome));
    }

    /// Deletes every row. A frozen view stays frozen, with nothing in it.
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

    /// Takes a newer view; whether anything changed.
    pub(super) fn see(&mut self, view: View) -> bool {
        if view.id() == self.live.id() {
            return false;
        }
        self.live = view.with_sources(self.names.clone());
        self.with_every_screen(|screen, scene, outcome| screen.viewed(scene, outcome));
        true
    }
}
