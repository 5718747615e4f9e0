//! Makes text from outside safe to print on a terminal, and its hidden characters visible.
//!
//! A name or a value may contain escape sequences that change the window title, write the clipboard or clear the screen,
//! marks that reverse the direction of text, and invisible characters. Each such character is shown as a visible escape and
//! never dropped: C0 and DEL as their Unicode pictures (`␛`, `␡`), the rest as `\u{202e}`.

use std::fmt::Write;

/// `text` with each harmful or invisible character as a visible escape; a line feed, carriage return and tab too.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    visible_into(text, &mut out);
    out
}

/// Appends [`visible`]. Printable ASCII is copied at once.
pub fn visible_into(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(|c| !is_harmless_char(c)) {
        let (clean, tail) = rest.split_at(at);
        out.push_str(clean);
        let mut chars = tail.chars();
        if let Some(c) = chars.next() {
            escape(c, out);
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// Whether [`visible`] would leave the text unchanged.
pub fn is_harmless(text: &str) -> bool {
    text.chars().all(is_harmless_char)
}

fn escape(c: char, out: &mut String) {
    match c {
        '\0'..='\u{1f}' => out.extend(char::from_u32(0x2400 + c as u32)),
        '\u{7f}' => out.push('␡'),
        _ => _ = write!(out, "\\u{{{:x}}}", c as u32),
    }
}

/// Whether [`visible`] would leave a character as it is. Beside controls it escapes every code point that Unicode lists as
/// `Default_Ignorable_Code_Point`, the noncharacters, and the private use areas.
pub fn is_harmless_char(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\u{9f}' => false,
        // soft hyphen; combining grapheme joiner; Arabic letter mark
        '\u{ad}' | '\u{34f}' | '\u{61c}' => false,
        // Hangul and Khmer fillers; Mongolian variation selectors and vowel separator
        '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => false,
        // zero widths, direction marks; line and paragraph separator, embeddings and overrides
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => false,
        // word joiner, invisible operators, isolates, deprecated format characters
        '\u{2060}'..='\u{206f}' => false,
        // Hangul fillers; byte order mark; reserved, interlinear annotation
        '\u{3164}' | '\u{ffa0}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' => false,
        // shorthand and musical format controls
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => false,
        // variation selectors change how the neighbour is drawn and, in terminals, how wide it is; tags
        '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => false,
        // private use: each font draws something else
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => false,
        // noncharacters
        '\u{fdd0}'..='\u{fdef}' => false,
        c => c as u32 & 0xfffe != 0xfffe,
    }
}

/// Appends a JSON string in which the characters that [`visible`] escapes are `\u` escapes, beside those that JSON demands.
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.find(|c| c == '"' || c == '\\' || !is_harmless_char(c)) {
        let (clean, tail) = rest.split_at(at);
        out.extend_from_slice(clean.as_bytes());
        let mut chars = tail.chars();
        match chars.next() {
            Some('"') => out.extend_from_slice(b"\\\""),
            Some('\\') => out.extend_from_slice(b"\\\\"),
            Some('\n') => out.extend_from_slice(b"\\n"),
            Some('\r') => out.extend_from_slice(b"\\r"),
            Some('\t') => out.extend_from_slice(b"\\t"),
            Some(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
            None => {}
        }
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_that_move_a_terminal_become_visible() {
        for (text, shown) in [
            ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
            ("\x1b[2J", "␛[2J"),
            ("\u{9b}2J\u{9d}0;t\u{9c}", "\\u{9b}2J\\u{9d}0;t\\u{9c}"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("one\r\ntwo\t", "one␍␊two␉"),
            ("\u{200b}\u{feff}\u{e0041}", "\\u{200b}\\u{feff}\\u{e0041}"),
        ] {
            assert_eq!(visible(text), shown);
            assert!(is_harmless(&visible(text)), "{shown}");
        }
    }

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        for text in ["GET /api/v1", "größer", "日本語", "עברית", "🦀", "naïve café"] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn invisible_characters_of_every_plane_become_visible() {
        for c in ['\u{34f}', '\u{17b4}', '\u{180b}', '\u{1bca0}', '\u{1d173}', '\u{fdd0}', '\u{1fffe}', '\u{afffF}'] {
            assert_eq!(visible(&c.to_string()), format!("\\u{{{:x}}}", c as u32));
        }
    }

    #[test]
    fn json_strings_are_harmless_and_read_back() {
        let text = "a\"b\\c\n\r\t\x1b[2J\u{7f}\u{9b}\u{202e}\u{34f}\u{e0041} größer 🦀";
        let mut out = Vec::new();
        write_json_string(text, &mut out);
        let written = String::from_utf8(out).unwrap();
        assert!(is_harmless(&written), "{written}");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
