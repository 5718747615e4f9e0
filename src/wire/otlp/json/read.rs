//! Reads JSON values into typed fields. A value of another type is skipped and reported ([`ReadValue::Wrong`]), so it costs only
//! the item that contains it; only invalid JSON ends the read.

use super::super::super::WireError;
use super::text::{Json, Kind, Syntax};
use std::borrow::Cow;

/// An object that is being read, key by key.
pub(super) trait Object<'a> {
    /// Reads or skips the value of a key. Called in the order of the text; twice for a repeated key.
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax>;
}

/// An array being read, element by element.
pub(super) trait Array<'a> {
    /// Reads or skips an element.
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax>;
}

/// A type that a JSON string, number or boolean can represent.
pub(super) trait Leaf: Sized {
    /// `None` if the scalar cannot represent it.
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self>;
}

/// A value that is neither an array, an object nor `null`.
#[derive(Clone, Copy)]
pub(super) enum Scalar<'t> {
    Bool(bool),
    Number(&'t str),
    Text(&'t str),
}

/// The result of reading a value.
#[must_use]
pub(super) enum ReadValue<T> {
    /// `null`, which stands for the default.
    Null,
    Good(T),
    /// The value has another type, or is out of range.
    Wrong,
}

/// The first error of an item.
#[derive(Default)]
pub(super) struct Problem(Option<WireError>);

impl Problem {
    #[cold]
    pub fn note(&mut self, error: WireError) {
        self.0.get_or_insert(error);
    }

    pub fn take(&mut self) -> Result<(), WireError> {
        self.0.take().map_or(Ok(()), Err)
    }
}

impl<T> ReadValue<T> {
    /// The value if it was good; otherwise notes an error with the field's name.
    #[inline]
    pub fn or_note(self, problem: &mut Problem, field: &'static str) -> Option<T> {
        match self {
            ReadValue::Good(value) => Some(value),
            ReadValue::Null => None,
            ReadValue::Wrong => {
                problem.note(WireError::Field(field));
                None
            }
        }
    }

    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> ReadValue<U> {
        match self {
            ReadValue::Good(value) => ReadValue::Good(map(value)),
            ReadValue::Null => ReadValue::Null,
            ReadValue::Wrong => ReadValue::Wrong,
        }
    }

    /// The value, or the default.
    #[inline]
    pub fn or_default(self, problem: &mut Problem, field: &'static str) -> T
    where
        T: Default,
    {
        self.or_note(problem, field).unwrap_or_default()
    }
}

#[inline]
pub(super) fn object<'a>(json: &mut Json<'a>, object: &mut impl Object<'a>) -> Result<ReadValue<()>, Syntax> {
    if json.kind()? != Kind::Object {
        return other(json);
    }
    let mut another = json.enter(b'}')?;
    if !another {
        json.leave();
    }
    while another {
        let key = json.key()?;
        object.field(&key, json)?;
        another = json.another(b'}')?;
    }
    Ok(ReadValue::Good(()))
}

#[inline]
pub(super) fn array<'a>(json: &mut Json<'a>, array: &mut impl Array<'a>) -> Result<ReadValue<()>, Syntax> {
    if json.kind()? != Kind::Array {
        return other(json);
    }
    let mut another = json.enter(b']')?;
    if !another {
        json.leave();
    }
    while another {
        array.element(json)?;
        another = json.another(b']')?;
    }
    Ok(ReadValue::Good(()))
}

#[inline]
pub(super) fn leaf<L: Leaf>(json: &mut Json<'_>) -> Result<ReadValue<L>, Syntax> {
    let value = match json.kind()? {
        Kind::Text => L::from_scalar(Scalar::Text(&json.string()?)),
        Kind::Number => L::from_scalar(Scalar::Number(json.number()?)),
        kind @ (Kind::True | Kind::False) => {
            json.literal(if kind == Kind::True { "true" } else { "false" })?;
            L::from_scalar(Scalar::Bool(kind == Kind::True))
        }
        Kind::Null | Kind::Object | Kind::Array => return other(json),
    };
    Ok(value.map_or(ReadValue::Wrong, ReadValue::Good))
}

#[inline]
pub(super) fn text<'a>(json: &mut Json<'a>) -> Result<ReadValue<Cow<'a, str>>, Syntax> {
    match json.kind()? {
        Kind::Text => json.string().map(ReadValue::Good),
        _ => other(json),
    }
}

/// Skips a value of the wrong type; `null` is not wrong.
#[cold]
fn other<T>(json: &mut Json<'_>) -> Result<ReadValue<T>, Syntax> {
    if json.kind()? == Kind::Null {
        return json.literal("null").map(|()| ReadValue::Null);
    }
    json.skip().map(|()| ReadValue::Wrong)
}
