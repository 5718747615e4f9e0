//! The help: the keys of where the user is, the filter and the search in a few lines, the signs.

use super::canvas::Canvas;
use super::theme::Role;
use crate::app::{Action, App, Area, Context, Event, Layout};
use crate::keymap::{Keymap, key_name};
use crate::present::{width, wrap};

/// Keys with what they do, or signs with what they mean, under a title.
struct Block {
    title: String,
    pairs: Vec<(String, String)>,
}

/// A line of a column: a title alone, or a key and what stands beside it from a cell on.
#[derive(Default)]
struct HelpLine {
    title: String,
    key: String,
    does: String,
    at: usize,
}

/// Columns stand so far apart at least, and at most.
const GAP: usize = 2;
const WIDE_GAP: usize = 8;
/// What a key does goes below it where fewer cells are left beside it.
const BESIDE: usize = 16;

/// Draws the help over list and detail.
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

/// How far the help can be scrolled as the screen is, for an app that shows it: what scrolls it must stop there.
pub fn help_end(app: &App, keymap: &Keymap) -> Option<Event> {
    app.help?;
    let area = area(&app.layout());
    let columns = columns(&blocks(app, keymap), area.width.saturating_sub(2).into());
    Some(Event::HelpEnds(reach(&columns, area.height.saturating_sub(1).into()).1))
}

/// How many lines there are, and the first one on the screen where the last is.
fn reach(columns: &[HelpColumn], height: usize) -> (usize, usize) {
    let longest = columns.iter().map(|column| column.lines.len()).max().unwrap_or_default();
    (longest, longest.saturating_sub(height))
}

/// Lines below each other, and the cell that they begin at.
struct HelpColumn {
    x: usize,
    lines: Vec<HelpLine>,
}

/// As many columns as stand side by side with nothing cut; in a single one that is too narrow the lines wrap.
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
    /// Cells of the widest key.
    fn keys(&self) -> usize {
        self.pairs.iter().map(|(key, _)| width(key)).max().unwrap_or_default()
    }

    /// Cells for every line in one piece.
    fn cells(&self) -> usize {
        let does = self.pairs.iter().map(|(_, does)| width(does)).max().unwrap_or_default();
        (1 + self.keys() + 2 + does).max(width(&self.title))
    }

    /// In a column of `cells` cells.
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

/// A text in pieces that fit into a column.
fn parts(text: &str, cells: usize) -> Vec<String> {
    wrap(text, cells).into_iter().map(|part| text[part].trim_end().to_owned()).collect()
}

/// Where the help lies.
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

/// Where the user is, then where a key leads from there.
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
    ("service:checkout kind:client", "both, without case"),
    ("duration>250ms value>=1MB", "units are read"),
    ("http.route=\"/cart\"", "an attribute, exactly"),
    ("resource.host.name!=web-3", "of the resource"),
    ("name~\"^GET /api\"", "regular expression"),
    ("user.id:*", "it is there"),
    ("not kind:client or timeout", "a bare word: anywhere"),
    ("severity>=warn signal:log", "logs"),
    ("trace:4bf92f", "ids by their beginning"),
];

const ORDER: [(&str, &str); 2] = [
    ("live", "items stand in the order of their arrival"),
    ("frozen", "o sorts them by their own time, else by receipt"),
];

const SEARCH: [(&str, &str); 2] =
    [("/order", "in any case, anywhere in the item"), ("/Order", "a capital: as it is written")];

const SIGNS: [(&str, &str); 10] = [
    ("✕", "failed: a span, a log's severity, a source"),
    ("▲", "a warning; a gap, where rows were lost"),
    ("~", "behind a time: a clock over a minute off"),
    ("?", "behind a time: that of receipt, sorted by time"),
    ("▇", "duration, by powers of ten: 100µs to 10s"),
    ("●", "live"),
    ("◌", "connecting, or waiting to try again"),
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

/// Blocks over so many columns of about the same length, in their order.
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
