//! Text patterns in which `*` matches anything, ignoring case.

/// The pieces between the stars. A single piece must equal the whole text.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pattern {
    /// In lower case.
    pieces: Vec<String>,
}

impl Pattern {
    pub fn new(pieces: &[String]) -> Pattern {
        Pattern { pieces: pieces.iter().map(|piece| folded(piece)).collect() }
    }

    /// Whether the pattern is `*` and so matches every present field.
    pub fn is_anything(&self) -> bool {
        self.pieces.len() > 1 && self.pieces.iter().all(String::is_empty)
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        match &self.pieces[..] {
            [one] => equal_but_case(text, one),
            _ if is_lower_ascii(text) => self.matches_folded(text),
            _ => self.matches_folded(&folded(text)),
        }
    }

    fn matches_folded(&self, text: &str) -> bool {
        let [first, middle @ .., last] = &self.pieces[..] else { return false };
        let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
            return false;
        };
        // Taking the first occurrence of each piece leaves the longest rest.
        middle.iter().all(|piece| match rest.find(piece.as_str()) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
    }
}

/// Each character in lower case, one at a time.
pub(super) fn folded(text: &str) -> String {
    match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.chars().flat_map(char::to_lowercase).collect(),
    }
}

fn equal_but_case(text: &str, lower: &str) -> bool {
    match text.is_ascii() {
        true => text.eq_ignore_ascii_case(lower),
        false => text.chars().flat_map(char::to_lowercase).eq(lower.chars()),
    }
}

fn is_lower_ascii(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_case_does_not_matter() {
        let pattern = |text: &str| Pattern::new(&text.split('*').map(str::to_owned).collect::<Vec<_>>());
        for (text, like, expected) in [
            ("GET /api", "get /api", true),
            ("GET /api", "get /ap", false),
            ("GET /api/cart", "GET*cart", true),
            ("GET /api/cart", "*API*", true),
            ("GET /api/cart", "*cart*api*", false),
            ("aba", "ab*ba", false),
            ("abba", "ab*ba", true),
            ("xaxbx", "*a*b*", true),
            ("", "*", true),
            ("", "a*", false),
            ("GRÖSSE", "grö*", true),
            ("größe", "GRÖ*E", true),
        ] {
            assert_eq!(pattern(like).matches(text), expected, "{text} like {like}");
        }
        assert!(pattern("**").is_anything() && !pattern("").is_anything());
    }
}
