//! One rule, one table: `check("expression", item, expected)`.

use super::items::{bare_span, event, gap, log, map_log, point, span};
use crate::columns::{Batch, Distribution, PointValue};
use crate::filter::Filter;

#[track_caller]
fn check(expression: &str, item: &Batch, expected: bool) {
    let filter = Filter::parse(expression).unwrap_or_else(|error| panic!("{error}"));
    let found = filter.select(item, "listen :4317");
    assert_eq!(found.contains(0), expected, "{expression}");
}

#[track_caller]
fn holds(item: &Batch, expressions: &[&str]) {
    expressions.iter().for_each(|expression| check(expression, item, true));
}

#[track_caller]
fn fails(item: &Batch, expressions: &[&str]) {
    expressions.iter().for_each(|expression| check(expression, item, false));
}

#[test]
fn nothing_asked_is_everything() {
    for item in [span(), log(), point("By", PointValue::None), event(), gap()] {
        holds(&item, &["", "  ", "{}", "*"]);
    }
}

#[test]
fn terms_side_by_side_are_anded_and_or_binds_less() {
    let span = span();
    holds(
        &span,
        &[
            "service:checkout status:error duration>150ms",
            "service:nope or status:error",
            "service:checkout && (status:ok || kind:server)",
            "service:nope status:error or kind:server",
            "not service:nope",
            "!service:nope !(status:ok)",
            "NOT status:ok AND kind:server OR status:ok",
            "not not kind:server",
        ],
    );
    fails(&span, &["service:checkout status:ok", "not status:error", "status:ok or kind:client", "! kind:server"]);
}

#[test]
fn is_ignores_case_and_equal_does_not() {
    let span = span();
    holds(&span, &["service:CHECKOUT", "name:\"post /ORDERS\"", "name=\"POST /orders\"", "http.route=\"/cart\""]);
    holds(&span, &["service==checkout", "service===checkout", "service!=Checkout", "service!==Checkout"]);
    fails(&span, &["service=Checkout", "name=\"post /orders\"", "name:POST", "service!=checkout"]);
}

#[test]
fn a_star_behind_a_colon_stands_for_anything() {
    let span = span();
    holds(
        &span,
        &["name:POST*", "name:*orders", "name:\"post */ord*\"", "service:c*t", "http.response.status_code:50*"],
    );
    fails(&span, &["name:*order", "service=c*t", "service:c\\*t", "http.response.status_code:4*"]);
}

#[test]
fn a_star_alone_asks_whether_the_field_is_there() {
    let span = span();
    holds(&span, &["user.id:*", "empty:*", "blank:*", "parent:*", "trace:*", "status_message:*", "host.name:*"]);
    fails(&span, &["user.nope:*", "severity:*", "value:*", "body:*"]);
    let bare = bare_span();
    holds(&bare, &["not parent:*", "not service:*", "not status_message:*", "duration:*", "kind:*"]);
    fails(&bare, &["trace:*"]);
}

#[test]
fn a_missing_field_makes_every_comparison_false() {
    let span = span();
    fails(
        &span,
        &["nope=x", "nope!=x", "nope:x", "nope<5", "nope>=5", "nope~x", "nope!~x", "severity!=warn", "value!=1"],
    );
    holds(&span, &["not nope=x", "not nope!=x", "not severity:warn"]);
    let bare = bare_span();
    fails(&bare, &["service!=x", "trace!=4bf92f3577b34da6a3ce929d0e0e4736", "parent:00", "status_message!=x"]);
}

#[test]
fn ids_match_by_their_beginning() {
    let span = span();
    holds(
        &span,
        &[
            "trace:4bf92f",
            "trace:4BF92F",
            "trace:4bf92f…",
            "trace:4bf92f*",
            "trace:4bf92f3577b34da6a3ce929d0e0e4736",
            "trace=4bf92f3577b34da6a3ce929d0e0e4736",
            "trace!=00000000000000000000000000000001",
            "span:00f067aa",
            "parent:5",
            "trace_id:4b",
            "span_id:00f0",
            "parent_span_id:53995c3f42cd8ad8",
        ],
    );
    fails(&span, &["trace:4bf92e", "span:00f067ab", "trace!=4bf92f3577b34da6a3ce929d0e0e4736", "parent:4"]);
    holds(&log(), &["trace:4bf92f"]);
    fails(&log(), &["span:*", "parent:*"]);
}

#[test]
fn numbers_and_numeric_strings_compare_as_numbers() {
    let span = span();
    holds(
        &span,
        &[
            "http.response.status_code>=500",
            "http.response.status_code=502",
            "http.response.status_code=502.0",
            "http.response.status_code:502",
            "http.response.status_code=\"502\"",
            "retries>2",
            "retries<10",
            "retries=3",
            "retries=3.0",
            "user.id=42",
            "ratio<0.3",
            "ratio=.25",
            "big=9007199254740993",
            "size>1KB",
            "size=1500B",
            "size<1MiB",
            "retries!=4",
        ],
    );
    fails(
        &span,
        &[
            "http.response.status_code<500",
            "retries=\"3.0\"",
            "retries!=3",
            "user.id=\"42\"",
            "big=9007199254740992",
            "http.route>5",
            "cached>0",
            "size>2KB",
        ],
    );
}

#[test]
fn order_without_numbers_is_that_of_text() {
    holds(&span(), &["http.route>/a", "http.request.method>=POST", "user.id<\"1\"", "zone>\"eu\""]);
    fails(&span(), &["http.route>/d", "http.response.status_code>\"4\"", "tags>\"zzz\""]);
}

#[test]
fn durations_need_a_unit_and_read_every_one() {
    let span = span();
    holds(
        &span,
        &[
            "duration>182ms",
            "duration>=182.4ms",
            "duration=182400us",
            "duration:182400µs",
            "duration<1s",
            "duration<1m30s",
            "duration!=1s",
            "duration>0",
            "duration > 100ms",
            "duration>-1s",
        ],
    );
    fails(
        &span,
        &["duration>182.4ms", "duration<0.1s", "duration!=182400000ns", "duration<-1s", "duration>99999999999h"],
    );
    holds(&bare_span(), &["duration=0", "duration<1ns", "duration!=1d", "duration<99999999999999h"]);
    fails(&log(), &["duration>=0s", "duration!=1s", "duration:*"]);
}

#[test]
fn kinds_and_statuses_are_words() {
    let span = span();
    holds(
        &span,
        &["kind:server", "kind=SERVER", "kind!=client", "kind:s*", "kind~^serv", "status:error", "status!=ok"],
    );
    holds(&span, &["status=2", "kind:2", "status!~ok|unset"]);
    fails(&span, &["kind:client", "kind!=server", "status:unset", "status!=error", "kind:c*"]);
    // What is not said is to be read as internal.
    holds(&bare_span(), &["kind:internal", "kind:unspecified", "status:unset", "kind!=client"]);
    fails(&bare_span(), &["kind!=internal"]);
    fails(&log(), &["kind:*", "status:*", "status!=ok"]);
}

#[test]
fn severities_compare_by_their_range() {
    let log = log();
    holds(
        &log,
        &[
            "severity:warn",
            "severity:WARNING",
            "severity=warn2",
            "severity=14",
            "severity>=warn",
            "severity<=warn",
            "severity>info",
            "severity<error",
            "severity!=error",
            "severity:w*",
            "severity~\"warn|error\"",
            "severity>13",
        ],
    );
    fails(
        &log,
        &["severity>warn", "severity<warn", "severity=warn3", "severity!=warn", "severity>=error", "severity<=info4"],
    );
    let unknown = map_log();
    fails(&unknown, &["severity:*", "severity<fatal", "severity!=warn"]);
}

#[test]
fn attributes_are_looked_up_on_the_item_and_then_on_its_resource() {
    let span = span();
    holds(&span, &["zone=us", ".zone=us", "attributes.zone=us", "span.zone=us", "resource.zone=eu", "host.name:web-3"]);
    holds(
        &span,
        &["resource.host.name=web-3", "service.name=checkout", "resource.service.name:checkout", "scope.short=yes"],
    );
    fails(&span, &["zone=eu", "attributes.host.name=web-3", "resource.user.id:*", "resource.zone=us", "short=yes"]);
    let point = point("By", PointValue::Int(1));
    holds(&point, &["state=used", "attributes.state=used", "zone=eu", "resource.zone=eu", "service:checkout"]);
    fails(&point, &["state=free", "resource.state=used"]);
}

#[test]
fn well_known_names_win_and_quotes_or_a_prefix_give_the_attribute() {
    let span = span();
    holds(&span, &["name=\"POST /orders\"", "attributes.name=shadowed", "\"name\"=shadowed", ".name=shadowed"]);
    holds(&span, &["\"a b\"=spaced", "attributes.\"a b\"=spaced", "'a b'=spaced"]);
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    holds(&span(), &["twice=2"]);
    fails(&span(), &["twice=1"]);
}

#[test]
fn other_values_compare_as_they_are_displayed() {
    holds(&span(), &["cached=false", "cached:FALSE", "cached!=true", "empty=\"\"", "blank=\"\""]);
    fails(&span(), &["cached=FALSE", "cached=true", "empty!=\"\""]);
}

#[test]
fn arrays_are_asked_element_by_element_and_maps_by_path() {
    let span = span();
    holds(
        &span,
        &["tags=red", "tags:GREEN", "tags~^gr", "tags=\"[\\\"red\\\", \\\"green\\\"]\"", "user.name=Ada", "user:*"],
    );
    fails(&span, &["tags=blue", "tags!=red", "user.name=Bob", "user.nope:*"]);
    holds(
        &map_log(),
        &["body.order=12345", "body.order>12k", "body:*order*"]
            .map(|text| if text.ends_with('k') { "body.order>12000" } else { text }),
    );
}

#[test]
fn a_regular_expression_is_found_anywhere_and_minds_case() {
    let span = span();
    holds(
        &span,
        &[
            "name~orders",
            "name~\"^POST /\"",
            "name~(?i)post",
            "name=~ORD|ord",
            "http.route!~checkout",
            "user.id~^\\d+$",
        ],
    );
    holds(&span, &["user.id~\"^\\d{4}$\"", "http.response.status_code~^5"]);
    fails(&span, &["name~post", "name!~orders", "name~^orders"]);
}

#[test]
fn text_fields_belong_to_their_signals() {
    holds(&span(), &["scope:io.shop.http", "scope.name:io.*", "scope.version=1.2.0", "status_message:*declined"]);
    holds(&log(), &["name:db.timeout", "event_name=db.timeout", "body:*timed*", "body~db-\\d", "scope:io*"]);
    let point = point("By", PointValue::Int(1));
    holds(&point, &["name:process.memory.*", "unit:by", "unit=By", "type:gauge", "type!=sum", "type:g*"]);
    fails(&point, &["type:sum", "unit:s"]);
    holds(&event(), &["type:task_fail", "name:task*", "session:swarm-x"]);
    fails(&span(), &["type:*", "unit:*", "body:*"]);
}

#[test]
fn a_session_is_the_first_attribute_that_names_one() {
    holds(&span(), &["session:s-1", "session=s-1", "session:*"]);
    fails(&span(), &["session:s-2"]);
    fails(&log(), &["session:*"]);
}

#[test]
fn genai_is_an_operation_of_that_kind() {
    holds(&span(), &["genai:true", "genai=true", "genai!=false", "not genai:false"]);
    fails(&span(), &["genai:false"]);
    holds(&bare_span(), &["genai:false", "genai!=true"]);
}

#[test]
fn a_points_value_is_compared_in_its_metrics_unit() {
    let big = point("By", PointValue::Int(2_000_000));
    holds(&big, &["value>1MB", "value<2MiB", "value=2000000", "value:2MB", "value:*", "value!=1"]);
    fails(&big, &["value>2MB", "value<1KB", "value>1s"]);
    let slow = point("s", PointValue::Double(0.3));
    holds(&slow, &["value>250ms", "value<1s", "value=0.3"]);
    fails(&slow, &["value>0.5s", "value>1KB"]);
    holds(&point("", PointValue::Int(2_000_000)), &["value>1MB"]);
    let none = point("s", PointValue::None);
    fails(&none, &["value:*", "value=0", "value!=0"]);
    let distribution = Distribution { count: 3, ..Distribution::default() };
    fails(&point("s", PointValue::Distribution(&distribution)), &["value:*", "value>0"]);
    fails(&point("s", PointValue::Double(f64::NAN)), &["value>0", "value<=0", "value=0"]);
}

#[test]
fn an_events_fields_are_in_its_payload() {
    let event = event();
    holds(
        &event,
        &[
            "payload.agentId=planner",
            "payload.data.status:error",
            "data.status === \"error\"",
            "data.attempts>3 && agentId == 'planner'",
            "payload:*",
            "payload.data:*",
        ],
    );
    fails(&event, &["payload.data.status=ok", "payload.nope:*", "resource.agentId:*", "body:*"]);
    fails(&gap(), &["payload:*"]);
    fails(&span(), &["payload:*", "payload.agentId:*"]);
}

#[test]
fn signals_are_told_apart() {
    holds(&span(), &["signal:span", "signal:spans", "signal=SPAN", "signal!=log", "signal:s*"]);
    holds(&log(), &["signal:log"]);
    holds(&point("s", PointValue::None), &["signal:metric", "signal:metrics"]);
    holds(&event(), &["signal:event", "signal!=gap"]);
    holds(&gap(), &["signal:gap", "signal!=event", "signal:gap or signal:event"]);
    fails(&gap(), &["signal:event"]);
    fails(&event(), &["signal:gap", "signal:span"]);
}

#[test]
fn a_source_is_asked_by_its_name() {
    holds(&span(), &["source:\"listen :4317\"", "source:listen*", "source!=file", "source~4317"]);
    fails(&span(), &["source:file*"]);
    let filter = Filter::parse("source:*").unwrap();
    assert!(filter.select(&span(), ()).is_empty());
    assert!(filter.select(&span(), "").is_empty());
}

#[test]
fn a_bare_word_is_anywhere_in_the_item() {
    let span = span();
    holds(
        &span,
        &[
            "orders",
            "/cart",
            "checkout",
            "web-3",
            "io.shop",
            "declined",
            "http.route",
            "CardError",
            "carderror",
            "exception",
            "green",
            "Ada",
            "502",
            "0.25",
            "77123",
            "\"payment declined\"",
            "pay*declined",
            "4bf92f35",
            "00f067aa",
            "53995c3f42cd",
            "11112222",
            "POST",
        ],
    );
    fails(&span, &["Checkout", "nope", "declined*payment", "4bf92f3", "f92f3577b3", "99999", "5021"]);
    holds(
        &log(),
        &["timed", "connection", "warning", "db.timeout", "4bf92f3577b34da6a3ce929d0e0e4736", "main", "web-3"],
    );
    fails(&log(), &["connections", "4bf92f3577b34da6a3ce929d0e0e47360"]);
    holds(&point("By", PointValue::Int(123_456)), &["memory", "used", "23456", "By", "4bf92f3577b34da6"]);
    holds(&event(), &["planner", "attempts", "ev-1", "swarm", "4", "task_fail"]);
    holds(&gap(), &["overflow"]);
    holds(&map_log(), &["12345", "order"]);
    fails(&event(), &["5"]);
}

#[test]
fn traceql_is_understood() {
    holds(
        &span(),
        &[
            "{ resource.service.name = \"checkout\" && span.http.response.status_code >= 500 && duration > 100ms }",
            "{ .http.route = `/cart` }",
            "{ span:name = \"POST /orders\" && span:kind = server && status = error }",
            "{ trace:id = \"4bf92f3577b34da6a3ce929d0e0e4736\" || instrumentation:name =~ \"nope\" }",
            "{ span.user.id != nil }",
            "{ .nope = nil }",
            "{ name =~ \"POST .*\" }",
        ],
    );
    fails(&span(), &["{ .nope != nil }", "{ .http.route = nil }", "{ status = ok }"]);
}
