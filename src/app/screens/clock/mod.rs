//! A trivial screen: when the last item of each source came.

use super::{ScreenState, asks_nothing};
use crate::app::Action;
use crate::app::parts::{Contents, List, Outcome, Parts, Scene, Section, Table};
use crate::model::{SourceId, visible};
use crate::present::clock;
use crate::present::item::{Entry, EntryKind};

/// The state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Panes, detail and search.
    pub parts: Parts,
    /// The sources, the latest first.
    pub table: Table<SourceId>,
}

asks_nothing!(Clock);

impl ScreenState for Clock {
    fn parts(&self) -> &Parts {
        &self.parts
    }

    fn parts_mut(&mut self) -> &mut Parts {
        &mut self.parts
    }

    fn list(&mut self) -> &mut dyn List {
        &mut self.table
    }

    fn rows(&self, scene: &Scene<'_>) -> usize {
        scene.connections.len()
    }

    fn settle(&mut self, scene: &Scene<'_>, _: &mut Outcome) {
        let mut latest: Vec<_> = scene.connections.iter().collect();
        latest.sort_by_key(|connection| std::cmp::Reverse(scene.traffic.last_item(connection)));
        self.table.settle(latest.iter().map(|connection| connection.id).collect(), scene);
        let selected = latest.into_iter().find(|connection| Some(connection.id) == self.table.selected);
        if let Some(selected) = selected.filter(|_| self.parts.panes.detail) {
            let last = clock::long(scene.traffic.last_item(selected), scene.zone);
            let facts = Section::new("source", None, vec![Entry::of(EntryKind::Plain, "last item", last)]);
            let title = ("source".to_owned(), visible(&selected.label));
            let contents = Contents { title, facts, facts_at: 0, sections: Vec::new() };
            self.parts.detail.renew(u64::from(selected.id.0), contents, scene);
        }
    }

    fn act(&mut self, action: Action, scene: &Scene<'_>, outcome: &mut Outcome) -> bool {
        if action == Action::Retry {
            outcome.say(clock::long(scene.now, scene.zone));
        }
        action == Action::Retry
    }
}
