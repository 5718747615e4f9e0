//! What comparisons, joints and bare words mean, one rule a table.

use super::items::{bare_span, event, gap, log, map_log, numbered_span, point, span};
use super::{fails, holds};
use crate::columns::PointValue;

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
            "retries=3B",
            "retries<1us",
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
fn a_minus_before_a_comparison_negates_it() {
    let span = span();
    holds(&span, &["-service:payments", "-service:payments service:checkout", "-zone:*nowhere"]);
    fails(&span, &["-service:checkout", "-zone:us", "service:checkout -zone:us"]);
}

#[test]
fn an_at_sign_names_an_attribute() {
    holds(&span(), &["@zone:us", "@host.name:web-3", "@\"a b\":spaced", "-@zone:eu", "@name=shadowed"]);
    fails(&span(), &["@zone:eu"]);
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
    holds(&map_log(), &["body.order=12345", "body.order>12000", "body:*order*"]);
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
    // A batch without text that it is in, and without arrays and maps.
    holds(&numbered_span(), &["1234", "2.5"]);
    fails(&numbered_span(), &["12340", "nope"]);
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
