//! Rules from one scrape to the next.

use super::super::{Dialect, Scraper};
use super::{points, shown, target};
use crate::model::Time;
use crate::wire::Limits;

/// Scrapes at ten seconds, twenty, …, and the points of each. `None` is a scrape that failed.
fn scrapes(texts: &[Option<&str>]) -> Vec<Vec<String>> {
    let mut scraper = Scraper::new(target());
    let mut all = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let now = Time((at as u64 + 1) * 10_000_000_000);
        all.push(match text {
            None => scraper.lost(now).map_or(Vec::new(), |batch| shown(&batch)),
            Some(text) => {
                let decoded = scraper.read(text.as_bytes(), Dialect::Text, now, &Limits::default());
                assert_eq!(decoded.rejected.reason, None);
                shown(&decoded.batch)
            }
        });
    }
    all
}

fn last(texts: &[Option<&str>]) -> Vec<String> {
    scrapes(texts).pop().unwrap()
}

#[test]
fn an_unknown_start_is_the_first_points_time() {
    assert_eq!(
        scrapes(&[Some("# TYPE a counter\na 5"), Some("# TYPE a counter\na 5"), Some("# TYPE a counter\na 7")]),
        [["sum+ a 5 @10..10"], ["sum+ a 5 @10..20"], ["sum+ a 7 @10..30"]]
    );
}

#[test]
fn gauges_have_no_start() {
    assert_eq!(last(&[Some("a 5"), Some("a 4")]), ["gauge a 4 @0..20"]);
}

#[test]
fn a_value_that_fell_starts_again() {
    assert_eq!(
        scrapes(&[Some("# TYPE a counter\na 5"), Some("# TYPE a counter\na 4"), Some("# TYPE a counter\na 6")]),
        [["sum+ a 5 @10..10"], ["sum+ a 4 @20..20"], ["sum+ a 6 @20..30"]]
    );
    let starts = |first: &str, second: &str| last(&[Some(first), Some(second)])[0].contains("@20..20");
    for (first, second, starts_again) in [
        ("# TYPE h histogram\nh_count 5", "# TYPE h histogram\nh_count 4", true),
        ("# TYPE h histogram\nh_count 5", "# TYPE h histogram\nh_count 5", false),
        ("# TYPE s summary\ns_count 5", "# TYPE s summary\ns_count 4", true),
        ("# TYPE s summary\ns_count 5\ns_sum 3", "# TYPE s summary\ns_count 6\ns_sum 2", false),
        ("# TYPE m stateset\nm{m=\"a\"} 1", "# TYPE m stateset\nm{m=\"a\"} 0", false),
        ("# TYPE a counter\na NaN", "# TYPE a counter\na 1", false),
        ("# TYPE a counter\na 1", "# TYPE a counter\na NaN", false),
    ] {
        assert_eq!(starts(first, second), starts_again, "{first} then {second}");
    }
}

#[test]
fn a_smaller_bucket_is_a_reset() {
    let text = |low: u32, high: u32| format!("# TYPE h histogram\nh_bucket{{le=\"1\"}} {low}\nh_count {high}");
    assert_eq!(
        last(&[Some(&text(5, 10)), Some(&text(9, 12))]),
        ["histogram h count=12 bounds=[1.0] counts=[9, 3] @20..20"]
    );
    assert_eq!(
        last(&[Some(&text(5, 10)), Some(&text(6, 12))]),
        ["histogram h count=12 bounds=[1.0] counts=[6, 6] @10..20"]
    );
}

#[test]
fn missing_series_get_one_point_without_a_value() {
    let text = "# TYPE a counter\na{x=\"1\"} 1\na{x=\"2\"} 2\n# TYPE h histogram\nh_count 1\n# TYPE g gauge\n# HELP g of it\n# UNIT g seconds\ng{otel_scope_name=\"n\"} 1\n";
    let all = scrapes(&[Some(text), Some("# TYPE a counter\na{x=\"2\"} 2"), Some("# TYPE a counter\na{x=\"2\"} 2")]);
    assert_eq!(
        all[1],
        [
            "sum+ a{x=2} 2 @10..20",
            "sum+ a{x=1} none @10..20 flags=1",
            "histogram h none @10..20 flags=1",
            "gauge g none @0..20 flags=1"
        ]
    );
    assert_eq!(all[2], ["sum+ a{x=2} 2 @10..30"]);
}

#[test]
fn a_series_ends_with_its_own_point() {
    let mut scraper = Scraper::new(target());
    let mut read = |text: &str| scraper.read(text.as_bytes(), Dialect::Text, Time(1), &Limits::default()).batch;
    let text = "# TYPE g gauge\n# HELP g of it\n# UNIT g seconds\ng{otel_scope_name=\"n\",otel_scope_k=\"v\",x=\"1\"} 1\ntarget_info{r=\"e\"} 1\n";
    let identity = |batch: &crate::columns::Batch| {
        let point = points(batch).next().unwrap();
        let dictionary = point.dictionary;
        let (resource, scope) = (dictionary.resource(point.origin()), dictionary.scope(point.origin()));
        let lists = [resource.attributes, scope.attributes, point.series().attributes, point.metric().metadata];
        format!(
            "{} {} {:?} {:?} {:?}",
            point.name(),
            point.unit(),
            dictionary.text(point.metric().description),
            dictionary.text(scope.name),
            lists.map(|list| dictionary.attributes(list).map(|pair| format!("{pair:?}")).collect::<Vec<_>>())
        )
    };
    let (there, gone) = (read(text), read(""));
    assert_eq!(points(&gone).map(|point| point.flags()).collect::<Vec<_>>(), [1]);
    assert_eq!(identity(&there), identity(&gone));
}

#[test]
fn a_series_continues_after_a_single_gap() {
    let a = Some("# TYPE a counter\na 5");
    assert_eq!(last(&[a, Some(""), a]), ["sum+ a 5 @10..30"]);
    assert_eq!(last(&[a, Some(""), Some(""), a]), ["sum+ a 5 @40..40"], "after two it is new");
}

#[test]
fn a_failed_scrape_ends_series_and_keeps_starts() {
    let text = Some("# TYPE a counter\na 5\nb 1");
    assert_eq!(
        scrapes(&[None, text, None, None, None, text, Some("b 2")]),
        [
            vec![],
            vec!["sum+ a 5 @20..20", "gauge b 1 @0..20"],
            vec!["sum+ a none @20..30 flags=1", "gauge b none @0..30 flags=1"],
            vec![],
            vec![],
            vec!["sum+ a 5 @20..60", "gauge b 1 @0..60"],
            vec!["gauge b 2 @0..70", "sum+ a none @20..70 flags=1"],
        ]
    );
}

#[test]
fn a_text_cut_short_ends_no_series() {
    let mut scraper = Scraper::new(target());
    let mut read = |text: &str, now: u64| {
        let decoded =
            scraper.read(text.as_bytes(), Dialect::OpenMetrics, Time(now * 1_000_000_000), &Limits::default());
        (shown(&decoded.batch), decoded.rejected.count)
    };
    read("# TYPE a counter\na_total 1\nb 2\n# EOF", 10);
    assert_eq!(read("# TYPE a counter\na_total 1\nb ", 20), (vec!["sum+ a_total 1 @10..20".to_owned()], 1));
    assert_eq!(
        read("# TYPE a counter\na_total 1\n# EOF", 30).0,
        ["sum+ a_total 1 @10..30", "gauge b none @0..30 flags=1"]
    );
}

#[test]
fn a_reported_start_overrules_a_guessed_one() {
    let text = |value: u32, created: u32| format!("# TYPE a counter\na_total {value}\na_created {created}\n# EOF");
    assert_eq!(last(&[Some(&text(5, 3)), Some(&text(6, 15))]), ["sum+ a_total 6 @15..20"]);
    assert_eq!(last(&[Some(&text(5, 3)), Some(&text(4, 3))]), ["sum+ a_total 4 @3..20"]);
    assert_eq!(
        last(&[Some(&text(5, 99)), Some(&text(6, 99))]),
        ["sum+ a_total 6 @10..20"],
        "one in the future does not"
    );
}

#[test]
fn a_start_is_never_after_its_point() {
    assert_eq!(last(&[Some("# TYPE a counter\na 5"), Some("# TYPE a counter\na 6 7000")]), ["sum+ a 6 @7..7"]);
}

#[test]
fn another_resource_or_type_makes_another_series() {
    let old = "target_info{v=\"1\"} 1\n# TYPE a counter\na 5";
    assert_eq!(
        last(&[Some(old), Some("target_info{v=\"2\"} 1\n# TYPE a counter\na 6")]),
        ["sum+ a 6 @20..20", "sum+ a none @10..20 flags=1"]
    );
    assert_eq!(
        last(&[Some(old), Some("target_info{v=\"1\"} 1\n# TYPE a gauge\na 6")]),
        ["gauge a 6 @0..20", "sum+ a none @10..20 flags=1"]
    );
    assert_eq!(
        last(&[Some(old), Some("# TYPE a counter\n# HELP a other words\na 6\ntarget_info{v=\"1\"} 1")]),
        ["sum+ a 6 @10..20"]
    );
}

#[test]
fn the_order_of_labels_does_not_matter() {
    let (one, other) = ("# TYPE a counter\na{x=\"1\",y=\"2\"} 1", "# TYPE a counter\na{y=\"2\",x=\"1\"} 2");
    assert_eq!(last(&[Some(one), Some(other)]), ["sum+ a{y=2,x=1} 2 @10..20"]);
}

#[test]
fn memory_is_bounded_by_the_last_scrapes() {
    let mut scraper = Scraper::new(target());
    for round in 0..40 {
        let text: String = (0..500).map(|n| format!("a{{pod=\"{round}-{n}\",kept=\"x\"}} 1\n")).collect();
        let decoded = scraper.read(
            format!("{text}always{{x=\"1\"}} 1\n").as_bytes(),
            Dialect::Text,
            Time(round + 1),
            &Limits::default(),
        );
        assert_eq!(decoded.batch.len(), if round == 0 { 501 } else { 1_001 });
        let gone = points(&decoded.batch).skip(501);
        assert!(gone.zip(0..).all(|(point, n)| {
            let pod = point.attributes().next().map(|(_, value)| super::plain(value));
            point.flags() == 1 && pod == Some(format!("{}-{n}", round - 1))
        }));
        assert!(scraper.series() <= 1_001);
        let [labels, groups, texts] = scraper.memory.kept();
        assert!(labels < 6_000 && groups < 10 && texts < 4_000, "{labels} {groups} {texts}");
    }
}

#[test]
fn repeated_cut_texts_do_not_pile_up() {
    let mut scraper = Scraper::new(target());
    let limits = Limits { items: 100, ..Limits::default() };
    for round in 0..20 {
        let text: String = (0..100).map(|n| format!("a{{pod=\"{round}-{n}\"}} 1\n")).collect();
        scraper.read(text.as_bytes(), Dialect::OpenMetrics, Time(round + 1), &limits);
        assert!(scraper.series() <= 300, "{}", scraper.series());
    }
}

#[test]
fn ever_new_names_do_not_pile_up() {
    let mut scraper = Scraper::new(target());
    for round in 0..20 {
        let text: String = (0..500)
            .map(|n| format!("a_{round}_{n} 1\n# TYPE h_{round}_{n} histogram\nh_{round}_{n}_count x\n"))
            .collect();
        let decoded = scraper.read(text.as_bytes(), Dialect::Text, Time(round + 1), &Limits::default());
        assert_eq!(decoded.rejected.count, 500);
        let [_, groups, texts] = scraper.memory.kept();
        assert!(groups < 5_000 && texts < 5_000, "{groups} {texts}");
    }
}

#[test]
fn series_keep_their_labels_after_compaction() {
    let mut scraper = Scraper::new(target());
    let churn =
        |round: u32| (0..1_000).map(move |n| format!("a{{pod=\"{round}-{n}\",other=\"{n}\"}} 1\n")).collect::<String>();
    for round in 0..5 {
        let text = format!("{}# TYPE c counter\n# HELP c kept\nc{{x=\"1\",y=\"2\"}} {round}\n", churn(round));
        scraper.read(text.as_bytes(), Dialect::Text, Time((u64::from(round) + 1) * 1_000_000_000), &Limits::default());
    }
    let batch = scraper.lost(Time(9_000_000_000)).unwrap();
    assert_eq!(batch.len(), 1_001);
    let shown = shown(&batch);
    assert!(shown.contains(&"sum+ c{x=1,y=2} none @1..9 flags=1".to_owned()));
    assert!(shown.contains(&"gauge a{pod=4-999,other=999} none @0..9 flags=1".to_owned()));
}

#[test]
fn a_scraper_may_move_between_threads() {
    fn moves<T: Send + Sync + 'static>(_: &T) {}
    moves(&Scraper::new(target()));
}
