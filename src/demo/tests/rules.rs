//! OTLP's and the semantic conventions' rules for spans, log records and envelopes.

use super::*;
use std::collections::HashSet;

#[test]
fn ids_are_unique_and_never_zero() {
    let day = &*SHOP;
    let ids: HashSet<&[u8]> = day.spans.iter().map(|(_, span)| &span.span_id[..]).collect();
    assert_eq!(ids.len(), day.spans.len());
    assert!(ids.iter().all(|id| id.len() == 8 && id.iter().any(|byte| *byte != 0)));
    assert!(day.spans.iter().all(|(_, span)| span.trace_id.len() == 16 && span.trace_id != [0; 16]));
}

#[test]
fn every_parent_is_exported() {
    let day = &*INCIDENT;
    let spans = day.by_id();
    let children = day.spans.iter().map(|(_, span)| span).filter(|span| !span.parent_span_id.is_empty());
    let mut seen = 0;
    for span in children.filter(|span| span.end_time_unix_nano < day.settled()) {
        assert!(spans.contains_key(&(&span.trace_id[..], &span.parent_span_id[..])), "{} is an orphan", span.name);
        seen += 1;
    }
    assert!(seen > 5_000);
}

#[test]
fn children_lie_inside_their_parents_except_across_messages() {
    let day = &*INCIDENT;
    let spans = day.by_id();
    let (mut inside, mut later) = (0, 0);
    for (_, span) in &day.spans {
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano, "{} ends before it starts", span.name);
        let Some(parent) = spans.get(&(&span.trace_id[..], &span.parent_span_id[..])) else { continue };
        if span.kind == 5 && parent.kind == 4 {
            assert!(span.start_time_unix_nano >= parent.end_time_unix_nano);
            later += 1;
        } else {
            assert!(span.start_time_unix_nano >= parent.start_time_unix_nano, "{} starts early", span.name);
            assert!(span.end_time_unix_nano <= parent.end_time_unix_nano, "{} ends late", span.name);
            inside += 1;
        }
    }
    assert!(inside > 5_000 && later > 10);
}

#[test]
fn a_request_has_ended_spans_children_first() {
    let exports = exports(7, Scenario::Burst, 120);
    let mut requests = 0;
    for export in &exports {
        let Request::Traces(request) = &export.request else { continue };
        let [resource] = &request.resource_spans[..] else { panic!("one resource a request") };
        let spans: Vec<&Span> = resource.scope_spans.iter().flat_map(|scope| &scope.spans).collect();
        assert!((1..=512).contains(&spans.len()));
        assert!(spans.iter().all(|span| span.end_time_unix_nano <= export.at.0), "nothing from the future");
        for scope in &resource.scope_spans {
            assert!(scope.scope.as_ref().is_some_and(|scope| !scope.name.is_empty() && !scope.version.is_empty()));
            assert!(scope.spans.is_sorted_by_key(|span| span.end_time_unix_nano));
        }
        requests += 1;
    }
    assert!(requests > 500);
}

#[test]
fn resources_identify_the_sender() {
    let mut instances = HashSet::new();
    for export in exports(7, Scenario::Shop, 20) {
        let resource = match export.request {
            Request::Traces(request) => request.resource_spans[0].resource.clone(),
            Request::Metrics(request) => request.resource_metrics[0].resource.clone(),
            Request::Logs(request) => request.resource_logs[0].resource.clone(),
        };
        let attributes = resource.map(|resource| resource.attributes).unwrap_or_default();
        assert_eq!(word(&attributes, "service.name"), export.service);
        for key in ["service.version", "host.name", "telemetry.sdk.language", "telemetry.sdk.version", "k8s.pod.name"] {
            assert!(!word(&attributes, key).is_empty(), "{key} of {}", export.service);
        }
        instances.insert(word(&attributes, "service.instance.id"));
    }
    assert_eq!(instances.len(), 14, "twelve services, two of them twice");
}

#[test]
fn log_records_lie_in_exported_spans() {
    let day = &*INCIDENT;
    let spans = day.by_id();
    let mut seen = 0;
    for (_, log) in day.logs.iter().filter(|(_, log)| log.time_unix_nano < day.settled()) {
        let span = spans.get(&(&log.trace_id[..], &log.span_id[..])).expect("a log's span is exported");
        assert!((span.start_time_unix_nano..=span.end_time_unix_nano).contains(&log.time_unix_nano));
        assert!(log.severity_number > 0 && !log.severity_text.is_empty() && log.body.is_some());
        seen += 1;
    }
    assert!(seen > 1_000);
}

#[test]
fn links_point_to_exported_spans() {
    let day = &*SHOP;
    let spans = day.by_id();
    let links: Vec<_> = day.spans.iter().flat_map(|(_, span)| &span.links).collect();
    assert!(links.len() > 20);
    assert!(
        links.iter().all(|link| spans.get(&(&link.trace_id[..], &link.span_id[..])).is_some_and(|to| to.kind == 4))
    );
}

#[test]
fn exceptions_are_span_events_or_log_events() {
    let day = &*INCIDENT;
    let spans = day.spans.iter().flat_map(|(_, span)| &span.events).filter(|event| event.name == "exception");
    let logs = day.logs.iter().map(|(_, log)| log).filter(|log| log.event_name == "exception");
    let all: Vec<_> = spans.map(|event| &event.attributes).collect();
    let logged: Vec<_> = logs.map(|log| &log.attributes).collect();
    assert!(all.len() > 10 && !logged.is_empty(), "{} and {}", all.len(), logged.len());
    for attributes in all.into_iter().chain(logged) {
        for key in ["exception.type", "exception.message", "exception.stacktrace"] {
            assert!(!word(attributes, key).is_empty(), "{key}");
        }
    }
}

#[test]
fn current_names_of_the_conventions_are_used() {
    let day = &*SHOP;
    let has = |key: &str| day.spans.iter().any(|(_, span)| span.attributes.iter().any(|it| it.key == key));
    for key in [
        "http.request.method",
        "http.response.status_code",
        "http.request.resend_count",
        "url.full",
        "db.system.name",
        "db.query.text",
        "rpc.response.status_code",
        "messaging.operation.type",
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.usage.input_tokens",
        "gen_ai.conversation.id",
        "error.type",
    ] {
        assert!(has(key), "{key}");
    }
    for old in ["http.method", "http.status_code", "db.system", "db.statement", "gen_ai.system", "rpc.system"] {
        assert!(!has(old), "{old}");
    }
}
