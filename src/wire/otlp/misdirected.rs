//! Finds the signal of a body that has no items of the signal it was sent as.
//!
//! It examines the beginning of the body, then counts. It never decodes the body again: a body made to be slow would then
//! cost three times as much.

use super::super::Encoding;
use super::super::protobuf::{Field, Fields};
use super::json;
use super::sniff::item_signal;
use crate::model::Signal;

/// This many items, and this many fields around them, are examined.
const ITEMS: usize = 32;
const FIELDS: usize = 4_096;

/// The signal of a body that has no items of `own`, and its number of items. It answers only if it is certain: for JSON by
/// the name of the only field; for protobuf if the first items belong to one other signal and none of them to a third.
pub fn misdirected(own: Signal, encoding: Encoding, body: &[u8]) -> Option<(Signal, u64)> {
    let (signal, count) = match encoding {
        Encoding::Json => json::misdirected(own, body)?,
        Encoding::Protobuf => {
            let mut look = Look { items: ITEMS, fields: FIELDS, found: None, is_mixed: false };
            look.level(body, 0)?;
            let signal = look.found.filter(|_| !look.is_mixed)?;
            (signal, count(signal, body)?)
        }
    };
    (signal != own && count > 0).then_some((signal, count))
}

/// The field numbers of the next level: resource groups, scope groups, items.
const CHILDREN: [u32; 3] = [1, 2, 2];

struct Look {
    items: usize,
    fields: usize,
    found: Option<Signal>,
    is_mixed: bool,
}

impl Look {
    /// Examines a message. `None` if it is not OTLP.
    fn level(&mut self, message: &[u8], level: usize) -> Option<()> {
        let Some(child) = CHILDREN.get(level) else { return self.item(message) };
        let mut fields = Fields::new(message);
        while self.items > 0
            && self.fields > 0
            && let Some((number, field)) = fields.next().ok()?
        {
            self.fields -= 1;
            if number == *child {
                self.level(field.bytes(number).ok()?, level + 1)?;
            }
        }
        Some(())
    }

    fn item(&mut self, item: &[u8]) -> Option<()> {
        self.items -= 1;
        if let Some(signal) = item_signal(item).ok()?
            && (signal != Signal::Logs || has_time(item))
        {
            self.is_mixed |= self.found.replace(signal).is_some_and(|found| found != signal);
        }
        Some(())
    }
}

/// Whether a log record has a time. Nearly every item without one could pass as a log record.
fn has_time(log: &[u8]) -> bool {
    let mut fields = Fields::new(log);
    std::iter::from_fn(|| fields.next().ok()?).any(|field| matches!(field, (1 | 11, Field::Fixed64(1..))))
}

/// How many items a body has; for metrics, the points. `None` if the structure around them is broken.
fn count(signal: Signal, body: &[u8]) -> Option<u64> {
    let mut count = 0;
    children(body, 1, &mut |resource| {
        children(resource, 2, &mut |scope| {
            children(scope, 2, &mut |item| match signal {
                Signal::Metrics => count_points(item, &mut count),
                _ => {
                    count += 1;
                    Some(())
                }
            })
        })
    })?;
    Some(count)
}

fn count_points(metric: &[u8], count: &mut u64) -> Option<()> {
    let mut fields = Fields::new(metric);
    while let Some((number, field)) = fields.next().ok()? {
        if let 5 | 7 | 9 | 10 | 11 = number {
            children(field.bytes(number).ok()?, 1, &mut |_| {
                *count += 1;
                Some(())
            })?;
        }
    }
    Some(())
}

fn children(message: &[u8], wanted: u32, each: &mut dyn FnMut(&[u8]) -> Option<()>) -> Option<()> {
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next().ok()? {
        if number == wanted {
            each(field.bytes(number).ok()?)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(children: &[u8]) -> Vec<u8> {
        let wrap = |number: u8, content: &[u8]| {
            let mut bytes = vec![number << 3 | 2];
            let mut length = content.len();
            while length >= 0x80 {
                bytes.push(length as u8 | 0x80);
                length >>= 7;
            }
            bytes.push(length as u8);
            bytes.extend_from_slice(content);
            bytes
        };
        wrap(1, &wrap(2, children))
    }

    /// A log record with a time.
    const LOG: [u8; 11] = [0x12, 9, 0x09, 1, 0, 0, 0, 0, 0, 0, 0];

    #[test]
    fn all_items_are_counted_but_few_examined() {
        let body = group(&LOG.repeat(1_000));
        assert_eq!(misdirected(Signal::Spans, Encoding::Protobuf, &body), Some((Signal::Logs, 1_000)));
    }

    #[test]
    fn undecided_bodies_are_not_searched_to_the_end() {
        let body = group(&[[0x12, 0].repeat(ITEMS), LOG.to_vec()].concat());
        assert_eq!(misdirected(Signal::Spans, Encoding::Protobuf, &body), None);
    }

    #[test]
    fn json_is_counted_by_its_only_field() {
        let points = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{},{}]}},{"sum":{"dataPoints":[{}]}}]}]}]}"#;
        assert_eq!(misdirected(Signal::Logs, Encoding::Json, points.as_bytes()), Some((Signal::Metrics, 3)));
        let own = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#;
        assert_eq!(misdirected(Signal::Logs, Encoding::Json, own.as_bytes()), None);
        assert_eq!(misdirected(Signal::Spans, Encoding::Json, own.as_bytes()), Some((Signal::Logs, 1)));
        assert_eq!(misdirected(Signal::Spans, Encoding::Json, br#"{"hello":1}"#), None);
    }
}
