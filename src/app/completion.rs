//! Completions of the typed line.

use super::command::{COMMANDS, Topic};
use super::typing::Typing;
use super::{App, is_open};
use crate::model::ConnectionState;

/// One completion of a typed line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// The command name or source, safe to print.
    pub name: String,
    /// The argument's name, as shown; empty for none.
    pub argument: &'static str,
    /// A short description, safe to print.
    pub about: String,
    /// The whole line after this completion.
    pub line: String,
}

/// Maximum completions offered; a longer list does not help.
pub(super) const MAX_COMPLETIONS: usize = 20;

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
    /// Completions of the current line, or of the line as it was before Tab was first pressed.
    pub fn completions(&self) -> Vec<Completion> {
        match &self.typing {
            Some(Typing::Command { line, cycle, .. }) => {
                self.commands(cycle.as_ref().map_or(line.text(), |(word, _)| word))
            }
            Some(Typing::Add { line, cycle, .. }) => self.places(cycle.as_ref().map_or(line.text(), |(word, _)| word)),
            _ => Vec::new(),
        }
    }

    /// Replaces the line with its next completion.
    pub(super) fn complete(&mut self) {
        self.complete_by(1);
    }

    /// Replaces the line with the completion `by` places further in the list; negative goes back.
    pub(super) fn complete_by(&mut self, by: isize) {
        let fitting = self.completions();
        let (Some(Typing::Command { line, cycle, error, .. }) | Some(Typing::Add { line, cycle, error, .. })) =
            &mut self.typing
        else {
            return;
        };
        let (word, at) = match cycle.take() {
            Some((word, at)) => (word, (at + fitting.len()).saturating_add_signed(by) % fitting.len().max(1)),
            None => (line.text().to_owned(), if by < 0 { fitting.len().saturating_sub(1) } else { 0 }),
        };
        let Some(completion) = fitting.get(at) else { return };
        *error = None;
        line.set(&completion.line);
        if fitting.len() > 1 {
            *cycle = Some((word, at));
        }
    }

    fn commands(&self, line: &str) -> Vec<Completion> {
        let line = line.trim_start();
        let Some((word, argument)) = line.split_once(' ') else {
            let mut fitting: Vec<_> = COMMANDS.iter().filter(|command| command.name.starts_with(line)).collect();
            fitting.sort_by_key(|command| BY_USE.iter().position(|name| *name == command.name));
            let made = fitting.into_iter().map(|command| {
                let space = if command.argument.is_empty() { "" } else { " " };
                Completion {
                    name: command.name.to_owned(),
                    argument: command.argument,
                    about: command.about.to_owned(),
                    line: format!("{}{space}", command.name),
                }
            });
            return made.collect();
        };
        let Some(command) = COMMANDS.iter().find(|command| command.name == word) else { return Vec::new() };
        let argument = argument.trim_start();
        let named = |wanted: fn(&crate::model::Connection) -> bool| self.named_places(word, argument, wanted);
        let all = |mut places: Vec<Completion>, about: &str| {
            if "all".starts_with(argument) {
                let (name, about, line) = ("all".into(), about.to_owned(), format!("{word} all"));
                places.push(Completion { name, argument: "", about, line });
            }
            places
        };
        match command.topic() {
            Topic::None => Vec::new(),
            Topic::Place => {
                let places = self.places(argument).into_iter();
                places.map(|place| Completion { line: format!("{word} {}", place.line), ..place }).collect()
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
