//! Remembers a target's last scrape, to find starts, resets and ends of series.
//!
//! A series is identified by its [`SeriesKey`]. It keeps its start, its last value and its labels (as ids of shared strings):
//! about 80 bytes, and 8 for each label.

use super::Target;
use super::family::Kind;
use super::origin::{Pairs, ScopeText, write_origin};
use super::write::{Writer, write_metric};
use crate::columns::{
    Attributes, Batch, GroupKey, Item, NO_RECORDED_VALUE, PointRow, PointValue, PointsBuilder, Raw, Series, SeriesKey,
    TextId, TextsBuilder,
};
use crate::model::{Time, Value};
use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet, HashTable};
use std::hash::BuildHasher;
use std::sync::Arc;

/// All series of a target.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Hashes the labels of a scrape.
    pub hasher: RandomState,
    texts: TextsBuilder,
    labels: Vec<(TextId, TextId)>,
    groups: Vec<Group>,
    by_content: HashMap<(GroupKey, Kind), u32, RandomState>,
    series: Vec<Known>,
    by_key: HashTable<u32>,
    /// New series with their rows; their labels are not yet copied from the batch.
    fresh: Vec<(u32, u32)>,
    /// Hashes of the names of rejected metrics that the user knows about.
    reported: HashSet<u64, RandomState>,
    /// The number of the current scrape.
    scrape: u32,
}

/// The data that all series of one metric share.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub name: TextId,
    pub help: TextId,
    pub unit: TextId,
    pub kind: Kind,
    pub scope: Arc<ScopeText>,
    pub resource: Arc<Pairs>,
}

#[derive(Debug)]
struct Known {
    key: SeriesKey,
    start: Time,
    /// Bits of the last value that was a number, or the last count.
    last: u64,
    /// The last counts of a histogram's buckets.
    buckets: Box<[u64]>,
    group: u32,
    /// The index of its first label, and the number of its labels.
    labels: (u32, u32),
    /// The last scrape that had this series.
    seen: u32,
    /// Whether its end was already written.
    ended: bool,
}

/// A point's value, reduced to the parts that reveal a start or a reset.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading<'r> {
    /// Never starts or resets.
    Gauge,
    /// A sum that may decrease.
    Level,
    /// A sum that only increases.
    Counter(f64),
    /// The count, and the counts of the buckets.
    Counts(u64, &'r [u64]),
}

/// One point, to be compared with the previous one of its series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting<'r> {
    pub key: SeriesKey,
    pub group: u32,
    pub time: Time,
    /// When counting began, if the target reports it.
    pub created: Time,
    pub reading: Reading<'r>,
    /// Its row in the batch of this scrape.
    pub row: u32,
}

impl Memory {
    /// How many series are known.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// How many labels, groups and strings are kept, unused ones included.
    #[cfg(test)]
    pub fn kept(&self) -> [usize; 3] {
        [self.labels.len(), self.groups.len(), self.texts.texts().len()]
    }

    /// Starts a new scrape.
    pub fn begin(&mut self) {
        self.scrape = self.scrape.wrapping_add(1);
    }

    /// The number of a group; created if it is new.
    pub fn group(&mut self, key: (GroupKey, Kind), make: impl FnOnce(&mut TextsBuilder) -> Group) -> u32 {
        *self.by_content.entry(key).or_insert_with(|| {
            self.groups.push(make(&mut self.texts));
            self.groups.len() as u32 - 1
        })
    }

    /// The start time of a point's series. Remembers the point.
    ///
    /// If the target does not report it, the first point starts at its own time, which means "unknown" and adds nothing to a
    /// rate (OpenTelemetry's metrics data model, "Cumulative streams: handling unknown start time"); later points keep this
    /// start. A value that decreased is a reset: the series starts again at the point's own time, as in the Collector's
    /// metric adjuster.
    pub fn start(&mut self, point: Sighting<'_>) -> Time {
        let Sighting { key, group, time, created, reading, row } = point;
        let is_reported = !created.is_unknown() && created <= time;
        if let Some(at) = self.by_key.find(key.hash(), |at| self.series[*at as usize].key == key) {
            let known = &mut self.series[*at as usize];
            known.seen = self.scrape;
            known.ended = false;
            if is_reported {
                known.start = created;
            } else if known.fell(reading) || known.start > time {
                known.start = time;
            }
            known.keep(reading);
            return known.start;
        }
        let start = match reading {
            Reading::Gauge => Time::default(),
            _ if is_reported => created,
            _ => time,
        };
        let at = self.series.len() as u32;
        let mut known = Known {
            key,
            start,
            last: f64::NEG_INFINITY.to_bits(),
            buckets: Box::default(),
            group,
            labels: (0, 0),
            seen: self.scrape,
            ended: false,
        };
        known.keep(reading);
        self.series.push(known);
        self.fresh.push((at, row));
        let series = &self.series;
        self.by_key.insert_unique(key.hash(), at, |at| series[*at as usize].key.hash());
        start
    }

    /// Whether the user must still be informed about a metric of this name. After a thousand names the answer is always no.
    pub fn is_news(&mut self, name: &str) -> bool {
        const MAX_REPORTED: usize = 1_000;
        let hash = self.hasher.hash_one(name);
        self.reported.len() < MAX_REPORTED && self.reported.insert(hash)
    }

    /// Writes a point without a value for each series that is missing in this scrape and has not ended yet.
    pub fn end_missing(&mut self, now: Time, target: &Target, writer: &mut Writer) {
        let scrape = self.scrape;
        self.end(|known| known.seen != scrape, now, target, writer);
    }

    /// [`Memory::end_missing`] for all series.
    pub fn end_all(&mut self, now: Time, target: &Target, writer: &mut Writer) {
        self.end(|_| true, now, target, writer);
    }

    fn end(&mut self, which: impl Fn(&Known) -> bool, now: Time, target: &Target, writer: &mut Writer) {
        let mut like = Attributes::default();
        let texts = self.texts.texts();
        for known in self.series.iter_mut().filter(|known| which(known) && !known.ended) {
            known.ended = true;
            let group = &self.groups[known.group as usize];
            let metric = writer.group(known.group, |builder| write_group(builder, texts, group, target));
            let dictionary = &mut writer.builder.dictionary;
            let mut list = dictionary.begin_list(like);
            let (first, count) = known.labels;
            for (name, value) in &self.labels[first as usize..(first + count) as usize] {
                let [name, value] = [name, value].map(|id| texts.get(*id).as_bytes());
                dictionary.add(&mut list, name, Raw::Text(value));
            }
            let attributes = dictionary.end_list(list);
            let series = writer.builder.series(Series { metric, attributes, ..Series::default() });
            if writer.builder.dictionary.holds(attributes) {
                like = attributes;
            }
            let row = PointRow { series, start: known.start, time: now, flags: NO_RECORDED_VALUE };
            writer.builder.push_number(&row, PointValue::None);
        }
    }

    /// Copies the labels of new series from the batch of this scrape.
    pub fn learn(&mut self, batch: &Batch) {
        for (at, row) in self.fresh.drain(..) {
            let Item::Point(point) = batch.item(row as usize) else { continue };
            let first = self.labels.len();
            for (name, value) in point.attributes() {
                let Value::Text(value) = value else { continue };
                let pair = (self.texts.intern(name.as_bytes()), self.texts.intern(value.as_bytes()));
                self.labels.push(pair);
            }
            self.series[at as usize].labels = (first as u32, (self.labels.len() - first) as u32);
        }
    }

    /// Forgets series that two scrapes in a row did not have (after a single gap a series continues), or all that have ended.
    /// Rebuilds the strings once most of them are unused.
    pub fn forget_ended(&mut self, all: bool) {
        let before = self.series.len();
        let scrape = self.scrape;
        self.series.retain(|known| !known.ended || (!all && scrape.wrapping_sub(known.seen) < 2));
        let removed = self.series.len() != before;
        let live = || self.series.iter().map(|known| known.labels.1 as usize).sum::<usize>();
        // Groups may come and go without any series if all their points are bad.
        if self.groups.len() > 2 * self.series.len() + 1_024 || (removed && self.labels.len() > 2 * live() + 1_024) {
            self.compact();
        }
        if !removed {
            return;
        }
        self.by_key.clear();
        for (at, known) in self.series.iter().enumerate() {
            let series = &self.series;
            self.by_key.insert_unique(known.key.hash(), at as u32, |at| series[*at as usize].key.hash());
        }
    }

    fn compact(&mut self) {
        let old = std::mem::take(&mut self.texts);
        let old = old.texts();
        let labels = std::mem::take(&mut self.labels);
        let groups = std::mem::take(&mut self.groups);
        let mut moved = vec![None; groups.len()];
        let Memory { texts, groups: new_groups, .. } = self;
        let mut moved_text = |id: TextId| texts.intern(old.get(id).as_bytes());
        for known in &mut self.series {
            let group = &mut moved[known.group as usize];
            known.group = *group.get_or_insert_with(|| {
                let group = &groups[known.group as usize];
                let [name, help, unit] = [group.name, group.help, group.unit].map(&mut moved_text);
                new_groups.push(Group { name, help, unit, ..group.clone() });
                new_groups.len() as u32 - 1
            });
            let (first, count) = known.labels;
            known.labels.0 = self.labels.len() as u32;
            let labels = &labels[first as usize..(first + count) as usize];
            self.labels.extend(labels.iter().map(|(name, value)| (moved_text(*name), moved_text(*value))));
        }
        self.by_content.retain(|_, group| match moved[*group as usize] {
            Some(to) => {
                *group = to;
                true
            }
            None => false,
        });
        self.series.shrink_to_fit();
    }
}

impl Known {
    fn fell(&self, reading: Reading<'_>) -> bool {
        match reading {
            Reading::Gauge | Reading::Level => false,
            Reading::Counter(value) => value < f64::from_bits(self.last),
            Reading::Counts(count, buckets) => {
                // Another number of buckets means other bounds, which cannot be compared.
                let bucket_fell = || self.buckets.iter().zip(buckets).any(|(before, now)| now < before);
                count < self.last || (self.buckets.len() == buckets.len() && bucket_fell())
            }
        }
    }

    fn keep(&mut self, reading: Reading<'_>) {
        match reading {
            Reading::Counter(value) if !value.is_nan() => self.last = value.to_bits(),
            Reading::Counts(count, buckets) => {
                self.last = count;
                if self.buckets.len() == buckets.len() {
                    self.buckets.copy_from_slice(buckets);
                } else {
                    self.buckets = buckets.into();
                }
            }
            Reading::Gauge | Reading::Level | Reading::Counter(_) => {}
        }
    }
}

fn write_group(
    builder: &mut PointsBuilder,
    texts: &crate::columns::Texts,
    group: &Group,
    target: &Target,
) -> (crate::columns::MetricId, crate::columns::OriginId) {
    let [name, help, unit] =
        [group.name, group.help, group.unit].map(|id| builder.dictionary.text(texts.get(id).as_bytes()));
    let metric = write_metric(builder, [name, help, unit], group.kind);
    (metric, write_origin(&mut builder.dictionary, target, &group.resource, &group.scope))
}
