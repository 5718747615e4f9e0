//! Rolling memory: sealed chunks in four rings, one per signal, and views of them.
//!
//! ```text
//! Store ── ring per signal ── Arc<Chunk>, Arc<Chunk>, …      oldest first; merged at the young end, evicted at the old
//!   └─ view() → View: the lists of Arcs at one moment
//! ```
//!
//! All other layers read views. A view costs a few pointers, never changes, and keeps its chunks alive. Callers pass the
//! time. May import `model`, `columns`, `filter`. Start with [`Store`], then [`View`], then [`Feed`]. Deliberately not
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
