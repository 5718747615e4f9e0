//! Text from outside, made harmless and visible before it reaches a terminal.
//!
//! A name or a value may hold anything: escape sequences that retitle the window, write the clipboard or clear the
//! screen; marks that turn the direction of text; characters that show as nothing. Each such character is shown as a
//! visible escape, never silently dropped: C0 and DEL as their Unicode pictures (`␛`, `␡`), the rest as `\u{202e}`.

use std::fmt::Write;

/// `text` with each harmful or invisible character as a visible escape; a line feed, carriage return and tab too.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    visible_into(text, &mut out);
    out
}

/// [`visible`], appended. Text of printable ASCII is copied at once.
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

/// Whether [`visible`] would change nothing.
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

/// Whether [`visible`] would leave a character as it is.
pub fn is_harmless_char(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\u{9f}' => false,
        // soft hyphen; Arabic letter mark; Mongolian vowel separator
        '\u{ad}' | '\u{61c}' | '\u{180e}' => false,
        // zero widths, direction marks; line and paragraph separator, embeddings and overrides
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => false,
        // word joiner, invisible operators, isolates, deprecated format characters
        '\u{2060}'..='\u{206f}' => false,
        // fillers that show as nothing; byte order mark; interlinear annotation; noncharacters at the end of the plane
        '\u{115f}'
        | '\u{1160}'
        | '\u{3164}'
        | '\u{ffa0}'
        | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}' => false,
        // variation selectors change how the neighbour is drawn and, in terminals, how wide it is
        '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => false,
        // private use: whatever the font makes of it
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => false,
        _ => true,
    }
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
}
