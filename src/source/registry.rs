//! The list of all kinds of source.

use super::kind::{Kind, Scheme};
use crate::model::visible;
use crate::net::shown;
use std::sync::Arc;

/// All kinds of source. The first whose scheme matches parses a SOURCE.
const KINDS: &[Registration] = &[
    registration::<super::listen::ListenSpec>(),
    registration::<super::http::HttpSpec>(),
    registration::<super::file::FileInput>(),
];

/// Schemes that a later version may support.
const PLANNED: &[&str] = &["ws", "wss", "grpc", "kafka", "nats", "redis"];

struct Registration {
    schemes: fn() -> &'static [Scheme],
    parse: fn(&str) -> Result<Arc<dyn Kind>, String>,
}

const fn registration<K: Kind>() -> Registration {
    Registration { schemes: K::schemes, parse: |text| K::parse(text).map(|kind| Arc::new(kind) as Arc<dyn Kind>) }
}

/// Parses a SOURCE of any kind.
///
/// # Errors
///
/// A message with cause and remedy, without secrets.
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
        return format!("{scheme}:// is not supported yet; use {}", forms("or"));
    }
    format!("`{}` is an unknown scheme; use {}", visible(&shown(scheme)), forms("or"))
}

/// All schemes, as in `listen://, http(s)://, file: or -`.
fn forms(last: &str) -> String {
    let forms: Vec<&str> = KINDS.iter().flat_map(|kind| (kind.schemes)()).map(|scheme| scheme.form).collect();
    match forms.split_last() {
        Some((end, [])) => (*end).to_owned(),
        Some((end, before)) => format!("{} {last} {end}", before.join(", ")),
        None => String::new(),
    }
}

/// All schemes, each with its explanation.
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
    fn no_two_kinds_share_a_scheme() {
        let mut prefixes: Vec<&str> =
            KINDS.iter().flat_map(|kind| (kind.schemes)()).flat_map(|scheme| scheme.prefixes).copied().collect();
        let all = prefixes.len();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), all);
    }
}
