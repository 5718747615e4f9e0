//! The columns of a row, and which go first where there is no room.
//!
//! ```text
//!  ▌state         source   group  kind    rate  last minute   items    bytes    lag  tries   lost  notes
//! ```
//!
//! As the screen narrows they go in this order: bytes, group, kind, tries, lag, the last minute, lost, items, notes, rate;
//! the state loses its word last of all. Sign and source stay, and so does `insecure`, where any source is. What is left
//! keeps its place in every row.

use crate::app::screens::sources::SortBy;

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    State,
    Source,
    Group,
    Kind,
    Rate,
    Minute,
    Items,
    Bytes,
    Lag,
    Tries,
    Lost,
    Notes,
}

/// A column that is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Column {
    pub what: What,
    pub x: u16,
    pub width: u16,
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
const NOTES: u16 = 22;
const INSECURE: u16 = 8;
/// A label has so many cells at least, where there are so many, and no more than this.
const LABEL: u16 = 12;
const LONG_LABEL: u16 = 32;

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

    fn cells(self, screen: u16) -> u16 {
        match self {
            // `◌ connecting`, `▲ partly live`, `◌ retry 300s`
            What::State if screen < 28 => 1,
            What::State if screen < 60 => 12,
            What::State => 13,
            What::Source if screen < 70 => LABEL,
            What::Source => LABEL + 4,
            What::Group => 10,
            What::Kind => 6,
            What::Rate => 8,
            What::Minute if screen < 130 => 12,
            What::Minute => 20,
            What::Items => 9,
            What::Bytes => 9,
            What::Lag => 7,
            What::Tries => 5,
            What::Lost => 7,
            What::Notes => NOTES,
        }
    }
}

/// The columns of a list that is so many cells wide; whether any source has a group, or is insecure.
pub(super) fn fit(width: u16, grouped: bool, insecure: bool) -> Vec<Column> {
    let gap = if width < 60 { 1 } else { 2 };
    let mut shown: Vec<(What, u16)> = ORDER.into_iter().map(|what| (what, what.cells(width))).collect();
    shown.retain(|(what, _)| grouped || *what != What::Group);
    let total = |shown: &[(What, u16)]| -> u16 { 1 + shown.iter().map(|(_, cells)| cells + gap).sum::<u16>() - gap };
    for going in GOING {
        if total(&shown) <= width {
            break;
        }
        match (going, insecure) {
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
                let has_notes = width >= 60;
                let more = if has_notes { (rest / 3).min(LONG_LABEL.saturating_sub(*cells)) } else { rest };
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

    #[test]
    fn columns_never_overlap_and_never_leave_the_list() {
        for width in 0..400 {
            for (grouped, insecure) in [(false, false), (true, false), (false, true), (true, true)] {
                let columns = fit(width, grouped, insecure);
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
            let columns = fit(width, true, false);
            let order = GOING.map(|what| columns.iter().any(|column| column.what == what));
            assert!(order.is_sorted(), "{width}: {order:?}");
            let stays = |wanted| columns.iter().any(|column| column.what == wanted);
            assert!(width < 4 || stays(What::State) && stays(What::Source), "{width}");
        }
    }

    #[test]
    fn insecure_is_said_wherever_there_is_room_for_the_word() {
        for width in 20..300 {
            let columns = fit(width, true, true);
            let notes = columns.iter().find(|column| column.what == What::Notes);
            assert!(notes.is_some_and(|notes| notes.width >= INSECURE), "{width}: {columns:?}");
        }
    }
}
