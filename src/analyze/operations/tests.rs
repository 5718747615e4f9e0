//! Operations against a plain count of all spans.

use super::*;
use crate::analyze::{Memo, Question};
use crate::columns::{Attributes, Batch, Item, Raw, Resource, Scope, SpanRow, SpansBuilder};
use crate::filter::Filter;
use crate::model::{Row, SourceId, Time};
use crate::store::{Arrival, Retention, Store, View};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Service, name, whether it failed, start and end.
type Told = (u8, u8, bool, u32, u64);

fn batch(told: &[Told]) -> Batch {
    let mut spans = SpansBuilder::default();
    for (service, name, failed, start, end) in told {
        let dictionary = &mut spans.dictionary;
        let mut list = dictionary.begin_list(Attributes::default());
        dictionary.add(&mut list, b"service.name", Raw::Text(format!("s{service}").as_bytes()));
        let attributes = dictionary.end_list(list);
        let service = dictionary.text(format!("s{service}").as_bytes());
        let resource = dictionary.resource(Resource { attributes, service, ..Resource::default() });
        let scope = dictionary.scope(Scope::default());
        let origin = dictionary.origin(resource, scope);
        let name = dictionary.text(format!("n{name}").as_bytes());
        let status = if *failed { StatusCode::Error } else { StatusCode::Unset };
        let (start, end) = (Time(u64::from(*start)), Time(*end));
        spans.push(SpanRow { origin, name, status, start, end, ..SpanRow::default() });
    }
    spans.finish()
}

fn of_view(memo: &Memo, view: &View, filter: Option<&Arc<Filter>>) -> OperationTable {
    let mut table = OperationTable::default();
    let question = Question { views: &[view], filter, near: Row(0) };
    memo.fold(question, &Operations, &|| false, &mut |answers| table = answers[0].part.clone());
    table
}

fn naive(view: &View, filter: Option<&Arc<Filter>>) -> BTreeMap<(String, String), (u64, Vec<u64>)> {
    let mut operations: BTreeMap<_, (u64, Vec<u64>)> = BTreeMap::new();
    for chunk in view.chunks() {
        let taken = filter.map(|filter| filter.select(&chunk.batch, ()));
        for row in (0..chunk.len()).filter(|row| taken.as_ref().is_none_or(|taken| taken.contains(*row))) {
            let item = chunk.batch.item(row);
            let Item::Span(span) = item else { continue };
            let (errors, durations) = operations.entry((item.service().into(), span.name().into())).or_default();
            *errors += u64::from(span.status() == StatusCode::Error);
            durations.push(span.duration());
        }
    }
    operations.values_mut().for_each(|(_, durations)| durations.sort_unstable());
    operations
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn operations_are_those_of_a_plain_count(
        steps in prop::collection::vec(
            prop::collection::vec(prop::collection::vec((0u8..3, 0u8..4, any::<bool>(), any::<u32>(), 0u64..1 << 40), 0..40), 0..9),
            1..6,
        ),
        is_filtered: bool,
    ) {
        let filter = is_filtered.then(|| Arc::new(Filter::parse("name:n1 or status:error").unwrap()));
        let memo = Memo::default();
        let mut store = Store::new(Retention { max_bytes: 1 << 30 });
        for batches in &steps {
            for told in batches.iter().filter(|told| !told.is_empty()) {
                store.push(batch(told), Arrival::one(SourceId(1), Time(1)));
            }
            let view = store.view();
            let table = of_view(&memo, &view, filter.as_ref());
            let expected = naive(&view, filter.as_ref());
            prop_assert_eq!(table.operations.len(), expected.len());
            for ((service, name), (errors, durations)) in expected {
                let operation = Operation { service: service.into(), name: name.into() };
                let told = &table.operations[&operation];
                prop_assert_eq!((told.count(), told.errors), (durations.len() as u64, errors));
                for quantile in [0.5, 0.95, 0.99] {
                    let exact = durations[((quantile * durations.len() as f64).ceil() as usize).max(1) - 1];
                    let told = told.durations.quantile(quantile).unwrap();
                    prop_assert!(told.abs_diff(exact) as f64 <= exact as f64 / 100.0, "{} {}", told, exact);
                }
            }
        }
    }
}

#[test]
fn operations_beyond_the_limit_are_counted_together() {
    let name = |at: usize| Operation { service: "s".into(), name: at.to_string().into() };
    let one = |from: usize, to: usize| {
        let mut spans = OperationSpans { errors: 1, ..OperationSpans::default() };
        spans.durations.add(5);
        OperationTable { operations: (from..to).map(|at| (name(at), spans.clone())).collect(), ..Default::default() }
    };
    let mut table = one(0, OperationTable::MOST);
    Operations.join(&mut table, &one(OperationTable::MOST - 3, OperationTable::MOST + 4));
    assert_eq!(table.operations.len(), OperationTable::MOST);
    assert_eq!((table.others.count(), table.others.errors), (4, 4));
    assert_eq!(table.operations[&name(OperationTable::MOST - 1)].count(), 2);
}
