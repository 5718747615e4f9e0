//! Copies points from one batch into another.

use super::value::DISTRIBUTION;
use super::{Buckets, Distribution, Metric, MetricId, Points, PointsBuilder, Series, SeriesId};
use crate::columns::Dictionary;
use crate::columns::dictionary::Absorbed;
use crate::columns::slice::{Used, mark, wanted};
use std::ops::Range;

/// The metrics and streams of some rows, by id.
struct UsedIds {
    metrics: Vec<bool>,
    streams: Vec<bool>,
}

impl PointsBuilder {
    /// Copies rows of another batch, and the parts of its dictionary that they use.
    pub(in crate::columns) fn absorb(
        &mut self,
        other: &Points,
        dictionary: &Dictionary,
        rows: Range<usize>,
        used: Option<&Used<'_>>,
    ) {
        self.inspect();
        let ids = &self.dictionary.absorb(dictionary, used);
        let used_ids = used.map(|_| other.used_ids(&rows));
        let used_ids = used_ids.as_ref();
        let metrics = self.absorbed_metrics(&other.metrics, used_ids.map(|used| &*used.metrics), ids);
        let streams = self.absorbed_streams(&other.streams, &metrics, used_ids.map(|used| &*used.streams), ids);
        let PointsBuilder { dictionary, columns, .. } = self;
        let base = columns.len();
        let before = columns.distributions.len() as u64;
        let distributions = other.distributions_of(&rows);
        let first = distributions.start as u64;
        columns.absorb_distributions(other, distributions, ids);
        columns.exemplars.absorb(&other.exemplars, &rows, base, |exemplar| {
            exemplar.with_attributes(dictionary.moved_list(exemplar.attributes, ids))
        });
        columns.inconsistent.absorb(&other.inconsistent, &rows, base, |reason| *reason);
        columns.series.extend(other.series[rows.clone()].iter().map(|id| streams[id.0 as usize]));
        columns.start.extend_from_slice(&other.start[rows.clone()]);
        columns.time.extend_from_slice(&other.time[rows.clone()]);
        columns.flags.extend_from_slice(&other.flags[rows.clone()]);
        let values = other.value[rows.clone()].iter().zip(&other.kind[rows.clone()]);
        columns.value.extend(values.map(|(value, kind)| match *kind {
            DISTRIBUTION => value - first + before,
            _ => *value,
        }));
        columns.kind.extend_from_slice(&other.kind[rows]);
        self.inspected = self.columns.len();
    }

    fn absorbed_metrics(&mut self, metrics: &[Metric], used: Option<&[bool]>, ids: &Absorbed<'_>) -> Vec<MetricId> {
        let absorbed = metrics.iter().enumerate().map(|(at, metric)| {
            if !wanted(used, at) {
                return MetricId::default();
            }
            let metadata = self.dictionary.moved_list(metric.metadata, ids);
            self.metric(Metric {
                name: ids.text(metric.name),
                description: ids.text(metric.description),
                unit: ids.text(metric.unit),
                metadata,
                ..*metric
            })
        });
        absorbed.collect()
    }

    fn absorbed_streams(
        &mut self,
        streams: &[Series],
        metrics: &[MetricId],
        used: Option<&[bool]>,
        ids: &Absorbed<'_>,
    ) -> Vec<SeriesId> {
        let absorbed = streams.iter().enumerate().map(|(at, series)| {
            if !wanted(used, at) {
                return SeriesId::default();
            }
            let metric = metrics[series.metric.0 as usize];
            let attributes = self.dictionary.moved_list(series.attributes, ids);
            self.series(Series { metric, origin: ids.origin(series.origin), attributes })
        });
        absorbed.collect()
    }
}

impl Points {
    /// Marks the dictionary entries that some rows use.
    pub(in crate::columns) fn mark(&self, rows: &Range<usize>, used: &mut Used<'_>) {
        let ids = self.used_ids(rows);
        for series in self.streams.iter().zip(&ids.streams).filter(|(_, used)| **used).map(|(series, _)| series) {
            used.origin(series.origin);
            used.list(series.attributes);
        }
        for metric in self.metrics.iter().zip(&ids.metrics).filter(|(_, used)| **used).map(|(metric, _)| metric) {
            [metric.name, metric.description, metric.unit].into_iter().for_each(|text| used.text(text));
            used.list(metric.metadata);
        }
        for distribution in &self.distributions[self.distributions_of(rows)] {
            match &distribution.buckets {
                Buckets::Explicit { bounds, .. } => used.blob(*bounds),
                Buckets::Quantiles(pairs) => used.blob(*pairs),
                Buckets::Exponential { .. } => {}
            }
        }
        self.exemplars.within(rows).iter().for_each(|(_, exemplar)| used.list(exemplar.attributes));
    }

    fn used_ids(&self, rows: &Range<usize>) -> UsedIds {
        let (mut metrics, mut streams) = (vec![false; self.metrics.len()], vec![false; self.streams.len()]);
        for id in &self.series[rows.clone()] {
            if mark(&mut streams, id.0 as usize) {
                mark(&mut metrics, self.streams[id.0 as usize].metric.0 as usize);
            }
        }
        UsedIds { metrics, streams }
    }

    /// The positions of the distributions of some rows. They were pushed with their rows, so they are neighbours too.
    fn distributions_of(&self, rows: &Range<usize>) -> Range<usize> {
        if rows.len() == self.len() {
            return 0..self.distributions.len();
        }
        let mut places = rows.clone().filter(|row| self.kind[*row] == DISTRIBUTION).map(|row| self.value[row] as usize);
        let first = places.next();
        first.map_or(0..0, |first| first..places.next_back().unwrap_or(first) + 1)
    }

    fn absorb_distributions(&mut self, other: &Points, which: Range<usize>, ids: &Absorbed<'_>) {
        let distributions = &other.distributions[which];
        let counts = hull(distributions.iter().flat_map(Distribution::counts));
        let (base, first) = (self.counts.len() as u32, counts.start);
        let moved = |range: &Range<u32>| match range.is_empty() {
            true => base..base,
            false => range.start - first + base..range.end - first + base,
        };
        self.counts.extend_from_slice(other.counts(&counts));
        self.distributions.extend(distributions.iter().map(|distribution| {
            let buckets = match &distribution.buckets {
                Buckets::Explicit { bounds, counts } => {
                    Buckets::Explicit { bounds: ids.blob(*bounds), counts: moved(counts) }
                }
                Buckets::Exponential { scale, zero_count, zero_threshold, positive, negative } => {
                    Buckets::Exponential {
                        scale: *scale,
                        zero_count: *zero_count,
                        zero_threshold: *zero_threshold,
                        positive: (positive.0, moved(&positive.1)),
                        negative: (negative.0, moved(&negative.1)),
                    }
                }
                Buckets::Quantiles(pairs) => Buckets::Quantiles(ids.blob(*pairs)),
            };
            Distribution { buckets, ..*distribution }
        }));
    }
}

impl Distribution {
    /// The position of its bucket counts: one range or two.
    fn counts(&self) -> impl Iterator<Item = Range<u32>> {
        let ranges = match &self.buckets {
            Buckets::Explicit { counts, .. } => [Some(counts.clone()), None],
            Buckets::Exponential { positive, negative, .. } => [Some(positive.1.clone()), Some(negative.1.clone())],
            Buckets::Quantiles(_) => [None, None],
        };
        ranges.into_iter().flatten()
    }
}

/// The smallest range that contains all ranges that are not empty.
fn hull(ranges: impl Iterator<Item = Range<u32>>) -> Range<u32> {
    let wider = |a: Range<u32>, b: Range<u32>| a.start.min(b.start)..a.end.max(b.end);
    ranges.filter(|range| !range.is_empty()).reduce(wider).unwrap_or_default()
}
