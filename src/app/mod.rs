//! What the user is doing: action, state, effect.
//!
//! ```text
//!  keys ─► keymap ─► Action ┐
//!  views, answers, ticks ───┴─► App::handle(Event, now) ─► Vec<Effect>          ui draws &App
//!                                            └─ Effect::Ask ─► query::answer on the query thread ─► Event::Answer
//! ```
//!
//! Pure: no I/O, no clock (time is an argument), no ratatui. May import `model`, `columns`, `filter`, `store`, `config`.
//! Start with [`App`], then [`screens::feed`]. [`query`] is what is asked of a view, [`item`] how an item reads.
//! Deliberately not here: which key does what (`keymap`), colours and cells (`ui`), who keeps the views (`engine`).

mod action;
mod asking;
mod clock;
mod command;
mod completion;
mod connecting;
mod context;
mod effect;
mod event;
mod handle;
pub mod item;
mod layout;
mod line;
mod masked;
mod notice;
pub mod number;
mod panes;
pub mod query;
pub mod screens;
mod settings;
mod source_command;
mod text;
mod typing;

pub use action::Action;
pub use clock::{minute as minute_time, short as short_time};
pub use command::{COMMANDS, Command};
pub use completion::Completion;
pub use context::Context;
pub use effect::{Ask, Effect};
pub use event::{Event, Pointer, Target, Totals};
pub use handle::{App, FRESH};
pub use layout::{Area, Layout, Pane, Panes, Shape};
pub use line::Line;
pub use masked::Masked;
pub use notice::{Notice, NoticeKind, Subject};
pub use settings::Settings;
pub use source_command::SourceCommand;
pub use source_command::is_open as is_open_connection;
use source_command::is_open;
use source_command::named;
pub use text::{fitting, width, wrap};
pub use typing::Typing;
