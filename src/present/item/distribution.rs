//! Histograms and summaries, bucket by bucket.

use super::entry::{Entry, EntryKind};
use crate::columns::{Buckets, PointItem, PointValue};
use crate::present::number::{count, with_unit};

/// The widest bar, in cells.
const BAR: usize = 24;

/// The contradiction in a point's numbers, if there is one.
pub(super) fn warning(point: PointItem<'_>) -> Option<Entry> {
    let reason = point.inconsistency()?;
    Some(Entry::of(EntryKind::Warning, "▲ inconsistent", reason.to_string()))
}

/// One line for each bucket that is not empty, or for each quantile.
pub(super) fn entries(point: PointItem<'_>) -> Vec<Entry> {
    let PointValue::Distribution(distribution) = point.value() else { return Vec::new() };
    let unit = point.unit();
    let lines = match &distribution.buckets {
        Buckets::Explicit { bounds, counts } => {
            let bounds: Vec<f64> = point.doubles(*bounds).collect();
            let counts = point.columns.counts(counts);
            let title = |index: usize| match (index.checked_sub(1).and_then(|at| bounds.get(at)), bounds.get(index)) {
                (_, Some(upper)) => format!("≤ {}", with_unit(*upper, unit)),
                (Some(lower), None) => format!("> {}", with_unit(*lower, unit)),
                (None, None) => "all".to_owned(),
            };
            bars(counts.iter().enumerate().map(|(index, count)| (title(index), *count)).collect())
        }
        Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative } => {
            let upper = |index: i64| 2f64.powf((index + 1) as f64 * 2f64.powi(scale.saturating_neg().clamp(-40, 40)));
            let counts = |(offset, counts): &(i32, std::ops::Range<u32>)| -> Vec<(i64, u64)> {
                (i64::from(*offset)..).zip(point.columns.counts(counts).iter().copied()).collect()
            };
            let mut lines: Vec<(String, u64)> = counts(negative)
                .into_iter()
                .rev()
                .map(|(index, count)| (format!("≥ -{}", with_unit(upper(index), unit)), count))
                .collect();
            if *zero_count > 0 {
                lines.push((format!("≤ {}", with_unit(*zero_threshold, unit)), *zero_count));
            }
            let positive = counts(positive).into_iter();
            lines.extend(positive.map(|(index, count)| (format!("≤ {}", with_unit(upper(index), unit)), count)));
            lines.retain(|(_, count)| *count > 0);
            bars(lines)
        }
        Buckets::Quantiles(pairs) => {
            let pairs: Vec<f64> = point.doubles(*pairs).collect();
            let line = |pair: &[f64]| Entry::fact(&format!("p{}", pair[0] * 100.0), with_unit(pair[1], unit), None);
            pairs.chunks_exact(2).map(line).collect()
        }
    };
    warning(point).into_iter().chain(lines).collect()
}

fn bars(lines: Vec<(String, u64)>) -> Vec<Entry> {
    let most = lines.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let digits = count(most).len();
    let line = |(title, number): (String, u64)| {
        let cells = (number as f64 / most as f64 * BAR as f64).ceil() as usize;
        let value = format!("{:>digits$}  {}", count(number), "▇".repeat(cells));
        Entry::of(EntryKind::Plain, title, value.trim_end())
    };
    lines.into_iter().map(line).collect()
}
