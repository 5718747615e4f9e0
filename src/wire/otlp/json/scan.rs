//! Scans text that is still growing, byte by byte.

use super::heads::{begins_line, head_ending_at};
use super::text::Json;

/// Finds how far a growing text is worth reading. It scans each byte once, however often the text grows. The caller reads the
/// complete part with [`documents()`](super::documents()), which has the final say; the rules are documented there.
#[derive(Debug, Default)]
pub struct Scan {
    /// How much of the text was scanned.
    at: usize,
    state: ScanState,
    /// The closing brackets of the open arrays and objects, the innermost last.
    open: Vec<u8>,
    /// Where the outermost of them began.
    begin: usize,
    /// Whether a document's head begins there.
    is_document: bool,
    /// Whether the current line began as a value that turned out broken.
    is_torn: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum ScanState {
    /// Before a value.
    #[default]
    Between,
    /// After a `[` that may open an array of documents, which is read document by document.
    Bracket,
    /// In a line that is neither an array nor an object, or is broken: to its end.
    Line,
    Value,
    /// After `[`, where `]` may follow.
    FirstValue,
    AfterValue,
    Key,
    /// After `{`, where `}` may follow.
    FirstKey,
    Colon,
    Text {
        is_key: bool,
    },
    Escape {
        is_key: bool,
    },
    /// A number or a literal that began there.
    Scalar {
        begin: usize,
    },
}

impl Scan {
    /// Advances to the next index up to which the text should be read: after a complete value or line. `None` if there is
    /// none yet. `text` is the text of the last call, possibly longer.
    pub fn advance(&mut self, text: &[u8]) -> Option<usize> {
        while let Some(rest) = text.get(self.at..).filter(|rest| !rest.is_empty()) {
            let step = match self.state {
                ScanState::Line => memchr::memchr2(b'"', b'\n', rest),
                ScanState::Text { .. } => rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)),
                _ => Some(0),
            };
            self.at += step.unwrap_or(rest.len());
            let Some(byte) = text.get(self.at) else { break };
            if *byte == b'"' && self.begins_anew(text) {
                self.at += 1;
                continue;
            }
            let was_open = !self.open.is_empty();
            if !self.take(*byte, text) {
                // Nothing can continue like this. If a line begins here, that line may be good.
                self.open.clear();
                self.is_torn = true;
                self.state = if begins_line(text, self.at) { ScanState::Between } else { ScanState::Line };
                self.take(*byte, text);
            }
            self.at += 1;
            // A document's head may continue on the next line.
            let ends_line = *byte == b'\n'
                && self.state == ScanState::Line
                && !(self.is_torn && text[self.at.saturating_sub(64)..self.at].trim_ascii_end().ends_with(b"{"));
            let ends_value = was_open && self.open.is_empty() && self.state == ScanState::Between;
            if ends_line {
                self.is_torn = false;
                self.state = ScanState::Between;
            }
            if ends_line || ends_value {
                return Some(self.at);
            }
        }
        None
    }

    /// At a quote: whether it ends a document's head that cannot belong to the open value.
    fn begins_anew(&mut self, text: &[u8]) -> bool {
        let Some(head) = head_ending_at(text, self.at) else { return false };
        if !self.open.is_empty() && head == self.begin {
            self.is_document = true;
            return false;
        }
        if !self.open.is_empty() && !self.is_document && !begins_line(text, head) {
            return false;
        }
        *self = Scan {
            at: self.at,
            state: ScanState::Colon,
            open: vec![b'}'],
            begin: head,
            is_document: true,
            is_torn: false,
        };
        true
    }

    /// Handles the next byte; `false` if it is invalid there.
    fn take(&mut self, byte: u8, text: &[u8]) -> bool {
        let is_space = matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.state = match self.state {
            ScanState::Between if is_space || matches!(byte, b',' | b']') => ScanState::Between,
            ScanState::Between if byte == b'{' => self.open(b'}'),
            ScanState::Between if byte == b'[' => ScanState::Bracket,
            ScanState::Between | ScanState::Line => ScanState::Line,
            ScanState::Bracket if is_space => ScanState::Bracket,
            ScanState::Bracket if byte == b']' => ScanState::Between,
            ScanState::Bracket if byte == b'{' => self.open(b'}'),
            ScanState::Bracket => {
                self.open(b']');
                return self.take(byte, text);
            }
            ScanState::Text { is_key } => match byte {
                b'"' if is_key => ScanState::Colon,
                b'"' => ScanState::AfterValue,
                b'\\' => ScanState::Escape { is_key },
                _ => return false,
            },
            ScanState::Escape { is_key } => match byte {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u' => ScanState::Text { is_key },
                _ => return false,
            },
            ScanState::Scalar { begin } => match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.' => ScanState::Scalar { begin },
                _ if !is_scalar(&text[begin..self.at]) => return false,
                _ => {
                    self.state = ScanState::AfterValue;
                    return self.take(byte, text);
                }
            },
            state if is_space => state,
            ScanState::FirstValue | ScanState::AfterValue if byte == b']' && self.open.last() == Some(&b']') => {
                self.close()
            }
            ScanState::FirstKey | ScanState::AfterValue if byte == b'}' && self.open.last() == Some(&b'}') => {
                self.close()
            }
            ScanState::FirstValue | ScanState::Value => match byte {
                b'{' => self.open(b'}'),
                b'[' => self.open(b']'),
                b'"' => ScanState::Text { is_key: false },
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => ScanState::Scalar { begin: self.at },
                _ => return false,
            },
            ScanState::FirstKey | ScanState::Key if byte == b'"' => ScanState::Text { is_key: true },
            ScanState::Colon if byte == b':' => ScanState::Value,
            ScanState::AfterValue if byte == b',' => match self.open.last() {
                Some(b'}') => ScanState::Key,
                _ => ScanState::Value,
            },
            _ => return false,
        };
        true
    }

    fn open(&mut self, close: u8) -> ScanState {
        if self.open.is_empty() {
            self.begin = self.at;
            self.is_document = false;
        }
        self.open.push(close);
        self.state = if close == b'}' { ScanState::FirstKey } else { ScanState::FirstValue };
        self.state
    }

    fn close(&mut self) -> ScanState {
        self.open.pop();
        if self.open.is_empty() { ScanState::Between } else { ScanState::AfterValue }
    }
}

fn is_scalar(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut json = Json::new(text);
    json.skip().is_ok() && json.at() == text.len()
}
