//! Rolling memory: sealed chunks in four rings, one a signal, and views of them.
//!
//! ```text
//! Store ── ring a signal ── Arc<Chunk>, Arc<Chunk>, …      oldest first; merged at the young end, evicted at the old
//!   └─ view() → View: the lists of Arcs at one moment
//! ```
//!
//! A view is what everything else reads: it costs a few pointers, never changes, and keeps what it shows alive. Time is an
//! argument. May import `model`, `columns`, `filter`. Start with [`Store`], then [`View`], then [`Feed`]. Deliberately not
//! here: threads, clocks, queues (`engine`, `intake`).

mod chunk;
mod feed;
mod ring;
mod view;

pub use chunk::{Chunk, ChunkId, Run};
pub use feed::{Anchor, Feed, Hit, Page};
pub use ring::{Arrival, Retention, Store, StoreCounters};
pub use view::{Located, View};
