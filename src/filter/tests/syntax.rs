//! How expressions read, how they are written back, and how they are put together.

use crate::filter::ast::{is_keyword, is_plain};
use crate::filter::{
    At, Comparison, Expr, Filter, MAX_DEPTH, Name, Operand, Operator, and_term, attribute_field, exclude_term, parse,
    resource_field,
};
use crate::model::Value;
use proptest::prelude::*;

#[track_caller]
fn reads(text: &str, written: &str) {
    let expr = parse(text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(expr.to_string(), written, "{text}");
    assert_eq!(parse(written).as_ref(), Ok(&expr), "{text} written back");
}

#[test]
fn an_expression_is_written_back_in_one_way() {
    for (text, written) in [
        ("", ""),
        ("  timeout ", "timeout"),
        ("a:b  c=d", "a:b c=d"),
        ("a:b&&c:d||e:f", "a:b c:d or e:f"),
        ("a:b AND (c:d OR e:f)", "a:b (c:d or e:f)"),
        ("!a:b", "not a:b"),
        ("not(a:b c:d)", "not (a:b c:d)"),
        ("! ! a", "not not a"),
        ("{ a = 1 && b }", "a=1 b"),
        ("a === 'x y'", "a=\"x y\""),
        ("a !== 1", "a!=1"),
        ("a =~ b", "a~b"),
        ("a != \"\"", "a!=\"\""),
        ("name~\"^\\d+$\"", "name~\"^\\\\d+$\""),
        ("x:\"a\\*b*\"", "x:\"a\\*b*\""),
        ("\"a b\" : *", "\"a b\":*"),
        ("attributes.\"a b\"=c", "attributes.\"a b\"=c"),
        ("path:\"//x\"", "path:\"//x\""),
        ("`raw \\n`", "\"raw \\\\n\""),
        ("x=\"\\u{202e}\"", "x=\"\\u{202e}\""),
    ] {
        reads(text, written);
    }
}

#[test]
fn words_that_only_look_like_comparisons_are_words() {
    for text in ["https://shop.example:8080/a?b=1&c=2", "12:04:31.482", "10.0.0.1:4317", "main()", "foo(a,b)", "don't"]
    {
        assert!(matches!(parse(text), Ok(Expr::Word(_))), "{text}");
    }
    for text in ["order", "android", "nothing", "or_else=1", "not=5", "and:x"] {
        assert!(!matches!(parse(text), Ok(Expr::Not(..) | Expr::And(_) | Expr::Or(_))), "{text}");
    }
}

#[test]
fn operands_take_what_belongs_to_them() {
    for (text, operand) in [
        ("(a:b)", "b"),
        ("a=b&&c", "b"),
        ("a=b&c=d", "b&c=d"),
        ("a=/users/{id}", "/users/{id}"),
        ("a~^(GET|POST)$", "^(GET|POST)$"),
        ("a=http://x:1/y", "http://x:1/y"),
        ("a=dGVzdA==", "dGVzdA=="),
        ("{a=b}", "b"),
    ] {
        let expr = parse(text).unwrap();
        let first = match &expr {
            Expr::And(parts) => &parts[0],
            one => one,
        };
        let Expr::Comparison(comparison) = first else { panic!("{text} is {expr:?}") };
        assert_eq!(comparison.operand.text(), Some(operand), "{text}");
    }
}

#[test]
fn a_value_is_added_and_excluded() {
    for (current, added, excluded) in [
        ("", "service=checkout", "not service=checkout"),
        ("status:error", "status:error service=checkout", "status:error not service=checkout"),
        ("a or b", "(a or b) service=checkout", "(a or b) not service=checkout"),
        ("{ a || b }", "(a || b) service=checkout", "(a || b) not service=checkout"),
        (" a service=checkout ", "a service=checkout", "a not service=checkout"),
        ("a !service=checkout b", "a service=checkout b", "a !service=checkout b"),
        ("broken:", "service=checkout", "not service=checkout"),
    ] {
        let value = Value::Text("checkout");
        assert_eq!(and_term(current, "service", value), added, "{current}");
        assert_eq!(exclude_term(current, "service", value), excluded, "{current}");
    }
}

#[test]
fn a_value_is_quoted_where_it_must_be() {
    for (value, term) in [
        (Value::Text("GET /cart"), "x=\"GET /cart\""),
        (Value::Text("/cart"), "x=/cart"),
        (Value::Text("007"), "x=\"007\""),
        (Value::Text("a*b"), "x=\"a*b\""),
        (Value::Text("\x1b[2J"), "x=\"\\u{1b}[2J\""),
        (Value::Text("or"), "x=\"or\""),
        (Value::Text("nil"), "x=\"nil\""),
        (Value::Text(""), "x=\"\""),
        (Value::Int(-5), "x=-5"),
        (Value::Double(0.5), "x=0.5"),
        (Value::Double(f64::NAN), "x=\"NaN\""),
        (Value::Bool(true), "x=true"),
        (Value::Empty, "x=\"\""),
        (Value::Bytes(&[1, 255]), "x=\"0x01ff\""),
    ] {
        assert_eq!(and_term("", "x", value), term);
        Filter::parse(term).unwrap();
    }
    assert_eq!(and_term("", "duration", Value::Int(182_400_000)), "duration=182400000ns");
}

#[test]
fn a_key_is_written_so_that_it_means_the_attribute() {
    for (key, field) in [
        ("http.route", "http.route"),
        ("name", "attributes.name"),
        ("span.x", "attributes.span.x"),
        ("a b", "attributes.\"a b\""),
        ("k:v", "attributes.\"k:v\""),
        ("1st", "attributes.1st"),
        ("or", "attributes.\"or\""),
    ] {
        assert_eq!(attribute_field(key), field);
        Filter::parse(&format!("{field}:*")).unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(resource_field("host.name"), "resource.host.name");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,5}",
        "[ -~]{1,6}",
        "\\PC{1,4}",
        any::<String>().prop_filter("not empty", |text| !text.is_empty())
    ]
}

fn operand(pieces: Vec<String>) -> Operand {
    let quoted = !is_plain(&pieces);
    Operand { pieces, quoted, at: At(0..0) }
}

fn name() -> impl Strategy<Value = Name> {
    let plain = "[a-z_][a-z0-9_.]{0,8}[a-z]".prop_filter("no keyword", |text| !is_keyword(text));
    prop_oneof![
        3 => plain.prop_map(|plain| Name { plain, quoted: None, at: At(0..0) }),
        1 => (prop::sample::select(vec!["", "attributes.", "resource."]), text())
            .prop_map(|(plain, quoted)| Name { plain: plain.to_owned(), quoted: Some(quoted), at: At(0..0) }),
    ]
}

fn comparison() -> impl Strategy<Value = Expr> {
    let exact = prop_oneof![
        Just(Operator::Equal),
        Just(Operator::NotEqual),
        Just(Operator::Less),
        Just(Operator::GreaterOrEqual),
        Just(Operator::Matches),
        Just(Operator::MatchesNot),
    ];
    let exact = (name(), exact, text(), any::<bool>()).prop_map(|(field, operator, text, quoted)| {
        let mut operand = operand(vec![text]);
        operand.quoted |= quoted;
        Expr::Comparison(Comparison { field, operator, operand })
    });
    let pieces = prop::collection::vec(text(), 1..3);
    let like = (name(), pieces).prop_map(|(field, pieces)| {
        Expr::Comparison(Comparison { field, operator: Operator::Is, operand: operand(pieces) })
    });
    prop_oneof![exact, like]
}

fn expr() -> impl Strategy<Value = Expr> {
    let word = prop::collection::vec(text(), 1..3).prop_map(|pieces| Expr::Word(operand(pieces)));
    prop_oneof![word, comparison()].prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner), At(0..0))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_as_it_was(expr in expr()) {
        let text = expr.to_string();
        let read = parse(&text);
        prop_assert!(read.is_ok(), "{}", read.unwrap_err());
        prop_assert_eq!(read.unwrap(), expr, "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        refuse_or_accept(&text)?;
    }

    #[test]
    fn no_text_of_the_languages_own_characters_makes_it_panic(text in "[a-b0-1 :=!<>~&|(){}\"'`*.\\\\-]{0,40}|(not|and|or|a:|\\(|\\)| |duration>|1ms|trace:|…|é){0,12}") {
        refuse_or_accept(&text)?;
    }
}

/// An error's place lies in the text, on whole characters, and can be drawn at any width.
fn refuse_or_accept(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = Filter::parse(text) {
        prop_assert!(text.get(error.at.clone()).is_some(), "{:?} of {:?}", error.at, text);
        for width in [0, 1, 5, 40] {
            let (line, carets) = error.drawing(width);
            prop_assert!(crate::model::is_harmless(&line) && carets.contains('^'));
        }
        prop_assert!(!error.to_string().is_empty());
    }
    Ok(())
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&deep(MAX_DEPTH - 1)).is_ok());
    assert!(parse(&deep(MAX_DEPTH)).unwrap_err().message.contains("64"));
    assert!(parse(&"!".repeat(10_000)).is_err());
    assert!(parse(&"a ".repeat(10_000)).unwrap_err().message.contains("20000 bytes"));
    assert!(Filter::parse(&"a ".repeat(8_000)).is_ok());
    assert!(Filter::parse(&"a~b ".repeat(32)).is_ok());
    assert!(Filter::parse(&"a~b ".repeat(33)).unwrap_err().message.contains("32 regular"));
    assert!(Filter::parse(&format!("duration>{}", "1s".repeat(5_000))).is_ok());
}
