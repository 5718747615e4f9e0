//! Answers that are none: what to do about each (rulings G6, G7), in the server's own words where it has some.

use super::super::credentials::Auth;
use super::super::error::SourceError;
use super::super::options::Options;
use super::session::Session;
use crate::model::{CredentialsOrigin, visible};
use crate::net::{Answer, retry_after};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, WWW_AUTHENTICATE};
use std::time::Duration;

/// How much of a refusal's body is read for the server's reason, and how long it may take.
const REASON: (usize, Duration) = (4_096, Duration::from_secs(2));

/// What a status means that is no success.
pub(super) fn refused(
    url: &str,
    status: StatusCode,
    headers: &HeaderMap,
    session: &Session,
    options: &Options,
) -> SourceError {
    let answered = format!("{url} answered {status}");
    match status {
        StatusCode::UNAUTHORIZED => {
            let scheme = headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
            let scheme = scheme.and_then(|value| value.split([' ', ',']).next()).unwrap_or_default();
            let scheme = if scheme.is_empty() { String::new() } else { format!(" ({})", visible(scheme)) };
            SourceError::Credentials(match sent(options) {
                None => format!(
                    "{answered}: it wants credentials{scheme}; give them with --token-env VAR, --basic-env VAR or \
                     --header-file FILE"
                ),
                Some(what) => format!("{answered}: it refused {what}; give credentials{scheme} that are valid"),
            })
        }
        StatusCode::FORBIDDEN => SourceError::Final(match sent(options) {
            None => format!("{answered}: it may not be read without credentials; give them with --token-env VAR"),
            Some(what) => format!("{answered}: {what} may not read this; ask for the right to, or give others"),
        }),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => session.passing(answered, retry_after(headers)),
        _ if status.is_server_error() => session.passing(answered, retry_after(headers)),
        _ => SourceError::Final(format!("{answered}: check the URL")),
    }
}

/// The credentials that were sent, by what they are and where they come from; never the secret.
fn sent(options: &Options) -> Option<String> {
    let what = match options.auth {
        Auth::None if options.headers.is_empty() => return None,
        Auth::None => return Some("the headers that were sent".to_owned()),
        Auth::Basic(_) => "the user and password",
        Auth::Bearer(_) | Auth::BearerFile(_) => "the token",
    };
    Some(match &options.credentials {
        CredentialsOrigin::None => what.to_owned(),
        CredentialsOrigin::Configuration => format!("{what} of the configuration"),
        CredentialsOrigin::Variable(name) => format!("{what} in ${name}"),
        CredentialsOrigin::File(path) => format!("{what} in {}", path.display()),
        CredentialsOrigin::Keyring => format!("{what} in the keyring"),
        CredentialsOrigin::Typed => format!("{what} that you typed"),
    })
}

/// A refusal in the server's own words, where it has some.
pub(super) async fn with_reason(error: SourceError, mut response: Answer) -> SourceError {
    let is_text = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("text/plain") || essence.ends_with("json")
    });
    if response.status().is_success() || !is_text {
        return error;
    }
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > REASON.0 {
                break;
            }
        }
    };
    // What has come until then will do.
    let _ = tokio::time::timeout(REASON.1, read).await;
    let Some(reason) = reason(&body) else { return error };
    let told = |message: String| format!("{message} ({reason})");
    match error {
        SourceError::Passing { message, not_before } => SourceError::Passing { message: told(message), not_before },
        SourceError::NotUp(message) => SourceError::NotUp(told(message)),
        SourceError::Final(message) => SourceError::Final(told(message)),
        SourceError::Credentials(message) => SourceError::Credentials(told(message)),
    }
}

/// The words of a JSON error by the names that they usually have, or the first line of a text.
fn reason(body: &[u8]) -> Option<String> {
    const LONGEST: usize = 200;
    let text = String::from_utf8_lossy(body);
    let text = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(json) => {
            let error = &json["error"];
            let words = [&json["message"], &error["message"], error, &json["detail"], &json["title"], &json];
            words.into_iter().find_map(|words| words.as_str())?.to_owned()
        }
        Err(_) => text.lines().find(|line| !line.trim().is_empty())?.trim().to_owned(),
    };
    Some(visible(&text.chars().take(LONGEST).collect::<String>())).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_credentials_and_no_secret() {
        let url = "http://h/";
        let of = |auth, credentials| {
            let options = Options { auth, credentials, ..Options::of_all(&crate::config::Provider::default()) };
            let refused = |status| refused(url, status, &HeaderMap::new(), &Session::default(), &options).to_string();
            [refused(StatusCode::UNAUTHORIZED), refused(StatusCode::FORBIDDEN)]
        };
        let [unauthorized, forbidden] = of(Auth::None, CredentialsOrigin::None);
        assert!(unauthorized.contains("it wants credentials; give them with --token-env VAR"), "{unauthorized}");
        assert!(forbidden.contains("may not be read without credentials"), "{forbidden}");
        let token = Auth::Bearer("canary".to_owned().into());
        let [unauthorized, forbidden] = of(token, CredentialsOrigin::Variable("TOKEN".into()));
        assert!(unauthorized.contains("it refused the token in $TOKEN"), "{unauthorized}");
        assert!(forbidden.contains("the token in $TOKEN may not read this"), "{forbidden}");
        assert!(!format!("{unauthorized}{forbidden}").contains("canary"));
    }

    #[test]
    fn a_reason_is_found_under_its_usual_names() {
        for (body, found) in [
            (r#"{"message":"a"}"#, Some("a")),
            (r#"{"error":"b"}"#, Some("b")),
            (r#"{"detail":"c"}"#, Some("c")),
            ("\n  plain words \nmore", Some("plain words")),
            (r#"{"code":7}"#, None),
            ("", None),
        ] {
            assert_eq!(reason(body.as_bytes()).as_deref(), found, "{body}");
        }
    }
}
