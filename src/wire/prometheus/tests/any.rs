//! Random families read back as they were written, and no bytes cost another line or cause a panic.

use super::super::{Dialect, Scraper, looks_like_prometheus};
use super::{NOW, points, show, shown, target};
use crate::model::Time;
use crate::wire::Limits;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Labels = BTreeMap<String, String>;

/// A family with the points of its label sets.
#[derive(Clone, Debug)]
enum Family {
    Number(&'static str, BTreeMap<Labels, f64>),
    /// Bounds in ascending order; for each label set one more count than bounds, and the sum.
    Histogram(Vec<f64>, BTreeMap<Labels, (Vec<u32>, f64)>),
    Summary(BTreeMap<Labels, (u32, BTreeMap<u8, f64>)>),
}

fn labels() -> impl Strategy<Value = Labels> {
    let text = prop_oneof!["[a-z]{1,4}", any::<String>().prop_filter("a value", |text| !text.is_empty())];
    btree_map(prop_oneof!["[a-z_]{1,3}", "\\PC{1,3}"], text, 0..4)
        .prop_map(|labels| labels.into_iter().filter(|(name, _)| name != "le" && name != "quantile").collect())
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>().prop_filter("shown alike", |value| !value.is_nan()), (0..100u32).prop_map(f64::from)]
}

fn family() -> impl Strategy<Value = Family> {
    let kinds = prop_oneof![Just("counter"), Just("gauge"), Just("unknown"), Just("stateset")];
    let bounds = btree_set(-50i32..50, 0..5).prop_map(|set| set.into_iter().map(|n| f64::from(n) / 4.0).collect());
    prop_oneof![
        (kinds, btree_map(labels(), number(), 0..4)).prop_map(|(kind, points)| Family::Number(kind, points)),
        bounds.prop_flat_map(|bounds: Vec<f64>| {
            let counts = vec(any::<u32>(), bounds.len() + 1);
            btree_map(labels(), (counts, number()), 0..4)
                .prop_map(move |points| Family::Histogram(bounds.clone(), points))
        }),
        btree_map(labels(), (any::<u32>(), btree_map(0..100u8, number(), 0..4)), 0..4).prop_map(Family::Summary),
    ]
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn line(name: &str, labels: &Labels, more: &str, value: impl std::fmt::Display) -> String {
    let label = |(name, value): (&String, &String)| match name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        true => format!("{name}=\"{}\",", escaped(value)),
        false => format!("\"{}\" = \"{}\" ,", escaped(name), escaped(value)),
    };
    let labels: String = labels.iter().map(label).collect();
    format!("{name}{{{labels}{more}}} {value}")
}

/// The lines of the families `f0`, `f1`, …, and the sorted points that they give.
fn rendered(families: &[Family]) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut lines, mut points) = (Vec::new(), Vec::new());
    for (at, family) in families.iter().enumerate() {
        let name = format!("f{at}");
        let mut own = Vec::new();
        let shown = |labels: &Labels| {
            let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) }
        };
        match family {
            Family::Number(kind, values) => {
                own.push(format!("# TYPE {name} {kind}"));
                let kind = match *kind {
                    "counter" => "sum+",
                    "stateset" => "sum",
                    _ => "gauge",
                };
                for (labels, value) in values {
                    own.push(line(&name, labels, "", value));
                    points.push(format!("{kind} {name}{} {value}", shown(labels)));
                }
            }
            Family::Histogram(bounds, values) => {
                own.push(format!("# TYPE {name} histogram"));
                for (labels, (counts, sum)) in values {
                    let mut below = 0u64;
                    for (at, count) in counts.iter().enumerate() {
                        below += u64::from(*count);
                        let bound = bounds.get(at).map_or("+Inf".to_owned(), f64::to_string);
                        own.push(line(&format!("{name}_bucket"), labels, &format!("le=\"{bound}\""), below));
                    }
                    own.push(line(&format!("{name}_sum"), labels, "", sum));
                    own.push(line(&format!("{name}_count"), labels, "", below));
                    let labels = shown(labels);
                    points.push(format!(
                        "histogram {name}{labels} count={below} sum={sum} bounds={bounds:?} counts={counts:?}"
                    ));
                }
            }
            Family::Summary(values) => {
                own.push(format!("# TYPE {name} summary"));
                for (labels, (count, quantiles)) in values {
                    let mut pairs = Vec::new();
                    for (percent, value) in quantiles {
                        let quantile = f64::from(*percent) / 100.0;
                        own.push(line(&name, labels, &format!("quantile=\"{quantile}\""), value));
                        pairs.extend([quantile, *value]);
                    }
                    own.push(line(&format!("{name}_count"), labels, "", count));
                    points.push(format!("summary {name}{} count={count} quantiles={pairs:?}", shown(labels)));
                }
            }
        }
        lines.push(own);
    }
    points.sort();
    (lines, points)
}

fn read(text: &[u8], dialect: Dialect) -> (Vec<String>, u64) {
    let decoded = Scraper::new(target()).read(text, dialect, NOW, &Limits::default());
    let mut points: Vec<String> = points(&decoded.batch).map(show).collect();
    points.sort();
    (points, decoded.rejected.count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn families_at_random_come_back_as_they_were(
        families in vec(family(), 0..6),
        seed in any::<u64>(),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just(" \t\n")],
    ) {
        let (lines, points) = rendered(&families);
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut types, mut samples) = (Vec::new(), Vec::new());
        for mut own in lines {
            types.push(own.remove(0));
            samples.extend(own);
        }
        random.shuffle(&mut samples);
        let text = [types, samples].concat().join(end);
        prop_assert_eq!(read(text.as_bytes(), Dialect::Text), (points.clone(), 0));
        prop_assert_eq!(read(format!("{text}\n# EOF\n").as_bytes(), Dialect::OpenMetrics), (points, 0));
    }

    #[test]
    fn a_line_of_anything_costs_no_other_line(
        families in vec(family(), 1..4),
        junk in prop_oneof![vec(any::<u8>(), 0..40), "\\PC{0,30}".prop_map(String::into_bytes), token_soup()],
        place in any::<prop::sample::Index>(),
    ) {
        let (lines, points) = rendered(&families);
        let lines = lines.concat();
        let place = place.index(lines.len() + 1);
        // Without an `f` the line cannot belong to these families.
        let junk = junk.into_iter().filter(|byte| *byte != b'\n').map(|byte| if byte == b'f' { b'g' } else { byte });
        let junk: Vec<u8> = junk.collect();
        prop_assume!(!String::from_utf8_lossy(&junk).contains("EOF"));
        let mut text = lines[..place].join("\n").into_bytes();
        text.push(b'\n');
        text.extend(&junk);
        text.push(b'\n');
        text.extend(lines[place..].join("\n").into_bytes());
        let (seen, rejected) = read(&text, Dialect::Text);
        prop_assert!(points.iter().all(|point| seen.contains(point)), "{:?}", String::from_utf8_lossy(&text));
        prop_assert!(seen.len() as u64 + rejected <= points.len() as u64 + 1);
    }

    #[test]
    fn mutated_text_never_panics_and_counts_rejections(
        families in vec(family(), 1..4),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        again in any::<bool>(),
    ) {
        let (lines, _) = rendered(&families);
        let good = lines.concat().join("\n").into_bytes();
        let mut text = good.clone();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let mut scraper = Scraper::new(target());
        for (round, text) in [&good, &text, &good].into_iter().enumerate() {
            let dialect = if again { Dialect::OpenMetrics } else { Dialect::Text };
            let decoded = scraper.read(text, dialect, Time(NOW.0 + round as u64), &Limits::default());
            // The first scrape with a gauge histogram reports it.
            prop_assert!(decoded.rejected.count > 0 || decoded.rejected.reason.is_none());
            for line in shown(&decoded.batch) {
                prop_assert!(!line.is_empty());
            }
        }
        scraper.lost(NOW);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop_oneof![vec(any::<u8>(), 0..400), token_soup()], open in any::<bool>()) {
        let dialect = if open { Dialect::OpenMetrics } else { Dialect::Text };
        let mut scraper = Scraper::new(target());
        let limits = Limits { items: 5, parts: 20 };
        for now in 1..4 {
            let decoded = scraper.read(&bytes, dialect, Time(now), &limits);
            shown(&decoded.batch);
            // The first scrape with a gauge histogram reports it.
            prop_assert!(decoded.rejected.count > 0 || decoded.rejected.reason.is_none());
        }
        looks_like_prometheus(&bytes);
    }
}

/// The formats' tokens in random order, which resemble a line more than random bytes do.
fn token_soup() -> impl Strategy<Value = Vec<u8>> {
    const TOKENS: [&str; 36] = [
        "a",
        "b_total",
        "_bucket",
        "a_count",
        "a_sum",
        "a_created",
        "{",
        "}",
        "\"",
        "=",
        ",",
        " ",
        "  ",
        "\n",
        "\n",
        "\r\n",
        "# TYPE ",
        "# HELP ",
        "# UNIT ",
        "# EOF",
        "#",
        "a histogram",
        "a counter",
        "a summary",
        "le=\"1\"",
        "le=\"+Inf\"",
        "quantile=\"0.5\"",
        "x=\"y\"",
        "\\",
        "1",
        "2.5",
        "NaN",
        "+Inf",
        "é",
        "\u{0}",
        "trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"",
    ];
    vec(prop::sample::select(&TOKENS[..]), 0..60).prop_map(|tokens| tokens.concat().into_bytes())
}
