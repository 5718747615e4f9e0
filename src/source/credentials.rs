//! Credentials and headers for requests. Secrets appear in requests and nowhere else.

use super::secret::{SecretOrigin, one_of, secret_file};
use crate::config::{self, Secret};
use crate::model::CredentialsOrigin;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use std::path::{Path, PathBuf};

/// How otail authenticates to a source; a custom header is one of [`Headers`].
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub enum Auth {
    /// No credentials.
    #[default]
    None,
    /// `user:password`.
    Basic(Secret),
    /// A token, sent as a Bearer token.
    Bearer(Secret),
    /// A file with a Bearer token; read for every request, since tokens are rotated.
    BearerFile(PathBuf),
}

/// Extra headers for every request: fixed ones, and a file of `Name: value` lines that is read for every request.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Headers {
    fixed: Vec<(HeaderName, Secret)>,
    file: Option<PathBuf>,
}

impl Auth {
    /// The credentials of a source's configuration, and where they come from; `variable` looks up an environment variable.
    pub(super) fn of_source(
        source: &config::Source,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(Auth, CredentialsOrigin), String> {
        let said = one_of([
            ("token", source.token.as_ref().map(SecretOrigin::Here)),
            ("token_env", source.token_env.as_deref().map(SecretOrigin::Variable)),
            ("token_file", source.token_file.as_deref().map(SecretOrigin::File)),
            ("keyring", source.keyring.as_deref().map(SecretOrigin::Keyring)),
            ("basic", source.basic.as_ref().map(SecretOrigin::Here)),
            ("basic_env", source.basic_env.as_deref().map(SecretOrigin::Variable)),
        ])?;
        let Some((key, place)) = said else { return Ok((Auth::None, CredentialsOrigin::None)) };
        let origin = match place {
            SecretOrigin::Here(_) => CredentialsOrigin::Configuration,
            SecretOrigin::Variable(name) => CredentialsOrigin::Variable(name.to_owned()),
            SecretOrigin::File(path) => CredentialsOrigin::File(path.to_owned()),
            SecretOrigin::Keyring(_) => CredentialsOrigin::Keyring,
        };
        let about = |error: String| format!("{key}: {error}");
        let auth = match place {
            SecretOrigin::File(path) => Auth::BearerFile(path.into()),
            place if key.starts_with("basic") => Auth::Basic(place.read(variable).map_err(about)?),
            place => Auth::Bearer(place.read(variable).map_err(about)?),
        };
        // Report an error now, before the first request.
        auth.header().map_err(about)?;
        Ok((auth, origin))
    }

    /// From what a user typed: `user:password`, or a token.
    pub fn typed(text: &str) -> Auth {
        match text.split_once(':') {
            _ if text.is_empty() => Auth::None,
            Some(_) => Auth::Basic(text.to_owned().into()),
            None => Auth::Bearer(text.to_owned().into()),
        }
    }

    /// The value of `Authorization`.
    fn header(&self) -> Result<Option<HeaderValue>, String> {
        let text = match self {
            Auth::None => return Ok(None),
            Auth::Basic(pair) if !pair.expose().contains(':') => {
                return Err("no colon; use the form user:password".into());
            }
            Auth::Basic(pair) => Secret::from(format!("Basic {}", STANDARD.encode(pair.expose()))),
            Auth::Bearer(token) => Secret::from(format!("Bearer {}", token.expose().trim())),
            Auth::BearerFile(path) => Secret::from(format!("Bearer {}", secret_file(path)?.expose().trim())),
        };
        value(&text).map(Some)
    }

    /// The file that holds the credentials, if any.
    pub(super) fn file(&self) -> Option<&Path> {
        if let Auth::BearerFile(path) = self { Some(path) } else { None }
    }

    /// Sets the `Authorization` header. May read a file ([`Auth::file`]), so do not call it on an async worker.
    pub(super) fn apply(&self, headers: &mut HeaderMap) -> Result<(), String> {
        if let Some(value) = self.header()? {
            headers.insert(AUTHORIZATION, value);
        }
        Ok(())
    }
}

impl Headers {
    /// Creates headers from names and values, and from an optional file.
    pub(super) fn new<'a>(
        fixed: impl IntoIterator<Item = (&'a String, &'a Secret)>,
        file: Option<PathBuf>,
    ) -> Result<Headers, String> {
        let fixed = fixed.into_iter().map(|(name, value)| header("headers", name, value.clone()));
        let headers = Headers { fixed: fixed.collect::<Result<_, _>>()?, file };
        headers.of_file()?;
        Ok(headers)
    }

    /// Whether there are no headers.
    pub fn is_empty(&self) -> bool {
        self.fixed.is_empty() && self.file.is_none()
    }

    /// The file that holds some of the headers, if any.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Sets the headers, replacing those of the same name. May read a file ([`Headers::file`]), so do not call it on an async
    /// worker.
    pub(super) fn apply(&self, headers: &mut HeaderMap) -> Result<(), String> {
        for (name, secret) in self.fixed.iter().chain(&self.of_file()?) {
            headers.insert(name.clone(), value(secret)?);
        }
        Ok(())
    }

    fn of_file(&self) -> Result<Vec<(HeaderName, Secret)>, String> {
        let Some(path) = &self.file else { return Ok(Vec::new()) };
        let text = secret_file(path).map_err(|error| format!("header_file: {error}"))?;
        let lines = text.expose().lines().map(str::trim).enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let read = lines.map(|(number, line)| {
            let place = format!("header_file: {} line {}", path.display(), number + 1);
            let Some((name, value)) = line.split_once(':') else {
                return Err(format!("{place}: no colon; use the form `Name: value`"));
            };
            header(&place, name.trim(), value.trim().to_owned().into())
        });
        read.collect()
    }
}

fn header(place: &str, name: &str, secret: Secret) -> Result<(HeaderName, Secret), String> {
    let parsed = HeaderName::try_from(name).map_err(|_| format!("{place}: `{name}` is not a valid header name"))?;
    value(&secret).map_err(|error| format!("{place}: {name}: {error}"))?;
    Ok((parsed, secret))
}

fn value(secret: &Secret) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::try_from(secret.expose())
        .map_err(|_| "the value contains a line break or another control character; remove it".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(auth: &Auth) -> String {
        let mut headers = HeaderMap::new();
        auth.apply(&mut headers).unwrap();
        assert!(headers[AUTHORIZATION].is_sensitive());
        headers[AUTHORIZATION].to_str().unwrap().to_owned()
    }

    #[test]
    fn each_kind_of_credentials_has_its_scheme() {
        assert_eq!(sent(&Auth::typed("me:pass:word")), "Basic bWU6cGFzczp3b3Jk");
        assert_eq!(sent(&Auth::typed("token")), "Bearer token");
        assert_eq!(Auth::typed(""), Auth::None);
    }

    #[test]
    fn a_token_file_is_read_for_every_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "first\n").unwrap();
        let auth = Auth::BearerFile(path.clone());
        assert_eq!(sent(&auth), "Bearer first");
        std::fs::write(&path, "second\n").unwrap();
        assert_eq!(sent(&auth), "Bearer second");
    }

    #[test]
    fn header_file_errors_name_the_line_not_the_value() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("headers");
        std::fs::write(&path, "# for the gateway\nX-Scope: canary\n\nX-Other:b\n").unwrap();
        let headers = Headers::new([], Some(path.clone())).unwrap();
        let mut sent = HeaderMap::new();
        headers.apply(&mut sent).unwrap();
        assert_eq!((&sent["x-scope"], &sent["x-other"]), (&"canary".parse().unwrap(), &"b".parse().unwrap()));
        std::fs::write(&path, "X-Scope: a\nbad canary\n").unwrap();
        let error = headers.apply(&mut sent).unwrap_err();
        assert!(error.contains("line 2") && !error.contains("canary"), "{error}");
    }
}
