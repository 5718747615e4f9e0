//! Attributes in one line.

use crate::model::{Value, visible_into};
use crate::present::width;

/// The most bytes of a text that a row uses.
pub(super) const MAX_TEXT: usize = 2_000;

/// Keys and values of an item.
pub(super) type Pairs<'p, 'a> = &'p mut dyn Iterator<Item = (&'a str, Value<'a>)>;

/// Attributes whose values need no key, the most important first.
const TELLING: [&str; 28] = [
    "http.response.status_code",
    "http.status_code",
    "rpc.response.status_code",
    "rpc.grpc.status_code",
    "error.type",
    "exception.type",
    "http.request.method",
    "http.method",
    "http.route",
    "url.path",
    "http.target",
    "db.system.name",
    "db.system",
    "db.operation.name",
    "db.collection.name",
    "messaging.system",
    "messaging.destination.name",
    "messaging.operation.name",
    "rpc.service",
    "rpc.method",
    "gen_ai.request.model",
    "gen_ai.operation.name",
    "gen_ai.tool.name",
    "faas.name",
    "graphql.operation.name",
    "server.address",
    "peer.service",
    "db.query.text",
];
/// A row looks at this many attributes of an item.
const MOST: usize = 64;

/// Keys and values, as far as a line may go. The pair with the searched text comes first, then the pairs that tell the outcome.
/// Values that the name contains, or that equal the service, are left out. If the line is longer than `cells`, the values of
/// well-known keys come first and without their keys, and other keys keep only their last word:
/// `502 postgresql id=u-4711`.
pub(super) fn summary(attributes: Pairs<'_, '_>, said: (&str, &str), wanted: &str, cells: u16) -> String {
    let pairs: Vec<Pair<'_>> = attributes.take(MOST).map(|(key, value)| Pair { key, value }).collect();
    let news = || pairs.iter().filter(|pair| !wanted.is_empty() || !pair.is_said(said));
    let mut whole = String::new();
    for pair in ordered(news(), wanted) {
        pair.write(&mut whole);
        whole.push(' ');
        if whole.len() > MAX_TEXT {
            break;
        }
    }
    let line = whole.trim_end();
    if !wanted.is_empty() || width(line) <= cells.into() {
        return line.to_owned();
    }
    let mut short = telling_values(&pairs, said).join(" ");
    for pair in news().filter(|pair| pair.rank().is_none()) {
        if short.len() > MAX_TEXT {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        let key = pair.key.rsplit('.').next().unwrap_or_default();
        Pair { key, ..*pair }.write(&mut short);
    }
    short
}

/// As many of the values that need no key as fit, each of them whole.
pub(super) fn telling(attributes: Pairs<'_, '_>, said: (&str, &str), cells: u16) -> String {
    let pairs: Vec<Pair<'_>> = attributes.take(MOST).map(|(key, value)| Pair { key, value }).collect();
    let mut text = String::new();
    for value in telling_values(&pairs, said) {
        let gap = usize::from(!text.is_empty());
        if width(&text) + gap + width(&value) <= cells.into() {
            text.push_str(&" ".repeat(gap));
            text.push_str(&value);
        }
    }
    text
}

#[derive(Clone, Copy)]
struct Pair<'a> {
    key: &'a str,
    value: Value<'a>,
}

impl Pair<'_> {
    fn rank(&self) -> Option<usize> {
        TELLING.iter().position(|key| *key == self.key)
    }

    /// Whether the row's name or service already shows the value.
    fn is_said(&self, (name, service): (&str, &str)) -> bool {
        matches!(self.value, Value::Text(value) if !value.is_empty() && (name.contains(value) || value == service))
    }

    fn write(&self, text: &mut String) {
        visible_into(beginning(self.key), text);
        text.push('=');
        self.write_value(text);
    }

    fn write_value(&self, text: &mut String) {
        match self.value {
            Value::Text(value) => visible_into(beginning(value), text),
            Value::Bytes(bytes) => Value::Bytes(&bytes[..bytes.len().min(64)]).display_into(text),
            value => value.display_into(text),
        }
    }

    /// A text with a capital matches only its own case.
    fn holds(&self, wanted: &str) -> bool {
        let mut text = String::new();
        self.write(&mut text);
        text.contains(wanted) || !wanted.chars().any(char::is_uppercase) && text.to_lowercase().contains(wanted)
    }

    fn tells_outcome(&self) -> bool {
        self.key == "error.type" || self.key.ends_with("status_code")
    }
}

fn ordered<'p, 'a>(pairs: impl Iterator<Item = &'p Pair<'a>>, wanted: &str) -> Vec<&'p Pair<'a>>
where
    'a: 'p,
{
    let mut pairs: Vec<&Pair<'_>> = pairs.collect();
    pairs.sort_by_key(|pair| match () {
        () if !wanted.is_empty() && pair.holds(wanted) => 0,
        () if pair.tells_outcome() => 1,
        () => 2,
    });
    pairs
}

/// The values of the well-known keys, each once, without those that the row already shows.
fn telling_values(pairs: &[Pair<'_>], said: (&str, &str)) -> Vec<String> {
    let mut known: Vec<(usize, &Pair<'_>)> = pairs.iter().filter_map(|pair| Some((pair.rank()?, pair))).collect();
    known.sort_by_key(|(rank, _)| *rank);
    let mut values: Vec<String> = Vec::new();
    for (_, pair) in known.into_iter().filter(|(_, pair)| !pair.is_said(said)) {
        let mut value = String::new();
        pair.write_value(&mut value);
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// The part of a text that a line may hold.
pub(super) fn beginning(text: &str) -> &str {
    let end = (0..=text.len().min(MAX_TEXT)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: [(&str, Value<'_>); 4] = [
        ("server.address", Value::Text("db-1")),
        ("db.system.name", Value::Text("postgresql")),
        ("http.response.status_code", Value::Int(200)),
        ("user.id", Value::Text("u-4711")),
    ];

    #[test]
    fn telling_values_replace_pairs_that_do_not_fit() {
        let line = |cells| summary(&mut QUERY.into_iter(), ("orders", "db-2"), "", cells);
        assert_eq!(
            line(200),
            "http.response.status_code=200 server.address=db-1 db.system.name=postgresql user.id=u-4711"
        );
        assert_eq!(line(40), "200 postgresql db-1 id=u-4711");
        assert_eq!(summary(&mut QUERY.into_iter(), ("SELECT db-1", ""), "", 40), "200 postgresql id=u-4711");
        assert_eq!(summary(&mut QUERY.into_iter(), ("", "db-1"), "", 40), "200 postgresql id=u-4711");
        assert!(summary(&mut QUERY.into_iter(), ("", ""), "4711", 40).starts_with("user.id=u-4711 http."));
    }

    #[test]
    fn only_whole_values_stand_behind_a_name() {
        let line = |cells| telling(&mut QUERY.into_iter(), ("", ""), cells);
        assert_eq!([line(2), line(12), line(14)], ["", "200 db-1", "200 postgresql"]);
    }
}
