//! Copies the description and settings of a source into its [`Connection`], without secrets.

use super::spec::Source;
use crate::model::Connection;

/// Fills in a connection from the settings of its source.
pub(super) fn settings(connection: &mut Connection, source: &Source) {
    let Source { spec, group, options, .. } = source;
    let description = spec.describe();
    connection.group.clone_from(group);
    connection.source = description.source;
    let mut settings = spec.settings(options);
    if !options.filter.is_everything() {
        settings.push(("filter", options.filter.text().to_owned()));
    }
    connection.options = settings.into();
    connection.credentials = options.credentials.clone();
    let nanos = u64::try_from(options.interval.as_nanos()).unwrap_or(u64::MAX);
    connection.interval = description.kind.is_polled().then_some(nanos);
    connection.insecure = options.trust.insecure;
}

#[cfg(test)]
mod tests {
    use super::super::beginning::Beginning;
    use super::super::options::Options;
    use super::super::spec::SourceSpec;
    use crate::config::{self, Provider};
    use std::time::Duration;

    fn typed(spec: &SourceSpec) -> String {
        spec.describe().source
    }

    fn options(spec: &SourceSpec, options: &Options) -> Vec<(&'static str, String)> {
        spec.settings(options)
    }

    #[test]
    fn a_described_source_parses_to_itself() {
        for text in [
            "-",
            "file:spans.jsonl",
            "listen://127.0.0.1:9000",
            "listen://[::1]?grpc=0&http=9",
            "sse+https://h/x",
            "http://h:1/x?y=z",
            "poll+http://h/x",
            "prom+https://h/x",
        ] {
            let spec = SourceSpec::parse(text).unwrap();
            assert_eq!(typed(&spec), text);
            assert_eq!(SourceSpec::parse(&typed(&spec)), Ok(spec));
        }
        assert_eq!(typed(&SourceSpec::parse("sse+https://me:secret@h/x").unwrap()), "sse+https://h/x");
    }

    #[test]
    fn the_settings_say_where_a_file_begins() {
        let mut wanted = Options::of_all(&Provider::default());
        let file = SourceSpec::parse("a.jsonl").unwrap();
        assert!(options(&file, &wanted).is_empty());
        wanted.beginning = Beginning { tail: Some(7), since: Some(Duration::from_secs(5)) };
        let text = format!("{:?}", options(&file, &wanted));
        assert!(text.contains("the last 7 existing") && text.contains("the last 5.00s"), "{text}");
    }

    #[test]
    fn settings_show_no_secret() {
        let source: config::Source = toml::from_str(
            "url = \"http://h/\"\ntoken = \"canary\"\nheaders = { X-Key = \"canary\" }\ninsecure = true\ninterval = \"2s\"",
        )
        .unwrap();
        let parsed = Options::of_source(&source, &Provider::default(), |_| None).unwrap();
        let text = format!("{:?}", options(&SourceSpec::parse("http://h/").unwrap(), &parsed));
        assert!(!text.contains("canary"), "{text}");
        for words in ["2.00s", "a token", "any certificate", "gives up after 5"] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}
