//! Binds fields of fixed size: kinds, statuses, durations, ids and point values.

use super::{Bound, each};
use crate::columns::{Batch, Columns, PointValue, Points};
use crate::filter::Operator;
use crate::filter::field::IdField;
use crate::filter::leaf::IdTest;
use crate::filter::quantity::{Dimension, Number, Quantity, ucum_factor};
use crate::filter::value_test::in_order;
use crate::model::{SpanId, TraceId};
use std::ops::RangeInclusive;

/// The column has the kind in the low bits and the status in the high bits; `wanted` has one bit per code.
pub(super) fn kind_or_status<'a>(wanted: u32, shift: u32, batch: &'a Batch) -> Bound<'a> {
    let Columns::Spans(spans) = &batch.columns else { return Bound::All(false) };
    let column = spans.kind_status();
    let mask = 0xf << shift;
    let codes: Vec<u8> = (0..16_u8).filter(|code| wanted & 1 << code != 0).map(|code| code << shift).collect();
    Bound::Rows(Box::new(move |rows, out| {
        out.fill(false);
        for code in &codes {
            for (out, entry) in out.iter_mut().zip(&column[rows.clone()]) {
                *out |= entry & mask == *code;
            }
        }
    }))
}

/// From start to end, in nanoseconds.
pub(super) fn duration<'a>(wanted: RangeInclusive<u64>, batch: &'a Batch) -> Bound<'a> {
    let Columns::Spans(spans) = &batch.columns else { return Bound::All(false) };
    let (from, width) = (*wanted.start(), wanted.end() - wanted.start());
    if width == u64::MAX {
        return Bound::All(true);
    }
    Bound::Rows(Box::new(move |rows, out| {
        let times = spans.start[rows.clone()].iter().zip(&spans.end[rows]);
        for (out, (start, end)) in out.iter_mut().zip(times) {
            *out = end.since(*start).wrapping_sub(from) <= width;
        }
    }))
}

pub(super) fn id<'a>(field: IdField, test: IdTest, batch: &'a Batch) -> Bound<'a> {
    match (field, &batch.columns) {
        (IdField::Trace, Columns::Spans(spans)) => trace_ids(&spans.trace, test),
        (IdField::Trace, Columns::Logs(logs)) => trace_ids(&logs.trace, test),
        (IdField::Span, Columns::Spans(spans)) => span_ids(&spans.id, test),
        (IdField::Span, Columns::Logs(logs)) => span_ids(&logs.span, test),
        (IdField::Parent, Columns::Spans(spans)) => span_ids(&spans.parent, test),
        _ => Bound::All(false),
    }
}

pub(super) fn value<'a>(operator: Operator, quantity: Quantity, batch: &'a Batch) -> Bound<'a> {
    let Columns::Points(points) = &batch.columns else { return Bound::All(false) };
    let bounds: Vec<Option<Number>> = points
        .streams
        .iter()
        .map(|stream| bound_in(quantity, batch.dictionary.text(points.metric(*stream).unit)))
        .collect();
    each(move |row| {
        let bound = bounds.get(points.series[row].0 as usize).copied().flatten();
        match (number(points, row), bound) {
            (Some(number), Some(bound)) => in_order(operator, number.compare(bound)),
            _ => false,
        }
    })
}

pub(super) fn has_value<'a>(batch: &'a Batch) -> Bound<'a> {
    let Columns::Points(points) = &batch.columns else { return Bound::All(false) };
    each(move |row| number(points, row).is_some())
}

/// A point's value, if it is a single number.
pub(super) fn number(points: &Points, row: usize) -> Option<Number> {
    match points.value(row) {
        PointValue::Int(value) => Some(Number::Int(value)),
        PointValue::Double(value) => Some(Number::Double(value)),
        PointValue::None | PointValue::Distribution(_) => None,
    }
}

/// The operand in the metric's own unit. A metric without a unit is taken to be in the base unit; a metric of another
/// dimension is not comparable.
pub(in crate::filter) fn bound_in(quantity: Quantity, unit: &str) -> Option<Number> {
    if quantity.dimension == Dimension::None || unit.is_empty() {
        return Some(quantity.number);
    }
    match ucum_factor(unit) {
        Some((1.0, dimension)) if dimension == quantity.dimension => Some(quantity.number),
        Some((factor, dimension)) if dimension == quantity.dimension => {
            Some(Number::Double(quantity.number.as_f64() / factor))
        }
        _ => None,
    }
}

fn trace_ids<'a>(column: &'a [TraceId], test: IdTest) -> Bound<'a> {
    let (mask, wanted) = (u128::from_ne_bytes(test.mask), u128::from_ne_bytes(test.wanted));
    Bound::Rows(Box::new(move |rows, out| {
        for (out, id) in out.iter_mut().zip(&column[rows]) {
            let id = u128::from_ne_bytes(id.0);
            *out = (id != 0) & ((id & mask == wanted) != test.negated);
        }
    }))
}

fn span_ids<'a>(column: &'a [SpanId], test: IdTest) -> Bound<'a> {
    let first = |bytes: [u8; 16]| bytes.first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes));
    let (mask, wanted) = (first(test.mask), first(test.wanted));
    Bound::Rows(Box::new(move |rows, out| {
        for (out, id) in out.iter_mut().zip(&column[rows]) {
            let id = u64::from_ne_bytes(id.0);
            *out = (id != 0) & ((id & mask == wanted) != test.negated);
        }
    }))
}
