//! Adds a value to an expression, or excludes a value from it.

use super::ast::{Expr, is_plain, quote};
use super::field::is_attribute_name;
use super::parse;
use crate::model::Value;

/// The name under which the filter finds this attribute on the item or, failing that, on its resource.
pub fn attribute_field(key: &str) -> String {
    match is_plain_name(key) && is_attribute_name(key) {
        true => key.to_owned(),
        false => format!("attributes.{}", plain_or_quoted(key)),
    }
}

/// The name under which the filter finds this attribute of the resource.
pub fn resource_field(key: &str) -> String {
    format!("resource.{}", plain_or_quoted(key))
}

/// Adds to `current` the condition that `field` has this value. `field` is a well-known name, or the result of
/// [`attribute_field`] or [`resource_field`]. A condition that is already there is not added again; one that excludes the
/// value is replaced. If `current` is invalid, the condition alone is returned.
pub fn and_term(current: &str, field: &str, value: Value<'_>) -> String {
    let term = comparison(field, value);
    let opposite = format!("not {term}");
    joined(current, &term, &opposite)
}

/// Adds to `current` the condition that `field` does not have this value; items without the field still match.
pub fn exclude_term(current: &str, field: &str, value: Value<'_>) -> String {
    let opposite = comparison(field, value);
    let term = format!("not {opposite}");
    joined(current, &term, &opposite)
}

fn joined(current: &str, term: &str, opposite: &str) -> String {
    let current = current.trim();
    let Ok(expr) = parse(current) else { return term.to_owned() };
    if let Some(inner) = current.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
        return joined(inner, term, opposite);
    }
    let parts: &[Expr] = match &expr {
        Expr::And(parts) => parts,
        one => std::slice::from_ref(one),
    };
    let find = |wanted: &str| {
        let wanted = parse(wanted).ok()?;
        parts.iter().find(|part| **part == wanted).map(Expr::at)
    };
    match (&expr, find(term), find(opposite)) {
        (Expr::Everything, ..) => term.to_owned(),
        (_, Some(_), _) => current.to_owned(),
        (_, None, Some(at)) => format!("{}{term}{}", &current[..at.start], &current[at.end..]),
        (Expr::Or(_), ..) => format!("({current}) {term}"),
        _ => format!("{current} {term}"),
    }
}

/// `field=value`, which matches exactly this value.
fn comparison(field: &str, value: Value<'_>) -> String {
    match value {
        Value::Text(text) if is_plain(&[text]) && !looks_like_number(text) && text != "nil" => {
            format!("{field}={text}")
        }
        Value::Text(text) => format!("{field}={}", quote(text)),
        Value::Int(nanoseconds) if field == "duration" => format!("{field}={nanoseconds}ns"),
        Value::Int(_) | Value::Bool(_) => format!("{field}={}", value.display()),
        Value::Double(double) if double.is_finite() => format!("{field}={double}"),
        Value::Double(_) | Value::Empty | Value::Bytes(_) | Value::Nested(_) => {
            format!("{field}={}", quote(&value.display()))
        }
    }
}

fn looks_like_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
}

fn is_plain_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic() || "_@$".contains(c)) && is_plain(&[key])
}

fn plain_or_quoted(key: &str) -> String {
    if is_plain(&[key]) { key.to_owned() } else { quote(key) }
}
