//! Builds the query from the state, and applies the answers.

use super::moving::Place;
use super::{Answer, Count, Edge, Feed, Find, Found, Outcome, Query, Scene, Viewport, Wanted, query};
use crate::app::query::{Memo, Slot};
use crate::app::screens::Asks;
use crate::model::visible;
use crate::store::{Anchor, Hit, View};

impl Asks for Feed {
    type Query = Query;
    type Answer = Answer;

    /// Keeps the anchor while the page has enough rows around the screen.
    fn query(&mut self, slot: Slot, scene: &Scene<'_>) -> Option<Query> {
        if slot != Slot::List {
            return None;
        }
        let rows = scene.screen_rows.max(1);
        let anchor = match self.viewport {
            Viewport::Follow => Anchor::Newest,
            // The page has the whole trace.
            Viewport::Hold { .. } if self.trace.is_some() => Anchor::Newest,
            Viewport::Hold { row, .. } => match self.anchor {
                Some(anchor @ Anchor::At(_)) if self.has_margin(scene) => anchor,
                _ => Anchor::At(row),
            },
        };
        self.anchor = Some(anchor);
        let filter = self.parts.filter.in_force().cloned();
        let held = !scene.frozen && !self.follows();
        Some(Query {
            filter,
            anchor,
            before: rows * 2,
            after: rows * 2,
            since: held.then_some(self.held_at),
            find: self.seeking.clone(),
            trace: self.trace,
            sort: self.sort,
        })
    }

    fn take(&mut self, _: Slot, answer: Answer, scene: &Scene<'_>, outcome: &mut Outcome) -> bool {
        let Answer { matched, total, newer, left, .. } = answer;

        // Merged chunks are counted again. The old count stays until that is done.
        let count = match (self.count.left, left) {
            (0, 1..) => Count { total, ..self.count },
            _ => Count { matched, total, newer, left },
        };
        let rows = |hits: &[Hit]| hits.iter().map(|hit| hit.row).collect::<Vec<_>>();
        let lines = scene.layout.list.height.into();
        let before = rows(&self.page.hits[self.window(lines)]);
        let mut changed = self.count != count;
        if left == 0 && self.missing_fields != answer.missing {
            // An empty list shows it in the list instead.
            if let Some(message) = answer.missing.first().filter(|_| matched > 0) {
                outcome.say(message.clone());
            }
            self.missing_fields = answer.missing;
            changed = true;
        }
        if left == 0 && self.sources != answer.sources {
            self.sources = answer.sources;
            changed = true;
        }
        self.count = count;
        self.page = answer.page;
        changed |= rows(&self.page.hits[self.window(lines)]) != before;
        if let Some(last) = self.page.hits.len().checked_sub(1)
            && let Some(edge) = self.select_edge.take()
        {
            match edge {
                Edge::First => self.select(0, Place::Line(0), scene),
                Edge::Last => self.select(last, Place::Line(lines), scene),
            }
            // Later answers may still add rows beyond this one.
            self.select_edge = Some(edge).filter(|_| left > 0 && !self.order().is_arrival());
            changed = true;
        }
        if let Some(found) = answer.found
            && self.seeking.as_ref() == Some(&found.find)
        {
            self.seeking = None;
            self.arrive(&found, scene, outcome);
            changed = true;
        }
        changed
    }

    fn answer(view: &View, query: &Query, memo: &Memo, cancelled: &dyn Fn() -> bool, emit: &mut dyn FnMut(Answer)) {
        query::answer(view, query, memo, cancelled, emit);
    }
}

impl Feed {
    /// Whether the page has half a screen of rows, or the end of the list, on both sides of the screen.
    fn has_margin(&self, scene: &Scene<'_>) -> bool {
        let margin = scene.screen_rows / 2;
        let window = self.window(scene.layout.list.height.into());
        let Viewport::Hold { row, .. } = self.viewport else { return true };
        self.is_at_hand(row)
            && (!self.page.older || window.start >= margin)
            && (!self.page.newer || self.page.hits.len() - window.end >= margin)
    }

    /// Goes to the found row, or says that no row matches.
    fn arrive(&mut self, found: &Found, scene: &Scene<'_>, outcome: &mut Outcome) {
        let located = found.row.and_then(|row| scene.view.locate(row).map(|located| (row, located)));
        match located {
            Some((row, located)) => {
                if self.wrapped {
                    let only = self.selected_row() == Some(row);
                    outcome.say(self.wrapped_to(&found.find, only));
                }
                self.show(Hit { row, chunk: located.chunk, index: located.index }, scene);
            }
            None if self.look_back(found) || self.wrap_round(&found.find, scene) => {}
            None => outcome.say(self.nothing_found(&found.find)),
        }
    }

    /// A new search also looks back if nothing matches ahead.
    fn look_back(&mut self, found: &Found) -> bool {
        let typed = self.search.as_mut().is_some_and(|search| std::mem::take(&mut search.fresh));
        let again = typed && found.find.forward && matches!(found.find.wanted, Wanted::Match(_));
        if again {
            self.seeking = Some(Find { forward: false, including: false, ..found.find.clone() });
        }
        again
    }

    fn wrapped_to(&self, find: &Find, only: bool) -> String {
        let what = match (&find.wanted, &self.search) {
            (Wanted::Error, _) => "error".to_owned(),
            (Wanted::Exemplar(_), _) => "span".to_owned(),
            (Wanted::Match(_), Some(search)) => format!("match for {}", visible(&search.text)),
            (Wanted::Match(_), None) => "match".to_owned(),
        };
        match (only, find.forward) {
            (true, _) => format!("this is the only {what}"),
            (false, true) => format!("wrapped to the first {what}"),
            (false, false) => format!("wrapped to the last {what}"),
        }
    }

    fn nothing_found(&self, find: &Find) -> String {
        match (&find.wanted, &self.search) {
            (Wanted::Error, _) => "no errors in view".to_owned(),
            (Wanted::Exemplar(_), _) => "the buffer does not have the span of this exemplar".to_owned(),
            (Wanted::Match(_), Some(search)) => format!("no match for {} in view", visible(&search.text)),
            (Wanted::Match(_), None) => "no match in view".to_owned(),
        }
    }
}
