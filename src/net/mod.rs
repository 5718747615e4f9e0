//! The network layer: limits on connections and bodies, TLS, decompression, proxies and the HTTP client.
//!
//! May import `config` and `budget`. Start with [`serve()`], then [`read_body`]. Deliberately not here: what the requests mean (`source`).

mod answer;
mod body;
mod body_error;
mod client;
mod compression;
mod guard;
mod proxy;
mod readers;
mod serve;
mod slots;
mod tls;

pub use crate::config::{is_confidential, shown};
pub use answer::{ACCEPTED, Answer};
pub use body::read_body;
pub use body_error::{BodyError, IDLE, LEAST, WHOLE};
pub use client::{Failure, Manner, Trust, cause, client, retry_after};
pub use compression::{Compression, Guarded};
pub use guard::{Guard, Refusal};
pub use readers::{Reader, Readers};
pub use serve::{Ends, HEADER_TIME, MAX_CONNECTIONS, Reply, serve};
pub use slots::Connection;
pub use tls::{Tls, install_tls};
