//! Batches: telemetry as columns, each batch with its own dictionary.
//!
//! ```text
//! Batch ─┬─ Columns: Spans | Logs | Points | Events     one vector per field, one entry per row
//!        └─ Dictionary ─┬─ Texts     each distinct string once, by TextId
//!                       ├─ Blobs     bytes and nested values, by BlobId
//!                       ├─ Shapes    each distinct sequence of attribute keys once, by ShapeId
//!                       ├─ words     attribute values, 4 bytes each: small ones in place, others an index
//!                       └─ origins   (resource, scope) pairs, by OriginId
//! ```
//!
//! A row's attributes are a [`Attributes`] (shape, index of the first word): 8 bytes, plus 4 per value. Decoders write
//! through [`DictionaryBuilder`] and the builder of their signal; readers go through [`Batch::item`]; queries read the
//! columns themselves: each signal's folder has the columns, then `builder` and `item`. [`merge()`] makes one batch of several,
//! [`slice()`] a small one of a large one. May import `model`. Start with [`batch`](Batch), then
//! `dictionary`. Deliberately not here: bytes of any wire format, arrival numbers, times of receipt (`store`).

mod attributes;
mod batch;
mod blobs;
mod column;
mod dictionary;
mod events;
mod hashing;
mod heap;
mod keys;
mod logs;
mod merge;
mod origins;
mod points;
mod recent;
mod row_set;
mod shapes;
mod slice;
mod spans;
mod sparse;
mod texts;
mod words;

pub use attributes::{Attributes, ListBuilder};
pub use batch::{Batch, Columns, Item};
pub use blobs::{BlobId, Blobs, BlobsBuilder};
pub use dictionary::{Dictionary, DictionaryBuilder, Mark};
pub use events::{EventItem, Events, EventsBuilder, Gap};
pub use heap::heap_bytes;
pub use keys::{GroupKey, Ignored, Keys, MetricKey, OperationKey, PairKey, PatternKey, ResourceKey, SeriesKey};
pub use logs::{LogItem, LogRow, Logs, LogsBuilder};
pub use merge::merge;
pub use origins::{Origin, OriginId, Resource, ResourceId, Scope, ScopeId};
pub use points::{
    Buckets, Distribution, Exemplar, Inconsistency, Metric, MetricId, NO_RECORDED_VALUE, PointItem, PointRow,
    PointValue, Points, PointsBuilder, Series, SeriesId,
};
pub use row_set::RowSet;
pub use shapes::{ShapeId, Shapes};
pub use slice::slice;
pub use spans::{LinkRow, SpanEventRow, SpanItem, SpanRare, SpanRow, Spans, SpansBuilder};
pub use texts::{TextId, Texts, TextsBuilder};
pub use words::{Raw, Word, WordView};
