//! Who may send: whoever shows the token of `[listen]`, where one is set (N5).

use super::problem::Problem;
use crate::config::{self, Secret};
use crate::source::credentials::secret_file;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
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
    File(TokenFile),
}

/// A file of a token, read again once a second while requests come, since tokens are changed under way.
#[derive(Debug)]
struct TokenFile {
    path: PathBuf,
    seen: Mutex<Seen>,
}

/// What was in the file.
#[derive(Debug)]
struct Seen {
    at: Instant,
    /// The last that was good.
    token: Secret,
    /// Why what was there last is no token.
    fault: Option<String>,
}

/// Between two readings: requests come by the thousand, and a file may lie on a slow disk.
const REREAD: Duration = Duration::from_secs(1);

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
        let said: Vec<&str> = [
            ("token", !token.is_empty()),
            ("token_env", !token_env.is_empty()),
            ("token_file", !token_file.as_os_str().is_empty()),
        ]
        .into_iter()
        .filter_map(|(key, is_said)| is_said.then_some(key))
        .collect();
        let (key, token, of_file) = match said[..] {
            [] => ("token", None, None),
            ["token"] => ("token", Some(token.clone()), None),
            ["token_env"] => {
                let value = variable(token_env).filter(|value| !value.is_empty());
                let unset = || format!("token_env: the environment has no variable {token_env}, or it is empty");
                ("token_env", Some(Secret::from(value.ok_or_else(unset)?)), None)
            }
            [key] => {
                let read = secret_file(token_file).map_err(|error| format!("token_file: {error}"))?;
                (key, Some(read), Some(token_file.clone()))
            }
            [first, second, ..] => {
                return Err(format!("{first} and {second} are both set, but there is one token; remove one"));
            }
        };
        let Some(token) = token else {
            return match settings.api_key_header.is_empty() {
                true => Ok(Admission { token: Token::None, header: None }),
                false => Err("api_key_header: no token is set that it could carry".into()),
            };
        };
        let token = good(token.expose()).map_err(|error| format!("{key}: {error}"))?;
        let header = match settings.api_key_header.as_str() {
            "" => None,
            name => Some(
                HeaderName::try_from(name)
                    .map_err(|_| format!("api_key_header: `{name}` is no name of a header, like X-Api-Key"))?,
            ),
        };
        let token = match of_file {
            Some(path) => {
                let seen = Mutex::new(Seen { at: Instant::now(), token, fault: None });
                Token::File(TokenFile { path, seen })
            }
            None => Token::Fixed(token),
        };
        Ok(Admission { token, header })
    }

    /// Whether a token must be shown.
    pub fn is_open(&self) -> bool {
        matches!(self.token, Token::None)
    }

    /// Lets in a request with these headers, or metadata of gRPC, which are the same.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        self.admit_at(headers, Instant::now())
    }

    fn admit_at(&self, headers: &HeaderMap, now: Instant) -> Result<(), Problem> {
        let Some(token) = self.token(now) else { return Ok(()) };
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

    fn token(&self, now: Instant) -> Option<Secret> {
        match &self.token {
            Token::None => None,
            Token::Fixed(token) => Some(token.clone()),
            Token::File(file) => Some(file.token(now)),
        }
    }
}

impl TokenFile {
    fn token(&self, now: Instant) -> Secret {
        let mut seen = self.lock();
        if now.saturating_duration_since(seen.at) >= REREAD {
            seen.at = now;
            // Others are let in by the last token meanwhile, and do not wait for the disk.
            drop(seen);
            let read = secret_file(&self.path).and_then(|text| good(text.expose()));
            seen = self.lock();
            if let Some(error) = seen.note(read) {
                tracing::warn!(%error, "listen.token_file; the token that was read last holds");
            }
        }
        seen.token.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// Takes in what was read; returns a fault that was not there before. The token stays then: while a file is being changed
    /// it may be empty, and a sender who is refused does not come back.
    fn note(&mut self, read: Result<Secret, String>) -> Option<String> {
        match read {
            Ok(token) => {
                (self.token, self.fault) = (token, None);
                None
            }
            Err(fault) if self.fault.as_ref() == Some(&fault) => None,
            Err(fault) => self.fault.insert(fault).clone().into(),
        }
    }
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
        admits_at(admission, name, value, Instant::now())
    }

    fn admits_at(admission: &Admission, name: &'static str, value: &str, now: Instant) -> bool {
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())]);
        admission.admit_at(&headers, now).is_ok()
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
    fn a_file_of_a_token_is_read_again_after_a_second_and_one_that_is_of_no_use_leaves_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, format!("{TOKEN}\n")).unwrap();
        let begin = Instant::now();
        let admission = admission(|listen| listen.token_file = path.clone()).unwrap();
        let admits = |token: &str, minutes: u64| {
            let now = begin + Duration::from_secs(60 * minutes);
            admits_at(&admission, "authorization", &format!("Bearer {token}"), now)
        };
        let other = TOKEN.to_uppercase();
        std::fs::write(&path, &other).unwrap();
        assert!(admits(TOKEN, 0) && !admits(&other, 0), "it is not read for every request");
        assert!(admits(&other, 2) && !admits(TOKEN, 2));
        for (text, minutes) in [("", 4), ("short", 6)] {
            std::fs::write(&path, text).unwrap();
            assert!(admits(&other, minutes) && !admits(text, minutes));
        }
        std::fs::remove_file(&path).unwrap();
        assert!(admits(&other, 8));
    }

    #[test]
    fn a_fault_of_the_tokens_file_is_told_once_until_it_is_another() {
        let token = || Secret::from(TOKEN.to_owned());
        let mut seen = Seen { at: Instant::now(), token: token(), fault: None };
        let told = [Err("a"), Err("a"), Err("b"), Ok(()), Err("b")]
            .map(|read| seen.note(read.map(|()| token()).map_err(str::to_owned)).unwrap_or_default());
        assert_eq!(told, ["a", "", "b", "", "b"]);
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
            (both, ["token and token_env", "one token"]),
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
