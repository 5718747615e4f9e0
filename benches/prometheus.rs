//! Prometheus text → batch, for a target that is polled repeatedly.
//!
//! `cargo bench --bench prometheus`. The text resembles kube-state-metrics: many label sets, few of which change.

use divan::Bencher;
use divan::counter::BytesCount;
use otail::model::Time;
use otail::wire::Limits;
use otail::wire::prometheus::{Dialect, Scraper, Target};
use std::fmt::Write;

const PODS: usize = 5_000;

fn main() {
    divan::main();
}

/// The first scrape: all series are new.
#[divan::bench(args = ["gauges", "counters", "histograms"])]
fn first(bencher: Bencher<'_, '_>, kind: &str) {
    let text = text(kind);
    bencher.counter(BytesCount::of_str(&text)).bench(|| read(&mut Scraper::new(Target::default()), &text, 1));
}

/// A later scrape: all series are known.
#[divan::bench(args = ["gauges", "counters", "histograms"])]
fn next(bencher: Bencher<'_, '_>, kind: &str) {
    let text = text(kind);
    let mut scraper = Scraper::new(Target::default());
    read(&mut scraper, &text, 1);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| read(&mut scraper, &text, 2));
}

fn read(scraper: &mut Scraper, text: &str, now: u64) -> otail::wire::Decoded {
    let decoded = scraper.read(text.as_bytes(), Dialect::Text, Time(now), &Limits::default());
    assert_eq!(decoded.rejected.count, 0);
    decoded
}

fn text(kind: &str) -> String {
    let mut text = String::new();
    for metric in 0..if kind == "histograms" { 2 } else { 20 } {
        let name = format!("kube_pod_something_number_{metric}");
        _ = writeln!(text, "# HELP {name} What the pod has of it.\n# TYPE {name} {}", kind.trim_end_matches('s'));
        for pod in 0..PODS {
            let labels = format!(
                "namespace=\"team-{}\",pod=\"checkout-7d9f8b6c5-{pod:05}\",uid=\"0b1c2d3e-4f50-6172-8394-{pod:012}\",\
                 container=\"server\",node=\"node-{}\"",
                pod % 40,
                pod % 200
            );
            if kind == "histograms" {
                for (at, le) in ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "+Inf"].iter().enumerate()
                {
                    _ = writeln!(text, "{name}_bucket{{{labels},le=\"{le}\"}} {}", at * 10 + pod);
                }
                _ = writeln!(text, "{name}_sum{{{labels}}} {pod}.25\n{name}_count{{{labels}}} {}", 80 + pod);
            } else {
                _ = writeln!(text, "{name}{{{labels}}} {pod}");
            }
        }
    }
    text
}
