//! The help: the keys of where the user is, the signs, the filter in a few lines.

use super::canvas::Canvas;
use super::theme::Role;
use crate::app::screens::Screen;
use crate::app::{App, Area, Context, Layout, Pane, width};
use crate::keymap::{Keymap, key_name};

/// A line of the help.
enum HelpLine {
    Title(String),
    /// Keys, what they do, and how many cells the keys of this block have.
    Pair {
        key: String,
        does: String,
        cells: u16,
    },
    Empty,
}

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
    let columns = (area.width / 52).clamp(1, 3);
    let wide = area.width / columns;
    let blocks = blocks(app, keymap);
    let sides = spread(blocks, columns.into());
    let height = usize::from(area.height - 1);
    let longest = sides.iter().map(Vec::len).max().unwrap_or_default();
    let top = top.min(longest.saturating_sub(height));
    for (side, lines) in sides.iter().enumerate() {
        let x = area.x + wide * side as u16 + 1;
        for (line, y) in lines.iter().skip(top).take(height).zip(area.y + 1..) {
            match line {
                HelpLine::Title(title) => _ = canvas.cut(x, y, wide.saturating_sub(2), title, Role::Strong),
                HelpLine::Pair { key, does, cells } => {
                    let cells = (*cells).min(wide / 2);
                    canvas.cut(x + 1, y, cells, key, Role::Accent);
                    canvas.cut(x + cells + 3, y, wide.saturating_sub(cells + 5), does, Role::Text);
                }
                HelpLine::Empty => {}
            }
        }
    }
    if longest > height {
        let text = if top + height >= longest { " end " } else { " ↓ more " };
        let cells = width(text) as u16;
        canvas.text(area.x + area.width.saturating_sub(cells + 2), area.y, cells, text, Role::Dim);
    }
}

/// Where the help lies.
pub(super) fn area(layout: &Layout) -> Area {
    let list = if layout.header.height > 0 { layout.header } else { layout.list };
    let top = if list.height > 0 { list } else { layout.title };
    let bottom = layout.content.y + layout.content.height;
    let end = bottom.max(layout.list.y + layout.list.height);
    Area { height: end.saturating_sub(top.y), ..top }
}

fn blocks(app: &App, keymap: &Keymap) -> Vec<Vec<HelpLine>> {
    let contexts: &[(Context, &str)] = match (app.screen, app.focus()) {
        (Screen::Sources, _) => &[
            (Context::Sources, "Sources"),
            (Context::List, "Moving"),
            (Context::Global, "Everywhere"),
            (Context::Add, "Adding a source"),
            (Context::Line, "While typing"),
        ],
        (Screen::Feed, Pane::List) => &[
            (Context::Feed, "Feed"),
            (Context::List, "Moving"),
            (Context::Global, "Everywhere"),
            (Context::Detail, "In the detail"),
            (Context::Line, "While typing"),
        ],
        (Screen::Feed, Pane::Detail) => &[
            (Context::Detail, "In the detail"),
            (Context::Feed, "Feed"),
            (Context::List, "Moving"),
            (Context::Global, "Everywhere"),
            (Context::Line, "While typing"),
        ],
    };
    let mut blocks: Vec<Vec<HelpLine>> = contexts
        .iter()
        .map(|(context, title)| {
            let keys =
                |keys: &[crokey::KeyCombination]| keys.iter().map(|key| key_name(*key)).collect::<Vec<_>>().join(" ");
            block(title, keymap.rules(*context).map(|rule| (keys(&rule.keys), rule.does.clone())).collect())
        })
        .collect();
    blocks.push(fixed("Filter", &FILTER));
    blocks.push(fixed("Signs", &SIGNS));
    blocks
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

const SIGNS: [(&str, &str); 9] = [
    ("✕", "failed: a span, a log's severity, a source"),
    ("▲", "a warning; a gap, where rows were lost"),
    ("~", "behind a time: a clock over a minute off"),
    ("▇", "duration, by powers of ten: 100µs to 10s"),
    ("●", "live"),
    ("◌", "connecting, or waiting to try again"),
    ("‖", "paused"),
    ("○", "off"),
    ("▌", "selected"),
];

fn fixed(title: &str, pairs: &[(&str, &str)]) -> Vec<HelpLine> {
    block(title, pairs.iter().map(|(key, does)| ((*key).to_owned(), (*does).to_owned())).collect())
}

fn block(title: &str, pairs: Vec<(String, String)>) -> Vec<HelpLine> {
    let cells = pairs.iter().map(|(key, _)| width(key)).max().unwrap_or_default() as u16;
    let pairs = pairs.into_iter().map(|(key, does)| HelpLine::Pair { key, does, cells });
    std::iter::once(HelpLine::Title(title.to_owned())).chain(pairs).collect()
}

/// Blocks over so many columns of about the same length, in their order, with an empty line between them.
fn spread(blocks: Vec<Vec<HelpLine>>, columns: usize) -> Vec<Vec<HelpLine>> {
    let total: usize = blocks.iter().map(|block| block.len() + 1).sum();
    let share = total.div_ceil(columns);
    let mut sides: Vec<Vec<HelpLine>> = Vec::from([Vec::new()]);
    let mut before = 0;
    for block in blocks {
        let full = before + block.len() / 2 >= share * sides.len();
        before += block.len() + 1;
        if full && sides.len() < columns {
            sides.push(Vec::new());
        }
        if let Some(side) = sides.last_mut() {
            if !side.is_empty() {
                side.push(HelpLine::Empty);
            }
            side.extend(block);
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
