//! Reads JSON strings and their escapes.

use super::syntax::What;
use super::{Json, Syntax};
use std::borrow::Cow;

impl<'a> Json<'a> {
    /// The next string, whose opening quote [`Json::kind`] saw; borrowed if it has no escapes.
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

    /// The next value if it is a string without escapes.
    #[inline]
    pub fn plain_string(&mut self) -> Option<&'a str> {
        if !self.eat("\"") {
            return None;
        }
        let (start, end) = (self.at, self.at + plain(self.rest(self.at)));
        self.at = end;
        self.eat("\"").then(|| self.text.get(start..end).unwrap_or_default())
    }

    /// Reads a string with escapes; at `end` is the first escape or an error.
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

    /// Skips the next string.
    pub(super) fn skip_string(&mut self) -> Result<(), Syntax> {
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

    /// Reads `uXXXX` after `\`, and the second half of a surrogate pair.
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
}

/// How many bytes come before a quote, a backslash or a control character; it checks eight at a time.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    // Each of the three masks may have one wrong high bit, but only above a right one.
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
