//! The GenAI fields of a span record.

use super::names::{GEN_AI, GEN_AI_MARKS, GenAiField};
use crate::wire::json::JsonValue;

/// Values, by the fields' index in [`GEN_AI`].
#[derive(Default)]
pub(super) struct GenAi<'j> {
    values: [Option<JsonValue<'j>>; GEN_AI.len()],
    /// One bit for each field that is present, to skip the others.
    there: u32,
}

const _: () = assert!(GEN_AI.len() <= u32::BITS as usize, "each has a bit");

impl<'j> GenAi<'j> {
    /// The value of a field.
    pub fn get(&self, field: GenAiField) -> Option<JsonValue<'j>> {
        self.values[usize::from(field.0)]
    }

    /// Sets a field.
    pub fn put(&mut self, field: GenAiField, value: JsonValue<'j>) {
        self.values[usize::from(field.0)] = Some(value);
        self.there |= 1 << field.0;
    }

    /// The attributes for the fields, in the order of [`GEN_AI`].
    #[inline]
    pub fn values(&self) -> impl Iterator<Item = (&'static str, JsonValue<'j>)> {
        let mut left = self.there;
        std::iter::from_fn(move || {
            let place = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            Some((GEN_AI.get(place)?.2, (*self.values.get(place)?)?))
        })
    }

    /// Whether the fields mark a GenAI operation without naming it.
    pub fn lacks_operation(&self) -> bool {
        let marks = self.there & ((1 << GEN_AI_MARKS) - 1);
        marks != 0 && marks & 1 == 0
    }
}
