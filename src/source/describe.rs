//! What a source's settings are, for people: no secret is in here.

use super::credentials::Auth;
use super::file::Beginning;
use super::options::Options;
use super::provider::Source;
use super::spec::{Expect, FilePlace, HttpSpec, ListenSpec, SourceSpec};
use crate::config::{Format, Method, host_and_port};
use crate::model::{Connection, human_duration};
use crate::net::shown;
use std::sync::Arc;
use std::time::Duration;

/// A source as it would be typed to connect to it, without credentials.
fn typed(spec: &SourceSpec) -> String {
    written(spec, shown)
}

/// Whether one was typed as the other is shown: then what is not shown of that is meant too.
pub(super) fn is_as_shown(spec: &SourceSpec, other: &SourceSpec) -> bool {
    written(spec, str::to_owned) == typed(other)
}

fn written(spec: &SourceSpec, url_of: impl Fn(&str) -> String) -> String {
    match spec {
        SourceSpec::Listen(ListenSpec { grpc, http }) if grpc == http || grpc.is_empty() => format!("listen://{http}"),
        SourceSpec::Listen(ListenSpec { grpc, http }) if http.is_empty() => format!("listen://{grpc}"),
        SourceSpec::Listen(ListenSpec { grpc, http }) => {
            let (host, port) = host_and_port(http);
            let grpc = host_and_port(grpc).1.unwrap_or_default();
            format!("listen://{host}?grpc={grpc}&http={}", port.unwrap_or_default())
        }
        SourceSpec::Http(HttpSpec { url, expect }) => {
            let fixed = match expect {
                Expect::Anything => "",
                Expect::Stream => "sse+",
                Expect::Poll => "poll+",
                Expect::Prometheus => "prom+",
            };
            format!("{fixed}{}", url_of(url))
        }
        SourceSpec::File(FilePlace::Path(path)) => format!("file:{}", path.display()),
        SourceSpec::File(FilePlace::Stdin) => "-".to_owned(),
    }
}

/// Writes into a connection's reference what its source's settings say.
pub(super) fn settings(connection: &mut Connection, source: &Source) {
    let Source { spec, group, options: settings, .. } = source;
    connection.group.clone_from(group);
    connection.source = typed(spec);
    connection.options = options(spec, settings);
    connection.interval = interval(spec, settings);
    connection.insecure = settings.trust.insecure;
}

/// Nanoseconds between two polls; none for what is no poll by its scheme.
fn interval(spec: &SourceSpec, options: &Options) -> Option<u64> {
    let polls = matches!(spec, SourceSpec::Http(http) if http.expect != Expect::Stream);
    polls.then(|| nanos(options.interval))
}

fn has_user(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

/// How a source is gone about: what, and how.
fn options(spec: &SourceSpec, options: &Options) -> Arc<[(&'static str, String)]> {
    let SourceSpec::Http(http) = spec else {
        let Beginning { tail, since } = options.beginning;
        let tail = tail.map(|count| ("begins at", format!("the last {count} of the items that were there")));
        let since = since.map(|age| ("begins", format!("{} before the start", duration(age))));
        return tail.into_iter().chain(since).collect();
    };
    let mut told: Vec<(&'static str, String)> = Vec::new();
    if http.expect != Expect::Stream {
        told.push(("asked every", duration(options.interval)));
        if options.method == Method::Post {
            told.push(("method", "POST".to_owned()));
        }
        if options.format != Format::Auto {
            told.push(("format", format!("{:?}", options.format).to_lowercase()));
        }
    }
    told.push((
        "credentials",
        match &options.auth {
            Auth::None if has_user(&http.url) => "user and password, in the URL",
            Auth::None => "none",
            Auth::Basic(_) => "user and password",
            Auth::Bearer(_) => "a token",
            Auth::BearerFile(_) => "a token from a file",
        }
        .to_owned(),
    ));
    if !options.headers.is_empty() {
        told.push(("headers", "some of its own".to_owned()));
    }
    let trust = &options.trust;
    if trust.insecure {
        told.push(("trust", "any certificate: whoever is on the way can read and change everything".to_owned()));
    } else if let Some(path) = &trust.cacert {
        told.push(("trust", format!("the system's certificates and {}", path.display())));
    }
    if let Some(path) = &trust.cert {
        told.push(("certificate", path.display().to_string()));
    }
    if let Some(timeout) = options.idle_timeout {
        told.push(("silent for", format!("{} is dead", duration(timeout))));
    }
    told.push((
        "retries",
        match (options.auto_reconnect, options.auto_reconnect_max_attempts, options.auto_reconnect_forever) {
            (false, ..) => "none".to_owned(),
            (true, 0, _) => "never gives up".to_owned(),
            (true, most, true) => format!("gives up after {most} if it never delivered; afterwards keeps trying"),
            (true, most, false) => format!("gives up after {most} in a row without an item"),
        },
    ));
    told.into()
}

/// The options of a source that was given other credentials than it was set up with.
pub(super) fn with_typed_credentials(options: &[(&'static str, String)]) -> Arc<[(&'static str, String)]> {
    let others = options.iter().filter(|(key, _)| *key != "credentials").cloned();
    std::iter::once(("credentials", "typed".to_owned())).chain(others).collect()
}

fn duration(duration: Duration) -> String {
    human_duration(nanos(duration))
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Provider};

    #[test]
    fn what_is_typed_again_is_the_same_source() {
        for text in [
            "-",
            "file:spans.jsonl",
            "listen://127.0.0.1:9000",
            "listen://[::1]?grpc=0&http=9",
            "sse+https://h/x",
            "http://h:1/x?y=z",
            "poll+http://h/x",
            "prom+https://h/x",
        ] {
            let spec = SourceSpec::parse(text).unwrap();
            assert_eq!(typed(&spec), text);
            assert_eq!(SourceSpec::parse(&typed(&spec)), Ok(spec));
        }
        assert_eq!(typed(&SourceSpec::parse("sse+https://me:secret@h/x").unwrap()), "sse+https://h/x");
    }

    #[test]
    fn where_a_file_begins_is_told() {
        let mut wanted = Options::of_all(&Provider::default());
        let file = SourceSpec::parse("a.jsonl").unwrap();
        assert!(options(&file, &wanted).is_empty());
        wanted.beginning = Beginning { tail: Some(7), since: Some(Duration::from_secs(5)) };
        let told = format!("{:?}", options(&file, &wanted));
        assert!(told.contains("the last 7 of") && told.contains("5.00s before"), "{told}");
    }

    #[test]
    fn options_are_told_without_a_secret() {
        let source: config::Source = toml::from_str(
            "url = \"http://h/\"\ntoken = \"canary\"\nheaders = { X-Key = \"canary\" }\ninsecure = true\ninterval = \"2s\"",
        )
        .unwrap();
        let told = Options::of_source(&source, &Provider::default(), |_| None).unwrap();
        let told = format!("{:?}", options(&SourceSpec::parse("http://h/").unwrap(), &told));
        assert!(!told.contains("canary"), "{told}");
        for words in ["2.00s", "a token", "any certificate", "gives up after 5"] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }
}
