//! The kinds of case that the OpenMetrics project checks parsers with, in our own examples. Where the project demands that a
//! whole text be refused, the valid lines are still read; where it is stricter than the format 0.0.4 about a harmless
//! deviation, the text is accepted.

use super::super::Dialect;
use super::{bad, good_metrics};

#[test]
fn valid_open_metrics_is_read() {
    for (case, text, points) in [
        ("nothing", "", &[][..]),
        ("no metadata", "a 1", &["gauge a 1"]),
        ("metadata of nothing", "# TYPE a counter\n# HELP a b\n# UNIT b seconds", &[]),
        ("empty help", "# HELP a \n# TYPE a gauge\na 1", &["gauge a 1"]),
        ("help with quotes and braces", "# HELP a say \"{x}\" # now\na 1", &["gauge a 1"]),
        ("empty braces", "a{} 1", &["gauge a 1"]),
        ("empty label", "a{x=\"\"} 1", &["gauge a 1"]),
        ("braces in a label", "a{x=\"}{\",y=\"#\"} 1", &["gauge a{x=}{,y=#} 1"]),
        ("a null byte in a label", "a{x=\"\0\"} 1", &["gauge a{x=\0} 1"]),
        ("colons", "a:b:c 1", &["gauge a:b:c 1"]),
        ("a counter", "# TYPE a counter\na_total 1", &["sum+ a_total 1"]),
        (
            "a counter of a unit",
            "# TYPE a_bytes counter\n# UNIT a_bytes bytes\na_bytes_total 1",
            &["sum+ a_bytes_total 1"],
        ),
        (
            "a name that ends with another's suffix",
            "# TYPE a_total_count counter\na_total_count_total 1",
            &["sum+ a_total_count_total 1"],
        ),
        ("unknown", "# TYPE a unknown\na 1", &["gauge a 1"]),
        (
            "a counter with an exemplar",
            "# TYPE a counter\na_total 1 # {x=\"y\"} 0.5",
            &["sum+ a_total 1 #{x=y} 0.5 @0"],
        ),
        (
            "a histogram below zero, without a sum",
            "# TYPE h histogram\nh_bucket{le=\"-1.0\"} 1\nh_bucket{le=\"+Inf\"} 2",
            &["histogram h count=2 bounds=[-1.0] counts=[1, 1]"],
        ),
        (
            "a histogram with a time on each line",
            "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2 5\nh_count 2 5\nh_sum 3 5",
            &["histogram h count=2 sum=3 bounds=[] counts=[2] @5..5"],
        ),
        (
            "a summary of a quantile",
            "# TYPE s summary\ns_count 2\ns_sum 3\ns{quantile=\"0.9\"} 4",
            &["summary s count=2 sum=3 quantiles=[0.9, 4.0]"],
        ),
        (
            "info with several sets of labels",
            "# TYPE i info\ni_info{a=\"1\",b=\"2\"} 1\ni_info{a=\"2\"} 1",
            &["sum i_info{a=1,b=2} 1", "sum i_info{a=2} 1"],
        ),
        (
            "state set",
            "# TYPE s stateset\ns{s=\"on\",x=\"1\"} 0\ns{s=\"off\",x=\"1\"} 1.0",
            &["sum s{s=on,x=1} 0", "sum s{s=off,x=1} 1"],
        ),
        (
            "times",
            "a 1 2\nb 1 2.5\nc 1 2e1\nd 1 0000000003",
            &["gauge a 1 @0..2", "gauge b 1 @0..2.5", "gauge c 1 @0..20", "gauge d 1 @0..3"],
        ),
        (
            "families after one another, then again",
            "# TYPE a gauge\na{x=\"1\"} 1\nb 1\na{x=\"2\"} 2",
            &["gauge a{x=1} 1", "gauge b 1", "gauge a{x=2} 2"],
        ),
        ("blank lines, which it forbids", "\na 1\n\n", &["gauge a 1"]),
        ("several blanks, where it wants one", "a  1\t5 ", &["gauge a 1 @0..5"]),
        ("a unit that is not a suffix, which it forbids", "# UNIT a seconds\na 1", &["gauge a 1"]),
        ("a counter without _total, which it forbids", "# TYPE a counter\na 1", &["sum+ a 1"]),
        (
            "a counter below zero, which it forbids",
            "# TYPE a counter\na_total -1",
            &["sum+ a_total -1 (a counter that only grows is -1)"],
        ),
        ("info that is not one, which it forbids", "# TYPE i info\ni_info 2", &["sum i_info 2"]),
    ] {
        assert_eq!(good_metrics(text), points, "{case}");
    }
}

#[test]
fn an_invalid_line_is_rejected_alone() {
    for (case, line) in [
        ("no value", "a"),
        ("no value after labels", "a{x=\"1\"}"),
        ("no blank before the value", "a1"),
        ("a word for a value", "a one"),
        ("a hexadecimal value", "a 0x1p3"),
        ("underscores in a value", "a 1_0"),
        ("a word for a time", "a 1 now"),
        ("NaN as a time", "a 1 NaN"),
        ("hexadecimal time", "a 1 0x1p3"),
        ("two times", "a 1 2 3"),
        ("a name that begins with a digit", "0a 1"),
        ("a name with a hyphen", "a-b 1"),
        ("a label that begins with a digit", "a{0x=\"1\"} 1"),
        ("a label with a colon", "a{x:y=\"1\"} 1"),
        ("a label with a hyphen", "a{x-y=\"1\"} 1"),
        ("a label without quotes", "a{x=1} 1"),
        ("a label in single quotes", "a{x='1'} 1"),
        ("a label without value", "a{x=} 1"),
        ("no comma between labels", "a{x=\"1\"y=\"2\"} 1"),
        ("two commas", "a{x=\"1\",,y=\"2\"} 1"),
        ("a comma first", "a{,x=\"1\"} 1"),
        ("no closing brace", "a{x=\"1\" 1"),
        ("no opening brace", "ax=\"1\"} 1"),
        ("two pairs of braces", "a{x=\"1\"}{y=\"2\"} 1"),
        ("a label twice", "a{x=\"1\",x=\"1\"} 1"),
        ("a word for a type", "# TYPE a word"),
        ("no type", "# TYPE a"),
        ("a type of nothing", "# TYPE"),
        ("help of nothing", "# HELP"),
        ("a type for a name with a hyphen", "# TYPE a-b gauge"),
        ("an exemplar without braces", "a 1 # x=\"1\" 1"),
        ("an exemplar without value", "a 1 # {x=\"1\"}"),
        ("an exemplar with a word for a value", "a 1 # {x=\"1\"} one"),
        ("an exemplar with a word for a time", "a 1 # {x=\"1\"} 1 now"),
        ("an exemplar with two times", "a 1 # {x=\"1\"} 1 2 3"),
        ("an exemplar before a time", "a 1 # {x=\"1\"} 1 # 2"),
        ("two exemplars", "a 1 # {x=\"1\"} 1 # {x=\"2\"} 1"),
    ] {
        let (points, count, reason) = bad(Dialect::OpenMetrics, &format!("# TYPE y gauge\ny 1\n{line}\nz 2\n# EOF\n"));
        assert_eq!(points, ["gauge y 1", "gauge z 2"], "{case}");
        assert_eq!(count, 1, "{case}");
        assert!(reason.starts_with("line 3: "), "{case}: {reason}");
    }
}
