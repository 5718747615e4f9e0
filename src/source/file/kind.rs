//! Files as a kind of source: parsing and description.

use super::super::beginning::Beginning;
use super::super::kind::{Attempt, Claim, Description, Kind, Run, Scheme};
use super::super::options::Options;
use super::input::FileInput;
use crate::intake::Overflow;
use crate::model::{SourceKind, human_duration, visible};
use std::path::{Component, Path, PathBuf};

impl Kind for FileInput {
    fn schemes() -> &'static [Scheme] {
        &[
            Scheme { prefixes: &["file:"], form: "file:", about: "a file, followed through rotation" },
            Scheme { prefixes: &[""], form: "-", about: "a path, or standard input" },
        ]
    }

    fn parse(text: &str) -> Result<FileInput, String> {
        match text.split_once(':') {
            _ if text == "-" => Ok(FileInput::Stdin),
            Some((scheme, path)) if scheme.eq_ignore_ascii_case("file") => of_url(text, path),
            _ => of_path(text),
        }
    }

    fn describe(&self) -> Description {
        let (url, labels, claim) = match self {
            FileInput::Path(path) => {
                // A missing file is identified by its absolute path.
                let whole = path.canonicalize().or_else(|_| std::path::absolute(path));
                let claim = Claim::File(whole.unwrap_or_else(|_| path.clone()));
                (format!("file:{}", path.display()), labels(path), claim)
            }
            FileInput::Stdin => ("-".to_owned(), vec!["stdin".to_owned()], Claim::Stdin),
        };
        let kind = SourceKind::read("file");
        Description { kind, source: url.clone(), url, labels, server: None, claims: vec![claim] }
    }

    fn settings(&self, options: &Options) -> Vec<(&'static str, String)> {
        let Beginning { tail, since } = options.beginning;
        let tail = tail.map(|count| ("starts with", format!("the last {count} existing items")));
        let age = |age: std::time::Duration| human_duration(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX));
        let since = since.map(|since| ("starts with", format!("items of the last {}", age(since))));
        tail.into_iter().chain(since).collect()
    }

    fn overflow(&self) -> Overflow {
        Overflow::Wait
    }

    fn run<'a>(&'a self, attempt: Attempt<'a>) -> Run<'a> {
        Box::pin(super::run(self, attempt.link))
    }
}

/// The names of a file: its own, then with one folder before it, then with two …
fn labels(path: &Path) -> Vec<String> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut labels: Vec<String> = Vec::new();
    for component in whole.components().rev() {
        let Component::Normal(part) = component else { continue };
        let part = part.to_string_lossy();
        labels.push(labels.last().map_or_else(|| part.to_string(), |last| format!("{part}/{last}")));
    }
    if labels.is_empty() {
        labels.push(path.to_string_lossy().into_owned());
    }
    labels
}

fn of_url(text: &str, path: &str) -> Result<FileInput, String> {
    match path {
        "" | "//" => Err("the path is missing; write file:PATH".into()),
        "-" => Ok(FileInput::Stdin),
        // A full URL, with a percent-encoded path.
        path if path.starts_with("///") => {
            let url = reqwest::Url::parse(text).map_err(|error| format!("it is not a valid URL ({error})"))?;
            url.to_file_path().map(FileInput::Path).map_err(|()| "it does not name a file; write file:///PATH".into())
        }
        path => Ok(FileInput::Path(path.strip_prefix("//").unwrap_or(path).into())),
    }
}

fn of_path(text: &str) -> Result<FileInput, String> {
    let path = PathBuf::from(text);
    // Without this check otail would wait for a file of that name for ever.
    let place = text.split_once('/').map_or(text, |(place, _)| place);
    if is_host_and_port(place) && !path.exists() {
        return Err(format!(
            "the scheme is missing; write http://{0} to read from there, listen://{1} to receive there, or ./{0} if it \
             is a file",
            visible(&crate::net::shown(text)),
            visible(&crate::net::shown(place))
        ));
    }
    // A word that names no file is more likely a typing error than a file to wait for.
    if !text.contains(['.', '/', ':']) && !path.exists() {
        return Err(format!("there is no file of that name; to wait for one, write ./{}", visible(text)));
    }
    Ok(FileInput::Path(path))
}

fn is_host_and_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok()
}
