//! Buckets of absolute time, for parts that depend on time. A part stays valid while a window moves over it.
//!
//! ```text
//! buckets  │▪│▪│▪│ │▪│ │▪│▪│▪│▪│      a power of two of milliseconds wide, from the year 1970 on
//! slices      └───────┘└───────┘      of the window: each bucket lies in the slice that has its middle
//! ```

use crate::model::Time;
use std::collections::BTreeMap;
use std::ops::Range;

/// The width of buckets: 2^n milliseconds.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BucketWidth(u32);

/// What happened in each bucket. Buckets in which nothing happened are left out.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct TimeBuckets<T> {
    width: BucketWidth,
    buckets: BTreeMap<u64, T>,
    /// What has no time. It is in no bucket.
    pub without_time: T,
}

/// Two values of the same kind become one.
pub trait Joined: Clone + Default {
    /// Adds another value to this one.
    fn join(&mut self, other: &Self);
}

impl Joined for u64 {
    fn join(&mut self, other: &u64) {
        *self += other;
    }
}

const MILLISECOND: u64 = 1_000_000;
/// Buckets a slice: what is counted in the wrong slice happened within half a bucket of its edge.
const A_SLICE: u64 = 8;

impl BucketWidth {
    /// Buckets of a millisecond are the narrowest.
    pub const NARROWEST: BucketWidth = BucketWidth(0);
    /// The widest buckets have 2^43 ms, some 279 years: all of time is in three of them.
    const WIDEST: BucketWidth = BucketWidth(43);

    /// At most an eighth of a slice of this many nanoseconds, but not less than a millisecond.
    pub fn for_slice(nanoseconds: u64) -> BucketWidth {
        let most = (nanoseconds / A_SLICE / MILLISECOND).max(1);
        BucketWidth(most.ilog2()).min(BucketWidth::WIDEST)
    }

    /// In nanoseconds.
    pub fn nanoseconds(self) -> u64 {
        MILLISECOND << self.0
    }

    fn bucket(self, time: Time) -> u64 {
        time.0 / self.nanoseconds()
    }
}

impl<T: Joined> TimeBuckets<T> {
    /// A chunk's part has at most this number of buckets; with more, they become wider.
    pub const MOST: usize = 4_096;
    /// Joined parts have at most this number.
    pub const MOST_JOINED: usize = 65_536;

    /// No buckets yet, of this width or, later, wider.
    pub fn new(width: BucketWidth) -> TimeBuckets<T> {
        TimeBuckets { width, buckets: BTreeMap::new(), without_time: T::default() }
    }

    /// What happened in the bucket of a time.
    pub fn at(&mut self, time: Time) -> &mut T {
        if time.is_unknown() {
            return &mut self.without_time;
        }
        if self.buckets.len() >= Self::MOST && !self.buckets.contains_key(&self.width.bucket(time)) {
            // Room for this one, too.
            self.widen_until(Self::MOST - 1);
        }
        self.buckets.entry(self.width.bucket(time)).or_default()
    }

    /// Adds other buckets. If their widths differ, the wider one counts for both.
    pub fn join(&mut self, other: &TimeBuckets<T>) {
        self.widen(self.width.max(other.width));
        let shift = self.width.0 - other.width.0;
        for (bucket, value) in &other.buckets {
            self.buckets.entry(bucket >> shift).or_default().join(value);
        }
        self.without_time.join(&other.without_time);
        self.widen_until(Self::MOST_JOINED);
    }

    /// How wide the buckets are.
    pub fn width(&self) -> BucketWidth {
        self.width
    }

    /// Each bucket that has anything, in order: what is in it happened in this range of time.
    pub fn iter(&self) -> impl Iterator<Item = (Range<Time>, &T)> {
        let width = self.width.nanoseconds();
        self.buckets.iter().map(move |(bucket, value)| {
            let start = bucket.saturating_mul(width);
            (Time(start)..Time(start.saturating_add(width)), value)
        })
    }

    /// The slices of a window that begins at `from`: `count` of them, each of `slice` nanoseconds. A bucket counts in the
    /// slice that has its middle. `None` if the buckets are wider than a slice, and would say of one what belongs to several.
    pub fn slices(&self, from: Time, slice: u64, count: usize) -> Option<Vec<T>> {
        let width = self.width.nanoseconds();
        if slice == 0 || width > slice {
            return None;
        }
        let mut slices = vec![T::default(); count];
        for (range, value) in self.iter() {
            let middle = range.start.0.saturating_add(width / 2);
            let at = middle.checked_sub(from.0).and_then(|behind| usize::try_from(behind / slice).ok());
            at.and_then(|at| slices.get_mut(at)).into_iter().for_each(|slice| slice.join(value));
        }
        Some(slices)
    }

    /// How many buckets have anything.
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Whether nothing has a time.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// The values of the buckets, for counting their bytes.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.buckets.values()
    }

    fn widen_until(&mut self, most: usize) {
        while self.buckets.len() > most && self.width < BucketWidth::WIDEST {
            self.widen(BucketWidth(self.width.0 + 1));
        }
    }

    fn widen(&mut self, width: BucketWidth) {
        let shift = width.0.saturating_sub(self.width.0);
        if shift > 0 {
            let narrow = std::mem::take(&mut self.buckets);
            narrow.iter().for_each(|(bucket, value)| self.buckets.entry(bucket >> shift).or_default().join(value));
            self.width = width;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000 * MILLISECOND;

    fn counted(width: BucketWidth, times: &[u64]) -> TimeBuckets<u64> {
        let mut buckets = TimeBuckets::new(width);
        times.iter().for_each(|time| *buckets.at(Time(*time)) += 1);
        buckets
    }

    #[test]
    fn a_bucket_is_at_most_an_eighth_of_a_slice() {
        for (slice, milliseconds) in
            [(SECOND, 64), (8 * MILLISECOND, 1), (1, 1), (60 * SECOND, 4_096), (u64::MAX, 1 << 41)]
        {
            assert_eq!(BucketWidth::for_slice(slice).nanoseconds(), milliseconds * MILLISECOND, "{slice}");
        }
    }

    #[test]
    fn too_many_buckets_become_wider() {
        let times: Vec<u64> = (1..=TimeBuckets::<u64>::MOST as u64 + 1).map(|at| at * MILLISECOND).collect();
        let buckets = counted(BucketWidth::NARROWEST, &times);
        assert_eq!(buckets.width().nanoseconds(), 2 * MILLISECOND);
        assert_eq!(buckets.values().sum::<u64>(), times.len() as u64);
    }

    #[test]
    fn times_all_over_stay_bounded() {
        let times: Vec<u64> = (1..20_000u64).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1).collect();
        let buckets = counted(BucketWidth::NARROWEST, &times);
        assert!(buckets.len() <= TimeBuckets::<u64>::MOST);
        assert_eq!(buckets.values().sum::<u64>(), times.len() as u64);
    }

    #[test]
    fn what_has_no_time_is_in_no_bucket() {
        let buckets = counted(BucketWidth::NARROWEST, &[0, 5 * MILLISECOND]);
        assert_eq!((buckets.without_time, buckets.len()), (1, 1));
    }

    #[test]
    fn slices_narrower_than_a_bucket_are_refused() {
        let buckets = counted(BucketWidth::for_slice(60 * SECOND), &[SECOND]);
        assert_eq!(buckets.slices(Time(0), SECOND, 60), None);
        assert_eq!(buckets.slices(Time(0), 60 * SECOND, 2), Some(vec![1, 0]));
    }

    proptest! {
        #[test]
        fn a_bucket_never_lies(
            parts in prop::collection::vec((0u32..14, prop::collection::vec(1u64..1 << 44, 0..80)), 1..6),
            rotate in 0usize..6,
        ) {
            let parts: Vec<_> = parts.iter().map(|(width, times)| (BucketWidth(*width), times)).collect();
            let mut joined = TimeBuckets::new(BucketWidth::NARROWEST);
            let at = rotate % parts.len();
            // In any order.
            for (width, times) in parts[at..].iter().chain(&parts[..at]) {
                joined.join(&counted(*width, times));
            }
            prop_assert_eq!(joined.width(), parts.iter().map(|(width, _)| *width).max().unwrap());
            let times: Vec<u64> = parts.iter().flat_map(|(_, times)| times.iter().copied()).collect();
            for (range, count) in joined.iter() {
                let inside = times.iter().filter(|time| range.contains(&Time(**time))).count();
                prop_assert_eq!(*count, inside as u64);
            }
            prop_assert_eq!(joined.values().sum::<u64>(), times.len() as u64);
        }

        #[test]
        fn a_slice_is_right_within_half_a_bucket(
            times in prop::collection::vec(1u64..100 * SECOND, 0..200), from in 0u64..50 * SECOND,
        ) {
            let slice = 5 * SECOND;
            let width = BucketWidth::for_slice(slice);
            let slices = counted(width, &times).slices(Time(from), slice, 6).unwrap();
            let half = width.nanoseconds() / 2;
            for (at, count) in (0..).zip(&slices) {
                let (start, end) = (from + at * slice, from + (at + 1) * slice);
                let count_of = |start: u64, end: u64| times.iter().filter(|time| (start..end).contains(time)).count() as u64;
                prop_assert!(*count >= count_of(start + half, end.saturating_sub(half)));
                prop_assert!(*count <= count_of(start.saturating_sub(half), end + half));
            }
        }
    }
}
