//! Statistics of a view's rows, combined from parts that are computed once per chunk.
//!
//! ```text
//! Fold ── chunk: rows → part                the computation
//! Memo ── parts by (chunk, filter, fold)    the parts already computed, and joins of neighbours
//!   └── fold(views, filter, fold) → emit(part of each view, rows left), again and again until nothing is left
//! ```
//!
//! May import `model`, `columns`, `filter` and `store`. Start with [`Fold`], then [`Memo::fold`]. Deliberately not here: facts
//! that span several rows, such as the roots of traces, which are built on [`Chunk::by_key`](crate::store::Chunk::by_key);
//! threads and slots of questions (`runtime`).

mod count;
mod durations;
mod field_keys;
mod field_names;
mod fold;
mod joins;
mod matches;
mod memo;
mod operations;
mod parts;
mod row_sources;
mod table;
#[cfg(test)]
mod tests;
mod time_buckets;
mod values;

pub use count::Count;
pub use durations::Durations;
pub use field_keys::{FieldKeys, KeyPlace, KeyTable};
pub use field_names::FieldNames;
pub use fold::{Fold, Piece};
pub use matches::Matches;
pub use memo::{Answers, Memo, Progress, Question, STRIDE};
pub use operations::{Operation, OperationSpans, OperationTable, Operations};
pub use row_sources::RowSources;
pub use time_buckets::{BucketWidth, Joined, TimeBuckets};
pub use values::{FieldValues, ListedValue, ValueTable};
