//! The kinds of source, a line each.

use super::kind::{Kind, Scheme};
use crate::model::visible;
use crate::net::shown;
use std::sync::Arc;

/// Every kind of source. The first whose scheme fits reads a SOURCE.
const KINDS: &[Registration] = &[
    registration::<super::listen::ListenSpec>(),
    registration::<super::http::HttpSpec>(),
    registration::<super::file::FilePlace>(),
];

/// Schemes that a later version reads.
const PLANNED: &[&str] = &["ws", "wss", "grpc", "kafka", "nats", "redis"];

struct Registration {
    schemes: fn() -> &'static [Scheme],
    parse: fn(&str) -> Result<Arc<dyn Kind>, String>,
}

const fn registration<K: Kind>() -> Registration {
    Registration { schemes: K::schemes, parse: |text| K::parse(text).map(|kind| Arc::new(kind) as Arc<dyn Kind>) }
}

/// Reads a SOURCE of any kind.
///
/// # Errors
///
/// What is wrong with it and what would be right, without a secret.
pub(super) fn parse(text: &str) -> Result<Arc<dyn Kind>, String> {
    if text.is_empty() {
        return Err("it is empty; give a URL, a path or -".into());
    }
    let reads = |fits: &dyn Fn(&str) -> bool| {
        let prefixes =
            |kind: &Registration| (kind.schemes)().iter().flat_map(|scheme| scheme.prefixes).any(|it| fits(it));
        KINDS.iter().find(|kind| prefixes(kind))
    };
    let begins = |prefix: &str| {
        let begin = text.as_bytes().get(..prefix.len());
        !prefix.is_empty() && begin.is_some_and(|begin| begin.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    if let Some(kind) = reads(&begins) {
        return (kind.parse)(text);
    }
    match (text.split_once("://"), reads(&str::is_empty)) {
        (None, Some(kind)) => (kind.parse)(text),
        (scheme, _) => Err(unknown(scheme.map_or(text, |(scheme, _)| scheme))),
    }
}

fn unknown(scheme: &str) -> String {
    if PLANNED.iter().any(|planned| planned.eq_ignore_ascii_case(scheme)) {
        return format!("this version does not read {scheme}:// yet; it reads {}", forms("and"));
    }
    format!("`{}` is no known scheme; use {}", visible(&shown(scheme)), forms("or"))
}

/// Every form of SOURCE, as in `listen://, http(s)://, file: or -`.
fn forms(last: &str) -> String {
    let forms: Vec<&str> = KINDS.iter().flat_map(|kind| (kind.schemes)()).map(|scheme| scheme.form).collect();
    match forms.split_last() {
        Some((end, [])) => (*end).to_owned(),
        Some((end, before)) => format!("{} {last} {end}", before.join(", ")),
        None => String::new(),
    }
}

/// Every form of SOURCE, with what it is.
pub fn known_sources() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().flat_map(|kind| (kind.schemes)()).map(|scheme| (scheme.form, scheme.about))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_scheme_names_every_known_one() {
        for scheme in ["gopher://x", "kafka://b/t"] {
            let error = parse(scheme).unwrap_err();
            for (form, _) in known_sources() {
                assert!(error.contains(form), "{form}: {error}");
            }
        }
    }

    #[test]
    fn no_two_kinds_have_one_scheme() {
        let mut prefixes: Vec<&str> =
            KINDS.iter().flat_map(|kind| (kind.schemes)()).flat_map(|scheme| scheme.prefixes).copied().collect();
        let all = prefixes.len();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), all);
    }
}
