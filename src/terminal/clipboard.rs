//! Copies text to the user's clipboard through the terminal (OSC 52). It works over ssh too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The longest text that can be copied, in bytes. Its escape sequence has 100 000 bytes, which all common terminals accept.
pub const MAX_COPY: usize = 74_994;

/// Why a text was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The text is too long: the terminal would cut or drop it silently.
    #[error("{0} bytes are too many to copy; terminals accept {MAX_COPY}")]
    TooLong(usize),
    /// The terminal is gone.
    #[error(transparent)]
    Terminal(#[from] std::io::Error),
}

pub(super) fn sequence(text: &str) -> Result<String, CopyError> {
    if text.len() > MAX_COPY {
        return Err(CopyError::TooLong(text.len()));
    }
    Ok(format!("\x1b]52;c;{}\x07", STANDARD.encode(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_text_cannot_end_the_sequence() {
        assert_eq!(sequence("a\x07\x1b\\ü").unwrap(), "\x1b]52;c;YQcbXMO8\x07");
    }

    #[test]
    fn text_that_terminals_would_cut_is_refused() {
        assert_eq!(sequence(&"x".repeat(MAX_COPY)).unwrap().len(), 100_000);
        let error = sequence(&"x".repeat(MAX_COPY + 1)).unwrap_err();
        assert_eq!(error.to_string(), "74995 bytes are too many to copy; terminals accept 74994");
    }
}
