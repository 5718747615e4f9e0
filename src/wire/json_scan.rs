//! Reads JSON as senders usually write it, at half the cost of a general reader: strings and whole numbers are borrowed in
//! place, without a call for each.
//!
//! It answers only where it is sure. It leaves everything else (deep nesting, a `\uXXXX` escape, a mistake) to `serde_json`,
//! which decides what is valid JSON.

use super::json::{Json, Level, MAX_NODES, Node};
use super::json_keys::{KeyId, Keys};
use crate::model::eight_digits;

/// Deeper values are left to `serde_json`, which has its own limit.
const DEEP: usize = 64;

/// Appends the nodes of the value in the text. `None` if `serde_json` must read it; the caller then discards the list.
pub(super) fn scan<'a>(text: &'a str, json: &mut Json<'a>, keys: &mut Keys, level: Level) -> Option<()> {
    let Json { nodes, unescaped } = json;
    let last = KeyId::start(level);
    let mut scanner = Scanner { text, bytes: text.as_bytes(), nodes, unescaped, keys, level, last };
    let end = scanner.value(scanner.skip_space(0), 0)?;
    (scanner.skip_space(end) == text.len() && scanner.nodes.len() <= MAX_NODES).then_some(())
}

/// Its methods take the index where a token begins and return the index after it.
struct Scanner<'n, 'a> {
    text: &'a str,
    bytes: &'a [u8],
    nodes: &'n mut Vec<Node<'a>>,
    unescaped: &'n mut String,
    keys: &'n mut Keys,
    level: Level,
    /// The last key read.
    last: KeyId,
}

impl<'a> Scanner<'_, 'a> {
    fn value(&mut self, at: usize, depth: usize) -> Option<usize> {
        match self.bytes.get(at)? {
            b'"' => self.string(at),
            b'{' => self.object(at, depth),
            b'[' => self.array(at, depth),
            b't' => self.word(at, "true", Node::Bool(true)),
            b'f' => self.word(at, "false", Node::Bool(false)),
            b'n' => self.word(at, "null", Node::Null),
            _ => self.number(at),
        }
    }

    fn object(&mut self, at: usize, depth: usize) -> Option<usize> {
        let first = self.open(depth, Node::Object(0))?;
        let mut at = self.skip_space(at + 1);
        if self.bytes.get(at) == Some(&b'}') {
            return Some(at + 1);
        }
        loop {
            at = self.key(at, depth)?;
            at = self.skip_space(at);
            // Most values are strings.
            at = if self.bytes.get(at) == Some(&b'"') { self.string(at)? } else { self.value(at, depth + 1)? };
            at = self.skip_space(at);
            match self.bytes.get(at)? {
                b',' if self.nodes.len() < MAX_NODES => at = self.skip_space(at + 1),
                b'}' => break,
                _ => return None,
            }
        }
        self.nodes[first] = Node::Object((self.nodes.len() - first - 1) as u32);
        Some(at + 1)
    }

    fn array(&mut self, at: usize, depth: usize) -> Option<usize> {
        let first = self.open(depth, Node::Array(0))?;
        let mut at = self.skip_space(at + 1);
        if self.bytes.get(at) == Some(&b']') {
            return Some(at + 1);
        }
        loop {
            at = self.value(at, depth + 1)?;
            at = self.skip_space(at);
            match self.bytes.get(at)? {
                b',' if self.nodes.len() < MAX_NODES => at = self.skip_space(at + 1),
                b']' => break,
                _ => return None,
            }
        }
        self.nodes[first] = Node::Array((self.nodes.len() - first - 1) as u32);
        Some(at + 1)
    }

    /// Adds the node of a bracket and returns its index. Checks the depth. The number of nodes is checked here, at each comma
    /// and at the end.
    fn open(&mut self, depth: usize, node: Node<'a>) -> Option<usize> {
        if depth == DEEP || self.nodes.len() >= MAX_NODES {
            return None;
        }
        self.nodes.push(node);
        Some(self.nodes.len() - 1)
    }

    /// Reads a key and its colon. First tries the key that followed `last` before.
    #[inline]
    fn key(&mut self, at: usize, depth: usize) -> Option<usize> {
        let Some((id, length)) = self.keys.expected(self.last, self.bytes.get(at..)?) else {
            return self.other_key(at, depth);
        };
        self.nodes.push(Node::Text(self.text.get(at + 1..at + length - 2)?, id));
        self.last = id;
        Some(at + length)
    }

    #[inline(never)]
    fn other_key(&mut self, at: usize, depth: usize) -> Option<usize> {
        if *self.bytes.get(at)? != b'"' {
            return None;
        }
        let end = self.string(at)?;
        if let Some(Node::Text(text, id)) = self.nodes.last_mut() {
            *id = self.keys.find(text, (self.level, depth), self.last);
            self.last = *id;
        }
        let colon = self.skip_space(end);
        (*self.bytes.get(colon)? == b':').then_some(colon + 1)
    }

    #[inline(always)]
    fn string(&mut self, at: usize) -> Option<usize> {
        let start = at + 1;
        let end = start + special(self.bytes.get(start..)?)?;
        if *self.bytes.get(end)? != b'"' {
            return self.escaped(start, end);
        }
        self.nodes.push(Node::Text(self.text.get(start..end)?, KeyId::NONE));
        Some(end + 1)
    }

    /// Reads a string with escapes, the first of them at `escape`.
    #[inline(never)]
    fn escaped(&mut self, start: usize, mut escape: usize) -> Option<usize> {
        let first = self.unescaped.len();
        let mut begin = start;
        while self.bytes[escape] == b'\\' {
            self.unescaped.push_str(self.text.get(begin..escape)?);
            self.unescaped.push(match self.bytes.get(escape + 1)? {
                byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
                b'n' => '\n',
                b't' => '\t',
                b'r' => '\r',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                _ => return None,
            });
            begin = escape + 2;
            escape = begin + special(self.bytes.get(begin..)?)?;
        }
        if self.bytes[escape] != b'"' {
            return None;
        }
        self.unescaped.push_str(self.text.get(begin..escape)?);
        self.nodes.push(Node::Unescaped(first, self.unescaped.len()));
        Some(escape + 1)
    }

    /// Reads a whole number or a short decimal. Leaves exponents, long numbers and `-0` to `serde_json`.
    fn number(&mut self, at: usize) -> Option<usize> {
        let is_negative = self.bytes[at] == b'-';
        let start = at + usize::from(is_negative);
        let (mut end, mut value) = (start, 0_u64);
        while let Some(eight) = self.bytes.get(end..).and_then(|rest| rest.first_chunk::<8>())
            && let Some(eight) = eight_digits(*eight)
        {
            value = value.wrapping_mul(100_000_000).wrapping_add(eight);
            end += 8;
        }
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(end) {
            // With twenty digits or more the value is not used, only the end.
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            end += 1;
        }
        let is_plain = match end - start {
            1 => value > 0 || !is_negative,
            2..=19 => self.bytes[start] != b'0',
            _ => false,
        };
        let is_short = is_plain || end - start == 1;
        match self.bytes.get(end) {
            Some(b'.') if is_short => {
                return self.short_decimal(start, end, value, is_negative).or_else(|| self.other_number(at));
            }
            Some(b'.' | b'e' | b'E') => return self.other_number(at),
            _ if !is_plain => return self.other_number(at),
            _ => {}
        }
        self.nodes.push(match (i64::try_from(value), is_negative) {
            (Ok(value), false) => Node::Int(value),
            (Ok(value), true) => Node::Int(-value),
            (Err(_), false) => Node::Unsigned(value),
            (Err(_), true) => return None,
        });
        Some(end)
    }

    /// Reads a number with a point and at most fifteen digits: both the digits and the power of ten are exact doubles, so
    /// their quotient is the nearest double (Clinger, "How to Read Floating Point Numbers Accurately").
    fn short_decimal(&mut self, start: usize, point: usize, whole: u64, is_negative: bool) -> Option<usize> {
        const TENS: [f64; 15] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];
        let (mut end, mut digits) = (point + 1, whole);
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(end)
            && end - start <= 15
        {
            digits = digits * 10 + u64::from(digit - b'0');
            end += 1;
        }
        let decimals = end - point - 1;
        if decimals == 0 || matches!(self.bytes.get(end), Some(b'0'..=b'9' | b'e' | b'E')) {
            return None;
        }
        let value = digits as f64 / TENS.get(decimals)?;
        self.nodes.push(Node::Double(if is_negative { -value } else { value }));
        Some(end)
    }

    fn other_number(&mut self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let is_part = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let length = rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        let number: serde_json::Number = serde_json::from_str(rest.get(..length)?).ok()?;
        self.nodes.push(match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => Node::Int(value),
            (_, Some(value)) => Node::Unsigned(value),
            _ => Node::Double(number.as_f64()?),
        });
        Some(at + length)
    }

    fn word(&mut self, at: usize, word: &str, node: Node<'a>) -> Option<usize> {
        if !self.bytes[at..].starts_with(word.as_bytes()) {
            return None;
        }
        self.nodes.push(node);
        Some(at + word.len())
    }

    #[inline]
    fn skip_space(&self, mut at: usize) -> usize {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(at) {
            at += 1;
        }
        at
    }
}

const AT_ONCE: usize = 16;

/// The index of the first quote, backslash or control character.
#[inline(always)]
fn special(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(some) = bytes.get(at..).and_then(|rest| rest.first_chunk::<AT_ONCE>()) {
        let marks = marks(some);
        if marks != 0 {
            return Some(at + marks.trailing_zeros() as usize / 8);
        }
        at += AT_ONCE;
    }
    let rest = bytes.get(at..)?.iter().position(|byte| is_special(*byte))?;
    Some(at + rest)
}

/// 0xff for each byte that is a quote, a backslash or a control character. The compiler vectorizes the comparison.
#[inline(always)]
fn marks(bytes: &[u8; AT_ONCE]) -> u128 {
    let mut marks = [0; AT_ONCE];
    for (mark, byte) in marks.iter_mut().zip(bytes) {
        *mark = u8::from(is_special(*byte)).wrapping_neg();
    }
    u128::from_le_bytes(marks)
}

#[inline(always)]
fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
}

#[cfg(test)]
mod tests {
    use super::super::json_general;
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// Checks that both readers agree; returns whether the scanner was sure.
    #[track_caller]
    fn agrees(text: &str) -> bool {
        let expected = json_general::read(text);
        let mut sure = false;
        // The second time, each key is the expected one.
        let mut keys = Keys::default();
        for _ in 0..2 {
            let mut json = Json::default();
            sure = scan(text, &mut json, &mut keys, Level::Outer).is_some();
            if sure {
                let expected = expected.as_ref().expect("it is JSON");
                assert!(json.root() == expected.root(), "{text}: {json:?} is not {expected:?}");
            }
        }
        sure
    }

    #[test]
    fn the_scanner_reads_what_senders_write() {
        for text in [
            r#"{"traceId":"4bf9","n":[1,-2,0,1755000000123456789,18446744073709551615,-9223372036854775807],"e":{}}"#,
            " [ true , false,null,\t\"\",\n[] , {\"a\" : 1.5e3, \"b\":-0, \"c\": 0.1} ]\r\n",
            r#""a text of more than eight bytes, with é and \" and \\ and \/\n\t\r\b\f""#,
            "[5.0,0.1,-0.0,-0.25,123456789012.345,1234567890123.456,12345678901234567.5,0.30000000000000004]",
            "18446744073709551616",
            "7",
        ] {
            assert!(agrees(text), "{text}");
        }
    }

    #[test]
    fn doubtful_text_is_left_to_the_general_reader() {
        let deep = "[".repeat(DEEP + 1) + &"]".repeat(DEEP + 1);
        let texts = [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{1:2}",
            "01",
            "-",
            "-01",
            "1.",
            ".5",
            "+1",
            "nul",
            "\"a",
            "-9223372036854775808",
        ];
        let strings = ["\"\u{1}\"", "\"twelve bytes\u{1f}\"", "\"\\u0041\"", "\"\\x\"", "\"\\\"", "[] []", &deep];
        for text in texts.into_iter().chain(strings) {
            assert!(!agrees(text), "{text}");
        }
    }

    #[test]
    fn reading_stops_at_too_many_values() {
        let entries: String = std::iter::repeat_n(r#""a":0,"#, 2 * MAX_NODES).collect();
        for text in [format!("[{}0]", "0,".repeat(2 * MAX_NODES)), format!(r#"{{{entries}"a":0}}"#)] {
            let mut json = Json::default();
            assert!(scan(&text, &mut json, &mut Keys::default(), Level::Outer).is_none());
            assert!(json.nodes.len() <= MAX_NODES + 1, "{}", json.nodes.len());
        }
    }

    proptest! {
        #[test]
        fn random_json_tokens_are_read_alike_or_left(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", ",", ":", "\"a\":", "\"b\"", "\"", "\\", "\\n", "\\u00e9", "é", " ", "\n", "0", "1",
                    "-", ".", "e", "12345678901234567", "true", "null", "x", "\u{7f}", "\u{1}",
                ]), 0..16),
        ) {
            agrees(&pieces.concat());
        }

        #[test]
        fn any_number_is_the_nearest_double(number in "-?[0-9]{1,18}(\\.[0-9]{1,18})?") {
            agrees(&number);
        }

        #[test]
        fn any_string_between_quotes_ends_where_it_should(text in "[a-z\"\\\\\u{0}-\u{21}é😀]{0,24}", rest in "[,\"]{0,9}") {
            agrees(&format!("\"{text}\"{rest}"));
            let written = serde_json::to_string(&text).unwrap();
            agrees(&written);
        }

        #[test]
        fn earlier_texts_do_not_change_the_next(
            texts in prop::collection::vec((0..3usize, prop::collection::vec((0..400usize, any::<u8>()), 0..3)), 1..24),
        ) {
            let bases = [
                r#"{"traceId":"4bf9","name":"GET /","a key of thirty-two bytes and more":1,"attributes":{"name":"x","a":1,"ab":[]}}"#,
                r#"{"traceId":"4bf9","attributes":{"a":1,"name":"x","traceId":{}},"name":[{"name":1,"a":"\\n"},{"name":2,"b":"b"}]}"#,
                r#"{ "name" : "x" , "names" : {} , "na" : 1.5 , "name" : null , "é" : "é" , "esc\"" : -1 }"#,
            ];
            let (mut keys, mut numbered) = (Keys::default(), HashMap::new());
            for (base, changes) in texts {
                let mut text = bases[base].as_bytes().to_vec();
                for (at, byte) in changes {
                    let at = at % text.len();
                    match byte {
                        0x20..0x80 => text[at] = byte,
                        0x80..0xb0 => _ = text.remove(at),
                        _ => text.truncate(at.max(1)),
                    }
                }
                let Ok(text) = String::from_utf8(text) else { continue };
                let mut json = Json::default();
                if scan(&text, &mut json, &mut keys, Level::Outer).is_some() {
                    let expected = json_general::read(&text);
                    prop_assert!(expected.is_ok_and(|expected| json.root() == expected.root()), "{}", text);
                    for node in &json.nodes {
                        if let Node::Text(text, id) = node && *id != KeyId::NONE {
                            let key = numbered.entry(id.index()).or_insert_with(|| text.to_string());
                            prop_assert_eq!(key.as_str(), *text, "equal numbers are equal keys");
                        }
                    }
                }
            }
        }
    }
}
