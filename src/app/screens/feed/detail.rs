//! The detail of the selected row.

use super::copying::about;
use super::{Feed, Scene};
use crate::app::layout::Pane;
use crate::app::screens::Column;
use crate::model::Row;
use crate::present::item::{self, Entry, Tab, TabTitle};

/// The detail pane.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The tab that has the keys.
    pub tab: Tab,
    /// The tabs of the item.
    pub tabs: Vec<TabTitle>,
    /// The facts, beside the content or as a tab.
    pub facts: Column,
    /// What the tab holds; the last other one while the facts have the keys.
    pub content: Column,
    /// Whether long values go on on the next line.
    pub wrap: bool,
    /// What stands in the pane's title: what the item is, and its name.
    pub title: (&'static str, String),
    beside: Tab,
    /// The tab that the user chose; where an item has nothing there, another one stands in.
    chosen: Tab,
    of: Option<Row>,
}

impl Default for Detail {
    fn default() -> Detail {
        Detail {
            tab: Tab::Attributes,
            tabs: Vec::new(),
            facts: Column::default(),
            content: Column::default(),
            wrap: true,
            title: ("", String::new()),
            beside: Tab::Attributes,
            chosen: Tab::Attributes,
            of: None,
        }
    }
}

impl Detail {
    /// The tab whose content is shown: the last other one while the facts have the keys.
    pub fn content_tab(&self) -> Tab {
        if self.tab == Tab::Facts { self.beside } else { self.tab }
    }

    /// The entry under the cursor.
    pub fn selected_entry(&self) -> Option<&Entry> {
        self.column().selected()
    }

    fn column(&self) -> &Column {
        if self.tab == Tab::Facts { &self.facts } else { &self.content }
    }

    fn column_mut(&mut self) -> &mut Column {
        if self.tab == Tab::Facts { &mut self.facts } else { &mut self.content }
    }
}

impl Feed {
    /// Opens the detail; where it is open, gives it the keys.
    pub(in crate::app) fn open(&mut self, scene: &Scene<'_>) {
        if self.selected.is_none() {
            self.step(0, scene);
        }
        if self.selected.is_some() {
            self.panes.open();
            self.read_selected(scene);
        }
    }

    /// Closes the detail.
    pub(in crate::app) fn close(&mut self) {
        self.panes.close();
        self.detail.of = None;
    }

    /// Moves the cursor of the detail by so many entries.
    pub(in crate::app) fn detail_step(&mut self, by: isize) {
        self.detail.column_mut().step(by);
    }

    /// Moves it by so many pages, in halves.
    pub(in crate::app) fn detail_page(&mut self, halves: isize) {
        self.detail.column_mut().page(halves);
    }

    /// Moves it to the first entry, or the last.
    pub(in crate::app) fn detail_edge(&mut self, last: bool) {
        self.detail.column_mut().edge(last);
    }

    /// Scrolls the column that the pointer is on.
    pub(in crate::app) fn detail_scroll(&mut self, by: isize, facts: bool) {
        let detail = &mut self.detail;
        if facts { detail.facts.scroll(by) } else { detail.content.scroll(by) }
    }

    /// Selects the entry at a line.
    pub(in crate::app) fn detail_line(&mut self, line: usize, facts: bool, scene: &Scene<'_>) {
        self.panes.focus = Pane::Detail;
        if facts && self.detail.tab != Tab::Facts {
            self.turn_to(Tab::Facts, scene);
        } else if !facts && self.detail.tab == Tab::Facts && scene.layout.facts.width > 0 {
            self.turn_to(self.detail.beside, scene);
        }
        self.detail.column_mut().select_line(line);
    }

    /// The next tab, or the one before.
    pub(in crate::app) fn turn(&mut self, by: isize, scene: &Scene<'_>) {
        let count = self.detail.tabs.len();
        let at = self.detail.tabs.iter().position(|title| title.tab == self.detail.tab).unwrap_or_default();
        let next = at.saturating_add_signed(by).min(count.saturating_sub(1));
        self.detail_tab(next, scene);
    }

    /// A tab by its place.
    pub(in crate::app) fn detail_tab(&mut self, at: usize, scene: &Scene<'_>) {
        if let Some(title) = self.detail.tabs.get(at).copied() {
            self.turn_to(title.tab, scene);
        }
    }

    fn turn_to(&mut self, tab: Tab, scene: &Scene<'_>) {
        if tab == self.detail.tab {
            return;
        }
        let detail = &mut self.detail;
        detail.tab = tab;
        if tab != Tab::Facts {
            detail.chosen = tab;
            detail.of = if tab == detail.beside { detail.of } else { None };
            detail.beside = tab;
        }
        self.read_selected(scene);
    }

    /// Reads the selected item anew where it is another one, and sets it for the panes as they are.
    pub(in crate::app) fn read_selected(&mut self, scene: &Scene<'_>) {
        let Some(selected) = self.selected.as_ref().filter(|_| self.panes.detail) else { return };
        let detail = &mut self.detail;
        if detail.of != Some(selected.hit.row) {
            let item = selected.hit.chunk.batch.item(selected.hit.index);
            let about = about(&selected.hit, scene);
            let another = !detail.facts.is_of(selected.hit.row.0);
            detail.of = Some(selected.hit.row);
            detail.tabs = item::tabs(item);
            detail.title = (item::kind(item), item::name(item));
            let holds = |title: &&TabTitle| title.count != Some(0);
            let offered =
                detail.tabs.iter().find(|title| title.tab == detail.chosen).filter(|title| !another || holds(title));
            let stand_in = detail.tabs.iter().skip(1).find(holds);
            detail.beside = offered.or(stand_in).map_or(Tab::Raw, |title| title.tab);
            if detail.tab != Tab::Facts {
                detail.tab = detail.beside;
            }
            if another {
                detail.facts = Column::new(selected.hit.row.0, item::facts(item, &about));
            }
            detail.content = Column::new(selected.hit.row.0, item::entries(item, detail.beside, &about));
        }
        let (facts, content) = (scene.layout.facts, scene.layout.content);
        let facts = if facts.width > 0 { facts } else { content };
        detail.facts.place(facts.width, facts.height, detail.wrap);
        detail.content.place(content.width, content.height, detail.wrap);
    }
}
