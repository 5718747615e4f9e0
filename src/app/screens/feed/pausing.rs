//! Freezing the view while the buffer goes on filling (ruling G8).

use super::{Feed, Outcome, Scene, Viewport};

impl Feed {
    /// Keeps the view that is shown, or goes back to the live one.
    pub(in crate::app) fn pause(&mut self, scene: &Scene<'_>, outcome: &mut Outcome) {
        match self.frozen.take() {
            None => self.frozen = Some(scene.live.clone()),
            Some(frozen) => {
                // What came meanwhile is newer than where the user stands.
                if let Viewport::Hold { .. } = self.viewport {
                    self.held_at = self.held_at.max(frozen.end().min(scene.live.end()));
                }
                self.notice_eviction(scene, outcome);
            }
        }
    }

    /// Sees whether the buffer still has the selected row.
    pub(in crate::app) fn notice_eviction(&mut self, scene: &Scene<'_>, outcome: &mut Outcome) {
        let Some(row) = self.selected_row() else { return };
        let gone = self.shown(scene.live).locate(row).is_none();
        let Some(selected) = &mut self.selected else { return };
        let newly = gone && !selected.gone;
        selected.gone = gone;
        if newly {
            outcome.say("the selected row has left the buffer; the detail keeps it");
        }
    }
}
