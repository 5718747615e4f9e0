//! The built-in shop, run against this very receiver.

use super::mailbox::Sender;
use super::message::Message;
use crate::demo;
use crate::model::{Connection, ConnectionState, SourceKind};
use crate::runtime::ingest::Ingest;

/// Starts the shop once the receiver has its ports.
pub(super) fn run_demo(ingest: &Ingest, seed: u64, scenario: demo::Scenario, messages: Sender) {
    let (provider, mut changed) = (ingest.provider.clone(), ingest.provider.changed());
    ingest.workers.spawn(async move {
        let target = loop {
            if let Some(target) = provider.list().iter().find_map(otlp_target) {
                break target;
            }
            if changed.changed().await.is_err() {
                return;
            }
        };
        if let Err(error) = demo::run(target, seed, scenario, std::future::pending()).await {
            let _ = messages.send(Message::Trouble(error.to_string()));
        }
    });
}

/// Where a receiver takes OTLP, once it does; its URL reads `grpc://HOST:PORT and http://HOST:PORT`.
fn otlp_target(connection: &Connection) -> Option<demo::Target> {
    let receives = connection.kind == SourceKind::Listen && connection.state == ConnectionState::Active;
    let address = |scheme| connection.url.split(" and ").find_map(|url| url.strip_prefix(scheme));
    let http = address("http://").filter(|_| receives)?;
    Some(demo::Target { http: format!("http://{http}"), grpc: address("grpc://").map(|grpc| format!("http://{grpc}")) })
}
