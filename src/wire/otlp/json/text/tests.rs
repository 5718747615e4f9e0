use super::*;
use proptest::prelude::*;

/// Reads everything, in the form that `serde_json` returns.
fn value(json: &mut Json<'_>) -> Result<serde_json::Value, Syntax> {
    use serde_json::Value;
    Ok(match json.kind()? {
        Kind::Null => json.literal("null").map(|()| Value::Null)?,
        Kind::True => json.literal("true").map(|()| Value::Bool(true))?,
        Kind::False => json.literal("false").map(|()| Value::Bool(false))?,
        Kind::Number => Value::Number(serde_json::from_str(json.number()?).unwrap_or_else(|_| 0.into())),
        Kind::Text => Value::String(json.string()?.into_owned()),
        Kind::Array => {
            let mut items = Vec::new();
            let mut another = json.enter(b']')?;
            if !another {
                json.leave();
            }
            while another {
                items.push(value(json)?);
                another = json.another(b']')?;
            }
            Value::Array(items)
        }
        Kind::Object => {
            let mut members = serde_json::Map::new();
            let mut another = json.enter(b'}')?;
            if !another {
                json.leave();
            }
            while another {
                let key = json.key()?.into_owned();
                members.insert(key, value(json)?);
                another = json.another(b'}')?;
            }
            Value::Object(members)
        }
    })
}

fn read(text: &str) -> Result<serde_json::Value, Syntax> {
    let mut json = Json::new(text);
    let value = value(&mut json)?;
    json.end().map(|()| value)
}

fn skipped(text: &str) -> Result<(), Syntax> {
    let mut json = Json::new(text);
    json.skip()?;
    json.end()
}

/// Checks that reading and skipping agree with `serde_json`.
fn check(text: &str) {
    let expected: Result<serde_json::Value, _> = serde_json::from_str(text);
    match expected {
        Ok(expected) => {
            assert_eq!(read(text).unwrap(), expected, "{text}");
            skipped(text).unwrap();
        }
        // `serde_json` refuses these; otail accepts them.
        Err(error) if error.to_string().contains("out of range") || error.to_string().contains("surrogate") => {}
        Err(error) if error.to_string().contains("end of hex escape") => {}
        Err(error) => {
            assert!(skipped(text).is_err(), "{error}: {text}");
            let ours = read(text).unwrap_err();
            assert!(ours.at <= text.len());
            assert_eq!(ours.is_end(), error.is_eof(), "{error}, {}: {text}", ours.explain(text));
        }
    }
}

#[test]
fn it_agrees_with_serde_json() {
    for text in [
        "",
        " ",
        "null",
        "nul",
        "nulx",
        "truefalse",
        " \t\r\n[ ] ",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" : [ {} , [] , \"\" ] }",
        "0",
        "-0",
        "00",
        "01",
        "-",
        "-a",
        "1.",
        "1.a",
        ".5",
        "1e",
        "1e+",
        "1e5",
        "1E-5",
        "-1.25e+3",
        "12345678901234567890",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u00e9\\n\\/\"",
        "\"\\ud83d\\ude00\"",
        "\"tab\t\"",
        "\"exactly8\"",
        "\"more than eight é 日本語\"",
        "[[[]]]]",
        "]",
        "[}",
        "{]",
        "\u{feff}1",
        "1 x",
    ] {
        check(text);
    }
}

#[test]
fn lone_surrogates_become_replacements() {
    for (text, expected) in [
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\uDD80 x""#, "\u{fffd} x"),
        (r#""\ud83d\ud83d\ude00\ude00""#, "\u{fffd}😀\u{fffd}"),
        (r#""\ud83d\n""#, "\u{fffd}\n"),
    ] {
        assert_eq!(read(text).unwrap(), expected, "{text}");
        skipped(text).unwrap();
    }
}

#[test]
fn only_values_that_are_read_have_bounded_depth() {
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(&deep(160)).is_ok());
    assert!(read(&deep(161)).unwrap_err().explain("").contains("160"));
    assert!(skipped(&deep(100_000)).is_ok());
    assert!(skipped(&"{\"a\":[".repeat(100_000)).unwrap_err().is_end());
}

#[test]
fn an_error_has_its_position() {
    let text = "{\n \"a\": tru }";
    assert_eq!(read(text).unwrap_err().explain(text), "expected `true`, `false` or `null` at line 2 column 7");
}

proptest! {
    #[test]
    fn random_json_tokens_agree_with_serde_json(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\":", "\\", "\\u0041", "\\n", "1", "-", "0", ".5", "e3", "true", "null",
            " ", "\n", "é", "\u{1}", "long text without anything",
        ]), 0..12),
    ) {
        check(&pieces.concat());
    }

    #[test]
    fn valid_json_agrees_with_serde_json(text in r#"(\[|\{"k":)*("([ -!#-\[\]-~é]|\\["\\/bfnrt]|\\u00[0-9a-f]{2}){0,20}"|-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?)"#) {
        let mut text = text;
        let closing: String = text.chars().take_while(|c| "[{\"k:".contains(*c)).filter_map(|c| match c {
            '[' => Some(']'),
            '{' => Some('}'),
            _ => None,
        }).collect::<Vec<_>>().into_iter().rev().collect();
        text.push_str(&closing);
        check(&text);
    }
}
