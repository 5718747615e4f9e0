//! What a framer finds in a stream, and how much it holds.

/// One element of the stream. It borrows from the framer until the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An event, complete. Invalid UTF-8 has become U+FFFD.
    Event {
        /// Its name; `message` if the stream gave none.
        kind: &'a str,
        /// The `data` lines, joined by line feeds. May be empty.
        data: &'a str,
        /// The stream's last event id, from this event or an earlier one; empty if there is none.
        id: &'a str,
    },
    /// A comment line. It shows that the stream is alive.
    Comment,
    /// The reconnection time that the server asks for, in milliseconds, unclamped.
    Retry(u64),
    /// An event is being skipped because one of its lines, or its data, is longer than this many bytes. Reported once per
    /// event, as soon as the limit is exceeded; the stream continues after that event.
    TooLarge {
        /// The limit that was exceeded.
        limit: usize,
    },
}

/// How much of one element a framer holds, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest line, without its line end.
    pub line: usize,
    /// The longest data of one event, all lines together.
    pub event: usize,
}

impl Default for Limits {
    /// A line of 1 MiB, an event of 4 MiB.
    fn default() -> Limits {
        Limits { line: 1 << 20, event: 4 << 20 }
    }
}
