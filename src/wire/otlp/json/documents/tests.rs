use super::*;
use crate::columns::Item;
use crate::wire::otlp::json::scan::Scan;
use proptest::prelude::*;

/// A document with one span of this name, on one line or many.
fn document(name: &str, pretty: bool) -> String {
    let span = serde_json::json!({
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "spanId": "00f067aa0ba902b7", "name": name,
        "attributes": [{"key": "a \" } ] é {\"resourceSpans\":[", "value": {"stringValue": "x\\"}}, {"key": "n", "value": {"intValue": 7}}],
    });
    let document = serde_json::json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]});
    if pretty { serde_json::to_string_pretty(&document).unwrap() } else { document.to_string() }
}

/// The names of the spans; other elements in angle brackets.
fn told(documents: Documents<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for document in documents {
        match document {
            Document::Items(decoded) => told.extend(decoded.batch.items().map(|item| match item {
                Item::Span(span) => span.name().to_owned(),
                other => other.signal().word().to_owned(),
            })),
            Document::Unknown(text) => told.push(format!("({text})")),
            Document::Broken(text, _) => told.push(format!("<{text}>")),
            Document::Unfinished(text) => told.push(format!("<{text}…>")),
        }
    }
    told
}

fn read(text: &str) -> Vec<String> {
    told(documents(text, &Limits::default()))
}

fn read_to_end(text: &str) -> Vec<String> {
    told(documents(text, &Limits::default()).ended())
}

#[test]
fn a_document_on_a_new_line_ends_another() {
    for torn in [r#"{"resourceSpans":[{"sco"#, r#"{"resourceSpans":["#, "{", r#"{"a":"#, "[1,"] {
        for pretty in [false, true] {
            let text = format!("{torn}\n{}\n", document("good", pretty));
            assert_eq!(read(&text).last().unwrap(), "good", "{text}");
            assert_eq!(read(&text)[0], format!("<{torn}>"), "{text}");
        }
    }
}

#[test]
fn a_document_after_a_torn_one_is_read() {
    let good = document("good", false);
    assert_eq!(read(&format!("{{\"resourceSpans\":[{{\"sco{good}\n")), ["<{\"resourceSpans\":[{\"sco>", "good"]);
    assert_eq!(read(&format!("{{\"resourceSpans\":[{good}\n")), ["<{\"resourceSpans\":[>", "good"]);
    assert_eq!(read(&format!("{{\"resou{good}{good}\n")), ["<{\"resou>", "good", "good"]);
}

#[test]
fn a_line_after_a_torn_value_is_read() {
    let text = "{\"attributes\":[\n{\"b\":1}\n{\"c\":2}\nwords\n";
    assert_eq!(read(text), ["<{\"attributes\":[>", "({\"b\":1})", "({\"c\":2})", "<words>"]);
}

#[test]
fn a_torn_key_spares_the_next_document() {
    let good = document("good", false);
    for torn in ["{{\n  \"", "\"", "{\"a\":\"", "words \""] {
        let told = read_to_end(&format!("{torn}{good}\n{good}\n"));
        assert_eq!(names_of(&told), 2, "{told:?}");
    }
}

fn names_of(told: &[String]) -> usize {
    told.iter().filter(|told| *told == "good").count()
}

#[test]
fn a_line_of_text_is_one_element() {
    let lines = [
        "127.0.0.1 GET / 200",
        "2026-01-01T10:00:00Z ERROR oh no",
        "12:00:01.5 foo",
        "404 not found",
        "true story",
        "null pointer",
        "\"quoted\" text",
        "1 2 3",
        "{\"a\":1} trailing",
        "[1] 2 3",
        "    at com.example.Main(Main.java:7)",
        ", and so on",
        "] done",
        "[INFO] up",
    ];
    let good = document("good", false);
    let text = lines.join("\n") + "\n" + &good + "\n" + lines[0] + "\n";
    let mut expected: Vec<String> = lines.iter().map(|line| format!("<{line}>")).collect();
    expected.extend(["good".into(), format!("<{}>", lines[0])]);
    assert_eq!(read(&text), expected);
    assert_eq!(read("12\n\"text\"\nnull\n-1.5e3 \n"), ["(12)", "(\"text\")", "(null)", "(-1.5e3)"]);
    assert_eq!(read("{\"a\":1} {\"b\":2}\n"), ["({\"a\":1})", "({\"b\":2})"]);
}

#[test]
fn text_beside_a_document_is_omitted() {
    let good = document("good", false);
    for frame in
        ["2026-01-01T10:00:00Z INFO ", "shop-1  | ", "[2026-01-01 10:00] INFO ", "  [INFO] ", "exported: ", "12 "]
    {
        for after in ["\n", "\r\n", "", " in 3 ms\n"] {
            let text = format!("before\n{frame}{good}{after}");
            assert_eq!(read_to_end(&(text + "\nbehind\n")), ["<before>", "good", "<behind>"], "{frame:?} {after:?}");
        }
    }
    assert_eq!(read(&format!("a {good} b {good} c\nd\n")), ["good", "good", "<d>"]);
    assert_eq!(read(&format!("a {}\nb\n", document("good", true))), ["good", "<b>"]);
}

#[test]
fn a_line_of_text_may_contain_json() {
    for json in ["{\"level\":\"info\"}", "{\"resourceSpans\":\"none\"}", "[{\"a\":1}]", "{\"a\":"] {
        for line in [format!("2026 INFO {json}"), format!("2026 INFO {json} done"), format!("[INFO] {json} done")] {
            assert_eq!(read(&format!("{line}\nnext\n")), [format!("<{line}>"), "<next>".into()]);
        }
    }
}

#[test]
fn broken_parts_beside_documents_are_reported() {
    let good = document("good", false);
    assert_eq!(read(&format!("{{\"a\":[{good}\n{good}\n"))[0], "<{\"a\":[>");
    let broken = good.replace("\"name\"", "name");
    assert_eq!(read(&format!("INFO {broken}\n{good}\n"))[0], "<INFO>");
}

#[test]
fn a_line_waits_for_its_documents_end() {
    let text = format!("INFO {}", document("good", false));
    let begin = &text[..text.len() - 9];
    assert_eq!(read(begin), [format!("<{begin}…>")]);
    assert_eq!(read_to_end(begin)[0], "<INFO>");
}

#[test]
fn only_a_torn_envelope_loses_its_document() {
    let good = document("good", false);
    let envelope = format!("{{\"type\":\"x\",\"data\":{good}}}");
    assert_eq!(read(&envelope), [format!("({envelope})")]);
    let torn = &envelope[..envelope.len() - 1];
    assert_eq!(read(torn), [format!("<{torn}…>")]);
    assert_eq!(read_to_end(torn), ["<{\"type\":\"x\",\"data\":…>", "good"]);
    assert_eq!(read(&format!("{torn}\n}}}}\n{good}\n")).iter().filter(|told| *told == "good").count(), 1);
}

#[test]
fn values_inside_a_multiline_value_belong_to_it() {
    let text = "{\"a\":[\n{\"key\":\"a\",\"value\":{}},\n\"x\",\n{}\n]}\n";
    assert_eq!(read(text), [format!("({})", text.trim())]);
    assert_eq!(read(&text[..20]), [format!("<{}…>", &text[..20])]);
}

#[test]
fn a_broken_multiline_value_is_reported_as_one() {
    let text =
        document("bad", true).replace("\"intValue\": 7", "\"intValue\": tru") + "\nwords\n" + &document("good", true);
    let told = read(&text);
    assert_eq!(told[1..], ["<words>", "good"], "{told:?}");
}

#[test]
fn hostile_text_takes_linear_time() {
    // If any of it were scanned again for each line or head, this would take hours.
    let size = 20_000;
    for line in [
        "[\n",
        "{\"a\":\n",
        "{\"resourceSpans\":[",
        "{\"resourceSpans\":[\n",
        "{\"a\":{\"resourceSpans\":[",
        "[1,\n{\"resourceSpans\":[]},\n",
        "words\n",
        "{\n",
        "{\"a\":[{},\n",
        "x{\"resourceSpans\":[",
        "x{\"resourceSpans\":[]} {}",
        "{\"a\":1} ",
        "[x] {\"resourceSpans\":[\n",
    ] {
        let text = line.repeat(size);
        for end in ["", "}", "!\n"] {
            let text = format!("{text}{end}");
            assert!(documents(&text, &Limits::default()).count() > 0);
            assert!(documents(&text, &Limits::default()).ended().count() > 0);
        }
    }
}

#[derive(Clone, Debug)]
enum Part {
    Whole { pretty: bool, end: &'static str },
    Torn { pretty: bool, keep: usize, end: &'static str },
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        (any::<bool>(), prop::sample::select(vec!["\n", "\r\n", "", " ", ",\n", "\n\n"]))
            .prop_map(|(pretty, end)| Part::Whole { pretty, end }),
        (any::<bool>(), 1usize..260, prop::sample::select(vec!["\n", "", "\r\n"]))
            .prop_map(|(pretty, keep, end)| Part::Torn { pretty, keep, end }),
    ]
}

/// The text of the parts, and the names of the complete documents in it.
fn assemble(parts: &[Part]) -> (String, Vec<String>) {
    let (mut text, mut names) = (String::new(), Vec::new());
    for (index, part) in parts.iter().enumerate() {
        let name = format!("n{index}");
        match part {
            Part::Whole { pretty, end } => {
                text += &(document(&name, *pretty) + end);
                names.push(name);
            }
            Part::Torn { pretty, keep, end } => {
                let document = document(&name, *pretty);
                let mut keep = (*keep).min(document.len() - 1);
                while !document.is_char_boundary(keep) {
                    keep -= 1;
                }
                text += &(document[..keep].to_owned() + end);
            }
        }
    }
    (text, names)
}

fn names(told: Vec<String>) -> Vec<String> {
    told.into_iter().filter(|told| told.starts_with('n')).collect()
}

proptest! {
    #[test]
    fn every_complete_document_is_read_exactly_once(parts in prop::collection::vec(part(), 1..8)) {
        let (text, expected) = assemble(&parts);
        prop_assert_eq!(names(read_to_end(&text)), expected, "{}", text);
    }

    #[test]
    fn complete_documents_in_growing_text_are_read_immediately(
        parts in prop::collection::vec(part(), 1..6), piece in 1usize..400,
    ) {
        let (text, expected) = assemble(&parts);
        let (mut pending, mut scan, mut told_so_far) = (String::new(), Scan::default(), Vec::new());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let mut cut = piece.min(rest.len());
            while !rest.is_char_boundary(cut) { cut += 1; }
            pending += &rest[..cut];
            rest = &rest[cut..];
            let complete = std::iter::from_fn(|| scan.advance(pending.as_bytes())).last();
            if let Some(complete) = complete {
                let mut left = 0;
                let found: Vec<_> = documents(&pending[..complete], &Limits::default()).collect();
                if let Some(Document::Unfinished(value)) = found.last() { left = value.len(); }
                drop(found);
                told_so_far.extend(read(&pending[..complete - left]));
                prop_assert!(complete > left, "a look that gave nothing: {:?} of {}", &pending[..complete], text);
                pending.drain(..complete - left);
                scan = Scan::default();
            }
            // Every complete part was reported: all except the last one begun.
            let seen = text.len() - rest.len();
            let whole = (0..parts.len()).filter(|count| assemble(&parts[..*count]).0.trim_end().len() <= seen)
                .map(|count| assemble(&parts[..count]).1.len()).max().unwrap_or_default();
            prop_assert!(names(told_so_far.clone()).len() >= whole, "{} of {whole} in {:?}", told_so_far.len(), &text[..seen]);
        }
        told_so_far.extend(read_to_end(&pending));
        prop_assert_eq!(names(told_so_far), expected, "{}", text);
    }
}
