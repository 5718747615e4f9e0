//! Proxies of the system: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or what the operating system is set to.
//!
//! What is on this machine is asked for directly, whatever those say: to a proxy elsewhere its address is another machine. Go's
//! clients do the same; curl's and reqwest's want `NO_PROXY` for it.

use crate::config::is_loopback;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::{Proxy, Url};

/// The system's proxies, but for loopback.
pub(super) fn system_proxies() -> Proxy {
    let system = Matcher::from_system();
    Proxy::custom(move |to| proxy_of(&system, to))
}

fn proxy_of(system: &Matcher, to: &Url) -> Option<Url> {
    if to.host_str().is_none_or(is_loopback) {
        return None;
    }
    let proxy = system.intercept(&to.as_str().parse().ok()?)?;
    let mut url = Url::parse(&proxy.uri().to_string()).ok()?;
    if let Some((user, password)) = credentials(&proxy) {
        // They are decoded once more on the way to the proxy.
        let literal = |text: String| text.replace('%', "%25");
        url.set_username(&literal(user)).ok()?;
        url.set_password(Some(&literal(password))).ok()?;
    }
    Some(url)
}

/// User and password of a proxy, as its URL has them.
fn credentials(proxy: &Intercept) -> Option<(String, String)> {
    if let Some((user, password)) = proxy.raw_auth() {
        return Some((user.to_owned(), password.to_owned()));
    }
    let basic = proxy.basic_auth()?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(system: &Matcher, to: &str) -> Option<String> {
        proxy_of(system, &Url::parse(to).unwrap()).map(String::from)
    }

    #[test]
    fn what_is_on_this_machine_is_asked_for_directly_and_all_else_through_the_systems_proxy() {
        let system = Matcher::builder().all("http://proxy:8080").no("direct.example").build();
        for own in ["http://localhost:9090/x", "https://127.0.0.1/", "http://[::1]:1/", "http://a.localhost/"] {
            assert_eq!(proxy(&system, own), None, "{own}");
        }
        for other in ["http://h/x", "https://10.0.0.1/", "http://localhost.example/"] {
            assert_eq!(proxy(&system, other).as_deref(), Some("http://proxy:8080/"), "{other}");
        }
        assert_eq!(proxy(&system, "http://direct.example/"), None);
        assert_eq!(proxy(&Matcher::builder().build(), "http://h/"), None);
    }

    #[test]
    fn a_proxys_credentials_stay_what_they_are() {
        for url in ["http://me:p%2541ss%40@proxy:1/", "socks5h://me:p%2541ss%40@proxy:1/"] {
            let system = Matcher::builder().all(url).build();
            let through = Matcher::builder().all(proxy(&system, "http://h/").unwrap()).build();
            let to = "http://h/".parse().unwrap();
            let (before, after) = (system.intercept(&to).unwrap(), through.intercept(&to).unwrap());
            assert_eq!((before.basic_auth(), before.raw_auth()), (after.basic_auth(), after.raw_auth()), "{url}");
            assert!(credentials(&after).unwrap().1 == "p%41ss@", "{url}");
        }
    }
}
