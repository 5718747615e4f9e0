//! What is wrong with a file, for people: with its place, pointed at. Where secrets stand, values are not shown; not even one at
//! a misspelled key, or one that was not closed and so reaches into what follows.

use super::place::Places;
use super::settings::Config;
use super::suggest::nearest;
use std::ops::Range;

/// The sections whose values anybody may see, where their keys are known.
const HARMLESS: [&str; 4] = ["buffer", "provider", "ui", "log"];

/// Bytes of what is taken for a key or a harmless value. What is longer may be a secret that came to stand there.
const LONGEST_WORD: usize = 32;

/// A fault of a text, and what was meant.
pub(super) fn toml_error(error: &toml::de::Error, text: &str) -> String {
    let mut description = with_place(error, text);
    if let Some(meant) = meant(error.message()) {
        description.push_str(&format!("; did you mean `{meant}`?"));
    }
    description
}

fn with_place(error: &toml::de::Error, text: &str) -> String {
    let message = without_value(error.message());
    let Some(span) = error.span() else { return message };
    let place = error.to_string();
    let place = place.lines().next().unwrap_or_default();
    match Excerpt::of(text, &span) {
        Some(excerpt) if excerpt.has_value => {
            format!("{place}\n{}\n{}", excerpt.pointed_at(text, &span), error.message())
        }
        Some(excerpt) => format!("{place}\n{}\n{message}", excerpt.pointed_at(text, &span)),
        None => format!("{place}\n{message}"),
    }
}

/// What may be seen of the line where a fault begins.
struct Excerpt<'a> {
    line: usize,
    /// Where the line begins in the text.
    begin: usize,
    shown: &'a str,
    is_whole: bool,
    /// Whether a value is in it, so that a message may have it as well.
    has_value: bool,
}

impl<'a> Excerpt<'a> {
    /// `None` where nothing may be seen: amid a value that goes on, or of what is not surely a key.
    fn of(text: &'a str, span: &Range<usize>) -> Option<Excerpt<'a>> {
        // What ends too early is shown by the last line that there is. By bytes, since this may be amid a character.
        let at = span.start.min(text.len().saturating_sub(1));
        let begin = text.as_bytes().get(..at)?.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let places = Places::of(text);
        if places.is_inside_value(begin) {
            return None;
        }
        let whole = text.get(begin..)?.lines().next()?.trim_end();
        let keys = keys(whole)?;
        let has_value = is_plain(&whole[keys.len()..]) && is_harmless(&places, begin + keys.len(), whole);
        let shown = if has_value { whole } else { keys };
        let is_whole = shown.len() == whole.len();
        Some(Excerpt { line: places.line(at), begin, shown, is_whole, has_value })
    }

    fn pointed_at(&self, text: &str, span: &Range<usize>) -> String {
        let Excerpt { line, begin, shown, is_whole, .. } = self;
        let end = begin + shown.len();
        let (column, marked) = match text.get(*begin..span.start).filter(|_| span.start < end) {
            Some(before) => (before, text.get(span.start..span.end.min(end)).unwrap_or_default()),
            None => (*shown, ""),
        };
        let (column, marks) = (" ".repeat(column.chars().count()), "^".repeat(marked.chars().count().max(1)));
        let gutter = " ".repeat(line.to_string().len());
        let more = if *is_whole { "" } else { "…" };
        format!("{gutter} |\n{line} | {shown}{more}\n{gutter} | {column}{marks}")
    }
}

/// What a line begins with that is no value: `[[source]]`, or `listen.token = ` without what follows.
fn keys(line: &str) -> Option<&str> {
    let begin = line.trim_start_matches([' ', '\t']);
    let brackets = begin.len() - begin.trim_start_matches('[').len();
    let close = match brackets {
        0 => "=",
        1 => "]",
        _ => "]]",
    };
    let (path, after) = begin.get(brackets.min(2)..)?.split_once(close)?;
    let after = if brackets == 0 { after.trim_start_matches([' ', '\t']) } else { after };
    let is_path = path.split('.').all(|part| is_key(part.trim_matches([' ', '\t'])));
    is_path.then(|| &line[..line.len() - after.len()])
}

fn is_key(word: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    (1..=LONGEST_WORD).contains(&word.len()) && word.chars().all(is_letter)
}

/// Whether a value is a word or two. One that lost its closing quote may reach into the URL or the token of another line.
fn is_plain(value: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "\"'_-+. ".contains(letter);
    value.len() <= LONGEST_WORD && value.chars().all(is_plain)
}

/// Whether a line, whose value begins at an offset of the text, is one known key of a harmless section and nothing else.
fn is_harmless(places: &Places<'_>, value: usize, line: &str) -> bool {
    let Some(entry) = places.before(value).filter(|entry| entry.value.start == value) else { return false };
    let [section, key] = &entry.path[..] else { return false };
    let known = || toml::Table::try_from(Config::default()).unwrap_or_default();
    HARMLESS.contains(&section.as_str())
        && line.parse::<toml::Table>().is_ok()
        && known().get(section).is_some_and(|section| section.get(key).is_some())
}

/// ``invalid type: string "…", expected a boolean``: serde says in it what is there. What is unknown stays, if it is a key.
fn without_value(message: &str) -> String {
    let parts = ["invalid type: ", "invalid value: "].iter().find_map(|begin| {
        let found = message.strip_prefix(begin)?;
        let expected = found.rfind(", expected ")?;
        let kind = found[..expected].split(['`', '"']).next()?.trim_end();
        Some(format!("{begin}{kind} …{}", &found[expected..]))
    });
    let unknown = || {
        let (kind, name, expected) = unknown(message)?;
        (kind != "field" || !is_key(name)).then(|| format!("unknown {kind} …{expected}"))
    };
    // ```10 parsecs` is no length of time``
    let measure = || Some(format!("…{}", &message[message.strip_prefix('`')?.rfind("` is no ")? + 2..]));
    parts.or_else(unknown).or_else(measure).unwrap_or_else(|| message.to_owned())
}

/// The nearest of the names that serde lists: ``unknown field `gprc`, expected one of `grpc`, `http` ``.
fn meant(message: &str) -> Option<&str> {
    let (_, unknown, expected) = unknown(message)?;
    nearest(unknown, expected.split('`').skip(1).step_by(2))
}

/// Of ``unknown field `gprc`, expected one of `grpc`, `http` ``: `field`, `gprc`, and the rest from the comma.
fn unknown(message: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = message.strip_prefix("unknown ")?.split_once(" `")?;
    let end = rest.rfind("`, expected ").or_else(|| rest.rfind("`, there are no "))?;
    Some((kind, &rest[..end], &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> String {
        toml_error(&toml::from_str::<Config>(text).unwrap_err(), text)
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

    #[test]
    fn a_line_is_whole_only_where_it_is_one_known_key_of_a_harmless_section() {
        for (text, expected) in [
            (
                "[ui]\nmouse = \"perhaps\"\n",
                "2 | mouse = \"perhaps\"\n  |         ^^^^^^^^^\ninvalid type: string \"perhaps\"",
            ),
            ("ui.mouse = 3\n", "1 | ui.mouse = 3\n"),
            ("[provider]\ntoken = \"canary\"\n", "2 | token = …\n  | ^^^^^\nunknown field `token`"),
            ("[ui]\ntheme = \"x\"\n#[[source]]\nurl = \"http://me:canary@h/\"\n", "4 | url = …\n"),
            ("[ui]\nmouse = 3 [[source]] token = \"canary\"\n", "2 | mouse = …\n"),
            ("[ui]\nmouse = 3 # canary\n", "2 | mouse = …\n"),
            (
                "[ui]\nmouse = \"http://me:canary@h/\"\n",
                "2 | mouse = …\n  |         ^\ninvalid type: string …, expected",
            ),
            ("[sourc] url = \"canary\"\n", "1 | [sourc]…\n"),
            ("[[sourcurl = \"http://h/?k=canary\"\n", "line 1, column "),
            ("[[source]l = \"canary\"\n", "line 1, column "),
            (
                "[[source]]\nformat = \"canary\"\n",
                "2 | format = …\n  |          ^\nunknown variant …, expected one of ",
            ),
            ("[[source]]\nmax_body = \"canary\"\n", "2 | max_body = …\n  |            ^\n… is no size"),
            ("[[source]]\n\"a canary\" = 3\n", "unknown field …, expected one of "),
        ] {
            let error = of(text);
            assert!(error.contains(expected) && !error.contains("canary"), "{text}: {error}");
        }
    }

    #[test]
    fn a_text_that_ends_amid_a_character_or_a_header_that_is_a_comment_is_no_panic_and_no_excerpt_of_more() {
        for text in [
            "[#ui]\nthem",
            "[[source]]\nurl=\"http://h/\"\ntoken = \"canaryé",
            "[[source]]\nurl=\"http://h/\"\ntoken = 'canaryé",
            "[[source]]\nurl=\"http://h/\"\nheaders = { a = \"canary\", b = \"é",
        ] {
            let error = of(text);
            assert!(error.contains("line ") && !error.contains("canary"), "{text}: {error}");
        }
    }

    /// With a secret everywhere where one may be, none of which can be taken for a key.
    const SECRETS: &str = "[ui]\ntheme = \"dark\"\nmouse = true\n\n[listen]\ntoken = \"c@n@ry\"\nhosts = [\"a.example\"]\n\n\
        [provider]\ninterval = \"10s\"\nmax_connections = 5\n\n[[source]]\nurl = \"http://me:c@n@ry@h/?token=c@n@ry\"\n\
        token = 'c@n@ry'\nheaders = { a = \"c@n@ry\", b = \"é c@n@ry\" }\n\n[log]\nlevel = \"info\"\nformat = \"text\"\n\n\
        [[source]]\nurl = \"-\"\nbasic = \"\"\"c@n@ry\nc@n@ry\"\"\"\nmax_body = \"1MiB\"\n\n[source.headers]\n\
        authorization = \"Bearer c@n@ry\"\n\n[buffer]\nmax_bytes = \"256MiB\"\n\n[self_telemetry]\n\
        url = \"http://me:c@n@ry@h/\"\n\n[[source]]\nurl = \"-\"\ntoken = \"c@n@ryé\"";

    #[derive(Clone, Debug)]
    enum Slip {
        Delete(usize),
        Insert(&'static str),
        Replace(&'static str),
        Join,
        Comment,
        Cut,
    }

    fn slips() -> impl Strategy<Value = Vec<(prop::sample::Index, Slip)>> {
        let marks = [
            "\"", "'", "\"\"\"", "'''", "[", "]", "{", "}", "=", "#", "\n", "\r", ".", ",", "\\", " ", "é", "\0", "x",
            "0",
        ];
        let mark = move || prop::sample::select(marks.to_vec());
        let slip = prop_oneof![
            (1..12usize).prop_map(Slip::Delete),
            mark().prop_map(Slip::Insert),
            mark().prop_map(Slip::Replace),
            Just(Slip::Join),
            Just(Slip::Comment),
            Just(Slip::Cut),
        ];
        prop::collection::vec((any::<prop::sample::Index>(), slip), 1..4)
    }

    fn slipped(text: &str, at: prop::sample::Index, slip: &Slip) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        if letters.is_empty() {
            return String::new();
        }
        let at = at.index(letters.len());
        match slip {
            Slip::Delete(count) => drop(letters.drain(at..(at + count).min(letters.len()))),
            Slip::Insert(mark) => drop(letters.splice(at..at, mark.chars())),
            Slip::Replace(mark) => drop(letters.splice(at..=at, mark.chars())),
            Slip::Join => {
                if let Some(end) = letters[at..].iter().position(|letter| *letter == '\n') {
                    letters.remove(at + end);
                }
            }
            Slip::Comment => {
                let begin = letters[..at].iter().rposition(|letter| *letter == '\n').map_or(0, |end| end + 1);
                letters.insert(begin, '#');
            }
            Slip::Cut => letters.truncate(at),
        }
        letters.into_iter().collect()
    }

    proptest! {
        #[test]
        fn however_a_file_is_mistyped_its_error_is_told_and_no_secret_is(slips in slips()) {
            let text = slips.iter().fold(SECRETS.to_owned(), |text, (at, slip)| slipped(&text, *at, slip));
            if let Err(error) = toml::from_str::<Config>(&text) {
                let error = toml_error(&error, &text);
                prop_assert!(!error.is_empty() && !error.contains("c@n@ry"), "{}: {}", text, error);
            }
        }
    }
}
