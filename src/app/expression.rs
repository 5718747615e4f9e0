//! Stands in for the `filter` layer until it is there: the same names, a fraction of the language.

use crate::columns::{Batch, Item, RowSet};
use crate::model::{StatusCode, visible};
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// A filter, checked.
#[derive(Debug)]
pub struct Filter {
    terms: Vec<(String, String)>,
}

/// A refused expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilterError {
    /// The place in the expression, in bytes.
    pub at: Range<usize>,
    /// What is wrong there.
    pub message: String,
    expression: String,
}

impl Filter {
    /// Parses an expression.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let mut terms = Vec::new();
        let mut at = 0;
        for word in text.split(' ') {
            if let Some((field, value)) = word.split_once([':', '=']) {
                if !["service", "status", "name", "signal"].contains(&field) || value.is_empty() {
                    let message = format!("`{}` is no field; expected service, status, name or signal", visible(field));
                    return Err(FilterError { at: at..at + word.len(), message, expression: text.to_owned() });
                }
                terms.push((field.to_owned(), value.trim_matches('"').to_lowercase()));
            } else if !word.is_empty() {
                terms.push((String::new(), word.trim_matches('"').to_lowercase()));
            }
            at += word.len() + 1;
        }
        Ok(Filter { terms })
    }

    /// The rows of a batch that it takes.
    pub fn select(&self, batch: &Batch) -> RowSet {
        RowSet::from_fn(batch.len(), |row| self.terms.iter().all(|(field, value)| holds(field, value, batch.item(row))))
    }
}

fn holds(field: &str, value: &str, item: Item<'_>) -> bool {
    let name = match item {
        Item::Span(span) => span.name().to_owned(),
        Item::Log(log) => log.body().display(),
        Item::Point(point) => point.name().to_owned(),
        Item::Event(event) => event.kind().to_owned(),
    };
    match field {
        "service" => item.service().to_lowercase() == value,
        "status" => matches!(item, Item::Span(span) if span.status().word() == value),
        "signal" => item.signal().singular() == value,
        "name" => name.to_lowercase().contains(value),
        _ => {
            name.to_lowercase().contains(value)
                || matches!(item, Item::Span(span) if span.status() == StatusCode::Error && span.dictionary.text(span.rare().status_message).contains(value))
        }
    }
}

impl FilterError {
    /// What is wrong and what was expected, on one line of harmless text.
    pub fn explanation(&self) -> String {
        self.message.clone()
    }

    /// The expression as harmless text and, to be put under it, carets under the place.
    pub fn drawing(&self, width: usize) -> (String, String) {
        let line = visible(&self.expression);
        let before = visible(&self.expression[..self.at.start]).width();
        let carets = visible(&self.expression[self.at.clone()]).width().max(1).min(width);
        (line, format!("{}{}", " ".repeat(before), "^".repeat(carets)))
    }
}
