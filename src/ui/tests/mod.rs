//! Tests of the whole screen: they type keys and read rows, one test for each rule.

mod completion;
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
