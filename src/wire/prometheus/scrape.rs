//! Reads the lines of one scrape into rows. `points` turns the complete rows into points.

use super::family::{Families, MetricRole, Role};
use super::fault::{BadLine, Fault};
use super::line::{Cursor, Label, Tail};
use super::number;
use super::origin::{Pairs, Scopes, add};
use super::rows::{Part, Row, Rows};
use super::{Dialect, dialect};
use crate::budget::{Meter, Over};
use crate::columns::{Attributes, Exemplar, MetricId, OriginId, PointValue, PointsBuilder, Raw, Series};
use crate::model::{SpanId, Time, TraceId};
use crate::wire::{Limits, Rejected, WireError};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::BuildHasher;

/// Bytes that a line takes in memory beside its text.
const WRITTEN: usize = 128;

/// The longest line, in bytes.
const MAX_LINE: usize = 1 << 20;

/// The content of a scrape's lines.
#[derive(Debug)]
pub(super) struct Scrape<'a> {
    dialect: Dialect,
    now: Time,
    limits: Limits,
    meter: &'a Meter,
    hasher: RandomState,
    pub builder: PointsBuilder,
    pub families: Families<'a>,
    pub scopes: Scopes,
    /// The labels of `target_info`.
    pub info: Pairs,
    /// Metric and scope of each group.
    pub groups: Vec<(u32, u32)>,
    by_content: HashMap<(u32, u32), u32, RandomState>,
    pub rows: Rows,
    /// Buckets and quantiles with their rows, in any order.
    pub parts: Vec<Part>,
    /// Exemplars with their rows, in any order.
    pub exemplars: Vec<(u32, Exemplar)>,
    pub rejected: Rejected,
    /// The metrics that are gauge histograms, which OpenTelemetry does not have.
    pub gauge_histograms: BTreeSet<u32>,
    /// The line being read, counted from one.
    line: u32,
    labels: Vec<Label<'a>>,
    exemplar_labels: Vec<Label<'a>>,
    /// The last attributes written; the next ones probably have the same keys.
    like: Attributes,
}

impl<'a> Scrape<'a> {
    pub fn new(dialect: Dialect, now: Time, limits: &Limits, meter: &'a Meter, hasher: RandomState) -> Scrape<'a> {
        Scrape {
            dialect,
            now,
            limits: *limits,
            meter,
            hasher,
            builder: PointsBuilder::default(),
            families: Families::default(),
            scopes: Scopes::default(),
            info: Pairs::new(),
            groups: Vec::new(),
            by_content: HashMap::default(),
            rows: Rows::default(),
            parts: Vec::new(),
            exemplars: Vec::new(),
            rejected: Rejected::default(),
            gauge_histograms: BTreeSet::new(),
            line: 0,
            labels: Vec::new(),
            exemplar_labels: Vec::new(),
            like: Attributes::default(),
        }
    }

    /// Reads all lines; false if the text was cut short. Then an unfinished last line is ignored: half a number is another
    /// number.
    pub fn read(&mut self, text: &'a str) -> bool {
        let mut rest = text;
        let mut ended = self.dialect == Dialect::Text;
        while !rest.is_empty() {
            self.line = self.line.saturating_add(1);
            let (line, after) = match memchr::memchr(b'\n', rest.as_bytes()) {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, ""),
            };
            let terminated = line.len() < rest.len();
            rest = after;
            match self.line(line, terminated, &mut ended) {
                Ok(()) => {}
                Err(Fault::GaugeHistogram(metric)) => {
                    self.rejected.count += 1;
                    self.gauge_histograms.insert(metric);
                }
                Err(fault) => self.rejected.one(BadLine { number: self.line, fault }),
            }
            if self.meter.wrote(line.len() + WRITTEN) {
                // If this is too much, the next line is rejected.
                _ = self.look();
            }
        }
        if !ended {
            self.rejected.count += 1;
            let cut = format!("line {}: the text was cut short: it ends without # EOF", self.line);
            self.rejected.reason = Some(match self.rejected.reason.take() {
                Some(first) => format!("{cut}; {first}"),
                None => cut,
            });
        }
        ended
    }

    fn line(&mut self, line: &'a str, terminated: bool, ended: &mut bool) -> Result<(), Fault<'a>> {
        let open_metrics = self.dialect == Dialect::OpenMetrics;
        if line.len() > MAX_LINE {
            return Err(Cursor(line).expected("a line of 1 MiB at most").into());
        }
        let line = line.trim_ascii();
        if open_metrics && *ended && !line.is_empty() {
            return Err(Cursor(line).expected("nothing after # EOF").into());
        }
        if open_metrics && dialect::is_eof(line) {
            *ended = true;
            return Ok(());
        }
        let half = open_metrics && !terminated;
        if line.is_empty() || half {
            return Ok(());
        }
        self.meter.check().map_err(|over| Fault::Limit(over.into()))?;
        if let Some(comment) = line.strip_prefix('#') {
            return Ok(self.families.describe(comment)?);
        }
        let mut labels = std::mem::take(&mut self.labels);
        labels.clear();
        let result = self.sample(line, &mut labels);
        self.labels = labels;
        result
    }

    fn sample(&mut self, line: &'a str, labels: &mut Vec<Label<'a>>) -> Result<(), Fault<'a>> {
        let mut cursor = Cursor(line);
        let name = cursor.head(labels)?;
        let MetricRole { metric, role } = self.families.place(&name, &mut self.builder.dictionary);
        let has_room = match role {
            Role::Stray => return Err(Cursor(line).expected("_bucket, _sum or _count in a histogram").into()),
            Role::Target | Role::Scope => {
                let tail = cursor.tail(&mut Vec::new())?;
                number::value(tail.value).ok_or(Cursor(tail.value).expected("a number"))?;
                match role {
                    Role::Target => labels.iter().all(|(name, value)| add(&mut self.info, name, value)),
                    _ => self.scopes.inform(labels),
                }
            }
            _ => {
                let scope = self.scopes.take(labels, &self.hasher);
                let group = self.group(metric, scope);
                return self.point(line, cursor, role, group, labels);
            }
        };
        if has_room { Ok(()) } else { Err(Cursor(line).expected("a thousand labels at most").into()) }
    }

    fn point(
        &mut self,
        line: &'a str,
        mut cursor: Cursor<'a>,
        role: Role,
        group: u32,
        labels: &mut Vec<Label<'a>>,
    ) -> Result<(), Fault<'a>> {
        let at = match role {
            Role::Bucket | Role::GaugeHistogram => taken(labels, "le"),
            Role::Quantile => taken(labels, "quantile"),
            _ => None,
        };
        let hash = labels.iter().fold(0, |sum: u64, label| sum.wrapping_add(self.hasher.hash_one(label)));
        let mut exemplar_labels = std::mem::take(&mut self.exemplar_labels);
        exemplar_labels.clear();
        let tail = cursor.tail(&mut exemplar_labels);
        self.exemplar_labels = exemplar_labels;
        if role == Role::Value {
            let said = self.said(line, tail?)?;
            let found = self.found(group, hash, labels);
            if found.is_some_and(|row| self.rows.get(row).value.is_some()) {
                return Err(Cursor(line).expected("each series once").into());
            }
            let row = self.row(found, group, hash, labels)?;
            self.take_exemplar(row, said.exemplar);
            let row = self.rows.get_mut(row);
            row.value = Some(said.value);
            row.time = said.time;
            return Ok(());
        }
        let found = self.found(group, hash, labels);
        let row = self.row(found, group, hash, labels)?;
        if self.rows.get(row).bad {
            // Its point is already counted.
            return Ok(());
        }
        let result = tail.map_err(Fault::from).and_then(|tail| self.part(line, row, role, at, tail));
        // A point without its _created is still valid.
        self.rows.get_mut(row).bad = result.is_err() && role != Role::Created;
        result
    }

    /// Reads a line of a point that has several lines.
    fn part(
        &mut self,
        line: &'a str,
        row: u32,
        role: Role,
        at: Option<Cow<'a, str>>,
        tail: Tail<'a>,
    ) -> Result<(), Fault<'a>> {
        let whole = Cursor(line);
        if role == Role::GaugeHistogram {
            let group = self.rows.get(row).group;
            return Err(Fault::GaugeHistogram(self.groups[group as usize].0));
        }
        let said = self.said(line, tail)?;
        let counted = || number::count(tail.value).ok_or(Cursor(tail.value).expected("a whole number"));
        let known = self.rows.get_mut(row);
        // Another line of the point may have the time.
        if !tail.time.is_empty() {
            known.time = said.time;
        }
        let again = match role {
            Role::Sum => known.value.replace(said.value).is_some(),
            Role::Count => known.count.replace(counted()?).is_some(),
            Role::Created => {
                let begun = match said.value {
                    // Some targets write 0 if they do not know it.
                    0.0 => Time::default(),
                    _ => number::seconds(tail.value).ok_or(Cursor(tail.value).expected("a time in seconds"))?,
                };
                let again = !known.created.is_unknown();
                known.created = if again { known.created } else { begun };
                again
            }
            _ => {
                self.room(1)?;
                let at = at.and_then(|at| number::value(&at));
                let part = match (role, at) {
                    (Role::Bucket, Some(bound)) if bound > f64::NEG_INFINITY => {
                        Part { row, at: bound, value: counted()? }
                    }
                    (Role::Quantile, Some(quantile)) if (0.0..=1.0).contains(&quantile) => {
                        Part { row, at: quantile, value: said.value.to_bits() }
                    }
                    (Role::Bucket, _) => return Err(whole.expected("a number as le").into()),
                    _ => return Err(whole.expected("a number from 0 to 1 as quantile").into()),
                };
                self.parts.push(part);
                false
            }
        };
        if again {
            return Err(whole.expected("each series once").into());
        }
        self.take_exemplar(row, said.exemplar);
        Ok(())
    }

    /// Parses the numbers after the labels.
    fn said(&mut self, line: &'a str, tail: Tail<'a>) -> Result<Said, Fault<'a>> {
        let value = number::value(tail.value).ok_or(Cursor(tail.value).expected("a number"))?;
        let time = match (tail.time, self.dialect) {
            ("", _) => self.now,
            (time, Dialect::Text) => {
                number::milliseconds(time).ok_or(Cursor(time).expected("a time in milliseconds since 1970"))?
            }
            (time, Dialect::OpenMetrics) => {
                number::seconds(time).ok_or(Cursor(time).expected("a time in seconds since 1970"))?
            }
        };
        // In OTLP a time of 0 means "unknown"; the time of the scrape replaces it.
        let time = if time.is_unknown() { self.now } else { time };
        let exemplar = match tail.exemplar {
            None => None,
            Some((value, time)) => {
                self.room(1 + self.exemplar_labels.len())?;
                let value = number::value(value).ok_or(Cursor(value).expected("a number"))?;
                let time = match time {
                    "" => Time::default(),
                    time => number::seconds(time).ok_or(Cursor(line).expected("an exemplar's time in seconds"))?,
                };
                Some((value, time))
            }
        };
        Ok(Said { value, time, exemplar })
    }

    fn take_exemplar(&mut self, row: u32, exemplar: Option<(f64, Time)>) {
        let Some((value, time)) = exemplar else { return };
        let (mut trace, mut span) = (TraceId::default(), SpanId::default());
        let dictionary = &mut self.builder.dictionary;
        let mut list = dictionary.begin_list(Attributes::default());
        for (name, value) in &self.exemplar_labels {
            // An invalid id stays a label, so that nothing is lost.
            match (&**name, TraceId::from_hex(value.as_bytes()), SpanId::from_hex(value.as_bytes())) {
                ("trace_id", Some(id), _) => trace = id,
                ("span_id", _, Some(id)) => span = id,
                _ => dictionary.add(&mut list, name.as_bytes(), Raw::Text(value.as_bytes())),
            }
        }
        let attributes = dictionary.end_list(list);
        self.exemplars.push((row, Exemplar::new(time, PointValue::Double(value), trace, span, attributes)));
    }

    fn group(&mut self, metric: u32, scope: u32) -> u32 {
        if let Some(row) = self.rows.last()
            && self.groups[row.group as usize] == (metric, scope)
        {
            return row.group;
        }
        *self.by_content.entry((metric, scope)).or_insert_with(|| {
            self.groups.push((metric, scope));
            self.groups.len() as u32 - 1
        })
    }

    fn found(&self, group: u32, hash: u64, labels: &[Label<'a>]) -> Option<u32> {
        let pairs = || labels.iter().map(|(name, value)| (&**name, &**value));
        let is_same = |row: &Row| self.builder.dictionary.is_list_of(self.builder.attributes_of(row.series), pairs());
        self.rows.find(group, hash, is_same)
    }

    /// The row; if it was not found, creates it with its stream.
    fn row(&mut self, found: Option<u32>, group: u32, hash: u64, labels: &[Label<'a>]) -> Result<u32, Fault<'a>> {
        if let Some(row) = found {
            return Ok(row);
        }
        if self.rows.len() >= self.limits.items {
            return Err(Fault::Limit(WireError::TooMany(self.limits.items, "data points")));
        }
        self.room(labels.len())?;
        let dictionary = &mut self.builder.dictionary;
        let mut list = dictionary.begin_list(self.like);
        for (name, value) in labels {
            dictionary.add(&mut list, name.as_bytes(), Raw::Text(value.as_bytes()));
        }
        let attributes = dictionary.end_list(list);
        let series = Series { metric: MetricId(group), origin: OriginId::default(), attributes };
        let series = self.builder.series(series);
        if self.builder.dictionary.holds(attributes) {
            self.like = attributes;
        }
        Ok(self.rows.push(Row {
            hash,
            series,
            group,
            line: self.line,
            time: self.now,
            created: Time::default(),
            value: None,
            count: None,
            bad: false,
        }))
    }

    /// Reports to the meter how much was written. Rows, parts and exemplars count twice, since they are written again at the
    /// end.
    fn look(&self) -> Result<(), Over> {
        let rows = self.rows.len() * (size_of::<Row>() + 64) + self.parts.len() * (size_of::<Part>() + 16);
        let exemplars = self.exemplars.len() * 2 * size_of::<(u32, Exemplar)>();
        let columns = self.builder.written() + rows + exemplars + self.families.written();
        self.meter.look(columns, self.builder.dictionary.written())
    }

    fn room(&self, parts: usize) -> Result<(), Fault<'a>> {
        let written = self.builder.dictionary.word_count() + self.parts.len() + self.exemplars.len();
        match written + parts <= self.limits.parts {
            true => Ok(()),
            false => Err(Fault::Limit(WireError::TooMany(self.limits.parts, "attributes, exemplars and buckets"))),
        }
    }
}

/// Value, time, and value and time of the exemplar.
struct Said {
    value: f64,
    time: Time,
    exemplar: Option<(f64, Time)>,
}

fn taken<'a>(labels: &mut Vec<Label<'a>>, name: &str) -> Option<Cow<'a, str>> {
    let at = labels.iter().position(|(other, _)| other == name)?;
    Some(labels.remove(at).1)
}
