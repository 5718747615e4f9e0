//! The tree of an item in lines, made one by one: however large an item is, only the lines that are looked at are built.
//!
//! [`walk`] goes through the fields of an item from any node on, [`Index`] counts the lines and keeps the way to every
//! 256th. How a node is shown is a function from [`NodePath`] to [`Form`]: one for each section of the detail, and one for
//! indented JSON ([`raw`]).

mod index;
pub(super) mod raw;
mod walk;

pub(super) use index::Index;
pub(super) use walk::{Form, NodePath};
