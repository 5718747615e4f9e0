//! Checks the token that `[listen]` asks senders for.

use super::problem::Problem;
use crate::config::{self, Secret};
use crate::source::secret::{SecretOrigin, one_of, secret_file};
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use subtle::ConstantTimeEq;

/// The door's rule.
#[derive(Debug)]
pub(super) struct Admission {
    token: Token,
    /// A header that may carry the token alone, beside `authorization: Bearer TOKEN`.
    header: Option<HeaderName>,
}

#[derive(Debug)]
enum Token {
    /// Everybody may send.
    None,
    Fixed(Secret),
    /// Where it is, and the last there that was good: tokens are changed under way, requests come by the thousand, and a file
    /// may lie on a slow disk.
    File(PathBuf, Mutex<Secret>),
}

/// Characters of the shortest token: 64 bits at the very least, since nothing here slows down who guesses.
const SHORTEST: usize = 16;

impl Admission {
    /// What the settings say; `variable` looks one up in the environment.
    ///
    /// # Errors
    ///
    /// In words that begin with the key and never show the token.
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
                false => Err("api_key_header: no token is set that it could carry".into()),
            };
        };
        let token = place.read(variable).and_then(|token| good(token.expose()));
        let token = token.map_err(|error| format!("{key}: {error}"))?;
        let header = match settings.api_key_header.as_str() {
            "" => None,
            name => Some(
                HeaderName::try_from(name)
                    .map_err(|_| format!("api_key_header: `{name}` is no name of a header, like X-Api-Key"))?,
            ),
        };
        let token = match place {
            SecretOrigin::File(path) => Token::File(path.into(), Mutex::new(token)),
            _ => Token::Fixed(token),
        };
        Ok(Admission { token, header })
    }

    /// Whether a token must be shown.
    pub fn is_open(&self) -> bool {
        matches!(self.token, Token::None)
    }

    /// Whether the token lies in a file, and so may change.
    pub fn is_of_file(&self) -> bool {
        matches!(self.token, Token::File(..))
    }

    /// Reads the token again where it lies in a file, and so belongs on no async worker.
    ///
    /// # Errors
    ///
    /// As [`Admission::new`]. The token stays then: while a file is being changed it may be empty, and a sender who is refused
    /// does not come back.
    pub fn renew(&self) -> Result<(), String> {
        let Token::File(path, last) = &self.token else { return Ok(()) };
        let read = secret_file(path).and_then(|text| good(text.expose()));
        *lock(last) = read.map_err(|error| format!("token_file: {error}"))?;
        Ok(())
    }

    /// Lets in a request with these headers, or metadata of gRPC, which are the same.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let token = match &self.token {
            Token::None => return Ok(()),
            Token::Fixed(token) => token.clone(),
            Token::File(_, last) => lock(last).clone(),
        };
        let shown = headers.get(header::AUTHORIZATION).and_then(bearer);
        let key = self.header.as_ref().and_then(|name| headers.get(name)).map(HeaderValue::as_bytes);
        // The time that it takes tells how long the token is, and nothing of what is in it.
        let is_right = |shown: &[u8]| bool::from(shown.ct_eq(token.expose().as_bytes()));
        if [shown, key].into_iter().flatten().any(is_right) {
            return Ok(());
        }
        let what = match (shown, key) {
            (None, None) if headers.contains_key(header::AUTHORIZATION) => "the credentials are no bearer token",
            (None, None) => "the token of [listen] is missing",
            _ => "the token is not the one of [listen]",
        };
        let or = self.header.as_ref().map_or(String::new(), |name| format!(", or {name}: TOKEN"));
        let message = format!("{what}; send the header authorization: Bearer TOKEN{or}");
        Err(Problem::new(StatusCode::UNAUTHORIZED, 16, message))
    }
}

fn lock(token: &Mutex<Secret>) -> MutexGuard<'_, Secret> {
    token.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The token of `Bearer TOKEN`, whose scheme is without case (RFC 9110, 11.1).
fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

/// A token that can be sent and is not to be guessed.
fn good(text: &str) -> Result<Secret, String> {
    let token = text.trim();
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the token holds a space, a line's end or another character that a header does not carry".into());
    }
    match token.len() {
        length if length < SHORTEST => Err(format!(
            "a token of {length} characters can be guessed; take {SHORTEST} or more, as of `openssl rand -hex 16`"
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
    fn without_a_token_everybody_may_send() {
        let admission = admission(|_| {}).unwrap();
        assert!(admission.is_open() && admission.admit(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn the_token_lets_in_and_nothing_else_does() {
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
    fn a_header_that_is_named_may_carry_the_token_alone() {
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
            let told = format!("{problem:?} {admission:?}");
            assert!(!told.contains("presented") && !told.contains("canary"), "{told}");
        }
    }

    #[test]
    fn a_file_of_a_token_is_renewed_and_one_that_is_of_no_use_leaves_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, format!("{TOKEN}\n")).unwrap();
        let admission = admission(|listen| listen.token_file = path.clone()).unwrap();
        let admits = |token: &str| admits(&admission, "authorization", &format!("Bearer {token}"));
        let other = TOKEN.to_uppercase();
        std::fs::write(&path, &other).unwrap();
        assert!(admits(TOKEN) && !admits(&other), "it is not read for every request");
        assert_eq!(admission.renew(), Ok(()));
        assert!(admits(&other) && !admits(TOKEN));
        for text in ["", "canary"] {
            std::fs::write(&path, text).unwrap();
            let error = admission.renew().unwrap_err();
            assert!(error.starts_with("token_file: ") && !error.contains("canary"), "{error}");
            assert!(admits(&other) && !admits(text));
        }
        std::fs::remove_file(&path).unwrap();
        assert!(admission.renew().is_err() && admits(&other));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_key_and_without_the_token() {
        let token = |text: &str| Secret::from(text.to_owned());
        let of_token = |text: &str| admission(|listen| listen.token = token(text));
        let both = admission(|listen| (listen.token, listen.token_env) = (token(TOKEN), "TOKEN".into()));
        let header = admission(|listen| (listen.token, listen.api_key_header) = (token(TOKEN), "bad name".into()));
        for (result, words) in [
            (of_token("canary"), ["token: ", "openssl rand"]),
            (of_token("canary canary canary"), ["token: ", "space"]),
            (both, ["token and token_env", "one secret"]),
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
