//! Binds the severity of log records: numbers in one fast pass; each distinct text is tested once.

use super::Bound;
use crate::columns::{Batch, Columns, Dictionary, TextId};
use crate::filter::severity::{SeverityTest, TextAnswer};
use crate::model::Severity;

pub(super) fn severity<'a>(test: &'a SeverityTest, batch: &'a Batch) -> Bound<'a> {
    let Columns::Logs(logs) = &batch.columns else { return Bound::All(false) };
    let mut texts = Texts { test, dictionary: &batch.dictionary, known: vec![Some(TextAnswer::No)] };
    Bound::Rows(Box::new(move |rows, out| {
        let numbers = &logs.severity[rows.clone()];
        if let Some((from, width)) = test.range() {
            let mut unknown = false;
            for (out, number) in out.iter_mut().zip(numbers) {
                *out = (number.0.wrapping_sub(from) as u32) <= width;
                unknown |= !number.is_known();
            }
            if !unknown {
                return;
            }
        }
        for ((out, number), text) in out.iter_mut().zip(numbers).zip(&logs.severity_text[rows]) {
            *out = texts.answer(*number, *text);
        }
    }))
}

/// Answers by text, computed on first use.
struct Texts<'a> {
    test: &'a SeverityTest,
    dictionary: &'a Dictionary,
    known: Vec<Option<TextAnswer>>,
}

impl Texts<'_> {
    #[inline]
    fn answer(&mut self, number: Severity, text: TextId) -> bool {
        let answer = match self.known.get(text.index()) {
            Some(Some(answer)) => *answer,
            _ => self.find_out(text),
        };
        self.test.combine(number, text != TextId::EMPTY, answer)
    }

    #[cold]
    fn find_out(&mut self, id: TextId) -> TextAnswer {
        if id.index() >= self.dictionary.texts.len() {
            return TextAnswer::No;
        }
        let answer = self.test.text_answer(self.dictionary.text(id));
        if id.index() >= self.known.len() {
            self.known.resize((id.index() + 1).next_power_of_two(), None);
        }
        self.known[id.index()] = Some(answer);
        answer
    }
}
