//! `host:port`, as addresses and URLs have it.

use std::net::IpAddr;

/// Host and port, which may be missing, and is as it is written. IPv6 keeps its brackets; without them all its colons are its
/// own.
pub fn host_and_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}

/// The address that a host is, with or without brackets; IPv4 that is written as IPv6 is IPv4.
pub fn address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// Whether a host is this machine for sure: an address of loopback, or `localhost` and what is under it, which resolvers keep
/// here (RFC 6761).
pub fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || address(host).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_behind_the_last_colon_that_is_not_the_hosts_own() {
        for (text, expected) in [
            ("h", ("h", None)),
            ("h:1", ("h", Some("1"))),
            ("h:", ("h", Some(""))),
            (":1", ("", Some("1"))),
            ("[::1]:1", ("[::1]", Some("1"))),
            ("[::1]", ("[::1]", None)),
            ("::1", ("::1", None)),
            ("h:80:80", ("h:80:80", None)),
        ] {
            assert_eq!(host_and_port(text), expected, "{text}");
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names_and_addresses_and_no_other_is_taken_for_it() {
        for own in
            ["localhost", "LocalHost.", "app.localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "::ffff:127.0.0.1"]
        {
            assert!(is_loopback(own), "{own}");
        }
        for other in ["", "xlocalhost", "localhost.example", "127.0.0.1.example", "10.0.0.1", "0.0.0.0", "[::]", "[::1"]
        {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
