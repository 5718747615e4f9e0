//! Parses the keymap file.

use super::{Rule, key_name, read_key};
use crate::app::screens::Screen;
use crate::app::{Action, Context};
use crate::config::nearest;
use crokey::KeyCombination;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use toml::Spanned;

/// Why a keymap is invalid.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeymapError {
    /// Invalid TOML, or an unknown field of a rule; the message names the position.
    #[error("{0}")]
    Syntax(String),
    /// An unknown name or a conflict.
    #[error("line {line}: {problem}")]
    Rule {
        /// Counted from 1.
        line: usize,
        /// The cause and the remedy.
        problem: String,
    },
    /// No key would quit the program.
    #[error("none of `quit`, `leave` and `command` has a key in `global`: no key would quit otail")]
    NoWayOut,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    on: Vec<Spanned<String>>,
    run: Spanned<String>,
    #[serde(default)]
    does: String,
    #[serde(default)]
    footer: String,
}

/// The rules of a file: contexts in the order of the help, each context's rules in the order of the file.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, KeymapError> {
    let file: BTreeMap<Spanned<String>, Vec<Written>> =
        toml::from_str(text).map_err(|error| KeymapError::Syntax(error.to_string().trim_end().to_owned()))?;
    let reader = Reader { text };
    if let Some(unknown) = file.keys().find(|name| Context::from_name(name.get_ref()).is_none()) {
        let known: Vec<&str> = Context::all().map(Context::name).collect();
        return Err(reader.wrong(unknown, format!("`{}` is not a context", unknown.get_ref()), &known));
    }
    let mut rules = Vec::new();
    for context in Context::all() {
        let mut seen: HashMap<KeyCombination, &str> = HashMap::new();
        let written = file.iter().find(|(name, _)| name.get_ref() == context.name()).map(|(_, written)| &written[..]);
        for rule in written.unwrap_or_default() {
            let read = reader.rule(context, rule)?;
            for (key, place) in read.keys.iter().zip(&rule.on) {
                if let Some(before) = seen.insert(*key, rule.run.get_ref()).filter(|run| run != rule.run.get_ref()) {
                    let key = key_name(*key);
                    let problem =
                        format!("`{key}` has two actions in `{}`: {before} and {}", context.name(), rule.run.get_ref());
                    return Err(reader.wrong(place, problem, &[]));
                }
            }
            rules.push(read);
        }
    }
    Ok(rules)
}

/// `pause` outside Sources is the old name of `freeze`.
fn renamed(context: Context, action: Action) -> Action {
    match action {
        Action::Pause if context != Context::Screen(Screen::Sources) => Action::Freeze,
        action => action,
    }
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn rule(&self, context: Context, rule: &Written) -> Result<Rule, KeymapError> {
        let keys = rule.on.iter().map(|key| self.key(key)).collect::<Result<_, _>>()?;
        let name = rule.run.get_ref();
        let action = Action::from_name(name).map(|action| renamed(context, action)).ok_or_else(|| {
            let known: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
            self.wrong(&rule.run, format!("`{name}` is not an action"), &known)
        })?;
        Ok(Rule { context, keys, action, does: rule.does.clone(), footer: rule.footer.clone() })
    }

    fn key(&self, name: &Spanned<String>) -> Result<KeyCombination, KeymapError> {
        let Some(key) = read_key(name.get_ref()) else {
            let problem =
                format!("`{}` is not a key; write for example `j`, `G`, `ctrl-d`, `pagedown`, `space`", name.get_ref());
            return Err(self.wrong(name, problem, &[]));
        };
        let ambiguous = ["ctrl-h", "ctrl-i", "ctrl-j", "ctrl-m"].into_iter().filter_map(read_key).any(|bad| bad == key);
        match ambiguous {
            true => {
                let problem =
                    format!("terminals send `{}` for Backspace, Tab or Enter; choose another key", name.get_ref());
                Err(self.wrong(name, problem, &[]))
            }
            false => Ok(key),
        }
    }

    /// An error at this position. It proposes the most similar of the known names, or lists all.
    fn wrong(&self, at: &Spanned<String>, mut problem: String, known: &[&str]) -> KeymapError {
        match nearest(at.get_ref(), known.iter().copied()) {
            Some(meant) => problem.push_str(&format!("; did you mean `{meant}`?")),
            None if known.is_empty() => {}
            None => problem.push_str(&format!("; choose one of {}", known.join(", "))),
        }
        let before = self.text.get(..at.span().start).unwrap_or_default();
        KeymapError::Rule { line: before.matches('\n').count() + 1, problem }
    }
}
