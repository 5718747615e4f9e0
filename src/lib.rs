//! otail: `tail -f` for OpenTelemetry.
//!
//! # The one idea
//!
//! Everything that arrived lies in **chunks**: sealed, columnar, immutable, each with its own dictionary of
//! strings, shared by `Arc`. A **view** is the list of chunks at one moment: a few pointers. Pause keeps a view;
//! what the screen draws is a function of (view, query).
//!
//! # Flow
//!
//! ```text
//!  servers, SDKs, files
//!        │ bytes
//!    source/ ── a task a connection on tokio; wire decodes into Batches
//!        │ Parcel
//!    intake/ ── bounded in items and bytes; counts everything
//!        │
//!    engine/ ── one OS thread: numbers, seals, merges, evicts; publishes a View after each drain
//!        │ View (Arc)
//!        └──► runtime: keys ─► keymap ─► app.handle ─► effects;  ui.draw(app), only what changed
//!    tail/ reads the intake itself, one line an item
//! ```
//!
//! # The map
//!
//! A folder is a layer, and imports point down: a layer may import the ones named in its row and nothing else.
//! `tests/architecture.rs` reads this table and holds it. Each `mod.rs` opens with what the layer is, where to
//! start reading, and what is deliberately not there.
//!
//! | layer | what it is | may import |
//! |---|---|---|
//! | `model` | what telemetry is: ids, time, values, kinds; what a connection is and what became of what it sent; text made harmless | – |
//! | `budget` | bytes that telemetry may take on its way: one budget, a hold a request, a meter for what a body becomes | – |
//! | `clock` | the time of day, asked for in one place | model |
//! | `columns` | batches: columns, dictionary, attributes, item views, merge | model |
//! | `wire` | bytes ⇄ batches: OTLP protobuf, OTLP JSON, Prometheus text, span records, SSE framing | model, columns, budget |
//! | `filter` | the query language: parse, check, compile over columns | model, columns |
//! | `store` | rolling memory: chunk, ring, retention, view; no async, no clock | model, columns, filter |
//! | `analyze` | what a view says: folds over its chunks, and the memo that keeps their parts | model, columns, filter, store |
//! | `present` | how a thing is put in words: numbers and units, times, items as text, JSON and detail | model, columns, filter |
//! | `files` | small files, read whole within limits of bytes and time | – |
//! | `config` | settings as plain data: defaults < file < environment < flags | files |
//! | `intake` | the bounded queue between sources and whoever reads; counters; de-duplication | model, columns, budget |
//! | `net` | body limits, decompression, Host and Origin guard | files, config, budget |
//! | `source` | telemetry in: the live stream provider, receivers, SSE, files | model, clock, columns, wire, filter, files, config, intake, net, budget, supervision |
//! | `engine` | the thread that owns the store | model, columns, filter, store, intake |
//! | `app` | what the user is doing: action, state, effect; pure: no I/O, no clock, no ratatui | model, columns, filter, store, analyze, present, config |
//! | `keymap` | keys → actions, from a file that also feeds the help | app, config |
//! | `ui` | state → cells: layout, theme roles, widgets | model, columns, filter, store, present, config, app, keymap |
//! | `supervision` | panics that cost their task and no more | – |
//! | `terminal` | raw mode, input, panic and signal safety | supervision |
//! | `tail` | headless output: text, JSON lines, OTLP JSON lines | model, columns, wire, filter, present, intake |
//! | `demo` | the built-in shop that emits real OTLP | model, clock |
//! | `runtime` | wiring and the loop | all |
//! | `cli` | arguments and subcommands | all |

pub mod analyze;
pub mod app;
pub mod budget;
pub mod cli;
pub mod clock;
pub mod columns;
pub mod config;
pub mod demo;
pub mod engine;
pub mod files;
pub mod filter;
pub mod intake;
pub mod keymap;
pub mod model;
pub mod net;
pub mod present;
pub mod runtime;
pub mod source;
pub mod store;
pub mod supervision;
pub mod tail;
pub mod terminal;
pub mod ui;
pub mod wire;
