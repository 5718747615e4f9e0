"""Serves metrics for polling: by prometheus_client in both of its text formats, and as OTLP JSON and protobuf.

    metrics.py --port 0

Prints `{"port": N, "begun": SECONDS}` once it listens. A counter rises by ten a second after `begun`:

    GET /metrics          prometheus_client, in the format of the Accept header
    GET, POST /otlp/json, /otlp/protobuf
                          ten times the seconds since `begun`, as a MetricsData with one sum; compressed if the client accepts it
    GET /locked           the same as /otlp/json for `reader:opensesame`, otherwise 401
"""

import argparse
import base64
import gzip
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, MetricsData
from prometheus_client import CollectorRegistry, Enum, Gauge, Histogram, Info
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import choose_encoder

BEGUN = time.time()
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def risen():
    return int((time.time() - BEGUN) * 10)


class Jobs:
    def collect(self):
        family = CounterMetricFamily("jobs", "Jobs that were done.", labels=["queue"])
        family.add_metric(["größe \\ \"mail\"\n"], risen(), created=BEGUN)
        yield family


def registry():
    registry = CollectorRegistry()
    registry.register(Jobs())
    Gauge("depth_bytes", "What waits.", unit="bytes", registry=registry).set(-1.5)
    latency = Histogram("latency_seconds", "How long.", buckets=[0.1, 0.5], unit="seconds", registry=registry)
    for value in [0.05, 0.3, 7]:
        latency.observe(value, exemplar={"trace_id": TRACE, "span_id": SPAN} if value == 0.3 else None)
    Info("build", "What this is.", registry=registry).info({"version": "1.2"})
    Enum("state", "How it is.", states=["up", "down"], registry=registry).state("up")
    return registry


def otlp():
    data = MetricsData()
    resource = data.resource_metrics.add()
    attribute = resource.resource.attributes.add(key="service.name")
    attribute.value.string_value = "jobs"
    metric = resource.scope_metrics.add().metrics.add(name="jobs.done", unit="{job}")
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    point = metric.sum.data_points.add(start_time_unix_nano=int(BEGUN * 1e9), time_unix_nano=time.time_ns())
    point.as_int = risen()
    return data


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/metrics":
            encode, content_type = choose_encoder(self.headers.get("Accept", ""))
            return self.answer(content_type, encode(REGISTRY))
        if path == "/otlp/protobuf":
            return self.answer("application/x-protobuf", otlp().SerializeToString())
        if path == "/locked" and self.headers.get("Authorization") != "Basic " + base64.b64encode(b"reader:opensesame").decode():
            return self.answer("text/plain", b"who are you?\n", 401, {"WWW-Authenticate": 'Basic realm="jobs"'})
        if path in ["/otlp/json", "/locked"]:
            body = MessageToDict(otlp(), use_integers_for_enums=True)
            return self.answer("application/json", json.dumps(body).encode())
        self.answer("text/plain", b"no such path\n", 404)

    do_POST = do_GET

    def answer(self, content_type, body, status=200, headers={}):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    REGISTRY = registry()
    server = ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler)
    print(json.dumps({"port": server.server_port, "begun": BEGUN}), flush=True)
    server.serve_forever()
