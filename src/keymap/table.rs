//! All keys as plain text, for `otail config keys`.

use super::{Keymap, key_name};
use crate::app::Context;
use std::fmt::Write;

impl Keymap {
    /// A section a context, a line a rule: the keys, the action, what it does.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for context in Context::ALL {
            let mut rules = self.rules(context).peekable();
            if rules.peek().is_none() {
                continue;
            }
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}[{}]", context.name());
            for rule in rules {
                let keys: Vec<String> = rule.keys.iter().map(|key| key_name(*key)).collect();
                let _ = writeln!(text, "{:<24} {:<16} {}", keys.join(" "), rule.action.name(), rule.does);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_line() {
        let keymap = Keymap::with("").unwrap();
        let count: usize = Context::ALL.iter().map(|context| keymap.rules(*context).count()).sum();
        let table = keymap.table();
        assert_eq!(table.lines().filter(|line| !line.is_empty() && !line.starts_with('[')).count(), count);
        assert!(table.lines().any(|line| line.starts_with("space") && line.contains("pause")));
    }
}
