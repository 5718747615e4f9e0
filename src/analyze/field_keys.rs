//! Which keys there are, where, and how many rows have each.

use super::fold::{Fold, Piece};
use crate::columns::{Batch, Columns, OriginId, ShapeId};
use crate::model::Value;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// The keys of attributes, and the keys at the top of log bodies and event payloads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldKeys;

/// Where a key lies. The numbers are places in [`FIELD_PREFIXES`](crate::filter::FIELD_PREFIXES).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyPlace {
    /// On the item.
    Item = 0,
    /// On its resource.
    Resource = 1,
    /// On its instrumentation scope.
    Scope = 2,
    /// In a log record's body.
    Body = 3,
    /// In an event's payload.
    Payload = 4,
}

/// The keys of some rows.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct KeyTable {
    /// How many rows have each key; at most [`KeyTable::MOST`] keys. A list that has a key twice counts twice.
    pub keys: HashMap<(KeyPlace, Arc<str>), u64, RandomState>,
    /// The rows of all further keys, added up.
    pub others: u64,
}

impl KeyTable {
    /// More keys are not told apart.
    pub const MOST: usize = 4_096;
    /// Longer keys, in bytes, are not listed.
    pub const LONGEST: usize = 256;

    fn add(&mut self, place: KeyPlace, key: &str, count: u64) {
        self.add_shared((place, key.into()), count);
    }

    fn add_shared(&mut self, key: (KeyPlace, Arc<str>), count: u64) {
        if count == 0 {
            return;
        }
        let is_known = self.keys.contains_key(&key);
        if key.1.len() > KeyTable::LONGEST || !is_known && self.keys.len() >= KeyTable::MOST {
            self.others += count;
        } else {
            *self.keys.entry(key).or_default() += count;
        }
    }
}

impl Fold for FieldKeys {
    type Part = KeyTable;

    fn chunk(&self, piece: &Piece<'_>) -> KeyTable {
        let batch = &piece.chunk.batch;
        let mut counts = Counts::new(batch);
        let mut table = KeyTable::default();
        let mut top_keys = HashMap::default();
        match &batch.columns {
            Columns::Spans(spans) => piece.for_each(|row| counts.add(spans.attributes[row].shape, spans.origin[row])),
            Columns::Logs(logs) => piece.for_each(|row| {
                counts.add(logs.attributes[row].shape, logs.origin[row]);
                count_entries(batch.dictionary.value(logs.body[row]), &mut top_keys);
            }),
            Columns::Points(points) => piece.for_each(|row| {
                let stream = points.stream(row);
                counts.add(stream.attributes.shape, stream.origin);
            }),
            Columns::Events(events) => {
                piece.for_each(|row| count_entries(batch.dictionary.value(events.payload[row]), &mut top_keys));
            }
        }
        counts.add_to(&mut table);
        let place = if matches!(batch.columns, Columns::Logs(_)) { KeyPlace::Body } else { KeyPlace::Payload };
        top_keys.into_iter().for_each(|(key, count)| table.add(place, key, count));
        table
    }

    fn join(&self, into: &mut KeyTable, part: &KeyTable) {
        into.others += part.others;
        part.keys.iter().for_each(|(key, count)| into.add_shared(key.clone(), *count));
    }

    fn bytes(&self, part: &KeyTable) -> usize {
        let texts = part.keys.keys().map(|(_, key)| key.len() + 2 * size_of::<usize>());
        texts.sum::<usize>() + part.keys.capacity() * (size_of::<((KeyPlace, Arc<str>), u64)>() + 1)
    }
}

fn count_entries<'a>(value: Value<'a>, counts: &mut HashMap<&'a str, u64, RandomState>) {
    if let Value::Nested(map) = value
        && map.is_map()
    {
        // A map with more keys than this has no field names, but data.
        map.entries().take(KeyTable::MOST).for_each(|(key, _)| *counts.entry(key).or_default() += 1);
    }
}

/// Rows by the shape of their attributes and by origin.
struct Counts<'a> {
    batch: &'a Batch,
    shapes: Vec<u64>,
    origins: Vec<u64>,
}

impl<'a> Counts<'a> {
    fn new(batch: &'a Batch) -> Counts<'a> {
        let dictionary = &batch.dictionary;
        Counts { batch, shapes: vec![0; dictionary.shapes.len()], origins: vec![0; dictionary.origins.len()] }
    }

    fn add(&mut self, shape: ShapeId, origin: OriginId) {
        self.shapes.get_mut(shape.0 as usize).into_iter().for_each(|count| *count += 1);
        self.origins.get_mut(origin.0 as usize).into_iter().for_each(|count| *count += 1);
    }

    fn add_to(&self, table: &mut KeyTable) {
        let dictionary = &self.batch.dictionary;
        let mut add = |place, shape, count: u64| {
            if count > 0 {
                let keys = dictionary.shapes.keys(shape).iter();
                keys.for_each(|key| table.add(place, dictionary.text(*key), count));
            }
        };
        for (shape, count) in (0..).map(ShapeId).zip(&self.shapes) {
            add(KeyPlace::Item, shape, *count);
        }
        for (origin, count) in (0..).map(OriginId).zip(&self.origins) {
            add(KeyPlace::Resource, dictionary.resource(origin).attributes.shape, *count);
            add(KeyPlace::Scope, dictionary.scope(origin).attributes.shape, *count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Attributes, LogRow, LogsBuilder, Raw, Resource, Scope};
    use crate::model::{Row, SourceId, Time};
    use crate::store::{Chunk, Run};

    fn table(build: impl FnOnce(&mut LogsBuilder)) -> KeyTable {
        let mut logs = LogsBuilder::default();
        build(&mut logs);
        let run = Run { first: 0, row: Row(1), received: Time(1), source: SourceId(1) };
        FieldKeys.chunk(&Piece::whole(&Chunk::seal(logs.finish(), vec![run])))
    }

    fn list(logs: &mut LogsBuilder, keys: &[&str]) -> Attributes {
        let mut list = logs.dictionary.begin_list(Attributes::default());
        keys.iter().for_each(|key| logs.dictionary.add(&mut list, key.as_bytes(), Raw::Int(1)));
        logs.dictionary.end_list(list)
    }

    #[test]
    fn keys_are_counted_by_place() {
        let table = table(|logs| {
            let attributes = list(logs, &["host"]);
            let resource = logs.dictionary.resource(Resource { attributes, ..Resource::default() });
            let scope = logs.dictionary.scope(Scope::default());
            let origin = logs.dictionary.origin(resource, scope);
            for keys in [&["a", "b"][..], &["a"]] {
                let attributes = list(logs, keys);
                logs.push(LogRow { attributes, origin, ..LogRow::default() });
            }
        });
        let count = |place, key: &str| table.keys.get(&(place, key.into())).copied();
        assert_eq!(count(KeyPlace::Item, "a"), Some(2));
        assert_eq!(count(KeyPlace::Item, "b"), Some(1));
        assert_eq!(count(KeyPlace::Resource, "host"), Some(2));
        assert_eq!((table.keys.len(), table.others), (3, 0));
    }

    #[test]
    fn keys_beyond_the_limit_are_counted_together() {
        let keys: Vec<String> = (0..KeyTable::MOST + 5).map(|at| format!("k{at}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let table = table(|logs| {
            let attributes = list(logs, &keys);
            logs.push(LogRow { attributes, ..LogRow::default() });
        });
        assert_eq!((table.keys.len(), table.others), (KeyTable::MOST, 5));
    }
}
