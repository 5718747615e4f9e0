//! Where a secret comes from: the configuration, the environment, a file or the keyring; only one of them may be set.

use crate::config::Secret;
use crate::files;
use std::path::Path;

/// Where a secret comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum SecretOrigin<'a> {
    Here(&'a Secret),
    /// An environment variable.
    Variable(&'a str),
    File(&'a Path),
    /// `SERVICE/USER` in the operating system's keyring.
    Keyring(&'a str),
}

/// Returns the only key that is set, if any.
///
/// # Errors
///
/// A message if two keys are set.
pub(super) fn one_of<'a, const N: usize>(
    keys: [(&'static str, Option<SecretOrigin<'a>>); N],
) -> Result<Option<(&'static str, SecretOrigin<'a>)>, String> {
    let mut said = keys.into_iter().filter_map(|(key, place)| Some((key, place?)));
    match (said.next(), said.next()) {
        (Some((first, _)), Some((second, _))) => {
            Err(format!("{first} and {second} are both set, but only one may be; remove one"))
        }
        (only, _) => Ok(only),
    }
}

impl SecretOrigin<'_> {
    /// Reads the secret; `variable` looks up an environment variable. May read a file or ask the keyring, so do not call it
    /// on an async worker.
    ///
    /// # Errors
    ///
    /// A message without the secret.
    pub fn read(self, variable: impl Fn(&str) -> Option<String>) -> Result<Secret, String> {
        match self {
            SecretOrigin::Here(secret) => Ok(secret.clone()),
            SecretOrigin::Variable(name) => {
                let value = variable(name).filter(|value| !value.is_empty());
                value.map(Secret::from).ok_or_else(|| format!("the environment has no variable {name}, or it is empty"))
            }
            SecretOrigin::File(path) => secret_file(path),
            SecretOrigin::Keyring(entry) => of_keyring(entry),
        }
    }
}

/// Reads a file that contains a secret.
pub(super) fn secret_file(path: &Path) -> Result<Secret, String> {
    match files::read_text(path, files::SECRET) {
        Ok(text) if text.is_empty() => Err(format!("{} is empty", path.display())),
        Ok(text) => Ok(text.into()),
        Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
    }
}

#[cfg(feature = "keyring")]
fn of_keyring(entry: &str) -> Result<Secret, String> {
    let (service, user) = entry.split_once('/').ok_or("no slash; use the form `SERVICE/USER`")?;
    let secret = keyring::Entry::new(service, user).and_then(|entry| entry.get_password());
    secret.map(Secret::from).map_err(|error| format!("{entry}: {error}"))
}

#[cfg(not(feature = "keyring"))]
fn of_keyring(_: &str) -> Result<Secret, String> {
    Err("this otail was built without keyring support; build it with `--features keyring`, or use token_env or token_file".into())
}
