//! The contents of the detail of the selected row, and the text that `y` copies.

use super::{Feed, Scene};
use crate::app::parts::{Contents, Entries, Section};
use crate::model::{Row, Time};
use crate::present::item::{self, About, Entry, Tab};
use crate::store::Hit;
use jiff::tz::TimeZone;
use std::ops::Range;
use std::sync::Arc;

impl Feed {
    /// Reads the selected row if it changed, and lays it out for the current panes.
    pub(super) fn read_selected(&mut self, scene: &Scene<'_>) {
        let Some(selected) = self.selected.as_ref().filter(|_| self.parts.panes.detail) else { return };
        let hit = &selected.hit;
        let detail = &mut self.parts.detail;
        if detail.is_of(hit.row.0, scene) {
            return detail.place(scene);
        }
        let item = hit.chunk.batch.item(hit.index);
        let about = about(hit, scene);
        let title = (item::kind(item).to_owned(), item::name(item));
        let facts = Section::new(item::kind(item), None, item::facts(item, &about));
        // The attributes or the body of a log come first: the row already shows the facts.
        let contents = Contents { title, facts, facts_at: 1, sections: sections(hit, &about) };
        detail.renew(hit.row.0, contents, scene);
    }

    /// The selected row as JSON, or why there is none.
    pub(super) fn json(&self, scene: &Scene<'_>) -> Result<String, &'static str> {
        let hit = &self.selected.as_ref().ok_or("nothing is selected")?.hit;
        Ok(item::json(hit.chunk.batch.item(hit.index), &about(hit, scene)))
    }
}

/// The sections of an item. Their entries are built when the screen needs them.
fn sections(hit: &Hit, about: &About<'_>) -> Vec<Section> {
    let item = hit.chunk.batch.item(hit.index);
    let tabs = item::tabs(item).into_iter().filter(|title| title.tab != Tab::Facts && title.count != Some(0));
    tabs.map(|title| {
        let entries: Arc<dyn Entries> = Arc::new(ItemEntries {
            section: item::Section::new(item, title.tab, about),
            hit: hit.clone(),
            row: about.row,
            received: about.received,
            source: about.source.to_owned(),
            from_file: about.from_file,
            zone: about.zone.clone(),
        });
        Section::new(title.tab.word(), title.count, entries)
    })
    .collect()
}

/// A section of an item, and the item itself.
#[derive(Debug)]
struct ItemEntries {
    section: item::Section,
    hit: Hit,
    row: Row,
    received: Time,
    source: String,
    from_file: bool,
    zone: TimeZone,
}

impl Entries for ItemEntries {
    fn count(&self) -> usize {
        self.section.len()
    }

    fn entries(&self, range: Range<usize>) -> Vec<Entry> {
        let ItemEntries { row, received, source, from_file, zone, .. } = self;
        let about = About { row: *row, received: *received, source, from_file: *from_file, zone };
        self.section.entries(self.hit.chunk.batch.item(self.hit.index), &about, range)
    }
}

/// When and from where an item arrived.
fn about<'a>(hit: &Hit, scene: &Scene<'a>) -> About<'a> {
    let run = hit.chunk.run(hit.index);
    let source = scene.names.get(run.source);
    About {
        row: hit.row,
        received: run.received,
        source: source.map_or("", |source| &source.label),
        from_file: source.is_some_and(|source| source.kind.is_read()),
        zone: scene.zone,
    }
}
