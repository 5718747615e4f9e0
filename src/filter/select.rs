//! A checked expression run over the columns of a batch, a block of rows at a time.
//!
//! A leaf is bound to the batch when a block first needs its answer: it looks up what it asks for in the dictionary, once,
//! and becomes a closure that writes one boolean a row. Rows that are decided already cost nothing further.

use super::Sources;
use super::bind::{Bound, Fill, bind};
use super::leaf::{Leaf, Test};
use crate::columns::{Batch, RowSet};
use std::ops::Range;

/// Rows in a block: their booleans stay in the nearest cache. A multiple of 64.
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

/// A part of the expression on its way over one batch.
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

    /// Binds, and says whether the answer is the same for every row of the batch.
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

/// The answer of parts of which one that says `decisive` decides. Binds only as far as the first that differs from row to
/// row; parts before it that decide nothing are let go.
fn settle(parts: &mut Vec<Node<'_>>, decisive: bool) -> Option<bool> {
    while let Some(first) = parts.first_mut() {
        if first.constant()? == decisive {
            return Some(decisive);
        }
        parts.remove(0);
    }
    Some(!decisive)
}

/// Fills from the first part, then lets the others change the rows that are not decided, while there are any.
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
