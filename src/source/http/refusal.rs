//! Answers without success: which error each status is, with the server's own reason if it sends one.

use super::super::credentials::Auth;
use super::super::error::SourceError;
use super::super::options::Options;
use super::session::Session;
use crate::model::{CredentialsOrigin, visible};
use crate::net::{Answer, retry_after};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, WWW_AUTHENTICATE};
use std::time::Duration;

/// How much of an error's body to read for the server's reason, in bytes, and for how long.
const REASON: (usize, Duration) = (4_096, Duration::from_secs(2));

/// The error for a status that is not a success.
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
                    "{answered}: no credentials were sent; give them{scheme} with --token-env VAR, --basic-env VAR or \
                     --header-file FILE"
                ),
                Some(what) => format!("{answered}: the server refused {what}; give valid credentials{scheme}"),
            })
        }
        StatusCode::FORBIDDEN => SourceError::Final(match sent(options) {
            None => format!("{answered}: no credentials were sent; give them with --token-env VAR"),
            Some(what) => {
                format!("{answered}: {what} may not read this; ask the owner for access, or give other credentials")
            }
        }),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => session.passing(answered, retry_after(headers)),
        _ if status.is_server_error() => session.passing(answered, retry_after(headers)),
        _ => SourceError::Final(format!("{answered}; check the URL")),
    }
}

/// The kind and origin of the credentials that were sent, never the secret itself.
fn sent(options: &Options) -> Option<String> {
    let what = match options.auth {
        Auth::None if options.headers.is_empty() => return None,
        Auth::None => return Some("the headers that were sent".to_owned()),
        Auth::Basic(_) => "the user and password",
        Auth::Bearer(_) | Auth::BearerFile(_) => "the token",
    };
    Some(match &options.credentials {
        CredentialsOrigin::None => what.to_owned(),
        CredentialsOrigin::Configuration => format!("{what} from the configuration"),
        CredentialsOrigin::Variable(name) => format!("{what} in ${name}"),
        CredentialsOrigin::File(path) => format!("{what} in {}", path.display()),
        CredentialsOrigin::Keyring => format!("{what} in the keyring"),
        CredentialsOrigin::Typed => format!("{what} that you typed"),
    })
}

/// Adds the server's own reason, if it sends one.
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
    // A timeout is fine: use what has arrived.
    let _ = tokio::time::timeout(REASON.1, read).await;
    let Some(reason) = reason(&body) else { return error };
    let with_reason_text = |message: String| format!("{message} ({reason})");
    match error {
        SourceError::Passing { message, not_before } => {
            SourceError::Passing { message: with_reason_text(message), not_before }
        }
        SourceError::NotUp(message) => SourceError::NotUp(with_reason_text(message)),
        SourceError::Final(message) => SourceError::Final(with_reason_text(message)),
        SourceError::Credentials(message) => SourceError::Credentials(with_reason_text(message)),
    }
}

/// Finds the reason in JSON under the usual names, or takes the first line of text.
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
        assert!(unauthorized.contains("no credentials were sent; give them with --token-env VAR"), "{unauthorized}");
        assert!(forbidden.contains("no credentials were sent"), "{forbidden}");
        let token = Auth::Bearer("canary".to_owned().into());
        let [unauthorized, forbidden] = of(token, CredentialsOrigin::Variable("TOKEN".into()));
        assert!(unauthorized.contains("the server refused the token in $TOKEN"), "{unauthorized}");
        assert!(forbidden.contains("the token in $TOKEN may not read this"), "{forbidden}");
        assert!(!format!("{unauthorized}{forbidden}").contains("canary"));
    }

    #[test]
    fn a_reason_is_found_under_the_usual_names() {
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
