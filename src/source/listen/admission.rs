//! Checks the token that `[listen]` requires from senders.

use super::problem::Problem;
use crate::config::{self, Secret};
use crate::source::secret::{SecretOrigin, one_of, secret_file};
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use subtle::ConstantTimeEq;

/// The token to require.
#[derive(Debug)]
pub(super) struct Admission {
    token: Token,
    /// A header that may carry the token instead of `authorization: Bearer TOKEN`.
    header: Option<HeaderName>,
}

#[derive(Debug)]
enum Token {
    /// No token is required.
    None,
    Fixed(Secret),
    /// The file, and the last valid token from it. Tokens are rotated, and reading the file for each request would be slow.
    File(PathBuf, Mutex<Secret>),
}

/// The shortest allowed token, in characters: at least 64 bits, since nothing limits the number of guesses.
const SHORTEST: usize = 16;

impl Admission {
    /// Reads the token of the settings; `variable` looks up an environment variable.
    ///
    /// # Errors
    ///
    /// A message that begins with the key and does not contain the token.
    pub fn new(settings: &config::Listen, variable: impl Fn(&str) -> Option<String>) -> Result<Admission, String> {
        let config::Listen { token, token_env, token_file, .. } = settings;
        let said = one_of([
            ("token", (!token.is_empty()).then_some(SecretOrigin::Here(token))),
            ("token_env", (!token_env.is_empty()).then_some(SecretOrigin::Variable(token_env))),
            ("token_file", (!token_file.as_os_str().is_empty()).then_some(SecretOrigin::File(token_file))),
        ])?;
        let Some((key, place)) = said else {
            return match settings.api_key_header.is_empty() {
                true => Ok(Admission { token: Token::None, header: None }),
                false => Err("api_key_header: no token is set; set token_file, token_env or token".into()),
            };
        };
        let token = place.read(variable).and_then(|token| good(token.expose()));
        let token = token.map_err(|error| format!("{key}: {error}"))?;
        let header =
            match settings.api_key_header.as_str() {
                "" => None,
                name => Some(HeaderName::try_from(name).map_err(|_| {
                    format!("api_key_header: `{name}` is not a valid header name; use one like X-Api-Key")
                })?),
            };
        let token = match place {
            SecretOrigin::File(path) => Token::File(path.into(), Mutex::new(token)),
            _ => Token::Fixed(token),
        };
        Ok(Admission { token, header })
    }

    /// Whether no token is required.
    pub fn is_open(&self) -> bool {
        matches!(self.token, Token::None)
    }

    /// Whether the token comes from a file, and so may change.
    pub fn is_of_file(&self) -> bool {
        matches!(self.token, Token::File(..))
    }

    /// Reads the token again if it comes from a file, so do not call it on an async worker.
    ///
    /// # Errors
    ///
    /// As [`Admission::new`]; the earlier token then stays in use. A file that is being replaced may be empty for a moment,
    /// and a sender that is refused does not retry.
    pub fn reload(&self) -> Result<(), String> {
        let Token::File(path, last) = &self.token else { return Ok(()) };
        let read = secret_file(path).and_then(|text| good(text.expose()));
        *lock(last) = read.map_err(|error| format!("token_file: {error}"))?;
        Ok(())
    }

    /// Checks the headers of a request, or the metadata of a gRPC call, which are headers too.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let token = match &self.token {
            Token::None => return Ok(()),
            Token::Fixed(token) => token.clone(),
            Token::File(_, last) => lock(last).clone(),
        };
        let shown = headers.get(header::AUTHORIZATION).and_then(bearer);
        let key = self.header.as_ref().and_then(|name| headers.get(name)).map(HeaderValue::as_bytes);
        // The comparison takes the same time for every token of the same length.
        let is_right = |shown: &[u8]| bool::from(shown.ct_eq(token.expose().as_bytes()));
        if [shown, key].into_iter().flatten().any(is_right) {
            return Ok(());
        }
        let what = match (shown, key) {
            (None, None) if headers.contains_key(header::AUTHORIZATION) => "the credentials are not a bearer token",
            (None, None) => "the token is missing",
            _ => "the token is wrong",
        };
        let or = self.header.as_ref().map_or(String::new(), |name| format!(", or {name}: TOKEN"));
        let message = format!("{what}; send the token of [listen] in the header authorization: Bearer TOKEN{or}");
        Err(Problem::new(StatusCode::UNAUTHORIZED, 16, message))
    }
}

fn lock(token: &Mutex<Secret>) -> MutexGuard<'_, Secret> {
    token.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The token in `Bearer TOKEN`; the scheme is case-insensitive (RFC 9110, 11.1).
fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

/// Checks that a token fits in a header and is long enough.
fn good(text: &str) -> Result<Secret, String> {
    let token = text.trim();
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the token contains a space, a line break or another character that a header cannot carry".into());
    }
    match token.len() {
        length if length < SHORTEST => Err(format!(
            "a token of {length} characters can be guessed; use {SHORTEST} or more, for example from `openssl rand -hex 16`"
        )),
        _ => Ok(Secret::from(token.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "canary7f3a9canary7f3a9";

    fn admission(change: impl FnOnce(&mut config::Listen)) -> Result<Admission, String> {
        let mut settings = config::Listen::default();
        change(&mut settings);
        Admission::new(&settings, |name| (name == "TOKEN").then(|| TOKEN.to_owned()))
    }

    fn admits(admission: &Admission, name: &'static str, value: &str) -> bool {
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())]);
        admission.admit(&headers).is_ok()
    }

    #[test]
    fn without_a_token_every_sender_is_admitted() {
        let admission = admission(|_| {}).unwrap();
        assert!(admission.is_open() && admission.admit(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn only_the_right_token_is_admitted() {
        let admission = admission(|listen| listen.token = TOKEN.to_owned().into()).unwrap();
        assert!(!admission.is_open() && admission.admit(&HeaderMap::new()).is_err());
        for (value, is_right) in [
            (format!("Bearer {TOKEN}"), true),
            (format!("bearer  {TOKEN} "), true),
            (format!("Bearer {TOKEN}x"), false),
            (format!("Bearer {}", &TOKEN[1..]), false),
            (format!("Basic {TOKEN}"), false),
            (TOKEN.to_owned(), false),
            ("Bearer ".to_owned(), false),
            ("Bearer".to_owned(), false),
        ] {
            assert_eq!(admits(&admission, "authorization", &value), is_right, "{value}");
        }
        assert!(!admits(&admission, "x-api-key", TOKEN));
    }

    #[test]
    fn the_api_key_header_may_carry_the_token() {
        let admission = admission(|listen| {
            (listen.token_env, listen.api_key_header) = ("TOKEN".into(), "X-Api-Key".into());
        })
        .unwrap();
        assert!(admits(&admission, "x-api-key", TOKEN));
        assert!(admits(&admission, "authorization", &format!("Bearer {TOKEN}")));
        assert!(!admits(&admission, "x-api-key", "wrong"));
    }

    #[test]
    fn a_refusal_shows_neither_token() {
        let admission = admission(|listen| listen.token = TOKEN.to_owned().into()).unwrap();
        for shown in ["Bearer presented", "Basic presented"] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, shown.parse().unwrap())]);
            let problem = admission.admit(&headers).unwrap_err();
            assert_eq!((problem.status, problem.code), (StatusCode::UNAUTHORIZED, 16));
            let printed = format!("{problem:?} {admission:?}");
            assert!(!printed.contains("presented") && !printed.contains("canary"), "{printed}");
        }
    }

    #[test]
    fn an_invalid_token_file_keeps_the_last_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, format!("{TOKEN}\n")).unwrap();
        let admission = admission(|listen| listen.token_file = path.clone()).unwrap();
        let admits = |token: &str| admits(&admission, "authorization", &format!("Bearer {token}"));
        let other = TOKEN.to_uppercase();
        std::fs::write(&path, &other).unwrap();
        assert!(admits(TOKEN) && !admits(&other), "the file is not read for every request");
        assert_eq!(admission.reload(), Ok(()));
        assert!(admits(&other) && !admits(TOKEN));
        for text in ["", "canary"] {
            std::fs::write(&path, text).unwrap();
            let error = admission.reload().unwrap_err();
            assert!(error.starts_with("token_file: ") && !error.contains("canary"), "{error}");
            assert!(admits(&other) && !admits(text));
        }
        std::fs::remove_file(&path).unwrap();
        assert!(admission.reload().is_err() && admits(&other));
    }

    #[test]
    fn errors_name_the_key_without_the_token() {
        let token = |text: &str| Secret::from(text.to_owned());
        let of_token = |text: &str| admission(|listen| listen.token = token(text));
        let both = admission(|listen| (listen.token, listen.token_env) = (token(TOKEN), "TOKEN".into()));
        let header = admission(|listen| (listen.token, listen.api_key_header) = (token(TOKEN), "bad name".into()));
        for (result, words) in [
            (of_token("canary"), ["token: ", "openssl rand"]),
            (of_token("canary canary canary"), ["token: ", "space"]),
            (both, ["token and token_env", "only one"]),
            (admission(|listen| listen.token_env = "UNSET".into()), ["token_env: ", "UNSET"]),
            (admission(|listen| listen.token_file = "/nowhere/token".into()), ["token_file: ", "/nowhere/token"]),
            (admission(|listen| listen.api_key_header = "X-Api-Key".into()), ["api_key_header: ", "no token"]),
            (header, ["api_key_header: ", "bad name"]),
        ] {
            let error = result.unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)) && !error.contains("canary"), "{error}");
        }
    }
}
