//! What a polled body is (ruling M2): by its content type, and by its first bytes where that is missing or wrong.

use crate::config::Format;
use crate::model::{Signal, visible};

/// What can be read of a poll.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// OTLP JSON: documents, lines, an array; other JSON is events.
    Json,
    /// OTLP protobuf of a signal.
    Protobuf(Signal),
}

/// Tells what a body is. `path` is the URL's, which may name a signal.
///
/// # Errors
///
/// In words, what was found instead.
pub(super) fn content(format: Format, content_type: &str, path: &str, body: &[u8]) -> Result<Content, String> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let text = body.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match format {
        Format::Json => return Ok(Content::Json),
        Format::Protobuf => return Ok(Content::Protobuf(signal(path))),
        Format::Prometheus => return Err("this version does not read Prometheus text yet".into()),
        Format::Auto => {}
    }
    match text.first() {
        _ if essence.ends_with("protobuf") => Ok(Content::Protobuf(signal(path))),
        Some(b'{' | b'[') => Ok(Content::Json),
        _ => {
            let what = if content_type.is_empty() { "no content type".into() } else { visible(content_type) };
            let begin: String = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
            Err(format!("it is no OTLP ({what}, beginning with `{}`)", visible(begin.trim_end())))
        }
    }
}

/// By the path's last word, where it names a signal; metrics are what is polled most.
fn signal(path: &str) -> Signal {
    match path.trim_end_matches('/').rsplit('/').next().unwrap_or_default() {
        "traces" => Signal::Spans,
        "logs" => Signal::Logs,
        _ => Signal::Metrics,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(content_type: &str, body: &str) -> Option<Content> {
        content(Format::Auto, content_type, "/x", body.as_bytes()).ok()
    }

    #[test]
    fn a_body_is_told_by_its_content_type_and_by_its_first_bytes_where_that_is_wrong() {
        for (content_type, body, expected) in [
            ("application/json", "{\"resourceMetrics\":[]}", Some(Content::Json)),
            ("text/plain", " \n{\"resourceMetrics\":[]}", Some(Content::Json)),
            ("", "[{}]", Some(Content::Json)),
            ("application/x-protobuf", "\n", Some(Content::Protobuf(Signal::Metrics))),
            ("text/html", "<!doctype html>", None),
            ("application/json", "<!doctype html>", None),
        ] {
            assert_eq!(told(content_type, body), expected, "{content_type}: {body}");
        }
    }

    #[test]
    fn what_is_none_of_them_is_told_with_its_beginning() {
        let error = content(Format::Auto, "text/html", "/", b"<!doctype \x1bhtml>").unwrap_err();
        assert!(error.contains("text/html") && error.contains("<!doctype") && !error.contains('\x1b'), "{error}");
    }
}
