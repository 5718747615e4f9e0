//! The meaning of the names in an expression.

use super::Name;

/// A field of an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Field {
    Service,
    Name,
    Kind,
    Status,
    StatusMessage,
    Duration,
    Id(IdField),
    Session,
    Severity,
    Scope,
    ScopeVersion,
    Source,
    Signal,
    Type,
    Value,
    Unit,
    GenAi,
    /// An attribute by its key, or the whole scope of the look-up if the key is empty.
    Attribute(AttributePlace, String),
}

/// The id fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum IdField {
    Trace,
    Span,
    Parent,
}

/// Where an attribute is looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AttributePlace {
    /// On the item (in an event's payload), then on its resource.
    Any,
    /// On the item alone.
    Item,
    /// On its resource alone.
    Resource,
    /// On its instrumentation scope alone.
    Scope,
    /// In a log record's body.
    Body,
    /// In an event's payload.
    Payload,
}

/// Every well-known name with its other spellings: the keys of `tail -o json`, and TraceQL's names.
const WELL_KNOWN: &[(Field, &[&str])] = &[
    (Field::Service, &["service"]),
    (Field::Name, &["name", "span:name", "event_name"]),
    (Field::Kind, &["kind", "span:kind"]),
    (Field::Status, &["status", "span:status"]),
    (Field::StatusMessage, &["status_message", "statusMessage", "span:statusMessage"]),
    (Field::Duration, &["duration", "span:duration"]),
    (Field::Id(IdField::Trace), &["trace", "trace_id", "trace:id"]),
    (Field::Id(IdField::Span), &["span", "span_id", "span:id"]),
    (Field::Id(IdField::Parent), &["parent", "parent_span_id", "span:parentID"]),
    (Field::Session, &["session"]),
    (Field::Severity, &["severity"]),
    (Field::Scope, &["scope", "scope.name", "instrumentation:name"]),
    (Field::ScopeVersion, &["scope.version", "instrumentation:version"]),
    (Field::Source, &["source"]),
    (Field::Signal, &["signal"]),
    (Field::Type, &["type"]),
    (Field::Value, &["value"]),
    (Field::Unit, &["unit"]),
    (Field::GenAi, &["genai"]),
];

/// Every spelling of every well-known field, and the fields `body` and `payload`.
pub fn well_known_fields() -> impl Iterator<Item = &'static str> {
    WELL_KNOWN.iter().flat_map(|(_, names)| names.iter().copied()).chain(["body", "payload"])
}

/// The prefixes before a dot that say where to look up an attribute.
const PREFIXES: &[(&str, AttributePlace)] = &[
    (".", AttributePlace::Any),
    ("@", AttributePlace::Any),
    ("attributes.", AttributePlace::Item),
    ("span.", AttributePlace::Item),
    ("resource.", AttributePlace::Resource),
    ("scope.", AttributePlace::Scope),
    ("instrumentation.", AttributePlace::Scope),
    ("body.", AttributePlace::Body),
    ("payload.", AttributePlace::Payload),
];

/// TraceQL names: the words before a colon …
const INTRINSIC_OF: &[&str] = &["span", "trace", "instrumentation"];
/// … and the words after it.
const INTRINSICS: &[&str] = &["id", "name", "kind", "status", "statusMessage", "duration", "parentID", "version"];

impl Field {
    /// Resolves a name; `None` if nothing follows its dot.
    pub fn of(name: &Name) -> Option<Field> {
        match &name.quoted {
            Some(key) => Field::quoted(&name.plain, key),
            None => Field::plain(&name.plain),
        }
    }

    fn plain(name: &str) -> Option<Field> {
        let known = |(_, spellings): &&(Field, &[&str])| spellings.contains(&name);
        if let Some((field, _)) = WELL_KNOWN.iter().find(known) {
            return Some(field.clone());
        }
        let place = PREFIXES.iter().find_map(|(prefix, place)| Some((*place, name.strip_prefix(prefix)?)));
        match (place, name) {
            (Some((_, "")), _) => None,
            (Some((place, key)), _) => Some(Field::Attribute(place, key.to_owned())),
            (None, "body") => Some(Field::Attribute(AttributePlace::Body, String::new())),
            (None, "payload") => Some(Field::Attribute(AttributePlace::Payload, String::new())),
            (None, name) => Some(Field::Attribute(AttributePlace::Any, name.to_owned())),
        }
    }

    fn quoted(plain: &str, key: &str) -> Option<Field> {
        let place = PREFIXES.iter().find(|(prefix, _)| *prefix == plain).map(|(_, place)| *place);
        match (place, plain) {
            _ if key.is_empty() => None,
            (Some(place), _) => Some(Field::Attribute(place, key.to_owned())),
            (None, plain) => Some(Field::Attribute(AttributePlace::Any, format!("{plain}{key}"))),
        }
    }
}

/// Whether two words joined by a colon are one name, as in TraceQL's `span:name`.
pub(super) fn is_intrinsic(of: &str, name: &str) -> bool {
    INTRINSIC_OF.contains(&of) && INTRINSICS.contains(&name)
}

/// Whether an unquoted name means the attribute of that name, wherever the item has it.
pub(super) fn is_attribute_name(name: &str) -> bool {
    matches!(Field::plain(name), Some(Field::Attribute(AttributePlace::Any, key)) if key == name)
}
