//! Random numbers from a seed. Nothing else in the shop is random.

use crate::model::{SpanId, TraceId};

/// A random stream that depends only on its seed.
pub(super) struct Random(fastrand::Rng);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(fastrand::Rng::with_seed(seed))
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.0.f64() < p
    }

    /// Uniform in `low..high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.f64()
    }

    /// Uniform in `low..=high`.
    pub(super) fn whole(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// Log-normal around a median, like latencies: `sigma` 0.3 is steady, 0.8 has a long tail.
    pub(super) fn around(&mut self, median: f64, sigma: f64) -> f64 {
        let (u, v) = (1.0 - self.0.f64(), self.0.f64());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        median * (sigma * normal).exp()
    }

    /// Nanoseconds to the next of independent events, with `per_second` of them on average.
    pub(super) fn wait(&mut self, per_second: f64) -> u64 {
        (-(1.0 - self.0.f64()).ln() / per_second * 1e9) as u64
    }

    /// One element, all equally likely.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.0.usize(..from.len())]
    }

    /// One element; the first are much more likely than the last.
    pub(super) fn popular<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = self.0.f64();
        &from[(from.len() as f64 * place * place) as usize]
    }

    /// One element, by weight.
    pub(super) fn weighed<T: Copy>(&mut self, choices: &[(u32, T)]) -> T {
        let whole: u32 = choices.iter().map(|choice| choice.0).sum();
        let mut left = self.0.u32(..whole);
        let mut last = choices[0].1;
        for (weight, choice) in choices {
            last = *choice;
            if left < *weight {
                break;
            }
            left -= weight;
        }
        last
    }

    pub(super) fn trace_id(&mut self) -> TraceId {
        TraceId(self.0.u128(1..).to_be_bytes())
    }

    pub(super) fn span_id(&mut self) -> SpanId {
        SpanId(self.0.u64(1..).to_be_bytes())
    }

    /// `digits` hex digits, at most 16.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        let all = format!("{:016x}", self.0.u64(..));
        all[..digits.min(16)].to_owned()
    }

    /// A version 4 UUID.
    pub(super) fn uuid(&mut self) -> String {
        let (a, b, c, d, e) = (self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12));
        format!("{a}-{b}-4{c}-9{d}-{e}")
    }
}
