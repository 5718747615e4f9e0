//! The candidates for a typed line.

/// Maximum completions offered; a longer list does not help.
pub(super) const MAX_COMPLETIONS: usize = 20;

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
    /// Where the cursor then stands, in bytes.
    pub cursor: usize,
    /// Whether the line is not complete with it: Enter goes on with the line.
    pub goes_on: bool,
}

impl Completion {
    /// One that replaces the whole line, with the cursor at its end.
    pub(super) fn whole(name: String, argument: &'static str, about: String, line: String) -> Completion {
        let cursor = line.len();
        Completion { name, argument, about, line, cursor, goes_on: false }
    }
}

/// What a line may become.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Offered {
    /// The candidates, the likeliest first.
    pub completions: Vec<Completion>,
    /// How many further candidates there are.
    pub beyond: usize,
    /// How many rows have a key or a value that is not among the candidates.
    pub others: u64,
}
