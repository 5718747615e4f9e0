//! What a source's task holds of the world: where items go, and where it says how it fares.

use super::beginning::{Beginning, is_gap};
use super::position::Position;
use super::wanted::Wanted;
use crate::budget::{Budget, Hold};
use crate::clock::now;
use crate::columns::Batch;
use crate::filter::Filter;
use crate::intake::{Intake, Overflow, Parcel, PushError};
use crate::model::{Endpoint, Rejection, SourceId, SourceKind, Time};
use crate::wire::Rejected;
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;

/// A source's end of its connection.
#[derive(Clone, Debug)]
pub struct Link {
    /// Which source.
    pub id: SourceId,
    intake: Intake,
    journal: Arc<dyn Journal>,
    /// What becomes of items while the queue is full.
    overflow: Overflow,
    /// What is wanted of it, and the name that it asks for as `source`; `None`: everything.
    filter: Option<Arc<(Filter, String)>>,
    wanted: watch::Receiver<Wanted>,
    /// For all answers that are asked for.
    budget: Budget,
}

/// What is written down about connections, as far as their tasks write and ask it. All of it is by the number of a source, and
/// nothing happens for one that is forgotten.
pub(super) trait Journal: fmt::Debug + Send + Sync {
    /// Items arrived, at this time.
    fn received(self: Arc<Self>, id: SourceId, items: u64, at: Time);
    /// Something that arrived was turned away.
    fn turned_away(self: Arc<Self>, id: SourceId, rejection: Rejection);
    /// The connection is made; senders can reach it at these addresses.
    fn established(&self, id: SourceId, endpoints: Vec<Endpoint>);
    /// The connection is made, and turned out to be of this kind.
    fn established_as(&self, id: SourceId, kind: SourceKind);
    /// What arrived was recognised as this.
    fn recognised(&self, id: SourceId, format: &'static str);
    /// Something went wrong that does not end the connection.
    fn trouble(&self, id: SourceId, message: String);
    /// What went wrong is mended, but for what is left of it.
    fn mended(&self, id: SourceId, left: Option<String>);
    /// Whether the connection is made.
    fn is_established(&self, id: SourceId) -> bool;
    /// Whether any item has ever arrived.
    fn has_delivered(&self, id: SourceId) -> bool;
    /// Which items are wanted of those that a file holds at the start.
    fn beginning(&self, id: SourceId) -> Beginning;
    /// Where a file was left.
    fn position(&self, id: SourceId) -> Option<Position>;
    /// A file is left here.
    fn left_at(&self, id: SourceId, position: Position);
    /// The connection's name for people.
    fn label(&self, id: SourceId) -> String;
}

impl Link {
    pub(super) fn new(
        id: SourceId,
        intake: Intake,
        journal: Arc<dyn Journal>,
        wanted: watch::Receiver<Wanted>,
    ) -> Link {
        Link { id, intake, journal, overflow: Overflow::Wait, filter: None, wanted, budget: Budget::unlimited() }
    }

    /// The same, where this becomes of items while the queue is full.
    #[must_use]
    pub(super) fn with_overflow(self, overflow: Overflow) -> Link {
        Link { overflow, ..self }
    }

    /// The same, where only these items are wanted; `label` is the source's name.
    #[must_use]
    pub(super) fn filtering(self, filter: &Filter, label: &str) -> Link {
        let filter = (!filter.is_everything()).then(|| Arc::new((filter.clone(), label.to_owned())));
        Link { filter, ..self }
    }

    /// The same, whose answers share a budget with those of others.
    #[must_use]
    pub(super) fn sharing(self, budget: Budget) -> Link {
        Link { budget, ..self }
    }

    /// Holds nothing yet of what all answers together may take.
    pub fn hold(&self) -> Hold {
        self.budget.hold()
    }

    /// The time now, for stamping what comes.
    pub fn now(&self) -> Time {
        now()
    }

    /// Hands over what came at once, and what was rejected beside it, with its reason. While the connection is paused, what
    /// can wait does, and the items of a push stream are counted as skipped.
    ///
    /// # Errors
    ///
    /// See [`Intake::push`].
    pub async fn deliver(&self, batches: Vec<Batch>, rejected: Rejected) -> Result<(), PushError> {
        self.deliver_held(batches, rejected, None).await
    }

    /// The same with what the batches hold of a budget, until they are stored.
    ///
    /// # Errors
    ///
    /// See [`Intake::push`].
    pub async fn deliver_held(
        &self,
        mut batches: Vec<Batch>,
        rejected: Rejected,
        hold: Option<Hold>,
    ) -> Result<(), PushError> {
        // What can wait does: only what a server pushes is skipped.
        if self.overflow == Overflow::Wait {
            self.resumed().await;
        }
        let received = now();
        let left_out = if self.is_paused() { 0 } else { self.leave_out_unwanted(&mut batches) };
        if left_out > 0 {
            self.intake.leave_out(self.id, left_out, received);
            self.journal.clone().received(self.id, left_out, received);
        }
        let parcel = Parcel::new(self.id, received, batches, rejected.count).held(hold);
        if self.is_paused() {
            self.intake.skip(self.id, parcel.items, received);
            self.intake.reject(self.id, rejected.count, received);
            self.tell_rejected(rejected, received);
            return Ok(());
        }
        let items = parcel.items;
        self.intake.push(parcel, self.overflow).await?;
        self.tell_rejected(rejected, received);
        if items > 0 {
            self.journal.clone().received(self.id, items, received);
        }
        Ok(())
    }

    /// Takes out the items that the source's filter does not want. How many they were.
    fn leave_out_unwanted(&self, batches: &mut Vec<Batch>) -> u64 {
        let Some(filter) = &self.filter else { return 0 };
        let (filter, label) = &**filter;
        let mut left_out = 0;
        for batch in batches.iter_mut() {
            let rows = filter.select(batch, label.as_str());
            // A gap speaks of items that the filter never saw.
            let wanted: Vec<bool> =
                batch.items().enumerate().map(|(row, item)| rows.contains(row) || is_gap(item)).collect();
            if wanted.contains(&false) {
                left_out += wanted.iter().filter(|wanted| !**wanted).count() as u64;
                batch.keep(&wanted);
            }
        }
        batches.retain(|batch| !batch.is_empty());
        left_out
    }

    /// Counts items that came and cannot be taken, and says why. No items at all: what came held none, or nobody knows how
    /// many, and still somebody will want to know.
    pub fn reject(&self, items: u64, reason: impl Into<String>) {
        let at = now();
        self.intake.reject(self.id, items, at);
        self.journal.clone().turned_away(self.id, Rejection { reason: reason.into(), at, count: items, refused: 0 });
    }

    /// Counts items that there was no room for, and says so: their sender has them still and was told to come back.
    pub fn refuse(&self, items: u64, reason: impl Into<String>) {
        self.intake.refuse(self.id, items);
        self.tell_refused(items, reason);
    }

    /// Says that there was no room for items that the intake has counted as refused ([`PushError::Full`]).
    pub fn tell_refused(&self, items: u64, reason: impl Into<String>) {
        self.journal
            .clone()
            .turned_away(self.id, Rejection { reason: reason.into(), at: now(), count: 0, refused: items });
    }

    /// Says why. Items without a reason are counted alone: their reason was given before.
    fn tell_rejected(&self, rejected: Rejected, at: Time) {
        let Rejected { count, reason } = rejected;
        if let Some(reason) = reason {
            self.journal.clone().turned_away(self.id, Rejection { reason, at, count, refused: 0 });
        }
    }

    /// Counts items that came and that the user does not want of what a file holds at the start.
    pub(super) fn leave_out(&self, items: u64) {
        self.intake.leave_out(self.id, items, now());
    }

    /// What is wanted of what a file holds at the start.
    pub(super) fn beginning(&self) -> Beginning {
        self.journal.beginning(self.id)
    }

    /// Counts items that came and had come before, all of them.
    pub fn duplicates(&self, items: u64) {
        self.intake.duplicate(self.id, items, now());
    }

    /// The connection is made, and is of a kind that was not known before.
    pub fn established_as(&self, kind: SourceKind) {
        self.journal.established_as(self.id, kind);
    }

    /// What came was recognised as this.
    pub fn recognised(&self, format: &'static str) {
        self.journal.recognised(self.id, format);
    }

    /// Whether the connection is made.
    pub fn is_established(&self) -> bool {
        self.journal.is_established(self.id)
    }

    /// Whether any item has ever come.
    pub fn has_delivered(&self) -> bool {
        self.journal.has_delivered(self.id)
    }

    /// Where a file was left, to go on from there.
    pub(super) fn place(&self) -> Option<Position> {
        self.journal.position(self.id)
    }

    /// A file is left here.
    pub(super) fn left_at(&self, place: Position) {
        self.journal.left_at(self.id, place);
    }

    /// The connection's name for people.
    pub fn label(&self) -> String {
        self.journal.label(self.id)
    }

    /// The connection is made.
    pub fn established(&self) {
        self.journal.established(self.id, Vec::new());
    }

    /// The connection is made: senders can reach it at these addresses.
    pub fn listens_on(&self, endpoints: Vec<Endpoint>) {
        self.journal.established(self.id, endpoints);
    }

    /// Something went wrong that does not end the connection.
    pub fn trouble(&self, message: String) {
        self.journal.trouble(self.id, message);
    }

    /// What went wrong is mended, but for what is `left` of it.
    pub fn mended(&self, left: Option<String>) {
        self.journal.mended(self.id, left);
    }

    /// Whether the user holds the connection.
    pub fn is_paused(&self) -> bool {
        *self.wanted.borrow() == Wanted::Paused
    }

    /// Resolves when the connection is to end.
    pub async fn closed(&self) {
        let mut wanted = self.wanted.clone();
        // A provider that is gone wants nothing any more.
        let _ = wanted.wait_for(|wanted| *wanted == Wanted::Ended).await;
    }

    /// Resolves when the connection is to run, which may be at once.
    pub async fn resumed(&self) {
        let mut wanted = self.wanted.clone();
        let _ = wanted.wait_for(|wanted| *wanted != Wanted::Paused).await;
    }
}
