//! Prints the keys as a keymap file, for `otail config keys`.

use super::{Keymap, Rule, written_key};
use crate::app::Context;
use std::fmt::Write;

const HEAD: &str = "\
# The keys. Your own keymap file has this form and needs only the rules that differ. `ui.keymap` in the configuration
# names it. `on = []` removes an action's keys. A screen's or pane's own keys come before those of `list` and `global`;
# while a line is typed, its own keys come before those of `line`.
";

impl Keymap {
    /// The keymap as TOML: an array for each context, a line for each rule with its keys, action, description and footer
    /// word. [`Keymap::with`] reads it back.
    pub fn file(&self) -> String {
        let mut text = HEAD.to_owned();
        for context in Context::all() {
            let rules: Vec<&Rule> =
                self.rules.iter().chain(&self.unbound).filter(|rule| rule.context == context).collect();
            if rules.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n{} = [", context.name());
            for rule in rules {
                let keys: Vec<String> = rule.keys.iter().map(|key| quoted(&written_key(*key))).collect();
                let keys = format!("on = [{}],", keys.join(", "));
                let run = format!("run = {},", quoted(rule.action.name()));
                let _ = write!(text, "  {{ {keys:<38} {run:<24} does = {}", quoted(&rule.does));
                if !rule.footer.is_empty() {
                    let _ = write!(text, ", footer = {}", quoted(&rule.footer));
                }
                text.push_str(" },\n");
            }
            text.push_str("]\n");
        }
        text
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(keymap: &Keymap) -> Vec<Rule> {
        let of = |context| keymap.rules(context).cloned().collect::<Vec<_>>();
        Context::all().flat_map(of).collect()
    }

    #[test]
    fn a_printed_keymap_reads_back_the_same() {
        let user = "[[feed]]\non = [\"p\", \"\\\"\", \"'\", \"alt-up\", \"f5\"]\nrun = \"pause\"\ndoes = \"a \\\"rest\\\"\"\n\
                    [[feed]]\non = []\nrun = \"copy\"\n[[global]]\non = [\"space\"]\nrun = \"zoom\"\n";
        for user in ["", user] {
            let keymap = Keymap::with(user).unwrap();
            let again = Keymap::with(&keymap.file()).unwrap();
            assert_eq!(rules(&again), rules(&keymap), "{}", keymap.file());
            assert_eq!(again.file(), keymap.file());
        }
    }

    #[test]
    fn every_rule_has_a_line() {
        let keymap = Keymap::with("").unwrap();
        let lines = keymap.file().lines().filter(|line| line.starts_with("  {")).count();
        assert_eq!(lines, rules(&keymap).len());
        assert!(keymap.file().lines().any(|line| line.contains("\"space\"") && line.contains("\"pause\"")));
    }
}
