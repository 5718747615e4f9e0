//! The main loop: drain, select, write, flush.

use super::named_fields::NamedFields;
use crate::columns::{Batch, Item, RowSet};
use crate::filter::NamedField;
use crate::intake::{Parcel, Reader};
use crate::model::{Signal, SourceId};
use crate::present::line::Style;
use crate::present::{Receipt, json, line};
use std::io::{ErrorKind, Write};
use std::time::Duration;

/// The format of a line.
#[derive(Clone, Debug)]
pub enum Format {
    /// Text for people.
    Text(Style),
    /// One flat object for each item.
    Json,
    /// One OTLP JSON document for each item. Events and gaps have no OTLP form and are left out.
    Otlp,
}

/// Selects the rows of a batch that pass the filter.
pub type Select = Box<dyn Fn(&Batch, SourceId) -> RowSet + Send>;

/// What to write, and how much.
pub struct Options {
    /// The format of a line.
    pub format: Format,
    /// The filter; `None` passes everything.
    pub select: Option<Select>,
    /// The signals to write; empty for all.
    pub signals: Vec<Signal>,
    /// Stops after this many items.
    pub limit: Option<u64>,
    /// Returns the name of a source.
    pub label: Box<dyn Fn(SourceId) -> String + Send>,
    /// The fields that the filter names.
    pub fields: Vec<NamedField>,
    /// Called with a message for each filter field that no item has, after 1 000 items or at the end.
    pub warn: Box<dyn Fn(&str) + Send>,
}

/// Why the loop ended.
#[derive(Debug)]
pub enum Ending {
    /// All sources have ended and everything is written.
    Closed,
    /// The limit was reached.
    Limit,
    /// The reader of the output has closed it (`| head`).
    ReaderGone,
    /// Writing failed.
    Failed(std::io::Error),
}

/// Maximum sleep of a drain. Closing does not wait for it, since `close` wakes the reader.
const IDLE: Duration = Duration::from_secs(60);
/// Approximate bytes of a write; each drain ends with a write too.
const PIECE: usize = 64 << 10;

/// Writes arriving items until it ends. Each parcel is settled as written or filtered; after an early end the rest stays
/// waiting.
pub fn run(mut reader: Reader, options: &Options, output: &mut dyn Write) -> Ending {
    if options.limit == Some(0) {
        return Ending::Limit;
    }
    let fields = NamedFields::new(&options.fields);
    let mut tail = Tail { options, written: 0, line: String::new(), out: Vec::with_capacity(PIECE * 2), fields };
    let ending = tail.write_all(&mut reader, output);
    tail.fields.report().iter().for_each(|message| (options.warn)(message));
    ending
}

struct Tail<'a> {
    options: &'a Options,
    written: u64,
    line: String,
    out: Vec<u8>,
    fields: NamedFields,
}

impl Tail<'_> {
    fn write_all(&mut self, reader: &mut Reader, output: &mut dyn Write) -> Ending {
        loop {
            for parcel in reader.drain(IDLE) {
                let (written, outcome) = self.parcel(&parcel, output);
                reader.settle(parcel.source, written, parcel.items.saturating_sub(written));
                if let Err(ending) = outcome {
                    return ending;
                }
            }
            if let Err(ending) = self.flush(output) {
                return ending;
            }
            if reader.is_closed() {
                return Ending::Closed;
            }
        }
    }

    /// Writes a parcel. Returns the number of items written, without gaps, and whether to continue.
    fn parcel(&mut self, parcel: &Parcel, output: &mut dyn Write) -> (u64, Result<(), Ending>) {
        let label = (self.options.label)(parcel.source);
        let receipt = Receipt { source: &label, received: parcel.received };
        let mut written = 0;
        for batch in &parcel.batches {
            self.fields.see(batch, &label).iter().for_each(|message| (self.options.warn)(message));
            let signals = &self.options.signals;
            let passes = signals.is_empty() || signals.contains(&batch.signal());
            let rows = self.options.select.as_ref().map(|select| select(batch, parcel.source));
            for (row, item) in batch.items().enumerate() {
                let is_gap = matches!(item, Item::Event(event) if event.gap().is_some());
                // A gap concerns items that the filter never saw, so it always passes.
                if !is_gap && (!passes || rows.as_ref().is_some_and(|rows| !rows.contains(row))) {
                    continue;
                }
                let wrote = self.item(item, receipt) && !is_gap;
                written += u64::from(wrote);
                self.written += u64::from(wrote);
                if self.out.len() >= PIECE
                    && let Err(ending) = self.hand_over(output)
                {
                    return (written, Err(ending));
                }
                if self.options.limit.is_some_and(|limit| self.written >= limit) {
                    return (written, Err(self.flush(output).err().unwrap_or(Ending::Limit)));
                }
            }
        }
        (written, Ok(()))
    }

    /// Appends an item. Returns false if the format has no form for it.
    fn item(&mut self, item: Item<'_>, receipt: Receipt<'_>) -> bool {
        match &self.options.format {
            Format::Json => json::write_item(item, receipt, &mut self.out),
            Format::Otlp => return crate::wire::otlp::write_item(item, &mut self.out),
            Format::Text(style) => {
                self.line.clear();
                line::write_item(item, receipt, style, &mut self.line);
                self.out.extend_from_slice(self.line.as_bytes());
            }
        }
        true
    }

    fn flush(&mut self, output: &mut dyn Write) -> Result<(), Ending> {
        self.hand_over(output)?;
        output.flush().map_err(ending)
    }

    fn hand_over(&mut self, output: &mut dyn Write) -> Result<(), Ending> {
        let outcome = output.write_all(&self.out).map_err(ending);
        self.out.clear();
        outcome
    }
}

fn ending(error: std::io::Error) -> Ending {
    if error.kind() == ErrorKind::BrokenPipe { Ending::ReaderGone } else { Ending::Failed(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{EventsBuilder, Word};
    use crate::intake::{Intake, Limits, Overflow};
    use crate::model::Time;

    fn options(limit: Option<u64>) -> Options {
        let select = |batch: &Batch, _| {
            RowSet::from_fn(batch.len(), |row| matches!(batch.item(row), Item::Event(event) if event.kind() != "no"))
        };
        Options {
            format: Format::Json,
            select: Some(Box::new(select)),
            signals: Vec::new(),
            limit,
            label: Box::new(|_| "test".into()),
            fields: Vec::new(),
            warn: Box::new(|_| {}),
        }
    }

    /// The warnings about the fields of this filter, in a run with events of these kinds.
    fn warned(expression: &str, kinds: &[&str]) -> Vec<String> {
        let warnings = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let told = warnings.clone();
        let filter = crate::filter::Filter::parse(expression).unwrap();
        let warn = Box::new(move |message: &str| told.lock().unwrap().push(message.to_owned()));
        let options = Options { fields: filter.named_fields(), warn, ..options(None) };
        let (_, reader) = fed(kinds);
        run(reader, &options, &mut Vec::new());
        std::mem::take(&mut *warnings.lock().unwrap())
    }

    #[test]
    fn a_missing_field_is_reported_once() {
        let message = "no item has a field `tpye`; did you mean `type`?";
        assert_eq!(warned("tpye:a type:a", &["a"; 3]), [message]);
        assert_eq!(warned("tpye:a", &["a"; 2_500]), [message]);
        assert_eq!(warned("type:a", &["a"; 3]), [""; 0]);
        assert_eq!(warned("tpye:a", &[]), [""; 0], "no item, no report");
    }

    fn fed(kinds: &[&str]) -> (Intake, Reader) {
        let (intake, reader) = Intake::new(Limits::default());
        let mut events = EventsBuilder::default();
        for kind in kinds {
            match *kind {
                "gap" => events.push_gap("overflow", 3, Time(1)),
                kind => events.push(kind, "", Time(1), "", Word::EMPTY),
            }
        }
        let parcel = Parcel::new(SourceId(1), Time(1), vec![events.finish()], 0);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(intake.push(parcel, Overflow::Wait)).unwrap();
        intake.close();
        (intake, reader)
    }

    #[test]
    fn filtered_items_are_counted_not_written() {
        let (intake, reader) = fed(&["a", "no", "gap", "b", "no"]);
        let mut out = Vec::new();
        assert!(matches!(run(reader, &options(None), &mut out), Ending::Closed));
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 3, "two events and the gap: {text}");
        let total = intake.counts().total;
        assert_eq!((total.received, total.stored, total.filtered), (4, 2, 2));
        assert!(total.balanced());
    }

    #[test]
    fn the_limit_counts_written_items() {
        let (_, reader) = fed(&["no", "a", "b", "c"]);
        let mut out = Vec::new();
        assert!(matches!(run(reader, &options(Some(2)), &mut out), Ending::Limit));
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 2);
    }

    #[test]
    fn a_closed_output_ends_the_loop_quietly() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let (_, reader) = fed(&["a"]);
        assert!(matches!(run(reader, &options(None), &mut Gone), Ending::ReaderGone));
    }
}
