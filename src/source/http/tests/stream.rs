//! Event streams.

use super::*;

#[test]
fn a_stream_resumes_from_its_last_event_id() {
    let first = stream(&(span(1) + &span(2) + "id: 3\ndata: half"));
    let (port, asked) = server(vec![first, stream(&(span(2) + &span(3)))]);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 0);
    assert_eq!(run.names(3), ["s1", "s2", "s3"]);
    let requests: Vec<String> = asked.iter().take(2).collect();
    assert!(requests[0].contains("accept: text/event-stream\n"), "{}", requests[0]);
    assert!(!requests[0].contains("last-event-id"), "{}", requests[0]);
    assert!(requests[1].contains("last-event-id: 2\n"), "{}", requests[1]);
}

#[test]
fn a_source_that_never_delivers_is_given_up() {
    let (port, asked) = server(vec![status("503 Service Unavailable"); 2]);
    let run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 1);
    let connection = run.given_up();
    assert_eq!((connection.attempts, asked.try_iter().count()), (1, 2), "one attempt and one retry");
    let error = connection.error.unwrap();
    assert!(error.contains("503") && error.ends_with("; gave up after 1 retry"), "{error}");
}

#[test]
fn a_retry_by_hand_starts_over() {
    let (port, _asked) = server(vec![status("404 Not Found"), stream(&span(7))]);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 5);
    let connection = run.given_up();
    assert!(run.provider.retry(connection.id));
    assert_eq!(run.names(1), ["s7"]);
}

#[test]
fn a_missing_path_falls_back_to_the_others() {
    let answers = vec![status("404 Not Found"), status("404 Not Found"), stream(&span(1))];
    let (port, asked) = server(answers);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/api/v1/events/spans?session=x"), 5);
    assert_eq!(run.names(1), ["s1"]);
    let paths: Vec<String> = asked.iter().take(3).filter_map(|asked| Some(asked.lines().next()?.to_owned())).collect();
    assert_eq!(paths[1], "get /api/v1/live/spans?session=x http/1.1");
    assert_eq!(paths[2], "get /api/v1/live?session=x http/1.1");
}

#[test]
fn if_every_path_is_missing_all_are_named() {
    let mut answers = vec![status("404 Not Found"); 3];
    answers.push(stream(&span(1)));
    let (port, asked) = server(answers);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/api/v1/events/spans"), 5);
    let connection = run.given_up();
    let error = connection.error.unwrap();
    assert!(error.contains("/api/v1/events/spans") && error.contains("/api/v1/live"), "{error}");
    assert!(run.provider.retry(connection.id));
    assert_eq!(run.names(1), ["s1"]);
    assert!(asked.iter().nth(3).unwrap().starts_with("get /api/v1/events/spans "));
}

#[test]
fn an_event_over_the_limit_becomes_a_gap() {
    let long = format!("data: {}\n\n", "x".repeat((1 << 20) + 1));
    let (port, _asked) = server(vec![stream(&(span(1) + &long + &span(2)))]);
    let mut run = connect(&format!("sse+http://127.0.0.1:{port}/live"), 0);
    let mut came = Vec::new();
    while came.len() < 3 {
        for item in run.reader.drain(Duration::from_secs(20)).iter().flat_map(|parcel| &parcel.batches) {
            came.extend(item.items().map(|item| match item {
                Item::Event(event) => format!("{:?}", event.gap().map(|gap| gap.dropped)),
                Item::Span(span) => span.name().to_owned(),
                other => panic!("{other:?}"),
            }));
        }
    }
    assert_eq!(came, ["s1", "Some(1)", "s2"]);
    assert_eq!(run.reader.counts().total.rejected, 1);
}

fn filtered(url: &str, filter: &str) -> Run {
    connect_with(url, |options| options.filter = crate::filter::Filter::parse(filter).unwrap())
}

fn span_of(service: &str, n: u8) -> String {
    span(n).replacen("\"name\"", &format!("\"serviceName\":\"{service}\",\"name\""), 1)
}

#[test]
fn a_filter_is_sent_to_the_server_and_applied() {
    let (port, asked) = server(vec![stream(&(span_of("a", 1) + &span_of("b", 2) + &span_of("a", 3)))]);
    let mut run = filtered(&format!("sse+http://127.0.0.1:{port}/x/spans"), "service:a name:s3");
    assert_eq!(run.names(1), ["s3"]);
    let request = asked.recv().unwrap();
    assert!(request.starts_with("get /x/spans/filter?servicename=a http"), "{request}");
    let total = run.reader.counts().total;
    assert_eq!((total.received, total.filtered), (3, 2), "the rest is filtered here");
}

#[test]
fn a_server_without_filter_is_read_whole() {
    let (port, asked) = server(vec![status("404 Not Found"), stream(&(span_of("a", 1) + &span_of("b", 2)))]);
    let mut run = filtered(&format!("sse+http://127.0.0.1:{port}/x/spans"), "service:b");
    assert_eq!(run.names(1), ["s2"]);
    let requests: Vec<String> = asked.iter().take(2).collect();
    assert!(requests[1].starts_with("get /x/spans http"), "{}", requests[1]);
}
