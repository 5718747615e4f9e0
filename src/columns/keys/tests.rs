use super::*;
use crate::columns::{
    Batch, Columns, PointRow, PointValue, PointsBuilder, Raw, Scope, Series, SpanRow, SpansBuilder, merge, slice,
};
use crate::model::{MetricType, NestedWriter, Temporality};
use std::collections::HashSet;

type Pairs<'a> = &'a [(&'a str, Raw<'a>)];

/// A series in all its parts.
#[derive(Clone, Copy)]
struct Told<'a> {
    resource: Pairs<'a>,
    scope: [&'a str; 2],
    name: &'a str,
    description: &'a str,
    unit: &'a str,
    kind: MetricType,
    temporality: Temporality,
    monotonic: bool,
    attributes: Pairs<'a>,
}

const SERIES: Told<'_> = Told {
    resource: &[("service.name", Raw::Text(b"shop")), ("host.name", Raw::Text(b"a"))],
    scope: ["scope", "1.0"],
    name: "http.server.duration",
    description: "How long.",
    unit: "ms",
    kind: MetricType::Sum,
    temporality: Temporality::Cumulative,
    monotonic: true,
    attributes: &[("route", Raw::Text(b"/cart")), ("code", Raw::Int(200)), ("ok", Raw::Bool(true))],
};

fn list(dictionary: &mut DictionaryBuilder, pairs: Pairs<'_>) -> Attributes {
    let mut list = dictionary.begin_list(Attributes::default());
    pairs.iter().for_each(|(key, value)| dictionary.add(&mut list, key.as_bytes(), *value));
    dictionary.end_list(list)
}

fn batch(all: &[Told<'_>]) -> Batch {
    let mut points = PointsBuilder::default();
    for told in all {
        let dictionary = &mut points.dictionary;
        let attributes = list(dictionary, told.resource);
        let resource = dictionary.resource(Resource { attributes, ..Resource::default() });
        let [name, version] = told.scope.map(|text| dictionary.text(text.as_bytes()));
        let scope = dictionary.scope(Scope { name, version, ..Scope::default() });
        let origin = dictionary.origin(resource, scope);
        let [name, description, unit] =
            [told.name, told.description, told.unit].map(|text| dictionary.text(text.as_bytes()));
        let Told { kind, temporality, monotonic, .. } = *told;
        let metadata = Attributes::default();
        let metric = points.metric(Metric { name, description, unit, kind, temporality, monotonic, metadata });
        let attributes = list(&mut points.dictionary, told.attributes);
        let series = points.series(Series { metric, origin, attributes });
        points.push_number(&PointRow { series, ..PointRow::default() }, PointValue::Int(1));
    }
    points.finish()
}

/// The keys of the series of the rows.
fn keys(batch: &Batch) -> Vec<SeriesKey> {
    let Columns::Points(points) = &batch.columns else { panic!("points") };
    let keys = points.series_keys(&batch.dictionary);
    points.series.iter().map(|series| keys[series.0 as usize]).collect()
}

fn key(told: Told<'_>) -> SeriesKey {
    keys(&batch(&[told]))[0]
}

#[test]
fn the_order_of_attributes_means_nothing() {
    let (a, b, c) = (SERIES.attributes[0], SERIES.attributes[1], SERIES.attributes[2]);
    for attributes in [[a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
        assert_eq!(key(Told { attributes: &attributes, ..SERIES }), key(SERIES));
    }
    let turned = [SERIES.resource[1], SERIES.resource[0]];
    assert_eq!(key(Told { resource: &turned, ..SERIES }), key(SERIES));
}

#[test]
fn each_part_of_a_series_matters() {
    let (a, b, c) = (SERIES.attributes[0], SERIES.attributes[1], SERIES.attributes[2]);
    let mut nested = NestedWriter::default();
    nested.begin_array().unwrap();
    nested.end();
    let all = [
        SERIES,
        Told { resource: &[], ..SERIES },
        Told { resource: &SERIES.resource[..1], ..SERIES },
        Told { scope: ["other", "1.0"], ..SERIES },
        Told { scope: ["scope", "1.1"], ..SERIES },
        Told { scope: ["scope1", ".0"], ..SERIES },
        Told { name: "http.server", ..SERIES },
        Told { unit: "s", ..SERIES },
        Told { name: "http.server.durationm", unit: "s", ..SERIES },
        Told { kind: MetricType::Gauge, ..SERIES },
        Told { temporality: Temporality::Delta, ..SERIES },
        Told { monotonic: false, ..SERIES },
        Told { attributes: &[], ..SERIES },
        Told { attributes: &[a, b], ..SERIES },
        Told { attributes: &[a, b, ("ok", Raw::Bool(false))], ..SERIES },
        Told { attributes: &[a, b, ("ok", Raw::Empty)], ..SERIES },
        Told { attributes: &[a, ("code", Raw::Text(b"200")), c], ..SERIES },
        Told { attributes: &[a, ("code", Raw::Double(200.0)), c], ..SERIES },
        Told { attributes: &[a, ("code", Raw::Bytes(b"200")), c], ..SERIES },
        Told { attributes: &[a, ("code", Raw::Nested(nested.bytes())), c], ..SERIES },
        Told { attributes: &[a, ("code", Raw::Int(1 << 40)), c], ..SERIES },
        Told { attributes: &[a, b, c, c], ..SERIES },
        Told { attributes: &[("route", Raw::Text(b"/car")), ("t", Raw::Int(200)), c], ..SERIES },
        Told { attributes: &[("a", Raw::Int(1)), ("a", Raw::Int(2))], ..SERIES },
        Told { attributes: &[("a", Raw::Int(2)), ("a", Raw::Int(1))], ..SERIES },
    ];
    let distinct: HashSet<SeriesKey> = all.into_iter().map(key).collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(key(Told { description: "What it is.", ..SERIES }), key(SERIES), "a description is no part");
}

#[test]
fn the_order_inside_a_map_means_nothing() {
    let of = |order: [&str; 2]| {
        let mut nested = NestedWriter::default();
        nested.begin_map().unwrap();
        for key in order {
            nested.key(key);
            nested.value(Value::Text(key));
        }
        nested.end();
        key(Told { attributes: &[("map", Raw::Nested(nested.bytes()))], ..SERIES })
    };
    assert_eq!(of(["a", "b"]), of(["b", "a"]));
    assert_ne!(of(["a", "b"]), of(["a", "c"]));
}

#[test]
fn keys_stay_through_merges_and_slices() {
    let routes: Vec<String> = (0..50).map(|n| format!("/item/{n}")).collect();
    let lists: Vec<[(&str, Raw<'_>); 2]> =
        routes.iter().map(|route| [("route", Raw::Text(route.as_bytes())), ("code", Raw::Int(200))]).collect();
    let told: Vec<Told<'_>> = lists.iter().map(|attributes| Told { attributes, ..SERIES }).collect();
    let whole = batch(&told);
    let expected = keys(&whole);
    assert_eq!(expected.iter().collect::<HashSet<_>>().len(), 50);
    assert_eq!(keys(&slice(&whole, 10..20)), expected[10..20]);
    // Another dictionary, and the other order.
    let turned: Vec<Told<'_>> = told.iter().rev().copied().collect();
    let merged = merge(&[&batch(&turned), &whole]).unwrap();
    assert_eq!(keys(&merged), expected.iter().rev().chain(&expected).copied().collect::<Vec<_>>());
}

#[test]
fn keys_are_the_same_in_every_run() {
    let operation = OperationKey::of("shop", "GET /", SpanKind::Server);
    assert_eq!(operation.to_string(), "4dd5c7179239a8c545d45efc904dd22d");
    assert_eq!(key(SERIES).to_string(), "42a72c39478b1f8d6f3ac7aa5d8b36ca");
    assert_eq!(SeriesKey::from_bytes(key(SERIES).to_bytes()), key(SERIES));
}

#[test]
fn operations_and_patterns_have_keys_of_their_own() {
    let all = [
        OperationKey::of("shop", "GET /", SpanKind::Server).to_bytes(),
        OperationKey::of("shop", "GET /", SpanKind::Client).to_bytes(),
        OperationKey::of("shopG", "ET /", SpanKind::Server).to_bytes(),
        OperationKey::of("shop", "GET", SpanKind::Server).to_bytes(),
        PatternKey::of("shop").to_bytes(),
        PatternKey::of("").to_bytes(),
    ];
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
}

#[test]
fn equal_resources_have_one_key_in_any_signal() {
    let mut spans = SpansBuilder::default();
    let attributes = list(&mut spans.dictionary, SERIES.resource);
    let resource = spans.dictionary.resource(Resource { attributes, ..Resource::default() });
    spans.push(SpanRow::default());
    let (spans, points) = (spans.finish(), batch(&[SERIES]));
    assert_eq!(spans.dictionary.keys().resource(resource), points.dictionary.keys().resource(ResourceId(0)));
}

#[test]
fn a_pair_key_outlives_a_deployment() {
    let pair = |told: Told<'_>, ignored: &Ignored| {
        let batch = batch(&[told]);
        let Columns::Points(points) = &batch.columns else { panic!("points") };
        let series = points.streams[0];
        batch.dictionary.keys().pair(&points.metric(series), series.origin, series.attributes, ignored)
    };
    let ignored = Ignored::default();
    let before = pair(SERIES, &ignored);
    let route = SERIES.attributes[0];
    let resource = [("service.name", Raw::Text(b"shop")), ("k8s.pod.name", Raw::Text(b"shop-7f9c"))];
    for same in [
        Told { resource: &resource, ..SERIES },
        Told { unit: "s", ..SERIES },
        Told { kind: MetricType::Gauge, temporality: Temporality::Unspecified, monotonic: false, ..SERIES },
        Told { scope: ["scope", "2.0"], ..SERIES },
    ] {
        assert_eq!(pair(same, &ignored), before);
    }
    let environment = [("service.name", Raw::Text(b"shop")), ("deployment.environment.name", Raw::Text(b"test"))];
    let older = [("service.name", Raw::Text(b"shop")), ("deployment.environment", Raw::Text(b"test"))];
    let namespace = [("service.name", Raw::Text(b"shop")), ("service.namespace", Raw::Text(b"test"))];
    for other in [
        Told { resource: &[("service.name", Raw::Text(b"till"))], ..SERIES },
        Told { resource: &environment, ..SERIES },
        Told { resource: &namespace, ..SERIES },
        Told { scope: ["other", "1.0"], ..SERIES },
        Told { name: "other", ..SERIES },
        Told { attributes: &[route], ..SERIES },
    ] {
        assert_ne!(pair(other, &ignored), before);
    }
    assert_eq!(
        pair(Told { resource: &environment, ..SERIES }, &ignored),
        pair(Told { resource: &older, ..SERIES }, &ignored)
    );
    let on_a_pod = [route, ("k8s.pod.name", Raw::Text(b"shop-7f9c"))];
    let plain = Told { attributes: &[route], ..SERIES };
    assert_eq!(pair(Told { attributes: &on_a_pod, ..SERIES }, &ignored), pair(plain, &ignored));
    let nothing = Ignored::new::<String>([]);
    assert_ne!(pair(Told { attributes: &on_a_pod, ..SERIES }, &nothing), pair(plain, &nothing));
}
