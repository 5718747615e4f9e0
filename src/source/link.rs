//! The connection of a source's task to the rest of otail: it delivers items and reports states through it.

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

/// The handle of one source's task.
#[derive(Clone, Debug)]
pub struct Link {
    /// The number of the source.
    pub id: SourceId,
    intake: Intake,
    journal: Arc<dyn Journal>,
    /// How to treat items while the queue is full.
    overflow: Overflow,
    /// The filter and the source's name for `source` in it; `None` accepts every item.
    filter: Option<Arc<(Filter, String)>>,
    wanted: watch::Receiver<Wanted>,
    /// The memory budget shared by all answers.
    budget: Budget,
}

/// What a task can record about its connection, and ask. Calls for a forgotten connection do nothing.
pub(super) trait Journal: fmt::Debug + Send + Sync {
    /// Records the arrival of items.
    fn received(self: Arc<Self>, id: SourceId, items: u64, at: Time);
    /// Records a rejection.
    fn rejected_items(self: Arc<Self>, id: SourceId, rejection: Rejection);
    /// Records that the connection is established; senders can reach it at these addresses.
    fn established(&self, id: SourceId, endpoints: Vec<Endpoint>);
    /// Records that the connection is established, and its kind.
    fn established_as(&self, id: SourceId, kind: SourceKind);
    /// Records the detected format.
    fn recognised(&self, id: SourceId, format: &'static str);
    /// Records an error that does not end the connection.
    fn trouble(&self, id: SourceId, message: String);
    /// Clears the error, or replaces it with what is `left` of it.
    fn resolved(&self, id: SourceId, left: Option<String>);
    /// Whether the connection is established.
    fn is_established(&self, id: SourceId) -> bool;
    /// Whether any item has ever arrived.
    fn has_delivered(&self, id: SourceId) -> bool;
    /// Which items of a file's existing content are wanted.
    fn beginning(&self, id: SourceId) -> Beginning;
    /// The position up to which a file was read.
    fn position(&self, id: SourceId) -> Option<Position>;
    /// Records the position up to which a file was read.
    fn left_at(&self, id: SourceId, position: Position);
    /// The connection's name.
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

    /// Sets how to treat items while the queue is full.
    #[must_use]
    pub(super) fn with_overflow(self, overflow: Overflow) -> Link {
        Link { overflow, ..self }
    }

    /// Sets the filter; `label` is the source's name.
    #[must_use]
    pub(super) fn filtering(self, filter: &Filter, label: &str) -> Link {
        let filter = (!filter.is_everything()).then(|| Arc::new((filter.clone(), label.to_owned())));
        Link { filter, ..self }
    }

    /// Sets the memory budget that answers share.
    #[must_use]
    pub(super) fn sharing(self, budget: Budget) -> Link {
        Link { budget, ..self }
    }

    /// An empty hold of the budget of all answers.
    pub fn hold(&self) -> Hold {
        self.budget.hold()
    }

    /// The current time, to stamp items with.
    pub fn now(&self) -> Time {
        now()
    }

    /// Delivers batches and counts rejected items. While the connection is paused, this waits if the source can wait; for a
    /// push stream it counts the items as skipped.
    ///
    /// # Errors
    ///
    /// See [`Intake::push`].
    pub async fn deliver(&self, batches: Vec<Batch>, rejected: Rejected) -> Result<(), PushError> {
        self.deliver_held(batches, rejected, None).await
    }

    /// Like [`Link::deliver`], with the batches' share of a memory budget, held until they are stored.
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
        // Sources that can wait do; only pushed items are skipped.
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
            self.report_rejected(rejected, received);
            return Ok(());
        }
        let items = parcel.items;
        self.intake.push(parcel, self.overflow).await?;
        self.report_rejected(rejected, received);
        if items > 0 {
            self.journal.clone().received(self.id, items, received);
        }
        Ok(())
    }

    /// Removes the items that the source's filter rejects; returns their number.
    fn leave_out_unwanted(&self, batches: &mut Vec<Batch>) -> u64 {
        let Some(filter) = &self.filter else { return 0 };
        let (filter, label) = &**filter;
        let mut left_out = 0;
        for batch in batches.iter_mut() {
            let rows = filter.select(batch, label.as_str());
            // A gap row reports items that the filter never saw.
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

    /// Counts rejected items with a reason. `items` is 0 if the input contained none or an unknown number; the reason is
    /// shown all the same.
    pub fn reject(&self, items: u64, reason: impl Into<String>) {
        let at = now();
        self.intake.reject(self.id, items, at);
        self.journal.clone().rejected_items(self.id, Rejection { reason: reason.into(), at, count: items, refused: 0 });
    }

    /// Counts refused items, for which there was no room, with a reason. Their sender still has them and should retry.
    pub fn refuse(&self, items: u64, reason: impl Into<String>) {
        self.intake.refuse(self.id, items);
        self.report_refused(items, reason);
    }

    /// Reports refused items that the intake has already counted ([`PushError::Full`]).
    pub fn report_refused(&self, items: u64, reason: impl Into<String>) {
        self.journal
            .clone()
            .rejected_items(self.id, Rejection { reason: reason.into(), at: now(), count: 0, refused: items });
    }

    /// Reports a rejection. Items without a reason were reported before.
    fn report_rejected(&self, rejected: Rejected, at: Time) {
        let Rejected { count, reason } = rejected;
        if let Some(reason) = reason {
            self.journal.clone().rejected_items(self.id, Rejection { reason, at, count, refused: 0 });
        }
    }

    /// Counts items of a file's existing content that are not wanted.
    pub(super) fn leave_out(&self, items: u64) {
        self.intake.leave_out(self.id, items, now());
    }

    /// Which items of a file's existing content are wanted.
    pub(super) fn beginning(&self) -> Beginning {
        self.journal.beginning(self.id)
    }

    /// Counts items that are all duplicates.
    pub fn duplicates(&self, items: u64) {
        self.intake.duplicate(self.id, items, now());
    }

    /// Records that the connection is established, and its kind.
    pub fn established_as(&self, kind: SourceKind) {
        self.journal.established_as(self.id, kind);
    }

    /// Records the detected format.
    pub fn recognised(&self, format: &'static str) {
        self.journal.recognised(self.id, format);
    }

    /// Whether the connection is established.
    pub fn is_established(&self) -> bool {
        self.journal.is_established(self.id)
    }

    /// Whether any item has ever arrived.
    pub fn has_delivered(&self) -> bool {
        self.journal.has_delivered(self.id)
    }

    /// The position up to which a file was read in an earlier attempt.
    pub(super) fn position(&self) -> Option<Position> {
        self.journal.position(self.id)
    }

    /// Records the position up to which a file was read.
    pub(super) fn left_at(&self, position: Position) {
        self.journal.left_at(self.id, position);
    }

    /// The connection's name.
    pub fn label(&self) -> String {
        self.journal.label(self.id)
    }

    /// Records that the connection is established.
    pub fn established(&self) {
        self.journal.established(self.id, Vec::new());
    }

    /// Records that the connection is established; senders can reach it at these addresses.
    pub fn listens_on(&self, endpoints: Vec<Endpoint>) {
        self.journal.established(self.id, endpoints);
    }

    /// Records an error that does not end the connection.
    pub fn trouble(&self, message: String) {
        self.journal.trouble(self.id, message);
    }

    /// Clears the error, or replaces it with what is `left` of it.
    pub fn resolved(&self, left: Option<String>) {
        self.journal.resolved(self.id, left);
    }

    /// Whether the user paused the connection.
    pub fn is_paused(&self) -> bool {
        *self.wanted.borrow() == Wanted::Paused
    }

    /// Completes when the connection must end.
    pub async fn closed(&self) {
        let mut wanted = self.wanted.clone();
        // An error means that the provider is gone, so end too.
        let _ = wanted.wait_for(|wanted| *wanted == Wanted::Ended).await;
    }

    /// Completes when the connection is not paused.
    pub async fn resumed(&self) {
        let mut wanted = self.wanted.clone();
        let _ = wanted.wait_for(|wanted| *wanted != Wanted::Paused).await;
    }
}
