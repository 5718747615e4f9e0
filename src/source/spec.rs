//! A parsed SOURCE of the command line or the configuration.

use super::file::FileInput;
use super::kind::{Attempt, Claim, Description, Kind, Run};
use super::listen::ListenSpec;
use super::options::Options;
use super::registry;
use crate::intake::Overflow;
use crate::model::{SourceKind, visible};
use crate::net::shown;
use std::fmt;
use std::sync::Arc;

/// A parsed SOURCE. Two are equal if they mean the same source, whatever their spelling.
#[derive(Clone)]
pub struct SourceSpec {
    kind: Arc<dyn Kind>,
    /// The text as typed; it may contain a secret.
    text: Arc<str>,
}

/// A source with its name and options.
#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    /// The parsed SOURCE.
    pub spec: SourceSpec,
    /// Its name; `None` derives one from the URL.
    pub name: Option<String>,
    /// The group it belongs to, for display.
    pub group: Option<String>,
    /// Its options.
    pub options: Options,
}

/// Why a SOURCE could not be parsed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{source_text}` is no source otail knows: {problem}")]
pub struct SpecError {
    source_text: String,
    problem: String,
}

impl PartialEq for SourceSpec {
    fn eq(&self, other: &SourceSpec) -> bool {
        self.kind.is_same(&*other.kind)
    }
}

impl Eq for SourceSpec {}

impl fmt::Debug for SourceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl SourceSpec {
    /// Parses a SOURCE: a URL, a path, or `-`.
    ///
    /// # Errors
    ///
    /// A message with cause and remedy.
    pub fn parse(text: &str) -> Result<SourceSpec, SpecError> {
        let error = |problem: String| SpecError { source_text: visible(&shown(text)), problem };
        let kind = registry::parse(text).map_err(error)?;
        Ok(SourceSpec { kind, text: text.into() })
    }

    /// An OTLP receiver on these addresses, such as `127.0.0.1:4317`. Port 0 takes a free port; an empty address is skipped.
    pub fn listen(grpc: impl Into<String>, http: impl Into<String>) -> SourceSpec {
        SourceSpec::of(ListenSpec { grpc: grpc.into(), http: http.into() })
    }

    /// A file by its path.
    pub fn file(path: impl Into<std::path::PathBuf>) -> SourceSpec {
        SourceSpec::of(FileInput::Path(path.into()))
    }

    fn of(kind: impl Kind) -> SourceSpec {
        let text = kind.describe().source.into();
        SourceSpec { kind: Arc::new(kind), text }
    }

    /// The kind of source.
    pub fn kind(&self) -> SourceKind {
        self.describe().kind
    }

    /// The URL as typed, without user and password.
    pub fn url(&self) -> String {
        self.describe().url
    }

    /// A short name for display.
    pub fn label(&self) -> String {
        self.labels().into_iter().next().unwrap_or_default()
    }

    /// Names for people, the shortest first, each once.
    pub(super) fn labels(&self) -> Vec<String> {
        let mut labels = self.describe().labels;
        labels.dedup();
        labels
    }

    /// What no other source may use at the same time.
    pub fn claims(&self) -> Vec<Claim> {
        self.describe().claims
    }

    /// Whether it is standard input.
    pub fn is_stdin(&self) -> bool {
        self.claims().contains(&Claim::Stdin)
    }

    /// The addresses, `host:port`, that it listens on.
    pub fn addresses(&self) -> Vec<String> {
        let addresses = self.claims().into_iter().filter_map(|claim| match claim {
            Claim::Address(address) => Some(address),
            _ => None,
        });
        addresses.collect()
    }

    /// Whether this was typed as otail shows `other`, with its secrets hidden. It then means the same source.
    pub(super) fn is_as_shown(&self, other: &SourceSpec) -> bool {
        *self.text == *other.describe().source
    }

    /// Whether it contains `…` in place of a hidden secret.
    pub(super) fn has_hidden_secret(&self) -> bool {
        self.describe().server.is_some() && self.text.contains('…')
    }

    pub(super) fn describe(&self) -> Description {
        self.kind.describe()
    }

    pub(super) fn settings(&self, options: &Options) -> Vec<(&'static str, String)> {
        self.kind.settings(options)
    }

    pub(super) fn overflow(&self) -> Overflow {
        self.kind.overflow()
    }

    pub(super) fn run<'a>(&'a self, attempt: Attempt<'a>) -> Run<'a> {
        self.kind.run(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_source_is_parsed() {
        let listen = |grpc: &str, http: &str| SourceSpec::listen(grpc, http);
        for (text, spec) in [
            ("spans.jsonl", SourceSpec::file("spans.jsonl")),
            ("file:/tmp/a b", SourceSpec::file("/tmp/a b")),
            ("file:///tmp/a%20b", SourceSpec::file("/tmp/a b")),
            ("FILE:/tmp/a", SourceSpec::file("/tmp/a")),
            ("/tmp/a:1/b", SourceSpec::file("/tmp/a:1/b")),
            ("./localhost:4318", SourceSpec::file("./localhost:4318")),
            ("listen://", listen("127.0.0.1:4317", "127.0.0.1:4318")),
            ("listen://127.0.0.1?grpc=0&http=9", listen("127.0.0.1:0", "127.0.0.1:9")),
            ("listen://[::1]?http=1", listen("[::1]:4317", "[::1]:1")),
            ("Listen://0.0.0.0:9000", listen("0.0.0.0:9000", "0.0.0.0:9000")),
            ("listen://[::1]:9000/?grpc=9001", listen("[::1]:9001", "[::1]:9000")),
        ] {
            assert_eq!(SourceSpec::parse(text), Ok(spec), "{text}");
        }
        for (text, kind, url) in [
            ("-", "file", "-"),
            ("sse+https://h/x", "sse", "https://h/x"),
            ("http://h:1/x?y=z", "http", "http://h:1/x?y=z"),
            ("POLL+http://h/x", "http", "http://h/x"),
            ("prom+https://h/x", "http", "https://h/x"),
        ] {
            let spec = SourceSpec::parse(text).unwrap();
            assert_eq!((spec.kind().word(), &*spec.url()), (kind, url), "{text}");
        }
        assert!(SourceSpec::parse("file:-").unwrap().is_stdin());
        let spec = |text| SourceSpec::parse(text).unwrap();
        assert_ne!(spec("poll+http://h/x"), spec("http://h/x"));
        assert_ne!(spec("file:h"), spec("http://h"), "of two kinds");
    }

    #[test]
    fn a_wrong_source_is_refused_with_the_cause() {
        for (text, word) in [
            ("", "empty"),
            ("listen://127.0.0.1:x", "not a port"),
            ("listen://::1", "brackets"),
            ("listen://me@127.0.0.1", "no user and password"),
            ("listen://me:secret@[::1]:9000?http=1", "[listen]"),
            ("listen://127.0.0.1/v1/traces", "character"),
            ("localhost:4318", "scheme is missing"),
            ("listen://x?grpc=70000", "not a port"),
            ("listen://x?port=1", "unknown"),
            ("gopher://x", "unknown scheme"),
            ("kafka://b/t", "not supported yet"),
            ("http://", "not a valid URL"),
            ("file:", "missing"),
            ("confg", "write ./confg"),
        ] {
            let error = SourceSpec::parse(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn errors_show_no_password() {
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
