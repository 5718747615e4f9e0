//! What stands at the cursor of an expression that is being typed, finished or not.

use super::ast::{Name, Operator, is_keyword};
use super::field::is_intrinsic;
use super::scan::Scanner;
use std::ops::Range;

/// The token at the cursor.
#[derive(Clone, PartialEq, Debug)]
pub struct Typed {
    /// What it is.
    pub token: Token,
    /// Its bytes: a completion replaces them.
    pub at: Range<usize>,
    /// The part of it that stands before the cursor.
    pub text: String,
}

/// What can be completed.
#[derive(Clone, PartialEq, Debug)]
pub enum Token {
    /// The name of a field, or a bare word.
    Field {
        /// Whether a complete term stands before it, so that `and` and `or` may come.
        follows_term: bool,
        /// Whether an operator stands behind it.
        has_operator: bool,
    },
    /// The value that a field is compared with.
    Value {
        /// The field.
        field: Name,
        /// How it is compared.
        operator: Operator,
    },
}

/// The token at `cursor` (in bytes, at the edge of a character); `None` where nothing can be completed: inside of a bare word
/// such as a URL, or of an operator.
pub fn typed_at(text: &str, cursor: usize) -> Option<Typed> {
    let mut scanner = Scanner::new(text);
    let mut follows_term = false;
    let empty = |token| Some(Typed { token, at: cursor..cursor, text: String::new() });
    loop {
        scanner.skip_space();
        let start = scanner.at();
        if cursor < start || start == text.len() {
            return empty(Token::Field { follows_term, has_operator: false });
        }
        if let Some(is_end) = bracket(&mut scanner) {
            if cursor <= start {
                return empty(Token::Field { follows_term, has_operator: false });
            }
            follows_term = is_end;
            continue;
        }
        if ["&&", "||", "&", "|"].iter().any(|joint| scanner.take(joint)) {
            if cursor <= start {
                return empty(Token::Field { follows_term, has_operator: false });
            }
            follows_term = false;
            continue;
        }
        // `!` and `-` negate the term behind them.
        if !scanner.operator_follows() && (scanner.take("!") || scanner.take("-")) {
            if cursor <= start {
                return empty(Token::Field { follows_term, has_operator: false });
            }
            follows_term = false;
            continue;
        }
        let Ok(name) = scanner.name().map(|name| intrinsic(&mut scanner, name)) else {
            // Quotes that are not closed reach to the end.
            let token = Token::Field { follows_term, has_operator: false };
            return typed(text, token, start..text.len(), cursor);
        };
        let end = scanner.at();
        scanner.skip_space();
        let has_operator = scanner.operator_follows();
        if cursor <= end && end > start {
            return typed(text, Token::Field { follows_term, has_operator }, start..end, cursor);
        }
        if name.quoted.is_none() && is_keyword(&name.plain) && !has_operator {
            follows_term = false;
            continue;
        }
        let is_word = !has_operator || is_address(&name, text.get(end..).unwrap_or_default());
        if is_word || end == start {
            // A bare word, or an operator without a field.
            scanner.back_to(start);
            let end = operand_end(&mut scanner, text, true);
            if cursor <= end {
                return None;
            }
            scanner.back_to(end);
            follows_term = true;
            continue;
        }
        let (operator, at) = scanner.operator()?;
        if cursor < at.0.end {
            return None;
        }
        scanner.skip_space();
        let start = scanner.at();
        let token = Token::Value { field: name, operator };
        let is_before =
            text[cursor..].starts_with(char::is_whitespace) || matches!(scanner.peek(), None | Some(')' | '}'));
        if cursor <= start && is_before {
            return empty(token);
        }
        let end = operand_end(&mut scanner, text, operator == Operator::Is);
        if cursor <= end {
            return typed(text, token, start.min(cursor)..end, cursor);
        }
        scanner.back_to(end);
        follows_term = true;
    }
}

fn typed(text: &str, token: Token, at: Range<usize>, cursor: usize) -> Option<Typed> {
    Some(Typed { token, text: text.get(at.start..cursor)?.to_owned(), at })
}

/// Takes a bracket; whether it closes.
fn bracket(scanner: &mut Scanner<'_>) -> Option<bool> {
    if scanner.take("(") || scanner.take("{") {
        return Some(false);
    }
    (scanner.take(")") || scanner.take("}")).then_some(true)
}

/// TraceQL's names of two words, such as `span:name`.
fn intrinsic(scanner: &mut Scanner<'_>, of: Name) -> Name {
    let end = scanner.at();
    if of.quoted.is_none()
        && scanner.take(":")
        && let Ok(name) = scanner.name()
        && is_intrinsic(&of.plain, &name.plain)
    {
        let behind = scanner.at();
        scanner.skip_space();
        let follows = scanner.operator_follows();
        scanner.back_to(behind);
        if follows {
            return Name { plain: format!("{}:{}", of.plain, name.plain), ..of };
        }
    }
    scanner.back_to(end);
    of
}

/// `10.0.0.1:4317` and `https://…` are words, not comparisons.
fn is_address(name: &Name, behind: &str) -> bool {
    let numeral = name.plain.starts_with(|c: char| c.is_ascii_digit());
    behind.starts_with("://") || numeral && behind.starts_with(':')
}

/// Where a value or a word ends. One that cannot be read goes on to the next space, in quotes to the end of the text.
fn operand_end(scanner: &mut Scanner<'_>, text: &str, stars: bool) -> usize {
    let start = scanner.at();
    if scanner.operand(stars).is_ok() && scanner.at() > start {
        return scanner.at();
    }
    let rest = &text[start..];
    if rest.starts_with(['"', '\'', '`']) {
        return text.len();
    }
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let space = rest[first..].find(char::is_whitespace).map_or(rest.len(), |at| first + at);
    start + space
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The token at `|`: `f` a field, `v FIELD OPERATOR` a value; then what is replaced, and what is typed of it.
    fn at(marked: &str) -> String {
        let cursor = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let Some(typed) = typed_at(&text, cursor) else { return "none".to_owned() };
        let token = match &typed.token {
            Token::Field { follows_term, has_operator } => {
                let mark = |holds: bool, mark| if holds { mark } else { "" };
                format!("f{}{}", mark(*follows_term, " +"), mark(*has_operator, " ="))
            }
            Token::Value { field, operator } => format!("v {field} {}", operator.symbol()),
        };
        format!("{token} [{}] [{}]", &text[typed.at], typed.text)
    }

    #[test]
    fn the_token_at_the_cursor_is_found() {
        for (marked, expected) in [
            ("|", "f [] []"),
            ("ser|", "f [ser] [ser]"),
            ("se|rv", "f [serv] [se]"),
            ("se|rv:x", "f = [serv] [se]"),
            ("service:|", "v service : [] []"),
            ("service:pay|", "v service : [pay] [pay]"),
            ("service:p|ay status:ok", "v service : [pay] [p]"),
            ("service:| status:ok", "v service : [] []"),
            ("service:|pay", "v service : [pay] []"),
            ("service = pa|", "v service = [pa] [pa]"),
            ("service!=|", "v service != [] []"),
            ("name~\"^GET |", "v name ~ [\"^GET ] [\"^GET ]"),
            ("name=\"a b|c\" x", "v name = [\"a bc\"] [\"a b]"),
            ("a:b |", "f + [] []"),
            ("a:b o|", "f + [o] [o]"),
            ("a:b or st|", "f [st] [st]"),
            ("-ser|", "f [ser] [ser]"),
            ("-|", "f [] []"),
            ("-service:pa|", "v service : [pa] [pa]"),
            ("@http.r|", "f [@http.r] [@http.r]"),
            ("@http.route:/c|", "v @http.route : [/c] [/c]"),
            ("!(a:b or ser|", "f [ser] [ser]"),
            ("(service:|)", "v service : [] []"),
            ("{ resource.service.name = \"x|\" && dur }", "v resource.service.name = [\"x\"] [\"x]"),
            ("{ a = 1 && dur| }", "f [dur] [dur]"),
            ("{ span:name = |", "v span:name = [] []"),
            ("attributes.\"a b\":|", "v attributes.\"a b\" : [] []"),
            ("attributes.\"a |", "f [attributes.\"a ] [attributes.\"a ]"),
            ("https://a|/b", "none"),
            ("a |!= b", "none"),
            ("10.0.0.1:4317 ser|", "f + [ser] [ser]"),
            ("a & ser|", "f [ser] [ser]"),
            ("status>=|", "v status >= [] []"),
        ] {
            assert_eq!(at(marked), expected, "{marked}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_token_or_none(text in "[a-c:=!~<>(){}&|\"'`\\\\ .@*-ü]{0,30}", cursor in 0usize..40) {
            let cursor = (0..=cursor.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            if let Some(typed) = typed_at(&text, cursor) {
                prop_assert!(typed.at.start <= cursor && cursor <= typed.at.end);
                prop_assert!(text.get(typed.at).is_some());
            }
        }
    }
}
