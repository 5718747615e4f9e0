//! The entries of a dictionary that contain a bare word, and the rows that refer to them.

use super::needle::{Digits, IdPrefix};
use crate::columns::{Attributes, BlobId, Dictionary, OriginId, ShapeId, TextId, Word, WordView};
use crate::filter::quantity::Number;
use crate::filter::word::WordTest;
use crate::model::{Nested, SpanId, TraceId, Value};
use hashbrown::HashMap;

/// The entries of a dictionary that contain a word.
pub(super) struct WordHits<'a> {
    word: &'a WordTest,
    dictionary: &'a Dictionary,
    /// By text; empty if no text contains it.
    texts: Vec<bool>,
    /// The words of those texts, if they are few enough to compare with each.
    few: Vec<Word>,
    /// By shape: whether a key contains it.
    shapes: Vec<bool>,
    /// By origin.
    origins: Vec<bool>,
    /// Arrays and maps, tested when first met; `None` if the dictionary has no such values.
    blobs: Option<HashMap<BlobId, bool, foldhash::fast::RandomState>>,
    /// Whether numbers are searched.
    pub numbers: bool,
    digits: Option<Digits>,
    id: Option<IdPrefix>,
}

/// Up to this many texts, comparing them one by one is faster than a table.
const FEW: usize = 9;

impl<'a> WordHits<'a> {
    pub fn new(word: &'a WordTest, dictionary: &'a Dictionary) -> WordHits<'a> {
        let found = word.find_in(&dictionary.texts);
        let mut texts = Vec::new();
        if !found.is_empty() {
            texts.resize(dictionary.texts.len(), false);
            found.iter().for_each(|id| texts[id.index()] = true);
        }
        let few = found.iter().take(FEW).map(|id| Word::of_text(*id)).collect();
        let blobs = (!dictionary.blobs.is_empty()).then(HashMap::default);
        let id = word.id_prefix().map(IdPrefix::new);
        let (numbers, digits) = (word.may_be_number(), word.digits().map(Digits::new));
        let (shapes, origins) = (Vec::new(), Vec::new());
        let mut hits = WordHits { word, dictionary, texts, few, shapes, origins, blobs, numbers, digits, id };
        if hits.is_nothing() {
            return hits;
        }
        let key_found = |shape| dictionary.shapes.keys(ShapeId(shape)).iter().any(|key| hits.text(*key));
        let shapes: Vec<bool> = (0..dictionary.shapes.len() as u32).map(key_found).collect();
        hits.shapes = shapes;
        let origins = (0..dictionary.origins.len() as u32).map(|id| hits.look_at_origin(OriginId(id))).collect();
        hits.origins = origins;
        hits
    }

    /// Whether no row can contain the word.
    pub fn is_nothing(&self) -> bool {
        self.texts.is_empty() && !self.numbers && self.id.is_none() && self.blobs.is_none()
    }

    #[inline]
    pub fn text(&self, id: TextId) -> bool {
        self.texts.get(id.index()).copied().unwrap_or_default()
    }

    pub fn origin(&self, id: OriginId) -> bool {
        self.origins.get(id.0 as usize).copied().unwrap_or_default()
    }

    fn look_at_origin(&mut self, id: OriginId) -> bool {
        let (resource, scope) = (self.dictionary.resource(id), self.dictionary.scope(id));
        let texts = self.text(scope.name) || self.text(scope.version);
        texts || self.list(resource.attributes) || self.list(scope.attributes)
    }

    pub fn list(&mut self, list: Attributes) -> bool {
        let key = self.shapes.get(list.shape.0 as usize).copied().unwrap_or_default();
        key || self.dictionary.words(list).iter().any(|word| self.word(*word))
    }

    #[inline]
    pub fn word(&mut self, word: Word) -> bool {
        match word.text() {
            Some(id) => self.text(id),
            None if word.is_number() => self.numbers && self.number_word(word),
            None => word.is_nested() && self.blobs.is_some() && self.blob(word),
        }
    }

    fn number_word(&self, word: Word) -> bool {
        match self.dictionary.word(word) {
            WordView::Int(value) => self.number(Number::Int(value)),
            WordView::Double(value) => self.number(Number::Double(value)),
            _ => false,
        }
    }

    pub fn number(&self, number: Number) -> bool {
        match (number, &self.digits) {
            (Number::Int(value), Some(digits)) => digits.are_in(value.unsigned_abs()),
            (Number::Int(value), None) => self.word.is_in(&value.to_string()),
            (Number::Double(value), _) => self.word.is_in(&value.to_string()),
        }
    }

    fn blob(&mut self, word: Word) -> bool {
        let (WordView::Nested(id), Some(known)) = (self.dictionary.word(word), &self.blobs) else { return false };
        if let Some(answer) = known.get(&id) {
            return *answer;
        }
        let answer = self.nested(Nested::from_bytes(self.dictionary.blobs.get(id)));
        if let Some(known) = &mut self.blobs {
            known.insert(id, answer);
        }
        answer
    }

    fn nested(&self, nested: Nested<'_>) -> bool {
        nested.entries().any(|(key, value)| {
            self.word.is_in(key)
                || match value {
                    Value::Text(text) => self.word.is_in(text),
                    Value::Int(value) => self.numbers && self.number(Number::Int(value)),
                    Value::Double(value) => self.numbers && self.number(Number::Double(value)),
                    Value::Nested(inner) => self.nested(inner),
                    Value::Empty | Value::Bool(_) | Value::Bytes(_) => false,
                }
        })
    }

    pub fn trace_id(&self, id: TraceId) -> bool {
        self.id.is_some_and(|prefix| prefix.begins_trace(id))
    }

    pub fn span_id(&self, id: SpanId) -> bool {
        self.id.is_some_and(|prefix| prefix.begins_span(id))
    }

    /// Marks the rows whose origin contains it. Runs first, because it overwrites all answers.
    pub fn origins_of(&mut self, origins: &[OriginId], out: &mut [bool]) {
        if !self.origins.contains(&true) {
            return out.fill(false);
        }
        for (out, origin) in out.iter_mut().zip(origins) {
            *out = self.origin(*origin);
        }
    }

    /// Marks the rows whose attributes contain it. Runs last, because it takes longest and skips marked rows.
    pub fn lists(&mut self, lists: &[Attributes], out: &mut [bool]) {
        if self.shapes.contains(&true) {
            for (out, list) in out.iter_mut().zip(lists) {
                *out |= self.shapes.get(list.shape.0 as usize).copied().unwrap_or_default();
            }
        }
        if self.texts.is_empty() && !self.numbers && self.blobs.is_none() {
            return;
        }
        for (lists, out) in lists.chunks(RUN).zip(out.chunks_mut(RUN)) {
            if out.contains(&false) && !self.run(lists, out) {
                for (out, list) in out.iter_mut().zip(lists) {
                    *out = *out || self.dictionary.words(*list).iter().any(|word| self.word(*word));
                }
            }
        }
    }

    /// Tests the words of neighbouring rows together, which is much faster than row by row, and marks the rows with a hit.
    /// Returns false if it cannot, because the lists are not in the order of their rows.
    fn run(&mut self, lists: &[Attributes], out: &mut [bool]) -> bool {
        let dictionary = self.dictionary;
        let (Some(first), Some(last)) = (lists.first(), lists.last()) else { return true };
        let in_order = lists.windows(2).all(|pair| pair[0].start < pair[1].start);
        let end = last.start as usize + dictionary.shapes.keys(last.shape).len();
        let words = dictionary.all_words().get(first.start as usize..end).filter(|_| in_order);
        let Some(words) = words else { return false };
        // Most values are texts, of which few have a hit; a quick test finds those.
        let glance = !self.numbers && self.blobs.is_none() && self.few.len() < FEW;
        let (strides, rest) = words.as_chunks::<STRIDE>();
        let mut row = 0;
        for (place, stride) in (first.start..).step_by(STRIDE).zip(strides) {
            let may_be = |wanted: &Word| stride.iter().fold(false, |found, word| found | (word == wanted));
            if !glance || self.few.iter().any(may_be) {
                row = self.mark(stride, place, lists, row, out);
            }
        }
        self.mark(rest, first.start + (words.len() - rest.len()) as u32, lists, row, out);
        true
    }

    /// Tests the words that begin at a position and marks their rows; no hit is before `row`. Returns the last marked row.
    fn mark(&mut self, words: &[Word], place: u32, lists: &[Attributes], row: usize, out: &mut [bool]) -> usize {
        let mut row = row;
        for (place, word) in (place..).zip(words) {
            if self.word(*word) {
                while lists.get(row + 1).is_some_and(|next| next.start <= place) {
                    row += 1;
                }
                // Lists of events and links may lie between those of rows.
                let length = self.dictionary.shapes.keys(lists[row].shape).len();
                out[row] |= ((place - lists[row].start) as usize) < length;
            }
        }
        row
    }

    pub fn words(&mut self, column: &[Word], out: &mut [bool]) {
        for (out, word) in out.iter_mut().zip(column) {
            *out = *out || self.word(*word);
        }
    }

    pub fn texts(&self, column: &[TextId], out: &mut [bool]) {
        match &self.few[..] {
            [] => {}
            few if few.len() < FEW => {
                for wanted in few.iter().filter_map(|word| word.text()) {
                    out.iter_mut().zip(column).for_each(|(out, id)| *out |= *id == wanted);
                }
            }
            _ => out.iter_mut().zip(column).for_each(|(out, id)| *out |= self.text(*id)),
        }
    }

    pub fn trace_ids(&self, column: &[TraceId], out: &mut [bool]) {
        if let Some(prefix) = self.id {
            out.iter_mut().zip(column).for_each(|(out, id)| *out |= prefix.begins_trace(*id));
        }
    }

    pub fn span_ids(&self, column: &[SpanId], out: &mut [bool]) {
        if let Some(prefix) = self.id {
            out.iter_mut().zip(column).for_each(|(out, id)| *out |= prefix.begins_span(*id));
        }
    }
}

/// The number of rows whose words are tested together.
const RUN: usize = 128;
/// The number of words in one quick test.
const STRIDE: usize = 16;
