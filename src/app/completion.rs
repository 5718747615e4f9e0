//! Completions of the typed line.

use super::command::{COMMANDS, Topic};
use super::offers::{Completion, Offered};
use super::typing::{Cycle, Typing};
use super::{App, is_open};
use crate::model::ConnectionState;

/// Commands in the order of completion: frequent ones first, irreversible ones last.
const BY_USE: [&str; COMMANDS.len()] = [
    "filter",
    "search",
    "error",
    "freeze",
    "follow",
    "oldest",
    "open",
    "copy",
    "connect",
    "pause",
    "resume",
    "retry",
    "disconnect",
    "forget",
    "wrap",
    "zoom",
    "help",
    "mouse",
    "reload",
    "quit",
    "clear",
];

impl App {
    /// Completions of the current line, or of the line as it was before Tab was first pressed. A filter has none until Tab
    /// opens the list.
    pub fn offered(&self) -> Offered {
        let Some(typing) = &self.typing else { return Offered::default() };
        let Some((line, completing)) = typing.completing() else { return Offered::default() };
        if let Some(cycle) = &completing.cycle {
            return cycle.offered.clone();
        }
        match (typing, typing.lead_of(line)) {
            (_, Some(lead)) if completing.is_open => self.filters(line, lead),
            (_, Some(_)) => Offered::default(),
            (Typing::Add { .. }, None) => Offered { completions: self.places(line.text()), ..Offered::default() },
            (_, None) => Offered { completions: self.commands(line.text()), ..Offered::default() },
        }
    }

    /// Replaces the line with the completion `by` places further in the list; negative goes back.
    pub(super) fn complete_by(&mut self, by: isize) {
        if let Some((_, completing)) = self.typing.as_mut().and_then(Typing::completing_mut) {
            completing.is_open = true;
        }
        let offered = self.offered();
        let fitting = &offered.completions;
        let Some((line, completing)) = self.typing.as_mut().and_then(Typing::completing_mut) else { return };
        let (before, at) = match completing.cycle.take() {
            Some(Cycle { before, at, .. }) => {
                (before, (at + fitting.len()).saturating_add_signed(by) % fitting.len().max(1))
            }
            None => (line.clone(), if by < 0 { fitting.len().saturating_sub(1) } else { 0 }),
        };
        let Some(completion) = fitting.get(at) else { return };
        line.set_at(&completion.line, completion.cursor);
        if fitting.len() > 1 {
            completing.cycle = Some(Cycle { before, at, offered });
        } else {
            completing.is_open = completion.goes_on;
        }
        self.completed();
    }

    /// Takes the candidate that stands in the line, if something must follow it: Enter then goes on with the line.
    pub(super) fn goes_on(&mut self) -> bool {
        let fitting = self.offered().completions;
        let Some((_, completing)) = self.typing.as_mut().and_then(Typing::completing_mut) else { return false };
        let Some(cycle) = &completing.cycle else { return false };
        let goes_on = fitting.get(cycle.at).is_some_and(|completion| completion.goes_on);
        if goes_on {
            completing.cycle = None;
        }
        goes_on
    }

    fn commands(&self, line: &str) -> Vec<Completion> {
        let line = line.trim_start();
        let Some((word, argument)) = line.split_once(' ') else {
            let mut fitting: Vec<_> = COMMANDS.iter().filter(|command| command.name.starts_with(line)).collect();
            fitting.sort_by_key(|command| BY_USE.iter().position(|name| *name == command.name));
            let made = fitting.into_iter().map(|command| {
                let space = if command.argument.is_empty() { "" } else { " " };
                let line = format!("{}{space}", command.name);
                Completion::whole(command.name.to_owned(), command.argument, command.about.to_owned(), line)
            });
            return made.collect();
        };
        let Some(command) = COMMANDS.iter().find(|command| command.name == word) else { return Vec::new() };
        let argument = argument.trim_start();
        let named = |wanted: fn(&crate::model::Connection) -> bool| self.named_places(word, argument, wanted);
        let all = |mut places: Vec<Completion>, about: &str| {
            if "all".starts_with(argument) {
                places.push(Completion::whole("all".into(), "", about.to_owned(), format!("{word} all")));
            }
            places
        };
        match command.topic() {
            Topic::None => Vec::new(),
            Topic::Place => {
                let places = self.places(argument).into_iter();
                let whole = |place: Completion| {
                    Completion::whole(place.name, place.argument, place.about, format!("{word} {}", place.line))
                };
                places.map(whole).collect()
            }
            Topic::Pausable => named(|c| is_open(c) && c.state != ConnectionState::Paused),
            Topic::Paused => named(|c| c.state == ConnectionState::Paused),
            Topic::Waiting => named(|c| !is_open(c) || c.retry_at.is_some()),
            Topic::Open => all(named(|c| c.state != ConnectionState::Disconnected), "every connection"),
            Topic::Over => all(named(|c| !is_open(c)), "every failed or ended source"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_offered_for_completion() {
        assert!(COMMANDS.iter().all(|command| BY_USE.contains(&command.name)));
        assert_eq!(BY_USE.last(), Some(&"clear"));
    }
}
