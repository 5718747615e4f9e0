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

mod by_key;
mod chunk;
mod counters;
mod feed;
mod identity;
mod requests;
mod ring;
mod sources;
mod view;

pub use by_key::TraceOrder;
pub use chunk::{Chunk, Run};
pub use counters::StoreCounters;
pub use feed::{Anchor, Feed, Hit, Page};
pub use identity::{Ancestor, ChunkId, Cover, ViewId};
pub use requests::Request;
pub use ring::{Arrival, Oversize, Retention, Store};
pub use sources::{KnownSource, NamedRuns, SourceNames};
pub use view::{Located, Overlap, View};
