//! The columns of a row and the order in which narrow screens drop them. Drawing, the mouse and sorting share it.
//!
//! ```text
//!  ▌state         source   group  kind    rate  last minute   items    bytes    lag  tries   lost  notes
//! ```
//!
//! Group and lost appear only if some source has a group or lost items. As the screen narrows, columns go in this order:
//! bytes (as soon as the notes would be short), group, kind, tries, lag, last minute, lost, items, notes, rate. The state
//! loses its word last. The sign and the source always stay; so does `insecure` while any source is insecure. Columns of
//! names are as wide as their longest name, within bounds; the notes get the rest. The columns of all rows align.

use super::{SortBy, Sources};
use crate::app::is_open;
use crate::app::traffic::Traffic;
use crate::model::{Connection, Counts, SourceId, visible};
use crate::present;

/// A column's content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// The sign and the word of the state.
    State,
    /// The source's name.
    Source,
    /// The group; hidden if no source has one.
    Group,
    /// The kind or the recognised format.
    Kind,
    /// Items per second.
    Rate,
    /// A chart of the last minute's rate.
    Minute,
    /// Items received.
    Items,
    /// Bytes received.
    Bytes,
    /// Difference between event time and receipt.
    Lag,
    /// Consecutive attempts without an item.
    Tries,
    /// Items dropped and rejected; hidden if there are none.
    Lost,
    /// Warnings and the last error.
    Notes,
}

/// A visible column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its content.
    pub what: What,
    /// Its first cell in the list.
    pub x: u16,
    /// Its width in cells.
    pub width: u16,
}

/// The inputs of the widths besides the list's own: the longest words, in cells.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Words {
    label: u16,
    /// 0 without any group.
    group: u16,
    kind: u16,
    /// Whether any open source is insecure.
    insecure: bool,
    /// Whether any source has lost anything.
    lost: bool,
}

/// From left to right.
const ORDER: [What; 12] = [
    What::State,
    What::Source,
    What::Group,
    What::Kind,
    What::Rate,
    What::Minute,
    What::Items,
    What::Bytes,
    What::Lag,
    What::Tries,
    What::Lost,
    What::Notes,
];
/// In the order in which narrow screens drop them.
const GOING: [What; 10] = [
    What::Bytes,
    What::Group,
    What::Kind,
    What::Tries,
    What::Lag,
    What::Minute,
    What::Lost,
    What::Items,
    What::Notes,
    What::Rate,
];
/// Minimum cells of the notes; shorter ones are unreadable. An insecure source always shows `insecure`.
const NOTES: u16 = 20;
const GOOD_NOTES: u16 = 36;
const INSECURE: u16 = 8;
/// Widths of names in cells: the minimum on a narrow screen, the minimum on a wide one, and the maximum.
const LABELS: (u16, u16) = (12, 16);
const LONG_LABEL: u16 = 40;

impl What {
    /// The sort order of this column.
    pub fn sort(self) -> Option<SortBy> {
        match self {
            What::State => Some(SortBy::State),
            What::Source => Some(SortBy::Label),
            What::Group => Some(SortBy::Group),
            What::Kind => Some(SortBy::Kind),
            What::Rate => Some(SortBy::Rate),
            What::Items => Some(SortBy::Items),
            What::Bytes => Some(SortBy::Bytes),
            What::Lag => Some(SortBy::Lag),
            What::Tries => Some(SortBy::Tries),
            What::Lost => Some(SortBy::Lost),
            What::Minute | What::Notes => None,
        }
    }

    /// The title.
    pub fn title(self) -> &'static str {
        match self {
            What::Minute => "last minute",
            What::Notes => "notes",
            what => what.sort().map_or("", SortBy::word),
        }
    }

    /// Whether its text is right-aligned.
    pub fn is_number(self) -> bool {
        matches!(self, What::Rate | What::Items | What::Bytes | What::Lag | What::Tries | What::Lost)
    }

    fn cells(self, screen: u16, words: &Words) -> u16 {
        match self {
            // `◌ connecting`, `▲ partly live`, `◌ retry 300s`
            What::State if screen < 28 => 1,
            What::State if screen < 70 => 12,
            What::State => 13,
            // The title and the sort sign.
            What::Source if screen < 70 => words.label.clamp(8, LABELS.0),
            What::Source => words.label.clamp(8, LABELS.1),
            What::Group => words.group.clamp(7, 12),
            What::Kind => words.kind.clamp(6, 13),
            What::Rate => 8,
            What::Minute if screen < 130 => 12,
            What::Minute => 20,
            What::Items => 9,
            What::Bytes => 9,
            What::Lag => 7,
            What::Tries => 5,
            What::Lost => 7,
            What::Notes if screen < 70 => NOTES,
            What::Notes => NOTES + 2,
        }
    }
}

impl Sources {
    /// The columns for these connections in a list of this width in cells.
    pub fn columns(&self, connections: &[Connection], traffic: &Traffic, width: u16) -> Vec<Column> {
        fit(width, &words(connections, &traffic.counts))
    }
}

fn words(connections: &[Connection], counts: &[(SourceId, Counts)]) -> Words {
    let longest = |word: fn(&Connection) -> &str| {
        let cells = connections.iter().map(|connection| present::width(&visible(word(connection)))).max();
        u16::try_from(cells.unwrap_or_default()).unwrap_or(u16::MAX)
    };
    Words {
        label: longest(|connection| &connection.label),
        group: longest(|connection| connection.group.as_deref().unwrap_or_default()),
        kind: longest(Connection::recognised),
        insecure: connections.iter().any(|connection| connection.insecure && is_open(connection)),
        lost: counts.iter().any(|(_, counts)| counts.lost() > 0),
    }
}

fn fit(width: u16, words: &Words) -> Vec<Column> {
    let gap = if width < 60 { 1 } else { 2 };
    let mut shown: Vec<(What, u16)> = ORDER.into_iter().map(|what| (what, what.cells(width, words))).collect();
    shown.retain(|(what, _)| words.group > 0 || *what != What::Group);
    shown.retain(|(what, _)| words.lost || *what != What::Lost);
    let total = |shown: &[(What, u16)]| -> u16 { 1 + shown.iter().map(|(_, cells)| cells + gap).sum::<u16>() - gap };
    for going in GOING {
        let short_of = if going == What::Bytes { GOOD_NOTES - NOTES } else { 0 };
        if total(&shown) + short_of <= width {
            break;
        }
        match (going, words.insecure) {
            (What::Notes, true) => shown.iter_mut().filter(|(what, _)| *what == going).for_each(|(_, c)| *c = INSECURE),
            _ => shown.retain(|(what, _)| *what != going),
        }
    }
    let over = total(&shown).saturating_sub(width);
    let mut rest = width.saturating_sub(total(&shown));
    for (what, cells) in &mut shown {
        match what {
            What::Source => {
                *cells = cells.saturating_sub(over).max(1);
                // A narrow screen has no other use for the space. On a wide one, a long name may take a third of it.
                let wanted = words.label.min(LONG_LABEL).saturating_sub(*cells);
                let more = if width < 60 { rest } else { wanted.min(rest / 3) };
                *cells += more;
                rest -= more;
            }
            What::Notes => *cells += rest,
            _ => {}
        }
    }
    let mut x = 1;
    let place = |(what, cells): (What, u16)| {
        let column = Column { what, x, width: cells.min(width.saturating_sub(x)) };
        x += cells + gap;
        column
    };
    shown.into_iter().map(place).filter(|column| column.width > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_words() -> Vec<Words> {
        let mut every = Vec::new();
        for (label, group, kind) in [(0, 0, 0), (4, 0, 6), (20, 7, 10), (300, 300, 300)] {
            let with = |insecure, lost| Words { label, group, kind, insecure, lost };
            every.extend([with(false, true), with(true, true), with(false, false), with(true, false)]);
        }
        every
    }

    #[test]
    fn columns_never_overlap_and_never_leave_the_list() {
        for width in 0..400 {
            for words in every_words() {
                let columns = fit(width, &words);
                for pair in columns.windows(2) {
                    assert!(pair[0].x + pair[0].width < pair[1].x, "{width}: {columns:?}");
                }
                assert!(columns.iter().all(|column| column.x + column.width <= width), "{width}: {columns:?}");
            }
        }
    }

    #[test]
    fn columns_go_in_the_stated_order() {
        for width in 1..300 {
            for words in every_words().into_iter().filter(|words| !words.insecure && words.group > 0 && words.lost) {
                let columns = fit(width, &words);
                let order = GOING.map(|what| columns.iter().any(|column| column.what == what));
                assert!(order.is_sorted(), "{width}: {order:?}");
                let stays = |wanted| columns.iter().any(|column| column.what == wanted);
                assert!(width < 4 || stays(What::State) && stays(What::Source), "{width}");
            }
        }
    }

    #[test]
    fn insecure_is_shown_where_the_word_fits() {
        for width in 20..300 {
            for words in every_words().into_iter().filter(|words| words.insecure) {
                let columns = fit(width, &words);
                let notes = columns.iter().find(|column| column.what == What::Notes);
                assert!(notes.is_some_and(|notes| notes.width >= INSECURE), "{width}: {columns:?}");
            }
        }
    }

    #[test]
    fn notes_take_the_space_of_short_names() {
        let notes = |label| {
            let columns = fit(160, &Words { label, kind: 4, ..Words::default() });
            columns.last().map_or(0, |notes| notes.width)
        };
        assert!(notes(6) >= 45, "{}", notes(6));
        assert!(notes(40) >= NOTES, "{}", notes(40));
    }
}
