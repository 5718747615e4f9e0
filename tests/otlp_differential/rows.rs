//! Turns items, with their resource and scope, back into messages, and compares them as text, which distinguishes NaN and -0.
//! [`Rows::of_traces`] and its like show what a message means; [`of_batch`] shows what a batch kept.

use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList, any_value,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, LogsData};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets as ExponentialBuckets;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    self as otlp, ExponentialHistogramDataPoint, HistogramDataPoint, MetricsData, NumberDataPoint, SummaryDataPoint,
    exemplar, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{Span, Status, TracesData};
use otail::columns::{
    Attributes, Batch, Buckets, Dictionary, Exemplar, Item, LogItem, NO_RECORDED_VALUE, OriginId, PointItem,
    PointValue, SpanItem,
};
use otail::model::{MetricType, SpanId, TraceId, Value};
use std::fmt::Debug;

/// Items as text, and the number of others that must be rejected.
#[derive(Debug, Default, PartialEq)]
pub struct Rows {
    pub rows: Vec<String>,
    pub rejected: u64,
}

fn row(
    resource: &Resource,
    schema: &str,
    scope: &InstrumentationScope,
    scope_schema: &str,
    item: impl Debug,
) -> String {
    format!("{item:?} IN {scope:?} {scope_schema:?} OF {resource:?} {schema:?}")
}

impl Rows {
    pub fn of_traces(data: TracesData) -> Rows {
        let mut rows = Rows::default();
        for group in data.resource_spans {
            let resource = resource(group.resource);
            for inner in group.scope_spans {
                let scope = scope(inner.scope);
                for mut span in inner.spans {
                    if id(&mut span.trace_id, 16) && id(&mut span.span_id, 8) {
                        let span = plain_span(span);
                        rows.rows.push(row(&resource, &group.schema_url, &scope, &inner.schema_url, span));
                    } else {
                        rows.rejected += 1;
                    }
                }
            }
        }
        rows
    }

    pub fn of_logs(data: LogsData) -> Rows {
        let mut rows = Rows::default();
        for group in data.resource_logs {
            let resource = resource(group.resource);
            for inner in group.scope_logs {
                let scope = scope(inner.scope);
                for mut log in inner.log_records {
                    id(&mut log.trace_id, 16);
                    id(&mut log.span_id, 8);
                    log.body = Some(plain_value(log.body));
                    plain_list(&mut log.attributes);
                    rows.rows.push(row(&resource, &group.schema_url, &scope, &inner.schema_url, log));
                }
            }
        }
        rows
    }

    pub fn of_metrics(data: MetricsData) -> Rows {
        let mut rows = Rows::default();
        for group in data.resource_metrics {
            let resource = resource(group.resource);
            for inner in group.scope_metrics {
                let scope = scope(inner.scope);
                for mut metric in inner.metrics {
                    plain_list(&mut metric.metadata);
                    for data in metric.data.take().map(each_point).unwrap_or_default() {
                        match plain_data(data) {
                            Some(data) => {
                                let metric = otlp::Metric { data: Some(data), ..metric.clone() };
                                rows.rows.push(row(&resource, &group.schema_url, &scope, &inner.schema_url, metric));
                            }
                            None => rows.rejected += 1,
                        }
                    }
                }
            }
        }
        rows
    }
}

pub fn of_batch(batch: &Batch) -> Vec<String> {
    batch.items().map(of_item).collect()
}

// What a message means: missing fields have their default, invalid ids are empty, unknown enum values are 0, a value without
// content is empty.

fn resource(resource: Option<Resource>) -> Resource {
    let mut resource = resource.unwrap_or_default();
    plain_list(&mut resource.attributes);
    resource
}

fn scope(scope: Option<InstrumentationScope>) -> InstrumentationScope {
    let mut scope = scope.unwrap_or_default();
    plain_list(&mut scope.attributes);
    scope
}

/// Returns whether an id is valid; clears it if not.
pub fn id(id: &mut Vec<u8>, length: usize) -> bool {
    let good = id.len() == length && id.iter().any(|byte| *byte != 0);
    if !good {
        id.clear();
    }
    good
}

fn within(code: i32, last: i32) -> i32 {
    if (0..=last).contains(&code) { code } else { 0 }
}

fn plain_span(mut span: Span) -> Span {
    id(&mut span.parent_span_id, 8);
    plain_list(&mut span.attributes);
    span.kind = within(span.kind, 5);
    let status = span.status.unwrap_or_default();
    span.status = Some(Status { code: within(status.code, 2), ..status });
    span.events.iter_mut().for_each(|event| plain_list(&mut event.attributes));
    for link in &mut span.links {
        id(&mut link.trace_id, 16);
        id(&mut link.span_id, 8);
        plain_list(&mut link.attributes);
    }
    span
}

fn plain_list(list: &mut [KeyValue]) {
    list.iter_mut().for_each(|pair| pair.value = Some(plain_value(pair.value.take())));
}

fn plain_value(value: Option<AnyValue>) -> AnyValue {
    use any_value::Value;
    let value = value.and_then(|value| value.value).and_then(|value| match value {
        Value::ArrayValue(ArrayValue { values }) => {
            let values = values.into_iter().map(|value| plain_value(Some(value))).collect();
            Some(Value::ArrayValue(ArrayValue { values }))
        }
        Value::KvlistValue(mut list) => {
            plain_list(&mut list.values);
            Some(Value::KvlistValue(list))
        }
        Value::StringValueStrindex(_) => None,
        value => Some(value),
    });
    AnyValue { value }
}

pub fn each_point(data: Data) -> Vec<Data> {
    fn split<P, D: Clone>(points: Vec<P>, about: D, with: impl Fn(D, Vec<P>) -> Data) -> Vec<Data> {
        points.into_iter().map(|point| with(about.clone(), vec![point])).collect()
    }
    match data {
        Data::Gauge(mut data) => split(std::mem::take(&mut data.data_points), data, |mut data, points| {
            data.data_points = points;
            Data::Gauge(data)
        }),
        Data::Sum(mut data) => split(std::mem::take(&mut data.data_points), data, |mut data, points| {
            data.data_points = points;
            Data::Sum(data)
        }),
        Data::Histogram(mut data) => split(std::mem::take(&mut data.data_points), data, |mut data, points| {
            data.data_points = points;
            Data::Histogram(data)
        }),
        Data::ExponentialHistogram(mut data) => {
            split(std::mem::take(&mut data.data_points), data, |mut data, points| {
                data.data_points = points;
                Data::ExponentialHistogram(data)
            })
        }
        Data::Summary(mut data) => split(std::mem::take(&mut data.data_points), data, |mut data, points| {
            data.data_points = points;
            Data::Summary(data)
        }),
    }
}

/// The data of one point; `None` if the point must be rejected.
pub fn plain_data(mut data: Data) -> Option<Data> {
    let time = match &mut data {
        Data::Gauge(gauge) => plain_number(&mut gauge.data_points[0]),
        Data::Sum(sum) => {
            sum.aggregation_temporality = within(sum.aggregation_temporality, 2);
            plain_number(&mut sum.data_points[0])
        }
        Data::Histogram(histogram) => {
            histogram.aggregation_temporality = within(histogram.aggregation_temporality, 2);
            let point = &mut histogram.data_points[0];
            plain_list(&mut point.attributes);
            plain_exemplars(&mut point.exemplars);
            if point.flags & NO_RECORDED_VALUE != 0 {
                *point = HistogramDataPoint {
                    count: 0,
                    sum: None,
                    bucket_counts: Vec::new(),
                    explicit_bounds: Vec::new(),
                    min: None,
                    max: None,
                    ..std::mem::take(point)
                };
            }
            point.time_unix_nano
        }
        Data::ExponentialHistogram(histogram) => {
            histogram.aggregation_temporality = within(histogram.aggregation_temporality, 2);
            let point = &mut histogram.data_points[0];
            plain_list(&mut point.attributes);
            plain_exemplars(&mut point.exemplars);
            if point.flags & NO_RECORDED_VALUE != 0 {
                *point = ExponentialHistogramDataPoint {
                    count: 0,
                    sum: None,
                    scale: 0,
                    zero_count: 0,
                    positive: None,
                    negative: None,
                    min: None,
                    max: None,
                    zero_threshold: 0.0,
                    ..std::mem::take(point)
                };
            }
            point.positive.get_or_insert_default();
            point.negative.get_or_insert_default();
            point.time_unix_nano
        }
        Data::Summary(summary) => {
            let point = &mut summary.data_points[0];
            plain_list(&mut point.attributes);
            if point.flags & NO_RECORDED_VALUE != 0 {
                *point = SummaryDataPoint { count: 0, sum: 0.0, quantile_values: Vec::new(), ..std::mem::take(point) };
            }
            point.time_unix_nano
        }
    };
    (time != 0).then_some(data)
}

fn plain_number(point: &mut NumberDataPoint) -> u64 {
    plain_list(&mut point.attributes);
    plain_exemplars(&mut point.exemplars);
    if point.flags & NO_RECORDED_VALUE != 0 {
        point.value = None;
    } else if point.value.is_none() {
        // A point without a value and without the flag is rejected, and so is one without a time.
        return 0;
    }
    point.time_unix_nano
}

fn plain_exemplars(exemplars: &mut [otlp::Exemplar]) {
    for exemplar in exemplars {
        id(&mut exemplar.trace_id, 16);
        id(&mut exemplar.span_id, 8);
        plain_list(&mut exemplar.filtered_attributes);
    }
}

// What a batch kept.

fn of_item(item: Item<'_>) -> String {
    match item {
        Item::Span(item) => of_origin(item.dictionary, item.origin(), back_span(item)),
        Item::Log(item) => of_origin(item.dictionary, item.origin(), back_log(item)),
        Item::Point(item) => of_origin(item.dictionary, item.origin(), back_metric(item)),
        Item::Event(_) => String::new(),
    }
}

fn of_origin(dictionary: &Dictionary, origin: OriginId, item: impl Debug) -> String {
    let (resource, scope) = (dictionary.resource(origin), dictionary.scope(origin));
    let back_resource = Resource {
        attributes: back_list(dictionary, resource.attributes),
        dropped_attributes_count: resource.dropped,
        entity_refs: back_entities(dictionary.value(resource.entities)),
    };
    let back_scope = InstrumentationScope {
        name: dictionary.text(scope.name).to_owned(),
        version: dictionary.text(scope.version).to_owned(),
        attributes: back_list(dictionary, scope.attributes),
        dropped_attributes_count: scope.dropped,
    };
    let schemas = (dictionary.text(resource.schema_url), dictionary.text(scope.schema_url));
    row(&back_resource, schemas.0, &back_scope, schemas.1, item)
}

fn back_entities(entities: Value<'_>) -> Vec<EntityRef> {
    let Value::Nested(entities) = entities else { return vec![] };
    let entity = |entity: Value<'_>| {
        let mut back = EntityRef::default();
        let Value::Nested(entity) = entity else { panic!("an entity reference must be a map") };
        for (key, value) in entity.entries() {
            let Value::Text(text) = value else { panic!("an entity reference must hold text") };
            match key {
                "schemaUrl" => back.schema_url = text.to_owned(),
                "type" => back.r#type = text.to_owned(),
                "idKeys" => back.id_keys.push(text.to_owned()),
                "descriptionKeys" => back.description_keys.push(text.to_owned()),
                _ => panic!("no such field: {key}"),
            }
        }
        back
    };
    entities.items().map(entity).collect()
}

fn back_list(dictionary: &Dictionary, list: Attributes) -> Vec<KeyValue> {
    dictionary.attributes(list).map(back_pair).collect()
}

fn back_pair((key, value): (&str, Value<'_>)) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(back_value(value)), key_strindex: 0 }
}

fn back_value(value: Value<'_>) -> AnyValue {
    let value = match value {
        Value::Empty => None,
        Value::Text(text) => Some(any_value::Value::StringValue(text.to_owned())),
        Value::Bool(value) => Some(any_value::Value::BoolValue(value)),
        Value::Int(value) => Some(any_value::Value::IntValue(value)),
        Value::Double(value) => Some(any_value::Value::DoubleValue(value)),
        Value::Bytes(bytes) => Some(any_value::Value::BytesValue(bytes.to_owned())),
        Value::Nested(map) if map.is_map() => {
            Some(any_value::Value::KvlistValue(KeyValueList { values: map.entries().map(back_pair).collect() }))
        }
        Value::Nested(array) => {
            Some(any_value::Value::ArrayValue(ArrayValue { values: array.items().map(back_value).collect() }))
        }
    };
    AnyValue { value }
}

fn back_trace(id: TraceId) -> Vec<u8> {
    if id.is_none() { vec![] } else { id.0.to_vec() }
}

fn back_span_id(id: SpanId) -> Vec<u8> {
    if id.is_none() { vec![] } else { id.0.to_vec() }
}

fn back_span(item: SpanItem<'_>) -> Span {
    let (dictionary, rare) = (item.dictionary, item.rare());
    let event = |event: &otail::columns::SpanEventRow| Event {
        time_unix_nano: event.time.0,
        name: dictionary.text(event.name).to_owned(),
        attributes: back_list(dictionary, event.attributes),
        dropped_attributes_count: event.dropped,
    };
    let link = |link: &otail::columns::LinkRow| Link {
        trace_id: back_trace(link.trace),
        span_id: back_span_id(link.span),
        trace_state: dictionary.text(link.trace_state).to_owned(),
        attributes: back_list(dictionary, link.attributes),
        dropped_attributes_count: link.dropped,
        flags: link.flags,
    };
    Span {
        trace_id: back_trace(item.trace()),
        span_id: back_span_id(item.id()),
        trace_state: dictionary.text(rare.trace_state).to_owned(),
        parent_span_id: back_span_id(item.parent()),
        flags: item.flags(),
        name: item.name().to_owned(),
        kind: item.kind().code().into(),
        start_time_unix_nano: item.start().0,
        end_time_unix_nano: item.end().0,
        attributes: item.attributes().map(back_pair).collect(),
        dropped_attributes_count: rare.dropped_attributes,
        events: item.events().map(event).collect(),
        dropped_events_count: rare.dropped_events,
        links: item.links().map(link).collect(),
        dropped_links_count: rare.dropped_links,
        status: Some(Status {
            message: dictionary.text(rare.status_message).to_owned(),
            code: item.status().code().into(),
        }),
    }
}

fn back_log(item: LogItem<'_>) -> LogRecord {
    LogRecord {
        time_unix_nano: item.columns.time[item.row].0,
        observed_time_unix_nano: item.observed().0,
        severity_number: item.severity().0,
        severity_text: item.severity_text().to_owned(),
        body: Some(back_value(item.body())),
        attributes: item.attributes().map(back_pair).collect(),
        dropped_attributes_count: item.dropped(),
        flags: item.flags(),
        trace_id: back_trace(item.trace()),
        span_id: back_span_id(item.span()),
        event_name: item.event_name().to_owned(),
    }
}

fn back_metric(item: PointItem<'_>) -> otlp::Metric {
    let metric = item.metric();
    let aggregation_temporality = metric.temporality.code().into();
    let text = |id| item.dictionary.text(id).to_owned();
    let data = match metric.kind {
        MetricType::Gauge => Data::Gauge(otlp::Gauge { data_points: vec![back_number(item)] }),
        MetricType::Sum => Data::Sum(otlp::Sum {
            data_points: vec![back_number(item)],
            aggregation_temporality,
            is_monotonic: metric.monotonic,
        }),
        MetricType::Histogram => {
            Data::Histogram(otlp::Histogram { data_points: vec![back_histogram(item)], aggregation_temporality })
        }
        MetricType::ExponentialHistogram => Data::ExponentialHistogram(otlp::ExponentialHistogram {
            data_points: vec![back_exponential(item)],
            aggregation_temporality,
        }),
        MetricType::Summary => Data::Summary(otlp::Summary { data_points: vec![back_summary(item)] }),
    };
    otlp::Metric {
        name: text(metric.name),
        description: text(metric.description),
        unit: text(metric.unit),
        metadata: back_list(item.dictionary, metric.metadata),
        data: Some(data),
    }
}

fn back_exemplars(item: PointItem<'_>) -> Vec<otlp::Exemplar> {
    let exemplar = |exemplar: &Exemplar| otlp::Exemplar {
        filtered_attributes: back_list(item.dictionary, exemplar.attributes),
        time_unix_nano: exemplar.time.0,
        span_id: back_span_id(exemplar.span),
        trace_id: back_trace(exemplar.trace),
        value: match exemplar.value() {
            PointValue::Int(value) => Some(exemplar::Value::AsInt(value)),
            PointValue::Double(value) => Some(exemplar::Value::AsDouble(value)),
            _ => None,
        },
    };
    item.exemplars().map(exemplar).collect()
}

fn back_number(item: PointItem<'_>) -> NumberDataPoint {
    NumberDataPoint {
        attributes: item.attributes().map(back_pair).collect(),
        start_time_unix_nano: item.start().0,
        time_unix_nano: item.time().0,
        exemplars: back_exemplars(item),
        flags: item.flags(),
        value: match item.value() {
            PointValue::Int(value) => Some(number_data_point::Value::AsInt(value)),
            PointValue::Double(value) => Some(number_data_point::Value::AsDouble(value)),
            _ => None,
        },
    }
}

fn back_histogram(item: PointItem<'_>) -> HistogramDataPoint {
    let PointValue::Distribution(value) = item.value() else {
        return HistogramDataPoint {
            attributes: item.attributes().map(back_pair).collect(),
            start_time_unix_nano: item.start().0,
            time_unix_nano: item.time().0,
            exemplars: back_exemplars(item),
            flags: item.flags(),
            ..HistogramDataPoint::default()
        };
    };
    let Buckets::Explicit { bounds, counts } = &value.buckets else { panic!("and explicit buckets") };
    HistogramDataPoint {
        attributes: item.attributes().map(back_pair).collect(),
        start_time_unix_nano: item.start().0,
        time_unix_nano: item.time().0,
        count: value.count,
        sum: value.sum,
        bucket_counts: item.columns.counts(counts).to_vec(),
        explicit_bounds: item.doubles(*bounds).collect(),
        exemplars: back_exemplars(item),
        flags: item.flags(),
        min: value.min,
        max: value.max,
    }
}

fn back_exponential(item: PointItem<'_>) -> ExponentialHistogramDataPoint {
    let PointValue::Distribution(value) = item.value() else {
        return ExponentialHistogramDataPoint {
            attributes: item.attributes().map(back_pair).collect(),
            start_time_unix_nano: item.start().0,
            time_unix_nano: item.time().0,
            exemplars: back_exemplars(item),
            flags: item.flags(),
            positive: Some(ExponentialBuckets::default()),
            negative: Some(ExponentialBuckets::default()),
            ..ExponentialHistogramDataPoint::default()
        };
    };
    let Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative } = &value.buckets else {
        panic!("and exponential buckets")
    };
    let side = |(offset, counts): &(i32, std::ops::Range<u32>)| ExponentialBuckets {
        offset: *offset,
        bucket_counts: item.columns.counts(counts).to_vec(),
    };
    ExponentialHistogramDataPoint {
        attributes: item.attributes().map(back_pair).collect(),
        start_time_unix_nano: item.start().0,
        time_unix_nano: item.time().0,
        count: value.count,
        sum: value.sum,
        scale: *scale,
        zero_count: *zero_count,
        positive: Some(side(positive)),
        negative: Some(side(negative)),
        flags: item.flags(),
        exemplars: back_exemplars(item),
        min: value.min,
        max: value.max,
        zero_threshold: *zero_threshold,
    }
}

fn back_summary(item: PointItem<'_>) -> SummaryDataPoint {
    let PointValue::Distribution(value) = item.value() else {
        return SummaryDataPoint {
            attributes: item.attributes().map(back_pair).collect(),
            start_time_unix_nano: item.start().0,
            time_unix_nano: item.time().0,
            flags: item.flags(),
            ..SummaryDataPoint::default()
        };
    };
    let Buckets::Quantiles(pairs) = value.buckets else { panic!("and quantiles") };
    let doubles: Vec<f64> = item.doubles(pairs).collect();
    SummaryDataPoint {
        attributes: item.attributes().map(back_pair).collect(),
        start_time_unix_nano: item.start().0,
        time_unix_nano: item.time().0,
        count: value.count,
        sum: value.sum.unwrap_or_default(),
        quantile_values: doubles.chunks(2).map(|pair| ValueAtQuantile { quantile: pair[0], value: pair[1] }).collect(),
        flags: item.flags(),
    }
}
