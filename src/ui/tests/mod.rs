//! The screen, typed at and read.

mod harness;
mod preview;
mod shop;
