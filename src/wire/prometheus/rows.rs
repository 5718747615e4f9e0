//! The unfinished points of a scrape whose lines are still being read.

use crate::columns::SeriesId;
use crate::model::Time;
use hashbrown::HashTable;

/// An unfinished point.
#[derive(Debug)]
pub(super) struct Row {
    /// The sum of its labels' hashes, for look-ups.
    pub hash: u64,
    pub series: SeriesId,
    pub group: u32,
    /// Its first line.
    pub line: u32,
    pub time: Time,
    pub created: Time,
    /// Its value or its sum.
    pub value: Option<f64>,
    pub count: Option<u64>,
    /// Whether it was already rejected.
    pub bad: bool,
}

/// A bucket or a quantile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub row: u32,
    /// The upper bound, or the quantile.
    pub at: f64,
    /// The cumulative count, or the bits of the quantile's value.
    pub value: u64,
}

/// Rows, found by group and labels.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    by_key: HashTable<u32>,
}

impl Rows {
    /// The row of a group whose labels have this hash and satisfy `is_same`.
    pub fn find(&self, group: u32, hash: u64, is_same: impl Fn(&Row) -> bool) -> Option<u32> {
        let same = |row: &Row| row.hash == hash && row.group == group && is_same(row);
        if self.rows.last().is_some_and(same) {
            return Some(self.rows.len() as u32 - 1);
        }
        self.by_key.find(place(group, hash), |row| same(&self.rows[*row as usize])).copied()
    }

    /// Adds a row; returns its number.
    pub fn push(&mut self, row: Row) -> u32 {
        let at = self.rows.len() as u32;
        let key = place(row.group, row.hash);
        self.rows.push(row);
        let rows = &self.rows;
        self.by_key.insert_unique(key, at, |at| place(rows[*at as usize].group, rows[*at as usize].hash));
        at
    }

    /// A row by its number.
    pub fn get(&self, row: u32) -> &Row {
        &self.rows[row as usize]
    }

    /// A row by its number.
    pub fn get_mut(&mut self, row: u32) -> &mut Row {
        &mut self.rows[row as usize]
    }

    /// The last row.
    pub fn last(&self) -> Option<&Row> {
        self.rows.last()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// All rows, without the index.
    pub fn finish(self) -> Vec<Row> {
        self.rows
    }
}

/// Mixes a sum of hashes, which may be zero, for the hash table, which uses its top and low bits.
fn spread(hash: u64) -> u64 {
    let product = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

fn place(group: u32, hash: u64) -> u64 {
    spread(hash ^ u64::from(group).rotate_left(32))
}
