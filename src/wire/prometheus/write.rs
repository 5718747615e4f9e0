//! Writes metrics and streams into a batch.

use super::family::Kind;
use crate::columns::{Attributes, Batch, Metric, MetricId, OriginId, PointsBuilder, Raw, TextId};
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// A batch whose streams first have the number of a group instead of a metric id: a metric's metadata and scope may come at
/// the end of the text.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub builder: PointsBuilder,
    /// The metric and origin of each group.
    pub groups: Vec<(MetricId, OriginId)>,
    /// The number in this batch of each group in the memory.
    pub remembered: HashMap<u32, u32, RandomState>,
}

impl Writer {
    /// The number in this batch of the group with this number in the memory; writes the group if it is new here.
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

    /// Seals the batch.
    pub fn finish(self) -> Batch {
        self.builder.finish_groups(&self.groups)
    }
}

/// Writes a metric: name, description and unit are texts of the builder.
pub(super) fn write_metric(builder: &mut PointsBuilder, texts: [TextId; 3], kind: Kind) -> MetricId {
    let dictionary = &mut builder.dictionary;
    let mut list = dictionary.begin_list(Attributes::default());
    dictionary.add(&mut list, b"prometheus.type", Raw::Text(kind.word().as_bytes()));
    let metadata = dictionary.end_list(list);
    let [name, description, unit] = texts;
    let (kind, temporality, monotonic) = kind.in_otlp();
    builder.metric(Metric { name, description, unit, kind, temporality, monotonic, metadata })
}
