//! Writes batches of points.

use super::inconsistency::inspect;
use super::value::{DISTRIBUTION, bits, doubles};
use super::{Distribution, Exemplar, Inconsistency, Metric, MetricId, PointRow, PointValue, Points, Series, SeriesId};
use crate::columns::hashing::Ids;
use crate::columns::{Attributes, Batch, BlobId, Columns, DictionaryBuilder, GroupKey, Mark, OriginId, SeriesKey};
use std::ops::Range;

/// Writes a batch of points: for each, its metric, series and exemplars first, then the point.
#[derive(Debug, Default)]
pub struct PointsBuilder {
    /// Strings, values, origins.
    pub dictionary: DictionaryBuilder,
    pub(super) columns: Points,
    metrics: Ids,
    streams: Ids,
    /// Contradictions that the decoder found in the received bytes.
    noted: Vec<(u32, Inconsistency)>,
    /// Points before this row are already checked for contradictions.
    pub(super) inspected: usize,
}

impl PointsBuilder {
    pub(in crate::columns) fn with_dictionary(dictionary: DictionaryBuilder) -> PointsBuilder {
        PointsBuilder { dictionary, ..PointsBuilder::default() }
    }

    /// The number of points so far.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The number of exemplars and buckets so far, for limits.
    pub fn parts(&self) -> usize {
        self.columns.exemplars.all().len() + self.columns.counts.len()
    }

    /// Bytes of the columns so far, without unused capacity and without the dictionary.
    pub fn written(&self) -> usize {
        self.columns.written()
    }

    /// The id of a metric; its metadata is taken back where an equal one is there already, if it was the last thing
    /// written.
    pub fn metric(&mut self, metric: Metric) -> MetricId {
        let fields = |metric: &Metric| {
            let [kind, temporality] = [metric.kind.code(), metric.temporality.code()].map(u32::from);
            [metric.name.0, metric.description.0, metric.unit.0, kind, temporality, u32::from(metric.monotonic)]
        };
        let hash = self.dictionary.list_hash(metric.metadata, &fields(&metric));
        let same = |other: &Metric| {
            fields(other) == fields(&metric) && self.dictionary.same_list(other.metadata, metric.metadata)
        };
        if let Some(id) = self.metrics.find(hash, &self.columns.metrics, same) {
            self.dictionary.forget_list(metric.metadata);
            return MetricId(id);
        }
        MetricId(self.metrics.add(hash, &mut self.columns.metrics, metric))
    }

    /// The id of a stream; its attributes are taken back where it is there already, if they were the last thing written.
    pub fn series(&mut self, series: Series) -> SeriesId {
        let hash = self.dictionary.list_hash(series.attributes, &[series.metric.0, series.origin.0]);
        let same = |other: &Series| {
            other.metric == series.metric
                && other.origin == series.origin
                && self.dictionary.same_list(other.attributes, series.attributes)
        };
        if let Some(id) = self.streams.find(hash, &self.columns.streams, same) {
            self.dictionary.forget_list(series.attributes);
            return SeriesId(id);
        }
        SeriesId(self.streams.add(hash, &mut self.columns.streams, series))
    }

    /// The attributes of a stream of this builder.
    pub fn attributes_of(&self, series: SeriesId) -> Attributes {
        self.columns.streams.get(series.0 as usize).map(|series| series.attributes).unwrap_or_default()
    }

    /// The keys of groups and, by [`SeriesId`], of streams that were made with the number of a group in the place of their
    /// metric; see [`PointsBuilder::finish_groups`].
    pub fn group_keys(&self, groups: &[(MetricId, OriginId)]) -> (Vec<GroupKey>, Vec<SeriesKey>) {
        let mut keys = self.dictionary.keys();
        let metric = |id: MetricId| self.columns.metrics.get(id.0 as usize).copied().unwrap_or_default();
        let of_group = |(id, origin): &(MetricId, OriginId)| keys.group(*id, &metric(*id), *origin);
        let group_keys: Vec<GroupKey> = groups.iter().map(of_group).collect();
        let of_series = |series: &Series| {
            let group = group_keys.get(series.metric.0 as usize).copied();
            group.map(|group| keys.series(group, series.attributes))
        };
        let series_keys = self.columns.streams.iter().filter_map(of_series).collect();
        (group_keys, series_keys)
    }

    /// Stores bucket counts; returns their position.
    pub fn push_counts(&mut self, counts: impl IntoIterator<Item = u64>) -> Range<u32> {
        let start = self.columns.counts.len() as u32;
        self.columns.counts.extend(counts);
        start..self.columns.counts.len() as u32
    }

    /// Stores doubles: bounds, or alternating quantiles and values.
    pub fn doubles(&mut self, doubles: impl IntoIterator<Item = f64>) -> BlobId {
        let bytes: Vec<u8> = doubles.into_iter().flat_map(f64::to_le_bytes).collect();
        self.dictionary.blobs.intern(&bytes)
    }

    /// Adds an exemplar to the point that is pushed next.
    pub fn push_exemplar(&mut self, exemplar: Exemplar) {
        self.columns.exemplars.push(self.columns.len(), exemplar);
    }

    /// Adds a point with a number or without a value.
    pub fn push_number(&mut self, point: &PointRow, value: PointValue<'_>) {
        let value = if point.is_recorded() { value } else { PointValue::None };
        let (kind, bits) = bits(value);
        self.push(point, kind, bits);
    }

    /// Adds a point with a distribution.
    pub fn push_distribution(&mut self, point: &PointRow, distribution: Distribution) {
        if !point.is_recorded() {
            return self.push_number(point, PointValue::None);
        }
        self.columns.distributions.push(distribution);
        self.push(point, DISTRIBUTION, self.columns.distributions.len() as u64 - 1);
    }

    /// Marks the last point as contradictory.
    pub fn note(&mut self, contradiction: Inconsistency) {
        if let Some(row) = self.columns.len().checked_sub(1) {
            self.noted.push((row as u32, contradiction));
        }
    }

    /// Checks the new points for contradictions and marks them. The metrics must be known.
    pub(super) fn inspect(&mut self) {
        let from = std::mem::replace(&mut self.inspected, self.columns.len());
        if from == self.columns.len() {
            return;
        }
        let blobs = self.dictionary.blobs.blobs();
        let mut noted = std::mem::take(&mut self.noted).into_iter().peekable();
        let mut found = Vec::new();
        inspect(
            &self.columns,
            from,
            |blob| doubles(blobs.get(blob)),
            |row, contradiction| {
                while let Some(earlier) = noted.next_if(|(noted, _)| *noted as usize <= row) {
                    found.push(earlier);
                }
                if found.last().is_none_or(|(last, _)| *last as usize != row) {
                    found.push((row as u32, contradiction));
                }
            },
        );
        found.extend(noted);
        found.into_iter().for_each(|(row, contradiction)| self.columns.inconsistent.push(row as usize, contradiction));
    }

    fn push(&mut self, point: &PointRow, kind: u8, bits: u64) {
        self.columns.series.push(point.series);
        self.columns.start.push(point.start);
        self.columns.time.push(point.time);
        self.columns.flags.push(point.flags);
        self.columns.value.push(bits);
        self.columns.kind.push(kind);
    }

    /// Removes the exemplars and values of a point that turned out to be invalid.
    pub fn discard(&mut self, mark: Mark) {
        self.dictionary.rollback(mark);
        self.columns.exemplars.discard(self.columns.len());
    }

    /// Seals it, where streams were made with the number of a group in the place of their metric: `groups` has what each
    /// group turned out to be. Two that turned out to be one get one stream for each set of attributes.
    pub fn finish_groups(mut self, groups: &[(MetricId, OriginId)]) -> Batch {
        for series in &mut self.columns.streams {
            (series.metric, series.origin) = groups.get(series.metric.0 as usize).copied().unwrap_or_default();
        }
        let mut seen = hashbrown::HashSet::with_hasher(foldhash::fast::RandomState::default());
        if !groups.iter().all(|group| seen.insert(*group)) {
            self.streams = Ids::default();
            let streams = std::mem::take(&mut self.columns.streams);
            let ids: Vec<SeriesId> = streams.into_iter().map(|series| self.series(series)).collect();
            self.columns.series.iter_mut().for_each(|series| *series = ids[series.0 as usize]);
        }
        self.finish()
    }

    /// Finishes the batch.
    pub fn finish(mut self) -> Batch {
        self.inspect();
        Batch { columns: Columns::Points(self.columns), dictionary: self.dictionary.finish() }
    }
}
