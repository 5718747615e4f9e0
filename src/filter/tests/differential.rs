//! What the columns say is what the plainest reading of each item says: random batches of the four signals, random
//! expressions over them.

use super::items::{put, with_raw};
use super::naive;
use crate::columns::*;
use crate::filter::Filter;
use crate::model::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

const NAMES: [&str; 6] = ["", "GET /a", "get /A", "POST", "tick", "größe"];
const KEYS: [&str; 8] = ["a", "b", "user.id", "user", "session.id", "gen_ai.system", "zone", "x y"];
const VALUES: [&str; 18] = [
    "1",
    "2",
    "2.5",
    "'2'",
    "'2.0'",
    "-7",
    "1099511627776",
    "true",
    "null",
    "''",
    "red",
    "RED",
    "'10ms'",
    "[red,2]",
    "{id:red}",
    "{id:{deep:2}}",
    "0xff",
    "größer",
];
const SEVERITIES: [&str; 5] = ["", "POST", "Error", "warn2", "notice"];
const ATOMS: [&str; 76] = [
    "signal:span",
    "signal!=log",
    "signal:gap",
    "signal:event or signal:gap",
    "kind:server",
    "kind!=client",
    "kind:internal",
    "status:error",
    "status!=ok",
    "severity>=warn",
    "severity:info",
    "severity!=error",
    "severity:*",
    "severity:debug",
    "severity:post",
    "severity!=error2",
    "severity<=warn",
    "severity:25",
    "severity!~warn",
    "duration>5ns",
    "duration<=5ns",
    "duration!=0",
    "duration:*",
    "trace:0",
    "trace:1",
    "trace:*",
    "trace!=11111111111111111111111111111111",
    "span:2",
    "span=2222222222222222",
    "parent:*",
    "parent:3",
    "service:shop",
    "service!=shop",
    "service:*",
    "name=POST",
    "name!=POST",
    "name:\"get /a\"",
    "name:*/a",
    "name~^[Gg]",
    "name:*",
    "name!~t",
    "name=nope",
    "name!=nope",
    "status_message:bad",
    "status_message!=bad",
    "scope:lib",
    "scope.version=1",
    "scope.a:*",
    "source:here",
    "source!=here",
    "type:sum",
    "type!=gauge",
    "type:tick",
    "unit=ms",
    "value>1",
    "value>1us",
    "value!=2",
    "value:*",
    "session:red",
    "session:*",
    "genai:true",
    "a=2",
    "a:2",
    "a!=2",
    "a>1",
    "a<\"s\"",
    "a~d",
    "a:red",
    "a:*",
    "attributes.b=true",
    "resource.zone:*",
    "zone=red",
    "user.id=red",
    "user.id.deep=2",
    "body:*",
    "\"x y\":*",
];
const WORDS: [&str; 22] = [
    "red",
    "RED",
    "re",
    "gr",
    "größe",
    "2",
    "user",
    "shop",
    "lib",
    "bad",
    "tick",
    "1099511",
    "deep",
    "r*d",
    "111111111111",
    "2222222222222222",
    "zzz",
    "-7",
    "2.5",
    "o",
    "zone",
    "x y",
];

/// What a row is made of: small numbers, to be read as places in the lists above.
#[derive(Clone, Debug)]
struct Seed {
    name: usize,
    number: u8,
    ids: [u8; 3],
    origin: usize,
    attributes: Vec<(usize, usize)>,
    extra: Vec<(usize, usize)>,
}

fn seed() -> impl Strategy<Value = Seed> {
    let pairs = || prop::collection::vec((0..KEYS.len(), 0..VALUES.len()), 0..5);
    (0..NAMES.len(), any::<u8>(), any::<[u8; 3]>(), 0..3_usize, pairs(), pairs()).prop_map(
        |(name, number, ids, origin, attributes, extra)| Seed { name, number, ids, origin, attributes, extra },
    )
}

fn batch(signal: Signal, seeds: &[Seed]) -> Batch {
    match signal {
        Signal::Spans => spans(seeds),
        Signal::Logs => logs(seeds),
        Signal::Metrics => points(seeds),
        Signal::Events => events(seeds),
    }
}

fn list(dictionary: &mut DictionaryBuilder, pairs: &[(usize, usize)], like: Attributes) -> Attributes {
    put(dictionary, pairs.iter().map(|(key, value)| (KEYS[*key], VALUES[*value])), like)
}

fn word(dictionary: &mut DictionaryBuilder, value: usize) -> Word {
    let mut word = Word::EMPTY;
    with_raw(VALUES[value % VALUES.len()], |raw| word = dictionary.make_word(raw));
    word
}

fn origin(dictionary: &mut DictionaryBuilder, which: usize) -> OriginId {
    let resource: &[(&str, &str)] = match which {
        0 => &[],
        1 => &[("service.name", "shop"), ("zone", "red")],
        _ => &[("service.name", "Shop"), ("user", "{id:red}"), ("session.id", "red")],
    };
    let attributes = put(dictionary, resource.iter().copied(), Attributes::default());
    let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
    let name = dictionary.text(if which == 1 { b"lib" } else { b"" });
    let version = dictionary.text(if which == 2 { b"1" } else { b"" });
    let attributes = put(dictionary, [("a", "2")].into_iter().take(which), Attributes::default());
    let scope = dictionary.scope(Scope { name, version, attributes, ..Scope::default() });
    dictionary.origin(resource, scope)
}

fn trace(id: u8) -> TraceId {
    TraceId([id % 3 * 0x11; 16])
}

fn span_id(id: u8) -> SpanId {
    SpanId([id % 4 * 0x11; 8])
}

fn spans(seeds: &[Seed]) -> Batch {
    let mut builder = SpansBuilder::default();
    let mut like = Attributes::default();
    for seed in seeds {
        let dictionary = &mut builder.dictionary;
        let origin = origin(dictionary, seed.origin);
        like = list(dictionary, &seed.attributes, like);
        let name = dictionary.text(NAMES[seed.name].as_bytes());
        let status_message = dictionary.text(if seed.number % 5 == 0 { b"bad" } else { b"" });
        if seed.number % 4 == 0 {
            let attributes = list(dictionary, &seed.extra, Attributes::default());
            builder.push_event(SpanEventRow { name, attributes, ..SpanEventRow::default() });
        }
        if seed.number % 7 == 0 {
            let attributes = list(&mut builder.dictionary, &seed.extra, Attributes::default());
            builder.push_link(LinkRow { trace: trace(seed.number), attributes, ..LinkRow::default() });
        }
        builder.push(SpanRow {
            trace: trace(seed.ids[0]),
            id: span_id(seed.ids[1]),
            parent: span_id(seed.ids[2]),
            name,
            kind: SpanKind::ALL[usize::from(seed.number) % 6],
            status: StatusCode::ALL[usize::from(seed.number) % 3],
            start: Time(10),
            end: Time(u64::from(seed.number % 32)),
            origin,
            attributes: like,
            rare: SpanRare { status_message, ..SpanRare::default() },
            ..SpanRow::default()
        });
    }
    builder.finish()
}

fn logs(seeds: &[Seed]) -> Batch {
    let mut builder = LogsBuilder::default();
    for seed in seeds {
        let dictionary = &mut builder.dictionary;
        let row = LogRow {
            severity: Severity((seed.number % 27).into()),
            severity_text: dictionary.text(SEVERITIES[usize::from(seed.number / 27) % SEVERITIES.len()].as_bytes()),
            body: word(dictionary, usize::from(seed.number)),
            event_name: dictionary.text(NAMES[usize::from(seed.number) % NAMES.len()].as_bytes()),
            trace: trace(seed.ids[0]),
            span: span_id(seed.ids[1]),
            origin: origin(dictionary, seed.origin),
            attributes: list(dictionary, &seed.attributes, Attributes::default()),
            ..LogRow::default()
        };
        builder.push(row);
    }
    builder.finish()
}

fn points(seeds: &[Seed]) -> Batch {
    let mut builder = PointsBuilder::default();
    for seed in seeds {
        let origin = origin(&mut builder.dictionary, seed.origin);
        let name = builder.dictionary.text(NAMES[seed.name].as_bytes());
        let unit = builder.dictionary.text(["", "ms", "s", "By"][seed.name % 4].as_bytes());
        let kind = MetricType::ALL[seed.name % 5];
        let metric = builder.metric(Metric { name, unit, kind, ..Metric::default() });
        let attributes = list(&mut builder.dictionary, &seed.attributes, Attributes::default());
        let series = builder.series(Series { metric, origin, attributes });
        if seed.number % 3 == 0 {
            let attributes = list(&mut builder.dictionary, &seed.extra, Attributes::default());
            let id = (trace(seed.ids[0]), span_id(seed.ids[1]));
            builder.push_exemplar(Exemplar::new(Time(1), PointValue::None, id.0, id.1, attributes));
        }
        let row = PointRow { series, ..PointRow::default() };
        match seed.number % 5 {
            0 => builder.push_number(&row, PointValue::None),
            1 => builder.push_number(&row, PointValue::Int(i64::from(seed.number))),
            2 => builder.push_number(&row, PointValue::Double(f64::from(seed.number) / 16.0)),
            3 => builder.push_number(&row, PointValue::Double(f64::NAN)),
            _ => builder.push_distribution(&row, Distribution::default()),
        }
    }
    builder.finish()
}

fn events(seeds: &[Seed]) -> Batch {
    let mut builder = EventsBuilder::default();
    for seed in seeds {
        if seed.number % 6 == 0 {
            builder.push_gap(NAMES[seed.name], 3, Time(1));
            continue;
        }
        let payload = word(&mut builder.dictionary, usize::from(seed.number));
        let session = if seed.number % 2 == 0 { "red" } else { "" };
        builder.push(NAMES[seed.name], "ev-2", Time(1), session, payload);
    }
    builder.finish()
}

fn expression() -> impl Strategy<Value = String> {
    let atom = prop_oneof![3 => prop::sample::select(&ATOMS[..]), 1 => prop::sample::select(&WORDS[..])];
    let atom = atom.prop_map(|text| if text == "x y" { "\"x y\"".to_owned() } else { format!("({text})") });
    atom.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("!{a}")),
        ]
    })
}

/// The first half of the rows came from here, the rest from nobody knows where.
fn agree(batch: &Batch, expression: &str) -> Result<(), TestCaseError> {
    let filter = Filter::parse(expression).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let half = batch.len() / 2;
    let runs = [(0, "here"), (half, "")];
    let selected = filter.select(batch, &runs[..]);
    prop_assert_eq!(selected.len(), batch.len());
    for (row, item) in batch.items().enumerate() {
        let expected = naive::holds(filter.test(), item, if row < half { "here" } else { "" });
        prop_assert_eq!(selected.contains(row), expected, "{} on row {}: {:?}", expression, row, signal_and_row(item));
    }
    Ok(())
}

fn signal_and_row(item: Item<'_>) -> (Signal, String) {
    (item.signal(), item.service().to_owned())
}

proptest! {
    #[test]
    fn columns_say_what_each_item_says(
        seeds in prop::collection::vec(seed(), 0..150),
        signal in prop::sample::select(&Signal::ALL[..]),
        expression in expression(),
    ) {
        let batch = batch(signal, &seeds);
        agree(&batch, &expression)?;
    }
}

/// More rows than a block has, and batches that were merged.
#[test]
fn every_condition_agrees_over_many_rows() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for signal in Signal::ALL {
        let mut seeds = || {
            let strategy = prop::collection::vec(seed(), 700);
            strategy.new_tree(&mut runner).unwrap().current()
        };
        let parts: Vec<Batch> = (0..7).map(|_| batch(signal, &seeds())).collect();
        let merged = merge(&parts.iter().collect::<Vec<_>>()).unwrap();
        for atom in ATOMS.iter().chain(&WORDS[..WORDS.len() - 1]) {
            agree(&merged, atom).unwrap();
        }
    }
}
