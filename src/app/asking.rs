//! What the screen asks of the query thread, and when it asks again.

use super::query::{Answer, Generation, Query};
use super::screens::Screen;
use super::{App, Ask, Effect};
use crate::store::{SourceNames, ViewId};

/// What was asked last.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    query: Query,
    view: (ViewId, SourceNames),
    answered: bool,
}

impl App {
    /// Takes an answer; whether anything that is shown changed. One that is stale changes nothing.
    pub(super) fn answered(&mut self, generation: Generation, answer: Answer) -> bool {
        let Some(asked) = self.asked.as_mut().filter(|_| generation == self.generation) else { return false };
        asked.answered = true;
        match answer {
            Answer::Feed(answer) => self.with_feed(|feed, scene, outcome| feed.take(answer, scene, outcome)),
        }
    }

    /// Asks what the screen wants to know, if that is another question than the last, or another view. A newer view waits
    /// until something was answered, so that a steady stream of views never starves the answers.
    pub(super) fn ask(&mut self) {
        let query = match self.screen {
            Screen::Feed => Query::Feed(self.with_feed(|feed, scene, _| feed.query(scene))),
            // It shows connections, and no rows.
            Screen::Sources => return,
        };
        let view = self.feed.shown(&self.live);
        let seen = (view.id(), view.sources().clone());
        if let Some(asked) = &self.asked
            && asked.query == query
            && (asked.view == seen || !asked.answered)
        {
            return;
        }
        self.generation.0 += 1;
        let ask = Ask { generation: self.generation, view: view.clone(), query: query.clone() };
        self.outcome.effects.push(Effect::Ask(Box::new(ask)));
        self.asked = Some(Asked { query, view: seen, answered: false });
    }
}
