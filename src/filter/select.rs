//! Runs a checked expression over the columns of a batch, one block of rows at a time.
//!
//! A leaf is bound to the batch when a block first needs it: it looks up its operands in the dictionary once and becomes a
//! closure that writes one boolean per row. Rows that are already decided are not evaluated again.

use super::Sources;
use super::bind::{Bound, Fill, bind};
use super::leaf::{Leaf, Test};
use crate::columns::{Batch, RowSet};
use std::ops::Range;

/// The number of rows in a block, chosen so that their booleans stay in the L1 cache. A multiple of 64.
const BLOCK: usize = 4096;

pub(super) fn select(test: &Test, batch: &Batch, sources: &dyn Sources, rows: Range<usize>) -> RowSet {
    let (start, end) = (rows.start, rows.end);
    let rows = rows.len();
    let mut node = Node::new(test, batch, sources);
    if let Some(all) = node.constant() {
        return if all { RowSet::all(rows) } else { RowSet::none(rows) };
    }
    let mut set = RowSet::with_capacity(rows);
    let mut block = vec![false; BLOCK.min(rows)];
    for start in (start..end).step_by(BLOCK) {
        let range = start..end.min(start + BLOCK);
        let out = &mut block[..range.len()];
        node.fill(range, out);
        set.extend(out);
    }
    set
}

/// A part of the expression, while it runs over one batch.
enum Node<'a> {
    Constant(bool),
    And(Vec<Node<'a>>, Vec<bool>),
    Or(Vec<Node<'a>>, Vec<bool>),
    Not(Box<Node<'a>>),
    Unbound(&'a Leaf, &'a Batch, &'a dyn Sources),
    Rows(Fill<'a>),
}

impl<'a> Node<'a> {
    fn new(test: &'a Test, batch: &'a Batch, sources: &'a dyn Sources) -> Node<'a> {
        let parts = |parts: &'a [Test]| parts.iter().map(|part| Node::new(part, batch, sources)).collect();
        match test {
            Test::Always => Node::Constant(true),
            Test::Never => Node::Constant(false),
            Test::And(tests) => Node::And(parts(tests), Vec::new()),
            Test::Or(tests) => Node::Or(parts(tests), Vec::new()),
            Test::Not(inner) => Node::Not(Box::new(Node::new(inner, batch, sources))),
            Test::Leaf(leaf) => Node::Unbound(leaf, batch, sources),
        }
    }

    /// Binds the part; returns its answer if that is the same for every row of the batch.
    fn constant(&mut self) -> Option<bool> {
        if let Node::Unbound(leaf, batch, sources) = self {
            *self = match bind(leaf, batch, *sources) {
                Bound::All(answer) => Node::Constant(answer),
                Bound::Rows(fill) => Node::Rows(fill),
            };
        }
        let answer = match self {
            Node::Constant(answer) => Some(*answer),
            Node::And(parts, _) => settle(parts, false),
            Node::Or(parts, _) => settle(parts, true),
            Node::Not(inner) => inner.constant().map(|answer| !answer),
            Node::Unbound(..) | Node::Rows(_) => None,
        };
        if let Some(answer) = answer {
            *self = Node::Constant(answer);
        }
        answer
    }

    fn fill(&mut self, rows: Range<usize>, out: &mut [bool]) {
        if let Some(answer) = self.constant() {
            return out.fill(answer);
        }
        match self {
            Node::Rows(fill) => fill(rows, out),
            Node::Not(inner) => {
                inner.fill(rows, out);
                out.iter_mut().for_each(|row| *row = !*row);
            }
            Node::And(parts, scratch) => join(parts, scratch, rows, out, false),
            Node::Or(parts, scratch) => join(parts, scratch, rows, out, true),
            Node::Constant(_) | Node::Unbound(..) => {}
        }
    }
}

/// The combined answer of parts, of which one that answers `decisive` decides. Binds the parts up to the first that differs
/// between rows; constant parts before it are dropped.
fn settle(parts: &mut Vec<Node<'_>>, decisive: bool) -> Option<bool> {
    while let Some(first) = parts.first_mut() {
        if first.constant()? == decisive {
            return Some(decisive);
        }
        parts.remove(0);
    }
    Some(!decisive)
}

/// Combines the answers of the parts; stops when every row is decided.
fn join(parts: &mut [Node<'_>], scratch: &mut Vec<bool>, rows: Range<usize>, out: &mut [bool], decisive: bool) {
    out.fill(!decisive);
    scratch.resize(out.len().max(scratch.len()), false);
    for part in parts {
        if out.iter().all(|row| *row == decisive) {
            break;
        }
        let answer = &mut scratch[..out.len()];
        part.fill(rows.clone(), answer);
        match decisive {
            false => out.iter_mut().zip(answer).for_each(|(row, answer)| *row &= *answer),
            true => out.iter_mut().zip(answer).for_each(|(row, answer)| *row |= *answer),
        }
    }
}
