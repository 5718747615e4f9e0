//! What is wrong with a file, for people: with its place, pointed at. Where secrets stand, values are not shown; not even one at
//! a misspelled key, or one that was not closed and so reaches into what follows.

use super::place::Places;
use super::suggest::nearest;

/// The sections whose values anybody may see.
const HARMLESS: [&str; 4] = ["buffer", "provider", "ui", "log"];

/// A fault of a text, and what was meant.
pub(super) fn told(error: &toml::de::Error, text: &str) -> String {
    let mut told = with_place(error, text);
    if let Some(meant) = meant(error.message()) {
        told.push_str(&format!("; did you mean `{meant}`?"));
    }
    told
}

fn with_place(error: &toml::de::Error, text: &str) -> String {
    let whole = error.to_string().trim_end().to_owned();
    let Some(span) = error.span() else { return without_value(error.message()) };
    let places = Places::of(text);
    // What ends too early is shown by the last line that there is.
    let at = span.start.min(text.len().saturating_sub(1));
    let line = places.line(at);
    let begin = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let shown = text[begin..].lines().next().unwrap_or_default();
    let last = places.before(at);
    let is_harmless = last.is_some_and(|entry| HARMLESS.contains(&entry.path[0].as_str()));
    let place = whole.lines().next().unwrap_or_default();
    let without_line = || format!("{place}\n{}", without_value(error.message()));
    // A value that goes on, or nobody knows what.
    if places.is_inside_value(begin) {
        return without_line();
    }
    if places.in_line(line).next().is_none() {
        let is_known = is_harmless && !shown.trim_start().starts_with('[');
        return if is_known { whole } else { without_line() };
    }
    if is_harmless {
        return whole;
    }
    let (headers, others): (Vec<_>, Vec<_>) = places.in_line(line).partition(|entry| places.is_header(entry));
    let values = others.iter().filter(|entry| entry.value.start > entry.key.start).map(|entry| entry.value.start);
    let value = match values.min() {
        None if others.is_empty() => headers.iter().map(|entry| entry.value.end).max(),
        value => value,
    };
    let Some(value) = value else { return without_line() };
    if value >= begin + shown.trim_end().len() {
        return whole;
    }
    let keys = &text[begin..value];
    let (column, width) = match text.get(begin..span.start).filter(|before| before.len() < keys.len()) {
        Some(before) => (before.chars().count(), text.get(span).unwrap_or_default().chars().count().max(1)),
        None => (keys.chars().count(), 1),
    };
    let gutter = " ".repeat(line.to_string().len());
    let (column, marks) = (" ".repeat(column), "^".repeat(width));
    let message = without_value(error.message());
    format!("{place}\n{gutter} |\n{line} | {keys}…\n{gutter} | {column}{marks}\n{message}")
}

/// ``invalid type: string "…", expected a boolean``: serde says in it what is there.
fn without_value(message: &str) -> String {
    let parts = ["invalid type: ", "invalid value: "].iter().find_map(|begin| {
        let found = message.strip_prefix(begin)?;
        let expected = found.rfind(", expected ")?;
        let kind = found[..expected].split(['`', '"']).next()?.trim_end();
        Some(format!("{begin}{kind} …{}", &found[expected..]))
    });
    parts.unwrap_or_else(|| message.to_owned())
}

/// The nearest of the names that serde lists: ``unknown field `gprc`, expected one of `grpc`, `http` ``.
fn meant(message: &str) -> Option<&str> {
    let mut names = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let unknown = names.next()?;
    nearest(unknown, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn of(text: &str) -> String {
        told(&toml::from_str::<Config>(text).unwrap_err(), text)
    }

    #[test]
    fn a_line_of_a_text_that_looks_like_a_section_is_none() {
        let error = of("[[source]]\nurl = \"\"\"\n[ui]\n\"\"\"\ninsecure = \"canary\"\n");
        assert!(error.contains("line 5, column 12") && error.contains("5 | insecure = …"), "{error}");
        assert!(!error.contains("canary"), "{error}");
        let error = of("[ui]\ntheme = \"\"\"\n[[source]]\n\"\"\"\nmouse = \"perhaps\"\n");
        assert!(
            error.contains("mouse = \"perhaps\"") && error.contains("string \"perhaps\", expected a boolean"),
            "{error}"
        );
    }

    #[test]
    fn what_is_not_closed_does_not_show_what_it_reaches_into() {
        for text in [
            "[ui]\ntheme = \"\"\"\n[[source]]\ntoken = \"canary\"",
            "[ui]\ntheme = [\n\"a\",\n[[source]]\ntoken = \"canary\"",
            "[ui]\n[[source]\ntoken = canary",
            "[ui]\n[[source] token = 'canary'",
            "[ui]\ntheme = [\n\"a\",\n[[source]]\ntoken = \"canary\"\n",
            "[ui]\ntheme = \"\"\"\n[[source]]\ntoken = \"canary\"\n",
            "[[source]]\nheaders = { a = \"\"\"x\ncanary\"\"\", b = 3 }\n",
        ] {
            let error = of(text);
            assert!(error.contains("line ") && !error.contains("canary"), "{text}: {error}");
        }
    }

    #[test]
    fn where_secrets_stand_the_key_is_shown_and_pointed_at_and_the_value_is_not() {
        for (text, expected) in [
            ("listen.tokn = 'canary'\n", "1 | listen.tokn = …\n  |        ^^^^\nunknown field `tokn`"),
            ("[listen]\ntoken = 7357\n", "2 | token = …\n  |         ^\ninvalid type: integer …, expected a string"),
            (
                "[[source]]\nheaders = { a = [\"canary\"] }\n",
                "2 | headers = …\n  |           ^\ninvalid type: sequence …, expected a string",
            ),
            ("[[source]]\n\"a canary\"\n", "line 2, column 11\nkey with no value, expected `=`"),
            ("[[source]]\na.b 'canary'\n", "line 2, column 5\nkey with no value, expected `=`"),
            ("[[source]]\ntoken = 'canary' canary\n", "2 | token = …\n"),
        ] {
            let error = of(text);
            assert!(
                error.contains(expected) && !error.contains("canary") && !error.contains("7357"),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn a_value_in_a_message_is_left_out_whatever_is_in_it() {
        for (message, told) in [
            (
                "invalid type: string \"a, expected b\", expected a boolean",
                "invalid type: string …, expected a boolean",
            ),
            ("invalid type: integer `1`, expected a string", "invalid type: integer …, expected a string"),
            ("invalid type: map, expected a string", "invalid type: map …, expected a string"),
            ("duplicate key", "duplicate key"),
        ] {
            assert_eq!(without_value(message), told);
        }
    }
}
