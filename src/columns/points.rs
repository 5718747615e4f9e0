//! Metric data points as columns. What makes a stream (metric, resource, scope, attributes) is a [`Series`], once a batch.

use super::attributes::Attributes;
use super::batch::{keep_rows, keep_sparse, rows_of};
use super::dictionary::{Absorbed, Dictionary, DictionaryBuilder, Mark};
use super::origins::OriginId;
use super::texts::{BlobId, TextId, spread};
use crate::model::{MetricType, SpanId, Temporality, Time, TraceId, Value};
use hashbrown::HashTable;
use std::ops::Range;

/// A metric of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MetricId(pub u32);

/// A stream of a batch.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SeriesId(pub u32);

/// What a metric is, without where it comes from.
#[derive(Clone, Copy, Default, Debug)]
pub struct Metric {
    /// Name.
    pub name: TextId,
    /// Description.
    pub description: TextId,
    /// UCUM unit.
    pub unit: TextId,
    /// Shape of its data.
    pub kind: MetricType,
    /// Temporality.
    pub temporality: Temporality,
    /// Whether a sum only ever grows.
    pub monotonic: bool,
    /// Metadata (OTLP 1.2).
    pub metadata: Attributes,
}

/// The identity of a stream (ruling M1).
#[derive(Clone, Copy, Default, Debug)]
pub struct Series {
    /// Metric.
    pub metric: MetricId,
    /// Resource and scope.
    pub origin: OriginId,
    /// Point attributes.
    pub attributes: Attributes,
}

/// The columns of a batch of points.
#[derive(Debug, Default)]
pub struct Points {
    /// Which stream.
    pub series: Vec<SeriesId>,
    /// Start times; unknown where the sender did not say.
    pub start: Vec<Time>,
    /// Times.
    pub time: Vec<Time>,
    /// OTLP flags; bit 0: no recorded value.
    pub flags: Vec<u32>,
    value: Vec<u64>,
    kind: Vec<u8>,
    /// Metrics.
    pub metrics: Vec<Metric>,
    /// Streams, by [`SeriesId`].
    pub streams: Vec<Series>,
    distributions: Vec<Distribution>,
    counts: Vec<u64>,
    exemplars: Vec<(u32, Exemplar)>,
}

/// What a point says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PointValue<'a> {
    /// Nothing was recorded.
    None,
    /// An integer.
    Int(i64),
    /// A double.
    Double(f64),
    /// A histogram or a summary.
    Distribution(&'a Distribution),
}

/// Counts by bucket, or quantiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    /// How many values.
    pub count: u64,
    /// Their sum, where known.
    pub sum: Option<f64>,
    /// The smallest, where known.
    pub min: Option<f64>,
    /// The largest, where known.
    pub max: Option<f64>,
    /// The rest of it.
    pub buckets: Buckets,
}

/// Where the values of a distribution lie.
#[derive(Clone, Debug, PartialEq)]
pub enum Buckets {
    /// Upper-inclusive bounds (doubles, little endian, in the blobs) and one count more than bounds.
    Explicit {
        /// Bounds.
        bounds: BlobId,
        /// Where in the counts of the batch.
        counts: Range<u32>,
    },
    /// Buckets (base^i, base^(i+1)] with base = 2^(2^-scale).
    Exponential {
        /// Scale.
        scale: i32,
        /// How many in the zero bucket.
        zero_count: u64,
        /// How wide it is.
        zero_threshold: f64,
        /// First index of the positive buckets, and where their counts are.
        positive: (i32, Range<u32>),
        /// First index of the negative buckets, and where their counts are.
        negative: (i32, Range<u32>),
    },
    /// (quantile, value) pairs of doubles, little endian, in the blobs.
    Quantiles(BlobId),
}

impl Default for Buckets {
    fn default() -> Buckets {
        Buckets::Quantiles(BlobId::default())
    }
}

/// A measurement that is in the point already, and where it was made.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Exemplar {
    /// When.
    pub time: Time,
    /// Bits of the value.
    value: u64,
    kind: u8,
    /// Trace; none where not sampled.
    pub trace: TraceId,
    /// Span.
    pub span: SpanId,
    /// Attributes that the stream's aggregation left out.
    pub attributes: Attributes,
}

/// The fields of one point on its way into a batch.
#[derive(Clone, Debug, Default)]
pub struct PointRow {
    /// Which stream.
    pub series: SeriesId,
    /// Start time.
    pub start: Time,
    /// Time.
    pub time: Time,
    /// OTLP flags.
    pub flags: u32,
}

const NONE: u8 = 0;
const INT: u8 = 1;
const DOUBLE: u8 = 2;
const DISTRIBUTION: u8 = 3;

impl Exemplar {
    /// An exemplar; `value` is an [`PointValue::Int`], a [`PointValue::Double`] or none.
    pub fn new(time: Time, value: PointValue<'_>, trace: TraceId, span: SpanId, attributes: Attributes) -> Exemplar {
        let (kind, value) = bits(value);
        Exemplar { time, value, kind, trace, span, attributes }
    }

    /// The value measured.
    pub fn value(&self) -> PointValue<'static> {
        number(self.kind, self.value)
    }
}

fn bits(value: PointValue<'_>) -> (u8, u64) {
    match value {
        PointValue::Int(value) => (INT, value as u64),
        PointValue::Double(value) => (DOUBLE, value.to_bits()),
        PointValue::None | PointValue::Distribution(_) => (NONE, 0),
    }
}

fn number(kind: u8, bits: u64) -> PointValue<'static> {
    match kind {
        INT => PointValue::Int(bits as i64),
        DOUBLE => PointValue::Double(f64::from_bits(bits)),
        _ => PointValue::None,
    }
}

impl Points {
    /// How many points.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// What a point says.
    pub fn value(&self, row: usize) -> PointValue<'_> {
        match self.kind[row] {
            DISTRIBUTION => {
                self.distributions.get(self.value[row] as usize).map_or(PointValue::None, PointValue::Distribution)
            }
            kind => number(kind, self.value[row]),
        }
    }

    /// A point's stream.
    pub fn stream(&self, row: usize) -> Series {
        self.streams.get(self.series[row].0 as usize).copied().unwrap_or_default()
    }

    /// A stream's metric.
    pub fn metric(&self, series: Series) -> Metric {
        self.metrics.get(series.metric.0 as usize).copied().unwrap_or_default()
    }

    /// Bucket counts of a distribution of this batch.
    pub fn counts(&self, range: &Range<u32>) -> &[u64] {
        self.counts.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// Exemplars with their points' rows, in the order of rows.
    pub fn exemplars(&self) -> &[(u32, Exemplar)] {
        &self.exemplars
    }

    pub(super) fn bytes(&self) -> usize {
        self.series.capacity() * (4 + 8 + 8 + 4 + 8 + 1)
            + self.metrics.capacity() * size_of::<Metric>()
            + self.streams.capacity() * size_of::<Series>()
            + self.distributions.capacity() * size_of::<Distribution>()
            + self.counts.capacity() * 8
            + self.exemplars.capacity() * size_of::<(u32, Exemplar)>()
    }

    pub(super) fn shrink(&mut self) {
        self.series.shrink_to_fit();
        self.start.shrink_to_fit();
        self.time.shrink_to_fit();
        self.flags.shrink_to_fit();
        self.value.shrink_to_fit();
        self.kind.shrink_to_fit();
        self.distributions.shrink_to_fit();
        self.counts.shrink_to_fit();
        self.exemplars.shrink_to_fit();
    }

    pub(super) fn keep(&mut self, keep: &[bool]) {
        keep_rows(&mut self.series, keep);
        keep_rows(&mut self.start, keep);
        keep_rows(&mut self.time, keep);
        keep_rows(&mut self.flags, keep);
        keep_rows(&mut self.value, keep);
        keep_rows(&mut self.kind, keep);
        keep_sparse(&mut self.exemplars, keep);
    }
}

/// Writes a batch of points: metric, then series, then exemplars, then the point.
#[derive(Debug, Default)]
pub struct PointsBuilder {
    /// Strings, values, origins.
    pub dictionary: DictionaryBuilder,
    columns: Points,
    metrics: HashTable<(u32, u32)>,
    streams: HashTable<(u32, u32)>,
}

impl PointsBuilder {
    pub(super) fn with_dictionary(dictionary: DictionaryBuilder) -> PointsBuilder {
        PointsBuilder { dictionary, ..PointsBuilder::default() }
    }

    /// How many points were pushed.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// How many exemplars and buckets were pushed, for limits.
    pub fn parts(&self) -> usize {
        self.columns.exemplars.len() + self.columns.counts.len()
    }

    /// The id of a metric; its metadata is taken back where an equal one is there already, if it was the last thing
    /// written.
    pub fn metric(&mut self, metric: Metric) -> MetricId {
        let fields = |metric: &Metric| {
            let kinds = [u32::from(metric.kind.code()), u32::from(metric.temporality.code())];
            let [kind, temporality] = kinds;
            [metric.name.0, metric.description.0, metric.unit.0, kind, temporality, u32::from(metric.monotonic)]
        };
        let hash = self.dictionary.list_hash(metric.metadata, &fields(&metric));
        let same = |(_, id): &(u32, u32)| {
            let other = &self.columns.metrics[*id as usize];
            fields(other) == fields(&metric) && self.dictionary.same_list(other.metadata, metric.metadata)
        };
        if let Some((_, id)) = self.metrics.find(spread(hash), same) {
            let id = MetricId(*id);
            self.dictionary.forget_list(metric.metadata);
            return id;
        }
        let id = self.columns.metrics.len() as u32;
        self.columns.metrics.push(metric);
        self.metrics.insert_unique(spread(hash), (hash, id), |(hash, _)| spread(*hash));
        MetricId(id)
    }

    /// The id of a stream; its attributes are taken back where it is there already, if they were the last thing written.
    pub fn series(&mut self, series: Series) -> SeriesId {
        let hash = self.dictionary.list_hash(series.attributes, &[series.metric.0, series.origin.0]);
        let same = |(_, id): &(u32, u32)| {
            let other = &self.columns.streams[*id as usize];
            other.metric == series.metric
                && other.origin == series.origin
                && self.dictionary.same_list(other.attributes, series.attributes)
        };
        if let Some((_, id)) = self.streams.find(spread(hash), same) {
            let id = SeriesId(*id);
            self.dictionary.forget_list(series.attributes);
            return id;
        }
        let id = self.columns.streams.len() as u32;
        self.columns.streams.push(series);
        self.streams.insert_unique(spread(hash), (hash, id), |(hash, _)| spread(*hash));
        SeriesId(id)
    }

    /// Keeps bucket counts; where they lie.
    pub fn push_counts(&mut self, counts: impl IntoIterator<Item = u64>) -> Range<u32> {
        let start = self.columns.counts.len() as u32;
        self.columns.counts.extend(counts);
        start..self.columns.counts.len() as u32
    }

    /// Keeps doubles (bounds, or quantile and value in turn).
    pub fn doubles(&mut self, doubles: impl IntoIterator<Item = f64>) -> BlobId {
        let bytes: Vec<u8> = doubles.into_iter().flat_map(f64::to_le_bytes).collect();
        self.dictionary.blobs.intern(&bytes)
    }

    /// An exemplar of the point that is pushed next.
    pub fn push_exemplar(&mut self, exemplar: Exemplar) {
        let row = self.len() as u32;
        self.columns.exemplars.push((row, exemplar));
    }

    /// A point with a number, or with nothing.
    pub fn push_number(&mut self, point: &PointRow, value: PointValue<'_>) {
        let (kind, bits) = bits(value);
        self.push(point, kind, bits);
    }

    /// A point with a distribution.
    pub fn push_distribution(&mut self, point: &PointRow, distribution: Distribution) {
        self.columns.distributions.push(distribution);
        self.push(point, DISTRIBUTION, self.columns.distributions.len() as u64 - 1);
    }

    fn push(&mut self, point: &PointRow, kind: u8, bits: u64) {
        self.columns.series.push(point.series);
        self.columns.start.push(point.start);
        self.columns.time.push(point.time);
        self.columns.flags.push(point.flags);
        self.columns.value.push(bits);
        self.columns.kind.push(kind);
    }

    /// Takes back exemplars and values written for a point that turned out bad.
    pub fn discard(&mut self, mark: Mark) {
        let row = self.len() as u32;
        self.dictionary.rollback(mark);
        while self.columns.exemplars.last().is_some_and(|(at, _)| *at == row) {
            self.columns.exemplars.pop();
        }
    }

    pub(super) fn absorb(&mut self, other: &Points, ids: &Absorbed<'_>) {
        let base = self.len() as u32;
        let metrics: Vec<MetricId> = other
            .metrics
            .iter()
            .map(|metric| {
                let metadata = self.dictionary.moved_list(metric.metadata, ids);
                self.metric(Metric {
                    name: ids.text(metric.name),
                    description: ids.text(metric.description),
                    unit: ids.text(metric.unit),
                    metadata,
                    ..*metric
                })
            })
            .collect();
        let streams: Vec<SeriesId> = other
            .streams
            .iter()
            .map(|series| {
                let metric = metrics[series.metric.0 as usize];
                let attributes = self.dictionary.moved_list(series.attributes, ids);
                self.series(Series { metric, origin: ids.origin(series.origin), attributes })
            })
            .collect();
        let counts = self.columns.counts.len() as u32;
        let distributions = self.columns.distributions.len() as u64;
        let moved = |range: &Range<u32>| range.start + counts..range.end + counts;
        self.columns.counts.extend_from_slice(&other.counts);
        self.columns.distributions.extend(other.distributions.iter().map(|distribution| {
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
        for (row, exemplar) in &other.exemplars {
            let attributes = self.dictionary.moved_list(exemplar.attributes, ids);
            self.columns.exemplars.push((row + base, Exemplar { attributes, ..*exemplar }));
        }
        self.columns.series.extend(other.series.iter().map(|id| streams[id.0 as usize]));
        self.columns.start.extend_from_slice(&other.start);
        self.columns.time.extend_from_slice(&other.time);
        self.columns.flags.extend_from_slice(&other.flags);
        let values = other.value.iter().zip(&other.kind);
        self.columns.value.extend(values.map(|(value, kind)| match *kind {
            DISTRIBUTION => value + distributions,
            _ => *value,
        }));
        self.columns.kind.extend_from_slice(&other.kind);
    }

    /// Seals it, where streams were made with the number of a group in the place of their metric: `groups` has what each
    /// group turned out to be. Two that turned out to be one get one stream for each set of attributes.
    pub fn finish_groups(mut self, groups: &[(MetricId, OriginId)]) -> super::Batch {
        for series in &mut self.columns.streams {
            (series.metric, series.origin) = groups.get(series.metric.0 as usize).copied().unwrap_or_default();
        }
        let mut seen = hashbrown::HashSet::with_hasher(foldhash::fast::RandomState::default());
        if !groups.iter().all(|group| seen.insert(*group)) {
            self.streams.clear();
            let streams = std::mem::take(&mut self.columns.streams);
            let ids: Vec<SeriesId> = streams.into_iter().map(|series| self.series(series)).collect();
            self.columns.series.iter_mut().for_each(|series| *series = ids[series.0 as usize]);
        }
        self.finish()
    }

    /// Seals it.
    pub fn finish(self) -> super::Batch {
        super::Batch { columns: super::Columns::Points(self.columns), dictionary: self.dictionary.finish() }
    }
}

/// One point of a batch.
#[derive(Clone, Copy, Debug)]
pub struct PointItem<'a> {
    /// The dictionary of its batch.
    pub dictionary: &'a Dictionary,
    /// The columns of its batch.
    pub columns: &'a Points,
    /// Which row.
    pub row: usize,
}

impl<'a> PointItem<'a> {
    /// Its stream.
    pub fn series(self) -> Series {
        self.columns.stream(self.row)
    }

    /// Its metric.
    pub fn metric(self) -> Metric {
        self.columns.metric(self.series())
    }

    /// Its metric's name.
    pub fn name(self) -> &'a str {
        self.dictionary.text(self.metric().name)
    }

    /// Its metric's UCUM unit.
    pub fn unit(self) -> &'a str {
        self.dictionary.text(self.metric().unit)
    }

    /// Start time; unknown where the sender did not say.
    pub fn start(self) -> Time {
        self.columns.start[self.row]
    }

    /// Time.
    pub fn time(self) -> Time {
        self.columns.time[self.row]
    }

    /// OTLP flags.
    pub fn flags(self) -> u32 {
        self.columns.flags[self.row]
    }

    /// What it says.
    pub fn value(self) -> PointValue<'a> {
        self.columns.value(self.row)
    }

    /// Resource and scope.
    pub fn origin(self) -> OriginId {
        self.series().origin
    }

    /// Keys and values, as they came.
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.dictionary.attributes(self.series().attributes)
    }

    /// Exemplars, as they came.
    pub fn exemplars(self) -> impl ExactSizeIterator<Item = &'a Exemplar> {
        rows_of(&self.columns.exemplars, self.row).iter().map(|(_, exemplar)| exemplar)
    }

    /// The doubles of a blob: bounds, or quantile and value in turn.
    pub fn doubles(self, blob: BlobId) -> impl Iterator<Item = f64> {
        let bytes = self.dictionary.blobs.get(blob).chunks_exact(8);
        bytes.map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap_or_default()))
    }
}
