//! The network layer: limits on connections and bodies, TLS, decompression, proxies and the HTTP client.
//!
//! May import `config` and `budget`. Start with [`serve()`], then [`read_body`]. Deliberately not here: what the requests mean (`source`).

mod answer;
mod body;
mod body_error;
mod body_readers;
mod client;
mod compression;
mod guard;
mod proxy;
mod serve;
mod slots;
mod tls;

pub use crate::config::{is_confidential, shown};
pub use answer::{ACCEPTED, Answer};
pub use body::read_body;
pub use body_error::{BodyError, IDLE, LEAST, WHOLE};
pub use body_readers::{BodyReader, BodyReaders};
pub use client::{ClientSettings, Failure, Trust, cause, client, retry_after};
pub use compression::{Compression, Guarded};
pub use guard::{Guard, Refusal};
pub use serve::{ConnectionEnds, HEADER_TIME, MAX_CONNECTIONS, Reply, serve};
pub use slots::SlotHandle;
pub use tls::{Tls, install_tls};
