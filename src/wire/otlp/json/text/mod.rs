//! A pull parser for JSON text: it borrows from the text and builds nothing that the caller does not ask for.
//!
//! It accepts exactly JSON (RFC 8259), and also lone surrogates (`"\ud83d"`), which JavaScript writes when it cuts text in
//! the middle of a character: they become U+FFFD. Skipped text is checked as strictly as read text, without recursion.

mod strings;
mod syntax;
#[cfg(test)]
mod tests;

pub(super) use syntax::Syntax;

use crate::budget::{Meter, Over};
use std::borrow::Cow;
use syntax::What;

/// How deeply the objects and arrays that are read (not skipped) may be nested. It leaves room for [`MAX_NESTING`] maps, each
/// of which takes four levels of JSON.
///
/// [`MAX_NESTING`]: crate::model::MAX_NESTING
const MAX_DEPTH: u32 = 160;

/// A position in a text. A copy can look ahead.
#[derive(Clone, Copy)]
pub(super) struct Json<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    /// Counts the bytes written, if there is a limit.
    meter: Option<&'a Meter>,
}

/// The type of a value, known from its first byte.
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

    /// A text with a meter that limits how much is written for it.
    pub fn metered(text: &'a str, meter: &'a Meter) -> Json<'a> {
        Json { meter: Some(meter), ..Json::new(text) }
    }

    /// Notes that about this many bytes were written. True when it is time to call [`Json::look`].
    #[inline]
    pub fn wrote(&self, bytes: usize) -> bool {
        self.meter.is_some_and(|meter| meter.wrote(bytes))
    }

    /// Reports the size of the batch's columns and dictionary, in bytes; an error if it is too much.
    pub fn look(&self, columns: usize, dictionary: usize) -> Result<(), Over> {
        self.meter.map_or(Ok(()), |meter| meter.look(columns, dictionary))
    }

    /// The same for a caller that knows only the dictionary.
    pub fn look_at_dictionary(&self, dictionary: usize) -> Result<(), Over> {
        self.meter.map_or(Ok(()), |meter| meter.look_at_dictionary(dictionary))
    }

    /// An error if too much was written already.
    #[inline]
    pub fn check(&self) -> Result<(), Over> {
        self.meter.map_or(Ok(()), Meter::check)
    }

    /// Makes room for one more element in a list beside the batch, if the meter allows it.
    #[inline]
    pub fn room_in<T>(&self, list: &mut Vec<T>) -> Result<(), Over> {
        if list.len() < list.capacity() { Ok(()) } else { self.grow(list) }
    }

    /// Bytes used beside the batch, for [`Json::release`].
    #[inline]
    pub fn scratched(&self) -> usize {
        self.meter.map_or(0, Meter::scratched)
    }

    /// Says that the memory beside the batch used since then was freed.
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

    /// Checks that only white space follows.
    pub fn end(&mut self) -> Result<(), Syntax> {
        if self.byte().is_none() { Ok(()) } else { Err(self.error(What::Trailing)) }
    }

    /// The type of the next value.
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

    /// Whether a few more levels would be too deep. Recursive callers check this first and skip the value.
    #[inline]
    pub fn is_deep(&self) -> bool {
        self.depth + 8 > MAX_DEPTH
    }

    /// Enters the next object or array; returns whether it has anything in it.
    #[inline]
    pub fn enter(&mut self, close: u8) -> Result<bool, Syntax> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(What::Depth));
        }
        self.open(close)
    }

    /// After an element: whether another follows. If not, the object or array is left.
    #[inline]
    pub fn another(&mut self, close: u8) -> Result<bool, Syntax> {
        let another = self.comma(close)?;
        if !another {
            self.leave();
        }
        Ok(another)
    }

    /// Leaves the object or array that [`Json::enter`] found empty.
    #[inline]
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// The next key; reads its colon too.
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

    /// Skips exactly this text if it comes next.
    #[inline(always)]
    pub fn eat(&mut self, text: &str) -> bool {
        let eaten = self.rest(self.at).starts_with(text.as_bytes());
        if eaten {
            self.at += text.len();
        }
        eaten
    }

    /// The next number, as text.
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

    /// Skips `true`, `false` or `null`; the first letter is known.
    #[inline]
    pub fn literal(&mut self, word: &'static str) -> Result<(), Syntax> {
        if self.rest(self.at).starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        let cut = word.as_bytes().starts_with(self.rest(self.at));
        Err(self.error(if cut { What::End } else { What::Literal }))
    }

    /// Skips the next value, however deep it is.
    pub fn skip(&mut self) -> Result<(), Syntax> {
        // The closing brackets of the open arrays and objects, the innermost last.
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

    /// The next byte that is not white space, without consuming it.
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

    /// Reads the opening bracket; returns whether elements follow. If not, reads the closing bracket too.
    #[inline]
    fn open(&mut self, close: u8) -> Result<bool, Syntax> {
        self.at += 1;
        let filled = self.byte() != Some(close);
        if !filled {
            self.at += 1;
        }
        Ok(filled)
    }

    /// Reads a comma and returns true, or the closing bracket and returns false.
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
