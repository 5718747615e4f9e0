//! Searches for a bare word in one text, or in all texts of a dictionary at once.
//!
//! A word without capitals matches in any case; a word with a capital must match exactly.

use super::pattern::folded;
use crate::columns::{TextId, Texts};
use memchr::memmem::Finder;

/// A bare word. If it contains stars, its pieces must appear in the text in order.
#[derive(Clone, Debug)]
pub(super) struct WordTest {
    /// No piece is empty. Pieces are in lower case unless `case` is exact.
    pieces: Vec<String>,
    case: Case,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Case {
    /// The case must match.
    Exact,
    /// The word is ASCII: only ASCII letters can differ in case.
    Ascii,
    /// The word has letters beyond ASCII, which can differ in case too.
    Unicode,
}

/// The size in bytes of a block, small enough to stay in the cache while it is folded and searched.
const BLOCK: usize = 16 * 1024;
/// The bit by which the two cases of an ASCII letter differ.
const CASE_BIT: u8 = 0x20;

impl WordTest {
    /// `None` for a word that is only stars, since every text matches it.
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

    /// Whether a number's text could contain it.
    pub fn may_be_number(&self) -> bool {
        self.pieces.iter().all(|piece| piece.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte)))
    }

    /// The word, if it is only decimal digits and short enough for an integer.
    pub fn digits(&self) -> Option<&str> {
        match &self.pieces[..] {
            [one] if one.len() < 19 && one.bytes().all(|byte| byte.is_ascii_digit()) => Some(one),
            _ => None,
        }
    }

    /// The word, if it can be the prefix of an id: at least eight hex digits.
    pub fn id_prefix(&self) -> Option<&str> {
        match &self.pieces[..] {
            [one] if (8..=32).contains(&one.len()) && one.bytes().all(|byte| byte.is_ascii_hexdigit()) => Some(one),
            _ => None,
        }
    }

    /// Whether this text contains it.
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

    /// The texts of a dictionary that contain it, ordered by id.
    pub fn find_in(&self, texts: &Texts) -> Vec<TextId> {
        let mut search = Search { word: self, texts, entry: 0, found: Vec::new() };
        let longest = self.pieces.iter().max_by_key(|piece| piece.len()).map_or("", String::as_str);
        match self.case {
            Case::Exact => search.run(longest),
            Case::Ascii => search.run_folded(longest),
            Case::Unicode => search.run_beyond_ascii(),
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

/// Walks over an arena from hit to hit and finds the entries that contain the hits.
struct Search<'a> {
    word: &'a WordTest,
    texts: &'a Texts,
    /// No later hit is before this entry.
    entry: usize,
    found: Vec<TextId>,
}

impl Search<'_> {
    fn run(&mut self, needle: &str) {
        let finder = Finder::new(needle.as_bytes());
        let bytes = self.texts.arena().as_bytes();
        let mut from = 0;
        while let Some(hit) = bytes.get(from..).and_then(|rest| finder.find(rest)) {
            from = self.visit(from + hit, needle.len());
        }
    }

    /// The two cases of an ASCII letter differ in one bit. With that bit set in the text and in the needle, the search finds
    /// every case, and a few false hits that a second comparison rejects. The text is searched in blocks, which overlap so
    /// that hits across a border are found.
    fn run_folded(&mut self, needle: &str) {
        let blurred: Vec<u8> = needle.bytes().map(|byte| byte | CASE_BIT).collect();
        let finder = Finder::new(&blurred);
        let bytes = self.texts.arena().as_bytes();
        let overlap = needle.len() - 1;
        let size = BLOCK.max(4 * overlap);
        let mut block = Vec::with_capacity(size);
        // Where the next hit may begin; the last hit may have moved it past the block.
        let (mut at, mut from) = (0, 0);
        while at < bytes.len() {
            let end = bytes.len().min(at + size);
            block.clear();
            block.extend(bytes[at..end].iter().map(|byte| byte | CASE_BIT));
            while let Some(hit) = block.get(from - at..).and_then(|rest| finder.find(rest)) {
                let hit = from + hit;
                let same = bytes[hit..hit + needle.len()].eq_ignore_ascii_case(needle.as_bytes());
                from = if same { self.visit(hit, needle.len()) } else { hit + 1 };
            }
            at = if end == bytes.len() { end } else { end - overlap };
            from = from.max(at);
        }
    }

    /// Only texts with non-ASCII characters need this search.
    fn run_beyond_ascii(&mut self) {
        let bytes = self.texts.arena().as_bytes();
        let mut from = 0;
        while from < bytes.len() {
            let block = &bytes[from..bytes.len().min(from + BLOCK)];
            from = match block.is_ascii() {
                true => from + block.len(),
                false => self.visit(from + block.iter().take_while(|byte| byte.is_ascii()).count(), 1),
            };
        }
    }

    /// Records a hit and returns where the next may begin: in the next entry, or after a hit that crosses two entries.
    fn visit(&mut self, hit: usize, length: usize) -> usize {
        self.entry = entry_at(self.texts.ends(), self.entry, hit);
        let end = self.texts.ends().get(self.entry).map_or(usize::MAX, |end| *end as usize);
        if hit + length > end {
            return hit + 1;
        }
        let id = TextId(self.entry as u32);
        // With a single piece, a hit is a match; otherwise the entry must be checked.
        let whole = self.word.pieces.len() == 1 && self.word.case != Case::Unicode;
        if whole || self.word.is_in(self.texts.get(id)) {
            self.found.push(id);
        }
        end
    }
}

/// The entry, at or after `from`, that contains the byte at `place`: found by doubling steps, then by bisection.
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
            entries in prop::collection::vec("[abAB ö]{0,6}", 0..60),
            needle in "[abB]{1,3}|[aö]{1,2}|[ab]{1,2}\\*[abA]{1,2}",
            filling in BLOCK - 20..BLOCK,
        ) {
            // The filling pushes the entries behind it across the border of two blocks.
            let mut texts = TextsBuilder::default();
            texts.intern("x".repeat(filling).as_bytes());
            entries.iter().for_each(|text| _ = texts.intern(text.as_bytes()));
            let word = word(&needle);
            let each: Vec<TextId> =
                texts.texts().iter().filter(|(_, text)| word.is_in(text)).map(|(id, _)| id).collect();
            prop_assert_eq!(word.find_in(texts.texts()), each);
        }
    }
}
