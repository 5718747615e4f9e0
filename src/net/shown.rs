//! URLs for people.

use reqwest::Url;

/// What the name of a query's parameter contains whose value is nobody's business.
const SECRET: [&str; 7] = ["token", "secret", "passw", "auth", "credential", "signature", "jwt"];
/// … and what it is.
const SECRET_NAMES: [&str; 4] = ["sig", "pwd", "pass", "code"];

/// A URL as it may be shown: without user and password, and with `…` for what its query or fragment calls a secret.
/// What is no URL is cut down likewise, since an error shows it too.
pub fn shown(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return without_user(text) };
    let bare = url.username().is_empty() && url.password().is_none();
    let masked_query = url.query().map(masked);
    let masked_fragment = url.fragment().map(masked);
    if bare && masked_query.as_deref() == url.query() && masked_fragment.as_deref() == url.fragment() {
        return text.to_owned();
    }
    let mut url = url;
    // Both fail only for URLs that cannot have them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    let query = masked_query.map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = masked_fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{url}{query}{fragment}")
}

/// Whether a URL holds what only its server may see.
pub fn is_confidential(url: &Url) -> bool {
    let named = |pairs: Option<&str>| pairs.is_some_and(|pairs| masked(pairs) != pairs);
    !url.username().is_empty() || url.password().is_some() || named(url.query())
}

/// `a=1&token=…`
fn masked(pairs: &str) -> String {
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && is_secret(name) => format!("{name}=…"),
        _ => pair.to_owned(),
    };
    pairs.split('&').map(mask).collect::<Vec<_>>().join("&")
}

fn is_secret(name: &str) -> bool {
    // Read as a server reads it: `%74oken` is `token`.
    let decoded = reqwest::Url::parse(&format!("x:?{name}=")).ok();
    let decoded = decoded.and_then(|url| url.query_pairs().next().map(|(name, _)| name.into_owned()));
    let name = decoded.unwrap_or_else(|| name.to_owned()).to_lowercase();
    SECRET.iter().any(|part| name.contains(part)) || name.ends_with("key") || SECRET_NAMES.contains(&name.as_str())
}

/// A text that may be no URL, without what stands before the `@` of its host.
fn without_user(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://…{}", &rest[at..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_has_of_credentials_is_not_shown() {
        for (url, expected) in [
            ("https://h/x?a=1&b", "https://h/x?a=1&b"),
            ("https://me:secret@h/x", "https://h/x"),
            ("https://h/x?a=1&Token=secret&b", "https://h/x?a=1&Token=…&b"),
            ("https://h/x?%74oken=secret", "https://h/x?%74oken=…"),
            ("https://h/x?x-api-key=secret&client_secret=secret", "https://h/x?x-api-key=…&client_secret=…"),
            ("https://h/x?X-Amz-Signature=secret&sig=secret", "https://h/x?X-Amz-Signature=…&sig=…"),
            ("https://h/x#access_token=secret&a=b", "https://h/x#access_token=…&a=b"),
            ("https://me:secret@h:99999/", "https://…@h:99999/"),
            ("wss://me:secret@h:99999/", "wss://…@h:99999/"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }

    #[test]
    fn a_url_with_credentials_is_confidential() {
        for (url, expected) in [
            ("https://h/x?a=1", false),
            ("https://me@h/", true),
            ("https://h/?token=x", true),
            ("https://h/?api_key=x", true),
        ] {
            assert_eq!(is_confidential(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
