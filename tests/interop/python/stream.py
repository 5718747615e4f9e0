"""A live span stream by sse-starlette, with faults on request.

    stream.py --port 0 --manifest FILE

Prints `{"port": N}` once it listens. `GET /spans` streams the TOTAL spans of records.py and stays open; `GET /live`
sends one every 50 ms for ever. Both resume after `Last-Event-ID`. The query sets the form:

    separator=crlf|cr|lf    the line end
    bom=1                   a byte order mark at the start
    cut=N                   chunks of N bytes, regardless of lines and characters
    drop=N                  the connection is dropped after each N events, in the middle of the next one
    overlap=N               a resumed stream begins N events early

FILE becomes a JSON array of the lines that `otail tail -o json` must print for `/spans`, in order.
"""

import argparse
import asyncio
import json
import socket

import records
import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.routing import Route

TOTAL = 66
SEPARATORS = {"crlf": "\r\n", "cr": "\r", "lf": "\n"}


class Dropped(Exception):
    """Ends a response in the middle, without the last chunk."""


def bare(event, batch):
    return {"event": "span", "data": dump(batch[0])}


def typed(event, batch):
    return {"event": "span", "data": dump({"type": "span", "data": batch[0], "id": batch[0].get("spanId")})}


def double_wrapped(event, batch):
    return {
        "event": "span",
        "data": dump({"data": batch[0], "eventType": "span", "eventId": None, "reconnectionInterval": None}),
        "id": None,
    }


def unnamed(event, batch):
    inner = {"eventType": "spans", "data": {"spans": batch}, "timestamp": "2026-11-20T10:00:15Z"}
    return {"data": dump({"data": inner, "eventType": "spans"})}


def shouted(event, batch):
    return {"event": "SPANS", "data": dump({"data": {"spans": batch}, "eventType": "SPANS"})}


def many_lines(event, batch):
    return {"event": "spans", "data": json.dumps(batch, ensure_ascii=False, indent=1)}


# The wrappings of the records of an event, and the number of records in each: 11 in a round. With 6 shapes of records, each
# shape occurs in each wrapping within 6 rounds.
WRAPPINGS = [(bare, 1), (typed, 1), (double_wrapped, 1), (unnamed, 4), (shouted, 2), (many_lines, 2)]


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def events():
    """Yields the number and the fields of each event, without end."""
    number, event = 0, 0
    while True:
        wrap, count = WRAPPINGS[event % len(WRAPPINGS)]
        batch = [records.record(number + index) for index in range(count)]
        yield event, {"id": f"e1-{event}"} | wrap(event, batch), number + count
        number, event = number + count, event + 1


def encode(separator, **fields):
    return ServerSentEvent(**fields, sep=separator).encode()


async def stream(request, endless):
    query = request.query_params
    separator = SEPARATORS[query.get("separator", "crlf")]
    drop, overlap = int(query.get("drop", 0)), int(query.get("overlap", 0))
    last = request.headers.get("last-event-id")
    first = max(0, int(last.removeprefix("e1-")) + 1 - overlap) if last else 0
    if query.get("bom"):
        yield "\ufeff".encode()
    hello = dump({"data": {"eventType": "connected", "data": {"connectionId": "7f1c20aa"}}, "eventType": "connected"})
    yield encode(separator, comment="a comment", retry=100)
    yield encode(separator, data=hello)
    for event, fields, sent in events():
        if event < first:
            continue
        if drop and event >= first + drop:
            torn = encode(separator, **fields)
            yield torn[: len(torn) - 20]
            raise Dropped
        yield encode(separator, **fields)
        if event % 5 == 4:
            beat = {"type": "heartbeat", "timestamp": "2026-11-20T10:00:15Z", "dropped": 0}
            yield encode(separator, event="heartbeat", data=dump(beat))
        if endless:
            await asyncio.sleep(0.05)
        elif sent >= TOTAL:
            break
    yield encode(separator, id="e1-end", event="deploy", data=dump({"version": "1.2", "at": [1, None]}))
    yield encode(separator, event="note", data="no JSON\nin two lines")
    await asyncio.Event().wait()


async def cut(chunks, size):
    async for chunk in chunks:
        for start in range(0, len(chunk), size):
            yield chunk[start : start + size]


def respond(endless):
    async def answer(request):
        size = int(request.query_params.get("cut", 1 << 20))
        return EventSourceResponse(cut(stream(request, endless), size), ping=0)

    return answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--manifest")
    options = parser.parse_args()
    if options.manifest:
        with open(options.manifest, "w", encoding="utf-8") as manifest:
            json.dump([records.line(number) for number in range(TOTAL)], manifest)

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    listener.listen()
    app = Starlette(routes=[Route("/spans", respond(False)), Route("/live", respond(True))])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    asyncio.run(server.serve(sockets=[listener]))


main()
