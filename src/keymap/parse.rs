//! The keymap file.

use super::{Rule, key_name, read_key};
use crate::app::screens::Screen;
use crate::app::{Action, Context};
use crate::config::nearest;
use crokey::KeyCombination;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use toml::Spanned;

/// Why a keymap was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeymapError {
    /// It is no TOML, or has keys that no rule has; the message points at the place.
    #[error("{0}")]
    Syntax(String),
    /// A name in it means nothing here.
    #[error("line {line}: {problem}")]
    Rule {
        /// Counted from 1.
        line: usize,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// Nothing would be left to end the program with.
    #[error("none of `quit`, `leave` and `command` has a key in `global`: nothing would end otail")]
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

/// The rules of a file, context by context in the order of the help, each context's in the order of the file.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, KeymapError> {
    let file: BTreeMap<Spanned<String>, Vec<Written>> =
        toml::from_str(text).map_err(|error| KeymapError::Syntax(error.to_string().trim_end().to_owned()))?;
    let reader = Reader { text };
    if let Some(unknown) = file.keys().find(|name| Context::from_name(name.get_ref()).is_none()) {
        let known: Vec<&str> = Context::all().map(Context::name).collect();
        return Err(reader.wrong(unknown, format!("`{}` is no part of the screen", unknown.get_ref()), &known));
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

/// Outside of Sources `pause` froze the view before it was called `freeze`.
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
            self.wrong(&rule.run, format!("`{name}` is no action"), &known)
        })?;
        Ok(Rule { context, keys, action, does: rule.does.clone(), footer: rule.footer.clone() })
    }

    fn key(&self, name: &Spanned<String>) -> Result<KeyCombination, KeymapError> {
        let Some(key) = read_key(name.get_ref()) else {
            let problem =
                format!("`{}` is no key; write it like `j`, `G`, `ctrl-d`, `pagedown`, `space`", name.get_ref());
            return Err(self.wrong(name, problem, &[]));
        };
        let ambiguous = ["ctrl-h", "ctrl-i", "ctrl-j", "ctrl-m"].into_iter().filter_map(read_key).any(|bad| bad == key);
        match ambiguous {
            true => {
                let problem =
                    format!("terminals send `{}` for Backspace, Tab or Enter; choose another", name.get_ref());
                Err(self.wrong(name, problem, &[]))
            }
            false => Ok(key),
        }
    }

    /// What is wrong at a place; with names to choose from, the nearest, or else all.
    fn wrong(&self, at: &Spanned<String>, mut problem: String, known: &[&str]) -> KeymapError {
        match nearest(at.get_ref(), known.iter().copied()) {
            Some(meant) => problem.push_str(&format!("; did you mean `{meant}`?")),
            None if known.is_empty() => {}
            None => problem.push_str(&format!("; there are {}", known.join(", "))),
        }
        let before = self.text.get(..at.span().start).unwrap_or_default();
        KeymapError::Rule { line: before.matches('\n').count() + 1, problem }
    }
}
