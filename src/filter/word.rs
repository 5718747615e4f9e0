//! A bare word as a question to a text, and to all texts of a dictionary at once.
//!
//! A word without capitals is found whatever the case; one with a capital is found as it is written.

use super::pattern::folded;
use crate::columns::{TextId, Texts};
use memchr::memmem::Finder;

/// A bare word. With stars in it, its pieces stand in one text in their order.
#[derive(Clone, Debug)]
pub(super) struct WordTest {
    /// None is empty; folded unless `case` is exact.
    pieces: Vec<String>,
    case: Case,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Case {
    /// As it is written.
    Exact,
    /// Only ASCII letters have two cases here.
    Ascii,
    /// Letters beyond ASCII have, too; then there is one in the word.
    Unicode,
}

/// How many bytes are folded at once, so that they are searched while they are near.
const BLOCK: usize = 16 * 1024;

impl WordTest {
    /// `None` for a word that everything has: nothing but stars.
    pub fn new(pieces: &[String]) -> Option<WordTest> {
        let pieces: Vec<String> = pieces.iter().filter(|piece| !piece.is_empty()).cloned().collect();
        let any = |test: fn(char) -> bool| pieces.iter().any(|piece| piece.chars().any(test));
        let case = match () {
            () if any(char::is_uppercase) => Case::Exact,
            () if any(|c| !c.is_ascii() && !c.to_uppercase().eq([c])) => Case::Unicode,
            () => Case::Ascii,
        };
        let pieces = match case {
            Case::Exact => pieces,
            _ => pieces.iter().map(|piece| folded(piece)).collect(),
        };
        (!pieces.is_empty()).then_some(WordTest { pieces, case })
    }

    /// Whether a number's text could have it.
    pub fn may_be_number(&self) -> bool {
        self.pieces.iter().all(|piece| piece.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte)))
    }

    /// The word where it is long enough to be the beginning of an id: eight hex digits or more.
    pub fn id_prefix(&self) -> Option<&str> {
        match &self.pieces[..] {
            [one] if one.len() >= 8 && one.bytes().all(|byte| byte.is_ascii_hexdigit()) => Some(one),
            _ => None,
        }
    }

    /// Whether it is in this text.
    pub fn is_in(&self, text: &str) -> bool {
        match self.case {
            Case::Exact => self.is_in_folded(text),
            Case::Ascii if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                self.is_in_folded(&text.to_ascii_lowercase())
            }
            Case::Ascii => self.is_in_folded(text),
            Case::Unicode => !text.is_ascii() && self.is_in_folded(&folded(text)),
        }
    }

    /// The texts of a dictionary that it is in, in the order of ids.
    pub fn find_in(&self, texts: &Texts) -> Vec<TextId> {
        let longest = self.pieces.iter().max_by_key(|piece| piece.len());
        let Some(longest) = longest.filter(|_| self.case != Case::Unicode) else {
            return texts.iter().filter(|(_, text)| self.is_in(text)).map(|(id, _)| id).collect();
        };
        let mut search = Search { ends: texts.ends(), entry: 0, found: Vec::new() };
        let finder = Finder::new(longest.as_bytes());
        let whole = self.pieces.len() == 1;
        let has = |id: TextId| whole || self.is_in(texts.get(id));
        match self.case {
            Case::Exact => search.run(&finder, 0, texts.arena().as_bytes(), has),
            _ => search.run_folded(&finder, texts.arena().as_bytes(), has),
        }
        search.found
    }

    fn is_in_folded(&self, text: &str) -> bool {
        let mut rest = text;
        self.pieces.iter().all(|piece| match rest.find(piece.as_str()) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
    }
}

/// A walk over an arena, from hit to hit, and with it over the entries that the hits are in.
struct Search<'a> {
    ends: &'a [u32],
    /// No hit before this entry is to come.
    entry: usize,
    found: Vec<TextId>,
}

impl Search<'_> {
    /// Searches `bytes`, which begin at `base` of the arena.
    fn run(&mut self, finder: &Finder<'_>, base: usize, bytes: &[u8], has: impl Fn(TextId) -> bool) {
        let length = finder.needle().len();
        let mut from = 0;
        while let Some(hit) = bytes.get(from..).and_then(|rest| finder.find(rest)) {
            let end = self.visit(base + from + hit, length, &has);
            from = end.max(base) - base;
        }
    }

    /// The same with ASCII letters folded, a block at a time; blocks overlap by what a hit across their border needs.
    fn run_folded(&mut self, finder: &Finder<'_>, arena: &[u8], has: impl Fn(TextId) -> bool) {
        let overlap = finder.needle().len() - 1;
        let size = BLOCK.max(4 * overlap);
        let mut block = Vec::with_capacity(size);
        let mut at = 0;
        while at < arena.len() {
            let end = arena.len().min(at + size);
            block.clear();
            block.extend_from_slice(&arena[at..end]);
            block.make_ascii_lowercase();
            self.run(finder, at, &block, &has);
            at = if end == arena.len() { end } else { end - overlap };
        }
    }

    /// Takes a hit, and says where the next may begin: in the next entry, or behind a hit that lies across two.
    fn visit(&mut self, hit: usize, length: usize, has: impl Fn(TextId) -> bool) -> usize {
        self.entry = entry_at(self.ends, self.entry, hit);
        let end = self.ends.get(self.entry).map_or(usize::MAX, |end| *end as usize);
        if hit + length > end {
            return hit + 1;
        }
        let id = TextId(self.entry as u32);
        if self.found.last() != Some(&id) && has(id) {
            self.found.push(id);
        }
        end
    }
}

/// The entry, at or behind `from`, that the byte at `place` is in: in leaps that double, then by halving.
fn entry_at(ends: &[u32], from: usize, place: usize) -> usize {
    let mut from = from;
    let mut leap = 1;
    while ends.get(from + leap).is_some_and(|end| *end as usize <= place) {
        from += leap;
        leap *= 2;
    }
    let window = &ends[from..ends.len().min(from + leap + 1)];
    from + window.partition_point(|end| *end as usize <= place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::TextsBuilder;
    use proptest::prelude::*;

    fn word(text: &str) -> WordTest {
        WordTest::new(&text.split('*').map(str::to_owned).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_word_without_capitals_is_found_in_any_case() {
        for (text, in_text, expected) in [
            ("timeout", "Timeout exceeded", true),
            ("Timeout", "timeout exceeded", false),
            ("Timeout", "Timeout exceeded", true),
            ("grö", "GRÖSSE", true),
            ("grö", "groesse", false),
            ("日本", "日本語", true),
            ("a*c", "A b C", true),
            ("c*a", "a b c", false),
        ] {
            assert_eq!(word(text).is_in(in_text), expected, "{text} in {in_text}");
        }
    }

    #[test]
    fn a_hit_across_two_entries_is_none() {
        let mut texts = TextsBuilder::default();
        let ids: Vec<TextId> = ["tim", "eout", "", "timeout", "x"].map(|text| texts.intern(text.as_bytes())).to_vec();
        assert_eq!(word("timeout").find_in(texts.texts()), [ids[3]]);
        assert_eq!(word("Meo").find_in(texts.texts()), []);
    }

    proptest! {
        #[test]
        fn all_texts_at_once_say_what_each_says(
            entries in prop::collection::vec("[abAB ö]{0,6}|[ab]{5000}", 0..60),
            needle in "[abB]{1,3}|[aö]{1,2}|[ab]{1,2}\\*[abA]{1,2}",
        ) {
            let mut texts = TextsBuilder::default();
            entries.iter().for_each(|text| _ = texts.intern(text.as_bytes()));
            let word = word(&needle);
            let each: Vec<TextId> =
                texts.texts().iter().filter(|(_, text)| word.is_in(text)).map(|(id, _)| id).collect();
            prop_assert_eq!(word.find_in(texts.texts()), each);
        }
    }
}
