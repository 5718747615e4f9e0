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
    let pairs = pairs(attributes);
    let news: Vec<&Pair<'_>> = pairs.iter().filter(|pair| !wanted.is_empty() || !pair.is_said(said)).collect();
    let room = usize::from(cells);
    let mut line = Line::default();
    for pair in ordered(&news, wanted) {
        line.add(|text| pair.write(text));
        let is_full = if wanted.is_empty() { line.cells > room } else { line.text.len() > MAX_TEXT };
        if is_full {
            break;
        }
    }
    if !wanted.is_empty() || line.cells <= room {
        return line.text;
    }
    let mut short = Line::default();
    telling_values(&news).into_iter().for_each(|value| short.add(|text| text.push_str(&value)));
    for pair in news.iter().filter(|pair| pair.rank.is_none()) {
        // The end of a line that is too long is cut.
        if short.cells > room {
            break;
        }
        let key = pair.key.rsplit('.').next().unwrap_or_default();
        short.add(|text| Pair { key, ..**pair }.write(text));
    }
    short.text
}

/// Words with spaces between them, and their width.
#[derive(Default)]
struct Line {
    text: String,
    cells: usize,
}

impl Line {
    fn add(&mut self, write: impl FnOnce(&mut String)) {
        if !self.text.is_empty() {
            self.text.push(' ');
            self.cells += 1;
        }
        let start = self.text.len();
        write(&mut self.text);
        self.cells += width(&self.text[start..]);
    }
}

/// As many of the values that need no key as fit, each of them whole.
pub(super) fn telling(attributes: Pairs<'_, '_>, said: (&str, &str), cells: u16) -> String {
    let pairs = pairs(attributes);
    let news: Vec<&Pair<'_>> = pairs.iter().filter(|pair| pair.rank.is_some() && !pair.is_said(said)).collect();
    let mut line = Line::default();
    for value in telling_values(&news) {
        let gap = usize::from(!line.text.is_empty());
        if line.cells + gap + width(&value) <= cells.into() {
            line.add(|text| text.push_str(&value));
        }
    }
    line.text
}

fn pairs<'a>(attributes: Pairs<'_, 'a>) -> Vec<Pair<'a>> {
    let pair = |(key, value)| Pair { key, value, rank: TELLING.iter().position(|known| *known == key) };
    attributes.take(MOST).map(pair).collect()
}

#[derive(Clone, Copy)]
struct Pair<'a> {
    key: &'a str,
    value: Value<'a>,
    /// The place of the key in [`TELLING`].
    rank: Option<usize>,
}

impl Pair<'_> {
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

fn ordered<'p, 'a>(pairs: &[&'p Pair<'a>], wanted: &str) -> Vec<&'p Pair<'a>> {
    let mut pairs = pairs.to_vec();
    pairs.sort_by_key(|pair| match () {
        () if !wanted.is_empty() && pair.holds(wanted) => 0,
        () if pair.tells_outcome() => 1,
        () => 2,
    });
    pairs
}

/// The values of the well-known keys of these pairs, each once, the most important first.
fn telling_values(pairs: &[&Pair<'_>]) -> Vec<String> {
    let mut known: Vec<(usize, &Pair<'_>)> = pairs.iter().filter_map(|pair| Some((pair.rank?, *pair))).collect();
    known.sort_by_key(|(rank, _)| *rank);
    let mut values: Vec<String> = Vec::new();
    for (_, pair) in known {
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
