//! The detail of the selected row: all sections in one scroll. On a wide screen the facts stand beside them.

use super::detail_search::DetailSearch;
use super::{Column, Rows, Scene};
use crate::app::Action;
use crate::app::screens::Toward;
use crate::present::item::{Entry, EntryKind};
use std::ops::Range;

/// The detail pane.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Its title: the kind of thing, and its name.
    pub title: (String, String),
    /// The facts, on a wide screen.
    pub facts: Column,
    /// All other sections; on a narrow screen the facts too.
    pub content: Column,
    /// Whether the cursor is in the facts.
    pub on_facts: bool,
    /// Whether long values wrap.
    pub wrap: bool,
    /// The search under way.
    searching: Option<DetailSearch>,
    places: Vec<Place>,
    /// The section that the user chose last: the next item opens at the same section.
    wanted: Option<String>,
    of: Option<u64>,
    wide: bool,
}

/// A part of a detail.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its word, such as `events`.
    pub word: String,
    /// The count in its title, if any.
    pub count: Option<usize>,
    /// Its entries.
    pub entries: Rows,
}

/// The contents of a detail.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The kind of thing, and its name.
    pub title: (String, String),
    /// The facts.
    pub facts: Section,
    /// The index of the facts among the sections on a narrow screen. On a wide screen Tab visits them first if this is 0,
    /// else last.
    pub facts_at: usize,
    /// The sections in their order; empty ones are omitted.
    pub sections: Vec<Section>,
}

/// A search examines this many entries per step, so that keys are handled in between.
const SEARCHED_AT_ONCE: usize = if cfg!(test) { 256 } else { 1_024 };

/// The start of a section.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Place {
    word: String,
    title: String,
    side: Side,
    /// The first entry below its heading.
    entry: usize,
}

/// The two columns of a detail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The facts, at the left of a wide screen.
    Facts,
    /// Everything else.
    Content,
}

impl Default for Detail {
    fn default() -> Detail {
        Detail {
            title: Default::default(),
            facts: Column::default(),
            content: Column::default(),
            on_facts: false,
            wrap: true,
            searching: None,
            places: Vec::new(),
            wanted: None,
            of: None,
            wide: false,
        }
    }
}

impl Section {
    /// A section with these entries.
    pub fn new(word: &str, count: Option<usize>, entries: impl Into<Rows>) -> Section {
        Section { word: word.to_owned(), count, entries: entries.into() }
    }

    fn title(&self) -> String {
        match self.count {
            Some(count) => format!("{} {count}", self.word),
            None => self.word.clone(),
        }
    }
}

impl Detail {
    /// Whether it shows the thing with this number, in as many columns as fit.
    pub(in crate::app) fn is_of(&self, of: u64, scene: &Scene<'_>) -> bool {
        self.of == Some(of) && self.wide == is_wide(scene)
    }

    /// Shows the thing with this number. Cursor and scroll stay if it is the same thing as before.
    pub(in crate::app) fn renew(&mut self, of: u64, contents: Contents, scene: &Scene<'_>) {
        let Contents { title, facts, facts_at, sections } = contents;
        let another = !self.is_of(of, scene);
        (self.of, self.wide, self.title) = (Some(of), is_wide(scene), title);
        self.searching = None;
        self.places.clear();
        let mut content: Vec<Section> = sections.into_iter().filter(|section| !section.entries.is_empty()).collect();
        if !self.wide {
            content.insert(facts_at.min(content.len()), facts);
            self.facts.renew(Rows::default(), another);
            self.on_facts = false;
        } else {
            let facts = self.join(Side::Facts, vec![facts]);
            self.facts.renew(facts, another);
        }
        let content = self.join(Side::Content, content);
        self.content.renew(content, another);
        if self.wide && facts_at > 0 {
            self.places.rotate_left(1);
        }
        if another {
            let wanted = self.places.iter().position(|place| Some(&place.word) == self.wanted.as_ref());
            self.show(wanted.unwrap_or_default());
        }
        self.place(scene);
    }

    /// Lays it out for the current panes.
    pub(in crate::app) fn place(&mut self, scene: &Scene<'_>) {
        let (facts, content) = (scene.layout.facts, scene.layout.content);
        self.facts.place(facts.width, facts.height, self.wrap);
        self.content.place(content.width, content.height, self.wrap);
    }

    /// Joins the sections to one list of entries. The first needs no heading: the pane's title names it.
    fn join(&mut self, side: Side, sections: Vec<Section>) -> Rows {
        let mut entries = Rows::default();
        for section in sections {
            let title = section.title();
            if !entries.is_empty() {
                entries.extend(vec![Entry::of(EntryKind::Section, "", title.clone())]);
            }
            self.places.push(Place { word: section.word, title, side, entry: entries.len() });
            entries.extend(section.entries);
        }
        entries
    }

    /// The titles of the sections, in the order of Tab.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|place| place.title.as_str())
    }

    /// The section that the cursor is in.
    pub fn section(&self) -> usize {
        let side = self.side();
        let cursor = self.column().cursor;
        self.places.iter().rposition(|place| place.side == side && place.entry <= cursor).unwrap_or_default()
    }

    /// The entry under the cursor.
    pub fn selected(&self) -> Option<Entry> {
        self.column().selected()
    }

    /// Whether a part of the value under the cursor is folded.
    pub(in crate::app) fn is_folded(&self) -> bool {
        self.column().is_folded()
    }

    /// The text that `y` copies: the value under the cursor. `None` in the raw section: there the screen copies all of it.
    pub(in crate::app) fn copied(&self) -> Option<String> {
        self.selected().filter(|entry| entry.kind != EntryKind::Raw).map(|entry| entry.value)
    }

    /// Runs an action in the detail. Returns false if it means nothing there.
    pub(in crate::app) fn act(&mut self, action: Action, _: &Scene<'_>) -> bool {
        let column = self.column_mut();
        match action {
            Action::Up => column.step(-1),
            Action::Down => column.step(1),
            Action::PageUp => column.page(-2),
            Action::PageDown => column.page(2),
            Action::HalfPageUp => column.page(-1),
            Action::HalfPageDown => column.page(1),
            Action::Oldest => column.edge(false),
            Action::Follow => column.edge(true),
            Action::Open | Action::Right if column.unfold(true) => {}
            Action::Open | Action::Right => self.turn_to(Side::Content),
            Action::Left if column.unfold(false) => {}
            Action::Left => self.turn_to(Side::Facts),
            _ => return false,
        }
        true
    }

    /// Moves the focus to the other column, if there are two.
    fn turn_to(&mut self, side: Side) {
        self.on_facts = self.wide && side == Side::Facts;
        self.wanted = self.places.get(self.section()).map(|place| place.word.clone());
    }

    /// Goes to the first section, or to the last one.
    pub(in crate::app) fn enter(&mut self, first: bool) {
        self.go_to(if first { 0 } else { self.places.len().saturating_sub(1) });
    }

    /// Goes to the next or the previous section. Returns whether there is one.
    pub(in crate::app) fn next_section(&mut self, forward: bool) -> bool {
        let next = self.section().checked_add_signed(if forward { 1 } else { -1 });
        let next = next.filter(|next| *next < self.places.len());
        if let Some(next) = next {
            self.go_to(next);
        }
        next.is_some()
    }

    /// Goes to a section by its index in [`Detail::sections`]; other items then open there too.
    pub(in crate::app) fn go_to(&mut self, section: usize) {
        self.wanted = self.places.get(section).map(|place| place.word.clone());
        self.show(section);
    }

    fn show(&mut self, section: usize) {
        if let Some(Place { side, entry, .. }) = self.places.get(section).cloned() {
            self.on_facts = side == Side::Facts;
            self.column_mut().show(entry);
        }
    }

    /// Selects the entry at a line of a column.
    pub(in crate::app) fn select_line(&mut self, line: usize, facts: bool) {
        self.on_facts = facts && self.wide;
        self.column_mut().select_line(line);
    }

    /// Scrolls the column that the pointer is on.
    pub(in crate::app) fn scroll(&mut self, by: isize, facts: bool) {
        if facts { self.facts.scroll(by) } else { self.content.scroll(by) }
    }

    /// Begins a search for an entry that contains the text, in both columns, and runs its first step. Returns the notice, if
    /// any.
    pub(in crate::app) fn search(&mut self, text: &str, toward: Toward) -> Option<String> {
        let (facts, all) = (self.facts.len(), self.facts.len() + self.content.len());
        let here = if self.side() == Side::Facts { self.facts.cursor } else { facts + self.content.cursor };
        self.searching = Some(DetailSearch::new(text, toward, here, all));
        self.search_on()
    }

    /// Whether a search is under way.
    pub(in crate::app) fn is_searching(&self) -> bool {
        self.searching.is_some()
    }

    /// Runs the next step of the search. Returns the notice, if any; a match needs none.
    pub(in crate::app) fn search_on(&mut self) -> Option<String> {
        let mut search = self.searching.take()?;
        let mut left = SEARCHED_AT_ONCE;
        while left > 0
            && let Some(block) = search.next(left)
        {
            left -= block.len();
            let entries = self.entries(block.clone());
            if let Some(at) = search.find_in(&entries).map(|at| block.start + at) {
                self.select(at);
                self.column_mut().show_found(|part| search.holds(part));
                let is_only = at == search.here && search.toward != Toward::Nearest;
                return is_only.then(|| format!("this is the only {}", search.text));
            }
        }
        let said = search.words();
        self.searching = Some(search).filter(|search| !search.is_over());
        Some(said)
    }

    /// Stops the search. Returns the notice, if there was one.
    pub(in crate::app) fn stop_search(&mut self) -> Option<String> {
        self.searching.take().map(|search| search.stopped())
    }

    /// Entries by index: the facts first, then the content.
    fn entries(&self, range: Range<usize>) -> Vec<Entry> {
        let facts = self.facts.len();
        let mut entries = self.facts.entries(range.start.min(facts)..range.end.min(facts));
        entries.extend(self.content.entries(range.start.max(facts) - facts..range.end.max(facts) - facts));
        entries
    }

    fn select(&mut self, at: usize) {
        let facts = self.facts.len();
        self.on_facts = at < facts;
        self.column_mut().select(if at < facts { at } else { at - facts });
    }

    fn side(&self) -> Side {
        if self.on_facts { Side::Facts } else { Side::Content }
    }

    fn column(&self) -> &Column {
        if self.on_facts { &self.facts } else { &self.content }
    }

    fn column_mut(&mut self) -> &mut Column {
        if self.on_facts { &mut self.facts } else { &mut self.content }
    }
}

fn is_wide(scene: &Scene<'_>) -> bool {
    scene.layout.facts.width > 0
}
