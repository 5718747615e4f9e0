//! Reads JSON with `serde_json` where the fast scanner gives up.

use super::json::{Json, MAX_NODES, Node, likely_nodes};
use super::json_keys::KeyId;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Parses a text that is one JSON value of at most [`MAX_NODES`] nodes.
pub(super) fn read(text: &str) -> serde_json::Result<Json<'_>> {
    let mut json = Json { nodes: Vec::with_capacity(likely_nodes(text)), unescaped: String::new() };
    let mut reader = serde_json::Deserializer::from_str(text);
    Reader(&mut json).deserialize(&mut reader)?;
    reader.end()?;
    Ok(json)
}

/// Appends the next value to the list.
struct Reader<'n, 'a>(&'n mut Json<'a>);

impl<'a> Reader<'_, 'a> {
    #[inline]
    fn push<E: Error>(self, node: Node<'a>) -> Result<(), E> {
        if self.0.nodes.len() == MAX_NODES {
            return Err(too_many());
        }
        self.0.nodes.push(node);
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
        self.push(Node::Text(text, KeyId::NONE))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        let node = self.0.unescape(text);
        self.push(node)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut array: A) -> Result<(), A::Error> {
        let at = self.0.nodes.len();
        Reader(self.0).push(Node::Array(0))?;
        while array.next_element_seed(Reader(self.0))?.is_some() {}
        self.0.nodes[at] = Node::Array((self.0.nodes.len() - at - 1) as u32);
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut object: A) -> Result<(), A::Error> {
        let at = self.0.nodes.len();
        Reader(self.0).push(Node::Object(0))?;
        while object.next_key_seed(Reader(self.0))?.is_some() {
            object.next_value_seed(Reader(self.0))?;
        }
        self.0.nodes[at] = Node::Object((self.0.nodes.len() - at - 1) as u32);
        Ok(())
    }
}
