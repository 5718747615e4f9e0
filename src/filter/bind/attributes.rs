//! Binds attributes. A key is located once per shape, resources and scopes are tested once per origin, and texts once per
//! text. Each row then needs one look at its shape and one at its word.
//!
//! A key with dots may also lead into maps: `user.id` is the attribute `user.id` or, failing that, `id` in the map `user`.

use super::texts::Answers;
use super::{Bound, by_origin, by_stream, each};
use crate::columns::{Attributes, Batch, Columns, Dictionary, OriginId, ShapeId, TextId, Word, WordView};
use crate::filter::field::AttributePlace;
use crate::filter::value_test::{Integers, ValueTest};
use crate::model::Value;
use hashbrown::HashMap;

/// The attributes that name a session, in order of preference. The session of an event is a column.
pub(in crate::filter) const SESSION_KEYS: [&str; 3] = ["session.id", "qyl.session.id", "gen_ai.conversation.id"];

pub(super) fn attribute<'a>(place: AttributePlace, key: &'a str, test: &'a ValueTest, batch: &'a Batch) -> Bound<'a> {
    match (place, &batch.columns) {
        (AttributePlace::Any | AttributePlace::Item | AttributePlace::Payload, Columns::Events(events)) => {
            inside(&events.payload, key, test, &batch.dictionary)
        }
        (AttributePlace::Body, Columns::Logs(logs)) => inside(&logs.body, key, test, &batch.dictionary),
        (AttributePlace::Body | AttributePlace::Payload, _) | (_, Columns::Events(_)) => Bound::All(false),
        (AttributePlace::Any | AttributePlace::Item | AttributePlace::Resource | AttributePlace::Scope, _) => {
            keyed(place, vec![key], test, batch)
        }
    }
}

pub(super) fn session<'a>(test: &'a ValueTest, batch: &'a Batch) -> Bound<'a> {
    match &batch.columns {
        Columns::Events(events) => super::texts::column(&events.session, test, &batch.dictionary),
        _ => keyed(AttributePlace::Any, SESSION_KEYS.to_vec(), test, batch),
    }
}

/// The value of the first of these keys in a list.
fn look_up<'a>(dictionary: &'a Dictionary, list: Attributes, keys: &[&str]) -> Option<Value<'a>> {
    keys.iter().find_map(|key| {
        let inside = || prefixes(key).find_map(|(map, rest)| member(dictionary.attribute(list, map)?, rest));
        dictionary.attribute(list, key).or_else(inside)
    })
}

/// The value at a path in a map: the whole path is tried as a key first, then each prefix with the rest in a nested map.
fn member<'a>(value: Value<'a>, path: &str) -> Option<Value<'a>> {
    let Value::Nested(map) = value else { return None };
    if !map.is_map() {
        return None;
    }
    let mut found = None;
    let mut exact = false;
    for (key, value) in map.entries() {
        if key == path {
            (found, exact) = (Some(value), true);
        } else if !exact && let Some(rest) = path.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')) {
            found = member(value, rest).or(found);
        }
    }
    found
}

/// A path split at each of its dots, the longest prefix first.
fn prefixes(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.rmatch_indices('.').map(|(at, _)| (&path[..at], &path[at + 1..])).filter(|(map, _)| !map.is_empty())
}

/// A column of words; each is tested whole if there is no path. An empty word means a missing field.
fn inside<'a>(column: &'a [Word], path: &'a str, test: &'a ValueTest, dictionary: &'a Dictionary) -> Bound<'a> {
    if !path.is_empty() {
        return each(move |row| member(dictionary.value(column[row]), path).is_some_and(|value| test.holds(value)));
    }
    let mut words = Words::new(dictionary, test);
    Bound::Rows(Box::new(move |rows, out| {
        for (out, word) in out.iter_mut().zip(&column[rows]) {
            *out = *word != Word::EMPTY && words.answer(*word);
        }
    }))
}

/// The attribute lists of items, and of their resources or scopes.
fn keyed<'a>(place: AttributePlace, keys: Vec<&'a str>, test: &'a ValueTest, batch: &'a Batch) -> Bound<'a> {
    let dictionary = &batch.dictionary;
    let on_origin = |origin: OriginId| {
        let list = match place {
            AttributePlace::Scope => dictionary.scope(origin).attributes,
            _ => dictionary.resource(origin).attributes,
        };
        look_up(dictionary, list, &keys).is_some_and(|value| test.holds(value))
    };
    if matches!(place, AttributePlace::Resource | AttributePlace::Scope) {
        return by_origin(batch, on_origin);
    }
    let slots = slots(dictionary, &keys);
    // The lists of resources are among them.
    if slots.iter().all(|slot| *slot == ABSENT) {
        return Bound::All(false);
    }
    let origins = match place {
        AttributePlace::Item => Vec::new(),
        _ => (0..dictionary.origins.len() as u32).map(|id| on_origin(OriginId(id))).collect(),
    };
    let mut lists = Lists { words: Words::new(dictionary, test), slots, origins, keys };
    match &batch.columns {
        Columns::Spans(spans) => rows(&spans.attributes, &spans.origin, lists),
        Columns::Logs(logs) => rows(&logs.attributes, &logs.origin, lists),
        Columns::Points(points) => by_stream(points, |stream| lists.answer(stream.attributes, stream.origin)),
        Columns::Events(_) => Bound::All(false),
    }
}

fn rows<'a>(attributes: &'a [Attributes], origins: &'a [OriginId], mut lists: Lists<'a>) -> Bound<'a> {
    Bound::Rows(Box::new(move |rows, out| {
        let entries = attributes[rows.clone()].iter().zip(&origins[rows]);
        for (out, (list, origin)) in out.iter_mut().zip(entries) {
            *out = lists.answer(*list, *origin);
        }
    }))
}

/// No list of this shape has the key.
const ABSENT: u32 = u32::MAX;
/// A list of this shape may have the key inside a map.
const INSIDE: u32 = u32::MAX - 1;

/// For each shape, the position of the first of the keys that it has.
fn slots(dictionary: &Dictionary, keys: &[&str]) -> Vec<u32> {
    let exact: Vec<Option<TextId>> = keys.iter().map(|key| key_id(dictionary, key)).collect();
    let maps: Vec<Vec<TextId>> =
        keys.iter().map(|key| prefixes(key).filter_map(|(map, _)| key_id(dictionary, map)).collect()).collect();
    let slot = |shape: u32| {
        let shape_keys = dictionary.shapes.keys(ShapeId(shape));
        for (exact, maps) in exact.iter().zip(&maps) {
            let position = exact.and_then(|exact| shape_keys.iter().rposition(|key| *key == exact));
            if let Some(position) = position {
                return position as u32;
            }
            if maps.iter().any(|map| shape_keys.contains(map)) {
                return INSIDE;
            }
        }
        ABSENT
    };
    (0..dictionary.shapes.len() as u32).map(slot).collect()
}

/// The id of a key that at least one list has.
fn key_id(dictionary: &Dictionary, key: &str) -> Option<TextId> {
    // Similar lists share shapes, so there are far fewer keys than texts.
    const ALIKE: usize = 64;
    if dictionary.shapes.len() > ALIKE {
        return dictionary.texts.find(key);
    }
    let mut keys = (0..dictionary.shapes.len() as u32).flat_map(|shape| dictionary.shapes.keys(ShapeId(shape)));
    keys.find(|id| dictionary.text(**id) == key).copied()
}

/// Answers for attribute lists; items without the key take the answer of their origin.
struct Lists<'a> {
    words: Words<'a>,
    slots: Vec<u32>,
    /// By origin; empty if only the item is searched.
    origins: Vec<bool>,
    keys: Vec<&'a str>,
}

impl Lists<'_> {
    #[inline]
    fn answer(&mut self, list: Attributes, origin: OriginId) -> bool {
        match self.slots.get(list.shape.0 as usize).copied().unwrap_or(ABSENT) {
            ABSENT => self.origins.get(origin.0 as usize).copied().unwrap_or_default(),
            INSIDE => match look_up(self.words.dictionary, list, &self.keys) {
                Some(value) => self.words.test.holds(value),
                None => self.origins.get(origin.0 as usize).copied().unwrap_or_default(),
            },
            position => {
                let word = self.words.all.get(list.start as usize + position as usize);
                word.is_some_and(|word| self.words.answer(*word))
            }
        }
    }
}

/// A test's answers by word.
struct Words<'a> {
    dictionary: &'a Dictionary,
    test: &'a ValueTest,
    all: &'a [Word],
    texts: TextAnswers<'a>,
    integers: Option<Integers>,
    /// The answers for false and for true.
    booleans: [bool; 2],
    on_empty: bool,
    others: HashMap<Word, bool, foldhash::fast::RandomState>,
}

/// How texts are tested.
enum TextAnswers<'a> {
    /// All texts have the same answer.
    All(bool),
    /// This text has this answer, and every other text has the opposite.
    One(Word, bool),
    /// Each text is tested once.
    Each(Answers<'a>),
}

/// The number of cached answers for values of other kinds.
const KEPT: usize = 4096;

impl<'a> Words<'a> {
    fn new(dictionary: &'a Dictionary, test: &'a ValueTest) -> Words<'a> {
        let texts = match test.exact_text() {
            _ if test.is_exists() => TextAnswers::All(true),
            Some((text, found)) => match dictionary.texts.find(text) {
                Some(id) => TextAnswers::One(Word::of_text(id), found),
                None => TextAnswers::All(!found),
            },
            None => TextAnswers::Each(Answers::new(dictionary, test)),
        };
        let booleans = [false, true].map(|value| test.holds(Value::Bool(value)));
        let on_empty = test.holds(Value::Empty);
        let (all, integers) = (dictionary.all_words(), test.integers());
        Words { dictionary, test, all, texts, integers, booleans, on_empty, others: HashMap::default() }
    }

    #[inline]
    fn answer(&mut self, word: Word) -> bool {
        match word.text() {
            Some(id) => match &mut self.texts {
                TextAnswers::All(answer) => *answer,
                TextAnswers::One(one, answer) => (word == *one) == *answer,
                TextAnswers::Each(answers) => answers.of(id),
            },
            None => self.other(word),
        }
    }

    #[inline]
    fn other(&mut self, word: Word) -> bool {
        if word.is_constant() {
            // Two comparisons are faster than a branch that the processor cannot predict.
            let [on_false, on_true] = self.booleans;
            return (on_false & (word == Word::of_bool(false)))
                | (on_true & (word == Word::of_bool(true)))
                | (self.on_empty & (word == Word::EMPTY));
        }
        match (self.dictionary.word(word), &self.integers) {
            (WordView::Int(value), Some(wanted)) => wanted.contain(value),
            _ => self.seldom(word),
        }
    }

    fn seldom(&mut self, word: Word) -> bool {
        if self.test.is_exists() {
            return true;
        }
        if let Some(answer) = self.others.get(&word) {
            return *answer;
        }
        let answer = self.test.holds(self.dictionary.value(word));
        if self.others.len() < KEPT {
            self.others.insert(word, answer);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Nested, NestedWriter};

    #[test]
    fn a_path_leads_into_maps_and_a_whole_key_wins() {
        let mut writer = NestedWriter::default();
        writer.begin_map().unwrap();
        for (key, value) in [("a.b", 1), ("a", 2), ("a.b.d", 3), ("a.b", 4)] {
            writer.key(key);
            if key == "a.b.d" {
                writer.value(Value::Int(value));
                continue;
            }
            writer.begin_map().unwrap();
            writer.key(if key == "a" { "b.c" } else { "d" });
            writer.value(Value::Int(value));
            writer.end();
        }
        writer.end();
        let map = Value::Nested(Nested::from_bytes(writer.bytes()));
        for (path, value) in [("a.b.c", Some(2)), ("a.b.d", Some(3)), ("a.b.e", None), ("b", None)] {
            assert_eq!(member(map, path), value.map(Value::Int), "{path}");
        }
        assert_eq!(prefixes("a.b.c").collect::<Vec<_>>(), [("a.b", "c"), ("a", "b.c")]);
    }
}
