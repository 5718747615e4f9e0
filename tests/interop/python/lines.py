"""Makes the line that `otail tail -o json` must print for an item, from the SDK's own objects.

The objects come from the exporter's input, so nothing here passes through protobuf or OTLP's JSON: if the SDK's encoding or
otail's decoding lost a value, the two sides would differ.
"""

import base64
import datetime
import math


def spans(batch):
    for span in batch:
        context = span.get_span_context()
        yield line(
            signal="span",
            trace_id=f"{context.trace_id:032x}",
            span_id=f"{context.span_id:016x}",
            parent_span_id=f"{span.parent.span_id:016x}" if span.parent else None,
            trace_state=context.trace_state.to_header(),
            name=span.name,
            service=span.resource.attributes.get("service.name"),
            kind=span.kind.name.lower(),
            start=time(span.start_time),
            end=time(span.end_time),
            duration_ns=span.end_time - span.start_time,
            status=span.status.status_code.name.lower(),
            status_message=span.status.description,
            attributes=mapping(span.attributes),
            resource=mapping(span.resource.attributes),
            scope=scope(span.instrumentation_scope),
            # Bit 8: it is known whether the parent is remote. Bit 9: it is remote.
            flags=0x100 | (0x200 if span.parent and span.parent.is_remote else 0),
            events=[
                line(name=event.name, time=time(event.timestamp), attributes=mapping(event.attributes))
                for event in span.events
            ],
            links=[
                line(
                    trace_id=f"{link.context.trace_id:032x}",
                    span_id=f"{link.context.span_id:016x}",
                    flags=0x100 | (0x200 if link.context.is_remote else 0),
                    attributes=mapping(link.attributes),
                )
                for link in span.links
            ],
        )


def logs(batch):
    for readable in batch:
        record = readable.log_record
        yield line(
            signal="log",
            time=time(record.timestamp),
            observed=time(record.observed_timestamp),
            severity=record.severity_text,
            severity_number=record.severity_number.value if record.severity_number else None,
            body=value(record.body),
            event_name=record.event_name,
            trace_id=f"{record.trace_id:032x}" if record.trace_id else None,
            span_id=f"{record.span_id:016x}" if record.span_id else None,
            service=readable.resource.attributes.get("service.name"),
            attributes=mapping(record.attributes),
            resource=mapping(readable.resource.attributes),
            scope=scope(readable.instrumentation_scope),
            flags=int(record.trace_flags) or None,
        )


def metrics(data):
    for of_resource in data.resource_metrics:
        for of_scope in of_resource.scope_metrics:
            for metric in of_scope.metrics:
                for point in metric.data.data_points:
                    yield line(
                        signal="metric",
                        name=metric.name,
                        unit=metric.unit,
                        description=metric.description,
                        service=of_resource.resource.attributes.get("service.name"),
                        time=time(point.time_unix_nano),
                        **shape(metric.data, point),
                        exemplars=[exemplar(item) for item in point.exemplars],
                        attributes=mapping(point.attributes),
                        resource=mapping(of_resource.resource.attributes),
                        scope=scope(of_scope.scope),
                    )


def shape(data, point):
    kind = {"Gauge": "gauge", "Sum": "sum", "Histogram": "histogram", "ExponentialHistogram": "exponential_histogram"}[
        type(data).__name__
    ]
    if kind == "gauge":
        # The SDK's exporter sends no start time with a gauge.
        return {"type": kind, "value": value(point.value)}
    common = {
        "type": kind,
        "temporality": data.aggregation_temporality.name.lower(),
        "start": time(point.start_time_unix_nano),
    }
    if kind == "sum":
        return common | {"monotonic": data.is_monotonic, "value": value(point.value)}
    # A histogram's own fields are doubles in OTLP, whatever their type in Python.
    common |= {"count": point.count, "sum": float(point.sum), "min": float(point.min), "max": float(point.max)}
    if kind == "histogram":
        bounds = [float(bound) for bound in point.explicit_bounds]
        return common | {"buckets": {"bounds": bounds, "counts": list(point.bucket_counts)}}
    return common | {
        "exponential": {
            "scale": point.scale,
            "zero_count": point.zero_count,
            "zero_threshold": 0,
            "positive": buckets(point.positive),
            "negative": buckets(point.negative),
        }
    }


def buckets(of_sign):
    counts = list(of_sign.bucket_counts)
    return {"offset": of_sign.offset if counts else 0, "counts": counts}


def exemplar(item):
    return line(
        time=time(item.time_unix_nano),
        value=value(item.value),
        trace_id=f"{item.trace_id:032x}" if item.trace_id else None,
        span_id=f"{item.span_id:016x}" if item.span_id else None,
        attributes=mapping(item.filtered_attributes),
    )


def scope(of_item):
    return line(
        name=of_item.name,
        version=of_item.version,
        schema_url=of_item.schema_url,
        attributes=mapping(of_item.attributes),
    )


def line(**fields):
    """The line without empty fields: OTLP does not distinguish them from absent ones."""
    return {key: field for key, field in fields.items() if field is not None and field not in ("", {}, [])}


def mapping(attributes):
    return {key: value(item) for key, item in (attributes or {}).items()}


def value(item):
    if isinstance(item, float) and not math.isfinite(item):
        return "NaN" if math.isnan(item) else "Infinity" if item > 0 else "-Infinity"
    if isinstance(item, bytes):
        return base64.b64encode(item).decode()
    if item is None or isinstance(item, (bool, int, float, str)):
        return item
    if hasattr(item, "items"):
        return mapping(item)
    return [value(inner) for inner in item]


def time(nanos):
    """RFC 3339, UTC, nine digits; None for 0, which means no time."""
    if not nanos:
        return None
    seconds, fraction = divmod(nanos, 1_000_000_000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:09}Z"
