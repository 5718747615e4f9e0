//! Each metric type and what it becomes.

use super::super::{Dialect, Scraper};
use super::{NOW, bad, good_metrics, good_text, points, read, target};
use crate::model::Temporality;
use crate::wire::Limits;

#[test]
fn names_stay_as_they_are_exposed() {
    assert_eq!(good_text("# TYPE a_total counter\na_total 1\n# TYPE b counter\nb 2\n"), ["sum+ a_total 1", "sum+ b 2"]);
    assert_eq!(good_metrics("# TYPE a counter\na_total 1"), ["sum+ a_total 1"]);
    assert_eq!(
        good_metrics("# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total 1"),
        ["sum+ a_seconds_total 1"]
    );
}

#[test]
fn numbers_without_a_type_are_gauges() {
    assert_eq!(
        good_text("# TYPE a gauge\na -1\n# TYPE b untyped\nb 2\nc 3\n# TYPE d Counter\nd 4\n"),
        ["gauge a -1", "gauge b 2", "gauge c 3", "sum+ d 4"]
    );
}

#[test]
fn info_and_state_set_are_nonmonotonic_sums() {
    let text = "# TYPE build info\nbuild_info{version=\"1\"} 1\n# TYPE mode stateset\nmode{mode=\"idle\"} 1\nmode{mode=\"busy\"} 0";
    assert_eq!(good_metrics(text), ["sum build_info{version=1} 1", "sum mode{mode=idle} 1", "sum mode{mode=busy} 0"]);
}

#[test]
fn metadata_goes_to_the_metric_wherever_it_stands() {
    let text = "# HELP a How many\\nof \\\\ \\\"these\\\". \na_total 1\n# TYPE a counter\n# UNIT a bytes_per_second\n";
    let decoded = read(Dialect::Text, &format!("# TYPE b gauge\nb 1\n{}", text.replace("a_total 1\n", "")));
    assert_eq!(decoded.batch.len(), 1);
    let decoded = read(
        Dialect::OpenMetrics,
        "# TYPE a counter\na_total 1\n# HELP a How many\\nof \\\\ \\\"these\\\".\n# UNIT a bytes_per_second\nc 1\n# EOF",
    );
    let all: Vec<_> = points(&decoded.batch).collect();
    let metric = all[0].metric();
    let text = |id| all[0].dictionary.text(id);
    assert_eq!(text(metric.description), "How many\nof \\ \"these\".");
    assert_eq!(text(metric.unit), "By/s");
    assert_eq!(metric.temporality, Temporality::Cumulative);
    let kinds: Vec<String> = all
        .iter()
        .map(|point| {
            let mut metadata = point.dictionary.attributes(point.metric().metadata);
            format!("{:?}", metadata.next())
        })
        .collect();
    assert_eq!(
        kinds,
        ["Some((\"prometheus.type\", Text(\"counter\")))", "Some((\"prometheus.type\", Text(\"unknown\")))"]
    );
}

#[test]
fn unit_words_become_codes() {
    for (words, code) in [
        ("seconds", "s"),
        ("milliseconds", "ms"),
        ("bytes", "By"),
        ("kibibytes", "KiBy"),
        ("ratio", "1"),
        ("percent", "%"),
        ("celsius", "Cel"),
        ("meters_per_second", "m/s"),
        ("requests_per_minute", "requests/min"),
        ("widgets", "widgets"),
        ("", ""),
    ] {
        assert_eq!(super::super::unit::ucum(words), code);
    }
}

#[test]
fn the_second_type_of_a_metric_is_rejected() {
    let (points, count, reason) = bad(Dialect::Text, "# TYPE a gauge\n# TYPE a counter\na 1\n# TYPE a gauge\n");
    assert_eq!((points, count), (vec!["gauge a 1".to_owned()], 1));
    assert_eq!(reason, "line 2: expected one type for each metric, found `a counter`");
}

const HISTOGRAM: &str = "histogram h{x=1} count=10 sum=7.5 bounds=[0.1, 1.0, 5.0] counts=[2, 3, 4, 1]";

#[test]
fn buckets_in_any_order_make_one_histogram() {
    let lines = [
        "h_bucket{x=\"1\",le=\"0.1\"} 2",
        "h_bucket{le=\"1\",x=\"1\"} 5",
        "h_bucket{x=\"1\",le=\"5.0\"} 9",
        "h_bucket{x=\"1\",le=\"+Inf\"} 10",
        "h_sum{x=\"1\"} 7.5",
        "h_count{x=\"1\"} 10",
    ];
    for turn in 0..lines.len() {
        let mut lines = lines;
        lines.rotate_left(turn);
        assert_eq!(good_text(&format!("# TYPE h histogram\n{}", lines.join("\n"))), [HISTOGRAM]);
        lines.reverse();
        assert_eq!(good_text(&format!("# TYPE h histogram\n{}", lines.join("\n"))), [HISTOGRAM]);
    }
}

#[test]
fn label_sets_of_a_histogram_may_be_interleaved() {
    let text = "# TYPE h histogram\nh_bucket{x=\"1\",le=\"1\"} 1\nh_bucket{x=\"2\",le=\"1\"} 3\nh_bucket{x=\"1\",le=\"+Inf\"} 2\n\
                h_bucket{x=\"2\",le=\"+Inf\"} 4\nother 1\nh_count{x=\"2\"} 4\nh_count{x=\"1\"} 2\n";
    assert_eq!(
        good_text(text),
        [
            "histogram h{x=1} count=2 bounds=[1.0] counts=[1, 1]",
            "histogram h{x=2} count=4 bounds=[1.0] counts=[3, 1]",
            "gauge other 1",
        ]
    );
}

#[test]
fn count_and_infinite_bucket_mean_the_same() {
    for (lines, shown) in [
        ("h_bucket{le=\"1\"} 1\nh_count 3", "count=3 bounds=[1.0] counts=[1, 2]"),
        ("h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 3", "count=3 bounds=[1.0] counts=[1, 2]"),
        ("h_bucket{le=\"+Inf\"} 3", "count=3 bounds=[] counts=[3]"),
        ("h_count 3\nh_sum 4", "count=3 sum=4 bounds=[] counts=[]"),
        ("h_count 18446744073709551615", "count=18446744073709551615 bounds=[] counts=[]"),
        ("h_count 3.0", "count=3 bounds=[] counts=[]"),
    ] {
        assert_eq!(good_text(&format!("# TYPE h histogram\n{lines}")), [format!("histogram h {shown}")], "{lines}");
    }
}

#[test]
fn an_incomplete_histogram_is_rejected_alone() {
    for (lines, reason) in [
        ("h_bucket{le=\"1\"} 1\nh_sum 3", "line 2: h: both _count and the +Inf bucket are missing"),
        (
            "h_bucket{le=\"1\"} 2\nh_bucket{le=\"1.0\"} 1\nh_count 3",
            "line 2: h: a bucket is repeated with a different count",
        ),
        ("h_bucket 2\nh_count 3", "line 2: expected a number as le, found `h_bucket 2`"),
        ("h_bucket{le=\"x\"} 2\nh_count 3", "line 2: expected a number as le, found `h_bucket{le=\"x\"} 2`"),
        ("h_bucket{le=\"NaN\"} 2\nh_count 3", "line 2: expected a number as le, found `h_bucket{le=\"NaN\"} 2`"),
        ("h_bucket{le=\"1\"} x\nh_bucket{le=\"2\"} y\nh_count 3", "line 2: expected a number, found `x`"),
        ("h_bucket{le=\"1\"} 1.5\nh_count 3", "line 2: expected a whole number, found `1.5`"),
        ("h_count -1\n", "line 2: expected a whole number, found `-1`"),
        ("h_count NaN\n", "line 2: expected a whole number, found `NaN`"),
        ("h_count 1\nh_count 2", "line 3: expected each series once, found `h_count 2`"),
        ("h_sum 1\nh_sum 1\nh_count 2", "line 3: expected each series once, found `h_sum 1`"),
    ] {
        let text = format!("# TYPE h histogram\n{lines}\nh_count{{x=\"1\"}} 5\nz 1\n");
        let (points, count, seen) = bad(Dialect::Text, &text);
        assert_eq!(points, ["histogram h{x=1} count=5 bounds=[] counts=[]", "gauge z 1"], "{lines}");
        assert_eq!((count, &seen[..]), (1, reason), "{lines}");
    }
}

#[test]
fn a_contradicting_histogram_is_kept_and_marked() {
    for (lines, shown) in [
        (
            "h_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 1\nh_count 2",
            "count=2 bounds=[1.0, 2.0] counts=[2, 0, 0] (a bucket holds less than the one below it)",
        ),
        (
            "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1",
            "count=1 bounds=[1.0] counts=[2, 0] (a bucket holds less than the one below it)",
        ),
        (
            "h_bucket{le=\"1\"} 2\nh_count 1",
            "count=1 bounds=[1.0] counts=[2, 0] (the buckets hold 2 values, the count is 1)",
        ),
        (
            "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 5\nh_count 4",
            "count=4 bounds=[1.0] counts=[2, 3] (the buckets hold 5 values, the count is 4)",
        ),
        ("h_count 0\nh_sum 3", "count=0 sum=3 bounds=[] counts=[] (the count is 0, the sum is 3)"),
    ] {
        assert_eq!(good_text(&format!("# TYPE h histogram\n{lines}")), [format!("histogram h {shown}")], "{lines}");
    }
    assert_eq!(good_text("# TYPE c counter\nc -1"), ["sum+ c -1 (a counter that only grows is -1)"]);
    assert_eq!(good_text("# TYPE c counter\nc NaN"), ["sum+ c NaN (a counter that only grows is not a number)"]);
}

#[test]
fn a_repeated_bucket_is_counted_once() {
    let (points, count, reason) = bad(
        Dialect::Text,
        "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"1.0\"} 2\nh_count 3",
    );
    assert_eq!((points, count), (vec!["histogram h count=3 bounds=[1.0] counts=[2, 1]".to_owned()], 2));
    assert!(reason.contains("is repeated"), "{reason}");
}

#[test]
fn histogram_lines_need_a_suffix() {
    let (points, count, reason) = bad(Dialect::Text, "# TYPE h histogram\nh 1\nh_count 1\n");
    assert_eq!((points.len(), count), (1, 1));
    assert_eq!(reason, "line 2: expected _bucket, _sum or _count in a histogram, found `h 1`");
}

#[test]
fn a_separate_metric_is_not_part_of_another() {
    let text = "# TYPE h histogram\n# TYPE h_count gauge\nh_bucket{le=\"+Inf\"} 1\nh_count 7\n# TYPE g gauge\ng_sum 1\ng_bucket{le=\"1\"} 2\n";
    assert_eq!(
        good_text(text),
        ["histogram h count=1 bounds=[] counts=[1]", "gauge h_count 7", "gauge g_sum 1", "gauge g_bucket{le=1} 2"]
    );
}

#[test]
fn quantiles_make_one_summary_in_their_order() {
    let text = "# TYPE s summary\ns{quantile=\"0.99\",x=\"1\"} 9\ns{quantile=\"0\",x=\"1\"} NaN\ns{x=\"1\",quantile=\"0.5\"} 5\ns_sum{x=\"1\"} 20\ns_count{x=\"1\"} 4\n\
                # TYPE t summary\nt_count 1\n";
    assert_eq!(
        good_text(text),
        ["summary s{x=1} count=4 sum=20 quantiles=[0.0, NaN, 0.5, 5.0, 0.99, 9.0]", "summary t count=1 quantiles=[]"]
    );
}

#[test]
fn a_contradicting_summary_is_rejected_alone() {
    for (lines, reason) in [
        ("s{quantile=\"0.5\"} 1\ns_sum 1", "line 2: s: its _count is missing; an OpenTelemetry summary needs one"),
        ("s 1\ns_count 1", "line 2: expected a number from 0 to 1 as quantile, found `s 1`"),
        (
            "s{quantile=\"1.1\"} 1\ns_count 1",
            "line 2: expected a number from 0 to 1 as quantile, found `s{quantile=\"1.1\"} 1`",
        ),
        (
            "s{quantile=\"1\"} 1\ns{quantile=\"1.0\"} 2\ns_count 1",
            "line 2: s: a quantile is repeated with a different value",
        ),
    ] {
        let (points, count, seen) = bad(Dialect::Text, &format!("# TYPE s summary\n{lines}\nz 1\n"));
        assert_eq!(points, ["gauge z 1"], "{lines}");
        assert_eq!((count, &seen[..]), (1, reason), "{lines}");
    }
}

#[test]
fn gauge_histograms_are_rejected_once_per_label_set() {
    let text = "# TYPE g gaugehistogram\ng_bucket{le=\"1\"} 1\ng_bucket{le=\"+Inf\"} 1\ng_gcount 1\ng_gsum 1\ng_gcount{x=\"1\"} 1\nz 1\n# EOF";
    let (points, count, reason) = bad(Dialect::OpenMetrics, text);
    assert_eq!((points, count), (vec!["gauge z 1".to_owned()], 2));
    assert_eq!(reason, "OpenTelemetry has no gauge histograms; left out: g");
}

#[test]
fn gauge_histograms_are_reported_once_per_metric() {
    let text = |names: &[&str]| -> String {
        let lines = names.iter().map(|name| format!("# TYPE {name} gaugehistogram\n{name}_gcount 1\n{name}_gsum 2\n"));
        lines.collect::<String>() + "z one\n"
    };
    let mut scraper = Scraper::new(target());
    let mut told = |names: &[&str]| {
        let text = text(names);
        let decoded = scraper.read(text.as_bytes(), Dialect::Text, NOW, &Limits::default());
        (decoded.rejected.count, decoded.rejected.reason.unwrap_or_default())
    };
    let bad = "line 4: expected a number, found `one`";
    assert_eq!(told(&["a"]), (2, format!("{bad}; OpenTelemetry has no gauge histograms; left out: a")));
    assert_eq!(told(&["a"]), (2, bad.to_owned()));
    let many = ["a", "b", "c", "d", "e", "f", "g"];
    let bad = "line 22: expected a number, found `one`";
    let list = "b, c, d, e, f and 1 more";
    assert_eq!(told(&many), (8, format!("{bad}; OpenTelemetry has no gauge histograms; left out: {list}")));
}

#[test]
fn time_zero_means_the_scrapes_time() {
    assert_eq!(good_metrics("a 1 0\nb 1 000\nc 1 0.0"), ["gauge a 1", "gauge b 1", "gauge c 1"]);
    assert_eq!(good_text("a 1 0"), ["gauge a 1"]);
}

#[test]
fn created_is_the_start_and_no_metric() {
    let text = "# TYPE a counter\na_created{x=\"1\"} 500.25\na_total{x=\"1\"} 3\n# TYPE h histogram\nh_count 1\nh_created 400\n\
                # TYPE s summary\ns_count 1\ns_created 300\n# TYPE b counter\nb_total 1\nb_created 0\n# TYPE c counter\nc_total 1\nc_created 2000";
    assert_eq!(
        good_metrics(text),
        [
            "sum+ a_total{x=1} 3 @500.25..1000",
            "histogram h count=1 bounds=[] counts=[] @400..1000",
            "summary s count=1 quantiles=[] @300..1000",
            "sum+ b_total 1",
            "sum+ c_total 1",
        ]
    );
    let text = "# TYPE a_total counter\na_total 1\na_created 500\n# TYPE b_created gauge\nb_created 500\n# TYPE c gauge\nc_created 5\n";
    assert_eq!(good_text(text), ["sum+ a_total 1 @500..1000", "gauge b_created 500", "gauge c_created 5"]);
}

#[test]
fn a_bad_created_costs_no_more_than_itself() {
    for lines in
        ["a_created -5\na_total 1", "a_total 1\na_created -5", "a_total 1\na_created 1e300", "a_total 1\na_created NaN"]
    {
        let (points, count, _) = bad(Dialect::OpenMetrics, &format!("# TYPE a counter\n{lines}\n# EOF"));
        assert_eq!((points, count), (vec!["sum+ a_total 1".to_owned()], 1), "{lines}");
    }
    let (points, count, reason) = bad(Dialect::OpenMetrics, "# TYPE a counter\na_created 5\n# EOF");
    assert_eq!((points.len(), count), (0, 1));
    assert_eq!(reason, "line 2: a_total: there is a _created but no value for it");
}

#[test]
fn exemplars_go_to_counters_and_to_histograms() {
    let text = "# TYPE a counter\n\
        a_total 1 # {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\",span_id=\"00f067aa0ba902b7\",user=\"7\"} 0.5 500.25\n\
        # TYPE h histogram\nh_bucket{le=\"1\"} 1 700 # {} 0.25\nh_bucket{le=\"+Inf\"} 2 700 # {trace_id=\"short\"} 3\nh_count 2 700 # {n=\"c\"} 4\n\
        # TYPE s summary\ns{quantile=\"1\"} 1 # {} 5\ns_count 1 # {} 6\n";
    assert_eq!(
        good_metrics(text),
        [
            "sum+ a_total 1 #{user=7} 0.5 @500.25 4bf92f3577b34da6a3ce929d0e0e4736/00f067aa0ba902b7",
            "histogram h count=2 bounds=[1.0] counts=[1, 1] @700..700 #{} 0.25 @0 #{trace_id=short} 3 @0 #{n=c} 4 @0",
            "summary s count=1 quantiles=[1.0, 1.0]",
        ]
    );
}

#[test]
fn exemplars_of_interleaved_lines_stay_with_their_points() {
    let text = "# TYPE h histogram\nh_bucket{x=\"1\",le=\"1\"} 1 # {} 1\nh_bucket{x=\"2\",le=\"1\"} 1 # {} 2\n\
        h_bucket{x=\"1\",le=\"+Inf\"} 1 # {} 3\nh_bucket{x=\"3\",le=\"+Inf\"} x # {} 9\nh_count{x=\"2\"} 1\n# EOF";
    let (points, count, _) = bad(Dialect::OpenMetrics, text);
    assert_eq!(count, 1);
    assert_eq!(
        points,
        [
            "histogram h{x=1} count=1 bounds=[1.0] counts=[1, 0] #{} 1 @0 #{} 3 @0",
            "histogram h{x=2} count=1 bounds=[1.0] counts=[1, 0] #{} 2 @0",
        ]
    );
}

#[test]
fn many_buckets_are_read_in_one_go() {
    let mut text = String::from("# TYPE h histogram\n");
    for n in (0..200_000).rev() {
        text.push_str(&format!("h_bucket{{le=\"{n}\"}} {n}\n"));
    }
    text.push_str("h_count 200000\n");
    let decoded = read(Dialect::Text, &text);
    assert_eq!((decoded.batch.len(), decoded.rejected.count), (1, 0));
}

#[test]
fn any_line_may_give_a_points_time() {
    let text = "# TYPE a counter\na_total 1 1500\na_created 500\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1 1500\nh_sum 1\nh_count 1\n";
    assert_eq!(
        good_metrics(text),
        ["sum+ a_total 1 @500..1500", "histogram h count=1 sum=1 bounds=[] counts=[1] @1500..1500"]
    );
}
