//! Contexts: the sections of the keymap, and the order of lookup.

use super::screens::Screen;

/// A section of the keymap. The app lists the current ones, the most specific first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Context {
    /// One screen.
    Screen(Screen),
    /// The detail pane of every screen.
    Detail,
    /// The list of every screen.
    List,
    /// Everywhere except in text lines.
    Global,
    /// The help.
    Help,
    /// Every text line.
    Line,
    /// The filter bar during editing.
    Filter,
    /// The prompt for a new source.
    Add,
    /// The prompt for credentials.
    Credentials,
    /// The search line.
    Search,
    /// The command line.
    Command,
}

/// Contexts shared by all screens, in the order of the help.
const SHARED: [Context; 10] = [
    Context::Detail,
    Context::List,
    Context::Global,
    Context::Filter,
    Context::Add,
    Context::Credentials,
    Context::Search,
    Context::Command,
    Context::Line,
    Context::Help,
];

impl Context {
    /// Every context, in the order of the help.
    pub fn all() -> impl Iterator<Item = Context> {
        Screen::ALL.iter().copied().map(Context::Screen).chain(SHARED)
    }

    /// Its name in the keymap file.
    pub fn name(self) -> &'static str {
        match self {
            Context::Screen(screen) => screen.name(),
            Context::Detail => "detail",
            Context::List => "list",
            Context::Global => "global",
            Context::Help => "help",
            Context::Line => "line",
            Context::Filter => "filter",
            Context::Add => "add",
            Context::Credentials => "credentials",
            Context::Search => "search",
            Context::Command => "command",
        }
    }

    /// Its title in the help.
    pub fn title(self) -> &'static str {
        match self {
            Context::Screen(screen) => screen.title(),
            Context::Detail => "In the detail",
            Context::List => "In lists",
            Context::Global => "Everywhere",
            Context::Help => "In the help",
            Context::Line => "While typing",
            Context::Filter => "The filter",
            Context::Add => "Adding a source",
            Context::Credentials => "Credentials",
            Context::Search => "The search",
            Context::Command => "The command line",
        }
    }

    /// From its name in the keymap file.
    pub fn from_name(name: &str) -> Option<Context> {
        Context::all().find(|context| context.name() == name)
    }

    /// Whether an unbound character is text here.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Context::Line | Context::Filter | Context::Add | Context::Credentials | Context::Search | Context::Command
        )
    }
}
