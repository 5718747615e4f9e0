//! The meaning of a log line's keys, in the spelling of each logger.

/// The field of a log record that a key fills. If several keys claim one field, the lowest rank wins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// The message. `text_only`: it must be text.
    Message {
        rank: u8,
        text_only: bool,
    },
    Severity {
        rank: u8,
        scale: Scale,
    },
    Time {
        rank: u8,
        unit: Unit,
    },
    TraceId,
    SpanId,
    Flags,
    Service {
        rank: u8,
    },
    /// An object that contains several of these (ECS: `log.level`, `trace.id`, `service.name`; Datadog; OpenTelemetry).
    Group(Group),
}

/// The scale of a severity number; words mean the same on each scale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scale {
    /// Tens and hundreds are pino's; numbers below 8 are syslog's.
    Guessed,
    /// syslog: 0 (emergency) to 7 (debug).
    Syslog,
    /// Python: 10 (debug) to 50 (critical).
    Python,
    /// OpenTelemetry: 1 to 24.
    Otel,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    /// The unit that gives the date nearest to today.
    Guessed,
    Nanos,
    Micros,
    Millis,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Group {
    /// ECS's `log`.
    Log,
    /// ECS's `trace`.
    Trace,
    /// ECS's `span`.
    Span,
    /// ECS's `service`, or a service name.
    Service,
    /// Google's `serviceContext`.
    ServiceContext,
    /// Datadog's `dd`.
    Datadog,
    /// Google's `jsonPayload`.
    Payload,
    /// OpenTelemetry's `resource`, with `attributes` inside.
    Resource,
}

const fn message(rank: u8) -> Option<Role> {
    Some(Role::Message { rank, text_only: false })
}

const fn text(rank: u8) -> Option<Role> {
    Some(Role::Message { rank, text_only: true })
}

const fn severity(rank: u8, scale: Scale) -> Option<Role> {
    Some(Role::Severity { rank, scale })
}

const fn time(rank: u8, unit: Unit) -> Option<Role> {
    Some(Role::Time { rank, unit })
}

/// The meaning of a key at the top level of a log line.
pub(super) fn role(key: &str) -> Option<Role> {
    match key {
        "msg" | "message" | "Message" | "@m" | "MESSAGE" => message(0),
        // Serilog's compact format: the template, used if there is no rendered message.
        "RenderedMessage" | "renderedMessage" | "short_message" | "textPayload" => message(1),
        "@mt" | "MessageTemplate" | "messageTemplate" => message(2),
        "body" | "Body" => message(3),
        "log" => Some(Role::Group(Group::Log)),
        "text" => text(4),
        "event" => text(5),
        "jsonPayload" => Some(Role::Group(Group::Payload)),

        "level" | "Level" | "severity" | "Severity" | "@l" | "lvl" | "log.level" | "log_level" | "loglevel"
        | "logLevel" | "LogLevel" | "levelname" | "level_name" => severity(0, Scale::Guessed),
        "severityText" | "severity_text" | "SeverityText" => severity(0, Scale::Guessed),
        "severityNumber" | "severity_number" | "SeverityNumber" => severity(1, Scale::Otel),
        "levelno" => severity(2, Scale::Python),
        "PRIORITY" | "syslog.severity.name" => severity(2, Scale::Syslog),
        "priority" | "log.syslog.severity.code" | "syslog_severity" => severity(3, Scale::Syslog),

        "@timestamp" | "@t" => time(0, Unit::Guessed),
        "timeUnixNano" | "time_unix_nano" | "time_nanos" | "timestamp_ns" => time(0, Unit::Nanos),
        "time" | "timestamp" | "ts" | "Time" | "Timestamp" | "TimeStamp" | "TIMESTAMP" => time(1, Unit::Guessed),
        "timeMillis" | "timestamp_ms" | "epochMillis" => time(1, Unit::Millis),
        "timestamp_us" => time(1, Unit::Micros),
        "instant" | "datetime" | "dateTime" | "date" | "asctime" | "eventTime" | "event_time" | "syslog_timestamp" => {
            time(2, Unit::Guessed)
        }
        "_SOURCE_REALTIME_TIMESTAMP" => time(2, Unit::Micros),
        "__REALTIME_TIMESTAMP" => time(3, Unit::Micros),
        "observedTimestamp" | "observed_timestamp" => None,

        "trace_id"
        | "traceId"
        | "trace.id"
        | "traceid"
        | "traceID"
        | "TraceId"
        | "TraceID"
        | "@tr"
        | "dd.trace_id"
        | "otelTraceID"
        | "logging.googleapis.com/trace"
        | "OTEL_TRACE_ID" => Some(Role::TraceId),
        "trace" => Some(Role::Group(Group::Trace)),
        "span_id"
        | "spanId"
        | "span.id"
        | "spanid"
        | "spanID"
        | "SpanId"
        | "SpanID"
        | "@sp"
        | "dd.span_id"
        | "otelSpanID"
        | "logging.googleapis.com/spanId" => Some(Role::SpanId),
        "span" => Some(Role::Group(Group::Span)),
        "trace_flags" | "traceFlags" | "trace.flags" | "TraceFlags" => Some(Role::Flags),

        "service.name"
        | "service_name"
        | "serviceName"
        | "ServiceName"
        | "otelServiceName"
        | "resource.service.name" => Some(Role::Service { rank: 0 }),
        "service" => Some(Role::Group(Group::Service)),
        "dd.service" => Some(Role::Service { rank: 1 }),
        "SYSLOG_IDENTIFIER" => Some(Role::Service { rank: 3 }),
        "serviceContext" => Some(Role::Group(Group::ServiceContext)),
        "dd" => Some(Role::Group(Group::Datadog)),
        "resource" => Some(Role::Group(Group::Resource)),
        _ => None,
    }
}

/// The meaning of a key inside one of the groups.
pub(super) fn role_in(group: Group, key: &str) -> Option<Role> {
    match (group, key) {
        (Group::Log, "level") => severity(0, Scale::Guessed),
        (Group::Trace, "id" | "trace_id") | (Group::Datadog, "trace_id") => Some(Role::TraceId),
        (Group::Span, "id" | "span_id") | (Group::Datadog, "span_id") => Some(Role::SpanId),
        (Group::Service, "name") | (Group::ServiceContext, "service") | (Group::Datadog, "service") => {
            Some(Role::Service { rank: 1 })
        }
        (Group::Resource, "service.name") => Some(Role::Service { rank: 0 }),
        (Group::Payload, "message" | "msg") => text(6),
        _ => None,
    }
}

/// The meaning of a group whose value is a text instead of an object.
pub(super) fn role_of_text(group: Group) -> Option<Role> {
    match group {
        Group::Log => text(4),
        Group::Service => Some(Role::Service { rank: 1 }),
        Group::Trace => Some(Role::TraceId),
        Group::Span | Group::ServiceContext | Group::Datadog | Group::Payload | Group::Resource => None,
    }
}
