//! What each well-known field means, in each signal.

use super::items::{bare_span, event, gap, log, map_log, point, severe_log, span};
use super::{fails, holds};
use crate::columns::{Distribution, PointValue};
use crate::filter::Filter;

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
fn durations_read_every_unit_and_default_to_milliseconds() {
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
            "duration>182",
            "duration<182.5",
            "duration:182.4",
            "duration > 100ms",
            "duration>-1s",
        ],
    );
    fails(
        &span,
        &[
            "duration>182.4ms",
            "duration>183",
            "duration<0.1s",
            "duration!=182400000ns",
            "duration<-1s",
            "duration>99999999999h",
        ],
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
fn a_severity_that_is_text_alone_ranks() {
    let log = severe_log(0, "Error");
    holds(
        &log,
        &[
            "severity:Error",
            "severity=Error",
            "severity:error",
            "severity=err",
            "severity:err*",
            "severity:*",
            "severity>=warn",
            "severity>warn",
            "severity<fatal",
            "severity~^Err",
            "severity!=warn",
            "severity!~warn",
        ],
    );
    fails(
        &log,
        &["severity>error", "severity:fatal", "severity!=error", "severity!~Err", "severity~^err", "severity:rr"],
    );
    for text in ["warning", "ERR", "Critical", "emerg", "fatal", "PANIC", "severe", "WRN", "alert"] {
        holds(&severe_log(0, text), &["severity>=warn", "severity:*"]);
    }
    for text in ["notice", "trace", "Verbose", "INFO"] {
        holds(&severe_log(0, text), &["severity<warn"]);
        fails(&severe_log(0, text), &["severity>=warn"]);
    }
    holds(&severe_log(0, "notice"), &["severity:notice", "severity>=info", "severity:info2", "severity:10"]);
}

#[test]
fn a_number_and_another_text_are_both_found() {
    let log = severe_log(17, "FATAL-ISH");
    holds(&log, &["severity:error", "severity:fatal-ish", "severity=FATAL-ISH", "severity~ISH", "severity:17"]);
    fails(&log, &["severity:fatal", "severity>=fatal", "severity=fatal-ish", "severity!=FATAL-ISH"]);
    // The number decides what the text only suggests.
    fails(&severe_log(13, "fatal"), &["severity>=error"]);
    holds(&severe_log(13, "notice"), &["severity:notice", "severity>=warn"]);
}

#[test]
fn an_unknown_severity_number_is_found() {
    holds(&severe_log(99, ""), &["severity:99", "severity:*", "severity!=98", "severity!=error"]);
    fails(&severe_log(99, ""), &["severity>=trace", "severity<=fatal", "severity:9", "severity:error"]);
    holds(&severe_log(-1, "loud"), &["severity:loud", "severity:*"]);
    holds(&severe_log(99, "err"), &["severity>=error", "severity:99"]);
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
