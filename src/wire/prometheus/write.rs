//! Metrics and streams on their way into a batch.

use super::family::Kind;
use crate::columns::{Attributes, Batch, Metric, MetricId, OriginId, PointsBuilder, Raw, TextId};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// A batch being written whose streams have the number of a group in the place of their metric, because what a metric is and
/// where it comes from may stand at the end of the text.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub builder: PointsBuilder,
    /// What each group turned out to be.
    pub groups: Vec<(MetricId, OriginId)>,
    /// Groups by their numbers in the memory.
    pub remembered: HashMap<u32, u32, RandomState>,
}

impl Writer {
    /// The group with this number in the memory; written where this batch does not have it yet.
    pub fn group(
        &mut self,
        remembered: u32,
        write: impl FnOnce(&mut PointsBuilder) -> (MetricId, OriginId),
    ) -> MetricId {
        MetricId(*self.remembered.entry(remembered).or_insert_with(|| {
            self.groups.push(write(&mut self.builder));
            self.groups.len() as u32 - 1
        }))
    }

    /// Seals it.
    pub fn finish(self) -> Batch {
        self.builder.finish_groups(&self.groups)
    }
}

/// Writes a metric: name, description and unit as texts of the builder.
pub(super) fn write_metric(builder: &mut PointsBuilder, texts: [TextId; 3], kind: Kind) -> MetricId {
    let dictionary = &mut builder.dictionary;
    let mut list = dictionary.begin_list(Attributes::default());
    dictionary.add(&mut list, b"prometheus.type", Raw::Text(kind.word().as_bytes()));
    let metadata = dictionary.end_list(list);
    let [name, description, unit] = texts;
    let (kind, temporality, monotonic) = kind.in_otlp();
    builder.metric(Metric { name, description, unit, kind, temporality, monotonic, metadata })
}
