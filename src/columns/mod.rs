//! Batches: columns, dictionary, attributes, item views, merge.
