//! A filter: an expression that was read and checked once, to be asked of many batches.

use super::ast::Expr;
use super::check::check;
use super::leaf::Test;
use super::select::select;
use super::{FilterError, parse};
use crate::columns::{Batch, RowSet};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// What is wanted. The default wants everything.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    expr: Expr,
    test: Test,
}

/// Who sent the rows of a batch: asked only by an expression that names `source`.
pub trait Sources {
    /// The first row of each run of rows that came from one source, in order, and that source's name. Rows before the
    /// first run have no source.
    fn runs(&self) -> Vec<(usize, &str)>;
}

/// Nobody knows: `source` is missing on every row.
impl Sources for () {
    fn runs(&self) -> Vec<(usize, &str)> {
        Vec::new()
    }
}

/// One source sent all of them.
impl Sources for &str {
    fn runs(&self) -> Vec<(usize, &str)> {
        vec![(0, self)]
    }
}

/// Runs as they are.
impl Sources for &[(usize, &str)] {
    fn runs(&self) -> Vec<(usize, &str)> {
        self.to_vec()
    }
}

impl Filter {
    /// Reads an expression; empty text wants everything.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        let expr = parse(text)?;
        let test = check(&expr, text)?;
        Ok(Filter { text: text.trim().to_owned(), expr, test })
    }

    /// Whether it wants everything.
    pub fn is_everything(&self) -> bool {
        matches!(self.test, Test::Always)
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The expression as it was read.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The rows of a batch that are wanted.
    pub fn select(&self, batch: &Batch, sources: impl Sources) -> RowSet {
        self.select_in(batch, sources, 0..batch.len())
    }

    /// The wanted ones among some rows of a batch. The set has as many rows as the range; its row 0 is the first of the range.
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

/// Filters are equal when they were written alike.
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
