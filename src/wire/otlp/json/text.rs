//! JSON text, walked in place: the reader asks for what comes next, and nothing is built that it does not ask for.
//!
//! Strict in what JSON is (RFC 8259), but for lone surrogates (`"\ud83d"`), which JavaScript writes where text was cut in
//! the middle of a character: they become U+FFFD. What is skipped is checked like what is read, without recursion.

use std::borrow::Cow;
use std::fmt;

/// How deep objects and arrays that are read (not skipped) may lie in each other. A value at [`MAX_NESTING`] maps within
/// each other, each four levels of JSON, has room.
///
/// [`MAX_NESTING`]: crate::model::MAX_NESTING
const MAX_DEPTH: u32 = 160;

/// A place in a text. A copy may go ahead, to see whether something known comes next.
#[derive(Clone, Copy)]
pub(super) struct Json<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

/// Why a text is no JSON.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syntax {
    at: usize,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum What {
    End,
    Value,
    Literal,
    Number,
    Control,
    Escape,
    Key,
    Colon,
    Comma,
    Depth,
    Trailing,
}

/// What a value is, by its first byte.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Object,
    Array,
    Text,
    Number,
    True,
    False,
    Null,
}

impl<'a> Json<'a> {
    pub fn new(text: &'a str) -> Json<'a> {
        Json { text, at: 0, depth: 0 }
    }

    /// How much of the text was read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<(), Syntax> {
        if self.byte().is_none() { Ok(()) } else { Err(self.error(What::Trailing)) }
    }

    /// The kind of the value that comes next.
    #[inline]
    pub fn kind(&mut self) -> Result<Kind, Syntax> {
        match self.byte() {
            Some(b'"') => Ok(Kind::Text),
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't') => Ok(Kind::True),
            Some(b'f') => Ok(Kind::False),
            Some(b'n') => Ok(Kind::Null),
            Some(_) => Err(self.error(What::Value)),
            None => Err(self.error(What::End)),
        }
    }

    /// Whether a few levels more would be too many. Who may go on without end asks first, and skips.
    #[inline]
    pub fn is_deep(&self) -> bool {
        self.depth + 8 > MAX_DEPTH
    }

    /// Enters the object or array that comes next, to read it; whether it has anything in it.
    #[inline]
    pub fn enter(&mut self, close: u8) -> Result<bool, Syntax> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(What::Depth));
        }
        self.open(close)
    }

    /// After an element: whether another follows. Where not, the object or array is left.
    #[inline]
    pub fn another(&mut self, close: u8) -> Result<bool, Syntax> {
        let another = self.comma(close)?;
        if !another {
            self.leave();
        }
        Ok(another)
    }

    /// What [`Json::enter`] found empty is left.
    #[inline]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// The key that comes next, and its colon.
    #[inline]
    pub fn key(&mut self) -> Result<Cow<'a, str>, Syntax> {
        match self.byte() {
            Some(b'"') => {}
            Some(_) => return Err(self.error(What::Key)),
            None => return Err(self.error(What::End)),
        }
        let key = self.string()?;
        self.colon()?;
        Ok(key)
    }

    /// The string that comes next, of which [`Json::kind`] saw the quote; borrowed where it has no escapes.
    #[inline]
    pub fn string(&mut self) -> Result<Cow<'a, str>, Syntax> {
        let start = self.at + 1;
        let end = start + plain(self.rest(start));
        if let Some(b'"') = self.text.as_bytes().get(end) {
            self.at = end + 1;
            return Ok(Cow::Borrowed(self.text.get(start..end).unwrap_or_default()));
        }
        self.escaped(start, end).map(Cow::Owned)
    }

    /// Passes this text, if it is exactly what comes next.
    #[inline(always)]
    pub fn eat(&mut self, text: &str) -> bool {
        let eaten = self.rest(self.at).starts_with(text.as_bytes());
        if eaten {
            self.at += text.len();
        }
        eaten
    }

    /// The string that comes next, if it is one without escapes.
    #[inline]
    pub fn plain_string(&mut self) -> Option<&'a str> {
        if !self.eat("\"") {
            return None;
        }
        let (start, end) = (self.at, self.at + plain(self.rest(self.at)));
        self.at = end;
        self.eat("\"").then(|| self.text.get(start..end).unwrap_or_default())
    }

    /// The digits, sign, point and exponent of the number that comes next.
    #[inline]
    pub fn number(&mut self) -> Result<&'a str, Syntax> {
        let start = self.at;
        if self.here() == Some(b'-') {
            self.at += 1;
        }
        match self.here() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.here() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.here() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.here() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// `true`, `false` or `null`, of which the first letter was seen.
    #[inline]
    pub fn literal(&mut self, word: &'static str) -> Result<(), Syntax> {
        if self.rest(self.at).starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        let cut = word.as_bytes().starts_with(self.rest(self.at));
        Err(self.error(if cut { What::End } else { What::Literal }))
    }

    /// Passes over the value that comes next, however deep it is.
    pub fn skip(&mut self) -> Result<(), Syntax> {
        // What closes the arrays and objects that are open, the innermost last.
        let mut open = Vec::new();
        loop {
            let close = match self.kind()? {
                Kind::Object => b'}',
                Kind::Array => b']',
                Kind::Text => {
                    self.skip_string()?;
                    0
                }
                Kind::Number => self.number().map(|_| 0)?,
                Kind::True => self.literal("true").map(|()| 0)?,
                Kind::False => self.literal("false").map(|()| 0)?,
                Kind::Null => self.literal("null").map(|()| 0)?,
            };
            let mut another = false;
            if close != 0 && self.open(close)? {
                open.push(close);
                another = true;
            }
            while !another {
                let Some(close) = open.last() else { return Ok(()) };
                another = self.comma(*close)?;
                if !another {
                    open.pop();
                }
            }
            if open.last() == Some(&b'}') {
                self.skip_key()?;
            }
        }
    }

    /// The next byte that is no white space, which stays the next.
    #[inline]
    fn byte(&mut self) -> Option<u8> {
        loop {
            match self.here() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte,
            }
        }
    }

    #[inline]
    fn here(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn rest(&self, at: usize) -> &'a [u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    /// Passes the opening bracket, and the closing one where it follows at once; whether it does not.
    #[inline]
    fn open(&mut self, close: u8) -> Result<bool, Syntax> {
        self.at += 1;
        let filled = self.byte() != Some(close);
        if !filled {
            self.at += 1;
        }
        Ok(filled)
    }

    /// Passes a comma, and answers yes; or the closing bracket, and answers no.
    #[inline]
    fn comma(&mut self, close: u8) -> Result<bool, Syntax> {
        match self.byte() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Err(self.error(What::Comma)),
            None => Err(self.error(What::End)),
        }
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Syntax> {
        match self.byte() {
            Some(b':') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.error(What::Colon)),
            None => Err(self.error(What::End)),
        }
    }

    #[inline]
    fn digits(&mut self) -> Result<(), Syntax> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.here() {
            self.at += 1;
        }
        if self.at > start {
            return Ok(());
        }
        Err(self.error(if self.here().is_none() { What::End } else { What::Number }))
    }

    /// A string with escapes in it; the first lies at `end`, or what it has instead of a closing quote.
    fn escaped(&mut self, mut start: usize, mut end: usize) -> Result<String, Syntax> {
        let mut text = String::new();
        loop {
            text.push_str(self.text.get(start..end).unwrap_or_default());
            self.at = end;
            match self.here() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.error(What::Control)),
                None => return Err(self.error(What::End)),
            }
            start = self.at;
            end = start + plain(self.rest(start));
        }
    }

    fn skip_string(&mut self) -> Result<(), Syntax> {
        self.at += 1;
        loop {
            self.at += plain(self.rest(self.at));
            match self.here() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => drop(self.escape()?),
                Some(_) => return Err(self.error(What::Control)),
                None => return Err(self.error(What::End)),
            }
        }
    }

    fn skip_key(&mut self) -> Result<(), Syntax> {
        match self.byte() {
            Some(b'"') => self.skip_string()?,
            Some(_) => return Err(self.error(What::Key)),
            None => return Err(self.error(What::End)),
        }
        self.colon()
    }

    /// The character that an escape stands for.
    fn escape(&mut self) -> Result<char, Syntax> {
        self.at += 1;
        let c = match self.here() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            Some(_) => return Err(self.error(What::Escape)),
            None => return Err(self.error(What::End)),
        };
        self.at += 1;
        Ok(c)
    }

    /// After `\`: `uXXXX`, and the other half of the character if it is one of two.
    fn unicode(&mut self) -> Result<char, Syntax> {
        let unit = self.unit(self.at + 1)?;
        self.at += 5;
        if let 0xd800..0xdc00 = unit
            && self.rest(self.at).starts_with(b"\\u")
            && let low @ 0xdc00..0xe000 = self.unit(self.at + 2)?
        {
            self.at += 6;
            let pair = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return Ok(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Four hex digits.
    fn unit(&self, at: usize) -> Result<u32, Syntax> {
        let rest = self.rest(at);
        let Some(digits) = rest.first_chunk::<4>() else { return Err(Syntax { at: self.text.len(), what: What::End }) };
        let digit = |unit: u32, digit: &u8| Some(unit << 4 | char::from(*digit).to_digit(16)?);
        digits.iter().try_fold(0, digit).ok_or(Syntax { at, what: What::Escape })
    }

    fn error(&self, what: What) -> Syntax {
        Syntax { at: self.at, what }
    }
}

/// How many bytes a string has before a quote, a backslash or a control character; eight at a time.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    // In each of the three masks a high bit too many is possible, but only above one that is right.
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*eight);
        let (quote, backslash) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5c));
        let found = quote.wrapping_sub(ONES) & !quote
            | backslash.wrapping_sub(ONES) & !backslash
            | word.wrapping_sub(ONES * 0x20) & !word;
        if found & HIGH != 0 {
            return at + ((found & HIGH).trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(rest.len())
}

impl Syntax {
    /// Whether the text ends where it should go on.
    pub fn is_end(&self) -> bool {
        self.what == What::End
    }

    /// What is wrong, and where in the text.
    pub fn explain(&self, text: &str) -> String {
        let before = &text.as_bytes()[..self.at.min(text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1) + 1;
        format!("{} at line {line} column {column}", self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::End => "the text ends in the middle of a value",
            What::Value => "expected a value",
            What::Literal => "expected `true`, `false` or `null`",
            What::Number => "a number lacks a digit",
            What::Control => "a string holds a bare control character",
            What::Escape => "a string holds an escape that there is not",
            What::Key => "expected a key in quotes",
            What::Colon => "expected `:`",
            What::Comma => "expected `,` or the end of the array or object",
            What::Depth => return write!(f, "nested deeper than {MAX_DEPTH} levels"),
            What::Trailing => "something follows the value",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads everything that can be read, as `serde_json` would tell it.
    fn value(json: &mut Json<'_>) -> Result<serde_json::Value, Syntax> {
        use serde_json::Value;
        Ok(match json.kind()? {
            Kind::Null => json.literal("null").map(|()| Value::Null)?,
            Kind::True => json.literal("true").map(|()| Value::Bool(true))?,
            Kind::False => json.literal("false").map(|()| Value::Bool(false))?,
            Kind::Number => Value::Number(serde_json::from_str(json.number()?).unwrap_or_else(|_| 0.into())),
            Kind::Text => Value::String(json.string()?.into_owned()),
            Kind::Array => {
                let mut items = Vec::new();
                let mut another = json.enter(b']')?;
                if !another {
                    json.leave();
                }
                while another {
                    items.push(value(json)?);
                    another = json.another(b']')?;
                }
                Value::Array(items)
            }
            Kind::Object => {
                let mut members = serde_json::Map::new();
                let mut another = json.enter(b'}')?;
                if !another {
                    json.leave();
                }
                while another {
                    let key = json.key()?.into_owned();
                    members.insert(key, value(json)?);
                    another = json.another(b'}')?;
                }
                Value::Object(members)
            }
        })
    }

    fn read(text: &str) -> Result<serde_json::Value, Syntax> {
        let mut json = Json::new(text);
        let value = value(&mut json)?;
        json.end().map(|()| value)
    }

    fn skipped(text: &str) -> Result<(), Syntax> {
        let mut json = Json::new(text);
        json.skip()?;
        json.end()
    }

    /// Read and skipped as `serde_json` reads it.
    fn check(text: &str) {
        let expected: Result<serde_json::Value, _> = serde_json::from_str(text);
        match expected {
            Ok(expected) => {
                assert_eq!(read(text).unwrap(), expected, "{text}");
                skipped(text).unwrap();
            }
            // These it refuses, and we do not.
            Err(error) if error.to_string().contains("out of range") || error.to_string().contains("surrogate") => {}
            Err(error) if error.to_string().contains("end of hex escape") => {}
            Err(error) => {
                assert!(skipped(text).is_err(), "{error}: {text}");
                let ours = read(text).unwrap_err();
                assert!(ours.at <= text.len());
                assert_eq!(ours.is_end(), error.is_eof(), "{error}, {}: {text}", ours.explain(text));
            }
        }
    }

    #[test]
    fn it_says_what_serde_json_says() {
        for text in [
            "",
            " ",
            "null",
            "nul",
            "nulx",
            "truefalse",
            " \t\r\n[ ] ",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{}",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\" : [ {} , [] , \"\" ] }",
            "0",
            "-0",
            "00",
            "01",
            "-",
            "-a",
            "1.",
            "1.a",
            ".5",
            "1e",
            "1e+",
            "1e5",
            "1E-5",
            "-1.25e+3",
            "12345678901234567890",
            "\"",
            "\"a",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\\u00e9\\n\\/\"",
            "\"\\ud83d\\ude00\"",
            "\"tab\t\"",
            "\"exactly8\"",
            "\"more than eight é 日本語\"",
            "[[[]]]]",
            "]",
            "[}",
            "{]",
            "\u{feff}1",
            "1 x",
        ] {
            check(text);
        }
    }

    #[test]
    fn lone_surrogates_become_replacements() {
        for (text, expected) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\uDD80 x""#, "\u{fffd} x"),
            (r#""\ud83d\ud83d\ude00\ude00""#, "\u{fffd}😀\u{fffd}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
            skipped(text).unwrap();
        }
    }

    #[test]
    fn depth_is_bounded_only_where_something_is_read() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&deep(160)).is_ok());
        assert!(read(&deep(161)).unwrap_err().explain("").contains("160"));
        assert!(skipped(&deep(100_000)).is_ok());
        assert!(skipped(&"{\"a\":[".repeat(100_000)).unwrap_err().is_end());
    }

    #[test]
    fn an_error_says_where() {
        let text = "{\n \"a\": tru }";
        assert_eq!(read(text).unwrap_err().explain(text), "expected `true`, `false` or `null` at line 2 column 7");
    }

    proptest! {
        #[test]
        fn any_text_of_json_s_pieces_is_read_as_serde_json_reads_it(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "\\", "\\u0041", "\\n", "1", "-", "0", ".5", "e3", "true", "null",
                " ", "\n", "é", "\u{1}", "long text without anything",
            ]), 0..12),
        ) {
            check(&pieces.concat());
        }

        #[test]
        fn sound_json_is_read_as_serde_json_reads_it(text in r#"(\[|\{"k":)*("([ -!#-\[\]-~é]|\\["\\/bfnrt]|\\u00[0-9a-f]{2}){0,20}"|-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?)"#) {
            let mut text = text;
            let closing: String = text.chars().take_while(|c| "[{\"k:".contains(*c)).filter_map(|c| match c {
                '[' => Some(']'),
                '{' => Some('}'),
                _ => None,
            }).collect::<Vec<_>>().into_iter().rev().collect();
            text.push_str(&closing);
            check(&text);
        }
    }
}
