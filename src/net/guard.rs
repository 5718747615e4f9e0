//! The `Host` and `Origin` guard of a listener: it refuses requests that web pages of other sites send.
//!
//! A web page can make its visitor's browser send requests to loopback. The `Origin` header shows where such a page comes
//! from. A page that re-binds its own name to 127.0.0.1 shows in the `Host` header.

use crate::config::{address, host_and_port, is_loopback};
use std::net::IpAddr;

/// The names and origins that are accepted in addition to loopback.
#[derive(Clone, Default, Debug)]
pub struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Why a request is refused; HTTP status 403.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The request names no host.
    #[error("the request has no Host")]
    NoHost,
    /// The request was meant for a name that this listener does not answer to.
    #[error("the Host {0:?} is not allowed; if it is yours, add it to `hosts` under [listen]")]
    Host(String),
    /// A web page of another site sent it.
    #[error("pages of the Origin {0:?} may not send requests here; if it is yours, add it to `origins` under [listen]")]
    Origin(String),
}

impl Guard {
    /// Accepts these hosts (without ports) and origins (`scheme://host[:port]`), regardless of case.
    pub fn new(hosts: &[String], origins: &[String]) -> Guard {
        let clean = |name: &String| name.trim().trim_end_matches(['/', '.']).to_ascii_lowercase();
        Guard { hosts: hosts.iter().map(clean).collect(), origins: origins.iter().map(clean).collect() }
    }

    /// Checks the `Host` of a request (with or without port) that arrived at the address `local`.
    ///
    /// # Errors
    ///
    /// [`Refusal`], with the remedy.
    pub fn host(&self, host: Option<&str>, local: IpAddr) -> Result<(), Refusal> {
        let host = host.ok_or(Refusal::NoHost)?;
        let name = without_port(host).trim_end_matches('.').to_ascii_lowercase();
        // An IP address cannot be re-bound. It must be the address that the request arrived at.
        let is_own_address = address(&name) == Some(local.to_canonical());
        match is_own_address || is_loopback(&name) || self.hosts.contains(&name) {
            true => Ok(()),
            false => Err(Refusal::Host(host.to_owned())),
        }
    }

    /// Checks the `Origin` of a request; a request without one does not come from a web page.
    ///
    /// # Errors
    ///
    /// [`Refusal::Origin`], with the remedy.
    pub fn origin(&self, origin: Option<&str>) -> Result<(), Refusal> {
        let Some(origin) = origin else { return Ok(()) };
        let clean = origin.to_ascii_lowercase();
        let host =
            clean.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https")).map(|(_, host)| host);
        match host.map(without_port).is_some_and(is_loopback) || self.origins.contains(&clean) {
            true => Ok(()),
            false => Err(Refusal::Origin(origin.to_owned())),
        }
    }
}

/// Removes the port. A host followed by anything else stays as it is, and matches no name.
fn without_port(host: &str) -> &str {
    match host_and_port(host) {
        (name, Some(port)) if port.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn loopback_names_are_accepted_with_and_without_port() {
        let guard = Guard::default();
        for host in [
            "localhost",
            "LocalHost:4318",
            "127.0.0.1:4318",
            "127.0.0.1",
            "[::1]:4318",
            "[::1]",
            "app.localhost.",
            "127.8.9.1",
        ] {
            assert_eq!(guard.host(Some(host), LOOPBACK), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_foreign_host_is_refused_in_any_form() {
        let guard = Guard::default();
        for host in [
            "evil.example",
            "evil.example:4318",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.9",
            "",
            ":4318",
            "localhost:80:80",
            "[::1",
            "xlocalhost",
        ] {
            assert!(matches!(guard.host(Some(host), LOOPBACK), Err(Refusal::Host(_))), "{host}");
        }
        assert_eq!(guard.host(None, LOOPBACK), Err(Refusal::NoHost));
    }

    #[test]
    fn only_the_address_connected_to_is_accepted() {
        let guard = Guard::default();
        let local: IpAddr = "10.0.0.5".parse().unwrap();
        assert!(guard.host(Some("10.0.0.5:4318"), local).is_ok());
        assert!(guard.host(Some("10.0.0.6:4318"), local).is_err());
        assert!(guard.host(Some("10.0.0.5"), "::ffff:10.0.0.5".parse().unwrap()).is_ok());
    }

    #[test]
    fn configured_names_are_accepted_in_any_case() {
        let guard = Guard::new(&["Host.Docker.Internal".into()], &["https://App.example:8443/".into()]);
        assert!(guard.host(Some("host.docker.internal:4318"), LOOPBACK).is_ok());
        assert!(guard.origin(Some("https://app.example:8443")).is_ok());
    }

    #[test]
    fn only_loopback_pages_and_non_browsers_may_send() {
        let guard = Guard::default();
        for origin in ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:8080"] {
            assert_eq!(guard.origin(Some(origin)), Ok(()), "{origin}");
        }
        assert_eq!(guard.origin(None), Ok(()));
        for origin in [
            "null",
            "https://evil.example",
            "http://localhost.evil.example",
            "file://",
            "https://app.example",
            "ftp://localhost",
        ] {
            assert!(matches!(guard.origin(Some(origin)), Err(Refusal::Origin(_))), "{origin}");
        }
    }
}
