//! Detects the format of a polled body: by its content type, or by its first bytes if that is missing or wrong.

use crate::config::Format;
use crate::model::{Signal, visible};
use crate::wire::otlp::sniff_protobuf;
use crate::wire::prometheus::{Dialect, looks_like_prometheus};

/// The supported formats of a polled body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// OTLP JSON as documents, lines or an array; other JSON becomes events.
    Json,
    /// OTLP protobuf of one signal.
    Protobuf(Signal),
    /// Prometheus text or OpenMetrics.
    Prometheus(Dialect),
}

/// Detects the format of a body. `path` is the URL's path, which may name a signal.
///
/// # Errors
///
/// A message that says what was found instead.
pub(super) fn content(format: Format, content_type: &str, path: &str, body: &[u8]) -> Result<Content, String> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let text = body.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    // If the content type names the wrong dialect, the decoder notices.
    let dialect = Dialect::from_content_type(content_type).unwrap_or(Dialect::Text);
    match format {
        Format::Json => return Ok(Content::Json),
        Format::Protobuf => return protobuf(path, body).ok_or_else(|| "it is not OTLP protobuf".into()),
        Format::Prometheus => return Ok(Content::Prometheus(dialect)),
        Format::Auto => {}
    }
    let is_protobuf = essence.ends_with("protobuf");
    let is_json = essence.ends_with("json") || essence.ends_with("jsonl");
    let is_prometheus = Dialect::from_content_type(content_type).is_some();
    match text.first() {
        _ if is_protobuf && let Some(found) = protobuf(path, body) => Ok(found),
        // A quoted Prometheus name also begins with a brace.
        Some(b'{') if is_prometheus && looks_like_prometheus(text) => Ok(Content::Prometheus(dialect)),
        Some(b'{' | b'[') => Ok(Content::Json),
        _ if is_json && text.first() != Some(&b'<') && !looks_like_prometheus(text) => Ok(Content::Json),
        _ if looks_like_prometheus(text) => Ok(Content::Prometheus(dialect)),
        _ if !is_json && let Some(found) = protobuf(path, body) => Ok(found),
        _ => {
            let what = if content_type.is_empty() { "no content type".into() } else { visible(content_type) };
            let begin: String = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
            Err(format!(
                "it is neither OTLP nor Prometheus text (content type: {what}; it begins with `{}`)",
                visible(begin.trim_end())
            ))
        }
    }
}

/// Detects the signal from the last segment of the path, or from the content.
fn protobuf(path: &str, body: &[u8]) -> Option<Content> {
    let named = match path.trim_end_matches('/').rsplit('/').next().unwrap_or_default() {
        "traces" => Some(Signal::Spans),
        "metrics" => Some(Signal::Metrics),
        "logs" => Some(Signal::Logs),
        _ => None,
    };
    sniff_protobuf(body).or(named.filter(|_| body.first() == Some(&0x0a))).map(Content::Protobuf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(content_type: &str, body: &str) -> Option<Content> {
        content(Format::Auto, content_type, "/x", body.as_bytes()).ok()
    }

    #[test]
    fn a_wrong_content_type_is_corrected_by_the_body() {
        let (text, open) = (Content::Prometheus(Dialect::Text), Content::Prometheus(Dialect::OpenMetrics));
        for (content_type, body, expected) in [
            ("application/json", "{\"resourceMetrics\":[]}", Some(Content::Json)),
            ("text/plain", " \n{\"resourceMetrics\":[]}", Some(Content::Json)),
            ("", "[{}]", Some(Content::Json)),
            ("text/plain; version=0.0.4", "up 1\n", Some(text)),
            ("text/plain; version=0.0.4", "{\"http.requests\"} 1\n", Some(text)),
            ("application/json", "# HELP up x\nup 1\n", Some(text)),
            ("", "up{a=\"b\"} 1\n", Some(text)),
            ("text/plain", "up 1\n# EOF\n", Some(text)),
            ("application/openmetrics-text; version=1.0.0", "up 1\n# EOF\n", Some(open)),
            ("text/html", "<!doctype html>", None),
            ("application/json", "<!doctype html>", None),
        ] {
            assert_eq!(detected(content_type, body), expected, "{content_type}: {body}");
        }
    }

    #[test]
    fn an_unknown_body_is_quoted() {
        let error = content(Format::Auto, "text/html", "/", b"<!doctype \x1bhtml>").unwrap_err();
        assert!(error.contains("text/html") && error.contains("<!doctype") && !error.contains('\x1b'), "{error}");
    }
}
