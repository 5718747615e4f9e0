//! The token and the TLS configuration of a receiver; reloads their files while it runs.

use super::super::Link;
use super::admission::Admission;
use crate::config;
use crate::net::Tls;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The token to require and the TLS configuration. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub admission: Arc<Admission>,
    pub tls: Option<Tls>,
    /// Whether every sender that can reach the port is admitted.
    pub is_open: bool,
}

/// The time between checks of the files.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Errors of the files, each beginning with its key.
type Faults = Vec<String>;

/// Checks that the token and the TLS files of the settings are present and valid.
///
/// # Errors
///
/// A message that begins with the key under `[listen]`.
pub fn check(settings: &config::Listen) -> Result<(), String> {
    Access::new(settings).map(drop)
}

impl Access {
    /// Reads the files, so do not call it on an async worker.
    ///
    /// # Errors
    ///
    /// As [`check`].
    pub fn new(settings: &config::Listen) -> Result<Access, String> {
        let config::Listen { cert, key, client_ca, .. } = settings;
        let is_set = |path: &Path| !path.as_os_str().is_empty();
        let admission = Admission::new(settings, |name| std::env::var(name).ok())?;
        let tls = is_set(cert).then(|| Tls::new(cert, key, Some(client_ca.as_path()).filter(|path| is_set(path))));
        let is_open = admission.is_open() && !is_set(client_ca);
        Ok(Access { admission: Arc::new(admission), tls: tls.transpose()?, is_open })
    }

    /// Reloads the files every second, off the async workers. File errors become the connection's error until they are
    /// corrected; then only `standing` remains, an error with another cause. Never completes.
    pub async fn keep_reloaded(&self, link: &Link, standing: Option<&str>) {
        if self.tls.is_none() && !self.admission.is_of_file() {
            return std::future::pending().await;
        }
        let (mut before, mut reported) = (Faults::new(), Faults::new());
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            let access = self.clone();
            // A disk that hangs blocks only this task; the last good files stay in use.
            let Ok(faults) = tokio::task::spawn_blocking(move || access.reload()).await else { continue };
            // While certificate and key are being replaced they do not match for a moment, so report an error only the second
            // time.
            if faults == before && faults != reported {
                reported = faults;
                let standing = standing.map(str::to_owned);
                if reported.is_empty() {
                    link.resolved(standing);
                } else {
                    let messages =
                        reported.iter().map(|fault| format!("listen.{fault}; the last valid one stays in use"));
                    link.trouble(messages.chain(standing).collect::<Vec<_>>().join("; "));
                }
            } else {
                before = faults;
            }
        }
    }

    fn reload(&self) -> Faults {
        let tls = self.tls.as_ref().map_or(Ok(false), Tls::reload);
        if tls == Ok(true) {
            tracing::info!("reloaded listen.cert, listen.key and listen.client_ca for new connections");
        }
        [self.admission.reload(), tls.map(drop)].into_iter().filter_map(Result::err).collect()
    }
}
