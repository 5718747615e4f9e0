//! Merges several batches of one signal.

use super::dictionary::DictionaryBuilder;
use super::{Batch, Columns, EventsBuilder, LogsBuilder, PointsBuilder, SpansBuilder};

/// Merges batches, keeping the order of rows. Strings, shapes, resources and streams that several batches have are stored
/// once, with the hashes that the dictionaries already have. Batches of another signal than the first are left out.
pub fn merge(batches: &[&Batch]) -> Option<Batch> {
    let first = batches.first()?;
    let same = || batches.iter().filter(|batch| batch.signal() == first.signal());
    let mut merged = match &first.columns {
        Columns::Spans(_) => {
            let mut builder = SpansBuilder::with_dictionary(dictionary_for(batches));
            builder.reserve(batches.iter().map(|batch| batch.len()).sum());
            for batch in same() {
                if let Columns::Spans(columns) = &batch.columns {
                    builder.absorb(columns, &batch.dictionary, 0..columns.len(), None);
                }
            }
            builder.finish()
        }
        Columns::Logs(_) => {
            let mut builder = LogsBuilder::with_dictionary(dictionary_for(batches));
            for batch in same() {
                if let Columns::Logs(columns) = &batch.columns {
                    builder.absorb(columns, &batch.dictionary, 0..columns.len(), None);
                }
            }
            builder.finish()
        }
        Columns::Points(_) => {
            let mut builder = PointsBuilder::with_dictionary(dictionary_for(batches));
            for batch in same() {
                if let Columns::Points(columns) = &batch.columns {
                    builder.absorb(columns, &batch.dictionary, 0..columns.len(), None);
                }
            }
            builder.finish()
        }
        Columns::Events(_) => {
            let mut builder = EventsBuilder::with_dictionary(dictionary_for(batches));
            for batch in same() {
                if let Columns::Events(columns) = &batch.columns {
                    builder.absorb(columns, &batch.dictionary, 0..columns.len(), None);
                }
            }
            builder.finish()
        }
    };
    merged.shrink();
    Some(merged)
}

fn dictionary_for(batches: &[&Batch]) -> DictionaryBuilder {
    let sum = |count: fn(&Batch) -> usize| batches.iter().map(|batch| count(batch)).sum::<usize>();
    // Neighbouring batches share most strings, so half of the sum is a good estimate of the distinct ones.
    DictionaryBuilder::with_capacity(
        sum(|batch| batch.dictionary.texts.len()) / 2,
        sum(|batch| batch.dictionary.texts.arena().len()) / 2,
        sum(|batch| batch.dictionary.words.len()),
        sum(|batch| batch.dictionary.wide.len()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Attributes, Item, Raw, Resource, Scope, SpanEventRow, SpanRare, SpanRow};
    use crate::model::{SpanId, Time, Value};

    fn batch(from: u8, count: u8) -> Batch {
        let mut builder = SpansBuilder::default();
        let mut list = builder.dictionary.begin_list(Attributes::default());
        builder.dictionary.add(&mut list, b"service.name", Raw::Text(b"shop"));
        builder.dictionary.add(&mut list, b"pid", Raw::Int(1 << 40));
        let attributes = builder.dictionary.end_list(list);
        let resource = builder.dictionary.resource(Resource { attributes, ..Resource::default() });
        let scope = builder.dictionary.scope(Scope::default());
        let origin = builder.dictionary.origin(resource, scope);
        for n in from..from + count {
            let mut list = builder.dictionary.begin_list(Attributes::default());
            builder.dictionary.add(&mut list, b"n", Raw::Int(i64::from(n)));
            builder.dictionary.add(&mut list, b"big", Raw::Int(i64::from(n) << 40));
            builder.dictionary.add(&mut list, b"path", Raw::Text(format!("/item/{n}").as_bytes()));
            let attributes = builder.dictionary.end_list(list);
            let name = builder.dictionary.text(b"GET /item");
            if n % 2 == 0 {
                let name = builder.dictionary.text(format!("event {n}").as_bytes());
                builder.push_event(SpanEventRow { time: Time(u64::from(n)), name, ..SpanEventRow::default() });
            }
            let status_message = builder.dictionary.text(if n % 3 == 0 { b"bad" } else { b"" });
            let rare = SpanRare { status_message, ..SpanRare::default() };
            let id = SpanId([n; 8]);
            builder.push(SpanRow { id, name, origin, attributes, rare, ..SpanRow::default() });
        }
        builder.finish()
    }

    fn told(batch: &Batch) -> Vec<String> {
        let tell = |item: Item<'_>| match item {
            Item::Span(span) => {
                let attributes: Vec<String> = span.attributes().map(|(k, v)| format!("{k}={}", v.display())).collect();
                let events: Vec<&str> = span.events().map(|event| span.dictionary.text(event.name)).collect();
                let message = span.dictionary.text(span.rare().status_message);
                let resource = span.dictionary.resource(span.origin());
                let pid = span.dictionary.attribute(resource.attributes, "pid");
                assert_eq!(pid, Some(Value::Int(1 << 40)));
                format!("{} {} {attributes:?} {events:?} {message} {}", span.id(), span.name(), item.service())
            }
            _ => unreachable!(),
        };
        batch.items().map(tell).collect()
    }

    #[test]
    fn a_merge_has_every_row_as_it_was() {
        let parts = [batch(0, 5), batch(5, 1), batch(6, 9)];
        let merged = merge(&parts.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(told(&merged), parts.iter().flat_map(told).collect::<Vec<_>>());
        assert_eq!(merged.dictionary.resources.len(), 1, "equal resources are one");
        assert_eq!(merged.dictionary.origins.len(), 1);
    }

    #[test]
    fn keeping_some_rows_keeps_what_belongs_to_them() {
        let mut some = batch(0, 10);
        let all = told(&some);
        let keep: Vec<bool> = (0..10).map(|n| n % 3 != 1).collect();
        some.keep(&keep);
        let wanted: Vec<String> = all.into_iter().zip(&keep).filter(|(_, keep)| **keep).map(|(text, _)| text).collect();
        assert_eq!(told(&some), wanted);
    }
}
