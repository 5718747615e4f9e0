//! What was seen of a view, to offer it while a filter is typed.

use crate::analyze::{KeyTable, ValueTable};
use crate::filter::ListedField;
use std::sync::Arc;

/// The keys and values that the shown view has, as far as they were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownFields {
    pub keys: Arc<KeyTable>,
    pub values: Option<(ListedField, Arc<ValueTable>)>,
}
