//! The right end of the filter bar: mode, counts, search.

use crate::app::App;
use crate::app::screens::feed::SortBy;
use crate::model::visible;
use crate::present::number;
use crate::ui::theme::Role;

/// The parts from right to left, with separators.
pub(super) fn counts(app: &App) -> Vec<(String, Role)> {
    let feed = &app.screens.feed;
    let count = feed.count;
    let newer = feed.newer(&app.live);
    let since = |word: &str| if newer > 0 { format!("{word} +{}", number::count(newer)) } else { word.to_owned() };
    // The line of tabs says that the view is frozen.
    let frozen = if app.layout().tabs.is_empty() { since("FROZEN") } else { format!("+{} new", number::count(newer)) };
    let mode = match (app.shown.frozen_at(), feed.follows()) {
        (Some(_), _) => (frozen, Role::Warning),
        (None, _) if feed.trace.is_some() => (since("TRACE"), Role::Accent),
        (None, true) => ("FOLLOW".to_owned(), Role::Accent),
        (None, false) => (since("HELD"), Role::Text),
    };
    let known = if count.left > 0 { "…" } else { "" };
    let by_time = if feed.sort.by == SortBy::Time { " by time" } else { "" };
    let shown = feed.page.hits.len() as u64;
    let counted = match feed.parts.filter.in_force() {
        _ if feed.trace.is_some() && count.left == 0 && shown < count.matched => {
            format!("first {} of {} rows, by start", number::count(shown), number::count(count.matched))
        }
        _ if feed.trace.is_some() => {
            let rows = if count.matched == 1 { "row" } else { "rows" };
            format!("{}{known} {rows}, by start", number::count(count.matched))
        }
        Some(_) => format!("{}{known} of {}{by_time}", number::count(count.matched), number::count(count.total)),
        None => format!("{}{by_time}", number::count(count.total)),
    };
    let mut parts = vec![mode, (" · ".to_owned(), Role::Dim), (counted, Role::Text)];
    if !feed.parts.search.is_empty() {
        let search = format!("/{}", visible(&feed.parts.search));
        parts.extend([("   ".to_owned(), Role::Dim), (search, Role::Warning)]);
    }
    parts
}
