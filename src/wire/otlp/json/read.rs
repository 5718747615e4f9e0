//! JSON values read into places that want a certain type. What has another type is passed over and told
//! ([`Found::Wrong`]), so that it costs the item that it is in; only what is no JSON ends the reading.

use super::super::super::WireError;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// An object that is being read, key by key.
pub(super) trait Object<'de> {
    /// Takes the value of a key, or skips it. Called in the order of the text, for a key that comes twice, twice.
    fn field<D: Deserializer<'de>>(&mut self, key: &str, value: D) -> Result<(), D::Error>;
}

/// An array that is being read, element by element.
pub(super) trait Array<'de> {
    /// Takes an element.
    fn element<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error>;
}

/// A type that a string or a number of JSON can be.
pub(super) trait Leaf: Sized {
    /// `None` where it cannot be that.
    fn from_scalar(scalar: Scalar<'_, '_>) -> Option<Self>;
}

/// A value that is neither array nor object nor null.
pub(super) enum Scalar<'t, 'de> {
    Bool(bool),
    Unsigned(u64),
    Int(i64),
    Double(f64),
    /// With the place in the text, where it stands there as it is, without escapes.
    Text(&'t str, Option<&'de str>),
}

/// What a value turned out to be.
#[must_use]
pub(super) enum Found<T> {
    /// `null`, which stands for the default.
    Null,
    Good(T),
    /// Of another type, or out of range.
    Wrong,
}

/// The first thing that is wrong with an item.
#[derive(Default)]
pub(super) struct Problem(Option<WireError>);

impl Problem {
    pub fn note(&mut self, error: WireError) {
        self.0.get_or_insert(error);
    }

    pub fn take(&mut self) -> Result<(), WireError> {
        self.0.take().map_or(Ok(()), Err)
    }
}

impl<T> Found<T> {
    /// The value where it was good; what was wrong is noted with the field's name.
    pub fn or_note(self, problem: &mut Problem, field: &'static str) -> Option<T> {
        match self {
            Found::Good(value) => Some(value),
            Found::Null => None,
            Found::Wrong => {
                problem.note(WireError::Field(field));
                None
            }
        }
    }

    /// The value, or the default.
    pub fn or_default(self, problem: &mut Problem, field: &'static str) -> T
    where
        T: Default,
    {
        self.or_note(problem, field).unwrap_or_default()
    }
}

pub(super) fn object<'de, D: Deserializer<'de>>(
    value: D,
    object: &mut impl Object<'de>,
) -> Result<Found<()>, D::Error> {
    value.deserialize_any(Visit(WantObject(object)))
}

pub(super) fn array<'de, D: Deserializer<'de>>(value: D, array: &mut impl Array<'de>) -> Result<Found<()>, D::Error> {
    value.deserialize_any(Visit(WantArray(array)))
}

pub(super) fn leaf<'de, L: Leaf, D: Deserializer<'de>>(value: D) -> Result<Found<L>, D::Error> {
    value.deserialize_any(Visit(WantScalar(|scalar: Scalar<'_, 'de>| L::from_scalar(scalar))))
}

pub(super) fn text<'de, D: Deserializer<'de>>(value: D) -> Result<Found<Cow<'de, str>>, D::Error> {
    value.deserialize_any(Visit(WantScalar(|scalar: Scalar<'_, 'de>| match scalar {
        Scalar::Text(_, Some(text)) => Some(Cow::Borrowed(text)),
        Scalar::Text(text, None) => Some(Cow::Owned(text.to_owned())),
        _ => None,
    })))
}

/// Hands a text to `take`, without keeping it.
pub(super) fn text_with<'de, T, D: Deserializer<'de>>(
    value: D,
    take: impl FnOnce(&str) -> T,
) -> Result<Found<T>, D::Error> {
    value.deserialize_any(Visit(WantScalar(|scalar: Scalar<'_, 'de>| match scalar {
        Scalar::Text(text, _) => Some(take(text)),
        _ => None,
    })))
}

pub(super) fn skip<'de, D: Deserializer<'de>>(value: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(value).map(drop)
}

/// What is wanted of a value; what is not said here does not fit.
trait Want<'de>: Sized {
    type Out;

    fn scalar(self, _: Scalar<'_, 'de>) -> Option<Self::Out> {
        None
    }

    fn array<A: SeqAccess<'de>>(self, mut array: A) -> Result<Option<Self::Out>, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<Self::Out>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

struct WantObject<'o, O>(&'o mut O);

impl<'de, O: Object<'de>> Want<'de> for WantObject<'_, O> {
    type Out = ();

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<()>, A::Error> {
        while let Some(Key(key)) = object.next_key()? {
            object.next_value_seed(Value { object: self.0, key: &key })?;
        }
        Ok(Some(()))
    }
}

struct WantArray<'l, L>(&'l mut L);

impl<'de, L: Array<'de>> Want<'de> for WantArray<'_, L> {
    type Out = ();

    fn array<A: SeqAccess<'de>>(self, mut array: A) -> Result<Option<()>, A::Error> {
        while array.next_element_seed(Element(self.0))?.is_some() {}
        Ok(Some(()))
    }
}

struct WantScalar<F>(F);

impl<'de, T, F: FnOnce(Scalar<'_, 'de>) -> Option<T>> Want<'de> for WantScalar<F> {
    type Out = T;

    fn scalar(self, scalar: Scalar<'_, 'de>) -> Option<T> {
        (self.0)(scalar)
    }
}

struct Value<'o, 'k, O> {
    object: &'o mut O,
    key: &'k str,
}

impl<'de, O: Object<'de>> DeserializeSeed<'de> for Value<'_, '_, O> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        self.object.field(self.key, value)
    }
}

struct Element<'l, L>(&'l mut L);

impl<'de, L: Array<'de>> DeserializeSeed<'de> for Element<'_, L> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, element: D) -> Result<(), D::Error> {
        self.0.element(element)
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(key: D) -> Result<Key<'de>, D::Error> {
        match text(key)? {
            Found::Good(key) => Ok(Key(key)),
            _ => Err(Error::custom("a key must be a string")),
        }
    }
}

struct Visit<W>(W);

impl<'de, W: Want<'de>> Visit<W> {
    fn scalar<E>(self, scalar: Scalar<'_, 'de>) -> Result<Found<W::Out>, E> {
        Ok(self.0.scalar(scalar).into())
    }
}

impl<T> From<Option<T>> for Found<T> {
    fn from(value: Option<T>) -> Found<T> {
        value.map_or(Found::Wrong, Found::Good)
    }
}

impl<'de, W: Want<'de>> Visitor<'de> for Visit<W> {
    type Value = Found<W::Out>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Found<W::Out>, E> {
        Ok(Found::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Found<W::Out>, E> {
        self.scalar(Scalar::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Found<W::Out>, E> {
        self.scalar(Scalar::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Found<W::Out>, E> {
        self.scalar(Scalar::Int(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Found<W::Out>, E> {
        self.scalar(Scalar::Double(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Found<W::Out>, E> {
        self.scalar(Scalar::Text(text, None))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Found<W::Out>, E> {
        self.scalar(Scalar::Text(text, Some(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Found<W::Out>, A::Error> {
        self.0.array(array).map(Found::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Found<W::Out>, A::Error> {
        self.0.object(object).map(Found::from)
    }
}
