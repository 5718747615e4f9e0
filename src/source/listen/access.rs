//! Who may come in, and through what; and its files, which are renewed while it stands open.

use super::super::Link;
use super::admission::Admission;
use crate::config;
use crate::net::Tls;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The token that is asked for and the TLS that is spoken. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub admission: Arc<Admission>,
    pub tls: Option<Tls>,
    /// Whether every sender that reaches the port is admitted.
    pub is_open: bool,
}

/// Between two looks at the files.
const LOOK: Duration = Duration::from_secs(1);

/// What is wrong with the files, key by key; empty: nothing.
type Faults = Vec<String>;

/// Whether receivers can be as the settings want them: the token and the files of TLS are there and of use.
///
/// # Errors
///
/// In words that begin with the key under `[listen]`.
pub fn check(settings: &config::Listen) -> Result<(), String> {
    Access::new(settings).map(drop)
}

impl Access {
    /// Reads files, and so belongs on no async worker.
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

    /// Renews what its files hold, once a second, beside the async workers; what is wrong with them is the connection's error
    /// until it is mended, when `standing`, which nothing here mends, is all that is left. Never ready.
    pub async fn keep_renewed(&self, link: &Link, standing: Option<&str>) {
        if self.tls.is_none() && !self.admission.is_of_file() {
            return std::future::pending().await;
        }
        let (mut before, mut told) = (Faults::new(), Faults::new());
        loop {
            tokio::time::sleep(LOOK).await;
            let access = self.clone();
            // A disk that does not answer holds up this alone: what was read last goes on.
            let Ok(faults) = tokio::task::spawn_blocking(move || access.renew()).await else { continue };
            // While a certificate and its key are written one after the other, they do not match for a moment.
            if faults == before && faults != told {
                told = faults;
                let standing = standing.map(str::to_owned);
                if told.is_empty() {
                    link.mended(standing);
                } else {
                    let told = told.iter().map(|fault| format!("listen.{fault}; what was read last goes on"));
                    link.trouble(told.chain(standing).collect::<Vec<_>>().join("; "));
                }
            } else {
                before = faults;
            }
        }
    }

    fn renew(&self) -> Faults {
        let tls = self.tls.as_ref().map_or(Ok(false), Tls::renew);
        if tls == Ok(true) {
            tracing::info!(
                "listen.cert, listen.key or listen.client_ca has changed; new connections get what it is now"
            );
        }
        [self.admission.renew(), tls.map(drop)].into_iter().filter_map(Result::err).collect()
    }
}
