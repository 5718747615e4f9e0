//! Answers about whole views, of parts that are kept from one question to the next.

use super::fold::{Fold, Piece};
use super::joins::Run;
use super::matches::Matches;
use super::parts::Parts;
use super::table::Table;
use crate::filter::Filter;
use crate::model::{Row, Signal};
use crate::store::{Chunk, View};
use std::sync::{Arc, Mutex};

/// The parts of folds, by chunk, filter and fold. Clones share them, also across threads. A new view costs its new chunks,
/// and a number of joins that grows with the logarithm of its chunks; a merged chunk costs a join of its parents. Parts and
/// kept joins take a bounded number of bytes: joins go first, then the least recently used parts.
#[derive(Clone, Debug)]
pub struct Memo(Arc<Mutex<Parts>>);

/// What is asked, beside the fold.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The views. Each gets its own answer; a chunk that several views share is computed once.
    pub views: &'a [&'a View],
    /// The filter; `None` takes all rows.
    pub filter: Option<&'a Arc<Filter>>,
    /// Chunks near this row are worked out first.
    pub near: Row,
}

/// The result for one view, complete or partial.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Progress<T> {
    /// The answer about the rows that were looked at.
    pub part: T,
    /// How many rows of the view were not looked at yet, those that the filter does not take included.
    pub left: u64,
}

/// An answer a view.
pub type Answers<F> = [Progress<<F as Fold>::Part>];

/// What is known, and the chunks (with the index of their view) that are left.
type Known<'a, F> = (Vec<Progress<<F as Fold>::Part>>, Vec<(usize, &'a Arc<Chunk>)>);

/// How many rows are looked at from one answer to the next.
pub const STRIDE: u64 = if cfg!(test) { 500 } else { 256 << 10 };

/// Enough for the row sets of some hundred filters over a million rows.
const MAX_BYTES: usize = 32 << 20;

impl Default for Memo {
    fn default() -> Memo {
        Memo::with_room(MAX_BYTES)
    }
}

impl Memo {
    /// A memo whose parts take at most this number of bytes.
    pub fn with_room(max_bytes: usize) -> Memo {
        Memo(Arc::new(Mutex::new(Parts::new(max_bytes))))
    }

    /// Answers a question: calls `emit` with what is known at once, then after every [`STRIDE`] rows, then with the whole
    /// answer, in which no row is left. Once `cancelled` returns true (it is called once a chunk and once a join of kept
    /// parts), this returns without another answer; what was worked out is kept. There is one [`Progress`] a view, in the order of the views.
    pub fn fold<F: Fold>(
        &self,
        question: Question<'_>,
        fold: &F,
        cancelled: &dyn Fn() -> bool,
        emit: &mut dyn FnMut(&Answers<F>),
    ) {
        let Question { views, filter, near } = question;
        let asked: Vec<FoldRequest<'_, F>> =
            views.iter().map(|view| FoldRequest::open(self, fold, filter, view)).collect();
        let Some((mut answers, mut unknown)) = known_parts(fold, &asked, cancelled) else { return };
        emit(&answers);
        unknown.sort_by_key(|(_, chunk)| distance(chunk, near));
        let mut seen = 0;
        let mut rest = unknown.as_slice();
        while let [(at, chunk), others @ ..] = rest {
            let asked = &asked[*at];
            let rows = asked.view.window(chunk).len() as u64;
            fold.join(&mut answers[*at].part, &asked.work_out(chunk));
            answers[*at].left -= rows;
            seen += rows;
            if cancelled() {
                return;
            }
            if seen >= STRIDE || others.is_empty() {
                seen = 0;
                emit(&answers);
            }
            rest = others;
        }
        asked.iter().for_each(FoldRequest::close);
    }

    /// The answer as far as it is known. Looks at no row, except at the edges of cut views.
    pub fn known<F: Fold>(&self, question: Question<'_>, fold: &F) -> Vec<Progress<F::Part>> {
        let Question { views, filter, .. } = question;
        let asked: Vec<FoldRequest<'_, F>> =
            views.iter().map(|view| FoldRequest::open(self, fold, filter, view)).collect();
        known_parts(fold, &asked, &|| false).map(|(answers, _)| answers).unwrap_or_default()
    }

    /// Which rows of a view's chunks a filter takes.
    pub fn matches(&self, filter: &Arc<Filter>, view: &View) -> Matches<'_> {
        Matches::open(&self.0, filter, view.sources())
    }

    /// How many parts are kept, and their bytes.
    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize) {
        super::parts::lock(&self.0).size()
    }

    /// How many joins are kept.
    #[cfg(test)]
    pub(crate) fn joins(&self) -> usize {
        super::parts::lock(&self.0).joins()
    }
}

/// Joins the known parts of each view, and lists the chunks that are left. `None` once cancelled.
fn known_parts<'a, F: Fold>(
    fold: &F,
    asked: &[FoldRequest<'a, F>],
    cancelled: &dyn Fn() -> bool,
) -> Option<Known<'a, F>> {
    let mut unknown = Vec::new();
    let mut answers = Vec::new();
    for (at, asked) in asked.iter().enumerate() {
        let mut answer = Progress { part: F::Part::default(), left: 0 };
        let joins = asked.table.joins(cancelled);
        for signal in Signal::ALL {
            let mut run = Run::default();
            for chunk in asked.view.ring(signal) {
                match asked.known(chunk) {
                    // Only a part that the memo keeps is the same at the next question.
                    Some(part) if F::KEPT => run.push(chunk, part),
                    Some(part) => fold.join(&mut answer.part, &part),
                    None => {
                        run.join(&mut answer.part, &joins)?;
                        answer.left += asked.view.window(chunk).len() as u64;
                        unknown.push((at, chunk));
                    }
                }
            }
            run.join(&mut answer.part, &joins)?;
        }
        answers.push(answer);
    }
    Some((answers, unknown))
}

/// How far a chunk lies from a row.
fn distance(chunk: &Chunk, near: Row) -> u64 {
    match (chunk.first_row(), chunk.last_row()) {
        (first, _) if first > near => first.0 - near.0,
        (_, last) => near.0.saturating_sub(last.0),
    }
}

/// A fold asked of one view.
struct FoldRequest<'a, F> {
    view: &'a View,
    table: Table<'a, F>,
    matches: Option<Matches<'a>>,
}

impl<'a, F: Fold> FoldRequest<'a, F> {
    fn open(memo: &'a Memo, fold: &F, filter: Option<&'a Arc<Filter>>, view: &'a View) -> FoldRequest<'a, F> {
        let matches = filter.map(|filter| memo.matches(filter, view));
        FoldRequest { view, table: Table::open(&memo.0, fold.clone(), filter), matches }
    }

    fn is_whole(&self, chunk: &Chunk) -> bool {
        self.view.window(chunk).len() == chunk.len()
    }

    fn known(&self, chunk: &Arc<Chunk>) -> Option<Arc<F::Part>> {
        if F::KEPT {
            return if self.is_whole(chunk) { self.table.known(chunk) } else { None };
        }
        let taken = match &self.matches {
            Some(matches) => Some(matches.known(chunk)?),
            None => None,
        };
        let range = self.view.window(chunk);
        Some(Arc::new(self.table.fold.chunk(&Piece { chunk, range, taken: taken.as_deref() })))
    }

    /// At the edges of a cut view the part is that of the window, and is not kept.
    fn work_out(&self, chunk: &Arc<Chunk>) -> Arc<F::Part> {
        let taken = self.matches.as_ref().map(|matches| matches.of(chunk));
        let taken = taken.as_deref();
        if F::KEPT && self.is_whole(chunk) {
            return self.table.work_out(chunk, taken);
        }
        Arc::new(self.table.fold.chunk(&Piece { chunk, range: self.view.window(chunk), taken }))
    }

    fn close(&self) {
        self.table.close();
        self.matches.iter().for_each(Matches::close);
    }
}
