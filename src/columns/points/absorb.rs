//! Points of one batch, taken over into another.

use super::value::DISTRIBUTION;
use super::{Buckets, Distribution, Metric, MetricId, Points, PointsBuilder, Series, SeriesId};
use crate::columns::Dictionary;
use crate::columns::dictionary::Absorbed;
use std::ops::Range;

impl PointsBuilder {
    /// Takes over another batch.
    pub(in crate::columns) fn absorb(&mut self, other: &Points, dictionary: &Dictionary) {
        let ids = &self.dictionary.absorb(dictionary);
        let metrics = self.absorbed_metrics(&other.metrics, ids);
        let streams = self.absorbed_streams(&other.streams, &metrics, ids);
        self.inspect();
        let PointsBuilder { dictionary, columns, .. } = self;
        let base = columns.len();
        let distributions = columns.distributions.len() as u64;
        columns.absorb_distributions(other, ids);
        columns.exemplars.absorb(&other.exemplars, base, |exemplar| {
            exemplar.with_attributes(dictionary.moved_list(exemplar.attributes, ids))
        });
        columns.inconsistent.absorb(&other.inconsistent, base, |reason| *reason);
        columns.series.extend(other.series.iter().map(|id| streams[id.0 as usize]));
        columns.start.extend_from_slice(&other.start);
        columns.time.extend_from_slice(&other.time);
        columns.flags.extend_from_slice(&other.flags);
        let values = other.value.iter().zip(&other.kind);
        columns.value.extend(values.map(|(value, kind)| match *kind {
            DISTRIBUTION => value + distributions,
            _ => *value,
        }));
        columns.kind.extend_from_slice(&other.kind);
        self.inspected = self.columns.len();
    }

    fn absorbed_metrics(&mut self, metrics: &[Metric], ids: &Absorbed<'_>) -> Vec<MetricId> {
        let absorbed = metrics.iter().map(|metric| {
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

    fn absorbed_streams(&mut self, streams: &[Series], metrics: &[MetricId], ids: &Absorbed<'_>) -> Vec<SeriesId> {
        let absorbed = streams.iter().map(|series| {
            let metric = metrics[series.metric.0 as usize];
            let attributes = self.dictionary.moved_list(series.attributes, ids);
            self.series(Series { metric, origin: ids.origin(series.origin), attributes })
        });
        absorbed.collect()
    }
}

impl Points {
    fn absorb_distributions(&mut self, other: &Points, ids: &Absorbed<'_>) {
        let base = self.counts.len() as u32;
        let moved = |range: &Range<u32>| range.start + base..range.end + base;
        self.counts.extend_from_slice(&other.counts);
        self.distributions.extend(other.distributions.iter().map(|distribution| {
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
