//! The help: keys for the current context, filter and search examples, signs.

use super::canvas::Canvas;
use super::theme::Role;
use crate::app::{Action, App, Area, Context, Event, Layout};
use crate::keymap::{Keymap, key_name};
use crate::present::{width, wrap};

/// Keys or signs with their meanings, under a title.
struct Block {
    title: String,
    pairs: Vec<(String, String)>,
}

/// A line of a column: a title, or a key with a text that starts at cell `at`.
#[derive(Default)]
struct HelpLine {
    title: String,
    key: String,
    does: String,
    at: usize,
}

/// Minimum and maximum cells between columns.
const GAP: usize = 2;
const WIDE_GAP: usize = 8;
/// With fewer cells beside a key, its text goes below.
const BESIDE: usize = 16;

/// Draws the help over the list and the detail.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, keymap: &Keymap, layout: &Layout) {
    let Some(top) = app.help else { return };
    let area = area(layout);
    canvas.clear(area);
    if area.is_empty() {
        return;
    }
    canvas.text(area.x, area.y, area.width, &"─".repeat(area.width.into()), Role::Accent);
    canvas.clear(Area { x: area.x + 2, y: area.y, width: 6, height: 1 });
    canvas.text(area.x + 3, area.y, area.width.saturating_sub(3), "help", Role::Strong);
    let columns = columns(&blocks(app, keymap), area.width.saturating_sub(2).into());
    let height = usize::from(area.height - 1);
    let (longest, end) = reach(&columns, height);
    let top = top.min(end);
    for column in &columns {
        let x = area.x + 1 + column.x as u16;
        for (line, y) in column.lines.iter().skip(top).take(height).zip(area.y + 1..) {
            canvas.text(x, y, area.width, &line.title, Role::Strong);
            canvas.text(x + 1, y, area.width, &line.key, Role::Accent);
            canvas.text(x + line.at as u16, y, area.width, &line.does, Role::Text);
        }
    }
    if longest > height {
        let text = if top + height >= longest { " end " } else { " ↓ more " };
        let cells = width(text) as u16;
        canvas.text(area.x + area.width.saturating_sub(cells + 2), area.y, cells, text, Role::Dim);
    }
}

/// The number of lines by which the open help can scroll, as an event for the app.
pub fn help_end(app: &App, keymap: &Keymap) -> Option<Event> {
    app.help?;
    let area = area(&app.layout());
    let columns = columns(&blocks(app, keymap), area.width.saturating_sub(2).into());
    Some(Event::HelpEnds(reach(&columns, area.height.saturating_sub(1).into()).1))
}

/// The number of lines, and the scroll position that shows the last one.
fn reach(columns: &[HelpColumn], height: usize) -> (usize, usize) {
    let longest = columns.iter().map(|column| column.lines.len()).max().unwrap_or_default();
    (longest, longest.saturating_sub(height))
}

/// Lines of a column, and its first cell.
struct HelpColumn {
    x: usize,
    lines: Vec<HelpLine>,
}

/// As many columns as fit uncut. Lines wrap in a single column that is too narrow.
fn columns(blocks: &[Block], cells: usize) -> Vec<HelpColumn> {
    let wide = |side: &[&Block]| side.iter().map(|block| block.cells()).max().unwrap_or_default();
    let fitting = (2..=3).rev().map(|count| spread(blocks, count)).find_map(|sides| {
        let wides: Vec<usize> = sides.iter().map(|side| wide(side)).collect();
        let gaps = sides.len().saturating_sub(1);
        let left = cells.checked_sub(wides.iter().sum::<usize>() + gaps * GAP)?;
        let gap = GAP + (left / gaps.max(1)).min(WIDE_GAP - GAP);
        Some((sides, wides, gap))
    });
    let (sides, wides, gap) = fitting.unwrap_or_else(|| (spread(blocks, 1), vec![cells], 0));
    let mut next = 0;
    let place = |(side, wide): (Vec<&Block>, usize)| {
        let x = next;
        next += wide + gap;
        let mut lines = Vec::new();
        for block in side {
            if !lines.is_empty() {
                lines.push(HelpLine::default());
            }
            lines.extend(block.lines(wide));
        }
        HelpColumn { x, lines }
    };
    sides.into_iter().zip(wides).map(place).collect()
}

impl Block {
    /// The widest key, in cells.
    fn keys(&self) -> usize {
        self.pairs.iter().map(|(key, _)| width(key)).max().unwrap_or_default()
    }

    /// The widest line without wrapping, in cells.
    fn cells(&self) -> usize {
        let does = self.pairs.iter().map(|(_, does)| width(does)).max().unwrap_or_default();
        (1 + self.keys() + 2 + does).max(width(&self.title))
    }

    /// The lines of this block, wrapped to `cells` cells.
    fn lines(&self, cells: usize) -> Vec<HelpLine> {
        let beside = 1 + self.keys() + 2;
        let stacked = beside + BESIDE > cells && self.cells() > cells;
        let at = if stacked { 3 } else { beside };
        let mut lines = vec![HelpLine { title: self.title.clone(), ..HelpLine::default() }];
        for (key, does) in &self.pairs {
            let mut keys = parts(key, cells.saturating_sub(1));
            let mut does = parts(does, cells.saturating_sub(at));
            if stacked {
                lines.extend(keys.drain(..).map(|key| HelpLine { key, ..HelpLine::default() }));
            }
            let rows = keys.len().max(does.len());
            keys.resize(rows, String::new());
            does.resize(rows, String::new());
            let rows = keys.into_iter().zip(does);
            lines.extend(rows.map(|(key, does)| HelpLine { key, does, at, ..HelpLine::default() }));
        }
        lines
    }
}

/// A text, wrapped to the width of a column.
fn parts(text: &str, cells: usize) -> Vec<String> {
    wrap(text, cells).into_iter().map(|part| text[part].trim_end().to_owned()).collect()
}

/// The area of the help.
pub(super) fn area(layout: &Layout) -> Area {
    let list = if layout.header.height > 0 { layout.header } else { layout.list };
    let top = if list.height > 0 { list } else { layout.title };
    let bottom = layout.content.y + layout.content.height;
    let end = bottom.max(layout.list.y + layout.list.height);
    Area { height: end.saturating_sub(top.y), ..top }
}

fn blocks(app: &App, keymap: &Keymap) -> Vec<Block> {
    let here = app.pane_contexts();
    let mut blocks: Vec<Block> = help_contexts(app, keymap)
        .into_iter()
        .map(|context| {
            let keys =
                |keys: &[crokey::KeyCombination]| keys.iter().map(|key| key_name(*key)).collect::<Vec<_>>().join(" ");
            let pairs = keymap.rules(context).map(|rule| (keys(&keymap.keys_here(&here, rule)), rule.does.clone()));
            block(context.title(), pairs.filter(|(keys, _)| !keys.is_empty()).collect())
        })
        .filter(|block| !block.pairs.is_empty())
        .collect();
    blocks.push(fixed("The order of the Feed", &ORDER));
    blocks.push(fixed("Filter", &FILTER));
    blocks.push(fixed("Search", &SEARCH));
    blocks.push(fixed("Signs", &SIGNS));
    blocks
}

/// The current contexts, then those that their keys lead to.
fn help_contexts(app: &App, keymap: &Keymap) -> Vec<Context> {
    let mut contexts = app.pane_contexts();
    if !contexts.contains(&Context::Detail) {
        contexts.push(Context::Detail);
    }
    if keymap.rules(Context::Screen(app.screen)).any(|rule| rule.action == Action::Add) {
        contexts.push(Context::Add);
    }
    contexts.push(Context::Line);
    contexts
}

const FILTER: [(&str, &str); 9] = [
    ("service:checkout kind:client", "both; case is ignored"),
    ("duration>250ms value>=1MB", "with units"),
    ("http.route=\"/cart\"", "exact attribute value"),
    ("resource.host.name!=web-3", "resource attribute"),
    ("name~\"^GET /api\"", "regular expression"),
    ("user.id:*", "the attribute exists"),
    ("not kind:client or timeout", "bare word: anywhere"),
    ("severity>=warn signal:log", "logs"),
    ("trace:4bf92f", "beginning of an id"),
];

const ORDER: [(&str, &str); 2] = [
    ("live", "items stand in the order of their arrival"),
    ("frozen", "o sorts them by their own time, else by receipt"),
];

const SEARCH: [(&str, &str); 2] =
    [("/order", "anywhere in the item; case is ignored"), ("/Order", "with a capital, case matters")];

const SIGNS: [(&str, &str); 10] = [
    ("✕", "error: in a span, a log or a source"),
    ("▲", "warning, or a gap where rows were lost"),
    ("~", "after a time: clock off by over a minute"),
    ("?", "after a time: sorted by time of receipt"),
    ("▇", "duration, log scale from 100µs to 10s"),
    ("●", "live"),
    ("◌", "connecting, or waiting to retry"),
    ("‖", "a paused source"),
    ("○", "off"),
    ("▌", "selected"),
];

fn fixed(title: &str, pairs: &[(&str, &str)]) -> Block {
    block(title, pairs.iter().map(|(key, does)| ((*key).to_owned(), (*does).to_owned())).collect())
}

fn block(title: &str, pairs: Vec<(String, String)>) -> Block {
    Block { title: title.to_owned(), pairs }
}

/// Distributes the blocks, in order, over columns of about the same length.
fn spread(blocks: &[Block], columns: usize) -> Vec<Vec<&Block>> {
    let lines = |block: &Block| block.pairs.len() + 2;
    let share = blocks.iter().map(lines).sum::<usize>().div_ceil(columns);
    let mut sides: Vec<Vec<&Block>> = vec![Vec::new()];
    let mut before = 0;
    for block in blocks {
        let full = before + lines(block) / 2 >= share * sides.len();
        before += lines(block);
        if full && sides.len() < columns {
            sides.push(Vec::new());
        }
        if let Some(side) = sides.last_mut() {
            side.push(block);
        }
    }
    sides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_of_a_filter_is_one() {
        for (example, _) in FILTER {
            assert!(crate::filter::Filter::parse(example).is_ok(), "{example}");
        }
    }
}
