//! Collects the repeated fields of a message in one pass.

use super::super::WireError;
use crate::budget::Meter;

/// Messages to be written later. An empty one takes two bytes of a body and 16 here, so the meter counts the list too.
#[derive(Default)]
pub(super) struct Messages<'a>(Vec<&'a [u8]>);

impl<'a> Messages<'a> {
    #[inline]
    pub fn push(&mut self, message: &'a [u8], meter: &Meter) -> Result<(), WireError> {
        if self.0.len() == self.0.capacity() {
            self.grow(meter)?;
        }
        self.0.push(message);
        Ok(())
    }

    /// Forgets the messages and keeps the memory.
    #[inline]
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().copied()
    }

    #[cold]
    fn grow(&mut self, meter: &Meter) -> Result<(), WireError> {
        let more = self.0.capacity().max(8);
        meter.scratch(more * size_of::<&[u8]>())?;
        self.0.reserve_exact(more);
        Ok(())
    }
}
