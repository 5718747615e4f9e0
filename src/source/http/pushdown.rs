//! The part of a source's filter that the server can apply, so that it sends less.
//!
//! A server of live spans has `…/spans/filter` beside `…/spans`. It compares service, session and trace exactly, and knows
//! whether a span is a GenAI operation. otail still applies the whole filter to what arrives, since a server may ignore
//! parameters.

use crate::filter::{Comparison, Expr, Filter, Operator};
use reqwest::Url;

/// The path of unfiltered spans.
const SPANS: &str = "/spans";
/// The path of filtered spans.
const FILTERED: &str = "/spans/filter";
/// The digits of a whole trace id; shorter ones are prefixes, which the server does not support.
const TRACE_DIGITS: usize = 32;

/// The URL with filter parameters; `None` if the server cannot filter.
pub(super) fn filtered(url: &Url, filter: &Filter) -> Option<Url> {
    let path = url.path().trim_end_matches('/');
    let path = match path.strip_suffix(FILTERED).or_else(|| path.strip_suffix(SPANS)) {
        Some(before) => format!("{before}{FILTERED}"),
        None => return None,
    };
    let parameters = parameters(filter.expr());
    if parameters.is_empty() {
        return None;
    }
    let mut filtered = url.clone();
    filtered.set_path(&path);
    let known: Vec<String> = filtered.query_pairs().map(|(key, _)| key.into_owned()).collect();
    for (key, value) in parameters {
        // Parameters in the user's URL take precedence.
        if !known.iter().any(|known| known == key) {
            filtered.query_pairs_mut().append_pair(key, &value);
        }
    }
    Some(filtered)
}

/// The required terms that the server supports, each parameter once.
fn parameters(expr: &Expr) -> Vec<(&'static str, String)> {
    let terms = match expr {
        Expr::And(terms) => terms.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut parameters: Vec<(&'static str, String)> = Vec::new();
    for term in terms {
        let Expr::Comparison(comparison) = term else { continue };
        if let Some((key, value)) = parameter(comparison)
            && !parameters.iter().any(|(known, _)| *known == key)
        {
            parameters.push((key, value));
        }
    }
    parameters
}

fn parameter(comparison: &Comparison) -> Option<(&'static str, String)> {
    let Comparison { field, operator, operand } = comparison;
    if field.quoted.is_some() || !matches!(operator, Operator::Is | Operator::Equal) {
        return None;
    }
    let text = operand.text().filter(|text| !text.is_empty() && (operand.quoted || *text != "nil"))?;
    match field.plain.as_str() {
        "service" => Some(("serviceName", text.to_owned())),
        "session" => Some(("sessionId", text.to_owned())),
        "trace" | "trace_id" | "trace:id" => {
            let is_whole = text.len() == TRACE_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_whole.then(|| ("traceId", text.to_ascii_lowercase()))
        }
        "genai" => (text == "true").then(|| ("genAiOnly", "true".to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str, filter: &str) -> Option<String> {
        let url = Url::parse(url).unwrap();
        let filtered = filtered(&url, &Filter::parse(filter).unwrap())?;
        Some(format!("{}?{}", filtered.path(), filtered.query().unwrap_or_default()))
    }

    const LIVE: &str = "http://h/api/v1/events/spans";

    #[test]
    fn equality_is_sent_to_the_server() {
        let trace = "4BF92F3577B34DA6A3CE929D0E0E4736";
        for (filter, query) in [
            ("service:shop", "serviceName=shop"),
            ("service=\"a & b\"", "serviceName=a+%26+b"),
            ("session:s1 duration>2s genai:true", "sessionId=s1&genAiOnly=true"),
            (&format!("trace:{trace}"), "traceId=4bf92f3577b34da6a3ce929d0e0e4736"),
            ("service:a service:b", "serviceName=a"),
        ] {
            assert_eq!(asked(LIVE, filter), Some(format!("/api/v1/events/spans/filter?{query}")), "{filter}");
        }
        let also = asked("http://h/x/spans/filter?serviceName=b&t=1", "service:a session:s");
        assert_eq!(also.as_deref(), Some("/x/spans/filter?serviceName=b&t=1&sessionId=s"));
    }

    #[test]
    fn unsupported_terms_are_not_sent_to_the_server() {
        for filter in [
            "",
            "service:sh*",
            "service!=a",
            "service:a or session:b",
            "not service:a",
            "trace:4bf9",
            "genai:false",
            "x",
        ] {
            assert_eq!(asked(LIVE, filter), None, "{filter}");
        }
        assert_eq!(asked("http://h/live", "service:a"), None, "not a stream of spans");
    }
}
