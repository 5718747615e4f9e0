//! What a message is written to: one vocabulary for protobuf and JSON, so that each message is described once.

/// A field: its name in JSON, its number in protobuf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field(pub &'static str, pub u32);

/// A message that is open. Its fields are appended as they are named; those with their default are left out, except by the
/// methods that end in `_always`. The types are those of protobuf; JSON has a text for every 64-bit integer.
pub(super) trait Sink {
    /// A message, written even if it has no fields.
    fn message(&mut self, field: Field, fields: impl FnOnce(&mut Self));

    /// A repeated message; in JSON an array, written even if it has no elements.
    fn messages<T>(&mut self, field: Field, items: impl IntoIterator<Item = T>, fields: impl FnMut(&mut Self, T));

    fn text_always(&mut self, field: Field, text: &str);

    fn text(&mut self, field: Field, text: &str) {
        if !text.is_empty() {
            self.text_always(field, text);
        }
    }

    fn texts<'t>(&mut self, field: Field, texts: impl Iterator<Item = &'t str>);

    /// `int32`, `uint32`, or an enum.
    fn small(&mut self, field: Field, value: impl Into<i64>);

    /// `sint32`.
    fn signed(&mut self, field: Field, value: i32);

    /// `fixed32`.
    fn fixed32(&mut self, field: Field, value: u32);

    /// `fixed64`.
    fn fixed64(&mut self, field: Field, value: u64);

    /// `repeated fixed64`.
    fn fixed64s(&mut self, field: Field, values: &[u64]);

    /// `repeated uint64`.
    fn uints(&mut self, field: Field, values: &[u64]);

    /// `int64`.
    fn int_always(&mut self, field: Field, value: i64);

    /// `sfixed64`.
    fn sfixed64_always(&mut self, field: Field, value: i64);

    fn double_always(&mut self, field: Field, value: f64);

    fn double(&mut self, field: Field, value: Option<f64>) {
        if let Some(value) = value {
            self.double_always(field, value);
        }
    }

    fn doubles(&mut self, field: Field, values: impl Iterator<Item = f64>);

    fn bool_always(&mut self, field: Field, value: bool);

    fn bytes_always(&mut self, field: Field, bytes: &[u8]);

    /// The id of a trace or a span: bytes in protobuf, hex digits in JSON.
    fn id_always(&mut self, field: Field, id: &[u8]);
}
