//! otail: `tail -f` for OpenTelemetry.
//!
//! # The one idea
//!
//! The store keeps all telemetry in **chunks**: sealed, columnar and immutable. Each chunk has its own dictionary of
//! strings and is shared by `Arc`. A **view** is the list of chunks at one moment: a few pointers. Pause keeps a view.
//! The screen is a function of (view, query).
//!
//! # Flow
//!
//! ```text
//!  servers, SDKs, files
//!        │ bytes
//!    source/ ── one tokio task per connection; wire decodes into Batches
//!        │ Parcel
//!    intake/ ── bounded in items and bytes; counts everything
//!        │
//!    engine/ ── one OS thread: numbers, seals, merges and evicts; publishes a View after each drain
//!        │ View (Arc)
//!        └──► runtime: keys ─► keymap ─► app.handle ─► effects;  ui.draw(app), only what changed
//!    tail/ reads the intake directly and prints one line per item
//! ```
//!
//! # The map
//!
//! Each folder is a layer. A layer may import only the layers named in its row.
//! `tests/architecture.rs` reads this table and enforces it. Each `mod.rs` opens with what the layer is, where to
//! start reading, and what is deliberately absent.
//!
//! | layer | what it is | may import |
//! |---|---|---|
//! | `model` | basic types of telemetry: ids, time, values, kinds; connections and their counts; text escaped for terminals | – |
//! | `budget` | memory limit for telemetry before it is stored: one budget, one hold per request, a meter for decoded size | – |
//! | `clock` | the only place that reads the time of day | model |
//! | `columns` | batches: columns, dictionary, attributes, item views, merge | model |
//! | `wire` | bytes ⇄ batches: OTLP protobuf, OTLP JSON, Prometheus text, span records, SSE framing | model, columns, budget |
//! | `filter` | the query language: parse, check, compile over columns | model, columns |
//! | `store` | rolling memory: chunk, ring, retention, view; no async, no clock | model, columns, filter |
//! | `analyze` | statistics of a view: folds over its chunks, and a memo of the results per chunk | model, columns, filter, store |
//! | `present` | formatting: numbers and units, times, items as text, JSON and detail | model, columns, filter |
//! | `files` | reads small files whole, within limits of bytes and time | – |
//! | `config` | settings as plain data: defaults < file < environment < flags | files |
//! | `intake` | the bounded queue between the sources and the reader; counters; de-duplication | model, columns, budget |
//! | `net` | body limits, decompression, Host and Origin guard | files, config, budget |
//! | `source` | telemetry in: the live stream provider, receivers, SSE, files | model, clock, columns, wire, filter, files, config, intake, net, budget, supervision |
//! | `engine` | the thread that owns the store | model, columns, filter, store, intake |
//! | `app` | the state of the user interface: actions, state, effects; pure: no I/O, no clock, no ratatui | model, columns, filter, store, analyze, present, config |
//! | `keymap` | keys → actions, from a file that also feeds the help | app, config |
//! | `ui` | state → cells: layout, theme roles, widgets | model, columns, filter, store, present, config, app, keymap |
//! | `supervision` | confines a panic to its task | – |
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
