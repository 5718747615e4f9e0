//! One point, read.

use super::value::doubles;
use super::{Exemplar, Inconsistency, Metric, PointValue, Points, Series};
use crate::columns::{BlobId, Dictionary, OriginId, SeriesKey};
use crate::model::{Time, Value};

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

    /// The key of its stream.
    pub fn series_key(self) -> SeriesKey {
        self.columns.series_keys(self.dictionary)[self.columns.series[self.row].0 as usize]
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

    /// The value.
    pub fn value(self) -> PointValue<'a> {
        self.columns.value(self.row)
    }

    /// The contradiction in its numbers, if there is one.
    pub fn inconsistency(self) -> Option<Inconsistency> {
        self.columns.inconsistent.one(self.row).copied()
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
        self.columns.exemplars.values(self.row)
    }

    /// The exemplars from the one with this index on.
    pub fn exemplars_from(self, index: usize) -> impl ExactSizeIterator<Item = &'a Exemplar> {
        self.columns.exemplars.values_from(self.row, index)
    }

    /// The doubles of a blob: bounds, or quantile and value in turn.
    pub fn doubles(self, blob: BlobId) -> impl Iterator<Item = f64> {
        doubles(self.dictionary.blobs.get(blob))
    }
}
