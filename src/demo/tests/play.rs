//! Determinism, rate and variety.

use super::*;
use prost::Message;

fn bytes(exports: &[Export]) -> Vec<(u64, &'static str, Vec<u8>)> {
    let encode = |request: &Request| match request {
        Request::Traces(request) => request.encode_to_vec(),
        Request::Metrics(request) => request.encode_to_vec(),
        Request::Logs(request) => request.encode_to_vec(),
    };
    exports.iter().map(|export| (export.at.0, export.service, encode(&export.request))).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(bytes(&exports(3, Scenario::Shop, 40)), bytes(&exports(3, Scenario::Shop, 40)));
}

#[test]
fn another_seed_gives_other_ids() {
    let ids = |seed| -> Vec<Vec<u8>> {
        let exports = exports(seed, Scenario::Shop, 5);
        exports
            .iter()
            .filter_map(|export| match &export.request {
                Request::Traces(request) => Some(request.resource_spans[0].scope_spans[0].spans[0].trace_id.clone()),
                _ => None,
            })
            .collect()
    };
    let others = ids(4);
    assert!(!others.is_empty() && ids(3).iter().all(|id| !others.contains(id)));
}

#[test]
fn the_size_of_the_steps_changes_nothing() {
    let mut shop = Shop::new(3, Scenario::Burst, START);
    let mut stepped = Vec::new();
    for step in 1..=400 {
        stepped.extend(shop.advance(Time(START.0 + step * 100_000_000)));
    }
    assert_eq!(bytes(&stepped), bytes(&exports(3, Scenario::Burst, 40)));
}

#[test]
fn another_start_changes_only_the_times() {
    let told = |start: u64| -> Vec<Span> {
        let mut all = Vec::new();
        for export in Shop::new(3, Scenario::Shop, Time(start)).advance(Time(start + 20_000_000_000)) {
            if let Request::Traces(request) = export.request {
                let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
                all.extend(scopes.flat_map(|scope| scope.spans));
            }
        }
        for span in &mut all {
            span.start_time_unix_nano -= start;
            span.end_time_unix_nano -= start;
            span.events.iter_mut().for_each(|event| event.time_unix_nano -= start);
        }
        all
    };
    assert_eq!(told(START.0), told(1_234_567_890_123_456_789));
}

#[test]
fn the_shop_is_lively_but_readable() {
    let rate = SHOP.spans.len() as f64 / 300.0;
    assert!((40.0..80.0).contains(&rate), "{rate} spans/s");
}

#[test]
fn a_quiet_day_is_quiet() {
    let rate = Day::of(Scenario::Quiet, 300).spans.len() as f64 / 300.0;
    assert!((1.0..8.0).contains(&rate), "{rate} spans/s");
}

#[test]
fn a_burst_is_many_times_the_usual_rate() {
    let day = Day::of(Scenario::Burst, 200);
    let mut seconds = vec![0_u64; 201];
    for (_, span) in &day.spans {
        seconds[((span.end_time_unix_nano - START.0) / 1_000_000_000) as usize] += 1;
    }
    seconds.sort_unstable();
    let (median, peak) = (seconds[100], seconds[199]);
    assert!(median > 3 && peak > 10 * median, "median {median}, peak {peak} spans in a second");
}

fn failing(spans: &[(&str, Span)], service: &str, from: u64, to: u64) -> f64 {
    let range = after(from).0..after(to).0;
    let of = |only_errors: bool| {
        let counts = |(name, span): &&(&str, Span)| {
            let error = span.status.as_ref().is_some_and(|status| status.code == 2);
            *name == service && range.contains(&span.start_time_unix_nano) && (error || !only_errors)
        };
        spans.iter().filter(counts).count() as f64
    };
    of(true) / of(false)
}

#[test]
fn an_ordinary_day_has_a_few_errors() {
    let day = &*SHOP;
    let errors = day.spans.iter().filter(|(_, span)| span.status.as_ref().is_some_and(|status| status.code == 2));
    let share = errors.count() as f64 / day.spans.len() as f64;
    assert!((0.005..0.06).contains(&share), "{share}");
}

#[test]
fn an_incident_makes_payments_fail_and_passes() {
    let day = &*INCIDENT;
    let (before, during, afterwards) = (
        failing(&day.spans, "payments", 0, 60),
        failing(&day.spans, "payments", 60, 180),
        failing(&day.spans, "payments", 190, 300),
    );
    assert!(during > 0.25 && during > 3.0 * before.max(afterwards), "{before} {during} {afterwards}");
}

#[test]
fn an_ordinary_day_has_slow_paths() {
    let day = &*SHOP;
    let longest = |name: &str| {
        let of = |(_, span): &(&str, Span)| {
            (span.name == name).then_some(span.end_time_unix_nano - span.start_time_unix_nano)
        };
        day.spans.iter().filter_map(of).max().unwrap_or_default() / 1_000_000
    };
    assert!(longest("rank candidates") > 500, "a cold cache is slow");
    assert!(longest("POST /v1/charges") > 600, "the payment provider is slow now and then");
    let mut children: HashMap<(&[u8], &str), u32> = HashMap::new();
    for (_, span) in &day.spans {
        *children.entry((&span.parent_span_id, &span.name)).or_default() += 1;
    }
    let most = children.iter().filter(|((_, name), _)| *name == "SELECT reviews").map(|(_, count)| *count).max();
    assert!(most > Some(10), "one query each: {most:?} in one span");
}

#[test]
fn every_service_sends() {
    let day = &*SHOP;
    let mut services: Vec<&str> = day.spans.iter().map(|(service, _)| *service).collect();
    services.sort_unstable();
    services.dedup();
    assert_eq!(services.len(), 12, "{services:?}");
}
