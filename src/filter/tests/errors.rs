//! What is refused, where the caret stands and what it says.

use crate::filter::Filter;

/// Every refusal of these expressions, drawn.
fn refusals(expressions: &[&str]) -> String {
    let drawn = |text: &&str| match Filter::parse(text) {
        Ok(_) => format!("{text}\nACCEPTED"),
        Err(error) => error.to_string(),
    };
    expressions.iter().map(drawn).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_refusal_points_at_its_place_and_says_what_was_expected() {
    insta::assert_snapshot!(refusals(&[
        "service:",
        "service: and status:error",
        "service:checkout and",
        "status:error or )",
        "(service:checkout",
        "service:checkout)",
        "()",
        "name=\"POST",
        "name=\"a\"b",
        "=5",
        "a>=",
        "a=>5",
        "100ms<duration",
        "a|b",
        "a & b",
        "not",
        "\"\"",
        "service:(a or b)",
        "{ service:checkout",
        "{ a } | count() > 2",
        "a {b}",
        "a=b<c",
        "attributes.=5",
    ]), @r#"
    service:
            ^
    nothing to compare with behind `service:`; expected a value, in quotes where it has spaces

    service: and status:error
            ^
    nothing to compare with behind `service:`; expected a value, in quotes where it has spaces

    service:checkout and
                        ^
    something is missing here; expected a word, a comparison such as service:checkout, or a parenthesis

    status:error or )
                    ^
    something is missing here; expected a word, a comparison such as service:checkout, or a parenthesis

    (service:checkout
    ^
    this is not closed; expected a `)`

    service:checkout)
                    ^
    this parenthesis was not opened

    ()
    ^^
    empty parentheses; expected a word, a comparison such as service:checkout, or a parenthesis

    name="POST
         ^^^^^
    these quotes are not closed; expected a closing "

    name="a"b
            ^
    text directly behind quotes; expected a space or an operator

    =5
    ^
    no field before `=`; expected a word, a comparison such as service:checkout, or a parenthesis

    a>=
       ^
    nothing to compare with behind `a>=`; expected a value, in quotes where it has spaces

    a=>5
      ^
    nothing to compare with behind `a=`; expected a value, in quotes where it has spaces

    100ms<duration
    ^^^^^
    `100ms` is no field; expected the field on the left, what it is compared with on the right

    a|b
     ^
    a single `|`; expected `||`, or quotes around the word

    a & b
      ^
    a single `&`; expected `&&`, or quotes around the word

    not
       ^
    something is missing here; expected a word, a comparison such as service:checkout, or a parenthesis

    ""
    ^^
    an empty word is in everything; expected a word, a comparison such as service:checkout, or a parenthesis

    service:(a or b)
            ^
    this parenthesis is not closed in the word that it stands in; expected quotes around it; for several values, (a=x or a=y)

    { service:checkout
    ^
    this is not closed; expected a `}`

    { a } | count() > 2
          ^
    something behind the braces; expected braces around the whole expression, or none

    a {b}
      ^
    a brace inside an expression; expected a word, a comparison such as service:checkout, or a parenthesis

    a=b<c
       ^
    `<` in a word; expected a space before it, or quotes around the word

    attributes.=5
    ^^^^^^^^^^^
    a point and no name behind it; expected the key of an attribute
    "#);
}

#[test]
fn an_operand_that_its_field_cannot_have_is_refused() {
    insta::assert_snapshot!(refusals(&[
        "severity>=banana",
        "severity:0",
        "duration>abc",
        "duration>250q",
        "duration>1KB",
        "duration~5",
        "duration:2*",
        "kind:foo",
        "kind>client",
        "status:500",
        "signal:thing",
        "trace:xyz",
        "trace=4bf9",
        "trace>4bf9",
        "span:00f067aa0ba902b70",
        "parent:\"\"",
        "value>many",
        "value~1",
        "retries>5q",
        "genai:yes",
        "genai>true",
        "service>5",
        "name<=\"b\"",
        "unit>=1KB",
        "scope.version>1.2",
        "status>error",
        "name~\"(\"",
        "name~\"a{1000}{1000}\"",
        "name~[",
    ]), @r#"
    severity>=banana
              ^^^^^^
    `banana` is no severity; expected trace, debug, info, warn, error, fatal or a number from 1 to 24

    severity:0
             ^
    `0` is no severity; expected trace, debug, info, warn, error, fatal or a number from 1 to 24

    duration>abc
             ^^^
    `abc` is no number; expected a number with a unit: ns, us, ms, s, m, h or d

    duration>250q
                ^
    `q` is no unit; expected a number with a unit: ns, us, ms, s, m, h or d

    duration>1KB
             ^^^
    `1KB` is no length of time; expected a number with a unit: ns, us, ms, s, m, h or d

    duration~5
             ^
    a regular expression is for text, and this is a number; expected `<`, `<=`, `>`, `>=`, `=` or `!=`

    duration:2*
             ^^
    `2*` is no number; expected a number with a unit: ns, us, ms, s, m, h or d

    kind:foo
         ^^^
    `foo` is no span kind; expected unspecified, internal, server, client, producer or consumer

    kind>client
         ^^^^^^
    a span kind is not less or more than another; expected `:`, `=`, `!=` or `~` before unspecified, internal, server, client, producer or consumer

    status:500
           ^^^
    `500` is no status; expected unset, ok or error

    signal:thing
           ^^^^^
    `thing` is no signal; expected span, metric, log, event or gap

    trace:xyz
          ^^^
    `xyz` is no trace id; expected the first of its 32 hex digits, or all

    trace=4bf9
          ^^^^
    `4bf9` is no trace id; expected all of its 32 hex digits, or `:` and the first of them

    trace>4bf9
          ^^^^
    a trace id is compared with `:`, `=` or `!=`; expected `:` and the first of its 32 hex digits

    span:00f067aa0ba902b70
         ^^^^^^^^^^^^^^^^^
    `00f067aa0ba902b70` is no span id; expected the first of its 16 hex digits, or all

    parent:""
           ^^
    `` is no span id; expected the first of its 16 hex digits, or all

    value>many
          ^^^^
    `many` is no number; expected a number, also with a unit: ns, us, ms, s, m, h or d; B, KB, MB, GB, TB, KiB, MiB, GiB or TiB

    value~1
          ^
    a regular expression is for text, and this is a number; expected `<`, `<=`, `>`, `>=`, `=` or `!=`

    retries>5q
             ^
    `q` is no unit; expected ns, us, ms, s, m, h or d; B, KB, MB, GB, TB, KiB, MiB, GiB or TiB; or quotes around text

    genai:yes
          ^^^
    `yes` is neither; expected true or false

    genai>true
          ^^^^
    true is not less or more than false; expected `:`, `=` or `!=`

    service>5
            ^
    service is text, which is not less or more than other text; expected `:`, `=`, `!=` or `~`

    name<="b"
          ^^^
    name is text, which is not less or more than other text; expected `:`, `=`, `!=` or `~`

    unit>=1KB
          ^^^
    unit is text, which is not less or more than other text; expected `:`, `=`, `!=` or `~`

    scope.version>1.2
                  ^^^
    scope.version is text, which is not less or more than other text; expected `:`, `=`, `!=` or `~`

    status>error
           ^^^^^
    a status is not less or more than another; expected `:`, `=`, `!=` or `~` before unset, ok or error

    name~"("
         ^^^
    no regular expression: unclosed group

    name~"a{1000}{1000}"
         ^^^^^^^^^^^^^^^
    no regular expression: it is too large

    name~[
         ^
    no regular expression: unclosed character class
    "#);
}

#[test]
fn a_refusal_is_harmless_and_stays_on_its_line() {
    insta::assert_snapshot!(refusals(&[
        "a=\u{1b}[2J\u{202e} kind:\u{7}",
        "größe=日本 kind:foo",
        &format!("{} kind:foo {}", "x".repeat(150), "y ".repeat(100)),
        &format!("kind:{}", "z".repeat(300)),
    ]), @r#"
    a=␛[2J\u{202e} kind:␇
                        ^
    `␇` is no span kind; expected unspecified, internal, server, client, producer or consumer

    größe=日本 kind:foo
                    ^^^
    `foo` is no span kind; expected unspecified, internal, server, client, producer or consumer

    …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx kind:foo y y y …
                                                                                             ^^^
    `foo` is no span kind; expected unspecified, internal, server, client, producer or consumer

    kind:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz…
         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    `zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz…` is no span kind; expected unspecified, internal, server, client, producer or consumer
    "#);
}

#[test]
fn order_is_for_numbers_and_for_attributes_which_may_be_numbers() {
    for text in
        ["severity>=warn", "duration>5ms", "value>1", "time>5m", "durations>5ms", "attributes.name>5", "session>5"]
    {
        assert!(Filter::parse(text).is_ok(), "{text}");
    }
    for field in ["service", "name", "status_message", "scope", "scope.version", "source", "type", "unit"] {
        for operator in ["<", "<=", ">", ">="] {
            assert!(Filter::parse(&format!("{field}{operator}5")).is_err(), "{field}{operator}");
        }
    }
}
