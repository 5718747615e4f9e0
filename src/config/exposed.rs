//! Finds secrets in a file that other users of this machine can read.

use super::load::Loaded;
use super::origins::Origin;
use super::settings::Source;
use super::shown::{is_confidential, is_secret};
use reqwest::Url;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What is to be said of the file that settings came from: it holds a secret, and others may read it. `None` where all is well.
pub fn exposed(path: &Path, loaded: &Loaded) -> Option<String> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let place = secret(loaded).filter(|_| mode & 0o077 != 0)?;
    Some(format!("{place} is a secret, and others may read the file (mode {mode:03o}): chmod 600 {}", path.display()))
}

/// The first secret that stands in the file itself.
fn secret(loaded: &Loaded) -> Option<String> {
    let Loaded { config, origins } = loaded;
    let in_file = |origin: &Origin| matches!(origin, Origin::File(..));
    if !config.listen.token.is_empty()
        && let Some(origin) = origins.of("listen", "token").filter(in_file)
    {
        return Some(format!("{origin}: listen.token"));
    }
    config.sources.iter().enumerate().find_map(|(index, source)| {
        let key = secret_of(source)?;
        let origin = origins.of_source(index, key).map(|origin| format!("{origin}: ")).unwrap_or_default();
        Some(format!("{origin}source.{key}"))
    })
}

/// The key of a source's first secret.
fn secret_of(source: &Source) -> Option<&'static str> {
    let keys = [
        ("token", source.token.as_ref().is_some_and(|token| !token.is_empty())),
        ("basic", source.basic.as_ref().is_some_and(|basic| !basic.is_empty())),
        ("headers", source.headers.iter().any(|(name, value)| is_credential(name) && !value.is_empty())),
        ("url", Url::parse(&source.url).is_ok_and(|url| is_confidential(&url))),
    ];
    keys.into_iter().find_map(|(key, is_secret)| is_secret.then_some(key))
}

/// Whether a header of this name is sent to be let in; a tenant's name is not.
fn is_credential(name: &str) -> bool {
    is_secret(name) || name.eq_ignore_ascii_case("cookie")
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    fn said(text: &str, mode: u32, environment: &[(&str, &str)]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        exposed(&path, &load(Some(&path), environment).unwrap())
    }

    #[test]
    fn a_secret_that_others_may_read_is_told_with_its_line_and_the_remedy() {
        for (text, place) in [
            ("[listen]\ntoken = \"canary\"", "line 2: listen.token"),
            ("[[source]]\nurl = \"http://h/\"\ntoken = \"canary\"", "line 3: source.token"),
            ("[[source]]\nurl = \"http://h/\"\nbasic = \"me:canary\"", "line 3: source.basic"),
            ("[[source]]\nurl = \"http://h/\"\nheaders = { Authorization = \"canary\" }", "line 3: source.headers"),
            ("[[source]]\nurl = \"http://me:canary@h/\"", "line 2: source.url"),
        ] {
            let told = said(text, 0o640, &[]).unwrap_or_else(|| panic!("{text} is not told"));
            assert!(told.contains(place) && told.contains("mode 640): chmod 600 "), "{told}");
            assert!(!told.contains("canary"), "{told}");
            assert_eq!(said(text, 0o600, &[]), None, "nobody else may");
        }
    }

    #[test]
    fn what_is_no_secret_or_stands_elsewhere_is_not_told() {
        for text in [
            "",
            "[listen]\ntoken_file = \"/a\"",
            "[[source]]\nurl = \"http://h/\"\ntoken_env = \"A\"\nheaders = { X-Scope-OrgID = \"team\" }",
        ] {
            assert_eq!(said(text, 0o644, &[("OTAIL_LISTEN_TOKEN", "canary")]), None, "{text}");
        }
    }
}
