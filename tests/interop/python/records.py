"""Span records in every shape that live streams are known to send, each with the line that otail must print for it.

A printed line must have at least these fields: its `attributes` may have more entries, and it may have more keys.
"""

import datetime
import json
import re

KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]
STATES = ["unset", "ok", "error"]
START = 1_755_000_000_123_456_700


def span(number):
    """The data of the span with this number, independent of any shape."""
    start = START + number * 1_000_000_000
    return {
        "trace_id": f"{0x4BF92F3577B34DA6 + number // 4:016x}{0xA3CE929D0E0E4736:016x}",
        "span_id": f"{0x00F067AA0BA90000 + number:016x}",
        "parent_span_id": f"{0x00F067AA0BA90000 + number - 1:016x}" if number % 4 else None,
        "name": f"chat мoдель-🐎 {number}",
        "service": f"assistent-{number % 3}",
        "session": f"sess-{number % 5}",
        "kind": number % 6,
        "start": start,
        "end": start + 1_500_000 * (number % 7),
        "status": number % 3,
        "status_message": "перегружен" if number % 3 == 2 else None,
        "model": f"gpt-{number % 2}",
        "tokens": 100 + number,
        "text": f"value {number} “ŭ”",
    }


def line(number):
    of = span(number)
    attributes = {
        "gen_ai.request.model": of["model"],
        "gen_ai.usage.input_tokens": of["tokens"],
        "session.id": of["session"],
        "app.text": of["text"],
    }
    owed = {
        "signal": "span",
        "trace_id": of["trace_id"],
        "span_id": of["span_id"],
        "parent_span_id": of["parent_span_id"],
        "name": of["name"],
        "service": of["service"],
        "kind": KINDS[of["kind"]],
        "start": time(of["start"], 9),
        "end": time(of["end"], 9),
        "duration_ns": of["end"] - of["start"],
        "status": STATES[of["status"]],
        "status_message": of["status_message"],
        "attributes": attributes,
    }
    return {key: value for key, value in owed.items() if value is not None}


def record(number):
    """The record with this number; the shapes take turns."""
    return SHAPES[number % len(SHAPES)](span(number))


def protocol(of):
    return common(of) | {
        "kind": of["kind"],
        "startTimeUnixNano": {"value": of["start"]},
        "endTimeUnixNano": {"value": of["end"]},
        "durationNs": of["end"] - of["start"],
        "statusCode": of["status"],
        "genAi": {
            "providerName": "openai",
            "operationName": "chat",
            "requestModel": of["model"],
            "inputTokens": of["tokens"],
            "finishReasons": ["stop"],
            "isGenAi": True,
        },
        "attributes": {"app.text": of["text"]},
    }


def storage_row(of):
    return common(of) | {
        "kind": str(of["kind"]),
        "startTime": time(of["start"], 7),
        "endTime": time(of["end"], 7),
        "statusCode": of["status"],
        "providerName": "openai",
        "requestModel": of["model"],
        "tokensIn": of["tokens"],
        "tokensOut": None,
        "costUsd": 0.0125,
        "evalScore": None,
        "attributes": json.dumps({"app.text": of["text"]}),
        "events": "[]",
    }


def streamed(of):
    return common(of) | {
        "kind": of["kind"],
        "startTimeUnixNano": of["start"],
        "endTimeUnixNano": of["end"],
        "durationNs": of["end"] - of["start"],
        "statusCode": of["status"],
        "genAiProviderName": "openai",
        "genAiRequestModel": of["model"],
        "genAiInputTokens": of["tokens"],
        "genAiTemperature": 0.5,
        "attributesJson": json.dumps({"app.text": of["text"]}, ensure_ascii=False),
        "resourceJson": json.dumps({"host.name": "web-3"}),
        "eventsJson": None,
        "linksJson": None,
    }


def dashboard(of):
    return common(of) | {
        "serviceVersion": "1.2.3",
        "kind": KINDS[of["kind"]],
        "startTime": time(of["start"], 7),
        "endTime": time(of["end"], 7),
        "durationMs": (of["end"] - of["start"]) / 1_000_000,
        "status": STATES[of["status"]],
        "genai": {"providerName": "openai", "requestModel": of["model"], "inputTokens": of["tokens"]},
        "attributes": {"app.text": of["text"]},
        "events": [{"name": "first token", "timestamp": time(of["start"], 7), "attributes": {"n": 1}}],
        "links": [{"traceId": of["trace_id"], "spanId": of["span_id"]}],
    }


def with_texts(of):
    """The shape with nanoseconds as decimal strings."""
    return streamed(of) | {
        "startTimeUnixNano": str(of["start"]),
        "endTimeUnixNano": str(of["end"]),
        "genAiOperationName": "chat",
        "attributesJson": None,
        "attributes": {"app.text": of["text"]},
    }


def snake_case(of):
    return {re.sub("[A-Z]", lambda upper: "_" + upper[0].lower(), key): value for key, value in streamed(of).items()}


SHAPES = [protocol, storage_row, streamed, dashboard, with_texts, snake_case]


def common(of):
    return {
        "traceId": of["trace_id"],
        "spanId": of["span_id"],
        "parentSpanId": of["parent_span_id"],
        "sessionId": of["session"],
        "name": of["name"],
        "serviceName": of["service"],
        "statusMessage": of["status_message"],
    }


def time(nanos, digits):
    seconds, fraction = divmod(nanos, 1_000_000_000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{f'{fraction:09}'[:digits]}Z"
