//! The GenAI fields of a record that is being read.

use super::names::{GEN_AI, GEN_AI_MARKS, GenAiField};
use crate::wire::json::JsonValue;

/// Values by their fields' place in [`GEN_AI`].
#[derive(Default)]
pub(super) struct GenAi<'j> {
    values: [Option<JsonValue<'j>>; GEN_AI.len()],
    /// A bit for each field that is there, so that those that are not need not be looked at.
    there: u32,
}

const _: () = assert!(GEN_AI.len() <= u32::BITS as usize, "each has a bit");

impl<'j> GenAi<'j> {
    /// What a field is.
    pub fn get(&self, field: GenAiField) -> Option<JsonValue<'j>> {
        self.values[usize::from(field.0)]
    }

    /// Sets a field.
    pub fn put(&mut self, field: GenAiField, value: JsonValue<'j>) {
        self.values[usize::from(field.0)] = Some(value);
        self.there |= 1 << field.0;
    }

    /// The attributes that the fields become, in the order of [`GEN_AI`].
    #[inline]
    pub fn values(&self) -> impl Iterator<Item = (&'static str, JsonValue<'j>)> {
        let mut left = self.there;
        std::iter::from_fn(move || {
            let place = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            Some((GEN_AI.get(place)?.2, (*self.values.get(place)?)?))
        })
    }

    /// Whether they mark a GenAI operation and do not say which.
    pub fn lacks_operation(&self) -> bool {
        let marks = self.there & ((1 << GEN_AI_MARKS) - 1);
        marks != 0 && marks & 1 == 0
    }
}
