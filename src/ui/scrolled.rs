//! Horizontal scrolling of a typed line, so that its cursor stays visible.

use crate::model::visible;
use crate::present::width;

/// The escaped line without its first cells, so that the cursor is visible; and the number of those cells.
pub(super) fn scrolled(text: &str, cursor: usize, room: u16) -> (String, usize) {
    let room = usize::from(room);
    let before = width(&visible(&text[..cursor]));
    let shown = visible(text);
    if before < room {
        return (shown, 0);
    }
    let mut hidden = 0;
    let least = before + 1 - room;
    let start = shown
        .char_indices()
        .find(|(_, c)| {
            let enough = hidden >= least;
            if !enough {
                hidden += width(c.encode_utf8(&mut [0; 4]));
            }
            enough
        })
        .map_or(shown.len(), |(at, _)| at);
    (shown[start..].to_owned(), hidden)
}
