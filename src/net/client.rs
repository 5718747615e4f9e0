//! The HTTP client for outgoing requests: which certificates it trusts and which redirects it follows.

use super::proxy::system_proxies;
use crate::files;
use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, Identity};
use std::error::Error;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// TLS trust and identity of a client.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Trust {
    /// PEM file of certificates to trust in addition to the system's.
    pub cacert: Option<PathBuf>,
    /// PEM file of the client's own certificate and its chain.
    pub cert: Option<PathBuf>,
    /// PEM file of the key of `cert`; `None` if the key is in `cert` itself.
    pub key: Option<PathBuf>,
    /// Whether to accept any certificate. Anyone on the network path can then read and change the traffic.
    pub insecure: bool,
}

impl Trust {
    /// The files that are set, each with the name of its setting.
    pub fn files(&self) -> [(&'static str, Option<&Path>); 3] {
        [("cacert", &self.cacert), ("cert", &self.cert), ("key", &self.key)].map(|(key, path)| (key, path.as_deref()))
    }
}

/// Settings of a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientSettings {
    /// TLS trust and identity.
    pub trust: Trust,
    /// Time limit for name lookup, connection and TLS handshake together.
    pub connect_timeout: Duration,
    /// Whether requests carry secrets; redirects to other origins are then refused.
    pub confidential: bool,
}

/// Maximum redirects for one request.
const MAX_REDIRECTS: usize = 10;

/// Builds a client. It keeps connections alive between requests.
///
/// # Errors
///
/// A message: a certificate file cannot be read or has no certificate, or the system's proxy is invalid.
pub fn client(settings: &ClientSettings) -> Result<Client, String> {
    check_system_certificates()?;
    let confidential = settings.confidential;
    let mut builder = Client::builder()
        .user_agent(concat!("otail/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::custom(move |attempt| redirected(attempt, confidential)))
        .connect_timeout(settings.connect_timeout)
        .tcp_keepalive(Duration::from_secs(30))
        .http2_keep_alive_interval(Duration::from_secs(30))
        .http2_keep_alive_timeout(Duration::from_secs(20))
        .proxy(system_proxies()?)
        // The URL may contain a token, which a `Referer` header would pass on.
        .referer(false);
    let Trust { cacert, cert, key, insecure } = &settings.trust;
    if let Some(path) = cacert {
        let found = Certificate::from_pem_bundle(&read("cacert", path, files::CERTIFICATES)?);
        let found = found.map_err(|error| format!("cacert {}: {error}", path.display()))?;
        if found.is_empty() {
            return Err(format!("cacert {}: there is no certificate in it; a PEM file is expected", path.display()));
        }
        builder = builder.tls_certs_merge(found);
    }
    if let Some(path) = cert {
        let mut pem = read("cert", path, files::CERTIFICATES)?;
        if let Some(key) = key {
            pem.push(b'\n');
            pem.extend(read("key", key, files::SECRET)?);
        }
        let identity = Identity::from_pem(&pem).map_err(|error| {
            let cause = cause(&error);
            format!("cert {}: a certificate and its key are expected, both PEM ({cause})", path.display())
        })?;
        builder = builder.identity(identity);
    }
    builder.tls_danger_accept_invalid_certs(*insecure).build().map_err(|error| {
        let cause = cause(&error);
        format!("cannot create the HTTP client: {cause}")
    })
}

fn redirected(attempt: Attempt<'_>, confidential: bool) -> reqwest::redirect::Action {
    let Some(from) = attempt.previous().last().cloned() else { return attempt.follow() };
    let to = attempt.url().clone();
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error(format!("it redirects more than {MAX_REDIRECTS} times"))
    } else if from.scheme() == "https" && to.scheme() == "http" {
        attempt.error("it redirects from https to http, which is refused")
    } else if confidential && from.origin() != to.origin() {
        let to = to.origin().ascii_serialization();
        attempt.error(format!(
            "it redirects to {to}, which is refused while credentials or headers are set; if that is intended, use it as \
             the source"
        ))
    } else {
        attempt.follow()
    }
}

fn read(what: &str, path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    files::read(path, limit).map_err(|error| format!("{what} {}: {error}", path.display()))
}

/// The library that reads `SSL_CERT_FILE`, the system's certificates, has no size limit.
fn check_system_certificates() -> Result<(), String> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from) else { return Ok(()) };
    files::is_short(&path, files::CERTIFICATES).map_err(|error| format!("SSL_CERT_FILE {}: {error}", path.display()))
}

/// Why a request got no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The URL and what happened.
    pub message: String,
    /// Whether a retry would fail in the same way.
    pub is_final: bool,
    /// Whether the host refused the connection: no program listens on that port.
    pub is_refused: bool,
}

impl Failure {
    /// From the error of a request. `url` is shown as it is; `remedy` says how to trust a certificate.
    pub fn new(error: &reqwest::Error, url: &str, remedy: &str) -> Failure {
        let cause = cause(error);
        let is_refused = error.is_connect() && is_refused(error);
        let (message, is_final) = if error.is_redirect() || error.is_builder() {
            (format!("{url}: {cause}"), true)
        } else if is_distrust(error) {
            (format!("the certificate of {url} is not trusted ({cause}): {remedy}"), true)
        } else if error.is_timeout() {
            (format!("{url} did not answer in time"), false)
        } else if is_refused {
            let why = "the connection was refused; start the server, or check the host and the port";
            (format!("{url} cannot be reached: {why}"), false)
        } else {
            (format!("{url} cannot be reached: {cause}"), false)
        };
        Failure { message, is_final, is_refused }
    }
}

/// The innermost cause of an error, without the URL, which may contain credentials.
pub fn cause(error: &reqwest::Error) -> String {
    let mut innermost = None;
    let mut cause = Error::source(error);
    while let Some(inner) = cause {
        innermost = Some(inner.to_string());
        cause = inner.source();
    }
    innermost.unwrap_or_else(|| "the request failed".into())
}

/// Whether the host refused the connection.
fn is_refused(error: &reqwest::Error) -> bool {
    let mut cause = Error::source(error);
    while let Some(inner) = cause {
        let refused = |inner: &std::io::Error| inner.kind() == ErrorKind::ConnectionRefused;
        if inner.downcast_ref().is_some_and(refused) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// Whether TLS rejected the server's certificate.
fn is_distrust(error: &reqwest::Error) -> bool {
    let mut cause = Error::source(error);
    while let Some(inner) = cause {
        if let Some(rustls::Error::InvalidCertificate(_)) = inner.downcast_ref() {
            return true;
        }
        // `source` of an I/O error skips the error that it wraps.
        let wrapped = inner.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
        cause = wrapped.map(|error| error as &dyn Error).or_else(|| inner.source());
    }
    false
}

/// How long the server asks clients to wait: `Retry-After`, in seconds or as a date.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Duration::try_from(date.duration_since(Timestamp::now())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let headers = |text: &str| HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
        assert_eq!(retry_after(&headers("7")), Some(Duration::from_secs(7)));
        let date = (Timestamp::now() + jiff::Span::new().seconds(60)).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let wait = retry_after(&headers(&date)).unwrap();
        assert!((50..=60).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(retry_after(&headers("soon")), None);
    }

    fn refusal(trust: Trust) -> String {
        super::super::install_tls();
        let settings = ClientSettings { trust, connect_timeout: Duration::from_secs(1), confidential: false };
        client(&settings).unwrap_err()
    }

    #[test]
    fn errors_name_the_certificate_file_and_its_format() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty.pem");
        std::fs::write(&path, "nothing").unwrap();
        let missing = folder.path().join("missing.pem");
        for (trust, words) in [
            (Trust { cacert: Some(path.clone()), ..Trust::default() }, ["cacert", "empty.pem", "PEM"]),
            (Trust { cacert: Some(missing), ..Trust::default() }, ["cacert", "missing.pem", "No such file"]),
            (Trust { cert: Some(path.clone()), ..Trust::default() }, ["cert", "empty.pem", "PEM"]),
        ] {
            let error = refusal(trust);
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}
