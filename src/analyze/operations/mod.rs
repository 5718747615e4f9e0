//! Operations: how often each was done, how often it failed, how long it took.

use super::durations::Durations;
use super::fold::{Fold, Piece};
use crate::columns::{Columns, OriginId, TextId};
use crate::model::StatusCode;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// The spans by service and name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operations;

/// What names an operation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Operation {
    /// The service; empty if the resource has none.
    pub service: Arc<str>,
    /// The name of its spans.
    pub name: Arc<str>,
}

/// The spans of an operation.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct OperationSpans {
    /// How many have the status error.
    pub errors: u64,
    /// How long they took; a span that ends before it starts took 0.
    pub durations: Durations,
}

/// The operations of some rows.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct OperationTable {
    /// Each operation; at most [`OperationTable::MOST`].
    pub operations: HashMap<Operation, OperationSpans, RandomState>,
    /// The spans of all further operations together.
    pub others: OperationSpans,
}

impl OperationTable {
    /// More operations are not told apart.
    pub const MOST: usize = 10_000;

    fn entry(&mut self, operation: &Operation) -> &mut OperationSpans {
        if self.operations.len() >= OperationTable::MOST && !self.operations.contains_key(operation) {
            return &mut self.others;
        }
        self.operations.entry_ref(operation).or_default()
    }
}

impl From<&Operation> for Operation {
    fn from(operation: &Operation) -> Operation {
        operation.clone()
    }
}

impl OperationSpans {
    /// How many spans.
    pub fn count(&self) -> u64 {
        self.durations.count()
    }

    fn join(&mut self, other: &OperationSpans) {
        self.errors += other.errors;
        self.durations.join(&other.durations);
    }
}

impl Fold for Operations {
    type Part = OperationTable;

    fn chunk(&self, piece: &Piece<'_>) -> OperationTable {
        let Columns::Spans(spans) = &piece.chunk.batch.columns else { return OperationTable::default() };
        let dictionary = &piece.chunk.batch.dictionary;
        let origins = 0..dictionary.origins.len() as u32;
        let services: Vec<TextId> = origins.map(|origin| dictionary.resource(OriginId(origin)).service).collect();
        let mut places: HashMap<(TextId, TextId), usize, RandomState> = HashMap::default();
        let mut found: Vec<((TextId, TextId), OperationSpans)> = Vec::new();
        let mut others = OperationSpans::default();
        piece.for_each(|row| {
            let service = services.get(spans.origin[row].0 as usize).copied().unwrap_or_default();
            let key = (service, spans.name[row]);
            let operation = match places.get(&key) {
                Some(place) => &mut found[*place].1,
                None if found.len() >= OperationTable::MOST => &mut others,
                None => {
                    places.insert(key, found.len());
                    found.push((key, OperationSpans::default()));
                    let last = found.len() - 1;
                    &mut found[last].1
                }
            };
            operation.errors += u64::from(spans.status(row) == StatusCode::Error);
            operation.durations.add(spans.end[row].since(spans.start[row]));
        });
        let text = |id| Arc::from(dictionary.text(id));
        let named = |((service, name), spans)| (Operation { service: text(service), name: text(name) }, spans);
        OperationTable { operations: found.into_iter().map(named).collect(), others }
    }

    fn join(&self, into: &mut OperationTable, part: &OperationTable) {
        if into.operations.is_empty() && into.others.count() == 0 {
            into.clone_from(part);
            return;
        }
        for (operation, spans) in &part.operations {
            into.entry(operation).join(spans);
        }
        into.others.join(&part.others);
    }

    fn bytes(&self, part: &OperationTable) -> usize {
        let texts = |operation: &Operation| operation.service.len() + operation.name.len() + 4 * size_of::<usize>();
        let each = part.operations.iter().map(|(operation, spans)| texts(operation) + spans.durations.bytes());
        let table = part.operations.capacity() * (size_of::<(Operation, OperationSpans)>() + 1);
        each.sum::<usize>() + table + part.others.durations.bytes()
    }
}

#[cfg(test)]
mod tests;
