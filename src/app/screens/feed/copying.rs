//! What is selected, for the clipboard: harmless text, on a key press only.

use super::{Feed, Outcome, Scene};
use crate::app::Effect;
use crate::app::layout::Pane;
use crate::model::SourceKind;
use crate::present::item::{self, About, Tab};
use crate::present::number;

impl Feed {
    /// In the list the whole item as JSON; in the detail the selected value, or in its raw tab all of it.
    pub(in crate::app) fn copy(&self, scene: &Scene<'_>, outcome: &mut Outcome) {
        let Some(selected) = &self.selected else { return outcome.say("nothing is selected") };
        let entry = self.detail.selected_entry();
        let text = match (self.panes.focus, entry) {
            (Pane::Detail, Some(entry)) if self.detail.tab != Tab::Raw => entry.value.clone(),
            _ => {
                let hit = &selected.hit;
                match item::json(hit.chunk.batch.item(hit.index), &about(hit, scene)) {
                    Some(json) => json,
                    None => return outcome.say("this item is too large to copy"),
                }
            }
        };
        outcome.say(format!("copied {}", number::bytes(text.len() as f64)));
        outcome.effects.push(Effect::Copy(text));
    }
}

/// How an item came.
pub(super) fn about<'a>(hit: &crate::store::Hit, scene: &Scene<'a>) -> About<'a> {
    let run = hit.chunk.run(hit.index);
    let source = scene.names.get(run.source);
    About {
        row: hit.row,
        received: run.received,
        source: source.map_or("", |source| &source.label),
        from_file: source.is_some_and(|source| source.kind == SourceKind::File),
        zone: scene.zone,
    }
}
