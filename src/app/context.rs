//! Where keys go: which part of the keymap is asked first.

use super::screens::Screen;

/// A part of the keymap. The app says which ones are asked, the most particular first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Context {
    /// The keys of one screen.
    Screen(Screen),
    /// The detail pane of every screen.
    Detail,
    /// The list of every screen.
    List,
    /// Everywhere but where text is typed.
    Global,
    /// The help.
    Help,
    /// Every line that text is typed into.
    Line,
    /// The filter bar while it is edited.
    Filter,
    /// The line that a source is added by.
    Add,
    /// The line that credentials are typed into.
    Credentials,
    /// The search line.
    Search,
    /// The command line.
    Command,
}

/// Those that no screen owns, in the order that the help lists them.
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
    /// Every context, in the order that the help lists them.
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

    /// Whether characters that no rule names are text.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Context::Line | Context::Filter | Context::Add | Context::Credentials | Context::Search | Context::Command
        )
    }
}
