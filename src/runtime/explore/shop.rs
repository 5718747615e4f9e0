//! Runs the demo shop, which sends to this program's own receiver.

use super::mailbox::Sender;
use super::message::Message;
use crate::demo;
use crate::model::{Connection, Protocol};
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

/// The OTLP addresses of a receiver, once it listens.
fn otlp_target(connection: &Connection) -> Option<demo::Target> {
    let url = |protocol| {
        let endpoint = connection.endpoints.iter().find(|known| known.protocol == protocol && !known.is_secure)?;
        Some(format!("http://{}", endpoint.address))
    };
    Some(demo::Target { http: url(Protocol::Http)?, grpc: url(Protocol::Grpc) })
}
