//! The lines of an item's tree. Only the visible lines are made, however large the item is.
//!
//! [`walk`] visits the fields of an item from any node on. [`Index`] counts the lines and remembers the path to every 256th.
//! A function from [`NodePath`] to [`Form`] decides how a node is shown: there is one for each section of the detail, and one
//! for indented JSON ([`raw`]).

mod index;
pub(super) mod raw;
mod walk;

pub(super) use index::Index;
pub(super) use walk::{Form, NodePath};
