//! The columns of a row, and which go first where there is no room: for drawing, for the mouse, and for sorting by what is
//! to be seen.
//!
//! ```text
//!  ▌state         source   group  kind    rate  last minute   items    bytes    lag  tries   lost  notes
//! ```
//!
//! Group and lost are there where any source has one, and has lost anything. As the screen narrows they go in this order:
//! bytes (where the notes would be short already), group, kind, tries, lag, the last minute, lost, items, notes, rate;
//! the state loses its word last of all. Sign and source stay, and so does `insecure`, where any source is. Names and words
//! have the room that the longest of them takes, within bounds, and the notes what is left. What is left keeps its place in
//! every row.

use super::{SortBy, Sources};
use crate::app::is_open;
use crate::app::traffic::Traffic;
use crate::model::{Connection, Counts, SourceId, visible};
use crate::present;

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// Sign and word of the state.
    State,
    /// The label.
    Source,
    /// The group; not shown where no source has one.
    Group,
    /// What it was recognised as.
    Kind,
    /// Items a second.
    Rate,
    /// The last minute of them.
    Minute,
    /// Items received.
    Items,
    /// Bytes of what came.
    Bytes,
    /// Event time against receipt.
    Lag,
    /// Attempts in a row without an item.
    Tries,
    /// Dropped and rejected; not shown where nothing was.
    Lost,
    /// What is to be known at a glance, and what went wrong.
    Notes,
}

/// A column that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// What stands in it.
    pub what: What,
    /// Its first cell in the list.
    pub x: u16,
    /// Its cells.
    pub width: u16,
}

/// What the widths depend on beside that of the list: cells of the longest of the words.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Words {
    label: u16,
    /// 0 where no source has a group.
    group: u16,
    kind: u16,
    /// Whether any open source is insecure.
    insecure: bool,
    /// Whether any source has lost anything.
    lost: bool,
}

/// In the order of the screen.
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
/// In the order of going.
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
/// Notes of fewer cells say nothing; those of an insecure source always say that it is.
const NOTES: u16 = 20;
const GOOD_NOTES: u16 = 36;
const INSECURE: u16 = 8;
/// Cells of labels: the least on a narrow screen, the least on a wide one, and the most.
const LABELS: (u16, u16) = (12, 16);
const LONG_LABEL: u16 = 40;

impl What {
    /// What its column is sorted by.
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

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            What::Minute => "last minute",
            What::Notes => "notes",
            what => what.sort().map_or("", SortBy::word),
        }
    }

    /// Whether its numbers stand at its right end.
    pub fn is_number(self) -> bool {
        matches!(self, What::Rate | What::Items | What::Bytes | What::Lag | What::Tries | What::Lost)
    }

    fn cells(self, screen: u16, words: &Words) -> u16 {
        match self {
            // `◌ connecting`, `▲ partly live`, `◌ retry 300s`
            What::State if screen < 28 => 1,
            What::State if screen < 70 => 12,
            What::State => 13,
            // A title, and the sign that it is sorted by.
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
    /// The columns of a list of these connections that is so many cells wide.
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
                // On a narrow screen nothing else needs it; else a long label may have a third of it.
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
    fn insecure_is_said_wherever_there_is_room_for_the_word() {
        for width in 20..300 {
            for words in every_words().into_iter().filter(|words| words.insecure) {
                let columns = fit(width, &words);
                let notes = columns.iter().find(|column| column.what == What::Notes);
                assert!(notes.is_some_and(|notes| notes.width >= INSECURE), "{width}: {columns:?}");
            }
        }
    }

    #[test]
    fn what_short_names_leave_is_for_the_notes() {
        let notes = |label| {
            let columns = fit(160, &Words { label, kind: 4, ..Words::default() });
            columns.last().map_or(0, |notes| notes.width)
        };
        assert!(notes(6) >= 45, "{}", notes(6));
        assert!(notes(40) >= NOTES, "{}", notes(40));
    }
}
