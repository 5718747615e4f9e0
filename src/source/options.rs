//! The options of one source: those of its configuration entry or its flags, over the defaults of all sources.

use super::beginning::Beginning;
use super::credentials::{Auth, Headers};
use crate::config::{self, Format, MIN_INTERVAL, Method};
use crate::files;
use crate::filter::Filter;
use crate::model::CredentialsOrigin;
use crate::net::Trust;
use std::path::Path;
use std::time::Duration;

/// The options of one source.
#[derive(Clone, PartialEq, Debug)]
pub struct Options {
    /// Time from the start of one poll to the start of the next.
    pub interval: Duration,
    /// The HTTP method of polls; a `POST` has an empty body.
    pub method: Method,
    /// The format of polled answers.
    pub format: Format,
    /// Extra headers, in addition to the credentials.
    pub headers: Headers,
    /// Credentials.
    pub auth: Auth,
    /// Where the credentials come from.
    pub credentials: CredentialsOrigin,
    /// TLS trust and identity.
    pub trust: Trust,
    /// Largest answer after decompression, in bytes.
    pub max_body: usize,
    /// Silence after which a stream is considered dead; `None`: no limit, except after missed heartbeats.
    pub idle_timeout: Option<Duration>,
    /// Time limit for connection, TLS handshake and response headers together.
    pub connection_timeout: Duration,
    /// Whether to reconnect after an error.
    pub auto_reconnect: bool,
    /// Give up after this many retries in a row without an item; 0: never.
    pub auto_reconnect_max_attempts: u32,
    /// Whether to retry without limit once it has delivered.
    pub auto_reconnect_forever: bool,
    /// Only items that match are wanted; all others count as filtered.
    pub filter: Filter,
    /// Which items of a file's existing content are wanted; only the command line sets this.
    pub beginning: Beginning,
}

impl Options {
    /// The options of a source without settings of its own.
    pub fn of_all(all: &config::Provider) -> Options {
        Options {
            interval: all.interval,
            method: Method::Get,
            format: Format::Auto,
            headers: Headers::default(),
            auth: Auth::None,
            credentials: CredentialsOrigin::None,
            trust: Trust::default(),
            max_body: all.max_body,
            idle_timeout: (!all.idle_timeout.is_zero()).then_some(all.idle_timeout),
            connection_timeout: all.connection_timeout,
            auto_reconnect: all.auto_reconnect,
            auto_reconnect_max_attempts: all.auto_reconnect_max_attempts,
            auto_reconnect_forever: all.auto_reconnect_forever,
            filter: Filter::default(),
            beginning: Beginning::default(),
        }
    }

    /// The options of a configuration entry, over the defaults of all sources. `variable` looks up an environment variable.
    /// Checks the files now, so that errors show at the start; they are read again for each use.
    ///
    /// # Errors
    ///
    /// A message that begins with the key: two kinds of credentials, an unset variable, an unreadable file.
    pub fn of_source(
        source: &config::Source,
        all: &config::Provider,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Options, String> {
        let usual = Options::of_all(all);
        let trust = Trust {
            cacert: source.cacert.clone(),
            cert: source.cert.clone(),
            key: source.key.clone(),
            insecure: source.insecure,
        };
        if trust.key.is_some() && trust.cert.is_none() {
            return Err("key: cert is missing; set it to the certificate of this key".into());
        }
        for (key, path) in trust.files().into_iter().filter_map(|(key, path)| Some((key, path?))) {
            readable(key, path)?;
        }
        let interval = source.interval.unwrap_or(usual.interval);
        if interval < MIN_INTERVAL {
            return Err(format!("interval: too short; the minimum is {} ms", MIN_INTERVAL.as_millis()));
        }
        let (auth, credentials) = Auth::of_source(source, variable)?;
        Ok(Options {
            interval,
            method: source.method,
            format: source.format,
            headers: Headers::new(&source.headers, source.header_file.clone())?,
            auth,
            credentials,
            trust,
            max_body: source.max_body.unwrap_or(usual.max_body),
            idle_timeout: source.idle_timeout.or(usual.idle_timeout).filter(|timeout| !timeout.is_zero()),
            connection_timeout: source.connection_timeout.unwrap_or(usual.connection_timeout),
            auto_reconnect: source.auto_reconnect.unwrap_or(usual.auto_reconnect),
            auto_reconnect_max_attempts: source
                .auto_reconnect_max_attempts
                .unwrap_or(usual.auto_reconnect_max_attempts),
            auto_reconnect_forever: source.auto_reconnect_forever.unwrap_or(usual.auto_reconnect_forever),
            filter: Filter::parse(&source.filter).map_err(|error| format!("filter: it cannot be parsed\n{error}"))?,
            beginning: usual.beginning,
        })
    }

    /// The files needed for requests, each with its key.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let trust = &self.trust;
        let secrets = [("token_file", self.auth.file()), ("header_file", self.headers.file())];
        secrets.into_iter().chain(trust.files()).filter_map(|(key, path)| Some((key, path?)))
    }

    /// Whether files are read for every request, not only for every connection.
    pub(super) fn are_secrets_in_files(&self) -> bool {
        self.auth.file().is_some() || self.headers.file().is_some()
    }

    /// Whether requests carry secrets that only this server may see.
    pub fn is_confidential(&self) -> bool {
        self.auth != Auth::None || !self.headers.is_empty() || self.trust.cert.is_some()
    }
}

fn readable(key: &str, path: &Path) -> Result<(), String> {
    files::is_readable(path).map_err(|error| format!("{key}: {} cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Result<Options, String> {
        let source: config::Source = toml::from_str(&format!("url = \"http://h/\"\n{text}")).unwrap();
        let variable = |name: &str| (name == "TOKEN").then(|| "canary".to_owned());
        Options::of_source(&source, &config::Provider::default(), variable)
    }

    #[test]
    fn an_entry_overrides_the_defaults() {
        let options = options("interval = \"2s\"\nauto_reconnect = false\nmax_body = \"1MiB\"").unwrap();
        assert_eq!(options.interval, Duration::from_secs(2));
        assert_eq!((options.auto_reconnect, options.max_body), (false, 1 << 20));
        assert_eq!(options.connection_timeout, config::Provider::default().connection_timeout);
        assert!(!options.is_confidential());
    }

    #[test]
    fn credentials_and_headers_make_requests_confidential() {
        for text in ["token = \"canary\"", "token_env = \"TOKEN\"", "headers = { X-Key = \"canary\" }"] {
            let options = options(text).unwrap();
            assert!(options.is_confidential(), "{text}");
            assert!(!format!("{options:?}").contains("canary"), "{options:?}");
        }
    }

    #[test]
    fn a_client_certificate_makes_requests_confidential() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(options(&format!("cert = {:?}", file.path())).unwrap().is_confidential());
    }

    #[test]
    fn errors_of_an_entry_name_the_key() {
        for (text, words) in [
            ("token = \"a\"\nbasic = \"b:c\"", ["token", "basic"]),
            ("token_env = \"NOT_SET\"", ["token_env", "NOT_SET"]),
            ("basic = \"nocolon\"", ["basic", "user:password"]),
            ("headers = { \"bad name\" = \"x\" }", ["headers", "bad name"]),
            ("header_file = \"/nowhere/headers\"", ["header_file", "/nowhere"]),
            ("cacert = \"/nowhere/ca.pem\"", ["cacert", "/nowhere"]),
            ("key = \"/nowhere/key.pem\"", ["key", "cert"]),
            ("token_file = \"/nowhere/token\"", ["token_file", "/nowhere"]),
            ("interval = \"1ms\"", ["interval", "100 ms"]),
            ("filter = \"duration>\"", ["filter: ", "^"]),
        ] {
            let error = options(text).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}
