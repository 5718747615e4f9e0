//! The syntax of a line.

use super::super::{Dialect, Scraper, looks_like_prometheus};
use super::{NOW, bad, good, good_metrics, good_text, points, read, shown, target};
use crate::columns::PointValue;
use crate::wire::Limits;

#[test]
fn blanks_may_stand_between_any_two_tokens() {
    for line in [
        "a{x=\"1\",y=\"2\"} 3",
        "  a{x=\"1\",y=\"2\"} 3  ",
        "\ta\t{\tx\t=\t\"1\"\t,\ty\t=\t\"2\"\t}\t3\t",
        "a { x = \"1\" , y=\"2\" , } 3",
        "a{x=\"1\",y=\"2\",}3",
        "a{x=\"1\",y=\"2\"}3\r",
        "\n\n  \n# a comment\n#\n#a{\na{x=\"1\",y=\"2\"} 3\n\n",
        "\u{feff}a{x=\"1\",y=\"2\"} 3",
    ] {
        for end in ["", "\n", "\r\n"] {
            assert_eq!(good_text(&format!("{line}{end}")), ["gauge a{x=1,y=2} 3"], "{line:?}");
        }
    }
}

#[test]
fn ordinary_names_need_no_quotes() {
    assert_eq!(
        good_text("a 1\n_b:c9{_9=\"x\"} 2\n:d 3\nA{} 4\n"),
        ["gauge a 1", "gauge _b:c9{_9=x} 2", "gauge :d 3", "gauge A 4"]
    );
}

#[test]
fn names_with_any_other_character_are_quoted() {
    let text = "# TYPE \"my.metric\" counter\n# HELP \"my.metric\" of mine\n\
                {\"my.metric\",\"http.status\"=\"200\"} 1\n{ \"größe\" , } 2\n{\"a\\\"b\\\\c\\nd\"} 3\n{x=\"1\",\"e f\"} 4\n";
    assert_eq!(
        good_text(text),
        ["sum+ my.metric{http.status=200} 1", "gauge größe 2", "gauge a\"b\\c\nd 3", "gauge e f{x=1} 4"]
    );
}

#[test]
fn label_escapes_are_undone_and_other_backslashes_stay() {
    let text = r#"a{x="q\"b\\n\n.",y="C:\dir\",z="}{,=\\"} 1"#;
    assert_eq!(bad(Dialect::Text, text).1, 1, "\\\" does not close");
    let text = r#"a{x="q\"b\\n\n.",y="C:\dir\\",z="}{,= #"} 1"#;
    assert_eq!(good_text(text), ["gauge a{x=q\"b\\n\n.,y=C:\\dir\\,z=}{,= #} 1"]);
}

#[test]
fn labels_with_empty_values_are_absent() {
    assert_eq!(good_text("a{x=\"\",y=\"1\"} 1\nb{x=\"\"} 2"), ["gauge a{y=1} 1", "gauge b 2"]);
    let (points, count, _) = bad(Dialect::Text, "b 1\nb{x=\"\"} 2");
    assert_eq!((points, count), (vec!["gauge b 1".to_owned()], 1), "it is the same series");
}

#[test]
fn values_are_read_as_prometheus_does() {
    let values = [
        ("0", 0.0),
        ("-0", -0.0),
        ("12", 12.0),
        ("+12", 12.0),
        ("9007199254740993", 9007199254740992.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1_000.0),
        ("1.5E-3", 0.0015),
        ("123456789012345", 123_456_789_012_345.0),
        ("0.1", 0.1),
        ("5e-324", 5e-324),
        ("Inf", f64::INFINITY),
        ("+Inf", f64::INFINITY),
        ("-inf", f64::NEG_INFINITY),
        ("+infinity", f64::INFINITY),
        ("NaN", f64::NAN),
        ("nan", f64::NAN),
    ];
    for (text, value) in values {
        let decoded = read(Dialect::Text, &format!("a {text}"));
        let Some(PointValue::Double(read)) = points(&decoded.batch).next().map(|point| point.value()) else {
            panic!("{text}: {:?}", decoded.rejected);
        };
        assert!(read.to_bits() == value.to_bits() || (read.is_nan() && value.is_nan()), "{text} is {read}");
    }
    for text in ["0x1p-2", "0x10", "1_000", "1e999", "one", "1,5", "--1", "", "1e", "."] {
        assert_eq!(bad(Dialect::Text, &format!("a {text}")).1, 1, "{text}");
    }
}

#[test]
fn times_are_milliseconds_in_text() {
    assert_eq!(good_text("a 1 1395066363000\nb 1 1"), ["gauge a 1 @0..1395066363", "gauge b 1 @0..0.001"]);
    for time in ["-1", "1.5", "1e3", "x", "99999999999999999"] {
        let (points, count, reason) = bad(Dialect::Text, &format!("a 1 {time}\nb 2"));
        assert_eq!((points, count), (vec!["gauge b 2".to_owned()], 1), "{time}");
        assert!(reason.contains("a time in milliseconds"), "{reason}");
    }
}

#[test]
fn open_metrics_times_are_seconds_with_nanoseconds() {
    let text = "a 1 1395066363.123456789\nb 1 5\nc 1 .5\nd 1 1e3\ne 1 1.0000000019\n# EOF";
    let decoded = read(Dialect::OpenMetrics, text);
    let times: Vec<u64> = points(&decoded.batch).map(|point| point.time().0).collect();
    assert_eq!(times, [1_395_066_363_123_456_789, 5_000_000_000, 500_000_000, 1_000_000_000_000, 1_000_000_001]);
    for time in ["-1", "NaN", "Inf", "99999999999", "1.x", "."] {
        assert_eq!(bad(Dialect::OpenMetrics, &format!("a 1 {time}\n# EOF")).1, 1, "{time}");
    }
}

#[test]
fn a_bad_line_costs_itself_and_explains_why() {
    for (line, reason) in [
        ("b", "expected a value before the end of the line"),
        ("b{x=\"1\"", "expected a comma or a closing brace before the end of the line"),
        ("b{x=\"1} 2", "expected a closing quote, found `1} 2`"),
        ("b{x=\"1\\", "expected a closing quote, found `1\\`"),
        ("b{x=1} 2", "expected a label's value in quotes, found `1} 2`"),
        ("b{x} 2", "expected = after a label's name, found `} 2`"),
        ("b{=\"1\"} 2", "expected a label's name, found `=\"1\"} 2`"),
        ("b{,} 2", "expected a label's name, found `,} 2`"),
        ("b{x=\"1\",,} 2", "expected a label's name, found `,} 2`"),
        ("b{x=\"1\" y=\"2\"} 2", "expected a comma or a closing brace, found `y=\"2\"} 2`"),
        ("b{x=\"1\",x=\"2\"} 2", "expected each label once, found `x=\"1\",x=\"2\"} 2`"),
        ("b{\"c\"} 2", "expected one metric name, before the braces or inside, found `b{\"c\"} 2`"),
        ("b.c 2", "expected a number, found `.c`"),
        ("b 2 3 4", "expected the end of the line, found `4`"),
        ("b 2 x", "expected a time in milliseconds since 1970, found `x`"),
        ("b x", "expected a number, found `x`"),
        ("b 1 # x", "expected an exemplar's labels in braces, found `x`"),
        ("b 1 # {}", "expected an exemplar's value before the end of the line"),
        ("b 1 # {\"c\"} 1", "expected an exemplar without a name, found ` {\"c\"} 1`"),
        ("b \u{1b}[2J", "expected a number, found `␛[2J`"),
        ("# TYPE b thing", "expected a metric type, found `thing`"),
        ("# TYPE b", "expected a metric type before the end of the line"),
        ("# TYPE", "expected a metric name before the end of the line"),
        ("# TYPE a counter", "expected a type before the samples, found `a counter`"),
    ] {
        let (points, count, seen) = bad(Dialect::Text, &format!("a 1\n{line}\nz 3\n"));
        assert_eq!((points, count), (vec!["gauge a 1".to_owned(), "gauge z 3".to_owned()], 1), "{line}");
        assert_eq!(seen, format!("line 2: {reason}"), "{line}");
    }
    let (_, _, reason) = bad(Dialect::Text, "9 1");
    assert!(reason.starts_with("line 1: expected a metric name (one with other"), "{reason}");
    let (_, _, reason) = bad(Dialect::Text, &format!("a {}", "é".repeat(100)));
    assert_eq!(reason, format!("line 1: expected a number, found `{}…`", "é".repeat(60)));
}

#[test]
fn a_repeated_series_is_read_once() {
    let (points, count, reason) = bad(Dialect::Text, "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 5\na{x=\"1\"} 7");
    assert_eq!(points, ["gauge a{x=1,y=2} 1", "gauge a{x=1} 7"]);
    assert_eq!((count, &reason[..]), (1, "line 2: expected each series once, found `a{y=\"2\",x=\"1\"} 5`"));
}

#[test]
fn swapped_label_names_and_values_are_other_series() {
    assert_eq!(good_text("a{x=\"y\"} 1\na{y=\"x\"} 2\na{x=\"1\",y=\"2\"} 3\na{x=\"2\",y=\"1\"} 4").len(), 4);
}

#[test]
fn open_metrics_without_eof_loses_its_unfinished_line() {
    for (text, kept) in [("a 1\nb 12", vec!["gauge a 1"]), ("a 1\nb 12\n", vec!["gauge a 1", "gauge b 12"])] {
        let (points, count, reason) = bad(Dialect::OpenMetrics, text);
        assert_eq!((points, count), (kept.iter().map(|text| (*text).to_owned()).collect(), 1));
        assert_eq!(reason, "line 2: the text was cut short: it ends without # EOF");
    }
    let (_, count, reason) = bad(Dialect::OpenMetrics, "a x\n");
    assert_eq!(count, 2);
    assert_eq!(reason, "line 1: the text was cut short: it ends without # EOF; line 1: expected a number, found `x`");
}

#[test]
fn nothing_follows_the_end_of_open_metrics() {
    let (points, count, reason) = bad(Dialect::OpenMetrics, "a 1\n# EOF\n\nb 2\n# EOF\n");
    assert_eq!((points, count), (vec!["gauge a 1".to_owned()], 2));
    assert_eq!(reason, "line 4: expected nothing after # EOF, found `b 2`");
}

#[test]
fn the_eof_line_overrules_the_declared_dialect() {
    assert_eq!(good(Dialect::Text, "a 1 5.5\n# EOF"), ["gauge a 1 @0..5.5"]);
    assert_eq!(good(Dialect::Text, "# EOF\na 1 5000"), ["gauge a 1 @0..5"], "a comment, in the middle of 0.0.4");
}

#[test]
fn bytes_that_are_no_utf8_become_replacements() {
    let decoded = Scraper::new(target()).read(b"a{x=\"caf\xe9\"} 1\nb 2\n", Dialect::Text, NOW, &Limits::default());
    assert_eq!(shown(&decoded.batch), ["gauge a{x=caf\u{fffd}} 1", "gauge b 2"]);
}

#[test]
fn an_empty_text_has_no_points() {
    assert_eq!(good_text(""), Vec::<String>::new());
    assert_eq!(good_metrics(""), Vec::<String>::new());
}

#[test]
fn series_lines_and_texts_are_bounded() {
    let limits = Limits { items: 2, ..Limits::default() };
    let decoded = Scraper::new(target()).read(b"a 1\nb 2\nc 3\nd 4\na 5", Dialect::Text, NOW, &limits);
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (2, 3));
    assert_eq!(decoded.rejected.reason.as_deref(), Some("line 3: one request may contain at most 2 data points"));

    let limits = Limits { parts: 3, ..Limits::default() };
    let decoded = Scraper::new(target()).read(
        b"a{x=\"1\",y=\"2\"} 1\nb{x=\"1\",y=\"2\"} 1\nc{x=\"1\"} 1\n",
        Dialect::Text,
        NOW,
        &limits,
    );
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (2, 1));

    let (_, count, reason) = bad(Dialect::Text, &format!("a{{x=\"{}\"}} 1", "v".repeat(1 << 20)));
    assert_eq!(count, 1);
    assert!(reason.contains("a line of 1 MiB at most"), "{reason}");
    let (_, count, reason) = bad(Dialect::Text, &format!("a{{x=\"{}\"}} 1", "v".repeat(1 << 17)));
    assert_eq!(count, 1);
    assert!(reason.contains("a text of 64 KiB at most"), "{reason}");
}

#[test]
fn many_labels_on_a_line_take_linear_time() {
    let labels: String = (0..90_000).map(|n| format!("l{n}=\"\u{1}\",")).collect();
    let decoded = read(Dialect::Text, &format!("a{{{labels}}} 1"));
    assert_eq!(points(&decoded.batch).next().unwrap().attributes().count(), 90_000);
    let (_, count, reason) = bad(Dialect::Text, &format!("a{{{labels}l7=\"2\"}} 1"));
    assert_eq!(count, 1);
    assert!(reason.contains("each label once"), "{reason}");
}

#[test]
fn content_types_tell_the_dialect() {
    for (content_type, dialect) in [
        ("text/plain; version=0.0.4; charset=utf-8", Some(Dialect::Text)),
        ("text/plain", Some(Dialect::Text)),
        ("Application/OpenMetrics-Text; version=1.0.0; charset=utf-8", Some(Dialect::OpenMetrics)),
        ("application/json", None),
        ("text/html", None),
        ("", None),
    ] {
        assert_eq!(Dialect::from_content_type(content_type), dialect, "{content_type}");
    }
}

#[test]
fn first_bytes_distinguish_prometheus_from_other_text() {
    for text in [
        "# HELP a b\n",
        "\u{feff}# TYPE a counter\n",
        "# EOF\n",
        "\n\n# made by hand\na 1\n",
        "a{x=\"1\"} 1",
        "a{x=\"1\"",
        "a{x=\"",
        "{\"a.b\"} 1\n",
        "up 1",
        "a 1 1395066363000\nnot parsed any more",
    ] {
        assert!(looks_like_prometheus(text.as_bytes()), "{text}");
    }
    for text in [
        "",
        "# just a comment\n",
        "{\"resourceSpans\":[]}",
        "{\"a\"",
        "[1,2]",
        "<!doctype html>",
        "404 page not found\n",
        "not found",
        "data: {\"a\":1}\n\n",
        "event: span\ndata: 1\n\n",
        "key=value\n",
        "level=info msg=\"up 1\"\n",
        "\n\u{1}\u{2}",
        "name,value\na,1\n",
    ] {
        assert!(!looks_like_prometheus(text.as_bytes()), "{text}");
    }
    assert!(!looks_like_prometheus(&[10, 120, 10, 2, 10, 0, 18, 255, 254]));
}
