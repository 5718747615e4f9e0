//! Explains well-formed bodies without any known field.

use super::super::Encoding;
use super::super::protobuf::{Field, Fields, Malformed};
use super::json::unknown_json;
use crate::model::Signal;

/// Why a body that gave no items and no rejections is not a request of this signal; `None` if it is a request without items.
/// It reads the body again, so call it only for such bodies.
pub fn unknown(signal: Signal, encoding: Encoding, body: &[u8]) -> Option<String> {
    match encoding {
        Encoding::Json => unknown_json(signal, body),
        Encoding::Protobuf => unknown_protobuf(body).ok()?,
    }
}

/// A protobuf request has its resource groups in field 1, and a resource group its scope groups in field 2. The field of
/// instrumentation libraries, which preceded scopes, was moved to 1000 in 2022.
fn unknown_protobuf(body: &[u8]) -> Result<Option<String>, Malformed> {
    const LIBRARIES: u32 = 1000;
    let (mut fields, mut other, mut has_groups) = (Fields::new(body), None, false);
    while let Some((number, field)) = fields.next()? {
        let (1, Field::Bytes(group)) = (number, field) else {
            other.get_or_insert(number);
            continue;
        };
        has_groups = true;
        let (mut fields, mut other, mut has_scopes) = (Fields::new(group), None, false);
        while let Some((number, _)) = fields.next()? {
            match number {
                2 => has_scopes = true,
                1 | 3 => {}
                number => _ = other.get_or_insert(number),
            }
        }
        match other.filter(|_| !has_scopes) {
            Some(LIBRARIES) => {
                let reason = "field 1000 is OTLP from before 2022; update the SDK or the Collector that sends it";
                return Ok(Some(reason.to_owned()));
            }
            Some(number) => {
                return Ok(Some(format!("no known field: a resource has field {number}, expected field 2")));
            }
            None => {}
        }
    }
    Ok(other
        .filter(|_| !has_groups)
        .map(|number| format!("no known field: found field {number}, expected field 1; check that the body is OTLP")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(body: &str) -> String {
        unknown(Signal::Spans, Encoding::Json, body.as_bytes()).unwrap_or_default()
    }

    #[test]
    fn a_body_without_known_fields_has_a_reason() {
        assert_eq!(json(r#"{"hello":1}"#), "no known field: found `hello`, expected `resourceSpans`");
        for body in [
            r#"{"resourceSpans":[{"resource":{},"instrumentationLibrarySpans":[{"spans":[{}]}]}]}"#,
            r#"{"resource_spans":[{"instrumentation_library_spans":[]}]}"#,
        ] {
            assert!(json(body).contains("before 2022") && json(body).contains("`scopeSpans`"), "{}", json(body));
        }
        assert!(json(r#"{"resourceSpans":[{"scopeSpans":[{"span":[{}]}]}]}"#).contains("`spans`"));
    }

    #[test]
    fn a_body_without_items_has_no_reason() {
        for body in [
            "{}",
            "[]",
            r#"{"resourceSpans":[]}"#,
            r#"{"resourceSpans":null}"#,
            r#"{"resourceSpans":[{}]}"#,
            r#"{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[]}],"schemaUrl":"x"}],"new":1}"#,
        ] {
            assert_eq!(json(body), "", "{body}");
        }
    }

    #[test]
    fn protobuf_without_known_fields_has_a_reason() {
        let told = |body: &[u8]| unknown(Signal::Spans, Encoding::Protobuf, body).unwrap_or_default();
        assert_eq!(told(b""), "");
        assert_eq!(told(b"\x0a\x00"), "");
        assert!(told(b"\x12\x01a").contains("found field 2, expected field 1"));
        // Field 1000 of the only resource.
        assert!(told(b"\x0a\x03\xc2\x3e\x00").contains("before 2022"));
    }
}
