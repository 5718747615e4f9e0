//! A line that nobody may read: what is typed into it is shown as dots, kept nowhere else and cleared when it goes.

use crate::config::Secret;
use std::fmt;

/// What is typed of a secret. It is typed at its end alone: a cursor among dots says nothing.
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
    /// How many characters there are.
    pub fn len(&self) -> usize {
        self.0.expose().chars().count()
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.0.expose().is_empty()
    }

    /// Adds what was typed or pasted; line ends, which come with a paste, are left out.
    pub(super) fn insert(&mut self, text: &str) {
        let before = self.0.expose();
        // Made at its full size at once, so that no copy of it stays behind in memory.
        let mut whole = String::with_capacity(before.len() + text.len());
        whole.push_str(before);
        whole.extend(text.chars().filter(|c| !matches!(c, '\r' | '\n')));
        if whole.len() <= MAX_BYTES {
            self.0 = whole.into();
        }
    }

    /// Takes the last character away.
    pub(super) fn delete_back(&mut self) {
        let text = self.0.expose();
        let kept = text.char_indices().last().map_or(0, |(at, _)| at);
        self.0 = text[..kept].to_owned().into();
    }

    /// The secret; nothing is left here.
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
    fn a_masked_line_is_typed_at_its_end_and_shown_nowhere() {
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
