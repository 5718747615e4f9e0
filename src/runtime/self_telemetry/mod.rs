//! Sends otail's own metrics as OTLP (protobuf over HTTP) to the configured receiver.
//!
//! Sums are cumulative since the start, so the next request includes what a failed one had: nothing is queued, and a failure
//! costs one message. Start with [`SelfTelemetry`], then `numbers`, which has the names. Deliberately not here: gRPC and JSON.

mod numbers;
mod process;
mod sender;
#[cfg(test)]
mod tests;

use super::ingest::Ingest;
use crate::clock::now;
use crate::config::{self, Exporter, address, host_and_port, is_loopback};
use crate::model::visible;
use crate::net::{self, ClientSettings, Trust, is_confidential, shown};
use crate::source::Backoff;
use crate::store::StoreCounters;
use crate::supervision::supervised_task;
use numbers::{Identity, Numbers};
use process::Usage;
use prost::Message;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sender::{Answer, Sender};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The destination and the interval of otail's own metrics.
#[derive(Debug)]
pub struct SelfTelemetry {
    sender: Sender,
    interval: Duration,
}

/// The last counters of the engine's store.
pub(super) type Stored = Arc<Mutex<StoreCounters>>;

/// The time limit of the last request.
const FAREWELL: Duration = Duration::from_millis(500);

impl SelfTelemetry {
    /// Sends to the URL of the settings, with the options of the exporter's variables. `listeners` are otail's own receiving
    /// addresses, `host:port`. `None`: the settings name no URL.
    ///
    /// # Errors
    ///
    /// A message: not an HTTP URL, a URL with credentials, otail's own address, or an invalid certificate.
    pub fn new(
        settings: &config::SelfTelemetry,
        exporter: &Exporter,
        listeners: &[String],
    ) -> Result<Option<SelfTelemetry>, String> {
        if settings.url.is_empty() {
            return Ok(None);
        }
        let url = endpoint(&settings.url)?;
        if let Some(address) = listeners.iter().find(|address| leads_to(&url, address)) {
            return Err(format!(
                "{address} is otail's own receiver, so its metrics would count themselves; name another receiver"
            ));
        }
        let is_secure = url.scheme() == "https";
        let trust = Trust {
            cacert: exporter.certificate.clone().filter(|_| is_secure),
            cert: exporter.client_certificate.clone().filter(|_| is_secure),
            key: exporter.client_key.clone().filter(|_| is_secure),
            insecure: false,
        };
        // Any header may be a secret, so no redirect may carry them to another origin.
        let client_settings = ClientSettings { trust, connect_timeout: exporter.timeout, confidential: true };
        let client = net::client(&client_settings).map_err(|error| format!("OTEL_EXPORTER_OTLP_*: {error}"))?;
        let mut headers = HeaderMap::new();
        for (name, secret) in &exporter.headers {
            let value = HeaderValue::try_from(secret.expose()).ok();
            let Some((name, mut value)) = HeaderName::try_from(name).ok().zip(value) else { continue };
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let sender = Sender { client, url, headers, timeout: exporter.timeout, gzip: exporter.gzip };
        Ok(Some(SelfTelemetry { sender, interval: settings.interval }))
    }

    /// Starts sending. It calls `tell` with an error once for each outage.
    pub(super) fn start(
        self,
        ingest: &Ingest,
        stored: Option<Stored>,
        tell: impl Fn(String) + Send + 'static,
    ) -> Running {
        let identity = Identity::new(now());
        let (provider, intake) = (ingest.provider.clone(), ingest.intake.clone());
        let gather = move || {
            let stored = stored.as_ref().map(|stored| *stored.lock().unwrap_or_else(PoisonError::into_inner));
            let numbers = Numbers {
                counts: &intake.counts(),
                connections: &provider.list(),
                stored,
                usage: Usage::of_this_process(),
            };
            numbers.request(&identity, now()).encode_to_vec()
        };
        let (stop, stopped) = watch::channel(false);
        let task = ingest.workers.spawn(async move {
            if let Err(error) = supervised_task(run(self, gather, tell, stopped)).await {
                tracing::error!(%error, "self-telemetry has ended; this is a defect of otail");
            }
        });
        Running { stop, task }
    }
}

/// The task that sends.
pub(super) struct Running {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Sends the last numbers, if the receiver answers at once.
    pub fn finish(self, workers: &tokio::runtime::Runtime) {
        let Running { stop, task } = self;
        stop.send_replace(true);
        // A slower receiver is not waited for.
        _ = workers.block_on(async { tokio::time::timeout(FAREWELL * 2, task).await });
    }
}

async fn run(
    own: SelfTelemetry,
    gather: impl Fn() -> Vec<u8>,
    tell: impl Fn(String),
    mut stopped: watch::Receiver<bool>,
) {
    let SelfTelemetry { sender, interval } = own;
    let begin = Instant::now();
    let (mut backoff, mut is_reported) = (Backoff::default(), false);
    let mut gets_through = true;
    loop {
        let sent_at = Instant::now();
        let answer = tokio::select! {
            answer = sender.send(gather()) => answer,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        gets_through = matches!(answer, Answer::Accepted(_));
        let rest = interval.saturating_sub(sent_at.elapsed());
        let (wait, trouble) = match answer {
            Answer::Accepted(complaint) => {
                backoff.connected(begin.elapsed());
                backoff.item();
                (rest, complaint)
            }
            // The sums are cumulative, so the next request covers this one.
            Answer::Never(why) => (rest, Some(why)),
            Answer::Later(why, hint) => (backoff.wait(begin.elapsed(), hint, fastrand::f64()), Some(why)),
        };
        let was_reported = std::mem::replace(&mut is_reported, trouble.is_some());
        match trouble {
            None if was_reported => {
                tracing::info!(url = %shown(sender.url.as_str()), "self-telemetry is received again")
            }
            Some(why) if !was_reported => {
                let why = visible(&why);
                tracing::warn!(%why, "self-telemetry");
                tell(format!("self-telemetry: {why}"));
            }
            _ => {}
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stopped.wait_for(|stopped| *stopped) => break,
        }
    }
    if gets_through {
        _ = tokio::time::timeout(FAREWELL, sender.send(gather())).await;
    }
}

/// The metrics URL for a base URL (as in `OTEL_EXPORTER_OTLP_ENDPOINT`), or the URL itself if it is a metrics URL already.
fn endpoint(text: &str) -> Result<Url, String> {
    let wrong = |problem: &str| format!("`{}` is {problem}, like http://127.0.0.1:4318", visible(&shown(text)));
    let mut url = Url::parse(text).map_err(|_| wrong("not a URL; expected one of http or https"))?;
    if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
        return Err(wrong("not an http or https URL; expected a URL of OTLP/HTTP"));
    }
    if is_confidential(&url) {
        return Err(format!(
            "`{}`: every user of the machine can read this URL; put credentials into OTEL_EXPORTER_OTLP_HEADERS",
            visible(&shown(text))
        ));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    let is_whole = path.ends_with("/v1/metrics");
    url.set_path(&if is_whole { path } else { format!("{path}/v1/metrics") });
    Ok(url)
}

/// Whether a request to `url` would reach a listener's `host:port`.
fn leads_to(url: &Url, listener: &str) -> bool {
    let (host, Some(port)) = host_and_port(listener) else { return false };
    if port.parse().ok() != url.port_or_known_default() || port == "0" {
        return false;
    }
    let (from, to) = (addresses(url.host_str().unwrap_or_default()), addresses(host));
    from.iter().any(|from| to.iter().any(|to| from == to || to.is_unspecified() && from.is_loopback()))
}

/// The addresses of a host: those of this machine's names and of IP literals. Other names give none.
fn addresses(host: &str) -> Vec<IpAddr> {
    match address(host) {
        Some(address) => vec![address],
        None if is_loopback(host) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        None => Vec::new(),
    }
}
