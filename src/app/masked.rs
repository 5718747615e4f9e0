//! A text line for secrets: shown as dots, kept out of the history, cleared when dropped.

use crate::config::Secret;
use std::fmt;

/// A partly typed secret. Editing is possible only at its end, since a cursor among dots helps nobody.
#[derive(Clone)]
pub struct Masked(Secret);

/// Maximum length of credentials, in bytes.
const MAX_BYTES: usize = 16 << 10;

impl Default for Masked {
    fn default() -> Masked {
        Masked(String::new().into())
    }
}

impl Masked {
    /// The number of characters.
    pub fn len(&self) -> usize {
        self.0.expose().chars().count()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.expose().is_empty()
    }

    /// Appends typed or pasted text without its line ends. Ignores text that would exceed the maximum.
    pub(super) fn insert(&mut self, text: &str) {
        let before = self.0.expose();
        // Allocated at its full size, so that growing leaves no copy behind in memory.
        let mut whole = String::with_capacity(before.len() + text.len());
        whole.push_str(before);
        whole.extend(text.chars().filter(|c| !matches!(c, '\r' | '\n')));
        if whole.len() <= MAX_BYTES {
            self.0 = whole.into();
        }
    }

    /// Deletes the last character.
    pub(super) fn delete_back(&mut self) {
        let text = self.0.expose();
        let kept = text.char_indices().last().map_or(0, |(at, _)| at);
        self.0 = text[..kept].to_owned().into();
    }

    /// The secret.
    pub(super) fn take(self) -> Secret {
        self.0
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_line_grows_and_stays_hidden() {
        let mut line = Masked::default();
        line.insert("cané\n");
        line.insert("y");
        line.delete_back();
        line.delete_back();
        assert_eq!((line.len(), format!("{line:?}").as_str()), (3, "…"));
        line.insert(&"x".repeat(1 << 20));
        assert_eq!(line.take().expose(), "can");
    }
}
