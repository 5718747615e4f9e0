"""Sends traces, metrics and logs with the OpenTelemetry SDK, and writes a manifest of them.

    send.py --protocol grpc|http --compression NAME --endpoint URL --manifest FILE

NAME: none, gzip or deflate (by the SDK itself), or over HTTP one of `packing.PACKERS`, as the Collector sends them.

FILE becomes a JSON array: for each item the line that `otail tail -o json` must print, without `source` and `received`.
Ends with an error if an export fails, or if the exporters got another number of items than this script made.
"""

import argparse
import importlib
import json

import lines
import packing
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.metrics import Observation
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics import (
    Counter,
    Histogram,
    MeterProvider,
    ObservableCounter,
    TraceBasedExemplarFilter,
)
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    MetricExporter,
    MetricExportResult,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
)

EVERY_TYPE = {
    "text": "plain",
    "text.empty": "",
    "text.unicode": "žluťoučký kůň 🐎 \u202e\u200b",
    "text.control": "a\x1b[2J\x1b]52;c;Zm9v\x07\x9b\x00\x7f\r\n\tb",
    "text.quotes": '"\\/',
    "text.long": "0123456789" * 2_000,
    "bool.true": True,
    "bool.false": False,
    "int": 42,
    "int.zero": 0,
    "int.max": 2**63 - 1,
    "int.min": -(2**63),
    "int.over.2^53": 2**53 + 1,
    "double": 0.1,
    "double.whole": 3.0,
    "double.tiny": 5e-324,
    "double.huge": 1.7976931348623157e308,
    "double.nan": float("nan"),
    "double.infinity": float("inf"),
    "double.minus.infinity": float("-inf"),
    "bytes": bytes(range(256)),
    "bytes.empty": b"",
    "array.text": ["a", "", "c"],
    "array.bool": [True, False],
    "array.int": [1, -1, 2**63 - 1],
    "array.double": [0.5, -0.5],
    "array.mixed": ["a", 1, 2.5, False, None, b"\x00\xff", [], {}],
    "array.empty": [],
    "map": {"a": 1, "b": {"c": [{"d": "deep"}]}},
    "map.empty": {},
    "empty": None,
    "key with spaces": 1,
    "ключ": "value",
}

BULK = 300
REMOTE = SpanContext(
    trace_id=0x0AF7651916CD43DD8448EB211C80319C,
    span_id=0xB7AD6B7169203331,
    is_remote=True,
    trace_flags=TraceFlags(TraceFlags.SAMPLED),
    trace_state=TraceState([("rojo", "00f067aa0ba902b7"), ("congo", "t61rcWkgMzE")]),
)


class Recording:
    """Wraps an exporter and records the lines that otail must print for the exported items."""

    def __init__(self, exporter, owed, read, success):
        self.exporter, self.owed, self.read, self.success = exporter, owed, read, success
        self.failed = None

    def pass_on(self, batch, **options):
        self.owed.extend(self.read(batch))
        result = self.exporter.export(batch, **options)
        if result is not self.success:
            self.failed = f"{type(self.exporter).__name__} answered {result}"
        return result

    def shutdown(self, *_, **__):
        self.exporter.shutdown()

    def force_flush(self, *_, **__):
        return True


class RecordingSpans(Recording, SpanExporter):
    def export(self, batch):
        return self.pass_on(batch)


class RecordingLogs(Recording, LogRecordExporter):
    def export(self, batch):
        return self.pass_on(batch)


class RecordingMetrics(Recording, MetricExporter):
    def __init__(self, exporter, *rest):
        MetricExporter.__init__(self, exporter._preferred_temporality, exporter._preferred_aggregation)
        Recording.__init__(self, exporter, *rest)

    def export(self, batch, timeout_millis=10_000, **_):
        return self.pass_on(batch, timeout_millis=timeout_millis)


def make_exporter(options, signal, **more):
    module = f"opentelemetry.exporter.otlp.proto.{options.protocol}.{signal}_exporter"
    name = {"trace": "OTLPSpanExporter", "metric": "OTLPMetricExporter", "_log": "OTLPLogExporter"}[signal]
    endpoint = options.endpoint
    own = {"none": "NoCompression", "gzip": "Gzip", "deflate": "Deflate"}.get(options.compression)
    if options.protocol == "grpc":
        from grpc import Compression

        more |= {"insecure": True}
    else:
        from opentelemetry.exporter.otlp.proto.http import Compression

        endpoint += {"trace": "/v1/traces", "metric": "/v1/metrics", "_log": "/v1/logs"}[signal]
        if own is None:
            more |= {"session": packing.Session(options.compression)}
    more |= {"compression": getattr(Compression, own or "NoCompression")}
    return getattr(importlib.import_module(module), name)(endpoint=endpoint, timeout=30, **more)


def resources():
    everything = {f"resource.{key}": value for key, value in EVERY_TYPE.items()}
    yield Resource.create({"service.name": "checkout", "service.version": "1.4.0", "host.name": "web-3"} | everything)
    yield Resource.create({"service.name": "payments", "host.name": "web-4"})


def send_traces(options, resource):
    """Returns the exporter and the number of ended spans."""
    owed = []
    exporter = RecordingSpans(make_exporter(options, "trace"), owed, lines.spans, SpanExportResult.SUCCESS)
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=4_096, max_export_batch_size=64))
    tracer = provider.get_tracer(
        "shop.orders", "2.1.0", schema_url="https://opentelemetry.io/schemas/1.37.0", attributes={"scope.attribute": True}
    )
    bare = provider.get_tracer("shop.bare")
    ended = 0

    with tracer.start_as_current_span("POST /orders", kind=SpanKind.SERVER, attributes=EVERY_TYPE) as server:
        server.add_event("cart read", {"items": 3, "skus": ["a-1", "b-2"]})
        server.add_event("no attributes", timestamp=1_700_000_000_000_000_001)
        server.add_event("every type", EVERY_TYPE)
        for kind in (SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER):
            with tracer.start_as_current_span(f"child {kind.name}", kind=kind):
                with bare.start_as_current_span("grandchild", attributes={"kind": kind.name}):
                    pass
                ended += 2
        server.set_status(Status(StatusCode.OK))
    ended += 1

    with tracer.start_as_current_span("fails", set_status_on_exception=False) as span:
        try:
            raise ValueError("payment declined: žádné peníze")
        except ValueError as error:
            span.record_exception(error, {"exception.retry": False})
            span.set_status(Status(StatusCode.ERROR, "payment declined"))
    ended += 1

    remote = trace.set_span_in_context(NonRecordingSpan(REMOTE))
    links = [Link(REMOTE, EVERY_TYPE), Link(server.get_span_context()), Link(server.get_span_context(), {"twice": True})]
    tracer.start_span("remote parent, trace state, links", context=remote, links=links).end()
    tracer.start_span("zero length", start_time=1_700_000_000_000_000_007).end(1_700_000_000_000_000_007)
    tracer.start_span("first nanosecond", start_time=1).end(2)
    tracer.start_span("many attributes", attributes={f"key.{n}": n for n in range(128)}).end()
    tracer.start_span("").end()
    ended += 5

    for number in range(BULK):
        bare.start_span(f"bulk {number % 7}", attributes={"number": number, "even": number % 2 == 0}).end()
    provider.shutdown()
    return exporter, ended + BULK


def send_logs(options, resource):
    """Returns the exporter and the number of emitted records."""
    owed = []
    exporter = RecordingLogs(make_exporter(options, "_log"), owed, lines.logs, LogRecordExportResult.SUCCESS)
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter, max_export_batch_size=32))
    logger = provider.get_logger("shop.log", "0.9.0", attributes={"scope.attribute": "log"})
    tracer = TracerProvider(resource=resource).get_tracer("shop.log.context")
    emitted = 0

    def emit(**fields):
        nonlocal emitted
        emitted += 1
        fields.setdefault("timestamp", 1_700_000_000_000_000_000 + emitted)
        logger.emit(LogRecord(observed_timestamp=1_700_000_001_000_000_000 + emitted, **fields))

    for severity in SeverityNumber:
        if severity is not SeverityNumber.UNSPECIFIED:
            emit(severity_number=severity, severity_text=severity.name, body=f"severity {severity.value}")
    emit(severity_number=SeverityNumber.WARN, severity_text="Achtung", body="a severity by a text of its own")
    emit(body="no severity")
    emit(severity_number=SeverityNumber.INFO, severity_text="INFO")
    for body in EVERY_TYPE.values():
        emit(severity_number=SeverityNumber.INFO, severity_text="INFO", body=body)
    emit(severity_number=SeverityNumber.INFO, severity_text="INFO", body=EVERY_TYPE, attributes=EVERY_TYPE)
    emit(severity_number=SeverityNumber.INFO, severity_text="INFO", body={"total": 3}, event_name="cart.checked_out")
    emit(severity_number=SeverityNumber.INFO, severity_text="INFO", body="two\nlines\r\n")
    with tracer.start_as_current_span("in a span"):
        emit(severity_number=SeverityNumber.ERROR, severity_text="ERROR", body="in a trace", attributes={"n": 1})
    provider.shutdown()
    return exporter, emitted


def send_metrics(options, resource, temporality):
    """Returns the exporter. The measurements are fixed, so the sums are checked here."""
    owed = []
    preferred = {kind: temporality for kind in (Counter, Histogram, ObservableCounter)}
    exporter = RecordingMetrics(
        make_exporter(options, "metric", preferred_temporality=preferred),
        owed,
        lines.metrics,
        MetricExportResult.SUCCESS,
    )
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    provider = MeterProvider(
        [reader],
        resource=resource,
        exemplar_filter=TraceBasedExemplarFilter(),
        views=[
            View(instrument_name="*.exponential", aggregation=ExponentialBucketHistogramAggregation(max_size=20)),
            View(instrument_name="bounds", aggregation=ExplicitBucketHistogramAggregation((0, 2.5, 1e6))),
            # The attribute that the view removes appears in the exemplars.
            View(instrument_name="filtered", attribute_keys={"kept"}),
        ],
    )
    meter = provider.get_meter("shop.meter", "3.0.0", attributes={"scope.attribute": 7})
    tracer = TracerProvider(resource=resource).get_tracer("shop.meter.context")

    counter = meter.create_counter("orders", unit="{order}", description="Orders taken")
    amount = meter.create_counter("amount", unit="EUR")
    active = meter.create_up_down_counter("active", unit="1")
    gauge = meter.create_gauge("temperature", unit="Cel")
    latency = meter.create_histogram("latency", unit="ms")
    bounds = meter.create_histogram("bounds")
    exponential = meter.create_histogram("latency.exponential", unit="s")
    filtered = meter.create_counter("filtered")
    meter.create_observable_counter("cpu", [lambda _: [Observation(12.5, {"mode": "user"}), Observation(3, {})]], "s")
    meter.create_observable_gauge("queue", [lambda _: [Observation(-4, EVERY_TYPE)]])
    meter.create_observable_up_down_counter("connections", [lambda _: [Observation(17, {"state": "idle"})]])

    for turn in range(3):
        with tracer.start_as_current_span(f"turn {turn}"):
            for number in range(1, 11):
                counter.add(number, {"region": "north" if number % 2 else "south"})
                latency.record(number * 7.5, {"route": "/cart"})
                exponential.record(number * 0.013, {"route": "/cart"})
            filtered.add(5, {"kept": "yes", "taken": "away"})
        amount.add(0.1)
        active.add(3 - 2 * turn, {"pool": "a"})
        gauge.set(21.5 + turn, {"room": "server"})
        gauge.set(turn, {"room": "whole number"})
        bounds.record(2.5)
        bounds.record(0)
        bounds.record(2**40)
        exponential.record(0, {"route": "/zero"})
        exponential.record(1e-9, {"route": "/wide"})
        exponential.record(1e9, {"route": "/wide"})
        provider.force_flush()
    provider.shutdown()

    def values(name, **attributes):
        return [line["value"] for line in owed if line["name"] == name and line.get("attributes", {}) == attributes]

    north = values("orders", region="north")
    cumulative = temporality is AggregationTemporality.CUMULATIVE
    assert north[:3] == ([25, 50, 75] if cumulative else [25, 25, 25]), north
    assert values("active", pool="a")[:3] == [3, 4, 3]
    assert any("exemplars" in line for line in owed if line["name"] == "latency")
    assert any("exemplars" in line for line in owed if line["name"] == "filtered")
    types = {line["type"] for line in owed}
    assert types == {"sum", "gauge", "histogram", "exponential_histogram"}, types
    return exporter


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--protocol", choices=["grpc", "http"], required=True)
    parser.add_argument("--compression", choices=["none", "gzip", "deflate", *packing.PACKERS], required=True)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--manifest", required=True)
    options = parser.parse_args()
    assert options.protocol == "http" or options.compression not in packing.PACKERS

    owed = []
    for resource in resources():
        counted = [send_traces(options, resource), send_logs(options, resource)]
        for exporter, made in counted:
            assert len(exporter.owed) == made, f"{made} items were made, {len(exporter.owed)} came to the exporter"
        exporters = [exporter for exporter, _ in counted]
        for temporality in (AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA):
            exporters.append(send_metrics(options, resource, temporality))
        for exporter in exporters:
            assert exporter.failed is None, exporter.failed
            owed.extend(exporter.owed)
    with open(options.manifest, "w", encoding="utf-8") as manifest:
        json.dump(owed, manifest, ensure_ascii=False, allow_nan=False)


main()
