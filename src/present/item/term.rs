//! Filter terms: a field and one of its values.

use crate::filter::{and_term, attribute_field, exclude_term, resource_field};
use crate::model::Value;

/// A field of the filter language with a value, which a key adds to the filter or excludes from it.
#[derive(Clone, PartialEq, Debug)]
pub struct Term {
    field: String,
    value: Owned,
}

#[derive(Clone, PartialEq, Debug)]
enum Owned {
    Text(String),
    Bool(bool),
    Int(i64),
    Double(f64),
}

/// Longer texts get no term: the filter would become unreadable.
const MAX_TEXT: usize = 1_024;

impl Term {
    /// A term; `None` if the language cannot express the value, or for an empty field.
    pub(super) fn new(field: &str, value: Value<'_>) -> Option<Term> {
        let value = match value {
            Value::Text(text) if !text.is_empty() && text.len() <= MAX_TEXT => Owned::Text(text.to_owned()),
            Value::Bool(value) => Owned::Bool(value),
            Value::Int(value) => Owned::Int(value),
            Value::Double(value) if value.is_finite() => Owned::Double(value),
            _ => return None,
        };
        (!field.is_empty()).then(|| Term { field: field.to_owned(), value })
    }

    /// A term for a text.
    pub(super) fn text(field: &str, text: &str) -> Option<Term> {
        Term::new(field, Value::Text(text))
    }

    /// A term for an attribute of the item.
    pub(super) fn attribute(key: &str, value: Value<'_>) -> Option<Term> {
        if key.is_empty() { None } else { Term::new(&attribute_field(key), value) }
    }

    /// A term for an attribute of the resource.
    pub(super) fn resource(key: &str, value: Value<'_>) -> Option<Term> {
        if key.is_empty() { None } else { Term::new(&resource_field(key), value) }
    }

    /// A term for a path in an event's payload.
    pub(super) fn payload(path: &str, value: Value<'_>) -> Option<Term> {
        let field = resource_field(path);
        let field = field.strip_prefix("resource").map(|path| format!("payload{path}"))?;
        if path.is_empty() { None } else { Term::new(&field, value) }
    }

    /// Adds this term to an expression.
    pub fn added_to(&self, expression: &str) -> String {
        and_term(expression, &self.field, self.value())
    }

    /// Excludes the items of this term from an expression.
    pub fn excluded_from(&self, expression: &str) -> String {
        exclude_term(expression, &self.field, self.value())
    }

    fn value(&self) -> Value<'_> {
        match &self.value {
            Owned::Text(text) => Value::Text(text),
            Owned::Bool(value) => Value::Bool(*value),
            Owned::Int(value) => Value::Int(*value),
            Owned::Double(value) => Value::Double(*value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;

    #[test]
    fn terms_are_added_and_excluded_and_can_be_read_again() {
        let route = Term::attribute("http.route", Value::Text("/cart")).unwrap();
        assert_eq!(route.added_to(""), "http.route=/cart");
        assert_eq!(route.added_to("service:a or service:b"), "(service:a or service:b) http.route=/cart");
        assert_eq!(route.excluded_from("service:a"), "service:a not http.route=/cart");
        let version = Term::payload("a b.c", Value::Text("x\x1b[2J\"")).unwrap();
        for term in [route, version, Term::resource("k", Value::Double(-1e300)).unwrap()] {
            assert!(Filter::parse(&term.added_to("")).is_ok(), "{}", term.added_to(""));
        }
    }

    #[test]
    fn what_the_language_cannot_name_makes_no_term() {
        assert_eq!(Term::attribute("a", Value::Empty), None);
        assert_eq!(Term::attribute("a", Value::Double(f64::NAN)), None);
        assert_eq!(Term::attribute("", Value::Int(1)), None);
        assert_eq!(Term::text("a", &"x".repeat(2_000)), None);
    }
}
