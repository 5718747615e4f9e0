//! What a framer finds in a stream, and how much it is willing to hold.

/// One thing that the stream said, borrowed from the framer until it is asked for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An event, complete. Invalid UTF-8 has become U+FFFD.
    Event {
        /// Its name; `message` where the stream gave none.
        kind: &'a str,
        /// The `data` lines, joined by line feeds. May be empty.
        data: &'a str,
        /// The stream's last event id, from this event or an earlier one; empty where there is none.
        id: &'a str,
    },
    /// A comment line: a sign of life.
    Comment,
    /// The server's wish for the time before the next attempt, in milliseconds; as it came, not clamped.
    Retry(u64),
    /// An event is being skipped because a line of it, or its data as a whole, is longer than this many bytes. Comes
    /// once an event, as soon as it is known; the stream goes on behind that event.
    TooLarge {
        /// The limit that was passed.
        limit: usize,
    },
}

/// How much of one item a framer holds, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest line, without its end.
    pub line: usize,
    /// The longest data of one event, all its lines together.
    pub event: usize,
}

impl Default for Limits {
    /// A line of 1 MiB, an event of 4 MiB.
    fn default() -> Limits {
        Limits { line: 1 << 20, event: 4 << 20 }
    }
}
