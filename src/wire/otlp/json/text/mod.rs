//! JSON text, walked in place: the reader asks for what comes next, and nothing is built that it does not ask for.
//!
//! Strict in what JSON is (RFC 8259), but for lone surrogates (`"\ud83d"`), which JavaScript writes where text was cut in
//! the middle of a character: they become U+FFFD. What is skipped is checked like what is read, without recursion.

mod strings;
mod syntax;
#[cfg(test)]
mod tests;

pub(super) use syntax::Syntax;

use crate::budget::{Meter, Over};
use std::borrow::Cow;
use syntax::What;

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
    /// Counts what is made of the text, where somebody wants to know.
    meter: Option<&'a Meter>,
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
        Json { text, at: 0, depth: 0, meter: None }
    }

    /// A text of which no more may be made than the meter allows.
    pub fn metered(text: &'a str, meter: &'a Meter) -> Json<'a> {
        Json { meter: Some(meter), ..Json::new(text) }
    }

    /// Notes that about this many bytes were written. True where it is time for [`Json::look`].
    #[inline]
    pub fn wrote(&self, bytes: usize) -> bool {
        self.meter.is_some_and(|meter| meter.wrote(bytes))
    }

    /// The columns and the dictionary of the batch take this many bytes; an error where that is too much.
    pub fn look(&self, columns: usize, dictionary: usize) -> Result<(), Over> {
        self.meter.map_or(Ok(()), |meter| meter.look(columns, dictionary))
    }

    /// The same by one who knows the dictionary alone.
    pub fn look_at_dictionary(&self, dictionary: usize) -> Result<(), Over> {
        self.meter.map_or(Ok(()), |meter| meter.look_at_dictionary(dictionary))
    }

    /// An error where too much was made of the text already.
    #[inline]
    pub fn check(&self) -> Result<(), Over> {
        self.meter.map_or(Ok(()), Meter::check)
    }

    /// Makes room for one more in a list beside the batch, where that is allowed.
    #[inline]
    pub fn room_in<T>(&self, list: &mut Vec<T>) -> Result<(), Over> {
        if list.len() < list.capacity() { Ok(()) } else { self.grow(list) }
    }

    /// How much is taken beside the batch, for [`Json::release`].
    #[inline]
    pub fn scratched(&self) -> usize {
        self.meter.map_or(0, Meter::scratched)
    }

    /// What was taken beside the batch since then was given back.
    #[inline]
    pub fn release(&self, scratched: usize) {
        if let Some(meter) = self.meter {
            meter.release(scratched);
        }
    }

    #[cold]
    fn grow<T>(&self, list: &mut Vec<T>) -> Result<(), Over> {
        let more = list.capacity().max(4);
        if let Some(meter) = self.meter {
            meter.scratch(more * size_of::<T>())?;
        }
        list.reserve_exact(more);
        Ok(())
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

    /// Passes this text, if it is exactly what comes next.
    #[inline(always)]
    pub fn eat(&mut self, text: &str) -> bool {
        let eaten = self.rest(self.at).starts_with(text.as_bytes());
        if eaten {
            self.at += text.len();
        }
        eaten
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

    fn skip_key(&mut self) -> Result<(), Syntax> {
        match self.byte() {
            Some(b'"') => self.skip_string()?,
            Some(_) => return Err(self.error(What::Key)),
            None => return Err(self.error(What::End)),
        }
        self.colon()
    }

    fn error(&self, what: What) -> Syntax {
        Syntax { at: self.at, what }
    }
}
