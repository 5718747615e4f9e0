//! Counts the lines of a tree and remembers the paths to some of them, so that every line can be reached in a few steps.

use super::walk::{Form, Line, NodePath, Step, Visit, walk};
use crate::present::fields::Group;
use std::ops::{ControlFlow, Range};

/// The line count of a tree. It stores no lines: each is made on request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::present) struct Index {
    lines: usize,
    marks: Vec<Mark>,
    cut: bool,
}

/// The path to a line.
#[derive(Clone, Debug, PartialEq)]
struct Mark {
    line: usize,
    /// From here on, this many lines are siblings.
    run: usize,
    path: Vec<Step>,
}

/// The distance between two remembered paths, in lines.
const EVERY: usize = 256;
/// Counting stops after this many lines, so that opening a detail takes a bounded time. A group of leaves counts as one.
const MAX_COUNTED: usize = 200_000;

impl Index {
    /// Counts the lines of a tree.
    pub fn new<'a>(group: Group<'a>, form: &impl Fn(&NodePath<'_, 'a>) -> Form) -> Index {
        let mut counting = Counting { index: Index::default(), unmarked: EVERY, counted: 0 };
        counting.index.cut = walk(group, &[], form, &mut counting).is_break();
        counting.index
    }

    /// The number of lines.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Whether the tree continues after the last counted line.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The number of remembered paths.
    #[cfg(test)]
    pub fn ways(&self) -> usize {
        self.marks.len()
    }

    /// Visits the lines of a range.
    pub fn each<'a>(
        &self,
        range: Range<usize>,
        group: Group<'a>,
        form: &impl Fn(&NodePath<'_, 'a>) -> Form,
        line: impl FnMut(Line<'_, 'a>),
    ) {
        let range = range.start..range.end.min(self.lines);
        if range.is_empty() {
            return;
        }
        let (mut path, mut at) = (Vec::new(), 0);
        let after = self.marks.partition_point(|mark| mark.line <= range.start);
        if let Some(mark) = after.checked_sub(1).and_then(|at| self.marks.get(at)) {
            let along = (range.start - mark.line).min(mark.run.saturating_sub(1));
            path.clone_from(&mark.path);
            at = mark.line + along;
            if let Some(step) = path.last_mut() {
                *step = Step { at: step.at + along as u32, index: step.index + along as u32 };
            }
        }
        let mut reading = Reading { skip: range.start - at, left: range.len(), line };
        let _ = walk(group, &path, form, &mut reading);
    }
}

struct Counting {
    index: Index,
    unmarked: usize,
    counted: usize,
}

impl<'a> Visit<'a> for Counting {
    fn line(&mut self, line: Line<'_, 'a>) -> ControlFlow<()> {
        if self.counted == MAX_COUNTED {
            return ControlFlow::Break(());
        }
        if self.unmarked >= EVERY && !line.closes {
            self.index.marks.push(Mark { line: self.index.lines, run: 0, path: line.place.path() });
            self.unmarked = 0;
        }
        self.index.lines += 1;
        self.counted += 1;
        self.unmarked += 1;
        ControlFlow::Continue(())
    }

    fn enter(&mut self, place: Option<&NodePath<'_, 'a>>, group: Group<'a>) -> bool {
        let Some(run) = group.flat().filter(|leaves| *leaves > EVERY) else { return true };
        let mut path = place.map(NodePath::path).unwrap_or_default();
        path.push(Step::default());
        self.index.marks.push(Mark { line: self.index.lines, run, path });
        self.index.lines += run;
        // The lines after this run are far from its beginning: the next one gets a remembered path.
        self.unmarked = EVERY;
        false
    }
}

struct Reading<F> {
    skip: usize,
    left: usize,
    line: F,
}

impl<'a, F: FnMut(Line<'_, 'a>)> Visit<'a> for Reading<F> {
    fn line(&mut self, line: Line<'_, 'a>) -> ControlFlow<()> {
        if self.skip > 0 {
            self.skip -= 1;
            return ControlFlow::Continue(());
        }
        (self.line)(line);
        self.left -= 1;
        if self.left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
