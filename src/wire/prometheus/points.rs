//! Turns the rows of a complete scrape into points with start times, and ends series that are gone.

use super::Target;
use super::family::Kind;
use super::fault::{BadPoint, GaugeHistograms};
use super::line::unescaped;
use super::memory::{Group, Memory, Reading, Sighting};
use super::origin::{ScopeText, write_origin};
use super::rows::{Part, Row};
use super::scrape::Scrape;
use super::unit::ucum;
use super::write::{Writer, write_metric};
use crate::columns::{Buckets, Distribution, Exemplar, Inconsistency, OriginId, PointRow, PointValue, SeriesKey};
use crate::model::Time;
use crate::wire::{Decoded, Limits, Rejected};
use std::sync::Arc;

/// Writes all points. If `whole` is false, the text was cut short: then series that it lacks have not ended.
pub(super) fn finish(
    scrape: Scrape<'_>,
    memory: &mut Memory,
    target: &Target,
    (now, limits, whole): (Time, &Limits, bool),
) -> Decoded {
    memory.begin();
    let scrape = report_once(scrape, memory);
    let (mut writer, groups, keys, lines) = resolve(scrape, memory, target);
    let Lines { rows, mut parts, mut exemplars, mut rejected } = lines;
    parts.sort_by_key(|part| part.row);
    exemplars.sort_by_key(|(row, _)| *row);
    let (mut parts, mut exemplars) = (&mut parts[..], &exemplars[..]);
    let mut point = Point::default();
    for (at, row) in rows.iter().enumerate() {
        let own_parts = take_own_mut(&mut parts, |part: &Part| part.row as usize == at);
        let own_exemplars = take_own(&mut exemplars, |(row, _): &(u32, Exemplar)| *row as usize == at);
        if row.bad || (row.value.is_none() && row.count.is_none() && own_parts.is_empty() && row.created.is_unknown()) {
            continue;
        }
        let (group, Some(key)) = (&groups[row.group as usize], keys.get(row.series.0 as usize).copied()) else {
            continue;
        };
        let result = point.assemble(group.kind, row, own_parts);
        rejected.count += point.repeated;
        if let Err(wrong) = result {
            rejected.one(BadPoint { line: row.line, name: &group.name, wrong });
            continue;
        }
        if point.repeated > 0 {
            let wrong = "a bucket or quantile is repeated; it was counted once";
            rejected.some(0, &BadPoint { line: row.line, name: &group.name, wrong });
        }
        let start = memory.start(Sighting {
            key,
            group: group.remembered,
            time: row.time,
            created: row.created,
            reading: point.reading(group.kind, row),
            row: writer.builder.len() as u32,
        });
        for (_, exemplar) in own_exemplars.iter().filter(|_| group.kind != Kind::Summary) {
            writer.builder.push_exemplar(*exemplar);
        }
        point.push(group.kind, row, start, &mut writer);
        if point.falls {
            writer.builder.note(Inconsistency::BucketsFall);
        }
    }
    // A text that was cut short does not end series. But their number must stay bounded when this happens again and again.
    let full = memory.len() > limits.items.saturating_mul(2);
    if whole || full {
        memory.end_missing(now, target, &mut writer);
    }
    let batch = writer.finish();
    memory.learn(&batch);
    memory.forget_ended(full);
    Decoded { batch, rejected }
}

/// Adds a rejection for gauge histograms that no earlier scrape reported.
fn report_once<'a>(mut scrape: Scrape<'a>, memory: &mut Memory) -> Scrape<'a> {
    let texts = scrape.builder.dictionary.texts();
    let names = scrape.gauge_histograms.iter().map(|metric| texts.get(scrape.families.metric(*metric).name));
    let news: Vec<&str> = names.filter(|name| memory.is_news(name)).collect();
    if !news.is_empty() {
        let news = GaugeHistograms(&news).to_string();
        scrape.rejected.reason = Some(match scrape.rejected.reason.take() {
            Some(first) => format!("{first}; {news}"),
            None => news,
        });
    }
    scrape
}

/// A metric in a scope, with its final metadata.
struct Described {
    kind: Kind,
    name: String,
    /// Its group number in the memory.
    remembered: u32,
}

/// The lines of a scrape after its groups are resolved.
struct Lines {
    rows: Vec<Row>,
    parts: Vec<Part>,
    exemplars: Vec<(u32, Exemplar)>,
    rejected: Rejected,
}

/// Resolves the metric of each group and the key of each series.
fn resolve(
    scrape: Scrape<'_>,
    memory: &mut Memory,
    target: &Target,
) -> (Writer, Vec<Described>, Vec<SeriesKey>, Lines) {
    let Scrape { builder, families, scopes, info, groups, rows, parts, exemplars, rejected, .. } = scrape;
    let mut writer = Writer { builder, ..Writer::default() };
    let scopes: Vec<Arc<ScopeText>> = scopes.finish();
    let mut origins: Vec<Option<OriginId>> = vec![None; scopes.len()];
    let resource = Arc::new(info);
    let mut written = Vec::with_capacity(groups.len());
    for (metric, scope) in groups {
        let name = families.metric(metric).name;
        let family = families.family(metric);
        let kind = family.kind.unwrap_or_default();
        let scope_text = &scopes[scope as usize];
        let origin = *origins[scope as usize]
            .get_or_insert_with(|| write_origin(&mut writer.builder.dictionary, target, &resource, scope_text));
        let dictionary = &mut writer.builder.dictionary;
        let help_id = dictionary.text(unescaped(family.help).as_bytes());
        let unit_id = dictionary.text(ucum(family.unit).as_bytes());
        let metric = write_metric(&mut writer.builder, [name, help_id, unit_id], kind);
        writer.groups.push((metric, origin));
        written.push((kind, [name, unit_id, help_id], scope_text));
    }
    let (group_keys, series_keys) = writer.builder.group_keys(&writer.groups);
    let texts = writer.builder.dictionary.texts();
    let mut described = Vec::with_capacity(written.len());
    for (at, ((kind, ids, scope_text), key)) in written.into_iter().zip(group_keys).enumerate() {
        let [name_text, unit, help] = ids.map(|id| texts.get(id));
        let remembered = memory.group((key, kind), |own| {
            let [name, unit, help] = [name_text, unit, help].map(|text| own.intern(text.as_bytes()));
            Group { name, help, unit, kind, scope: scope_text.clone(), resource: resource.clone() }
        });
        described.push(Described { kind, name: name_text.to_owned(), remembered });
        writer.remembered.insert(remembered, at as u32);
    }
    (writer, described, series_keys, Lines { rows: rows.finish(), parts, exemplars, rejected })
}

/// The buckets or quantiles of the current point; the memory is reused.
#[derive(Default)]
struct Point {
    /// Bounds of buckets; or alternating quantiles and values.
    doubles: Vec<f64>,
    /// Counts per bucket, not cumulative.
    counts: Vec<u64>,
    count: u64,
    /// How many lines repeated another line.
    repeated: u64,
    /// Whether a cumulative count decreases from one bucket to the next.
    falls: bool,
}

impl Point {
    fn assemble(&mut self, kind: Kind, row: &Row, parts: &mut [Part]) -> Result<(), &'static str> {
        self.doubles.clear();
        self.counts.clear();
        self.repeated = 0;
        self.falls = false;
        parts.sort_by(|a, b| a.at.total_cmp(&b.at));
        match kind {
            Kind::Histogram => self.histogram(row, parts),
            Kind::Summary => self.summary(row, parts),
            _ if row.value.is_none() => Err("there is a _created but no value for it"),
            _ => Ok(()),
        }
    }

    /// `+Inf` and `_count` mean the same and either may be missing; without both the count is unknown. If they differ, or the
    /// cumulative counts decrease, everything is kept: then the buckets do not add up to the count.
    fn histogram(&mut self, row: &Row, parts: &[Part]) -> Result<(), &'static str> {
        let mut before: Option<&Part> = None;
        let mut below = 0;
        for part in parts {
            match before.replace(part) {
                Some(last) if last.at == part.at && last.value == part.value => {
                    self.repeated += 1;
                    continue;
                }
                Some(last) if last.at == part.at => return Err("a bucket is repeated with a different count"),
                _ => {}
            }
            self.falls |= part.value < below;
            if part.at < f64::INFINITY {
                self.doubles.push(part.at);
                self.counts.push(part.value.saturating_sub(below));
                below = below.max(part.value);
            }
        }
        let infinite = before.filter(|part| part.at == f64::INFINITY).map(|part| part.value);
        self.count = row.count.or(infinite).ok_or("both _count and the +Inf bucket are missing")?;
        if !parts.is_empty() {
            self.counts.push(infinite.unwrap_or(self.count).saturating_sub(below));
        }
        Ok(())
    }

    fn summary(&mut self, row: &Row, parts: &[Part]) -> Result<(), &'static str> {
        self.count = row.count.ok_or("its _count is missing; an OpenTelemetry summary needs one")?;
        let mut before: Option<&Part> = None;
        for part in parts {
            match before.replace(part) {
                Some(last) if last.at == part.at && last.value == part.value => self.repeated += 1,
                Some(last) if last.at == part.at => return Err("a quantile is repeated with a different value"),
                _ => self.doubles.extend([part.at, f64::from_bits(part.value)]),
            }
        }
        Ok(())
    }

    fn reading(&self, kind: Kind, row: &Row) -> Reading<'_> {
        match kind {
            Kind::Counter => Reading::Counter(row.value.unwrap_or(f64::NAN)),
            Kind::Info | Kind::StateSet => Reading::Level,
            Kind::Histogram => Reading::Counts(self.count, &self.counts),
            Kind::Summary => Reading::Counts(self.count, &[]),
            Kind::Unknown | Kind::Gauge | Kind::GaugeHistogram => Reading::Gauge,
        }
    }

    fn push(&self, kind: Kind, row: &Row, start: Time, writer: &mut Writer) {
        let builder = &mut writer.builder;
        let point = PointRow { series: row.series, start, time: row.time, flags: 0 };
        let buckets = match kind {
            Kind::Histogram => {
                let bounds = builder.doubles(self.doubles.iter().copied());
                Buckets::Explicit { bounds, counts: builder.push_counts(self.counts.iter().copied()) }
            }
            Kind::Summary => Buckets::Quantiles(builder.doubles(self.doubles.iter().copied())),
            _ => {
                let value = row.value.map_or(PointValue::None, PointValue::Double);
                return builder.push_number(&point, value);
            }
        };
        let distribution = Distribution { count: self.count, sum: row.value, buckets, ..Distribution::default() };
        builder.push_distribution(&point, distribution);
    }
}

fn take_own<'t, T>(table: &mut &'t [T], own: impl Fn(&T) -> bool) -> &'t [T] {
    let count = table.iter().take_while(|entry| own(entry)).count();
    let (taken, rest) = table.split_at(count);
    *table = rest;
    taken
}

fn take_own_mut<'t, T>(table: &mut &'t mut [T], own: impl Fn(&T) -> bool) -> &'t mut [T] {
    let count = table.iter().take_while(|entry| own(entry)).count();
    let (taken, rest) = std::mem::take(table).split_at_mut(count);
    *table = rest;
    taken
}
