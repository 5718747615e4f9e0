//! The `:` command line: a word, and for some what follows it.

use super::Action;

/// A command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command {
    /// The word.
    pub name: &'static str,
    /// What follows it, as it is shown; empty where nothing does.
    pub argument: &'static str,
    /// What it does.
    pub about: &'static str,
    run: Run,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Run {
    Act(Action),
    Filter,
    Search,
}

/// What a command line asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    Act(Action),
    Filter(String),
    Search(String),
}

/// Every command, in the order of the alphabet.
pub const COMMANDS: [Command; 14] = [
    act("clear", "let go of every row that was received", Action::Clear),
    act("copy", "copy what is selected", Action::Copy),
    act("error", "go to the next error", Action::NextError),
    Command {
        name: "filter",
        argument: "EXPRESSION",
        about: "show only what it takes; all, if empty",
        run: Run::Filter,
    },
    act("follow", "show the newest rows as they come", Action::Follow),
    act("help", "show the keys", Action::Help),
    act("mouse", "take the mouse, or leave it to the terminal", Action::Mouse),
    act("oldest", "go to the oldest row", Action::Oldest),
    act("open", "open what is selected", Action::Open),
    act("pause", "freeze the view, or let it go on", Action::Pause),
    act("quit", "end otail", Action::Quit),
    Command { name: "search", argument: "TEXT", about: "go to the nearest row that holds it", run: Run::Search },
    act("wrap", "wrap long values, or cut them", Action::Wrap),
    act("zoom", "give the pane the whole screen, or take it back", Action::Zoom),
];

const fn act(name: &'static str, about: &'static str, action: Action) -> Command {
    Command { name, argument: "", about, run: Run::Act(action) }
}

/// The commands that what is typed may become, and how far the word goes; none once the word is followed by something.
pub fn completions(line: &str) -> Vec<Command> {
    let word = line.trim_start();
    if word.contains(' ') {
        return Vec::new();
    }
    COMMANDS.into_iter().filter(|command| command.name.starts_with(word)).collect()
}

/// Reads a line; an error says what there is. A word may be cut short where it stays clear which is meant.
pub(super) fn read(line: &str) -> Result<Asked, String> {
    let line = line.trim();
    let (word, argument) = line.split_once(' ').unwrap_or((line, ""));
    let fitting = completions(word);
    let command = match (COMMANDS.into_iter().find(|command| command.name == word), &fitting[..]) {
        (Some(command), _) => command,
        (None, [command]) => *command,
        (None, []) => return Err(format!("there is no command `{word}`")),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|command| command.name).collect();
            return Err(format!("`{word}` may be {}", names.join(", ")));
        }
    };
    let argument = argument.trim();
    match command.run {
        Run::Act(action) if argument.is_empty() => Ok(Asked::Act(action)),
        Run::Act(_) => Err(format!("`{}` takes nothing after it", command.name)),
        Run::Filter => Ok(Asked::Filter(argument.to_owned())),
        Run::Search => Ok(Asked::Search(argument.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_be_cut_short_where_it_is_clear() {
        assert_eq!(read("q"), Ok(Asked::Act(Action::Quit)));
        assert_eq!(read(" filter status:error "), Ok(Asked::Filter("status:error".into())));
        assert_eq!(read("c"), Err("`c` may be clear, copy".into()));
        assert_eq!(read("nonsense"), Err("there is no command `nonsense`".into()));
        assert_eq!(read("quit now"), Err("`quit` takes nothing after it".into()));
    }

    #[test]
    fn completions_are_those_that_begin_alike() {
        let names = |line| completions(line).into_iter().map(|command| command.name).collect::<Vec<_>>();
        assert_eq!(names("fi"), ["filter"]);
        assert_eq!(names("c"), ["clear", "copy"]);
        assert_eq!(names("").len(), COMMANDS.len());
        assert!(names("filter x").is_empty());
    }

    #[test]
    fn commands_are_sorted_and_described() {
        assert!(COMMANDS.is_sorted_by_key(|command| command.name));
        assert!(COMMANDS.iter().all(|command| !command.about.is_empty()));
    }
}
