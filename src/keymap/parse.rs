//! The keymap file.

use super::{Rule, read_key};
use crate::app::{Action, Context};
use crokey::KeyCombination;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a keymap was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeymapError {
    /// It is no TOML, or has keys that no rule has; the message points at the place.
    #[error("the keymap cannot be read: {0}")]
    Syntax(String),
    /// There is no such part of the screen.
    #[error("the keymap has rules for `{0}`; there are {known}", known = Context::ALL.map(Context::name).join(", "))]
    Context(String),
    /// There is no such key.
    #[error("`{key}` in the keymap's `{context}` is no key; write it like `j`, `G`, `ctrl-d`, `pagedown`, `space`")]
    Key {
        /// As it stands there.
        key: String,
        /// Where.
        context: &'static str,
    },
    /// Terminals cannot tell it from another.
    #[error("`{0}` in the keymap: terminals send it for Backspace, Tab or Enter")]
    Ambiguous(String),
    /// There is no such action.
    #[error("`{action}` in the keymap's `{context}` is no action")]
    Action {
        /// As it stands there.
        action: String,
        /// Where.
        context: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    on: Vec<String>,
    run: String,
    #[serde(default)]
    does: String,
    #[serde(default)]
    footer: String,
}

/// The rules of a file, context by context in the order of the help, each context's in the order of the file.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, KeymapError> {
    let file: BTreeMap<String, Vec<Written>> =
        toml::from_str(text).map_err(|error| KeymapError::Syntax(error.to_string()))?;
    if let Some(unknown) = file.keys().find(|name| Context::from_name(name).is_none()) {
        return Err(KeymapError::Context(unknown.clone()));
    }
    let written = Context::ALL.into_iter().filter_map(|context| Some((context, file.get(context.name())?)));
    written.flat_map(|(context, rules)| rules.iter().map(move |rule| read(context, rule))).collect()
}

fn read(context: Context, rule: &Written) -> Result<Rule, KeymapError> {
    let keys = rule.on.iter().map(|key| read_on(context, key)).collect::<Result<_, _>>()?;
    let action = Action::from_name(&rule.run)
        .ok_or_else(|| KeymapError::Action { action: rule.run.clone(), context: context.name() })?;
    Ok(Rule { context, keys, action, does: rule.does.clone(), footer: rule.footer.clone() })
}

fn read_on(context: Context, name: &str) -> Result<KeyCombination, KeymapError> {
    let key = read_key(name).ok_or_else(|| KeymapError::Key { key: name.to_owned(), context: context.name() })?;
    let ambiguous = ["ctrl-h", "ctrl-i", "ctrl-j", "ctrl-m"].into_iter().filter_map(read_key).any(|bad| bad == key);
    if ambiguous { Err(KeymapError::Ambiguous(name.to_owned())) } else { Ok(key) }
}
