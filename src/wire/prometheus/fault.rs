//! Messages about bad lines and bad points.

use super::line::Expected;
use crate::model::visible;
use crate::wire::WireError;
use std::fmt;

/// The fault of a line.
#[derive(Debug)]
pub(super) enum Fault<'a> {
    Expected(Expected<'a>),
    Limit(WireError),
    /// The line belongs to the metric with this number, a gauge histogram. Its point is rejected, and the metric is reported
    /// once.
    GaugeHistogram(u32),
}

impl<'a> From<Expected<'a>> for Fault<'a> {
    fn from(expected: Expected<'a>) -> Fault<'a> {
        Fault::Expected(expected)
    }
}

/// The message for a bad line: its number, what was expected, what was found.
pub(super) struct BadLine<'a> {
    pub number: u32,
    pub fault: Fault<'a>,
}

impl fmt::Display for BadLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// How many characters of the line are shown.
        const SHOWN: usize = 60;
        write!(f, "line {}: ", self.number)?;
        let Expected { what, at } = match &self.fault {
            Fault::Expected(expected) => *expected,
            Fault::Limit(limit) => return write!(f, "{limit}"),
            Fault::GaugeHistogram(_) => return f.write_str("a gauge histogram, which OpenTelemetry does not have"),
        };
        match at.char_indices().nth(SHOWN) {
            _ if at.is_empty() => write!(f, "expected {what} before the end of the line"),
            Some((end, _)) => write!(f, "expected {what}, found `{}…`", visible(&at[..end])),
            None => write!(f, "expected {what}, found `{}`", visible(at)),
        }
    }
}

/// The message for metrics without an OpenTelemetry type.
pub(super) struct GaugeHistograms<'a>(pub &'a [&'a str]);

impl fmt::Display for GaugeHistograms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// How many names are shown.
        const SHOWN: usize = 5;
        f.write_str("OpenTelemetry has no gauge histograms; left out: ")?;
        for (at, name) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{}", if at > 0 { ", " } else { "" }, visible(name))?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// The message for a point whose lines contradict each other.
pub(super) struct BadPoint<'a> {
    pub line: u32,
    pub name: &'a str,
    pub wrong: &'static str,
}

impl fmt::Display for BadPoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, visible(self.name), self.wrong)
    }
}
