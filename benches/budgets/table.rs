//! Measures ratios, and prints the table of budgets.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The limit of a measured number.
#[derive(Clone, Copy)]
pub enum Limit {
    /// A ratio with this maximum.
    Times(f64),
    /// A ratio with this minimum.
    AtLeast(f64),
    /// A number with this maximum and unit.
    Most(f64, &'static str),
}

/// The median and the quartiles of several measurements.
#[derive(Clone, Copy)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Spread {
    pub fn of(mut all: Vec<f64>) -> Spread {
        all.sort_by(f64::total_cmp);
        let at = |part: usize| all.get(all.len() * part / 4).copied().unwrap_or(f64::NAN);
        Spread { low: at(1), median: at(2), high: at(3) }
    }

    /// The spread of a single value.
    pub fn exactly(value: f64) -> Spread {
        Spread { low: value, median: value, high: value }
    }
}

/// The ratio `ours / theirs` over several rounds, and the seconds of `ours`. Each round runs both, and they take turns to be
/// first. They return their own time, so that preparation and clean-up do not count.
pub fn ratio(
    rounds: usize,
    mut ours: impl FnMut() -> Duration,
    mut theirs: impl FnMut() -> Duration,
) -> (Spread, Spread) {
    ours();
    theirs();
    let (mut ratios, mut seconds) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let (ours, theirs) = if round.is_multiple_of(2) {
            let ours = ours();
            (ours, theirs())
        } else {
            let theirs = theirs();
            (ours(), theirs)
        };
        seconds.push(ours.as_secs_f64());
        ratios.push(ours.as_secs_f64() / theirs.as_secs_f64());
    }
    (Spread::of(ratios), Spread::of(seconds))
}

/// Runs `work` and returns its processor time on this thread, which excludes other programs.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = cpu(ClockId::ThreadCPUTime);
    let result = std::hint::black_box(work());
    (cpu(ClockId::ThreadCPUTime) - begun, result)
}

/// The processor time so far of this thread or of the whole process.
pub fn cpu(clock: ClockId) -> Duration {
    let now = clock_gettime(clock);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// Prints rows, and counts those over their limit.
pub struct Table {
    /// Whether to print a Markdown table on standard output, and the readable table on standard error.
    markdown: bool,
    rows: usize,
    over: usize,
    laws: usize,
    broken: usize,
}

impl Table {
    pub fn new(markdown: bool) -> Table {
        let table = Table { markdown, rows: 0, over: 0, laws: 0, broken: 0 };
        table.print_line(&format!("{:<64}{:>10}{:>12}   {:<16}{:<7}", "budget", "limit", "measured", "quartiles", ""));
        if markdown {
            println!("| what | budget | measured |\n|---|---|---|");
        }
        table
    }

    /// Prints a budget and its measurement.
    pub fn row(&mut self, what: &str, limit: Limit, measured: Spread, note: &str) {
        let (limit, holds, unit) = match limit {
            Limit::Times(most) => (format!("≤ {most} ×"), measured.median <= most, "×"),
            Limit::AtLeast(least) => (format!("≥ {least} ×"), measured.median >= least, "×"),
            Limit::Most(most, unit) => (format!("≤ {most} {unit}"), measured.median <= most, unit),
        };
        self.rows += 1;
        self.over += usize::from(!holds);
        let median = format!("{} {unit}", short(measured.median));
        let quartiles = format!("{}–{}", short(measured.low), short(measured.high));
        let verdict = if holds { "ok" } else { "OVER" };
        self.print_line(&format!("{what:<64}{limit:>10}{median:>12}   {quartiles:<16}{verdict:<7}{note}"));
        if self.markdown {
            println!("| {what} | {limit} | {median}{} |", if holds { "" } else { ", over" });
        }
    }

    /// Prints an equation that must hold exactly, with its numbers.
    pub fn law(&mut self, what: &str, left: u64, right: &[u64]) {
        let holds = left == right.iter().sum::<u64>();
        self.laws += 1;
        self.broken += usize::from(!holds);
        let right: Vec<String> = right.iter().map(u64::to_string).collect();
        self.remark(what, &format!("{left} = {}   {}", right.join(" + "), if holds { "ok" } else { "BROKEN" }));
    }

    /// Prints a number without a budget, for orientation.
    pub fn remark(&mut self, what: &str, note: &str) {
        self.print_line(&format!("{what:<74}   {note}"));
    }

    /// Prints the last line. Returns whether all limits and equations held.
    pub fn finish(self) -> bool {
        let laws = match (self.laws, self.broken) {
            (0, _) => String::new(),
            (laws, broken) => format!("; {broken} of {laws} laws broken"),
        };
        self.print_line(&format!("{} of {} rows over their limit{laws}", self.over, self.rows));
        self.over + self.broken == 0
    }

    fn print_line(&self, line: &str) {
        if self.markdown {
            eprintln!("{line}");
        } else {
            println!("{line}");
        }
    }
}

/// The number with three digits.
fn short(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        _ if value < 0.001 => "<0.001".to_owned(),
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ if value >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
