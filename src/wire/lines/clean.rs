//! Removes bytes that are not text: the NUL holes that a truncation leaves, and binary data.

/// This many NULs in a row within a line are a hole; fewer are part of the text.
pub const HOLE: usize = 8;
/// After binary data a line counts as text only if it has at least this many bytes, all of them text.
const TEXT_AGAIN: usize = 8;

/// Removes NULs at the edges of lines, holes within lines, and binary data from a text. A hole within a line ends the line.
#[derive(Debug)]
pub struct Cleaner {
    begins_line: bool,
    /// NULs within a line, with nothing after them so far.
    nuls: usize,
    is_in_binary: bool,
    found: NoText,
}

/// How much was removed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NoText {
    /// Bytes of NUL holes.
    pub hole: u64,
    /// Bytes of binary data.
    pub binary: u64,
    /// How many times binary data began.
    pub runs: u64,
}

impl Default for Cleaner {
    fn default() -> Cleaner {
        Cleaner { begins_line: true, nuls: 0, is_in_binary: false, found: NoText::default() }
    }
}

impl Cleaner {
    /// Adds the next bytes, cut anywhere; `out` receives the text in them, in order.
    pub fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        if self.nuls == 0 && !self.is_in_binary && is_clean(bytes) {
            if let Some(last) = bytes.last() {
                self.begins_line = *last == b'\n';
                out(bytes);
            }
            return;
        }
        bytes.split_inclusive(|byte| *byte == b'\n').for_each(|line| self.line(line, out));
    }

    /// Ends the text: NULs after its last line are not text.
    pub fn end(&mut self) {
        self.found.hole += std::mem::take(&mut self.nuls) as u64;
        (self.begins_line, self.is_in_binary) = (true, false);
    }

    /// What was removed since the last call.
    pub fn take_found(&mut self) -> NoText {
        std::mem::take(&mut self.found)
    }

    /// Adds a line or a part of one.
    fn line(&mut self, line: &[u8], out: &mut impl FnMut(&[u8])) {
        let (mut rest, is_ended) = match line.strip_suffix(b"\n") {
            Some(line) => (line, true),
            None => (line, false),
        };
        loop {
            let count = rest.iter().take_while(|byte| **byte == 0).count();
            self.nuls += count;
            rest = &rest[count..];
            let length = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
            if length == 0 {
                break;
            }
            self.before_text(out);
            self.text(&rest[..length], out);
            rest = &rest[length..];
        }
        if self.begins_line {
            // So far this line has only NULs or binary data.
            self.found.hole += std::mem::take(&mut self.nuls) as u64;
        }
        if is_ended {
            self.found.hole += std::mem::take(&mut self.nuls) as u64;
            if !self.begins_line {
                out(b"\n");
            }
            self.begins_line = true;
        }
    }

    /// Handles the pending NULs, now that text follows them.
    fn before_text(&mut self, out: &mut impl FnMut(&[u8])) {
        let nuls = std::mem::take(&mut self.nuls);
        if self.is_in_binary {
            self.found.binary += nuls as u64;
        } else if self.begins_line || nuls >= HOLE {
            self.found.hole += nuls as u64;
            if !self.begins_line {
                out(b"\n");
                self.begins_line = true;
            }
        } else {
            out(&[0; HOLE][..nuls]);
        }
    }

    fn text(&mut self, text: &[u8], out: &mut impl FnMut(&[u8])) {
        let was_in_binary = self.is_in_binary;
        self.is_in_binary = match was_in_binary {
            true => text.len() < TEXT_AGAIN || count(text).any() > 0,
            false => is_binary(text),
        };
        if !self.is_in_binary {
            out(text);
            self.begins_line = false;
            return;
        }
        self.found.binary += text.len() as u64;
        if !was_in_binary {
            self.found.runs += 1;
            if !self.begins_line {
                out(b"\n");
                self.begins_line = true;
            }
        }
    }
}

/// Whether a line is binary data. Text in other encodings than UTF-8 has no control characters.
pub fn is_binary(text: &[u8]) -> bool {
    let found = count(text);
    found.controls > 0 && found.any() >= 3 && found.any() * 10 > text.len()
}

/// Whether bytes are one line of text and nothing else.
pub fn is_text(text: &[u8]) -> bool {
    count(text).any() == 0
}

struct Count {
    /// Control characters that do not occur in text.
    controls: usize,
    /// Bytes that are not UTF-8.
    invalid: usize,
}

impl Count {
    fn any(&self) -> usize {
        self.controls + self.invalid
    }
}

fn count(text: &[u8]) -> Count {
    let is_control = |byte: &&u8| matches!(byte, 0..=7 | 14..=26 | 28..=31 | 127);
    let controls = text.iter().filter(is_control).count();
    Count { controls, invalid: text.utf8_chunks().map(|chunk| chunk.invalid().len()).sum() }
}

/// Whether the bytes are UTF-8 without NUL; the first and the last character may be cut.
fn is_clean(bytes: &[u8]) -> bool {
    if memchr::memchr(0, bytes).is_some() {
        return false;
    }
    let cut = bytes.iter().take(3).take_while(|byte| *byte & 0xc0 == 0x80).count();
    match simdutf8::compat::from_utf8(&bytes[cut..]) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clean(text: &[u8], cut: usize) -> (String, NoText) {
        let (mut cleaner, mut read) = (Cleaner::default(), Vec::new());
        text.chunks(cut).for_each(|bytes| cleaner.push(bytes, &mut |bytes| read.extend_from_slice(bytes)));
        cleaner.end();
        (String::from_utf8_lossy(&read).into_owned(), cleaner.take_found())
    }

    #[test]
    fn nuls_at_line_edges_are_not_text() {
        let nuls = "\0".repeat(4_096);
        for (text, expected, hole) in [
            (format!("{{\"n\":1}}\n{nuls}{{\"n\":2}}\n"), "{\"n\":1}\n{\"n\":2}\n", 4_096),
            (format!("a{nuls}\nb"), "a\nb", 4_096),
            (format!("{{\"n\":1}}{nuls}{{\"n\":2}}"), "{\"n\":1}\n{\"n\":2}", 4_096),
            (format!("{nuls}\n\0\na\0"), "a", 4_098),
            ("a\0b\n".into(), "a\0b\n", 0),
            (nuls.clone(), "", 4_096),
        ] {
            for cut in [1, 3, 10_000] {
                let (read, found) = clean(text.as_bytes(), cut);
                // Empty lines do not matter.
                let read = read.trim_start_matches('\n').to_owned();
                assert_eq!((read.as_str(), found), (expected, NoText { hole, ..NoText::default() }), "cut at {cut}");
            }
        }
    }

    #[test]
    fn binary_data_between_lines_is_removed_once() {
        let noise: Vec<u8> = (0..4_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let text = [b"first line\n".as_slice(), &noise, b"\nsecond line\n"].concat();
        let (read, found) = clean(&text, 100_000);
        assert_eq!(read, "first line\nsecond line\n");
        assert_eq!(found.runs, 1);
    }

    #[test]
    fn text_of_another_encoding_is_text() {
        for text in [&b"caf\xe9 \xfcber\n"[..], b"\x1b[31mred\x1b[0m\n", b"\x93\xfa\x96\x7b\n", b"a\x01b\n"] {
            assert_eq!(clean(text, 1_000).1, NoText::default());
        }
    }

    proptest! {
        #[test]
        fn clean_text_passes_unchanged(text in "[a-zé漢\n\t ]{0,60}", cut in 1..9usize) {
            prop_assert_eq!(clean(text.as_bytes(), cut), (text, NoText::default()));
        }
    }
}
