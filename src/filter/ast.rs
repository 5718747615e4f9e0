//! The syntax tree of an expression; it has no meaning yet.
//!
//! `Display` writes an expression back; reading that text again gives an equal tree. `--fail-if` uses the same grammar with
//! its own names, so nothing here knows a field.

use crate::model::is_harmless;
use std::fmt::{self, Write};
use std::ops::Range;

/// An expression or a part of one.
#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    /// The empty expression; matches everything.
    Everything,
    /// All of these; two or more.
    And(Vec<Expr>),
    /// At least one of these; two or more.
    Or(Vec<Expr>),
    /// The negation of this.
    Not(Box<Expr>, At),
    /// A bare word: a substring anywhere in the item. A `*` in it matches anything, with or without quotes.
    Word(Operand),
    /// A field compared with an operand.
    Comparison(Comparison),
}

/// `field operator operand`.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// The field.
    pub field: Name,
    /// The operator.
    pub operator: Operator,
    /// The operand.
    pub operand: Operand,
}

/// A field's name. `http.route` is plain; `"a b"` is quoted; `attributes."a b"` is plain up to its last point.
#[derive(Clone, PartialEq, Debug)]
pub struct Name {
    /// The part without quotes.
    pub plain: String,
    /// The quoted part after it.
    pub quoted: Option<String>,
    /// The position in the expression.
    pub at: At,
}

/// The right-hand side of a comparison, or a bare word. After `:` and in a bare word, `*` matches anything and separates the
/// pieces; elsewhere there is one piece.
#[derive(Clone, PartialEq, Debug)]
pub struct Operand {
    /// The texts between the stars, with escapes resolved. The list is never empty.
    pub pieces: Vec<String>,
    /// Whether it is quoted, or can only be written in quotes. It is then text, even if it looks like a number.
    pub quoted: bool,
    /// The position in the expression.
    pub at: At,
}

/// A comparison operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `:`: equal ignoring case; `*` matches anything; ids match by prefix.
    Is,
    /// `=`, also `==` and `===`: exactly equal.
    Equal,
    /// `!=`, also `!==`: present and not equal.
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `~`, also `=~`: a regular expression is found in it.
    Matches,
    /// `!~`: present, and the regular expression is not found in it.
    MatchesNot,
}

/// A byte range of the expression. All ranges compare as equal, so that expressions with the same text are equal.
#[derive(Clone, Debug)]
pub struct At(pub Range<usize>);

impl PartialEq for At {
    fn eq(&self, _: &At) -> bool {
        true
    }
}

impl Expr {
    /// From its first byte to after its last, without surrounding parentheses.
    pub fn at(&self) -> Range<usize> {
        match self {
            Expr::Everything => 0..0,
            Expr::And(parts) | Expr::Or(parts) => {
                let start = parts.first().map_or(0, |part| part.at().start);
                start..parts.last().map_or(start, |part| part.at().end)
            }
            Expr::Not(_, at) => at.0.clone(),
            Expr::Word(operand) => operand.at.0.clone(),
            Expr::Comparison(comparison) => comparison.field.at.0.start..comparison.operand.at.0.end,
        }
    }
}

impl Operand {
    /// The text, if it contains no star.
    pub fn text(&self) -> Option<&str> {
        match &self.pieces[..] {
            [text] => Some(text),
            _ => None,
        }
    }
}

impl Operator {
    /// Every spelling, longest first, so that the first match is the right one.
    pub(super) const SPELLINGS: [(&'static str, Operator); 13] = [
        ("===", Operator::Equal),
        ("!==", Operator::NotEqual),
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("=~", Operator::Matches),
        ("!~", Operator::MatchesNot),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("=", Operator::Equal),
        ("~", Operator::Matches),
        (":", Operator::Is),
    ];

    /// The preferred spelling.
    pub fn symbol(self) -> &'static str {
        match self {
            Operator::Is => ":",
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Matches => "~",
            Operator::MatchesNot => "!~",
        }
    }

    /// Whether it is an ordering: `<`, `<=`, `>` or `>=`.
    pub fn is_order(self) -> bool {
        matches!(self, Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual)
    }

    /// Whether it negates another operator. It still matches only fields that are present.
    pub fn is_negated(self) -> bool {
        matches!(self, Operator::NotEqual | Operator::MatchesNot)
    }
}

/// `text` in double quotes. Escapes every character that would end the quotes, be invisible or control a terminal.
pub(super) fn quote(text: &str) -> String {
    quote_pieces(&[text], false)
}

fn quote_pieces<S: AsRef<str>>(pieces: &[S], stars: bool) -> String {
    let mut out = String::from("\"");
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            out.push('*');
        }
        for c in piece.as_ref().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '*' if stars => out.push_str("\\*"),
                c if is_harmless(c.encode_utf8(&mut [0; 4])) => out.push(c),
                c => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
            }
        }
    }
    out.push('"');
    out
}

/// Whether the pieces, joined by stars and without quotes, read back as the same pieces.
pub(super) fn is_plain<S: AsRef<str>>(pieces: &[S]) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "._-/+%,#@$;?".contains(c);
    pieces.iter().all(|piece| piece.as_ref().chars().all(plain) && is_harmless(piece.as_ref()))
        && !matches!(pieces, [piece] if piece.as_ref().is_empty() || is_keyword(piece.as_ref()))
        // `a://b` is an address.
        && !pieces.first().is_some_and(|piece| piece.as_ref().starts_with("//"))
}

/// Whether the word joins or negates terms.
pub(super) fn is_keyword(word: &str) -> bool {
    ["and", "or", "not"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Everything => Ok(()),
            Expr::And(parts) => join(parts, " ", f, |part| matches!(part, Expr::And(_) | Expr::Or(_))),
            Expr::Or(parts) => join(parts, " or ", f, |part| matches!(part, Expr::Or(_))),
            Expr::Not(inner, _) => {
                f.write_str("not ")?;
                write_part(inner, f, matches!(**inner, Expr::And(_) | Expr::Or(_)))
            }
            Expr::Word(word) => write_operand(word, true, f),
            Expr::Comparison(Comparison { field, operator, operand }) => {
                write!(f, "{field}{}", operator.symbol())?;
                write_operand(operand, *operator == Operator::Is, f)
            }
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)?;
        self.quoted.as_ref().map_or(Ok(()), |quoted| f.write_str(&quote(quoted)))
    }
}

fn join(parts: &[Expr], with: &str, f: &mut fmt::Formatter<'_>, grouped: fn(&Expr) -> bool) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(with)?;
        }
        write_part(part, f, grouped(part))?;
    }
    Ok(())
}

fn write_part(part: &Expr, f: &mut fmt::Formatter<'_>, grouped: bool) -> fmt::Result {
    if grouped { write!(f, "({part})") } else { write!(f, "{part}") }
}

fn write_operand(operand: &Operand, stars: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match operand.quoted {
        true => f.write_str(&quote_pieces(&operand.pieces, stars)),
        false => f.write_str(&operand.pieces.join("*")),
    }
}
