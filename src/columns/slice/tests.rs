use super::*;
use crate::columns::{
    Buckets, Distribution, Exemplar, Item, LogRow, Metric, PointRow, PointValue, Raw, Resource, Scope, Series,
    SpanEventRow, SpanRare, SpanRow,
};
use crate::model::{SpanId, Time, TraceId};

/// The attributes `n` (small or wide), `text`, `nested`.
fn list(dictionary: &mut DictionaryBuilder, n: u32) -> Attributes {
    let mut list = dictionary.begin_list(Attributes::default());
    dictionary.add(&mut list, b"n", Raw::Int(if n.is_multiple_of(2) { i64::from(n) } else { i64::from(n) << 40 }));
    dictionary.add(&mut list, format!("key {}", n % 3).as_bytes(), Raw::Text(format!("value {n}").as_bytes()));
    dictionary.add(&mut list, b"bytes", Raw::Bytes(&n.to_le_bytes()));
    dictionary.end_list(list)
}

fn origin(dictionary: &mut DictionaryBuilder, n: u32) -> OriginId {
    let mut own = dictionary.begin_list(Attributes::default());
    dictionary.add(&mut own, b"service.name", Raw::Text(format!("service {}", n / 4).as_bytes()));
    let attributes = dictionary.end_list(own);
    let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
    let name = dictionary.text(format!("scope {}", n / 3).as_bytes());
    let scope = dictionary.scope(Scope { name, ..Scope::default() });
    dictionary.origin(resource, scope)
}

fn spans(count: u32) -> Batch {
    let mut builder = SpansBuilder::default();
    for n in 0..count {
        let (origin, attributes) = (origin(&mut builder.dictionary, n), list(&mut builder.dictionary, n));
        let name = builder.dictionary.text(format!("span {n}").as_bytes());
        for _ in 0..n % 3 {
            let attributes = list(&mut builder.dictionary, n + 100);
            builder.push_event(SpanEventRow { name, attributes, ..SpanEventRow::default() });
        }
        let status_message = builder.dictionary.text(if n % 4 == 0 { b"bad" } else { b"" });
        let rare = SpanRare { status_message, ..SpanRare::default() };
        let id = SpanId(u64::from(n + 1).to_be_bytes());
        builder.push(SpanRow { id, name, origin, attributes, rare, ..SpanRow::default() });
    }
    builder.finish()
}

fn logs(count: u32) -> Batch {
    let mut builder = LogsBuilder::default();
    for n in 0..count {
        let (origin, attributes) = (origin(&mut builder.dictionary, n), list(&mut builder.dictionary, n));
        let body = builder.dictionary.make_word(Raw::Text(format!("body {n}").as_bytes()));
        builder.push(LogRow { body, origin, attributes, dropped: n % 2, ..LogRow::default() });
    }
    builder.finish()
}

fn points(count: u32) -> Batch {
    let mut builder = PointsBuilder::default();
    for n in 0..count {
        let origin = origin(&mut builder.dictionary, n);
        let name = builder.dictionary.text(format!("metric {}", n % 5).as_bytes());
        let metric = builder.metric(Metric { name, ..Metric::default() });
        let attributes = list(&mut builder.dictionary, n % 7);
        let series = builder.series(Series { metric, origin, attributes });
        let row = PointRow { series, time: Time(u64::from(n)), ..PointRow::default() };
        if n % 3 == 0 {
            let attributes = list(&mut builder.dictionary, n + 50);
            let (trace, span) = (TraceId::default(), SpanId::default());
            builder.push_exemplar(Exemplar::new(Time(1), PointValue::Int(i64::from(n)), trace, span, attributes));
        }
        match n % 4 {
            0 => builder.push_number(&row, PointValue::Int(i64::from(n))),
            1 => {
                let bounds = builder.doubles([f64::from(n)]);
                let counts = builder.push_counts([u64::from(n), 1]);
                let buckets = Buckets::Explicit { bounds, counts };
                builder.push_distribution(&row, Distribution { buckets, ..Distribution::default() });
            }
            2 => {
                let positive = (1, builder.push_counts([u64::from(n)]));
                let negative = (2, builder.push_counts([]));
                let (scale, zero_count, zero_threshold) = (3, 0, 0.0);
                let buckets = Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative };
                builder.push_distribution(&row, Distribution { buckets, ..Distribution::default() });
            }
            _ => {
                let buckets = Buckets::Quantiles(builder.doubles([0.5, f64::from(n)]));
                builder.push_distribution(&row, Distribution { buckets, ..Distribution::default() });
            }
        }
    }
    builder.finish()
}

fn events(count: u32) -> Batch {
    let mut builder = EventsBuilder::default();
    for n in 0..count {
        if n % 5 == 0 {
            builder.push_gap("overflow", u64::from(n), Time(1));
        }
        let payload = builder.dictionary.make_word(Raw::Text(format!("payload {n}").as_bytes()));
        builder.push(&format!("kind {}", n % 3), &n.to_string(), Time(u64::from(n)), "s", payload);
    }
    builder.finish()
}

/// Everything that a row says, in words.
fn told(item: Item<'_>) -> String {
    let dictionary = item.dictionary();
    let attributes = |list: Attributes| {
        dictionary.attributes(list).map(|(key, value)| format!("{key}={}", value.display())).collect::<Vec<_>>()
    };
    let own = match item {
        Item::Span(span) => {
            let events: Vec<_> = span
                .events()
                .map(|event| (dictionary.text(event.name), attributes(event.attributes)))
                .map(|(name, attributes)| format!("{name} {attributes:?}"))
                .collect();
            let message = dictionary.text(span.rare().status_message);
            let scope = dictionary.text(dictionary.scope(span.origin()).name);
            let own: Vec<_> = span.attributes().map(|(key, value)| format!("{key}={}", value.display())).collect();
            format!("{} {} {own:?} {events:?} {message} {scope}", span.id(), span.name())
        }
        Item::Log(log) => {
            let own: Vec<_> = log.attributes().map(|(key, value)| format!("{key}={}", value.display())).collect();
            format!("{} {own:?} {}", log.body().display(), log.dropped())
        }
        Item::Point(point) => {
            let value = match point.value() {
                PointValue::Distribution(Distribution { buckets, .. }) => match buckets {
                    Buckets::Explicit { bounds, counts } => {
                        format!("{:?} {:?}", point.doubles(*bounds).collect::<Vec<_>>(), point.columns.counts(counts))
                    }
                    Buckets::Exponential { positive, negative, .. } => {
                        format!("{:?} {:?}", point.columns.counts(&positive.1), point.columns.counts(&negative.1))
                    }
                    Buckets::Quantiles(pairs) => format!("{:?}", point.doubles(*pairs).collect::<Vec<_>>()),
                },
                value => format!("{value:?}"),
            };
            let exemplars: Vec<_> =
                point.exemplars().map(|exemplar| (exemplar.value(), attributes(exemplar.attributes))).collect();
            let own: Vec<_> = point.attributes().map(|(key, value)| format!("{key}={}", value.display())).collect();
            format!("{} {:?} {own:?} {value} {exemplars:?}", point.name(), point.time())
        }
        Item::Event(event) => {
            format!("{} {} {} {:?}", event.kind(), event.id(), event.payload().display(), event.gap())
        }
    };
    format!("{} {own}", item.service())
}

#[test]
fn a_slice_has_its_rows_as_they_were() {
    for whole in [spans(40), logs(40), points(40), events(40)] {
        let all: Vec<String> = whole.items().map(told).collect();
        for rows in [0..40, 0..1, 0..7, 11..12, 13..29, 39..40, 20..20] {
            let part = slice(&whole, rows.clone());
            assert_eq!(part.items().map(told).collect::<Vec<_>>(), all[rows]);
        }
    }
}

#[test]
fn a_slice_carries_only_the_strings_it_needs() {
    for whole in [spans(400), logs(400), points(400), events(400)] {
        let part = slice(&whole, 100..104);
        assert!(part.dictionary.texts.len() < 40, "{}", part.dictionary.texts.len());
        assert!(part.dictionary.resources.len() <= 2 && part.dictionary.scopes.len() <= 3);
        assert!(part.bytes() < whole.bytes() / 6, "{} of {}", part.bytes(), whole.bytes());
    }
}
