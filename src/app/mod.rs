//! The terminal UI's state, without drawing: actions and events in, effects out.
//!
//! ```text
//!  keys ─► keymap ─► Action ┐
//!  views, answers, ticks ───┴─► App::handle(Event, now) ─► Vec<Effect>          ui draws &App
//!                                            └─ Effect::Ask ─► query::answer on the query thread ─► Event::Answer
//! ```
//!
//! Pure: no I/O, no clock (time is an argument), no ratatui. May import `model`, `columns`, `filter`, `store`, `present`,
//! `config`. Start with [`App`], then [`screens`] and [`screens::feed`]. Screens are built from [`parts`]; [`query`] handles
//! their questions about a view. Deliberately not here: key bindings (`keymap`), the text of numbers and items (`present`),
//! colours and cells (`ui`), the store (`engine`).

mod action;
mod asking;
mod command;
mod completion;
mod connecting;
mod context;
mod effect;
mod event;
mod handle;
mod help;
mod hues;
mod known_fields;
mod layout;
mod line;
mod masked;
mod notice;
mod offered;
mod offers;
mod panes;
pub mod parts;
pub mod query;
mod question;
pub mod screens;
mod settings;
mod shown;
mod source_command;
pub mod traffic;
mod typing;
mod viewing;

pub use action::Action;
pub use command::{COMMANDS, Command};
pub use context::Context;
pub use effect::{Ask, Effect};
pub use event::{Event, Pointer, Target, Totals};
pub use handle::{App, FRESH};
pub use hues::Hues;
pub use layout::{Area, Layout, Pane, Panes, Shape};
pub use line::Line;
pub use masked::Masked;
pub use notice::{Notice, NoticeKind, Subject};
pub use offers::{Completion, Offered};
pub use settings::Settings;
pub use shown::Shown;
pub use source_command::SourceCommand;
pub use source_command::is_open as is_open_connection;
use source_command::is_open;
use source_command::named;
pub use typing::{Completing, Typing};
