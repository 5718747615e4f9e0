//! What a value must be beyond its type: found before anything starts, by `otail config check` and by every start.

use super::authority::host_and_port;
use super::human::{bytes_text, duration_text};
use super::settings::{Config, Source};
use super::shown::shown;
use std::time::Duration;

/// A value that cannot be meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wrong {
    pub section: &'static str,
    pub key: &'static str,
    /// Another key of the section that makes it wrong, where there is one.
    pub because_of: Option<&'static str>,
    /// Which `[[source]]`, from 0, where it is of one.
    pub source: Option<usize>,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// The smallest buffer: less than one usual request of each signal would be gone before it is seen.
const MIN_BUFFER: usize = 1 << 20;

/// The shortest time between two polls of a source, and between two requests with otail's own numbers: more often would be a
/// load test.
pub const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// The first value that cannot be meant.
pub(super) fn check(config: &Config) -> Result<(), Wrong> {
    let Config { listen, buffer, provider, self_telemetry, .. } = config;
    let wrong = |section, key, message: String| Err(Wrong { section, key, because_of: None, source: None, message });
    for (key, address) in [("grpc", &listen.grpc), ("http", &listen.http)] {
        if let Err(message) = check_address(address) {
            return wrong("listen", key, message);
        }
    }
    if let Some(message) = listen.hosts.iter().find_map(|host| check_host(host).err()) {
        return wrong("listen", "hosts", message);
    }
    if let Some(message) = listen.origins.iter().find_map(|origin| check_origin(origin).err()) {
        return wrong("listen", "origins", message);
    }
    let is_set = |path: &std::path::Path| !path.as_os_str().is_empty();
    if is_set(&listen.key) && !is_set(&listen.cert) {
        return wrong("listen", "key", "cert is missing; set it to the certificate of this key".into());
    }
    if is_set(&listen.cert) && !is_set(&listen.key) {
        return wrong("listen", "cert", "key is missing; set it to the key of this certificate".into());
    }
    if is_set(&listen.client_ca) && !is_set(&listen.cert) {
        return wrong("listen", "client_ca", "senders show certificates in TLS alone: cert and key are missing".into());
    }
    if listen.max_body == 0 {
        return wrong("listen", "max_body", "it is 0, and so every request would be refused".into());
    }
    if listen.max_in_flight < listen.max_body {
        let (all, one) = (bytes_text(listen.max_in_flight), bytes_text(listen.max_body));
        let message = format!(
            "{all} is less than listen.max_body, {one}: the largest request must have room; raise it or lower that"
        );
        let (section, key, because_of) = ("listen", "max_in_flight", Some("max_body"));
        return Err(Wrong { section, key, because_of, source: None, message });
    }
    if buffer.max_bytes < MIN_BUFFER {
        let (given, least) = (bytes_text(buffer.max_bytes), bytes_text(MIN_BUFFER));
        let message = format!("{given} is too small; the minimum is {least}");
        return wrong("buffer", "max_bytes", message);
    }
    if provider.max_connections == 0 {
        return wrong("provider", "max_connections", "it is 0, and so nothing could be connected to".into());
    }
    if provider.max_body == 0 {
        return wrong("provider", "max_body", "it is 0, and so every answer would be refused".into());
    }
    let no_time = "it is 0, and so no connection could be made in time; as in 10s";
    let is_no_time = |source: &Source| source.connection_timeout.is_some_and(|time| time.is_zero());
    if let Some(index) = config.sources.iter().position(is_no_time) {
        let (section, key, source) = ("source", "connection_timeout", Some(index));
        return Err(Wrong { section, key, because_of: None, source, message: no_time.into() });
    }
    if provider.connection_timeout.is_zero() {
        return wrong("provider", "connection_timeout", no_time.into());
    }
    for (section, interval) in [("provider", provider.interval), ("self_telemetry", self_telemetry.interval)] {
        if interval < MIN_INTERVAL {
            return wrong(section, "interval", format!("too short; the minimum is {}", duration_text(MIN_INTERVAL)));
        }
    }
    Ok(())
}

/// `host:port`, or nothing.
fn check_address(address: &str) -> Result<(), String> {
    if address.is_empty() {
        return Ok(());
    }
    let wrong = |problem: &str| {
        let address = shown(address);
        Err(format!("`{address}` is no address: {problem}; write it like 127.0.0.1:4317 or [::1]:4317"))
    };
    if address.contains("://") {
        return wrong("it has a scheme");
    }
    if address.contains('@') {
        return wrong("a receiver has no user and password, but a token, token_file or client_ca");
    }
    let (host, port) = host_and_port(address);
    match port {
        None if host.contains(':') && !host.starts_with('[') => wrong("IPv6 stands in brackets"),
        None => wrong("the port is missing"),
        Some(port) if port.parse::<u16>().is_err() => {
            wrong(&format!("`{port}` is not a port; use a number from 0 to 65535"))
        }
        _ if host.is_empty() => wrong("the host is missing"),
        _ if host.contains(['/', ' ', '?']) => wrong("the host has a character that no host has"),
        _ => Ok(()),
    }
}

/// A name alone: it is compared without the port.
fn check_host(host: &str) -> Result<(), String> {
    let bare = host.trim();
    let is_ipv6 = bare.matches(':').count() > 1;
    match bare.is_empty() || bare.contains(['/', ' ', '@']) || bare.contains(':') && !is_ipv6 {
        true => Err(format!(
            "`{}` is no host name; write it without scheme and port, like host.docker.internal",
            shown(host)
        )),
        false => Ok(()),
    }
}

/// `scheme://host[:port]`, as browsers send it in `Origin` (RFC 6454).
fn check_origin(origin: &str) -> Result<(), String> {
    let wrong = |problem: &str| {
        let origin = shown(origin);
        Err(format!("`{origin}` is no origin: {problem}; it is scheme://host[:port], like https://app.example:8443"))
    };
    let Some((scheme, rest)) = origin.trim().split_once("://") else { return wrong("the scheme is missing") };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let scheme_is_good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    let (host, port) = host_and_port(authority);
    match port {
        _ if !scheme_is_good => wrong("the scheme is not one"),
        _ if authority.contains(['/', '?', '#']) => wrong("it has a path"),
        _ if host.is_empty() => wrong("the host is missing"),
        _ if authority.contains('*') => wrong("a star stands for nothing here, each origin is named"),
        _ if authority.contains(['@', ' ']) => wrong("the host has a character that no host has"),
        Some(port) if port.parse::<u16>().is_err() => {
            wrong(&format!("`{port}` is not a port; use a number from 0 to 65535"))
        }
        Some("80") if scheme.eq_ignore_ascii_case("http") => wrong("browsers leave out :80 of http"),
        Some("443") if scheme.eq_ignore_ascii_case("https") => wrong("browsers leave out :443 of https"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        let wrong = check(&config).unwrap_err();
        format!("{}.{}: {}", wrong.section, wrong.key, wrong.message)
    }

    #[test]
    fn the_defaults_are_good() {
        assert_eq!(check(&Config::default()), Ok(()));
    }

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for good in ["127.0.0.1:4317", "[::1]:0", "0.0.0.0:65535", "localhost:1", ""] {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        for (bad, word) in [
            ("0.0.0.0", "port is missing"),
            ("nonsense:99999", "not a port"),
            (":4317", "host is missing"),
            ("::1:4317", "brackets"),
            ("me@127.0.0.1:4317", "no user and password"),
            ("[::1]", "port is missing"),
            ("http://127.0.0.1:4318", "scheme"),
            ("localhost:4318/v1", "not a port"),
        ] {
            let error = check_address(bad).unwrap_err();
            assert!(error.contains(word) && error.contains("127.0.0.1:4317"), "{bad}: {error}");
        }
        assert!(refused(|config| config.listen.http = "0.0.0.0".into()).starts_with("listen.http: `0.0.0.0`"));
    }

    #[test]
    fn an_origin_is_what_browsers_send() {
        for good in ["https://app.example", "http://localhost:3000/", "http://[::1]:8080", "moz-extension://5f0c"] {
            assert_eq!(check_origin(good), Ok(()), "{good}");
        }
        for (bad, word) in [
            ("app.example", "scheme is missing"),
            ("https://app.example/login", "path"),
            ("https://app.example:443", "leave out"),
            ("https://*.example", "star"),
            ("https://", "host is missing"),
            ("https://h:x", "not a port"),
            ("null", "scheme is missing"),
        ] {
            let error = check_origin(bad).unwrap_err();
            assert!(error.contains(word) && error.contains("https://app.example:8443"), "{bad}: {error}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_a_password() {
        for error in
            [check_address("me:canary@h:1"), check_origin("https://me:canary@h"), check_host("https://me:canary@h")]
        {
            let error = error.unwrap_err();
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn a_host_is_a_name_without_a_port() {
        assert_eq!(check_host("host.docker.internal"), Ok(()));
        assert_eq!(check_host("fe80::1"), Ok(()));
        for bad in ["h:4318", "http://h", ""] {
            assert!(check_host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_leaves_no_room_or_no_time_or_is_half_is_refused() {
        let slow = crate::config::Source { connection_timeout: Some(Duration::ZERO), ..Default::default() };
        for (said, expected) in [
            (refused(|config| config.buffer.max_bytes = 10), "buffer.max_bytes: 10B is too small; the minimum is 1MiB"),
            (refused(|config| config.listen.max_body = 0), "listen.max_body"),
            (refused(|config| config.self_telemetry.interval = Duration::ZERO), "self_telemetry.interval: too short"),
            (
                refused(|config| config.provider.interval = Duration::ZERO),
                "provider.interval: too short; the minimum is 100ms",
            ),
            (refused(|config| config.listen.key = "k".into()), "listen.key: cert is missing"),
            (refused(|config| config.listen.cert = "c".into()), "listen.cert: key is missing"),
            (refused(|config| config.listen.client_ca = "c".into()), "listen.client_ca"),
            (
                refused(|config| config.listen.max_in_flight = 1),
                "listen.max_in_flight: 1B is less than listen.max_body, 64MiB",
            ),
            (refused(|config| config.provider.max_connections = 0), "provider.max_connections"),
            (refused(|config| config.provider.max_body = 0), "provider.max_body"),
            (refused(|config| config.sources.push(slow)), "source.connection_timeout"),
            (refused(|config| config.provider.connection_timeout = Duration::ZERO), "provider.connection_timeout"),
        ] {
            assert!(said.starts_with(expected), "{said}");
        }
    }
}
