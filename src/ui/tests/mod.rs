//! The screen, typed at and read: one test a rule.

mod detail;
mod empty;
mod filter;
mod follow;
mod harness;
mod hostile;
mod keys;
mod notices;
mod pictures;
mod preview;
mod search;
mod selection;
mod shop;
mod sizes;
mod sorting;
mod source_rows;
mod sources;
mod status;
mod trace;
