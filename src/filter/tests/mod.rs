//! The language as a whole: how it reads, what it refuses, what it means, and that the columns say what a plain reading
//! of each item says.

mod differential;
mod errors;
mod fields;
mod items;
mod meaning;
mod naive;
mod syntax;

use super::Filter;
use crate::columns::Batch;

#[track_caller]
fn check(expression: &str, item: &Batch, expected: bool) {
    let filter = Filter::parse(expression).unwrap_or_else(|error| panic!("{error}"));
    let found = filter.select(item, "listen :4317");
    assert_eq!(found.contains(0), expected, "{expression}");
}

#[track_caller]
fn holds(item: &Batch, expressions: &[&str]) {
    expressions.iter().for_each(|expression| check(expression, item, true));
}

#[track_caller]
fn fails(item: &Batch, expressions: &[&str]) {
    expressions.iter().for_each(|expression| check(expression, item, false));
}
