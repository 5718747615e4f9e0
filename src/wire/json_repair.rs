//! Repairs JSON with lone surrogates (`"\ud83d"` without its other half). JavaScript writes them when it cuts text in the
//! middle of a character, and `serde_json` rightly refuses them. otail still shows the text, with U+FFFD for the half
//! character.

/// `text` with `\ufffd` for each escaped lone surrogate; `None` if there are none.
pub fn repair(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut repaired: Option<String> = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(offset) = memchr::memchr(b'\\', &bytes[at..]) {
        let escape = at + offset;
        at = match unit(bytes, escape) {
            Some(0xd800..=0xdbff) if matches!(unit(bytes, escape + 6), Some(0xdc00..=0xdfff)) => escape + 12,
            Some(0xd800..=0xdfff) => {
                let repaired = repaired.get_or_insert_with(|| String::with_capacity(text.len()));
                repaired.push_str(&text[copied..escape]);
                repaired.push_str("\\ufffd");
                copied = escape + 6;
                copied
            }
            // Another escape: skip it and the character it escapes, which may be a backslash.
            _ => (escape + 2).min(bytes.len()),
        };
    }
    repaired.map(|mut repaired| {
        repaired.push_str(&text[copied..]);
        repaired
    })
}

/// The UTF-16 unit of an escape `\uXXXX` at this index.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_characters_become_replacements_and_whole_ones_stay() {
        for (text, expected) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\uDD80 x""#, "\u{fffd} x"),
            (r#""\ud83d\ud83d\ude00\ude00""#, "\u{fffd}😀\u{fffd}"),
            (r#""\ud83d\\ude00""#, "\u{fffd}\\ude00"),
            (r#""\\ud83d \" \ud83d\n""#, "\\ud83d \" \u{fffd}\n"),
        ] {
            assert!(serde_json::from_str::<String>(text).is_err());
            assert_eq!(serde_json::from_str::<String>(&repair(text).unwrap()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn text_without_half_characters_is_left_alone() {
        for text in [r#""\ud83d\ude00 \\ud83d \u00e9""#, r#""\u12"#, r#""\"#, "", r"\u", r#""\ud83"#] {
            assert_eq!(repair(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_escapes_can_be_read_after_repair(
            pieces in prop::collection::vec(
                prop::sample::select(vec![r"\ud83d", r"\uD83D", r"\ude00", r"\\", r"\n", r#"\""#, "u", "d83d", "é", r"\u0041"]), 0..12),
        ) {
            let text = format!("\"{}\"", pieces.concat());
            let repaired = repair(&text).unwrap_or(text);
            prop_assert!(serde_json::from_str::<String>(&repaired).is_ok());
        }
    }
}
