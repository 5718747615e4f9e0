//! One test per rule of the standard; then: chunks do not matter, and the framer agrees with an independent reader.

use super::{Frame, Framer, Limits};
use proptest::prelude::*;

/// A frame that owns its text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Event(String, String, String),
    Comment,
    Retry(u64),
    TooLarge(usize),
}

fn drain(framer: &mut Framer, seen: &mut Vec<Seen>) {
    while let Some(frame) = framer.next() {
        seen.push(match frame {
            Frame::Event { kind, data, id } => Seen::Event(kind.into(), data.into(), id.into()),
            Frame::Comment => Seen::Comment,
            Frame::Retry(milliseconds) => Seen::Retry(milliseconds),
            Frame::TooLarge { limit } => Seen::TooLarge(limit),
        });
    }
}

fn frames_of<'a>(limits: Limits, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Seen> {
    let (mut framer, mut seen) = (Framer::new(limits), Vec::new());
    for chunk in chunks {
        framer.push(chunk);
        drain(&mut framer, &mut seen);
    }
    seen
}

fn frames(stream: &[u8]) -> Vec<Seen> {
    frames_of(Limits::default(), [stream])
}

fn event(kind: &str, data: &str, id: &str) -> Seen {
    Seen::Event(kind.into(), data.into(), id.into())
}

fn message(data: &str) -> Seen {
    event("message", data, "")
}

/// Checks that `stream` gives `expected`, in one chunk and byte by byte.
#[track_caller]
fn check(stream: impl AsRef<[u8]>, expected: &[Seen]) {
    let stream = stream.as_ref();
    assert_eq!(frames(stream), expected, "in one chunk: {}", stream.escape_ascii());
    assert_eq!(frames_of(Limits::default(), stream.chunks(1)), expected, "byte by byte: {}", stream.escape_ascii());
}

#[test]
fn one_leading_byte_order_mark_is_skipped() {
    check("\u{feff}data: a\n\n", &[message("a")]);
    check("\u{feff}: hello\n\u{feff}data: a\n\n", &[Seen::Comment]);
    check("\u{feff}\u{feff}data: a\ndata: b\n\n", &[message("b")]);
    check(b"\xef\xbbdata: a\ndata: b\n\n", &[message("b")]);
}

#[test]
fn lines_end_with_lf_cr_or_both() {
    for bom in ["", "\u{feff}"] {
        for first in ["\n", "\r", "\r\n"] {
            for second in ["\n", "\r", "\r\n"] {
                if (first, second) == ("\r", "\n") {
                    continue; // is one line end
                }
                let stream = format!("{bom}event: e{first}data: a{second}data: b{first}{second}data: c{second}{first}");
                let expected = match (first, second) {
                    // The pair at the very end, CR LF, is one line end: no blank line, c is still pending.
                    ("\n", "\r") => vec![event("e", "a\nb", "")],
                    _ => vec![event("e", "a\nb", ""), message("c")],
                };
                check(&stream, &expected);
            }
        }
    }
}

#[test]
fn a_lone_cr_dispatches_before_its_lf() {
    let (mut framer, mut seen) = (Framer::default(), Vec::new());
    framer.push(b"data: a\r\r");
    drain(&mut framer, &mut seen);
    assert_eq!(seen, [message("a")]);
    framer.push(b"\ndata: b\r");
    framer.push(b"\n");
    drain(&mut framer, &mut seen);
    assert_eq!(seen.len(), 1, "the blank line has not come yet");
    framer.push(b"\r");
    drain(&mut framer, &mut seen);
    assert_eq!(seen[1..], [message("b")]);
}

#[test]
fn a_comment_is_reported_and_changes_nothing() {
    check("data: a\n: data: x\n:\ndata: b\n\n", &[Seen::Comment, Seen::Comment, message("a\nb")]);
}

#[test]
fn the_first_colon_ends_the_name() {
    check("data:a:b\ndata: c\ndata:  d\ndata:\te\n\n", &[message("a:b\nc\n d\n\te")]);
}

#[test]
fn a_line_without_colon_has_no_value() {
    check("data\n\ndata\ndata\n\ndata:\n\n", &[message(""), message("\n"), message("")]);
    check("event: e\nevent\ndata: a\n\n", &[message("a")]);
}

#[test]
fn names_are_case_sensitive_and_may_be_unknown() {
    check("Data: x\nDATA: x\n data: x\ndata : x\nid2: x\nfoo\ndata: a\n\n", &[message("a")]);
}

#[test]
fn the_last_type_applies_to_its_event_only() {
    check("event: x\nevent: span\ndata: a\n\ndata: b\n\n", &[event("span", "a", ""), message("b")]);
    check("event: x\n\ndata: b\n\n", &[message("b")]);
}

#[test]
fn a_block_without_data_is_not_an_event() {
    check("\n\n\nevent: x\n\nid: 1\n\n\n", &[]);
}

#[test]
fn the_id_stays_until_the_next_id() {
    check(
        "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: 2\ndata: d\nid: 3\n\nid:\ndata: e\n\n",
        &[
            event("message", "a", "1"),
            event("message", "b", "1"),
            event("message", "c", ""),
            event("message", "d", "3"),
            event("message", "e", ""),
        ],
    );
}

#[test]
fn an_id_with_nul_is_ignored() {
    check("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", &[event("message", "a", "1"), event("message", "b", "1")]);
}

#[test]
fn an_id_alone_moves_the_position() {
    let mut framer = Framer::default();
    framer.push(b"id: 7\n\n");
    assert!(framer.next().is_none());
    assert_eq!(framer.last_event_id(), "7");
    framer.push(b"data: a\n\n");
    assert_eq!(framer.next(), Some(Frame::Event { kind: "message", data: "a", id: "7" }));
}

#[test]
fn an_unfinished_event_is_forgotten_with_its_id() {
    let mut framer = Framer::default();
    framer.push(b"id: 1\ndata: a\n\nid: 2\nevent: x\ndata: b\n");
    while framer.next().is_some() {}
    framer.restart();
    assert_eq!(framer.last_event_id(), "1");
    framer.push("\u{feff}data: c\n\n".as_bytes());
    assert_eq!(framer.next(), Some(Frame::Event { kind: "message", data: "c", id: "1" }));
    framer.push(b"data: d\r");
    assert_eq!(framer.next(), None);
    framer.restart();
    framer.push(b"\ndata: e\n\n");
    assert_eq!(framer.next(), Some(Frame::Event { kind: "message", data: "e", id: "1" }));
}

#[test]
fn retry_must_be_ascii_digits() {
    check("retry: 1000\n", &[Seen::Retry(1000)]);
    check("retry:007\n", &[Seen::Retry(7)]);
    check("retry: 99999999999999999999999\n", &[Seen::Retry(u64::MAX)]);
    for bad in
        ["retry\n", "retry:\n", "retry: 1s\n", "retry: -1\n", "retry: +1\n", "retry:  1\n", "retry: 1 \n", "retry: ١\n"]
    {
        check(bad, &[]);
    }
}

#[test]
fn invalid_utf8_is_replaced_at_any_cut() {
    check("event: Größe\ndata: 日本🦀\nid: ü\n\n", &[event("Größe", "日本🦀", "ü")]);
    check(
        b"data: a\xffb\xe2\x82\ndata: \x80\nevent: \xf0\x9f\nid: \xc3\n\n",
        &[event("\u{fffd}", "a\u{fffd}b\u{fffd}\n\u{fffd}", "\u{fffd}")],
    );
    check(b"data: \xff\n\ndata: a\n\n", &[message("\u{fffd}"), message("a")]);
}

const SMALL: Limits = Limits { line: 16, event: 24 };

#[test]
fn a_line_over_the_limit_costs_its_event() {
    let long = format!("data: {}", "x".repeat(11));
    let stream = format!("data: a\n\nid: 5\n{long}\ndata: more\n{long}\n\ndata: 0123456789\n\n");
    let expected = [message("a"), Seen::TooLarge(16), event("message", "0123456789", "5")];
    assert_eq!(frames_of(SMALL, [stream.as_bytes()]), expected);
    assert_eq!(frames_of(SMALL, stream.as_bytes().chunks(1)), expected);
}

#[test]
fn data_over_the_limit_costs_its_event() {
    let fits = "data: 0123456789\ndata: 0123456789\ndata: 01\n\n";
    let over = "data: 0123456789\ndata: 0123456789\ndata: 012\ndata: x\n\n";
    let expected = [message("0123456789\n0123456789\n01"), Seen::TooLarge(24), message("a")];
    assert_eq!(frames_of(SMALL, [fits.as_bytes(), over.as_bytes(), b"data: a\n\n"]), expected);
}

#[test]
fn a_comment_over_the_limit_is_a_comment() {
    let stream = format!("data: a\n:{}\ndata: b\n\n", "x".repeat(100));
    let expected = [Seen::Comment, message("a\nb")];
    assert_eq!(frames_of(SMALL, [stream.as_bytes()]), expected);
    assert_eq!(frames_of(SMALL, stream.as_bytes().chunks(1)), expected);
}

#[test]
fn a_huge_line_is_reported_early() {
    let (mut framer, chunk) = (Framer::default(), [b'x'; 65_536]);
    framer.push(b"data: ");
    let (mut reported_after, mut most) = (None, 0);
    for pushed in 0..1_600 {
        framer.push(&chunk);
        while let Some(frame) = framer.next() {
            assert_eq!(frame, Frame::TooLarge { limit: 1 << 20 });
            assert_eq!(reported_after.replace(pushed), None);
        }
        most = most.max(framer.held());
    }
    assert_eq!(reported_after, Some(15), "with the chunk that passes 1 MiB");
    assert!(most <= 4 << 20, "held {most} bytes");
    framer.push(b"\n\ndata: on\n\n");
    assert_eq!(framer.next(), Some(Frame::Event { kind: "message", data: "on", id: "" }));
}

#[test]
fn an_endless_event_keeps_memory_flat() {
    let mut framer = Framer::default();
    let (mut reported, mut most) = (0, 0);
    for _ in 0..400_000 {
        framer.push(b"data: 0123456789012345678901234567890123456789\nevent: 0123456789\nid: 1\n");
        while let Some(frame) = framer.next() {
            assert_eq!(frame, Frame::TooLarge { limit: 4 << 20 });
            reported += 1;
        }
        most = most.max(framer.held());
    }
    assert_eq!(reported, 1);
    assert!(most <= 9 << 20, "held {most} bytes");
}

#[test]
fn a_line_byte_by_byte_takes_linear_time() {
    // Quadratic work would take 5 · 10¹¹ steps here.
    let stream = format!("data: {}\n\n", "x".repeat((1 << 20) - 6));
    let seen = frames_of(Limits::default(), stream.as_bytes().chunks(1));
    assert!(matches!(&seen[..], [Seen::Event(_, data, _)] if data.len() == (1 << 20) - 6));
}

/// Fragments that interact at their edges, and random bytes.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "\n", "\r", "\r\n", "\n\n", "data", "data:", "data: ", "data: {\"a\":1}", "event: span", "event", "id: 1", "id", "id:\0",
            "retry: 5", "retry:x", ":", ": c", ":::", " ", "\u{feff}", "größer", "🦀", "unknown: x", "x",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn cut<'a>(stream: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    at.extend([0, stream.len()]);
    at.sort_unstable();
    at.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect()
}

proptest! {
    #[test]
    fn any_chunks_give_the_frames_of_one_chunk(
        stream in stream(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        limits in prop::sample::select(vec![Limits::default(), SMALL]),
    ) {
        let whole = frames_of(limits, [&stream[..]]);
        prop_assert_eq!(&frames_of(limits, cut(&stream, &cuts)), &whole);
        prop_assert_eq!(&frames_of(limits, stream.chunks(1)), &whole);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..8)) {
        let (mut framer, mut seen) = (Framer::new(SMALL), Vec::new());
        for chunk in &chunks {
            framer.push(chunk);
            drain(&mut framer, &mut seen);
            framer.restart();
        }
    }

    /// For input where `eventsource-stream` follows the standard (valid UTF-8 in one chunk, no byte order mark, LF), both
    /// find the same events.
    #[test]
    fn events_equal_those_of_an_independent_reader(stream in stream()) {
        let text = String::from_utf8_lossy(&stream).replace('\u{feff}', "").replace("\r\n", "\n").replace('\r', "\n");
        let events: Vec<Seen> =
            frames(text.as_bytes()).into_iter().filter(|seen| matches!(seen, Seen::Event(..))).collect();
        prop_assert_eq!(events, independently_read(&text));
    }
}

fn independently_read(text: &str) -> Vec<Seen> {
    use eventsource_stream::EventStream;
    use futures_util::{FutureExt, StreamExt, stream};
    let chunks = stream::iter([Ok::<_, std::io::Error>(text.as_bytes())]);
    let read = EventStream::new(chunks).collect::<Vec<_>>().now_or_never().unwrap();
    read.into_iter()
        .map(|event| {
            let event = event.unwrap();
            Seen::Event(event.event, event.data, event.id)
        })
        .collect()
}
