//! `severity`: the number of a log record, and the text that its logger wrote.

use super::value_test::ValueTest;
use crate::model::Severity;

/// A condition on a record's severity. A record with neither number nor text does not match.
#[derive(Clone, Debug)]
pub(super) struct SeverityTest {
    /// The accepted numbers, as bits.
    pub numbers: u32,
    /// Whether a record without a known number is compared by the number of its text. Patterns compare the text alone.
    pub ranks_text: bool,
    /// The accepted texts and unknown numbers, beside the bits.
    pub text: Option<ValueTest>,
    /// Whether the answer is negated.
    pub negated: bool,
}

/// The result for a text.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) enum TextAnswer {
    /// No match.
    #[default]
    No,
    /// The number of the text matches, which counts if the record has no known number.
    IfNumberUnknown,
    /// The text itself matches.
    Yes,
}

impl SeverityTest {
    /// The answer for one record, given the result for its text.
    #[inline]
    pub fn combine(&self, number: Severity, has_text: bool, text: TextAnswer) -> bool {
        if number.0 == 0 && !has_text {
            return false;
        }
        let holds = match text {
            TextAnswer::Yes => true,
            TextAnswer::IfNumberUnknown if !number.is_known() => true,
            _ if number.is_known() => self.numbers >> number.0 & 1 == 1,
            _ => number.0 != 0 && self.text_is(&number.0.to_string()),
        };
        holds != self.negated
    }

    /// The result for a text, regardless of the record's number.
    pub fn text_answer(&self, text: &str) -> TextAnswer {
        if text.is_empty() {
            return TextAnswer::No;
        }
        let number = if self.ranks_text { Severity(0).or_word(text) } else { Severity(0) };
        match self.text_is(text) {
            true => TextAnswer::Yes,
            false if self.numbers >> number.0 & 1 == 1 => TextAnswer::IfNumberUnknown,
            false => TextAnswer::No,
        }
    }

    /// The lowest number and the size of the range, if the accepted numbers are a range and the text matters only for records
    /// without a known number.
    pub fn range(&self) -> Option<(i32, u32)> {
        if self.numbers == 0 || self.text.is_some() || self.negated {
            return None;
        }
        let (from, to) = (self.numbers.trailing_zeros(), self.numbers.ilog2());
        (self.numbers.count_ones() == to - from + 1).then_some((from as i32, to - from))
    }

    fn text_is(&self, text: &str) -> bool {
        self.text.as_ref().is_some_and(|test| test.holds_text(text))
    }
}
