//! One series has one key in three formats.

use super::super::{Dialect, Scraper};
use super::{NOW, points, target};
use crate::columns::{Batch, SeriesKey};
use crate::model::Signal;
use crate::wire::{Encoding, Limits, otlp};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;

fn keys(batch: &Batch) -> Vec<SeriesKey> {
    points(batch).map(|point| point.series_key()).collect()
}

fn otlp(encoding: Encoding, body: &[u8]) -> Vec<SeriesKey> {
    keys(&otlp::decode(Signal::Metrics, encoding, body, &Limits::default()).unwrap().batch)
}

fn text(key: &str, value: &str) -> KeyValue {
    let value = any_value::Value::StringValue(value.into());
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

#[test]
fn a_series_has_one_key_in_every_format() {
    let page = "# TYPE requests_total counter\nrequests_total{route=\"/cart\",code=\"200\"} 7\n";
    let [version, name] = [env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_NAME")];
    let decoded = Scraper::new(target()).read(page.as_bytes(), Dialect::Text, NOW, &Limits::default());
    let expected = keys(&decoded.batch);
    let metric = points(&decoded.batch).next().unwrap().name().to_owned();
    let json = format!(
        r#"{{"resourceMetrics":[{{"resource":{{"attributes":[
            {{"key":"server.port","value":{{"intValue":"9100"}}}},
            {{"key":"server.address","value":{{"stringValue":"10.0.0.1"}}}},
            {{"key":"service.instance.id","value":{{"stringValue":"10.0.0.1:9100"}}}},
            {{"key":"url.scheme","value":{{"stringValue":"http"}}}},
            {{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},
        "scopeMetrics":[{{"scope":{{"name":"{name}","version":"{version}"}},"metrics":[{{"name":"{metric}","sum":{{
            "aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{{"timeUnixNano":"5","asInt":"9","attributes":[
            {{"key":"code","value":{{"stringValue":"200"}}}},{{"key":"route","value":{{"stringValue":"/cart"}}}}]}}]}}}}]}}]}}]}}"#
    );
    assert_eq!(otlp(Encoding::Json, json.as_bytes()), expected);
    let port = KeyValue {
        key: "server.port".into(),
        value: Some(AnyValue { value: Some(any_value::Value::IntValue(9_100)) }),
        ..KeyValue::default()
    };
    let point = NumberDataPoint {
        attributes: vec![text("route", "/cart"), text("code", "200")],
        time_unix_nano: 5,
        value: Some(number_data_point::Value::AsDouble(1.0)),
        ..NumberDataPoint::default()
    };
    let sum = Sum { data_points: vec![point], aggregation_temporality: 2, is_monotonic: true };
    let metrics = vec![Metric { name: metric, data: Some(Data::Sum(sum)), ..Metric::default() }];
    let scope = Some(InstrumentationScope { name: name.into(), version: version.into(), ..Default::default() });
    let attributes = vec![
        text("service.name", "shop"),
        text("service.instance.id", "10.0.0.1:9100"),
        port,
        text("server.address", "10.0.0.1"),
        text("url.scheme", "http"),
    ];
    let resource = Some(Resource { attributes, ..Resource::default() });
    let scope_metrics = vec![ScopeMetrics { scope, metrics, ..ScopeMetrics::default() }];
    let resource_metrics = vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }];
    let body = ExportMetricsServiceRequest { resource_metrics }.encode_to_vec();
    assert_eq!(otlp(Encoding::Protobuf, &body), expected);
}

#[test]
fn labels_in_another_order_are_the_same_series() {
    let mut scraper = Scraper::new(target());
    let mut scrape = |page: &str, now| {
        let page = format!("# TYPE a counter\n{page}\n");
        keys(&scraper.read(page.as_bytes(), Dialect::Text, crate::model::Time(now), &Limits::default()).batch)
    };
    let first = scrape("a{x=\"1\",y=\"2\"} 3", 1_000);
    assert_eq!(scrape("a{y=\"2\",x=\"1\"} 4", 2_000), first, "neither a new series nor the end of one");
    assert_ne!(scrape("a{y=\"1\",x=\"2\"} 4", 3_000)[0], first[0]);
}
