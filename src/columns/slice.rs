//! Copies some rows of a batch into a batch of their own, with only the needed part of the dictionary.

use super::dictionary::DictionaryBuilder;
use super::{
    Attributes, Batch, BlobId, Columns, Dictionary, EventsBuilder, LogsBuilder, OriginId, PointsBuilder, ShapeId,
    SpansBuilder, TextId, Word, WordView,
};
use std::ops::Range;

/// Copies neighbouring rows, which must be in the batch, into a batch that shares nothing with it. The cost grows with the
/// rows and with the number of distinct strings in the whole batch.
pub fn slice(batch: &Batch, rows: Range<usize>) -> Batch {
    let used = Used::by(batch, &rows);
    let dictionary = DictionaryBuilder::default();
    let mut sliced = match &batch.columns {
        Columns::Spans(columns) => {
            let mut builder = SpansBuilder::with_dictionary(dictionary);
            builder.reserve(rows.len());
            builder.absorb(columns, &batch.dictionary, rows, Some(&used));
            builder.finish()
        }
        Columns::Logs(columns) => {
            let mut builder = LogsBuilder::with_dictionary(dictionary);
            builder.absorb(columns, &batch.dictionary, rows, Some(&used));
            builder.finish()
        }
        Columns::Points(columns) => {
            let mut builder = PointsBuilder::with_dictionary(dictionary);
            builder.absorb(columns, &batch.dictionary, rows, Some(&used));
            builder.finish()
        }
        Columns::Events(columns) => {
            let mut builder = EventsBuilder::with_dictionary(dictionary);
            builder.absorb(columns, &batch.dictionary, rows, Some(&used));
            builder.finish()
        }
    };
    sliced.shrink();
    sliced
}

/// The entries of a dictionary that some rows use, by id.
#[derive(Debug)]
pub(super) struct Used<'a> {
    dictionary: &'a Dictionary,
    pub texts: Vec<bool>,
    pub blobs: Vec<bool>,
    pub shapes: Vec<bool>,
    pub origins: Vec<bool>,
    pub resources: Vec<bool>,
    pub scopes: Vec<bool>,
}

impl<'a> Used<'a> {
    fn by(batch: &'a Batch, rows: &Range<usize>) -> Used<'a> {
        let dictionary = &batch.dictionary;
        let mut used = Used {
            dictionary,
            texts: vec![false; dictionary.texts.len()],
            blobs: vec![false; dictionary.blobs.len()],
            shapes: vec![false; dictionary.shapes.len()],
            origins: vec![false; dictionary.origins.len()],
            resources: vec![false; dictionary.resources.len()],
            scopes: vec![false; dictionary.scopes.len()],
        };
        match &batch.columns {
            Columns::Spans(columns) => columns.mark(rows, &mut used),
            Columns::Logs(columns) => columns.mark(rows, &mut used),
            Columns::Points(columns) => columns.mark(rows, &mut used),
            Columns::Events(columns) => columns.mark(rows, &mut used),
        }
        used
    }

    pub fn text(&mut self, id: TextId) {
        mark(&mut self.texts, id.index());
    }

    pub fn blob(&mut self, id: BlobId) {
        mark(&mut self.blobs, id.0 as usize);
    }

    pub fn word(&mut self, word: Word) {
        match self.dictionary.word(word) {
            WordView::Text(id) => self.text(id),
            WordView::Bytes(id) | WordView::Nested(id) => self.blob(id),
            WordView::Empty | WordView::Bool(_) | WordView::Int(_) | WordView::Double(_) => {}
        }
    }

    pub fn list(&mut self, list: Attributes) {
        let dictionary = self.dictionary;
        if list.shape != ShapeId::NONE && mark(&mut self.shapes, list.shape.0 as usize) {
            dictionary.shapes.keys(list.shape).iter().for_each(|key| self.text(*key));
        }
        dictionary.words(list).iter().for_each(|word| self.word(*word));
    }

    pub fn origin(&mut self, id: OriginId) {
        if !mark(&mut self.origins, id.0 as usize) {
            return;
        }
        let Some(origin) = self.dictionary.origins.get(id.0 as usize).copied() else { return };
        if mark(&mut self.resources, origin.resource.0 as usize) {
            let resource = self.dictionary.resource(id);
            self.list(resource.attributes);
            self.text(resource.schema_url);
            self.word(resource.entities);
        }
        if mark(&mut self.scopes, origin.scope.0 as usize) {
            let scope = self.dictionary.scope(id);
            self.list(scope.attributes);
            [scope.name, scope.version, scope.schema_url].into_iter().for_each(|text| self.text(text));
        }
    }
}

/// Marks an entry; returns whether it exists and was not marked before.
pub(super) fn mark(marks: &mut [bool], at: usize) -> bool {
    marks.get_mut(at).is_some_and(|mark| !std::mem::replace(mark, true))
}

/// Whether an entry is used; without any marks, all are.
pub(super) fn wanted(used: Option<&[bool]>, at: usize) -> bool {
    used.is_none_or(|used| used.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests;
