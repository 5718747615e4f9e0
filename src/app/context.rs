//! Where keys go: which part of the keymap is asked first.

/// A part of the keymap. The app says which ones are asked, the most particular first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Context {
    /// Everywhere but where text is typed.
    Global,
    /// Panes that show a list.
    List,
    /// The Feed's list.
    Feed,
    /// The detail pane.
    Detail,
    /// The Sources screen.
    Sources,
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

impl Context {
    /// Every context, in the order that the help lists them.
    pub const ALL: [Context; 12] = [
        Context::Feed,
        Context::Detail,
        Context::Sources,
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

    /// Its name in the keymap file.
    pub fn name(self) -> &'static str {
        match self {
            Context::Global => "global",
            Context::List => "list",
            Context::Feed => "feed",
            Context::Detail => "detail",
            Context::Sources => "sources",
            Context::Help => "help",
            Context::Line => "line",
            Context::Filter => "filter",
            Context::Add => "add",
            Context::Credentials => "credentials",
            Context::Search => "search",
            Context::Command => "command",
        }
    }

    /// From its name in the keymap file.
    pub fn from_name(name: &str) -> Option<Context> {
        Context::ALL.into_iter().find(|context| context.name() == name)
    }

    /// Whether characters that no rule names are text.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Context::Line | Context::Filter | Context::Add | Context::Credentials | Context::Search | Context::Command
        )
    }
}
