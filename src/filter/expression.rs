//! A filter: an expression that is parsed and checked once and then applied to many batches.

use super::ast::Expr;
use super::check::check;
use super::leaf::Test;
use super::select::select;
use super::{FilterError, parse};
use crate::columns::{Batch, RowSet};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// A checked expression. The default matches everything.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    expr: Expr,
    test: Test,
}

/// Looks up the source of each row of a batch; used only by expressions that name `source`.
pub trait Sources {
    /// For each run of rows from one source, in order: its first row and the source's name. Rows before the first run have no
    /// source.
    fn runs(&self) -> Vec<(usize, &str)>;
}

/// No sources: `source` is missing on every row.
impl Sources for () {
    fn runs(&self) -> Vec<(usize, &str)> {
        Vec::new()
    }
}

/// All rows are from one source.
impl Sources for &str {
    fn runs(&self) -> Vec<(usize, &str)> {
        vec![(0, self)]
    }
}

/// The runs themselves.
impl Sources for &[(usize, &str)] {
    fn runs(&self) -> Vec<(usize, &str)> {
        self.to_vec()
    }
}

impl Filter {
    /// Parses and checks an expression; empty text matches everything.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let expr = parse(text)?;
        let test = check(&expr, text)?;
        Ok(Filter { text: text.trim().to_owned(), expr, test })
    }

    /// Whether it matches everything.
    pub fn is_everything(&self) -> bool {
        matches!(self.test, Test::Always)
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The parsed expression.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The rows of a batch that match.
    pub fn select(&self, batch: &Batch, sources: impl Sources) -> RowSet {
        self.select_in(batch, sources, 0..batch.len())
    }

    /// The matching rows within a range. The set has the length of the range; its row 0 is the first of the range.
    pub fn select_in(&self, batch: &Batch, sources: impl Sources, rows: Range<usize>) -> RowSet {
        select(&self.test, batch, &sources, rows)
    }

    #[cfg(test)]
    pub(super) fn test(&self) -> &Test {
        &self.test
    }
}

impl Default for Filter {
    fn default() -> Filter {
        Filter { text: String::new(), expr: Expr::Everything, test: Test::Always }
    }
}

/// Filters are equal if their texts are equal.
impl PartialEq for Filter {
    fn eq(&self, other: &Filter) -> bool {
        self.text == other.text
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Filter, FilterError> {
        Filter::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
