//! otail's own decoder reads the telemetry of the demo shop.

use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use otail::demo::{Request, Scenario, Shop};
use otail::model::{Signal, Time};
use otail::wire::{Encoding, Limits, otlp};

/// The signal of a request and how many items are in it.
fn count(request: &Request) -> (Signal, usize) {
    match request {
        Request::Traces(request) => {
            let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
            (Signal::Spans, scopes.map(|scope| scope.spans.len()).sum())
        }
        Request::Logs(request) => {
            let scopes = request.resource_logs.iter().flat_map(|resource| &resource.scope_logs);
            (Signal::Logs, scopes.map(|scope| scope.log_records.len()).sum())
        }
        Request::Metrics(request) => {
            let scopes = request.resource_metrics.iter().flat_map(|resource| &resource.scope_metrics);
            let points = scopes.flat_map(|scope| &scope.metrics).map(|metric| match metric.data.as_ref() {
                Some(Data::Gauge(data)) => data.data_points.len(),
                Some(Data::Sum(data)) => data.data_points.len(),
                Some(Data::Histogram(data)) => data.data_points.len(),
                Some(Data::ExponentialHistogram(data)) => data.data_points.len(),
                Some(Data::Summary(data)) => data.data_points.len(),
                None => 0,
            });
            (Signal::Metrics, points.sum())
        }
    }
}

#[test]
fn everything_that_the_shop_exports_is_accepted() {
    for scenario in Scenario::ALL {
        let mut exports = 0;
        for export in Shop::new(11, scenario, Time(1_780_000_000_000_000_000)).advance(Time(1_780_000_120_000_000_000))
        {
            let (signal, items) = count(&export.request);
            let body = export.request.encode();
            let decoded = otlp::decode(signal, Encoding::Protobuf, &body, &Limits::default()).unwrap();
            assert_eq!(decoded.rejected, otail::wire::Rejected::default(), "{}", export.service);
            assert_eq!(decoded.batch.len(), items, "{}", export.service);
            exports += 1;
        }
        assert!(exports > 100, "{scenario:?}: {exports}");
    }
}
