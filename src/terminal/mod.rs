//! The terminal: raw mode, the screen, input, signals and panics. Restores the terminal at the end.
//!
//! May import `supervision`. Start with [`Guard`], which changes the terminal and restores it on every exit. Then
//! [`Screen`] (output), [`listen`] and [`Input`] (keys), [`watch_signals`], [`end_on_panic`]. A program without a
//! screen uses the last two and [`Capabilities`] alone.
//!
//! Deliberately not here: what a key means (`keymap`), what is drawn (`ui`), the loop that ties them (`runtime`). A
//! process that dies from SIGKILL, or from a fault in foreign code, cannot restore the terminal; the command `reset` can.

mod capabilities;
mod clipboard;
mod composer;
mod decode;
mod device;
mod guard;
mod input;
mod panics;
mod screen;
mod sequences;
mod signals;

pub use capabilities::{Capabilities, ColorDepth};
pub use clipboard::{CopyError, MAX_COPY};
pub use device::Device;
pub use guard::{Guard, Options};
pub use input::{Input, MAX_PASTE, listen};
pub use panics::end_on_panic;
pub use screen::{Drawn, Screen};
pub use signals::{Signal, outlive_file_limits, watch_signals};
