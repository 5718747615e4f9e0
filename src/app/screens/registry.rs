//! The registry: one line for each screen, in tab order.

/// Passes the screens to the macro `$define`. A line is `folder: State = "description"`. The folder's name is also the
/// screen's section in `keymap.toml`; the state's name is the tab's title.
///
/// `app::screens` and `ui::screens` both expand these lines: each declares the folder and connects it. The compiler reports
/// any missing part of a new screen.
macro_rules! for_each_screen {
    ($define:ident) => {
        $define! {
            feed: Feed = "everything as it arrives",
            sources: Sources = "the connections",
        }
    };
}

pub(crate) use for_each_screen;
