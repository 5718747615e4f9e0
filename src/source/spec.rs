//! A SOURCE of the command line or the configuration, understood.

use super::file::FilePlace;
use super::kind::{Attempt, Claim, Description, Kind, Run};
use super::listen::ListenSpec;
use super::options::Options;
use super::registry;
use crate::intake::Overflow;
use crate::model::{SourceKind, visible};
use crate::net::shown;
use std::fmt;
use std::sync::Arc;

/// A source of any kind. Two are equal if they are the same source, however they were typed.
#[derive(Clone)]
pub struct SourceSpec {
    kind: Arc<dyn Kind>,
    /// As it was typed; it may hold a secret.
    text: Arc<str>,
}

/// A source, with its options.
#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    /// What it is.
    pub spec: SourceSpec,
    /// Its name for people; without one it is made from the URL.
    pub name: Option<String>,
    /// What it belongs to, for people.
    pub group: Option<String>,
    /// How it is asked, trusted and kept.
    pub options: Options,
}

/// Why a SOURCE was not understood.
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
    /// Reads a SOURCE: a URL, a path, or `-`.
    ///
    /// # Errors
    ///
    /// What is wrong with it and what would be right.
    pub fn parse(text: &str) -> Result<SourceSpec, SpecError> {
        let error = |problem: String| SpecError { source_text: visible(&shown(text)), problem };
        let kind = registry::parse(text).map_err(error)?;
        Ok(SourceSpec { kind, text: text.into() })
    }

    /// A receiver of OTLP on these addresses, as `127.0.0.1:4317`; port 0 takes a free one, and an empty address is left out.
    pub fn listen(grpc: impl Into<String>, http: impl Into<String>) -> SourceSpec {
        SourceSpec::of(ListenSpec { grpc: grpc.into(), http: http.into() })
    }

    /// A file, by its path.
    pub fn file(path: impl Into<std::path::PathBuf>) -> SourceSpec {
        SourceSpec::of(FilePlace::Path(path.into()))
    }

    fn of(kind: impl Kind) -> SourceSpec {
        let text = kind.describe().source.into();
        SourceSpec { kind: Arc::new(kind), text }
    }

    /// What kind of thing it is.
    pub fn kind(&self) -> SourceKind {
        self.describe().kind
    }

    /// The URL for people: as given, without user and password.
    pub fn url(&self) -> String {
        self.describe().url
    }

    /// A short name for people.
    pub fn label(&self) -> String {
        self.labels().into_iter().next().unwrap_or_default()
    }

    /// Names for people, the shortest first, each once.
    pub(super) fn labels(&self) -> Vec<String> {
        let mut labels = self.describe().labels;
        labels.dedup();
        labels
    }

    /// What no other source may have at the same time.
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

    /// Whether this was typed as the other is shown: then the secrets of the other, which are not shown, are meant too.
    pub(super) fn is_as_shown(&self, other: &SourceSpec) -> bool {
        *self.text == *other.describe().source
    }

    /// Whether a secret that is not shown was typed as `…`.
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
    fn each_form_of_source_is_understood() {
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
            ("confg", "write ./confg"),
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
