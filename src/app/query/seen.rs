//! Which fields and values a view has, to offer them while a filter is typed.

use crate::analyze::{FieldKeys, FieldValues, KeyTable, Memo, Question, ValueTable};
use crate::filter::ListedField;
use crate::store::View;
use std::sync::Arc;

/// What is to be offered.
#[derive(Clone, PartialEq, Debug)]
pub enum SeenQuery {
    /// The keys of attributes.
    Keys,
    /// The values of a field.
    Values(ListedField),
}

/// What was seen of it.
#[derive(Clone, Debug)]
pub enum SeenAnswer {
    /// The keys of attributes.
    Keys(Arc<KeyTable>),
    /// The values of a field.
    Values(ListedField, Arc<ValueTable>),
}

/// Answers each time that more is known, from the first chunk on.
pub(in crate::app) fn answer(
    view: &View,
    query: &SeenQuery,
    memo: &Memo,
    cancelled: &dyn Fn() -> bool,
    emit: &mut dyn FnMut(SeenAnswer),
) {
    let question = Question { views: &[view], filter: None, near: view.end() };
    match query {
        SeenQuery::Keys => memo.fold(question, &FieldKeys, cancelled, &mut |answers| {
            let known = answers.first().filter(|answer| answer.left == 0 || !answer.part.keys.is_empty());
            known.into_iter().for_each(|answer| emit(SeenAnswer::Keys(Arc::new(answer.part.clone()))));
        }),
        SeenQuery::Values(field) => {
            let fold = FieldValues { field: field.clone(), names: view.sources().clone() };
            memo.fold(question, &fold, cancelled, &mut |answers| {
                let known = answers.first().filter(|answer| answer.left == 0 || !answer.part.values.is_empty());
                let values = known.map(|answer| Arc::new(answer.part.clone()));
                values.into_iter().for_each(|values| emit(SeenAnswer::Values(field.clone(), values)));
            });
        }
    }
}
