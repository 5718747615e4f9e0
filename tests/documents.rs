//! Checks that the documents name all flags, keys, settings, commands and fields.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::process::Command;

/// Standard output of `otail` with these arguments.
fn otail(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_otail")).args(arguments).output().unwrap();
    assert!(output.status.success(), "otail {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("docs/{name}.md")).unwrap()
}

/// The entries that no page has as a word of its own.
fn missing(wanted: &BTreeSet<String>, pages: &[&str]) -> Vec<String> {
    let text: String = pages.iter().map(|name| page(name)).collect();
    let is_word = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let has = |word: &str| {
        text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back().is_none_or(|c| !is_word(c));
            let after = text[at + word.len()..].chars().next().is_none_or(|c| !is_word(c) || c == '.');
            before && after
        })
    };
    wanted.iter().filter(|word| !has(word)).cloned().collect()
}

#[test]
fn documents_name_every_flag() {
    let flag = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("-o, ").unwrap_or(line);
        line.starts_with("--").then(|| line.split([' ', '=', '[']).next().unwrap().to_owned())
    };
    let helps = [&["--help"][..], &["tail", "--help"], &["demo", "--help"], &["config", "check", "--help"]];
    let flags: BTreeSet<String> =
        helps.iter().flat_map(|help| otail(help).lines().filter_map(flag).collect::<Vec<_>>()).collect();
    assert!(flags.len() > 20, "{flags:?}");
    assert_eq!(missing(&flags, &["headless", "sources", "screens"]), [""; 0]);
}

#[test]
fn documents_name_every_setting() {
    let setting = |line: &str| {
        let line = line.strip_prefix('#')?;
        let (key, _) = line.split_once(" = ")?;
        key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_').then(|| key.to_owned())
    };
    let settings: BTreeSet<String> = otail(&["config", "example"]).lines().filter_map(setting).collect();
    assert!(settings.len() > 30, "{settings:?}");
    assert_eq!(missing(&settings, &["configuration"]), [""; 0]);
}

/// Every key of the built-in keymap, in the spelling of the keymap file.
fn keys() -> BTreeSet<String> {
    let keymap = otail(&["config", "keys"]);
    let lists = keymap.split("on = [").skip(1).filter_map(|rest| rest.split(']').next());
    let keys: BTreeSet<String> =
        lists.flat_map(|list| list.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(keys.len() > 50, "{keys:?}");
    keys
}

#[test]
fn documents_name_every_named_key() {
    let shown = |key: &String| {
        let parts = key.split('-').map(|part| match part {
            "left" => "←".into(),
            "right" => "→".into(),
            "up" => "↑".into(),
            "down" => "↓".into(),
            "pageup" => "PgUp".into(),
            "pagedown" => "PgDn".into(),
            part if part.len() > 1 => part[..1].to_uppercase() + &part[1..],
            letter => letter.into(),
        });
        parts.collect::<Vec<String>>().join("-")
    };
    let named: BTreeSet<String> = keys().iter().filter(|key| key.chars().count() > 1).map(shown).collect();
    assert_eq!(missing(&named, &["screens"]), [""; 0]);
}

#[test]
fn documents_name_every_letter_key() {
    let text = page("screens");
    for key in keys().iter().filter(|key| key.chars().count() == 1) {
        assert!(text.contains(&format!("`{key}`")), "{key}");
    }
}

#[test]
fn documents_name_every_command() {
    let text = page("screens");
    for command in otail::app::COMMANDS {
        assert!(text.contains(&format!("`:{}", command.name)), "{}", command.name);
    }
}

#[test]
fn documents_name_every_field() {
    let fields: BTreeSet<String> = otail::filter::well_known_fields().map(str::to_owned).collect();
    assert!(fields.len() > 25, "{fields:?}");
    let text = page("filter");
    for field in fields {
        assert!(text.contains(&format!("`{field}")) || text.contains(&format!(" {field}`")), "{field}");
    }
}

#[test]
fn documents_link_to_files_that_exist() {
    let pages = std::fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path());
    for path in pages.chain(["README.md".into(), "CHANGELOG.md".into()]) {
        let text = std::fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                let file = path.parent().unwrap().join(target);
                assert!(file.exists(), "{}: {link}", path.display());
            }
        }
    }
}

#[test]
fn readme_stays_within_120_lines() {
    assert!(std::fs::read_to_string("README.md").unwrap().lines().count() <= 120);
}

#[test]
fn headless_page_names_the_exit_codes() {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = words(&otail(&["tail", "--help"]).to_string());
    let help = if help.contains("Exit codes") { help } else { words(&otail(&["--help"])) };
    let codes = help[help.find("Exit codes").unwrap()..].split(" Filters, ").next().unwrap();
    assert!(words(&page("headless")).contains(codes), "{codes}");
}
