//! Where each setting was said: a line of the file, or a variable of the environment.

use super::place::Places;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where settings were said.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Origins {
    file: Option<PathBuf>,
    /// `listen.grpc`, `source.0.url`, and its line.
    lines: BTreeMap<String, usize>,
    /// `listen.grpc`, and the variable that stands over the file.
    variables: BTreeMap<String, String>,
}

/// Where one was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// In a file, in this line.
    File(PathBuf, usize),
    /// By a variable of the environment of this name.
    Variable(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::File(path, line) => write!(f, "in the configuration {}, line {line}", path.display()),
            Origin::Variable(name) => write!(f, "in the environment: {name}"),
        }
    }
}

impl Origins {
    pub(super) fn of_file(path: &Path, text: &str) -> Origins {
        let places = Places::of(text);
        let lines = places.lines().map(|(path, line)| (path.join("."), line)).collect();
        Origins { file: Some(path.into()), lines, variables: BTreeMap::new() }
    }

    pub(super) fn add_variable(&mut self, name: &str, section: &str, key: &str) {
        self.variables.insert(format!("{section}.{key}"), name.to_owned());
    }

    /// Where a setting was said; `None` where nobody said it.
    pub fn of(&self, section: &str, key: &str) -> Option<Origin> {
        let setting = format!("{section}.{key}");
        let variable = self.variables.get(&setting).cloned().map(Origin::Variable);
        variable.or_else(|| self.line(&setting))
    }

    /// Where a setting of a `[[source]]`, from 0, was said, else where that begins.
    pub fn of_source(&self, index: usize, key: &str) -> Option<Origin> {
        self.line(&format!("source.{index}.{key}")).or_else(|| self.line(&format!("source.{index}")))
    }

    /// What is wrong with a section, in words that begin with the key, with where it was said before them: `in the
    /// configuration FILE, line 3: listen.cert: …`, `in the environment: OTAIL_LISTEN_CERT: …`.
    pub fn located(&self, section: &str, about: &str) -> String {
        // Two that exclude each other: `token and token_env are both set`.
        let key = about.split([':', ' ']).next().unwrap_or_default();
        match self.of(section, key) {
            Some(Origin::Variable(name)) if about.starts_with(&format!("{key}: ")) => {
                format!("in the environment: {name}{}", &about[key.len()..])
            }
            Some(origin) => format!("{origin}: {section}.{about}"),
            None => format!("{section}.{about}"),
        }
    }

    fn line(&self, setting: &str) -> Option<Origin> {
        Some(Origin::File(self.file.clone()?, *self.lines.get(setting)?))
    }
}
