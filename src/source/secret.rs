//! Where a secret may stand: in the configuration, the environment, a file or the keyring, and in one of them only.

use crate::config::Secret;
use crate::files;
use std::path::Path;

/// Where a secret is.
#[derive(Clone, Copy, Debug)]
pub(super) enum SecretOrigin<'a> {
    Here(&'a Secret),
    /// A variable of the environment.
    Variable(&'a str),
    File(&'a Path),
    /// `SERVICE/USER` of the operating system's keyring.
    Keyring(&'a str),
}

/// The one of the keys that says where the secret is; none where none does.
///
/// # Errors
///
/// In words, when two do.
pub(super) fn one_of<'a, const N: usize>(
    keys: [(&'static str, Option<SecretOrigin<'a>>); N],
) -> Result<Option<(&'static str, SecretOrigin<'a>)>, String> {
    let mut said = keys.into_iter().filter_map(|(key, place)| Some((key, place?)));
    match (said.next(), said.next()) {
        (Some((first, _)), Some((second, _))) => {
            Err(format!("{first} and {second} are both set, and one secret is asked for; remove one"))
        }
        (only, _) => Ok(only),
    }
}

impl SecretOrigin<'_> {
    /// The secret; `variable` looks one up in the environment. Reads files and asks the keyring, and so belongs on no async
    /// worker.
    ///
    /// # Errors
    ///
    /// In words that do not show it.
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

/// What is in a file of a secret.
pub(super) fn secret_file(path: &Path) -> Result<Secret, String> {
    match files::read_text(path, files::SECRET) {
        Ok(text) if text.is_empty() => Err(format!("{} is empty", path.display())),
        Ok(text) => Ok(text.into()),
        Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
    }
}

#[cfg(feature = "keyring")]
fn of_keyring(entry: &str) -> Result<Secret, String> {
    let (service, user) = entry.split_once('/').ok_or("`SERVICE/USER` is expected")?;
    let secret = keyring::Entry::new(service, user).and_then(|entry| entry.get_password());
    secret.map(Secret::from).map_err(|error| format!("{entry}: {error}"))
}

#[cfg(not(feature = "keyring"))]
fn of_keyring(_: &str) -> Result<Secret, String> {
    Err("this otail was built without it; build it with `--features keyring`, or use token_env or token_file".into())
}
