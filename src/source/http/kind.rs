//! URLs read over HTTP as a kind of source: parsing and description.

use super::super::credentials::Auth;
use super::super::kind::{Attempt, Claim, Description, Kind, Run, Scheme};
use super::super::options::Options;
use super::spec::{Expect, HttpSpec};
use crate::config::{Format, Method};
use crate::intake::Overflow;
use crate::model::{CredentialsOrigin, SourceKind, human_duration};
use crate::net::shown;
use std::time::Duration;

impl Kind for HttpSpec {
    fn schemes() -> &'static [Scheme] {
        &[
            Scheme {
                prefixes: &["http://", "https://"],
                form: "http(s)://",
                about: "a URL: an event stream is followed, anything else is polled",
            },
            Scheme {
                prefixes: &["sse+http://", "sse+https://"],
                form: "sse+http(s)://",
                about: "a stream of server-sent events",
            },
            Scheme {
                prefixes: &["poll+http://", "poll+https://"],
                form: "poll+http(s)://",
                about: "OTLP JSON, OTLP protobuf or Prometheus text, polled",
            },
            Scheme {
                prefixes: &["prom+http://", "prom+https://"],
                form: "prom+http(s)://",
                about: "Prometheus text or OpenMetrics, polled",
            },
        ]
    }

    fn parse(text: &str) -> Result<HttpSpec, String> {
        let expects = [Expect::Stream, Expect::Poll, Expect::Prometheus];
        let begins = |expect: &Expect| {
            text.get(..expect.prefix().len()).is_some_and(|it| it.eq_ignore_ascii_case(expect.prefix()))
        };
        let expect = expects.into_iter().find(begins).unwrap_or(Expect::Anything);
        let text = &text[expect.prefix().len()..];
        let url = reqwest::Url::parse(text).map_err(|error| format!("it is not a valid URL ({error})"))?;
        match url.host_str() {
            None | Some("") => Err("the host is missing".into()),
            Some(_) => Ok(HttpSpec { url: text.to_owned(), expect }),
        }
    }

    fn describe(&self) -> Description {
        let HttpSpec { url, expect } = self;
        let parsed = reqwest::Url::parse(url).ok();
        let source = format!("{}{}", expect.prefix(), shown(url));
        let mut labels = labels(&shown(url)).unwrap_or_else(|| vec!["http".to_owned()]);
        labels.push(source.clone());
        let kind = match expect {
            Expect::Stream => SourceKind::pushed("sse"),
            Expect::Anything | Expect::Poll | Expect::Prometheus => SourceKind::polled("http"),
        };
        Description {
            kind,
            url: shown(url),
            labels,
            source,
            server: parsed.as_ref().map(|url| url.origin().ascii_serialization()),
            claims: vec![Claim::Url(parsed.map_or_else(|| url.clone(), String::from))],
        }
    }

    fn settings(&self, options: &Options) -> Vec<(&'static str, String)> {
        settings(self, options)
    }

    /// Streams change this when they are recognised.
    fn overflow(&self) -> Overflow {
        match self.expect {
            Expect::Stream => Overflow::DropOldest,
            Expect::Anything | Expect::Poll | Expect::Prometheus => Overflow::Wait,
        }
    }

    fn run<'a>(&'a self, attempt: Attempt<'a>) -> Run<'a> {
        Box::pin(super::run(self, attempt))
    }
}

/// Host and port, then with the path, then with the query. From a URL that may be shown.
fn labels(url: &str) -> Option<Vec<String>> {
    let url = reqwest::Url::parse(url).ok()?;
    let host = url.host_str()?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let with_path = format!("{host}{}", url.path().trim_end_matches('/'));
    let with_query = url.query().map(|query| format!("{with_path}?{query}"));
    Some([host, with_path].into_iter().chain(with_query).collect())
}

fn settings(spec: &HttpSpec, options: &Options) -> Vec<(&'static str, String)> {
    let mut settings: Vec<(&'static str, String)> = Vec::new();
    if spec.expect != Expect::Stream {
        settings.push(("asked every", duration(options.interval)));
        if options.method == Method::Post {
            settings.push(("method", "POST".to_owned()));
        }
        if options.format != Format::Auto {
            settings.push(("format", format!("{:?}", options.format).to_lowercase()));
        }
    }
    settings.push(("credentials", credentials(spec, options)));
    if !options.headers.is_empty() {
        settings.push(("headers", "custom headers".to_owned()));
    }
    let trust = &options.trust;
    if trust.insecure {
        settings
            .push(("trust", "any certificate: anyone on the network path can read and change the traffic".to_owned()));
    } else if let Some(path) = &trust.cacert {
        settings.push(("trust", format!("the system's certificates and {}", path.display())));
    }
    if let Some(path) = &trust.cert {
        settings.push(("certificate", path.display().to_string()));
    }
    if let Some(timeout) = options.idle_timeout {
        settings.push(("idle timeout", duration(timeout)));
    }
    settings.push((
        "retries",
        match (options.auto_reconnect, options.auto_reconnect_max_attempts, options.auto_reconnect_forever) {
            (false, ..) => "none".to_owned(),
            (true, 0, _) => "never gives up".to_owned(),
            (true, most, true) => format!("gives up after {most} if it never delivered; afterwards keeps trying"),
            (true, most, false) => format!("gives up after {most} in a row without an item"),
        },
    ));
    settings
}

/// The kind and origin of the credentials, without secrets.
fn credentials(spec: &HttpSpec, options: &Options) -> String {
    let what = match &options.auth {
        Auth::None if has_user(&spec.url) => return "user and password, in the URL".to_owned(),
        Auth::None => return "none".to_owned(),
        Auth::Basic(_) => "user and password",
        Auth::Bearer(_) | Auth::BearerFile(_) => "a token",
    };
    match &options.credentials {
        CredentialsOrigin::None => what.to_owned(),
        CredentialsOrigin::Configuration => format!("{what}, from the configuration"),
        CredentialsOrigin::Variable(name) => format!("{what}, from ${name}"),
        CredentialsOrigin::File(path) => format!("{what}, from {}", path.display()),
        CredentialsOrigin::Keyring => format!("{what}, from the keyring"),
        CredentialsOrigin::Typed => format!("{what}, typed"),
    }
}

fn has_user(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

fn duration(duration: Duration) -> String {
    human_duration(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
