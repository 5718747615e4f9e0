//! Reports fields of the filter that no item has.

use crate::columns::Batch;
use crate::filter::{NamedField, attribute_keys, no_such_field};
use std::collections::BTreeSet;

/// Number of items after which a missing field is reported.
const ITEMS: u64 = 1_000;
/// Maximum keys that are remembered as proposals.
const KEYS: usize = 4_096;

/// The fields that no item has had so far.
#[derive(Default)]
pub(super) struct NamedFields {
    missing: Vec<NamedField>,
    keys: BTreeSet<String>,
    items: u64,
}

impl NamedFields {
    pub fn new(fields: &[NamedField]) -> NamedFields {
        NamedFields { missing: fields.to_vec(), ..NamedFields::default() }
    }

    /// Checks a batch of a source. Returns the messages once enough items have arrived.
    pub fn see(&mut self, batch: &Batch, source: &str) -> Vec<String> {
        if self.missing.is_empty() {
            return Vec::new();
        }
        self.missing.retain(|field| field.exists.select(batch, source).is_empty());
        for key in attribute_keys(batch) {
            if self.keys.len() < KEYS && !self.keys.contains(key) {
                self.keys.insert(key.to_owned());
            }
        }
        self.items += batch.len() as u64;
        if self.items >= ITEMS { self.report() } else { Vec::new() }
    }

    /// One message for each missing field, only once; none if no item has arrived.
    pub fn report(&mut self) -> Vec<String> {
        if self.items == 0 {
            return Vec::new();
        }
        let missing = std::mem::take(&mut self.missing);
        missing.iter().map(|field| no_such_field(&field.name, self.keys.iter().map(String::as_str))).collect()
    }
}
