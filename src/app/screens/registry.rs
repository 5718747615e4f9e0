//! The registry: one line a screen, in the order of the tabs.

/// Hands the screens to the macro `$define`. A line is `folder: State = "what it shows"`: the folder's name is also the name
/// of the screen's section in `keymap.toml`, and the name of its state is the tab's title.
///
/// `app::screens` and `ui::screens` both expand these lines: they declare the folder, and join it to the rest. What a new
/// screen lacks, the compiler names.
macro_rules! for_each_screen {
    ($define:ident) => {
        $define! {
            feed: Feed = "everything as it arrives",
            sources: Sources = "the connections",
        }
    };
}

pub(crate) use for_each_screen;
