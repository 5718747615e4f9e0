//! The values of one field, and how often each was seen.

use super::fold::{Fold, Piece};
use crate::columns::Word;
use crate::filter::{ListedField, Seen};
use crate::model::Value;
use crate::store::{NamedRuns, SourceNames};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::sync::Arc;

/// The values of a field, counted by rows. The names of sources are only added to, so they make no other fold.
#[derive(Clone, Debug)]
pub struct FieldValues {
    /// The field.
    pub field: ListedField,
    /// For the field `source`.
    pub names: SourceNames,
}

impl PartialEq for FieldValues {
    fn eq(&self, other: &FieldValues) -> bool {
        self.field == other.field
    }
}

/// A value that can be chosen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ListedValue {
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Text as received, of at most [`ValueTable::LONGEST`] bytes.
    Text(Arc<str>),
}

/// The values of some rows. The rows of `values` and `others` together are those that have the field.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct ValueTable {
    /// Each value, and how many rows have it; at most [`ValueTable::MOST`].
    pub values: HashMap<ListedValue, u64, RandomState>,
    /// Rows with a further value, or with one that is no text, integer or boolean, or is too long.
    pub others: u64,
}

impl ValueTable {
    /// More values are not told apart; of a chunk, the most frequent ones are.
    pub const MOST: usize = 1_000;
    /// Longer texts, in bytes, are not listed.
    pub const LONGEST: usize = 256;

    /// The values, the most frequent first.
    pub fn by_count(&self) -> Vec<(&ListedValue, u64)> {
        let mut values: Vec<_> = self.values.iter().map(|(value, count)| (value, *count)).collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        values
    }

    fn add(&mut self, value: ListedValue, count: u64) {
        if self.values.len() >= ValueTable::MOST && !self.values.contains_key(&value) {
            self.others += count;
        } else {
            *self.values.entry(value).or_default() += count;
        }
    }
}

impl ListedValue {
    /// `None` for a value that is not listed.
    fn of(value: Value<'_>) -> Option<ListedValue> {
        match value {
            Value::Bool(value) => Some(ListedValue::Bool(value)),
            Value::Int(value) => Some(ListedValue::Int(value)),
            Value::Text(text) if text.len() <= ValueTable::LONGEST => Some(ListedValue::Text(text.into())),
            _ => None,
        }
    }

    /// The value.
    pub fn value(&self) -> Value<'_> {
        match self {
            ListedValue::Bool(value) => Value::Bool(*value),
            ListedValue::Int(value) => Value::Int(*value),
            ListedValue::Text(text) => Value::Text(text),
        }
    }
}

impl Fold for FieldValues {
    type Part = ValueTable;

    fn chunk(&self, piece: &Piece<'_>) -> ValueTable {
        let batch = &piece.chunk.batch;
        let sources = NamedRuns { chunk: piece.chunk, names: &self.names };
        let reader = self.field.reader(batch, &sources);
        let mut words: HashMap<Word, u64, RandomState> = HashMap::default();
        let mut texts: HashMap<&str, u64, RandomState> = HashMap::default();
        let mut table = ValueTable::default();
        let mut seen: HashMap<ListedValue, u64, RandomState> = HashMap::default();
        piece.for_each(|row| match reader(row) {
            None => {}
            Some(Seen::Word(word)) => *words.entry(word).or_default() += 1,
            Some(Seen::Value(Value::Text(text))) => *texts.entry(text).or_default() += 1,
            Some(Seen::Value(value)) => match ListedValue::of(value) {
                Some(value) => *seen.entry(value).or_default() += 1,
                None => table.others += 1,
            },
        });
        let words = words.into_iter().map(|(word, count)| (batch.dictionary.value(word), count));
        let texts = texts.into_iter().map(|(text, count)| (Value::Text(text), count));
        for (value, count) in words.chain(texts) {
            match ListedValue::of(value) {
                Some(value) => *seen.entry(value).or_default() += count,
                None => table.others += count,
            }
        }
        let mut seen: Vec<_> = seen.into_iter().collect();
        seen.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        seen.into_iter().for_each(|(value, count)| table.add(value, count));
        table
    }

    fn join(&self, into: &mut ValueTable, part: &ValueTable) {
        into.others += part.others;
        for (value, count) in part.by_count() {
            into.add(value.clone(), count);
        }
    }

    fn bytes(&self, part: &ValueTable) -> usize {
        let texts = part.values.keys().map(|value| match value {
            ListedValue::Text(text) => text.len() + 2 * size_of::<usize>(),
            ListedValue::Bool(_) | ListedValue::Int(_) => 0,
        });
        texts.sum::<usize>() + part.values.capacity() * (size_of::<(ListedValue, u64)>() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::{Memo, Question};
    use crate::columns::{Attributes, Batch, LogRow, LogsBuilder, Raw};
    use crate::filter::{Expr, parse};
    use crate::model::{Row, SourceId, Time};
    use crate::store::{Arrival, Retention, Store, View};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn logs(values: &[Raw<'_>]) -> Batch {
        let mut logs = LogsBuilder::default();
        for value in values {
            let mut list = logs.dictionary.begin_list(Attributes::default());
            logs.dictionary.add(&mut list, b"key", *value);
            let attributes = logs.dictionary.end_list(list);
            logs.push(LogRow { attributes, ..LogRow::default() });
        }
        logs.finish()
    }

    fn fold(name: &str) -> FieldValues {
        let Expr::Comparison(comparison) = parse(&format!("{name}:x")).unwrap() else { panic!("{name}") };
        FieldValues { field: ListedField::of(&comparison.field).unwrap(), names: SourceNames::default() }
    }

    fn ask(memo: &Memo, view: &View, fold: &FieldValues) -> ValueTable {
        let mut table = ValueTable::default();
        let question = Question { views: &[view], filter: None, near: Row(0) };
        memo.fold(question, fold, &|| false, &mut |answers| table.clone_from(&answers[0].part));
        table
    }

    fn store(batches: impl IntoIterator<Item = Batch>) -> View {
        let mut store = Store::new(Retention { max_bytes: 1 << 30 });
        batches.into_iter().for_each(|batch| _ = store.push(batch, Arrival::one(SourceId(1), Time(1))));
        store.view()
    }

    #[test]
    fn values_are_counted_by_rows_and_kind() {
        let values =
            [Raw::Text(b"b"), Raw::Int(7), Raw::Text(b"a"), Raw::Text(b"b"), Raw::Double(0.5), Raw::Bool(true)];
        let table = ask(&Memo::default(), &store([logs(&values), logs(&values[..1])]), &fold("key"));
        let text = |text: &str| ListedValue::Text(text.into());
        let expected = [(&text("b"), 3), (&ListedValue::Bool(true), 1), (&ListedValue::Int(7), 1), (&text("a"), 1)];
        assert_eq!(table.by_count(), expected);
        assert_eq!(table.others, 1, "a double is not listed");
    }

    #[test]
    fn values_beyond_the_limit_are_counted_together() {
        let texts: Vec<String> = (0..ValueTable::MOST + 30).map(|at| format!("v{at}")).collect();
        let mut values: Vec<Raw<'_>> = texts.iter().map(|text| Raw::Text(text.as_bytes())).collect();
        let long = "x".repeat(ValueTable::LONGEST + 1);
        values.extend([Raw::Text(b"often"), Raw::Text(b"often"), Raw::Text(long.as_bytes())]);
        let table = ask(&Memo::default(), &store([logs(&values)]), &fold("key"));
        assert_eq!(table.values.len(), ValueTable::MOST);
        assert_eq!(table.others, 32);
        assert_eq!(table.by_count()[0], (&ListedValue::Text("often".into()), 2));
    }

    #[test]
    fn a_field_without_values_is_empty() {
        let view = store([logs(&[Raw::Int(1)])]);
        for name in ["service", "other", "resource.key", "payload", "kind"] {
            assert_eq!(ask(&Memo::default(), &view, &fold(name)), ValueTable::default(), "{name}");
        }
        let signals = ask(&Memo::default(), &view, &fold("signal"));
        assert_eq!(signals.by_count(), [(&ListedValue::Text("log".into()), 1)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn joined_values_are_those_of_all_rows(
            steps in prop::collection::vec(prop::collection::vec(prop::collection::vec(0i64..9, 1..20), 0..9), 1..5),
        ) {
            let memo = Memo::default();
            let mut store = Store::new(Retention { max_bytes: 1 << 30 });
            let mut expected: BTreeMap<ListedValue, u64> = BTreeMap::new();
            for values in steps.iter().flatten() {
                let raw: Vec<Raw<'_>> = values.iter().map(|value| Raw::Int(*value)).collect();
                store.push(logs(&raw), Arrival::one(SourceId(1), Time(1)));
                values.iter().for_each(|value| *expected.entry(ListedValue::Int(*value)).or_default() += 1);
                let table = ask(&memo, &store.view(), &fold("key"));
                prop_assert_eq!(table.values.into_iter().collect::<BTreeMap<_, _>>(), expected.clone());
            }
        }
    }
}
