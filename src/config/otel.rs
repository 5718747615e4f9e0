//! `OTEL_EXPORTER_OTLP_*`: where and how the programs in this environment send telemetry.
//!
//! An endpoint on this machine's loopback becomes the address that otail listens on, below the file. Headers, certificates and
//! the rest serve otail's own metrics alone. Empty is not set; what is not understood is ignored, and told.

use super::authority::{address, host_and_port};
use super::secret::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// Addresses that programs around here send to, on this machine's loopback.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Endpoints {
    /// Of gRPC.
    pub grpc: Option<String>,
    /// Of HTTP.
    pub http: Option<String>,
}

/// How otail sends its own metrics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exporter {
    /// Headers of every request.
    pub headers: Vec<(String, Secret)>,
    /// Certificates trusted beside the system's, PEM.
    pub certificate: Option<PathBuf>,
    /// The client's own certificate, PEM.
    pub client_certificate: Option<PathBuf>,
    /// Its key, PEM.
    pub client_key: Option<PathBuf>,
    /// For a whole request.
    pub timeout: Duration,
    /// Whether requests are compressed with gzip.
    pub gzip: bool,
}

impl Default for Exporter {
    fn default() -> Exporter {
        Exporter {
            headers: Vec::new(),
            certificate: None,
            client_certificate: None,
            client_key: None,
            timeout: Duration::from_secs(10),
            gzip: false,
        }
    }
}

const PREFIX: &str = "OTEL_EXPORTER_OTLP_";

impl Endpoints {
    /// The first of each protocol, the one for all signals before those of one; and what was not understood, in words. An
    /// endpoint elsewhere is no matter of ours.
    pub fn read(variables: &[(String, String)]) -> (Endpoints, Vec<String>) {
        let (mut endpoints, mut ignored) = (Endpoints::default(), Vec::new());
        for signal in ["", "TRACES_", "METRICS_", "LOGS_"] {
            let name = format!("{PREFIX}{signal}ENDPOINT");
            let Some(text) = value(variables, &name) else { continue };
            let address = match loopback(text) {
                Ok(Some(address)) => address,
                Ok(None) => continue,
                Err(why) => {
                    ignored.push(format!("{name} in the environment is ignored: {why}"));
                    continue;
                }
            };
            let own = format!("{PREFIX}{signal}PROTOCOL");
            let names = [own.as_str(), "OTEL_EXPORTER_OTLP_PROTOCOL"];
            let said = names.into_iter().find_map(|name| Some((name, value(variables, name)?)));
            let is_grpc = match said {
                Some((_, "grpc")) => true,
                Some((_, "http/protobuf" | "http/json")) => false,
                // Every SDK has its own default, and either port takes either.
                None => address.ends_with(":4317"),
                Some((name, _)) => {
                    ignored.push(format!("{name} in the environment is ignored: grpc, http/protobuf or http/json"));
                    address.ends_with(":4317")
                }
            };
            let place = if is_grpc { &mut endpoints.grpc } else { &mut endpoints.http };
            place.get_or_insert(address);
        }
        ignored.dedup();
        (endpoints, ignored)
    }
}

impl Exporter {
    /// What the variables say, those of metrics before those of all signals; and what was not understood, in words that show no
    /// value.
    pub fn read(variables: &[(String, String)]) -> (Exporter, Vec<String>) {
        let (mut exporter, mut ignored) = (Exporter::default(), Vec::new());
        let find = |key: &str| {
            let names = [format!("{PREFIX}METRICS_{key}"), format!("{PREFIX}{key}")];
            names.into_iter().find_map(|name| value(variables, &name).map(|value| (name, value)))
        };
        let path = |key: &str| find(key).map(|(_, value)| PathBuf::from(value));
        exporter.certificate = path("CERTIFICATE");
        exporter.client_certificate = path("CLIENT_CERTIFICATE");
        exporter.client_key = path("CLIENT_KEY");
        let mut ignore = |name: &str, why: &str| ignored.push(format!("{name} in the environment is ignored: {why}"));
        if let Some((name, text)) = find("HEADERS") {
            for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
                match header(pair) {
                    Some(header) => exporter.headers.push(header),
                    None => ignore(&name, "a part of it is no name=value"),
                }
            }
        }
        if let Some((name, text)) = find("TIMEOUT") {
            match text.parse() {
                Ok(0) | Err(_) => ignore(&name, "a number of milliseconds is expected"),
                Ok(timeout) => exporter.timeout = Duration::from_millis(timeout),
            }
        }
        match find("COMPRESSION") {
            None => {}
            Some((_, "gzip")) => exporter.gzip = true,
            Some((_, "none")) => {}
            Some((name, _)) => ignore(&name, "gzip or none"),
        }
        (exporter, ignored)
    }
}

fn value<'a>(variables: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = variables.iter().find(|(found, _)| found == name)?.1.trim();
    Some(found).filter(|value| !value.is_empty())
}

/// `host:port` of an endpoint on loopback that names its port; `None` where it is elsewhere, or names none.
fn loopback(endpoint: &str) -> Result<Option<String>, &'static str> {
    const EXPECTED: &str = "a URL is expected, as http://127.0.0.1:4318";
    let rest = match endpoint.split_once("://") {
        Some((scheme, rest)) if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => rest,
        // gRPC's own schemes, which name no address of TCP.
        Some(_) => return Ok(None),
        None => endpoint,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = host_and_port(authority);
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(EXPECTED);
    }
    let Some(port) = port else { return Ok(None) };
    let port: u16 = port.parse().map_err(|_| EXPECTED)?;
    Ok(match host {
        // As in otail's own defaults: programs that dial the name try this address too.
        _ if host.eq_ignore_ascii_case("localhost") => Some(format!("127.0.0.1:{port}")),
        _ if address(host).is_some_and(|address| address.is_loopback()) => Some(format!("{host}:{port}")),
        _ => None,
    })
}

/// `name=value` as W3C Baggage writes it, without properties.
fn header(pair: &str) -> Option<(String, Secret)> {
    let (name, value) = pair.split_once('=')?;
    let name = decoded(name.trim())?;
    let is_name =
        !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c));
    let value = decoded(value.trim())?;
    (is_name && !value.contains(char::is_control)).then(|| (name, value.into()))
}

/// Percent-decoded, as UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (format!("{PREFIX}{name}"), (*value).to_owned())).collect()
    }

    /// The addresses of gRPC and HTTP, `-` where there is none, and how much was ignored.
    fn endpoints(pairs: &[(&str, &str)]) -> (String, usize) {
        let (found, ignored) = Endpoints::read(&variables(pairs));
        let shown = |address: Option<String>| address.unwrap_or_else(|| "-".into());
        (format!("{} {}", shown(found.grpc), shown(found.http)), ignored.len())
    }

    #[test]
    fn an_endpoint_on_loopback_is_an_address_of_its_protocol() {
        for (pairs, expected) in [
            (&[("ENDPOINT", "http://localhost:5318")][..], "- 127.0.0.1:5318"),
            (&[("ENDPOINT", "https://127.0.0.2:5318/base")], "- 127.0.0.2:5318"),
            (&[("ENDPOINT", "http://[::1]:5318"), ("PROTOCOL", "http/json")], "- [::1]:5318"),
            (&[("ENDPOINT", "http://localhost:5317"), ("PROTOCOL", "grpc")], "127.0.0.1:5317 -"),
            (&[("ENDPOINT", "localhost:5317"), ("PROTOCOL", "grpc")], "127.0.0.1:5317 -"),
            (&[("ENDPOINT", "http://localhost:4317")], "127.0.0.1:4317 -"),
            (
                &[("TRACES_ENDPOINT", "http://localhost:1/x"), ("LOGS_ENDPOINT", "http://localhost:2/y")],
                "- 127.0.0.1:1",
            ),
            (
                &[
                    ("ENDPOINT", "http://localhost:1"),
                    ("LOGS_ENDPOINT", "http://localhost:2"),
                    ("LOGS_PROTOCOL", "grpc"),
                ],
                "127.0.0.1:2 127.0.0.1:1",
            ),
            (&[("ENDPOINT", ""), ("METRICS_ENDPOINT", "http://localhost:3/v1/metrics")], "- 127.0.0.1:3"),
        ] {
            assert_eq!(endpoints(pairs), (expected.to_owned(), 0), "{pairs:?}");
        }
    }

    #[test]
    fn an_endpoint_elsewhere_or_without_a_port_is_passed_over_with_nothing_said() {
        for url in
            ["http://collector:4318", "https://otlp.example", "http://10.0.0.7:4318", "http://localhost", "unix:///x"]
        {
            assert_eq!(endpoints(&[("ENDPOINT", url)]), ("- -".to_owned(), 0), "{url}");
        }
    }

    #[test]
    fn what_is_not_understood_is_ignored_and_told() {
        for pairs in [
            &[("ENDPOINT", "http://localhost:99999")][..],
            &[("ENDPOINT", "http://")],
            &[("ENDPOINT", "no URL at all")],
        ] {
            assert_eq!(endpoints(pairs), ("- -".to_owned(), 1), "{pairs:?}");
        }
        assert_eq!(
            endpoints(&[("ENDPOINT", "http://localhost:1"), ("PROTOCOL", "smoke")]),
            ("- 127.0.0.1:1".to_owned(), 1)
        );
    }

    #[test]
    fn headers_are_decoded_and_those_of_metrics_come_first() {
        let read = |pairs: &[(&str, &str)]| Exporter::read(&variables(pairs));
        let (exporter, ignored) = read(&[("HEADERS", "authorization=Bearer%20x%3D, X-Scope = a ,")]);
        let shown: Vec<_> = exporter.headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        assert_eq!((shown, ignored.len()), (vec![("authorization", "Bearer x="), ("X-Scope", "a")], 0));
        let (exporter, _) = read(&[("HEADERS", "a=1"), ("METRICS_HEADERS", "b=2")]);
        assert_eq!(exporter.headers, [("b".to_owned(), "2".to_owned().into())]);
        for bad in ["canary", "a=%zz", "a=%0acanary", "a b=canary", "=canary"] {
            let (exporter, ignored) = read(&[("HEADERS", bad)]);
            assert!(exporter.headers.is_empty() && ignored.len() == 1, "{bad}");
            assert!(!ignored[0].contains("canary") && ignored[0].contains("OTEL_EXPORTER_OTLP_HEADERS"));
        }
    }

    #[test]
    fn the_rest_of_the_exporter_is_read_and_what_is_wrong_leaves_the_defaults() {
        let (exporter, ignored) = Exporter::read(&variables(&[
            ("TIMEOUT", "500"),
            ("COMPRESSION", "gzip"),
            ("CERTIFICATE", "/ca"),
            ("METRICS_CLIENT_KEY", "/key"),
            ("CLIENT_CERTIFICATE", "/cert"),
        ]));
        assert_eq!((exporter.timeout, exporter.gzip, ignored.len()), (Duration::from_millis(500), true, 0));
        let paths = [&exporter.certificate, &exporter.client_certificate, &exporter.client_key];
        assert_eq!(paths.map(|path| path.clone().unwrap()), ["/ca", "/cert", "/key"].map(PathBuf::from));
        let (exporter, ignored) = Exporter::read(&variables(&[("TIMEOUT", "soon"), ("COMPRESSION", "snappy")]));
        assert_eq!((exporter, ignored.len()), (Exporter::default(), 2));
    }
}
