//! The system's proxies: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the settings of the operating system.
//!
//! Loopback addresses never use a proxy: to a proxy on another machine they would mean that machine. Go's clients do the
//! same; curl and reqwest do it only if `NO_PROXY` says so.

use crate::config::is_loopback;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::{Proxy, Url};
use std::ffi::OsString;

/// The system's proxies, for every address except loopback.
///
/// # Errors
///
/// A message that names the variable, without its value, if a proxy is invalid. Going around a proxy silently would be wrong.
pub(super) fn system_proxies() -> Result<Proxy, String> {
    check(|name| std::env::var_os(name))?;
    let system = Matcher::from_system();
    for to in ["http", "https"] {
        // A host that `NO_PROXY` does not name.
        let Ok(any) = format!("{to}://proxied.invalid/").parse() else { continue };
        if let Some(proxy) = system.intercept(&any) {
            address(&proxy).ok_or_else(|| format!("the system's proxy for {to} {UNFIT}"))?;
        }
    }
    Ok(Proxy::custom(move |to| proxy_of(&system, to)))
}

const UNFIT: &str =
    "is not a valid proxy; use an address such as http://proxy.example:8080 or socks5h://proxy.example:1080";

/// The proxy variables; the first name that is set counts.
const VARIABLES: [[&str; 2]; 3] =
    [["HTTP_PROXY", "http_proxy"], ["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

/// Checks the proxies of the environment. The library ignores invalid ones silently.
fn check(variable: impl Fn(&str) -> Option<OsString>) -> Result<(), String> {
    // In a CGI program `HTTP_PROXY` comes from a request header (a known attack), so the library ignores proxies there.
    if variable("REQUEST_METHOD").is_some() {
        return Ok(());
    }
    for names in VARIABLES {
        let Some((name, value)) = names.iter().find_map(|name| Some((name, variable(name)?))) else { continue };
        if value.is_empty() {
            continue;
        }
        let is_fit = value.to_str().is_some_and(|value| {
            let matcher = Matcher::builder().all(value).build();
            let any = Uri::from_static("http://proxied.invalid/");
            matcher.intercept(&any).and_then(|proxy| address(&proxy)).is_some()
        });
        if !is_fit {
            return Err(format!("{name} {UNFIT}"));
        }
    }
    Ok(())
}

fn proxy_of(system: &Matcher, to: &Url) -> Option<Url> {
    if to.host_str().is_none_or(is_loopback) {
        return None;
    }
    // reqwest makes no request to an invalid URI.
    let proxy = system.intercept(&to.as_str().parse().ok()?)?;
    address(&proxy)
}

/// The URL of a proxy, with its credentials; `None` if it is invalid.
fn address(proxy: &Intercept) -> Option<Url> {
    let mut url = Url::parse(&proxy.uri().to_string()).ok()?;
    if let Some((user, password)) = credentials(proxy) {
        // reqwest decodes them once more.
        let literal = |text: String| text.replace('%', "%25");
        url.set_username(&literal(user)).ok()?;
        url.set_password(Some(&literal(password))).ok()?;
    }
    Some(url)
}

/// User and password of a proxy, as written in its URL.
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
    fn loopback_bypasses_the_proxy() {
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
    fn a_proxys_credentials_stay_unchanged() {
        for url in ["http://me:p%2541ss%40@proxy:1/", "socks5h://me:p%2541ss%40@proxy:1/"] {
            let system = Matcher::builder().all(url).build();
            let through = Matcher::builder().all(proxy(&system, "http://h/").unwrap()).build();
            let to = "http://h/".parse().unwrap();
            let (before, after) = (system.intercept(&to).unwrap(), through.intercept(&to).unwrap());
            assert_eq!((before.basic_auth(), before.raw_auth()), (after.basic_auth(), after.raw_auth()), "{url}");
            assert!(credentials(&after).unwrap().1 == "p%41ss@", "{url}");
        }
    }

    #[test]
    fn invalid_proxy_errors_hide_the_value() {
        let checked = |set: &[(&str, &str)]| {
            check(|name| set.iter().find(|(set, _)| *set == name).map(|(_, value)| OsString::from(value)))
        };
        for unfit in
            ["http://me:canary@proxy:port/", "ftp://me:canary@proxy/", "http://me:can ary@proxy:1/", "//canary"]
        {
            for name in VARIABLES.concat() {
                let error = checked(&[(name, unfit)]).unwrap_err();
                assert!(
                    error.starts_with(&format!("{name} is not a valid proxy")) && !error.contains("ary"),
                    "{error}"
                );
            }
        }
        for fit in ["", "proxy:8080", "http://me:pass@proxy:8080", "socks5://proxy:1080", "https://[::1]:3128/"] {
            assert_eq!(checked(&[("ALL_PROXY", fit)]), Ok(()), "{fit}");
        }
        assert_eq!(checked(&[("HTTP_PROXY", ""), ("http_proxy", "ftp://h")]), Ok(()), "the first that is set counts");
        assert_eq!(checked(&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "ftp://h")]), Ok(()));
    }
}
