//! JSON of any shape, read in one pass into one flat list that borrows from the text. For payloads whose shape is not
//! known before they are read; what has a fixed shape is read into types of its own.
//!
//! ```text
//! {"a":[1,2],"b":null}   ─►   Object 6 · "a" · Array 2 · 1 · 2 · "b" · Null      (numbers: nodes inside)
//! ```

use super::{json_repair, json_scan};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::borrow::Cow;
use std::fmt;

/// How many nodes one text may have; the rest of it costs an error, not memory (a node takes 12 times what `0,` takes).
pub(super) const MAX_NODES: usize = 1 << 20;

/// A JSON text that was read.
#[derive(Debug)]
pub struct Json<'a>(Vec<Node<'a>>);

/// Room for the nodes of a [`Json`].
#[derive(Debug, Default)]
pub struct Room(Vec<Node<'static>>);

/// A value of a [`Json`]: its node and the nodes inside it, no more. Equal where the values are, wherever they lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JsonValue<'j>(&'j [Node<'j>]);

/// What a value is.
#[derive(Clone, Copy, Debug)]
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

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Double(f64),
    Text(Cow<'a, str>),
    /// With the number of nodes inside, which follow it.
    Array(u32),
    /// With the number of nodes inside, which follow it: a key, its value, the next key.
    Object(u32),
}

impl<'a> Json<'a> {
    /// Reads a text that is one JSON value; lone surrogates become U+FFFD. An error too where it has more than a million values.
    pub fn parse(text: &'a str) -> serde_json::Result<Json<'a>> {
        Json::parse_into(&mut Room::default(), text)
    }

    /// The same in the room of one that was read before.
    pub fn parse_into(room: &mut Room, text: &'a str) -> serde_json::Result<Json<'a>> {
        read(text, std::mem::take(room)).or_else(|error| match json_repair::repair(text) {
            Some(repaired) => read(&repaired, Room::default()).map(Json::into_owned),
            None => Err(error),
        })
    }

    /// Its room, for the next one.
    pub fn into_room(self) -> Room {
        let Json(mut nodes) = self;
        nodes.clear();
        // None of the old nodes is left, so this allocates nothing: the room changes its type alone.
        Room(nodes.into_iter().map(|_| Node::Null).collect())
    }

    /// The value that the text is.
    pub fn root(&self) -> JsonValue<'_> {
        JsonValue(&self.0)
    }

    fn into_owned(self) -> Json<'static> {
        let owned = |node| match node {
            Node::Null => Node::Null,
            Node::Bool(value) => Node::Bool(value),
            Node::Int(value) => Node::Int(value),
            Node::Unsigned(value) => Node::Unsigned(value),
            Node::Double(value) => Node::Double(value),
            Node::Text(text) => Node::Text(Cow::Owned(text.into_owned())),
            Node::Array(inside) => Node::Array(inside),
            Node::Object(inside) => Node::Object(inside),
        };
        Json(self.0.into_iter().map(owned).collect())
    }
}

impl<'j> JsonValue<'j> {
    /// What it is.
    #[inline]
    pub fn view(self) -> View<'j> {
        match self.0.first() {
            None | Some(Node::Null) => View::Null,
            Some(Node::Bool(value)) => View::Bool(*value),
            Some(Node::Int(value)) => View::Int(*value),
            Some(Node::Unsigned(value)) => View::Unsigned(*value),
            Some(Node::Double(value)) => View::Double(*value),
            Some(Node::Text(text)) => View::Text(text),
            Some(Node::Array(_)) => View::Array,
            Some(Node::Object(_)) => View::Object,
        }
    }

    /// Whether it is `null`.
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self.view(), View::Null)
    }

    /// The string, if it is one.
    #[inline]
    pub fn text(self) -> Option<&'j str> {
        match self.view() {
            View::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array; nothing of anything else.
    #[inline]
    pub fn items(self) -> impl Iterator<Item = JsonValue<'j>> {
        let mut rest = match self.0.split_first() {
            Some((Node::Array(_), inside)) => inside,
            _ => &[],
        };
        std::iter::from_fn(move || take(&mut rest))
    }

    /// The entries of an object in their order, duplicates too; nothing of anything else.
    #[inline]
    pub fn entries(self) -> impl Iterator<Item = (&'j str, JsonValue<'j>)> {
        let mut rest = match self.0.split_first() {
            Some((Node::Object(_), inside)) => inside,
            _ => &[],
        };
        std::iter::from_fn(move || {
            let key = take(&mut rest)?.text()?;
            Some((key, take(&mut rest)?))
        })
    }

    /// The first entry of an object with one of these keys whose value is not `null`.
    #[inline]
    pub fn get(self, keys: &[&str]) -> Option<JsonValue<'j>> {
        self.entries().find(|(key, value)| keys.contains(key) && !value.is_null()).map(|(_, value)| value)
    }

    /// Whether it is an object with an entry of one of these keys.
    pub fn has(self, keys: &[&str]) -> bool {
        self.entries().any(|(key, _)| keys.contains(&key))
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
                self.entries().try_for_each(|(key, value)| object.serialize_entry(key, &value))?;
                object.end()
            }
        }
    }
}

impl Node<'_> {
    #[inline]
    fn inside(&self) -> usize {
        match self {
            Node::Array(inside) | Node::Object(inside) => *inside as usize,
            _ => 0,
        }
    }
}

#[inline]
fn take<'j>(rest: &mut &'j [Node<'j>]) -> Option<JsonValue<'j>> {
    let (value, left) = rest.split_at_checked(1 + rest.first()?.inside())?;
    *rest = left;
    Some(JsonValue(value))
}

fn read(text: &str, Room(mut nodes): Room) -> serde_json::Result<Json<'_>> {
    nodes.reserve(text.len() / 12 + 4);
    if json_scan::scan(text, &mut nodes).is_some() {
        return Ok(Json(nodes));
    }
    general(text).map(Json)
}

/// Any JSON, as `serde_json` understands it.
pub(super) fn general(text: &str) -> serde_json::Result<Vec<Node<'_>>> {
    let mut nodes = Vec::with_capacity(text.len() / 12 + 4);
    let mut reader = serde_json::Deserializer::from_str(text);
    Reader(&mut nodes).deserialize(&mut reader)?;
    reader.end()?;
    Ok(nodes)
}

/// Appends the next value to the list.
struct Reader<'n, 'a>(&'n mut Vec<Node<'a>>);

impl<'a> Reader<'_, 'a> {
    #[inline]
    fn push<E: Error>(self, node: Node<'a>) -> Result<(), E> {
        if self.0.len() == MAX_NODES {
            return Err(too_many());
        }
        self.0.push(node);
        Ok(())
    }
}

#[cold]
fn too_many<E: Error>() -> E {
    E::custom(format_args!("more than {MAX_NODES} values"))
}

impl<'a> DeserializeSeed<'a> for Reader<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Reader<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.push(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.push(Node::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.push(Node::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.push(i64::try_from(value).map_or(Node::Unsigned(value), Node::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.push(Node::Double(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<(), E> {
        self.push(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.push(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut array: A) -> Result<(), A::Error> {
        let at = self.0.len();
        Reader(self.0).push(Node::Array(0))?;
        while array.next_element_seed(Reader(self.0))?.is_some() {}
        self.0[at] = Node::Array((self.0.len() - at - 1) as u32);
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut object: A) -> Result<(), A::Error> {
        let at = self.0.len();
        Reader(self.0).push(Node::Object(0))?;
        while object.next_key_seed(Reader(self.0))?.is_some() {
            object.next_value_seed(Reader(self.0))?;
        }
        self.0[at] = Node::Object((self.0.len() - at - 1) as u32);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_comes_back_as_it_was() {
        for text in
            ["null", "[]", r#"{"a":{"b":[1,-2,18446744073709551615,0.5,true,null,[[]],{}],"a":"\u0001"},"c":"é"}"#]
        {
            let json = Json::parse(text).unwrap();
            assert_eq!(serde_json::to_string(&json.root()).unwrap(), text);
        }
    }

    #[test]
    fn entries_and_items_are_found() {
        let json = Json::parse(r#"{"a":[1,[2],3],"b":null,"b":"x","a":0}"#).unwrap();
        let root = json.root();
        assert_eq!(root.entries().map(|(key, _)| key).collect::<Vec<_>>(), ["a", "b", "b", "a"]);
        assert_eq!(root.get(&["b"]).and_then(JsonValue::text), Some("x"), "null is passed over");
        assert_eq!(root.get(&["a"]).unwrap().items().count(), 3);
        assert!(root.has(&["c", "b"]) && !root.has(&["c"]));
        assert_eq!(root.items().count() + root.get(&["a"]).unwrap().entries().count(), 0);
    }

    #[test]
    fn equal_values_are_equal_wherever_they_lie() {
        let json = Json::parse(r#"[[1,"a",{"b":2}],{"c":[1,"a",{"b":2}]},[1,"a",{"b":3}]]"#).unwrap();
        let items: Vec<_> = json.root().items().collect();
        assert!(items[0] == items[1].get(&["c"]).unwrap());
        assert!(items[0] != items[2]);
    }

    #[test]
    fn lone_surrogates_are_repaired() {
        let json = Json::parse(r#"{"a\ud83d":"\ud83d\ude00\udc00"}"#).unwrap();
        assert_eq!(json.root().entries().next().map(|(key, _)| key), Some("a\u{fffd}"));
        assert_eq!(json.root().get(&["a\u{fffd}"]).and_then(JsonValue::text), Some("😀\u{fffd}"));
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        assert!(Json::parse(&"[".repeat(100_000)).is_err());
        assert!(Json::parse(&format!("[{}0]", "0,".repeat(MAX_NODES - 2))).is_ok());
        assert!(Json::parse(&format!("[{}0]", "0,".repeat(MAX_NODES - 1))).is_err());
    }

    #[test]
    fn what_follows_the_value_is_an_error() {
        assert!(Json::parse("{} {}").is_err());
        assert!(Json::parse("").is_err());
    }
}
