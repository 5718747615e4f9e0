"""Sends requests to an OTLP/gRPC receiver that it must refuse, and prints its answers.

    limits.py ADDRESS

Prints a JSON object: for each case the status code, or `partial` if some items were rejected.
"""

import json
import sys

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

LIMIT = 64 << 20


def call(channel, body, compression=grpc.Compression.NoCompression):
    export = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
    try:
        answer = export(body, timeout=60, compression=compression)
    except grpc.RpcError as error:
        # If the receiver closed the connection, the next call would fail; no answer may do that.
        return error.code().name
    return "partial" if ExportTraceServiceResponse.FromString(answer).HasField("partial_success") else "OK"


def field(number, content):
    length, size = b"", len(content)
    while size >= 0x80:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def padded(size):
    """A valid request of this size without a span: unknown fields of 1 MiB, and a last one for the rest."""
    piece = field(15, bytes(1 << 20))
    body = piece * ((size - 8) // len(piece))
    rest = size - len(body)
    for content in range(rest - 6, rest):
        filling = field(15, bytes(max(content, 0)))
        if len(filling) == rest:
            return body + filling
    raise AssertionError(f"no filling of {rest} bytes")


def nested(depth):
    value = b""
    for _ in range(depth):
        value = field(5, field(1, value))
    attribute = field(1, b"deep") + field(2, value)
    span = field(1, b"\1" * 16) + field(2, b"\2" * 8) + field(5, b"span") + field(9, attribute)
    return field(1, field(2, field(2, span)))


def main():
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(sys.argv[1], options=options) as channel:
        gzip = grpc.Compression.Gzip
        answers = {
            "limit": call(channel, padded(LIMIT)),
            "limit, gzip": call(channel, padded(LIMIT), gzip),
            "over": call(channel, padded(LIMIT + 1)),
            "over, gzip": call(channel, padded(LIMIT + 1), gzip),
            "bomb, gzip": call(channel, padded(8 * LIMIT), gzip),
            "nested": call(channel, nested(10_000)),
            "garbage": call(channel, b"\xff" * 4_096),
            "empty": call(channel, b""),
        }
    print(json.dumps(answers))


main()
