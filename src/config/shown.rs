//! URLs for people.

use reqwest::Url;

/// What the name of a query's parameter contains whose value is nobody's business.
const SECRET: [&str; 7] = ["token", "secret", "passw", "auth", "credential", "signature", "jwt"];
/// … and what it is.
const SECRET_NAMES: [&str; 4] = ["sig", "pwd", "pass", "code"];

/// A URL as it may be shown: without user and password, and with `…` for what its query or fragment calls a secret.
/// What is no URL is cut down likewise, and rather too much, since an error shows it too.
pub fn shown(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return guessed(text) };
    // `me:password@host:4318` is one of the scheme `me`.
    if url.cannot_be_a_base() {
        return guessed(text);
    }
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

/// Whether what a name stands for is not to be shown.
pub(super) fn is_secret(name: &str) -> bool {
    // Read as a server reads it: `%74oken` is `token`.
    let decoded = reqwest::Url::parse(&format!("x:?{name}=")).ok();
    let decoded = decoded.and_then(|url| url.query_pairs().next().map(|(name, _)| name.into_owned()));
    let name = decoded.unwrap_or_else(|| name.to_owned()).to_lowercase();
    SECRET.iter().any(|part| name.contains(part)) || name.ends_with("key") || SECRET_NAMES.contains(&name.as_str())
}

/// A text that is no URL, without what may be meant as user and password, or as a secret of a query or fragment.
fn guessed(text: &str) -> String {
    let is_scheme = |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte));
    let (scheme, rest) = match text.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
        // A password that nobody encoded has any character in it.
        Some((_, rest)) => (&text[..text.len() - rest.len()], rest.rfind('@').map_or(rest, |at| &rest[at..])),
        None => ("", without_user(text)),
    };
    let cut = if scheme.len() + rest.len() < text.len() { "…" } else { "" };
    let masked: String = rest.split_inclusive(['?', '#', '&']).map(masked_part).collect();
    format!("{scheme}{cut}{masked}")
}

/// From the `@` of a text without a scheme, if a password or a port stands beside it; a file may well have one in its name.
fn without_user(text: &str) -> &str {
    let authority = &text[..text.find(['/', '?', '#']).unwrap_or(text.len())];
    match authority.rfind('@') {
        Some(at) if authority.contains(':') => &text[at..],
        _ => text,
    }
}

/// `token=…&`, with the character that ends it.
fn masked_part(part: &str) -> String {
    let bare = part.trim_end_matches(['?', '#', '&']);
    masked(bare) + &part[bare.len()..]
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
            ("https://me:se/c?r#et@h:99999/", "https://…@h:99999/"),
            ("https://h:99999/x?a=1&token=secret&b#jwt=secret", "https://h:99999/x?a=1&token=…&b#jwt=…"),
            ("https://h:99999/x?mail=a@b&token=secret", "https://…@b&token=…"),
            ("me:secret@h:4318/x?token=secret", "…@h:4318/x?token=…"),
            ("secret@h:4318", "…@h:4318"),
            ("me:secret@http://h/", "…@http://h/"),
            ("h:4318/x", "h:4318/x"),
            ("me@work.jsonl", "me@work.jsonl"),
            ("/tmp/a:1/me@work.jsonl", "/tmp/a:1/me@work.jsonl"),
            ("-", "-"),
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
