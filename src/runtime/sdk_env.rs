//! The environment variables that an SDK needs, besides address and protocol, to send to a receiver with a token or TLS.

use crate::config::Listen;

/// Shell assignments, `NAME=value`. The token itself appears in none of them.
pub(super) fn variables(listen: &Listen) -> Vec<String> {
    let path = |path: &std::path::Path| quoted(&path.display().to_string());
    let is_set = |path: &std::path::Path| !path.as_os_str().is_empty();
    let token = match listen {
        Listen { token, .. } if !token.is_empty() => Some("TOKEN".to_owned()),
        Listen { token_env, .. } if !token_env.is_empty() => Some(format!("${token_env}")),
        Listen { token_file, .. } if is_set(token_file) => Some(format!("$(cat {})", path(token_file))),
        _ => None,
    };
    let mut variables = Vec::new();
    if let Some(token) = token {
        variables.push(format!("OTEL_EXPORTER_OTLP_HEADERS=\"authorization=Bearer%20{token}\""));
    }
    if is_set(&listen.cert) {
        variables.push(format!("OTEL_EXPORTER_OTLP_CERTIFICATE={}", path(&listen.cert)));
    }
    if is_set(&listen.client_ca) {
        variables.push("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=FILE".to_owned());
        variables.push("OTEL_EXPORTER_OTLP_CLIENT_KEY=FILE".to_owned());
    }
    variables
}

/// The text as one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%:".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_name_the_place_of_the_token_only() {
        let of = |listen: Listen| variables(&listen).join(" ");
        let usual = Listen::default;
        assert_eq!(of(usual()), "");
        let header = "OTEL_EXPORTER_OTLP_HEADERS=\"authorization=Bearer%20";
        assert_eq!(of(Listen { token: "canary".to_owned().into(), ..usual() }), format!("{header}TOKEN\""));
        assert_eq!(of(Listen { token_env: "MINE".into(), ..usual() }), format!("{header}$MINE\""));
        assert_eq!(of(Listen { token_file: "/a b".into(), ..usual() }), format!("{header}$(cat '/a b')\""));
        let tls = Listen { cert: "/c.pem".into(), key: "/k.pem".into(), client_ca: "/ca.pem".into(), ..usual() };
        assert_eq!(
            variables(&tls),
            [
                "OTEL_EXPORTER_OTLP_CERTIFICATE=/c.pem",
                "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=FILE",
                "OTEL_EXPORTER_OTLP_CLIENT_KEY=FILE"
            ]
        );
    }
}
