//! The query language: parse, check, compile over columns.
