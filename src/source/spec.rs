//! What a SOURCE on the command line or in the configuration names.

use crate::config::host_and_port;
use crate::model::{SourceKind, visible};
use crate::net::shown;
use std::fmt;
use std::path::PathBuf;

/// A source, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceSpec {
    /// Receive OTLP.
    Listen(ListenSpec),
    /// A URL to ask.
    Http(HttpSpec),
    /// OTLP JSON from a file or standard input.
    File(FilePlace),
}

/// Where to receive OTLP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListenSpec {
    /// Address for gRPC, as `127.0.0.1:4317`; port 0 lets the system pick; empty: none.
    pub grpc: String,
    /// Address for HTTP.
    pub http: String,
}

/// What is asked over HTTP, and what the answer is known to be.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpSpec {
    /// Where, with scheme `http` or `https`; it may hold credentials.
    pub url: String,
    /// What is there.
    pub expect: Expect,
}

/// What a URL leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect {
    /// Asked once: an event stream is followed, anything else is polled.
    Anything,
    /// A stream of server-sent events.
    Stream,
    /// Something to poll.
    Poll,
    /// Prometheus text or OpenMetrics, to poll.
    Prometheus,
}

/// Where lines come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FilePlace {
    /// A file, followed by its name.
    Path(PathBuf),
    /// Standard input, to its end.
    Stdin,
}

/// Why a SOURCE was not understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{source_text}` is no source otail knows: {problem}")]
pub struct SpecError {
    source_text: String,
    problem: String,
}

impl fmt::Debug for HttpSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HttpSpec { url, expect } = self;
        f.debug_struct("HttpSpec").field("url", &shown(url)).field("expect", expect).finish()
    }
}

impl Default for ListenSpec {
    /// The ports that OTLP has.
    fn default() -> ListenSpec {
        ListenSpec { grpc: "127.0.0.1:4317".into(), http: "127.0.0.1:4318".into() }
    }
}

impl SourceSpec {
    /// Reads a SOURCE: a URL, a path, or `-`.
    ///
    /// # Errors
    ///
    /// What is wrong with it and what would be right.
    pub fn parse(text: &str) -> Result<SourceSpec, SpecError> {
        let error = |problem: String| SpecError { source_text: visible(&shown(text)), problem };
        if text == "-" {
            return Ok(SourceSpec::File(FilePlace::Stdin));
        }
        if text.is_empty() {
            return Err(error("it is empty; give a URL, a path or -".into()));
        }
        if let Some(path) = text.strip_prefix("file:") {
            return file(text, path).map(SourceSpec::File).map_err(error);
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            let path = PathBuf::from(text);
            // Waiting for a file of that name would be waiting for ever.
            let place = text.split_once('/').map_or(text, |(place, _)| place);
            if is_host_and_port(place) && !path.exists() {
                return Err(error(format!(
                    "the scheme is missing; write http://{0} to read from there, listen://{1} to receive there, or \
                     ./{0} if it is a file",
                    visible(&shown(text)),
                    visible(&shown(place))
                )));
            }
            return Ok(SourceSpec::File(FilePlace::Path(path)));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "listen" => listen(rest).map(SourceSpec::Listen).map_err(error),
            "http" | "https" => http(text, Expect::Anything).map_err(error),
            "sse+http" | "sse+https" => http(&text["sse+".len()..], Expect::Stream).map_err(error),
            "poll+http" | "poll+https" => http(&text["poll+".len()..], Expect::Poll).map_err(error),
            "prom+http" | "prom+https" => http(&text["prom+".len()..], Expect::Prometheus).map_err(error),
            "ws" | "wss" | "grpc" | "kafka" | "nats" | "redis" => Err(error(format!(
                "this version does not read {scheme}:// yet; listen://, http(s)://, sse+http(s)://, poll+http(s)://, \
                 prom+http(s)://, file: and - work"
            ))),
            other => Err(error(format!(
                "`{}` is no known scheme; use listen://, http(s)://, sse+http(s)://, poll+http(s)://, prom+http(s)://, \
                 file: or -",
                visible(&shown(other))
            ))),
        }
    }

    /// What kind of thing it is.
    pub fn kind(&self) -> SourceKind {
        match self {
            SourceSpec::Listen(_) => SourceKind::Listen,
            SourceSpec::Http(HttpSpec { expect: Expect::Stream, .. }) => SourceKind::Sse,
            SourceSpec::Http(_) => SourceKind::Http,
            SourceSpec::File(_) => SourceKind::File,
        }
    }

    /// The URL for people: as given, without user and password.
    pub fn url(&self) -> String {
        match self {
            SourceSpec::Listen(spec) => {
                let addresses = [("grpc", &spec.grpc), ("http", &spec.http)].into_iter();
                let addresses = addresses.filter(|(_, address)| !address.is_empty());
                addresses.map(|(scheme, address)| format!("{scheme}://{address}")).collect::<Vec<_>>().join(" and ")
            }
            SourceSpec::Http(http) => shown(&http.url),
            SourceSpec::File(FilePlace::Path(path)) => format!("file:{}", path.display()),
            SourceSpec::File(FilePlace::Stdin) => "-".into(),
        }
    }

    /// A short name for people.
    pub fn label(&self) -> String {
        match self {
            SourceSpec::Listen(_) => "otlp".into(),
            SourceSpec::Http(http) => reqwest::Url::parse(&http.url)
                .ok()
                .and_then(|url| {
                    let host = url.host_str()?.to_owned();
                    Some(url.port().map_or(host.clone(), |port| format!("{host}:{port}")))
                })
                .unwrap_or_else(|| "http".into()),
            SourceSpec::File(FilePlace::Path(path)) => {
                path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
            }
            SourceSpec::File(FilePlace::Stdin) => "stdin".into(),
        }
    }
}

fn is_host_and_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok()
}

fn file(text: &str, path: &str) -> Result<FilePlace, String> {
    match path {
        "" | "//" => Err("the path is missing; write file:PATH".into()),
        "-" => Ok(FilePlace::Stdin),
        // A URL in full, so that its path is percent-encoded.
        path if path.starts_with("///") => {
            let url = reqwest::Url::parse(text).map_err(|error| format!("it is no URL ({error})"))?;
            url.to_file_path().map(FilePlace::Path).map_err(|()| "it names no file".into())
        }
        path => Ok(FilePlace::Path(path.strip_prefix("//").unwrap_or(path).into())),
    }
}

fn http(text: &str, expect: Expect) -> Result<SourceSpec, String> {
    let url = reqwest::Url::parse(text).map_err(|error| format!("it is no URL ({error})"))?;
    match url.host_str() {
        None | Some("") => Err("the host is missing".into()),
        Some(_) => Ok(SourceSpec::Http(HttpSpec { url: text.to_owned(), expect })),
    }
}

fn listen(rest: &str) -> Result<ListenSpec, String> {
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let address = address.trim_end_matches('/');
    if address.contains('@') {
        return Err(
            "a receiver has no user and password; what senders must show is set under [listen], as token_file, \
                    token_env or client_ca"
                .into(),
        );
    }
    let (host, port) = host_and_port(address);
    if host.contains(['/', '#', ' ']) {
        return Err("the host has a character that no host has; write listen://HOST, or listen://HOST:PORT".into());
    }
    if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        return Err("an IPv6 address stands in brackets, as in listen://[::1]".into());
    }
    let host = if host.is_empty() { "127.0.0.1" } else { host };
    let number = |port: &str| port.parse::<u16>().map_err(|_| format!("`{}` is no port, 0 to 65535", visible(port)));
    // Either port takes either protocol, so one is enough.
    let (mut grpc, mut http) = match port.map(number).transpose()? {
        Some(port) => (port, port),
        None => (4317, 4318),
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "grpc" => grpc = number(value)?,
            "http" => http = number(value)?,
            other => return Err(format!("`{}` is unknown; grpc=PORT and http=PORT are known", visible(other))),
        }
    }
    Ok(ListenSpec { grpc: format!("{host}:{grpc}"), http: format!("{host}:{http}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_source_is_understood() {
        let listen = |host: &str, grpc: u16, http: u16| {
            SourceSpec::Listen(ListenSpec { grpc: format!("{host}:{grpc}"), http: format!("{host}:{http}") })
        };
        let http = |url: &str, expect| SourceSpec::Http(HttpSpec { url: url.into(), expect });
        for (text, spec) in [
            ("-", SourceSpec::File(FilePlace::Stdin)),
            ("spans.jsonl", SourceSpec::File(FilePlace::Path("spans.jsonl".into()))),
            ("file:/tmp/a b", SourceSpec::File(FilePlace::Path("/tmp/a b".into()))),
            ("file:///tmp/a%20b", SourceSpec::File(FilePlace::Path("/tmp/a b".into()))),
            ("/tmp/a:1/b", SourceSpec::File(FilePlace::Path("/tmp/a:1/b".into()))),
            ("./localhost:4318", SourceSpec::File(FilePlace::Path("./localhost:4318".into()))),
            ("listen://", listen("127.0.0.1", 4317, 4318)),
            ("listen://127.0.0.1?grpc=0&http=9", listen("127.0.0.1", 0, 9)),
            ("listen://[::1]?http=1", listen("[::1]", 4317, 1)),
            ("listen://0.0.0.0:9000", listen("0.0.0.0", 9000, 9000)),
            ("listen://[::1]:9000/?grpc=9001", listen("[::1]", 9001, 9000)),
            ("sse+https://h/x", http("https://h/x", Expect::Stream)),
            ("http://h:1/x?y=z", http("http://h:1/x?y=z", Expect::Anything)),
            ("poll+http://h/x", http("http://h/x", Expect::Poll)),
            ("prom+https://h/x", http("https://h/x", Expect::Prometheus)),
        ] {
            assert_eq!(SourceSpec::parse(text), Ok(spec), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_source_is_said() {
        for (text, word) in [
            ("", "empty"),
            ("listen://127.0.0.1:x", "no port"),
            ("listen://::1", "brackets"),
            ("listen://me@127.0.0.1", "no user and password"),
            ("listen://me:secret@[::1]:9000?http=1", "[listen]"),
            ("listen://127.0.0.1/v1/traces", "character"),
            ("localhost:4318", "scheme is missing"),
            ("listen://x?grpc=70000", "no port"),
            ("listen://x?port=1", "unknown"),
            ("gopher://x", "no known scheme"),
            ("kafka://b/t", "does not read"),
            ("http://", "no URL"),
            ("file:", "missing"),
        ] {
            let error = SourceSpec::parse(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn an_error_does_not_show_a_password() {
        for text in [
            "https://me:secret@h:99999/",
            "wss://me:secret@h/x",
            "listen://me:secret@h",
            "listen://me:secret@[::1]:9000?http=1",
            "listen://secret@h?grpc=x",
            "https://h:99999/x?token=secret",
            "me:secret@localhost:4318",
            "me:secret@http://h/",
        ] {
            let error = SourceSpec::parse(text).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn credentials_of_a_url_are_not_shown() {
        let spec = SourceSpec::parse("https://me:secret@h/x").unwrap();
        assert_eq!(spec.url(), "https://h/x");
        assert_eq!(spec.label(), "h");
        let spec = SourceSpec::parse("sse+https://me:secret@h/x?a=1&Token=secret&b").unwrap();
        assert_eq!(spec.url(), "https://h/x?a=1&Token=…&b");
        assert!(!format!("{spec:?}").contains("secret"), "{spec:?}");
    }
}
