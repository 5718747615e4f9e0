//! Reads ResourceSpans/Metrics/Logs and ScopeSpans/Metrics/Logs.
//!
//! JSON may describe a group after its items (`schemaUrl` nearly always comes last). So items are pushed with the number of
//! their group instead of their origin; at the end the origins replace the numbers.

use super::super::super::{Decoded, Limits, Rejected, WireError};
use super::described::Described;
use super::read::{self, Array, Object, Problem};
use super::text::{Json, Syntax};
use super::values::{Values, text};
use crate::columns::{Batch, DictionaryBuilder, OriginId, Resource, Scope, ScopeId};
use std::ops::Range;

/// The items of one signal.
pub(super) trait Items: Default {
    /// The key of a resource's scope groups, in both spellings.
    const SCOPES: [&'static str; 2];
    /// The key of a scope's items, in both spellings.
    const ITEMS: [&'static str; 2];

    fn dictionary(&mut self) -> &mut DictionaryBuilder;

    /// How many rows were pushed.
    fn rows(&self) -> usize;

    /// Bytes written to its columns and to its dictionary.
    fn written(&self) -> [usize; 2];

    /// Reads one of [`Items::ITEMS`] and pushes its rows.
    fn item(&mut self, json: &mut Json<'_>, group: OriginId, to: &mut Sink) -> Result<(), Syntax>;

    /// Seals the rows; `origins` has the origin of each group.
    fn finish(self, origins: &[OriginId]) -> Batch;
}

/// Writes values for every signal and collects the rejected items.
pub(super) struct Sink {
    pub values: Values,
    pub rejected: Rejected,
    /// Rows that were pushed before their group turned out to be bad.
    bad_rows: Vec<Range<usize>>,
}

impl Sink {
    /// Whether one more item fits after `rows` items; if not, counts it as rejected. `what` is the plural name of such items.
    #[inline]
    pub fn has_room(&mut self, json: &Json<'_>, rows: usize, what: &'static str) -> bool {
        let limit = self.values.limits.items;
        if rows >= limit {
            self.rejected.one(WireError::TooMany(limit, what));
            return false;
        }
        json.check().map_err(|over| self.rejected.one(over)).is_ok()
    }

    /// Removes the rows of a group that turned out to be bad; the same row may be removed repeatedly. A group without rows
    /// counts as one item.
    pub fn reject_rows(&mut self, rows: Range<usize>, reason: WireError) {
        if rows.is_empty() {
            return self.rejected.one(reason);
        }
        self.rejected.reason.get_or_insert_with(|| reason.to_string());
        self.bad_rows.push(rows);
    }
}

/// Reads one signal of one or more documents into a batch.
pub(super) struct Reader<I> {
    items: I,
    sink: Sink,
    origins: Vec<OriginId>,
}

impl<I: Items> Reader<I> {
    pub fn new(limits: &Limits) -> Reader<I> {
        let sink = Sink { values: Values::new(limits), rejected: Rejected::default(), bad_rows: Vec::new() };
        Reader { items: I::default(), sink, origins: Vec::new() }
    }

    /// How many rows were pushed.
    pub fn rows(&self) -> usize {
        self.items.rows()
    }

    /// How many items were rejected so far.
    pub fn rejections(&self) -> u64 {
        self.sink.rejected.count + self.sink.bad_rows.len() as u64
    }

    /// Bytes written.
    pub fn written(&self) -> usize {
        let [columns, dictionary] = self.items.written();
        columns + dictionary
    }

    /// Reports to the meter how much was written.
    pub fn look(&self, json: &Json<'_>) {
        look(&self.items, json);
    }

    pub fn finish(self) -> Decoded {
        let Sink { mut rejected, bad_rows, .. } = self.sink;
        let mut batch = self.items.finish(&self.origins);
        if !bad_rows.is_empty() {
            let mut keep = vec![true; batch.len()];
            bad_rows.into_iter().for_each(|rows| keep[rows].fill(false));
            rejected.count += keep.iter().filter(|keep| !**keep).count() as u64;
            batch.keep(&keep);
        }
        Decoded { batch, rejected }
    }
}

/// Bytes written for a resource, a scope or an item beside its text.
const WRITTEN: usize = 64;

/// Reports to the meter how much was written. If that is too much, the next item is rejected.
fn look<I: Items>(items: &I, json: &Json<'_>) {
    let [columns, dictionary] = items.written();
    _ = json.look(columns, dictionary);
}

/// `resourceSpans` and its like.
impl<'a, I: Items> Array<'a> for Reader<I> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        let mut group = ResourceGroup {
            first_row: self.items.rows(),
            reader: self,
            resource: Resource::default(),
            scopes: Vec::new(),
            problem: Problem::default(),
        };
        read::object(json, &mut group)?.or_default(&mut group.problem, "resource");
        group.finish();
        if json.wrote(WRITTEN) {
            look(&self.items, json);
        }
        Ok(())
    }
}

struct ResourceGroup<'r, I> {
    reader: &'r mut Reader<I>,
    resource: Resource,
    scopes: Vec<ScopeId>,
    problem: Problem,
    first_row: usize,
}

impl<I: Items> ResourceGroup<'_, I> {
    fn finish(mut self) {
        let Reader { items, sink, origins } = self.reader;
        if let Err(error) = self.problem.take() {
            sink.reject_rows(self.first_row..items.rows(), error);
        }
        let dictionary = items.dictionary();
        let resource = dictionary.resource(self.resource);
        origins.extend(self.scopes.iter().map(|scope| dictionary.origin(resource, *scope)));
    }
}

impl<'a, I: Items> Object<'a> for ResourceGroup<'_, I> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        let Reader { items, sink, .. } = &mut *self.reader;
        match key {
            "resource" => {
                let mut described = Described {
                    dictionary: items.dictionary(),
                    values: &mut sink.values,
                    problem: &mut self.problem,
                    into: &mut self.resource,
                };
                let found = read::object(json, &mut described)?;
                found.or_default(&mut self.problem, "resource");
            }
            "schemaUrl" | "schema_url" => {
                self.resource.schema_url = text(json, items.dictionary(), &mut self.problem, "schemaUrl")?;
            }
            key if I::SCOPES.contains(&key) => {
                let found = read::array(json, self)?;
                found.or_default(&mut self.problem, I::SCOPES[0]);
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

/// `scopeSpans` and its like.
impl<'a, I: Items> Array<'a> for ResourceGroup<'_, I> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        let Reader { items, sink, origins } = &mut *self.reader;
        let mut group = ScopeGroup {
            first_row: items.rows(),
            group: OriginId((origins.len() + self.scopes.len()) as u32),
            items,
            sink,
            scope: Scope::default(),
            problem: Problem::default(),
        };
        read::object(json, &mut group)?.or_default(&mut group.problem, "scope");
        let scope = group.finish();
        self.scopes.push(scope);
        if json.wrote(WRITTEN) {
            look(items, json);
        }
        Ok(())
    }
}

struct ScopeGroup<'r, I> {
    items: &'r mut I,
    sink: &'r mut Sink,
    group: OriginId,
    scope: Scope,
    problem: Problem,
    first_row: usize,
}

impl<I: Items> ScopeGroup<'_, I> {
    fn finish(mut self) -> ScopeId {
        if let Err(error) = self.problem.take() {
            self.sink.reject_rows(self.first_row..self.items.rows(), error);
        }
        self.items.dictionary().scope(self.scope)
    }
}

impl<'a, I: Items> Object<'a> for ScopeGroup<'_, I> {
    fn field(&mut self, key: &str, json: &mut Json<'a>) -> Result<(), Syntax> {
        match key {
            "scope" => {
                let mut described = Described {
                    dictionary: self.items.dictionary(),
                    values: &mut self.sink.values,
                    problem: &mut self.problem,
                    into: &mut self.scope,
                };
                let found = read::object(json, &mut described)?;
                found.or_default(&mut self.problem, "scope");
            }
            "schemaUrl" | "schema_url" => {
                self.scope.schema_url = text(json, self.items.dictionary(), &mut self.problem, "schemaUrl")?;
            }
            key if I::ITEMS.contains(&key) => {
                let found = read::array(json, self)?;
                found.or_default(&mut self.problem, I::ITEMS[0]);
            }
            _ => json.skip()?,
        }
        Ok(())
    }
}

/// `spans` and its like.
impl<'a, I: Items> Array<'a> for ScopeGroup<'_, I> {
    fn element(&mut self, json: &mut Json<'a>) -> Result<(), Syntax> {
        let begin = json.at();
        self.items.item(json, self.group, self.sink)?;
        if json.wrote(json.at() - begin + WRITTEN) {
            look(self.items, json);
        }
        Ok(())
    }
}
