//! Receivers as a kind of source: parsing and description.

use super::super::kind::{Attempt, Claim, Description, Kind, Run, Scheme};
use super::super::options::Options;
use super::spec::ListenSpec;
use crate::config::host_and_port;
use crate::intake::Overflow;
use crate::model::{SourceKind, visible};

impl Kind for ListenSpec {
    fn schemes() -> &'static [Scheme] {
        &[Scheme { prefixes: &["listen://"], form: "listen://", about: "receive OTLP over gRPC and HTTP" }]
    }

    fn parse(text: &str) -> Result<ListenSpec, String> {
        listen(text.split_once("://").map_or("", |(_, rest)| rest))
    }

    fn describe(&self) -> Description {
        let ListenSpec { grpc, http } = self;
        let addresses = [("grpc", grpc), ("http", http)].into_iter().filter(|(_, address)| !address.is_empty());
        let urls: Vec<String> = addresses.map(|(scheme, address)| format!("{scheme}://{address}")).collect();
        let is_fixed = |address: &&String| !address.is_empty() && !address.ends_with(":0");
        Description {
            kind: SourceKind::received("listen"),
            url: urls.join(" and "),
            labels: self.labels(),
            source: self.source(),
            server: None,
            claims: [grpc, http].into_iter().filter(is_fixed).cloned().map(Claim::Address).collect(),
        }
    }

    fn settings(&self, _: &Options) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn overflow(&self) -> Overflow {
        Overflow::Refuse
    }

    fn run<'a>(&'a self, attempt: Attempt<'a>) -> Run<'a> {
        Box::pin(super::bind::run(self, attempt.link.clone(), attempt.settings.listen.clone()))
    }
}

impl ListenSpec {
    fn source(&self) -> String {
        match self {
            ListenSpec { grpc, http } if grpc == http || grpc.is_empty() => format!("listen://{http}"),
            ListenSpec { grpc, http } if http.is_empty() => format!("listen://{grpc}"),
            ListenSpec { grpc, http } => {
                let (host, port) = host_and_port(http);
                let grpc = host_and_port(grpc).1.unwrap_or_default();
                format!("listen://{host}?grpc={grpc}&http={}", port.unwrap_or_default())
            }
        }
    }
}

impl ListenSpec {
    /// `otlp`, then with its port, then with its address.
    fn labels(&self) -> Vec<String> {
        let address = if self.http.is_empty() { &self.grpc } else { &self.http };
        let (_, port) = host_and_port(address);
        let with_port = port.map(|port| format!("otlp:{port}"));
        std::iter::once("otlp".to_owned()).chain(with_port).chain([format!("otlp {address}")]).collect()
    }
}

fn listen(rest: &str) -> Result<ListenSpec, String> {
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let address = address.trim_end_matches('/');
    if address.contains('@') {
        return Err(
            "a receiver takes no user and password; to require credentials from senders, set under [listen] token_file, \
                    token_env or client_ca"
                .into(),
        );
    }
    let (host, port) = host_and_port(address);
    if host.contains(['/', '#', ' ']) {
        return Err("the host contains an invalid character; write listen://HOST, or listen://HOST:PORT".into());
    }
    if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        return Err("an IPv6 address needs brackets, as in listen://[::1]".into());
    }
    let host = if host.is_empty() { "127.0.0.1" } else { host };
    let number = |port: &str| {
        port.parse::<u16>().map_err(|_| format!("`{}` is not a port; use a number from 0 to 65535", visible(port)))
    };
    // Every port accepts both protocols, so one is enough.
    let (mut grpc, mut http) = match port.map(number).transpose()? {
        Some(port) => (port, port),
        None => (4317, 4318),
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "grpc" => grpc = number(value)?,
            "http" => http = number(value)?,
            other => return Err(format!("`{}` is unknown; use grpc=PORT or http=PORT", visible(other))),
        }
    }
    Ok(ListenSpec { grpc: format!("{host}:{grpc}"), http: format!("{host}:{http}") })
}
