//! Sends the screens' questions to the query thread, and decides when to ask again.

use super::known_fields::KnownFields;
use super::query::{Answer, Generation, Query, Slot};
use super::{App, Ask, Effect};
use crate::store::{SourceNames, ViewId};

/// The last question of each slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Asking {
    generation: Generation,
    slots: [Option<SentQuestion>; Slot::ALL.len()],
}

/// A question already sent to the query thread.
#[derive(Clone, Debug)]
struct SentQuestion {
    generation: Generation,
    query: Query,
    view: (ViewId, SourceNames),
    answered: bool,
}

impl App {
    /// Takes an answer and returns whether the display changed. A stale answer changes nothing.
    pub(super) fn answered(&mut self, generation: Generation, answer: Answer) -> bool {
        let asked = |slot: &Slot| {
            self.asking.slots[*slot as usize].as_ref().is_some_and(|asked| asked.generation == generation)
        };
        let Some(slot) = Slot::ALL.into_iter().find(asked) else { return false };
        if let Some(asked) = &mut self.asking.slots[slot as usize] {
            asked.answered = true;
        }
        let answer = match answer {
            Answer::Screen(answer) => answer,
            Answer::Seen(answer) => return self.take_seen(answer),
        };
        let screen = answer.screen();
        let layout = self.layout_of(screen);
        let (mut screens, mut outcome) = (std::mem::take(&mut self.screens), std::mem::take(&mut self.outcome));
        let changed = screens.take(answer, slot, &self.scene(layout), &mut outcome);
        (self.screens, self.outcome) = (screens, outcome);
        self.hues.see(self.screens.get(screen).services().into_iter());
        changed && screen == self.screen
    }

    /// Sends the questions of the current screen, at most one for each slot, and the question about the typed filter.
    pub(super) fn ask(&mut self) {
        if self.typing.is_none() {
            // The tables may be large.
            self.fields = KnownFields::default();
            self.asking.slots[Slot::Completion as usize] = None;
        }
        for slot in Slot::ALL {
            self.ask_in(slot);
        }
    }

    /// Sends the slot's question if it differs from the last one, or if the view does. A newer view waits for the previous
    /// answer, so that a steady stream of views cannot starve the answers.
    fn ask_in(&mut self, slot: Slot) {
        let query = if slot == Slot::Completion { self.seen_query().map(Query::Seen) } else { self.screen_query(slot) };
        let Some(query) = query else { return };
        let view = self.shown.view(&self.live);
        let seen = (view.id(), view.sources().clone());
        if let Some(asked) = &self.asking.slots[slot as usize]
            && asked.query == query
            && (asked.view == seen || !asked.answered)
        {
            return;
        }
        self.asking.generation.0 += 1;
        let generation = self.asking.generation;
        let ask = Ask { generation, slot, view: view.clone(), query: query.clone() };
        self.outcome.effects.push(Effect::Ask(Box::new(ask)));
        self.asking.slots[slot as usize] = Some(SentQuestion { generation, query, view: seen, answered: false });
    }

    fn screen_query(&mut self, slot: Slot) -> Option<Query> {
        let layout = self.layout_of(self.screen);
        let mut screens = std::mem::take(&mut self.screens);
        let query = screens.query(self.screen, slot, &self.scene(layout));
        self.screens = screens;
        query.map(Query::Screen)
    }
}
