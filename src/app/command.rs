//! The `:` command line: a command name, and an argument for some commands.

use super::{Action, SourceCommand, is_open, named};
use crate::model::{Connection, ConnectionState, SourceId};

/// A command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command {
    /// The name to type.
    pub name: &'static str,
    /// The argument's name, as the help shows it; empty for none.
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
    Connect,
    Disconnect,
    Forget,
    Pause,
    Resume,
    Retry,
}

/// The kind of argument that a command takes, for completion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Topic {
    /// Nothing to complete.
    None,
    /// A URL, path or listening address.
    Place,
    /// An open connection that is not paused.
    Pausable,
    /// A paused connection.
    Paused,
    /// A connection that waits to retry, failed or was disconnected.
    Waiting,
    /// Any connection that is not disconnected, or `all`.
    Open,
    /// A failed or disconnected source, or `all`.
    Over,
}

/// A parsed command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ParsedCommand {
    Act(Action),
    Filter(String),
    Search(String),
    Connect(String),
    Source(SourceCommand),
}

impl Command {
    /// The kind of argument that it takes.
    pub(super) fn topic(&self) -> Topic {
        match self.run {
            Run::Act(_) | Run::Filter | Run::Search => Topic::None,
            Run::Connect => Topic::Place,
            Run::Disconnect => Topic::Open,
            Run::Forget => Topic::Over,
            Run::Pause => Topic::Pausable,
            Run::Resume => Topic::Paused,
            Run::Retry => Topic::Waiting,
        }
    }
}

/// All commands, in alphabetical order.
pub const COMMANDS: [Command; 21] = [
    act("clear", "delete all rows; asks first", Action::Clear),
    with("connect", "URL", "connect to a URL, a path or listen://ADDRESS", Run::Connect),
    act("copy", "copy what is selected", Action::Copy),
    with("disconnect", "NAME|all", "end a connection; its rows stay", Run::Disconnect),
    act("error", "go to the next error", Action::NextError),
    with("filter", "EXPRESSION", "show only matching rows; all rows, if empty", Run::Filter),
    act("follow", "show the newest rows as they come", Action::Follow),
    with("forget", "NAME|all", "remove a failed or ended source from the list; its rows stay", Run::Forget),
    act("freeze", "freeze or unfreeze the view", Action::Freeze),
    act("help", "show the keys", Action::Help),
    act("mouse", "turn mouse support on or off", Action::Mouse),
    act("oldest", "go to the oldest row", Action::Oldest),
    act("open", "open what is selected", Action::Open),
    with("pause", "NAME", "pause a source; items sent meanwhile are skipped", Run::Pause),
    act("quit", "quit otail", Action::Quit),
    act("reload", "read the configuration again and apply the changes", Action::Reload),
    with("resume", "NAME", "resume a paused source", Run::Resume),
    with("retry", "NAME", "try a source again now", Run::Retry),
    with("search", "TEXT", "go to the nearest row with this text", Run::Search),
    act("wrap", "wrap or cut long values", Action::Wrap),
    act("zoom", "full screen for the pane, or back", Action::Zoom),
];

const fn act(name: &'static str, about: &'static str, action: Action) -> Command {
    with(name, "", about, Run::Act(action))
}

const fn with(name: &'static str, argument: &'static str, about: &'static str, run: Run) -> Command {
    Command { name, argument, about, run }
}

/// Parses a command line. A command name may be abbreviated to an unambiguous prefix. An error lists the possible commands.
pub(super) fn read(line: &str, connections: &[Connection]) -> Result<ParsedCommand, String> {
    let line = line.trim();
    let (word, argument) = line.split_once(' ').unwrap_or((line, ""));
    let fitting: Vec<Command> = COMMANDS.into_iter().filter(|command| command.name.starts_with(word)).collect();
    let command = match (COMMANDS.into_iter().find(|command| command.name == word), &fitting[..]) {
        (Some(command), _) => command,
        (None, [command]) => *command,
        (None, []) => return Err(format!("there is no command `{word}`")),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|command| command.name).collect();
            return Err(format!("`{word}` is ambiguous: {}", names.join(", ")));
        }
    };
    let argument = argument.trim();
    let about = |is_for: fn(&Connection) -> bool, command: fn(SourceId) -> SourceCommand| {
        named(connections, argument, is_for).map(|connection| ParsedCommand::Source(command(connection.id)))
    };
    let is_not_off = |known: &Connection| known.state != ConnectionState::Disconnected;
    match command.run {
        Run::Act(action) if argument.is_empty() => Ok(ParsedCommand::Act(action)),
        Run::Act(_) => Err(format!("`{}` takes no argument", command.name)),
        Run::Filter => Ok(ParsedCommand::Filter(argument.to_owned())),
        Run::Search => Ok(ParsedCommand::Search(argument.to_owned())),
        Run::Pause if argument.is_empty() => {
            Err("`pause` needs the NAME of a source; to freeze the view, use `freeze`".to_owned())
        }
        Run::Connect | Run::Disconnect | Run::Forget | Run::Pause | Run::Resume | Run::Retry if argument.is_empty() => {
            Err(format!("`{}` needs {}", command.name, command.argument))
        }
        Run::Connect => Ok(ParsedCommand::Connect(argument.to_owned())),
        Run::Disconnect if argument == "all" => Ok(ParsedCommand::Source(SourceCommand::DisconnectAll)),
        Run::Disconnect => about(is_not_off, SourceCommand::Disconnect),
        Run::Forget if argument == "all" => Ok(ParsedCommand::Source(SourceCommand::ForgetAll)),
        Run::Forget => about(|known| !is_open(known), SourceCommand::Forget),
        Run::Pause => about(|known| is_open(known) && known.state != ConnectionState::Paused, SourceCommand::Pause),
        Run::Resume => about(|known| known.state == ConnectionState::Paused, SourceCommand::Resume),
        Run::Retry => about(|known| !is_open(known) || known.retry_at.is_some(), SourceCommand::Retry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unambiguous_prefix_names_a_command() {
        let read = |line| read(line, &[]);
        assert_eq!(read("q"), Ok(ParsedCommand::Act(Action::Quit)));
        assert_eq!(read(" filter status:error "), Ok(ParsedCommand::Filter("status:error".into())));
        assert_eq!(read("c"), Err("`c` is ambiguous: clear, connect, copy".into()));
        assert_eq!(read("nonsense"), Err("there is no command `nonsense`".into()));
        assert_eq!(read("quit now"), Err("`quit` takes no argument".into()));
    }

    #[test]
    fn commands_about_a_source_name_it() {
        let kind = crate::model::SourceKind::pushed("sse");
        let known = [Connection::new(SourceId(7), kind, "shop".into(), String::new(), crate::model::Time(0))];
        let read = |line| read(line, &known);
        assert_eq!(read("disc sh"), Ok(ParsedCommand::Source(SourceCommand::Disconnect(SourceId(7)))));
        assert_eq!(read("disconnect all"), Ok(ParsedCommand::Source(SourceCommand::DisconnectAll)));
        assert_eq!(read("forget shop"), Ok(ParsedCommand::Source(SourceCommand::Forget(SourceId(7)))));
        assert_eq!(read("forget all"), Ok(ParsedCommand::Source(SourceCommand::ForgetAll)));
        assert!(read("pause").is_err_and(|error| error.contains("use `freeze`")));
        assert_eq!(read("freeze"), Ok(ParsedCommand::Act(Action::Freeze)));
        assert_eq!(read("pause shop"), Ok(ParsedCommand::Source(SourceCommand::Pause(SourceId(7)))));
        assert_eq!(read("retry"), Err("`retry` needs NAME".into()));
        assert_eq!(read("retry x"), Err("there is no source `x`".into()));
    }

    #[test]
    fn commands_are_sorted_and_described() {
        assert!(COMMANDS.is_sorted_by_key(|command| command.name));
        assert!(COMMANDS.iter().all(|command| !command.about.is_empty()));
    }
}
