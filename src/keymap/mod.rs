//! Maps keys to actions, from a file that also feeds the help and the footer.
//!
//! `assets/keymap.toml` is built in; the user's file has the same form and overrides it. A rule has a context, keys, an
//! action and a description. May import `app`, `config`. Start with [`Keymap::event`]. Deliberately not here: what an action
//! does (`app`), how the help looks (`ui`), reading the user's file (`config`).

mod file;
mod keys;
mod parse;

pub use keys::{key_name, read_key, written_key};
pub use parse::KeymapError;

use crate::app::screens::Screen;
use crate::app::{Action, Context, Event};
use crokey::KeyCombination;
use crokey::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::HashMap;

/// The rules of all contexts.
#[derive(Clone, Debug)]
pub struct Keymap {
    rules: Vec<Rule>,
    /// Rules that lost all their keys to the user's.
    unbound: Vec<Rule>,
    by_key: HashMap<(Context, KeyCombination), Action>,
}

/// A rule, which is also a line of the help.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The context in which it applies.
    pub context: Context,
    /// The keys. Help and footer show the first one first.
    pub keys: Vec<KeyCombination>,
    /// The action.
    pub action: Action,
    /// The description for the help.
    pub does: String,
    /// The footer's word; empty to leave it out of the footer.
    pub footer: String,
}

const BUILT_IN: &str = include_str!("../../assets/keymap.toml");

impl Keymap {
    /// The built-in keys with the user's rules on top. A key of a user's rule is taken from the built-in rule of the same
    /// context; the action's other built-in keys in that context are removed. Empty text changes nothing.
    ///
    /// # Errors
    /// If a rule has an unknown key, action or context, or a key that terminals send for another; if a key has two actions;
    /// or if no key is left to quit with.
    pub fn with(user: &str) -> Result<Keymap, KeymapError> {
        let mut rules = parse::rules(BUILT_IN)?;
        rules.extend(tabs(&rules));
        for mut rule in parse::rules(user)? {
            rule.context = home(&rule, &rules);
            for known in rules.iter_mut().filter(|known| known.context == rule.context) {
                known.keys.retain(|key| !rule.keys.contains(key));
            }
            let known = rules.iter_mut().find(|known| known.context == rule.context && known.action == rule.action);
            match known {
                Some(known) => {
                    known.keys = rule.keys;
                    for (known, given) in [(&mut known.does, rule.does), (&mut known.footer, rule.footer)] {
                        if !given.is_empty() {
                            *known = given;
                        }
                    }
                }
                None => {
                    // A more general context may already describe this action.
                    if let Some(known) =
                        rules.iter().find(|known| known.action == rule.action).filter(|_| rule.does.is_empty())
                    {
                        rule.does.clone_from(&known.does);
                    }
                    rules.push(rule);
                }
            }
        }
        let (rules, unbound): (Vec<Rule>, Vec<Rule>) = rules.into_iter().partition(|rule| !rule.keys.is_empty());
        let ends = |rule: &Rule| {
            rule.context == Context::Global && matches!(rule.action, Action::Quit | Action::Leave | Action::Command)
        };
        if !rules.iter().any(ends) {
            return Err(KeymapError::NoWayOut);
        }
        let by_key = rules.iter().flat_map(|rule| rule.keys.iter().map(|key| ((rule.context, *key), rule.action)));
        Ok(Keymap { by_key: by_key.collect(), rules, unbound })
    }

    /// The event of a key in these contexts: an action, a text character, or none.
    pub fn event(&self, contexts: &[Context], key: KeyEvent) -> Option<Event> {
        let combination = keys::plain(key);
        if let Some(action) = contexts.iter().find_map(|context| self.by_key.get(&(*context, combination))) {
            return Some(Event::Action(*action));
        }
        let types = contexts.iter().any(|context| context.takes_text());
        match key.code {
            KeyCode::Char(c) if types && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                Some(Event::Text(c))
            }
            _ => None,
        }
    }

    /// The rules of a context, in the order of the file.
    pub fn rules(&self, context: Context) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.context == context)
    }

    /// The rules for the footer: context by context, each in the order of the file.
    pub fn footer<'a>(&'a self, contexts: &'a [Context]) -> impl Iterator<Item = &'a Rule> {
        // The list keys also work inside the detail; they need no footer there.
        let in_detail = contexts.first() == Some(&Context::Detail);
        let shown = contexts.iter().filter(move |context| !in_detail || **context != Context::List);
        let rules = shown.flat_map(|context| self.rules(*context));
        rules.filter(|rule| !rule.footer.is_empty())
    }

    /// The keys of a rule that no more specific context overrides.
    pub fn keys_here(&self, contexts: &[Context], rule: &Rule) -> Vec<KeyCombination> {
        let asked_before = || contexts.iter().take_while(|context| **context != rule.context);
        let is_free =
            |key: &&KeyCombination| !asked_before().any(|context| self.by_key.contains_key(&(*context, **key)));
        let known = contexts.contains(&rule.context);
        rule.keys.iter().filter(|key| !known || is_free(key)).copied().collect()
    }

    /// The name of the first key for an action in these contexts; `None` without one.
    pub fn key_of(&self, contexts: &[Context], action: Action) -> Option<String> {
        let rules = contexts.iter().flat_map(|context| self.rules(*context));
        let key = rules
            .filter(|rule| rule.action == action)
            .find_map(|rule| self.keys_here(contexts, rule).first().copied())?;
        Some(key_name(key))
    }
}

/// The context that a user's rule changes. Keys shared by all lists are in `list`; a rule that names a screen for such a key
/// changes `list`.
fn home(rule: &Rule, rules: &[Rule]) -> Context {
    let is_in = |context| rules.iter().any(|known| known.context == context && known.action == rule.action);
    match rule.context {
        Context::Screen(_) if !is_in(rule.context) && is_in(Context::List) => Context::List,
        context => context,
    }
}

/// The digit keys of the tabs, except digits that a rule uses.
fn tabs(rules: &[Rule]) -> Vec<Rule> {
    let rule = |screen: &Screen| {
        let action = Action::Tab(screen.number());
        let key = read_key(&screen.number().to_string()).filter(|_| rules.iter().all(|rule| rule.action != action))?;
        let does = format!("{}: {}", screen.title(), screen.about());
        Some(Rule { context: Context::Global, keys: vec![key], action, does, footer: String::new() })
    };
    Screen::ALL.iter().filter_map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keymap() -> Keymap {
        Keymap::with("").unwrap()
    }

    fn pressed(contexts: &[Context], key: &str) -> Option<Event> {
        keymap().event(contexts, read_key(key).unwrap().into())
    }

    #[test]
    fn no_key_has_two_actions_in_a_context() {
        let mut seen = HashMap::new();
        for rule in &keymap().rules {
            for key in &rule.keys {
                let before = seen.insert((rule.context, *key), rule.action);
                assert_eq!(before, None, "{} twice in {}", key_name(*key), rule.context.name());
            }
        }
    }

    #[test]
    fn every_rule_says_what_it_does() {
        assert!(keymap().rules.iter().all(|rule| !rule.does.is_empty() && rule.does.len() < 36));
    }

    #[test]
    fn every_action_has_a_key_or_a_command() {
        let keymap = keymap();
        for action in Action::ALL {
            let has_key = keymap.rules.iter().any(|rule| rule.action == *action);
            let has_command = crate::app::COMMANDS.iter().any(|command| command.name == action.name());
            assert!(has_key || has_command, "{}", action.name());
        }
    }

    #[test]
    fn ambiguous_keys_are_never_bound() {
        for key in ["ctrl-h", "ctrl-i", "ctrl-j", "ctrl-m"] {
            let user = format!("[[global]]\non = [\"{key}\"]\nrun = \"quit\"\n");
            assert!(Keymap::with(&user).is_err(), "{key}");
        }
    }

    #[test]
    fn the_more_specific_context_wins() {
        let detail = [Context::Detail, Context::Screen(Screen::Feed), Context::List, Context::Global];
        assert!(matches!(pressed(&detail, "l"), Some(Event::Action(Action::Right))));
        assert!(matches!(pressed(&detail[1..], "l"), Some(Event::Action(Action::Open))));
        assert!(matches!(pressed(&detail, "q"), Some(Event::Action(Action::Leave))));
    }

    #[test]
    fn a_screens_key_is_not_shown_for_others() {
        let keymap = keymap();
        let sources = [Context::Screen(Screen::Sources), Context::List, Context::Global];
        assert_eq!(keymap.key_of(&sources, Action::EditFilter), None, "`f` means something else there");
        assert_eq!(keymap.key_of(&sources, Action::Freeze), None);
        assert_eq!(keymap.key_of(&sources[1..], Action::EditFilter).as_deref(), Some("f"));
    }

    #[test]
    fn letters_are_text_only_while_typing() {
        let filter = [Context::Filter, Context::Line];
        assert!(matches!(pressed(&filter, "q"), Some(Event::Text('q'))));
        assert!(matches!(pressed(&filter, "Q"), Some(Event::Text('Q'))));
        assert!(matches!(pressed(&filter, "ctrl-c"), Some(Event::Action(Action::Quit))));
        assert!(pressed(&filter, "ctrl-g").is_none());
        assert!(pressed(&[Context::Global], "x").is_none());
    }

    #[test]
    fn the_readmes_keys_are_bound() {
        let readme = include_str!("../../README.md");
        let table = readme.split("## Keys").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `") || line.starts_with("| Space"));
        let keys: Vec<&str> =
            rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
        assert!(keys.len() > 4, "{keys:?}");
        let keymap = keymap();
        for key in keys {
            let wanted = read_key(key).unwrap_or_else(|| panic!("no key {key}"));
            assert!(keymap.rules.iter().any(|rule| rule.keys.contains(&wanted)), "{key}");
        }
    }

    #[test]
    fn a_users_rule_keeps_the_built_in_description() {
        let keymap = Keymap::with("[[feed]]\non = [\"p\"]\nrun = \"pause\"\n").unwrap();
        let contexts = [Context::Screen(Screen::Feed), Context::List, Context::Global];
        assert_eq!(keymap.key_of(&contexts, Action::Freeze).as_deref(), Some("p"), "the old name works too");
        let press = |key| keymap.event(&contexts, read_key(key).unwrap().into());
        assert!(matches!(press("p"), Some(Event::Action(Action::Freeze))));
        assert!(press("space").is_none());
        let rule = keymap.rules(Context::List).find(|rule| rule.action == Action::Freeze).unwrap();
        assert!(rule.does.starts_with("freeze") && rule.footer == "freeze");
    }

    #[test]
    fn errors_name_the_line_and_the_mistake() {
        for (user, said) in [
            ("[[feed]]\non = [\"hyper-x\"]\nrun = \"quit\"", "line 2: `hyper-x` is not a key"),
            (
                "[[feed]]\non = [\"x\"]\nrun = \"explode\"",
                "line 3: `explode` is not an action; did you mean `exclude`?",
            ),
            ("[[feed]]\non = [\"x\"]\nrun = \"xyzzy\"", "line 3: `xyzzy` is not an action; choose one of quit,"),
            (
                "[[moon]]\non = [\"x\"]\nrun = \"quit\"",
                "line 1: `moon` is not a context; choose one of feed, sources, detail,",
            ),
            ("[[feed]]\non = [\"x\"]\nruns = \"quit\"", "runs"),
            ("[[feed]\n", "line 1"),
            (
                "[[feed]]\non = [\"x\"]\nrun = \"pause\"\n[[feed]]\non = [\"x\"]\nrun = \"copy\"",
                "line 5: `x` has two actions in `feed`: pause and copy",
            ),
            (
                "global = [{ on = [], run = \"quit\" }, { on = [], run = \"leave\" }, { on = [], run = \"command\" }]",
                "no key would quit otail",
            ),
        ] {
            let error = Keymap::with(user).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
