//! Names of keys.

use crokey::KeyCombination;
use crokey::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Parses a key's name: `j`, `G`, `ctrl-d`, `pagedown`, `space`, `?`.
pub fn read_key(name: &str) -> Option<KeyCombination> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next())
        && c.is_ascii_uppercase()
    {
        return Some(KeyCombination::one_key(KeyCode::Char(c), KeyModifiers::SHIFT));
    }
    if name == "shift-tab" {
        return Some(KeyCombination::one_key(KeyCode::BackTab, KeyModifiers::SHIFT));
    }
    crokey::parse(name).ok().map(KeyCombination::normalized)
}

/// A key's short name for the help and the footer: `j`, `G`, `ctrl-d`, `pgdn`, `space`, `↓`.
pub fn key_name(key: KeyCombination) -> String {
    let mut name = String::new();
    let code = key.codes.first();
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        name.push_str("ctrl-");
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        name.push_str("alt-");
    }
    if key.modifiers.contains(KeyModifiers::SHIFT) && !matches!(code, KeyCode::Char(_)) {
        name.push_str("shift-");
    }
    match code {
        KeyCode::Char(' ') => name.push_str("space"),
        KeyCode::Char(c) => name.push(*c),
        KeyCode::Enter => name.push_str("enter"),
        KeyCode::Esc => name.push_str("esc"),
        KeyCode::Tab | KeyCode::BackTab => name.push_str("tab"),
        KeyCode::Backspace => name.push_str("backspace"),
        KeyCode::Delete => name.push_str("del"),
        KeyCode::Home => name.push_str("home"),
        KeyCode::End => name.push_str("end"),
        KeyCode::PageUp => name.push_str("pgup"),
        KeyCode::PageDown => name.push_str("pgdn"),
        KeyCode::Up => name.push('↑'),
        KeyCode::Down => name.push('↓'),
        KeyCode::Left => name.push('←'),
        KeyCode::Right => name.push('→'),
        KeyCode::F(number) => name.push_str(&format!("F{number}")),
        _ => name.push_str(&key.to_string().to_lowercase()),
    }
    name
}

/// A key's name in the form that [`read_key`] parses: `pagedown`, `down`.
pub fn written_key(key: KeyCombination) -> String {
    let shown = key_name(key);
    let (modifiers, name) = shown.split_at(shown.trim_end_matches(|c| c != '-').len());
    let written = match name {
        // The key `-`, alone or after its modifiers.
        "" => return shown,
        "pgup" => "pageup",
        "pgdn" => "pagedown",
        "del" => "delete",
        "↑" => "up",
        "↓" => "down",
        "←" => "left",
        "→" => "right",
        name => name,
    };
    format!("{modifiers}{written}")
}

/// Normalises a key for lookup. Shift counts only for letters and for keys without a character, so `?` is the same key on
/// every keyboard.
pub(super) fn plain(mut key: KeyEvent) -> KeyCombination {
    if let KeyCode::Char(c) = key.code
        && !c.is_ascii_alphabetic()
    {
        key.modifiers -= KeyModifiers::SHIFT;
    }
    KeyCombination::from(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for (read, written) in [
            ("j", "j"),
            ("G", "G"),
            ("shift-g", "G"),
            ("ctrl-d", "ctrl-d"),
            ("pagedown", "pgdn"),
            ("space", "space"),
            ("?", "?"),
            ("!", "!"),
            ("shift-tab", "shift-tab"),
            ("alt-b", "alt-b"),
            ("f1", "F1"),
            ("ctrl-left", "ctrl-←"),
            ("delete", "del"),
            ("insert", "insert"),
            ("-", "-"),
            ("ctrl-alt-shift-down", "ctrl-alt-shift-↓"),
        ] {
            let key = read_key(read).unwrap();
            assert_eq!(key_name(key), written, "{read}");
            assert_eq!(read_key(&written_key(key)), Some(key), "{read}");
        }
        assert_eq!(read_key("hyper-x"), None);
    }

    #[test]
    fn shift_is_ignored_for_signs() {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
            assert_eq!(plain(KeyEvent::new(KeyCode::Char('?'), modifiers)), read_key("?").unwrap());
        }
        assert_eq!(plain(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT)), read_key("G").unwrap());
        assert_ne!(plain(KeyEvent::new(KeyCode::Char('g'), KeyModifiers::NONE)), read_key("G").unwrap());
    }
}
