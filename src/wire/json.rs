//! JSON of any shape, read in one pass into one flat list that borrows from the text. It serves payloads whose shape is
//! unknown before they are read; payloads of a fixed shape have typed readers.
//!
//! ```text
//! {"a":[1,2],"b":null}   ─►   Object 6 · "a" · Array 2 · 1 · 2 · "b" · Null      (numbers: nodes inside)
//! ```

pub use super::json_keys::KeyId;
use super::json_keys::Keys;
use super::{json_general, json_repair, json_scan};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// The most nodes that one text may have; a text with more is an error. A node takes 12 times the memory of `0,`.
pub(super) const MAX_NODES: usize = 1 << 20;

/// A parsed JSON text.
#[derive(Debug, Default)]
pub struct Json<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// The strings that had escapes, unescaped and joined end to end.
    pub(super) unescaped: String,
}

/// Memory that the texts of one stream share: room for one text, and the keys seen so far.
#[derive(Debug, Default)]
pub struct Room {
    json: Json<'static>,
    keys: Keys,
}

/// Where a text stands. Texts at the same level are alike, so they share expected keys.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Level {
    /// On its own.
    Outer,
    /// Inside a string of another text.
    Inner,
}

/// A value of a [`Json`]: a node and the nodes inside it. Equal if the values are equal, wherever they are stored.
#[derive(Clone, Copy, Debug)]
pub struct JsonValue<'j> {
    json: &'j Json<'j>,
    at: usize,
}

/// The type and content of a value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum View<'j> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// A whole number above [`i64::MAX`].
    Unsigned(u64),
    /// Any other number.
    Double(f64),
    /// A string.
    Text(&'j str),
    /// An array; see [`JsonValue::items`].
    Array,
    /// An object; see [`JsonValue::entries`].
    Object,
}

/// An entry of an object.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'j> {
    json: &'j Json<'j>,
    /// The index of its key; its value follows.
    at: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Double(f64),
    /// A string borrowed from the text; if it is a key, with its number.
    Text(&'a str, KeyId),
    /// A string that had escapes: start and end in [`Json::unescaped`].
    Unescaped(usize, usize),
    /// An array, with the number of nodes inside; they follow it.
    Array(u32),
    /// An object, with the number of nodes inside; they follow it: a key, its value, the next key.
    Object(u32),
}

/// How many nodes to reserve memory for before reading a text.
pub(super) fn likely_nodes(text: &str) -> usize {
    (text.len() / 12 + 4).min(MAX_NODES)
}

impl<'a> Json<'a> {
    /// Parses a text that is one JSON value. Lone surrogates become U+FFFD. More than a million values are an error.
    pub fn parse(room: &mut Room, level: Level, text: &'a str) -> serde_json::Result<Json<'a>> {
        let mut json = std::mem::take(&mut room.json);
        json.nodes.reserve(likely_nodes(text));
        if json_scan::scan(text, &mut json, &mut room.keys, level).is_some() {
            return Ok(json);
        }
        json_general::read(text).or_else(|error| match json_repair::repair(text) {
            Some(repaired) => json_general::read(&repaired).map(Json::into_owned),
            None => Err(error),
        })
    }

    /// The value of the whole text.
    pub fn root(&self) -> JsonValue<'_> {
        JsonValue { json: self, at: 0 }
    }

    /// Unescapes a string into a node that does not borrow from it.
    pub(super) fn unescape(&mut self, text: &str) -> Node<'a> {
        let start = self.unescaped.len();
        self.unescaped.push_str(text);
        Node::Unescaped(start, self.unescaped.len())
    }

    fn into_owned(mut self) -> Json<'static> {
        let nodes = std::mem::take(&mut self.nodes);
        let mut owned = Json { unescaped: self.unescaped, nodes: Vec::with_capacity(nodes.len()) };
        for node in nodes {
            let node = match node {
                Node::Text(text, _) => owned.unescape(text),
                Node::Null => Node::Null,
                Node::Bool(value) => Node::Bool(value),
                Node::Int(value) => Node::Int(value),
                Node::Unsigned(value) => Node::Unsigned(value),
                Node::Double(value) => Node::Double(value),
                Node::Unescaped(start, end) => Node::Unescaped(start, end),
                Node::Array(inside) => Node::Array(inside),
                Node::Object(inside) => Node::Object(inside),
            };
            owned.nodes.push(node);
        }
        owned
    }
}

impl Room {
    /// Takes back the memory of a text, for the next one.
    #[inline]
    pub fn take_back(&mut self, json: Json<'_>) {
        let Json { mut nodes, mut unescaped } = json;
        nodes.clear();
        unescaped.clear();
        // The list is empty now, so this allocates nothing: only its type changes.
        self.json = Json { nodes: nodes.into_iter().map(|_| Node::Null).collect(), unescaped };
    }
}

impl<'j> JsonValue<'j> {
    /// Its type and content.
    #[inline]
    pub fn view(self) -> View<'j> {
        match self.json.nodes.get(self.at) {
            None | Some(Node::Null) => View::Null,
            Some(Node::Bool(value)) => View::Bool(*value),
            Some(Node::Int(value)) => View::Int(*value),
            Some(Node::Unsigned(value)) => View::Unsigned(*value),
            Some(Node::Double(value)) => View::Double(*value),
            Some(Node::Text(text, _)) => View::Text(text),
            Some(Node::Unescaped(start, end)) => View::Text(self.json.unescaped.get(*start..*end).unwrap_or_default()),
            Some(Node::Array(_)) => View::Array,
            Some(Node::Object(_)) => View::Object,
        }
    }

    /// Whether it is `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self.json.nodes.get(self.at), None | Some(Node::Null))
    }

    /// The string, if it is one.
    #[inline]
    pub fn text(self) -> Option<&'j str> {
        match self.view() {
            View::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array; empty for any other value.
    #[inline]
    pub fn items(self) -> impl Iterator<Item = JsonValue<'j>> {
        let JsonValue { json, at } = self;
        let inside = match json.nodes.get(at) {
            Some(Node::Array(inside)) => *inside as usize,
            _ => 0,
        };
        let (mut next, end) = (at + 1, at + 1 + inside);
        std::iter::from_fn(move || {
            let at = next;
            next = json.behind(at);
            (at < end).then_some(JsonValue { json, at })
        })
    }

    /// The entries of an object in order, duplicates included; empty for any other value.
    #[inline]
    pub fn entries(self) -> impl Iterator<Item = Entry<'j>> {
        let JsonValue { json, at } = self;
        let inside = match json.nodes.get(at) {
            Some(Node::Object(inside)) => *inside as usize,
            _ => 0,
        };
        let (mut next, end) = (at + 1, at + 1 + inside);
        std::iter::from_fn(move || {
            let at = next;
            next = json.behind(at + 1);
            (at < end).then_some(Entry { json, at })
        })
    }

    /// The first value in an object that has one of these keys and is not `null`.
    #[inline]
    pub fn get(self, keys: &[&str]) -> Option<JsonValue<'j>> {
        self.entries().find(|entry| keys.contains(&entry.key()) && !entry.value().is_null()).map(Entry::value)
    }

    /// Whether it is an object with one of these keys.
    pub fn has(self, keys: &[&str]) -> bool {
        self.entries().any(|entry| keys.contains(&entry.key()))
    }
}

impl<'j> Entry<'j> {
    /// Its key.
    #[inline]
    pub fn key(self) -> &'j str {
        JsonValue { json: self.json, at: self.at }.text().unwrap_or_default()
    }

    /// The number of its key in its [`Room`]: equal numbers mean equal keys.
    #[inline]
    pub fn key_id(self) -> KeyId {
        match self.json.nodes.get(self.at) {
            Some(Node::Text(_, id)) => *id,
            _ => KeyId::NONE,
        }
    }

    /// Its value.
    #[inline]
    pub fn value(self) -> JsonValue<'j> {
        JsonValue { json: self.json, at: self.at + 1 }
    }
}

impl Json<'_> {
    /// The index of the node after a value.
    #[inline]
    fn behind(&self, at: usize) -> usize {
        at + 1
            + match self.nodes.get(at) {
                Some(Node::Array(inside) | Node::Object(inside)) => *inside as usize,
                _ => 0,
            }
    }
}

impl PartialEq for JsonValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        let nodes = |value: Self| {
            let nodes = value.at..value.json.behind(value.at);
            nodes.map(move |at| (value.json.behind(at) - at, JsonValue { at, ..value }.view()))
        };
        self.view() == other.view() && nodes(*self).eq(nodes(*other))
    }
}

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.view() {
            View::Null => serializer.serialize_unit(),
            View::Bool(value) => serializer.serialize_bool(value),
            View::Int(value) => serializer.serialize_i64(value),
            View::Unsigned(value) => serializer.serialize_u64(value),
            View::Double(value) => serializer.serialize_f64(value),
            View::Text(text) => serializer.serialize_str(text),
            View::Array => {
                let mut array = serializer.serialize_seq(None)?;
                self.items().try_for_each(|item| array.serialize_element(&item))?;
                array.end()
            }
            View::Object => {
                let mut object = serializer.serialize_map(None)?;
                self.entries().try_for_each(|entry| object.serialize_entry(entry.key(), &entry.value()))?;
                object.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> serde_json::Result<Json<'_>> {
        Json::parse(&mut Room::default(), Level::Outer, text)
    }

    #[test]
    fn any_json_comes_back_as_it_was() {
        for text in
            ["null", "[]", r#"{"a":{"b":[1,-2,18446744073709551615,0.5,true,null,[[]],{}],"a":"\u0001"},"c":"é"}"#]
        {
            let json = parse(text).unwrap();
            assert_eq!(serde_json::to_string(&json.root()).unwrap(), text);
        }
    }

    #[test]
    fn entries_and_items_are_found() {
        let json = parse(r#"{"a":[1,[2],3],"b":null,"b":"x","a":0}"#).unwrap();
        let root = json.root();
        assert_eq!(root.entries().map(Entry::key).collect::<Vec<_>>(), ["a", "b", "b", "a"]);
        assert_eq!(root.get(&["b"]).and_then(JsonValue::text), Some("x"), "null is skipped");
        assert_eq!(root.get(&["a"]).unwrap().items().count(), 3);
        assert!(root.has(&["c", "b"]) && !root.has(&["c"]));
        assert_eq!(root.items().count() + root.get(&["a"]).unwrap().entries().count(), 0);
    }

    #[test]
    fn equal_values_are_equal_wherever_they_lie() {
        let json = parse(r#"[[1,"a",{"b":2}],{"c":[1,"a",{"b":2}]},[1,"a",{"b":3}]]"#).unwrap();
        let items: Vec<_> = json.root().items().collect();
        assert!(items[0] == items[1].get(&["c"]).unwrap());
        assert!(items[0] != items[2]);
    }

    #[test]
    fn lone_surrogates_are_repaired() {
        let json = parse(r#"{"a\ud83d":"\ud83d\ude00\udc00"}"#).unwrap();
        assert_eq!(json.root().entries().next().map(Entry::key), Some("a\u{fffd}"));
        assert_eq!(json.root().get(&["a\u{fffd}"]).and_then(JsonValue::text), Some("😀\u{fffd}"));
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&format!("[{}0]", "0,".repeat(MAX_NODES - 2))).is_ok());
        assert!(parse(&format!("[{}0]", "0,".repeat(MAX_NODES - 1))).is_err());
    }

    #[test]
    fn a_long_text_reserves_bounded_memory() {
        let text = format!("\"{}\"", "a".repeat(13 * MAX_NODES));
        assert!(parse(&text).unwrap().nodes.capacity() <= MAX_NODES);
        assert!(json_general::read(&text).unwrap().nodes.capacity() <= MAX_NODES);
    }

    #[test]
    fn text_after_the_value_is_an_error() {
        assert!(parse("{} {}").is_err());
        assert!(parse("").is_err());
    }
}
